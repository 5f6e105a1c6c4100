"""Detecting subscriptions in won deals: proposals, a person's answers, and writing them."""
