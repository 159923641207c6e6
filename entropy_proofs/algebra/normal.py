"""Normal forms: every scalar expression becomes a `Poly` over independent atoms.

Logarithms of products are split only where every factor is known to be positive, special
functions are brought to one form by their recurrences, and sums over indices are flattened and
their bound indices named canonically.  Every rewrite is an identity, so two expressions with equal
normal forms are equal; the converse holds as far as the atoms are independent.
"""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import Polynomial, nodes_in, spend
from entropy_proofs.errors import InputError

RULES: dict[
    type, Callable[..., Polynomial]
] = {}  # by class of expression; the package collects them
_normals: dict[Expr, Polynomial] = {}


def normal(expr: Expr | int) -> Polynomial:
    """The normal form of a scalar expression."""
    expr = sp.sympify(expr)
    found = _normals.get(expr)
    if found is None:
        spend(nodes_in(expr))
        found = _rule(expr)(expr)
        spend(max(map(nodes_in, found.atoms()), default=0))  # as a tree a tower may double by floor
        _normals[expr] = found
    return found


def canonical(expr: Expr) -> Expr:
    """The expression that stands for its whole class of equal normal forms."""
    return normal(expr).expr()


def its_own_normal_form(atom: Expr) -> None:
    """Told of an atom that a rule has just made: it is not taken apart again."""
    _normals.setdefault(atom, Polynomial.atom(atom))


def _rule(expr: Expr) -> Callable[[Expr], Polynomial]:
    for kind in type(expr).__mro__:
        if kind in RULES:
            return RULES[kind]
    raise InputError(f"no normal form for {expr} ({type(expr).__name__})")
