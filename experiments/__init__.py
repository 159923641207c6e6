"""The experiments of the papers on learning with entropies, at sizes for two cores and minutes."""
