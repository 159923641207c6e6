"""How objects show themselves in a notebook."""
