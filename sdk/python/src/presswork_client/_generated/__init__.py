"""Written by `python -m generator`."""
