"""Who may do what: every address, action and command against every role; the tables that a new one needs a line in."""
