"""A made-up company with three years of deals, to try everything on."""
