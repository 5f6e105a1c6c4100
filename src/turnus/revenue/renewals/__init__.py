"""Renewals: planned, booked, undone, and the inbox of what is due."""
