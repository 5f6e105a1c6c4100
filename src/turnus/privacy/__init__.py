"""A person's own data: everything about a contact in one file, and its erasure everywhere."""
