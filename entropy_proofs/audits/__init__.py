"""Audits of fitted models: what is left of the gap, where, and what is left to gain."""
