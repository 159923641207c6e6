"""EM derived: the best q of every latent, and the optimum of every block of parameters."""
