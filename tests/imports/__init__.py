"""What the check of a file says and asks."""
