"""Model to statement and rows to model, one module per SQL noun. Pure; decides nothing."""
