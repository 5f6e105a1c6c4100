"""Organizations and persons: the contacts that deals hang on."""
