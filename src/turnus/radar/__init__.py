"""The gap and duplicate radar: terms that were never booked, what was booked twice, and how either is put right."""
