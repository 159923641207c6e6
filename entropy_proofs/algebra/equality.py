"""Equality of expressions: normal forms first, then matrix identities."""

from __future__ import annotations

from entropy_proofs.algebra.matrix_identities import unified
from entropy_proofs.algebra.poly import Poly
from entropy_proofs.algebra.zero import is_zero


def vanishes(p: Poly) -> bool:
    """True if p is shown to be zero, False if that was not shown."""
    return is_zero(p) or is_zero(unified(p))
