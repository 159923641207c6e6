"""Bare SymPy expressions as a model: so that they can be given numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, MatrixSymbol, Symbol

from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.positivity import in_unit_interval
from entropy_proofs.arrays.matrices import element_of, shape_of_elements
from entropy_proofs.families.spaces import (
    COUNT,
    DOMAINS,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    UNIT_INTERVAL,
    Category,
    IntegerRange,
    Space,
)
from entropy_proofs.model.declarations import Parameter, Variable
from entropy_proofs.model.model import Model


def ad_hoc_model(
    expressions: Iterable[Expr],
    matrices: Iterable[MatrixSymbol] = (),
    own: frozenset[Symbol] = frozenset(),
    parents: frozenset[Symbol] = frozenset(),
    learned: frozenset[Symbol] = frozenset(),
) -> Model:
    """A model without conditionals whose labels are the expressions' symbols.

    Symbols in `own` are observed, those in `parents` latent, the others parameters.
    """
    model = Model("expressions")
    total = sp.Tuple(*expressions)
    shapes = {element_of(m).label: shape_of_elements(m) for m in matrices}
    inside = {s for a in total.atoms(LogDet, InverseElement) for s in symbols_in(a.matrix)}
    for s in sorted(symbols_in(total), key=str):
        shape = shapes.get(s) or shape_of_label(total, s)
        if s in own | parents:
            support = _as_label(total, s) or support_of(s)
            model.variables[s.name] = Variable(s.name, s, shape, s in own, support)
        elif s.is_integer and s.is_positive and not shape:
            model.dims_[s.name] = s
        elif s.name[0] not in "~_^":
            domain: Space = POSITIVE if s.is_positive else REAL
            if s in inside and len(shape) == 2 and shape[0] == shape[1]:
                domain = POSITIVE_DEFINITE
            model.parameters[s.name] = Parameter(s.name, s, shape, domain, s not in learned)
    return model


def shape_of_label(expr: Expr, label: Symbol) -> tuple[Expr, ...]:
    """An indexed label's shape, as far as sums say it (3 where they do not)."""
    bounds = {i: high + 1 for a in expr.atoms(sp.Sum) for i, _, high in a.limits}
    mentions = [e.indices for e in expr.atoms(Indexed) if e.base.label == label]
    known = ([bounds[i] for i in axis if i in bounds] for axis in zip(*mentions, strict=True))
    return tuple(min(sizes, key=str) if sizes else sp.Integer(3) for sizes in known)


def _as_label(expr: Expr, variable: Symbol) -> Space | None:
    """Of a variable that picks an element: one of the places of the array's axis."""
    for e in sorted(expr.atoms(Indexed), key=str):
        if variable in e.indices:
            size = shape_of_label(expr, e.base.label)[e.indices.index(variable)]
            return Category(size)
    return None


def support_of(label: Symbol) -> Space:
    """The support that a symbol's assumptions suggest."""
    if label.is_integer:
        return IntegerRange(sp.S.One, sp.oo) if label.is_positive else COUNT
    if in_unit_interval(label):
        return UNIT_INTERVAL
    return POSITIVE if label.is_positive else REAL


def with_assumptions(expr: Expr, domains: Mapping[Any, str] | None = None) -> dict[Symbol, Symbol]:
    """Symbols without assumptions: positive where a log or a root says so, else real.

    domains: {symbol or name: domain}, which goes first.
    """
    given = {str(k): v for k, v in (domains or {}).items()}
    roots = {a.base for a in expr.atoms(sp.Pow) if not a.exp.is_Integer}
    logs = {a.args[0] for a in expr.atoms(sp.log, sp.loggamma, sp.gamma)}
    logs |= {rest for c, rest in (a.as_coeff_Mul() for a in logs) if c > 0}
    logs |= {rest for n, rest in (a.as_independent(Symbol) for a in logs) if n.is_positive}
    over = expr.atoms(sp.Sum, sp.Product)
    sizes = {s for a in over for _, *ends in a.limits for e in ends for s in e.free_symbols}
    found = {}
    for s in symbols_in(expr):
        if s.name in given:
            found[s] = Symbol(s.name, **_ASSUMPTIONS.get(given[s.name], {"real": True}))
        elif s.is_real is not None or not s.is_commutative or s.name[0] in "~_^":
            continue
        elif s in sizes:
            found[s] = Symbol(s.name, integer=True, positive=True)
        elif s in roots | logs:
            found[s] = Symbol(s.name, positive=True)
        else:
            found[s] = Symbol(s.name, real=True)
    return found


_ASSUMPTIONS = {
    **{name: dict.fromkeys(space.assumptions, True) for name, space in DOMAINS.items()},
    "integer": {"integer": True},
    "natural": {"integer": True, "nonnegative": True},
    "negative": {"negative": True},
    "nonnegative": {"nonnegative": True},
    "nonpositive": {"nonpositive": True},
    "nonzero": {"real": True, "nonzero": True},
}
