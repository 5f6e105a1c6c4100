"""The laws: what holds for every value, file and run, tried on many that nobody thought of."""
