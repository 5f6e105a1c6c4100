"""Measurements of speed and memory against plain SQL and files; run with `python -m bench`."""
