"""Which fields a kind of record has: built-in and custom; and how their values are stored."""
