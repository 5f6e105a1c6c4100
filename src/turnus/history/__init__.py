"""Append-only events: who changed what, from what, to what, by which run; and taking a run back."""
