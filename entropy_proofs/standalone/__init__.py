"""A proof as a Python module of its own."""
