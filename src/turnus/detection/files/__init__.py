"""What `turnus detect` and `turnus renew` share, and the files that they write."""
