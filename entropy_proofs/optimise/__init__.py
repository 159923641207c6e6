"""Searches for optima and zeros: one protocol, one result, and the solvers."""
