"""Backups: taken, restored, moved to the other database."""
