"""Generated exports."""
