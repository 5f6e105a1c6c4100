"""Speed and memory, measured against the plain cost of the same work in the same run; `make bench` prints the figures."""
