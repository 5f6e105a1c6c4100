"""Reports: parameters in, data out; screens, files and the command line only show them."""
