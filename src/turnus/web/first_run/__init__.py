"""The first page of a new instance."""
