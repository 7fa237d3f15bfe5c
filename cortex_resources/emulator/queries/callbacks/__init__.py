"""Functions that run in Python, row by row, on behalf of the engine."""
