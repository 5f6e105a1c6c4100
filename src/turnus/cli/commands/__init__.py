"""A module for each command: docstring for help, `add_arguments` for options, `run` for work."""
