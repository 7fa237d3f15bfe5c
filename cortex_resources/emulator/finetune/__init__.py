"""Fine-tuning: jobs on the account's clock, the models they make, and what those answer."""
