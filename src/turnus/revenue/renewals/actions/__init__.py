"""What happens to renewal runs and to renewals that are due."""
