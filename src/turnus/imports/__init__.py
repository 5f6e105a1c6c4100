"""Files into records: upload, columns, check (a stored plan), import, undo."""
