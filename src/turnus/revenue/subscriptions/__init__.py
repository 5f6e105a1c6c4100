"""What customers pay by plans: started, changed, paused, canceled."""
