"""Lists into files, kept for download."""
