"""Access control: who holds what on which entity, and what follows from it."""
