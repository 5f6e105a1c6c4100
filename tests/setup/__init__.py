"""`turnus apply`: set-up files."""
