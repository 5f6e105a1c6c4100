"""Recurring revenue, pure and exact: what was booked -> segments -> movements -> figures. Rules: docs/domain/mrr.md."""
