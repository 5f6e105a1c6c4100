"""Subscriptions: the page of one, beginning one, and what can be done with it."""
