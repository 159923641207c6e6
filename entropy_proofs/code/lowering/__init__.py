"""Expressions as programs of array nodes, and what is cheap to compute."""
