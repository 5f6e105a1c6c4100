"""Small Django-aware tools without tables: clock, errors, files, messages, SQL differences."""
