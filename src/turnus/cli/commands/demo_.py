"""Demo."""
def add_arguments(p): pass
def run(g): return 0
