"""q as it is declared: its parameters, its networks, and a family for each latent."""
