"""The set-up of an instance as one file: read, compared with what is there, applied, written."""
