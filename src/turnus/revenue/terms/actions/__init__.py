"""What happens to terms, an action or a few of a kind in each module."""
