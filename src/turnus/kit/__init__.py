"""Small Django-aware tools without tables of their own: the clock, errors, database differences, messages."""
