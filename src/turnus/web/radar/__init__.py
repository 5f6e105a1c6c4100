"""The screen of the gap and duplicate radar."""
