"""The terms of subscriptions: booked, skipped, settled, repaired."""
