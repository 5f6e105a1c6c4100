"""Recurring revenue, pure and exact: bookings -> segments -> movements -> figures.

Rules: docs/domain/mrr.md.
"""
