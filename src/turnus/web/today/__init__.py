"""The first page: what the day brings."""
