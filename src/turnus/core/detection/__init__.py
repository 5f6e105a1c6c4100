"""Which copies among years of won deals form one subscription: pure, the same answer for the same deals."""
