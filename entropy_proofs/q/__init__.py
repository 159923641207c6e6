"""Variational distributions: arrays, moments, densities, and where F is largest."""
