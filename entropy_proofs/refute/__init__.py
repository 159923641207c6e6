"""Witnesses: systems without a solution, and points at which two sides differ."""
