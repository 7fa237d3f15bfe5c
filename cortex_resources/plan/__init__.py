"""What to do: desired, observed and now become a verdict and statements. Pure."""
