"""Sample data made from Python's own documentation, and the commands that load and ask it."""
