"""Which copies among years of won deals form one subscription (metrics 4): pure, the same answer for the same deals."""
