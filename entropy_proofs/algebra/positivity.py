"""What is known to be positive; nothing is guessed."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Expr, Indexed, Pow, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation

_known: dict[Expr, bool] = {}


def positive(a: Expr) -> bool:
    """Whether the expression is known to be positive (never guesses)."""
    found = _known.get(a)
    if found is None:
        found = _known[a] = _is_positive(a)
    return found


def _is_positive(a: Expr) -> bool:
    if isinstance(a, (sp.exp, Abs, sp.factorial, sp.binomial)):
        return True
    if isinstance(a, (sp.gamma, sp.zeta)):
        return positive(a.args[0])
    if isinstance(a, Expectation):
        return all(positive(f) or _is_square(f) for f in sp.Mul.make_args(a.args[0]))
    if isinstance(a, sp.besselk):
        return positive(a.args[1])
    if isinstance(a, sp.besseli):
        order = a.args[0]
        return positive(a.args[1]) and bool(order.is_nonnegative or order.is_integer)
    if isinstance(a, Pow):
        return positive(a.base) or not (a.exp.is_number or a.exp.is_integer)
    if isinstance(a, sp.Mul):
        return all(positive(f) for f in a.args)
    if isinstance(a, Sum):
        return positive(a.function)
    if isinstance(a, sp.Add):
        return all(positive(t) for t in a.args) or _is_complement(a) or bool(a.is_positive)
    return bool(a.is_positive) or _is_diagonal(a)


def _is_diagonal(a: Expr) -> bool:
    """An element of a positive definite matrix on its diagonal."""
    if not isinstance(a, Indexed) or not a.base.label.assumptions0.get("positive_definite"):
        return False
    return bool(a.indices[-1] == a.indices[-2])


def _is_square(a: Expr) -> bool:
    """An even power of what is continuous: positive on average."""
    return bool(isinstance(a, Pow) and a.exp.is_even and a.base.is_integer is not True)


def _is_complement(a: Expr) -> bool:
    """1 - p with 0 < p < 1."""
    p = 1 - a
    label = p.base.label if isinstance(p, Indexed) else p
    return isinstance(label, Symbol) and in_unit_interval(label)


def in_unit_interval(label: Symbol) -> bool:
    return bool(label.assumptions0.get("unit_interval"))
