"""The gap and duplicate radar: terms that were never booked, duplicates, and their repair."""
