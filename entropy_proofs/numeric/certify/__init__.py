"""Stationary points that are proved to exist, and the gap F - S enclosed there by balls."""
