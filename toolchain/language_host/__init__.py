"""Runs Python programs for a Pulumi engine that was built without its own Python language host."""
