"""Control statements: one module per noun or verb, found by the head of the statement."""
