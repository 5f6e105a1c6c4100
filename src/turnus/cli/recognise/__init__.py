"""What `turnus recognise` and `turnus renew` share, and the files that they write."""
