"""Derivations: a proof as the appendix of a paper, as a document."""
