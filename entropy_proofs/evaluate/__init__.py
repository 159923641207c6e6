"""A model's ELBO, entropies and gradients as functions of arrays."""
