"""Stationary points enclosed in balls, with proof that they exist."""
