"""The documents, and what executes those that are notebooks."""
