"""Who may do what: every address, action and command against every role."""
