"""What exists: frozen types that both sides of a comparison share. Pure."""
