"""Stack files become the model, with every violation at its position."""
