"""What recurs: plans, subscriptions, their terms, and the runs that renew them."""
