"""Renewals: what is due, the preview of a run, carrying it out, taking it back."""
