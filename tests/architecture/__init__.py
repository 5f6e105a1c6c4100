"""The laws of the house that imports cannot hold; each test names what to do instead."""
