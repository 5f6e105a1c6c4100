"""The stored ledger: what each customer paid, folded as it changes and summed when it is read."""
