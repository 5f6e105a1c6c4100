"""The life of subscriptions, an action or a few of a kind in each module."""
