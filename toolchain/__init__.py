"""The Pulumi engine for machines that do not have it."""
