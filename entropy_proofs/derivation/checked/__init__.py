"""What a derivation states, each equality checked before anything shows it."""
