"""How subscriptions recur: the plans of the company."""
