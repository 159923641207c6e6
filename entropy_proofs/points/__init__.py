"""Stationary points, found numerically, on real data."""
