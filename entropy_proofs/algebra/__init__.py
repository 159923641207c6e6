"""Normal forms of expressions in general dimension, their derivatives, and the zero test."""

from entropy_proofs.algebra import matrix_rules, special

__all__ = ["matrix_rules", "special"]
