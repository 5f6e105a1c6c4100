"""Append-only events: who changed what, from what, to what, by which run, and undoing a run."""
