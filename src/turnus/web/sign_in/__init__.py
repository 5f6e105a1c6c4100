"""Signing in: the adapter of the sign-in library."""
