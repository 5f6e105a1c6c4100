"""One module for each command: its docstring is its help, `add_arguments` its options, `run` its work."""
