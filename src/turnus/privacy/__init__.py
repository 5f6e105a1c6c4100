"""A person's own data: everything there is about one contact, in one file, and its erasure everywhere."""
