"""An instance as one file: taken while people work, restored, or moved to another database."""
