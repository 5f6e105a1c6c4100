"""Which copies among years of won deals form one subscription.

Pure: the same deals get the same answer.
"""
