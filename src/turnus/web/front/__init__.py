"""What stands before the application: requests are read within limits of size and time before a thread is given to them."""
