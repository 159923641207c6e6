"""Expressions as text and LaTeX, arranged as papers write them."""
