"""Detecting subscriptions in the won deals that are here: a proposal by customer, a person's answers, and writing what was approved."""
