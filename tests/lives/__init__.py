"""The life of a paid job under every accident: one model, run as the engine runs it."""
