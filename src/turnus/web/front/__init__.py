"""In front of the application: requests are read within limits before they get a thread."""
