"""The import wizard: upload, columns, check, import; history and undo."""
