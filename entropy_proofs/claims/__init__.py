"""Hand-derived entropies, sums and optima, judged."""
