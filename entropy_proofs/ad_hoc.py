"""Bare SymPy expressions as a model: so that they can be given numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, MatrixSymbol, Symbol

from entropy_proofs.algebra.matrices import element_of
from entropy_proofs.algebra.nodes import InverseElement, LogDet
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.declarations import Parameter, Variable
from entropy_proofs.families.base import Support
from entropy_proofs.model import Model


def ad_hoc_model(
    expressions: Iterable[Expr],
    matrices: Iterable[MatrixSymbol] = (),
    own: frozenset[Symbol] = frozenset(),
    parents: frozenset[Symbol] = frozenset(),
    learned: frozenset[Symbol] = frozenset(),
    domains: Mapping[Symbol, str] | None = None,
) -> Model:
    """A model without conditionals whose labels are the expressions' symbols.

    Symbols in `own` are observed, those in `parents` latent, the others parameters.
    """
    model = Model("expressions")
    total = sp.Tuple(*expressions)
    shapes = {element_of(m).label: _shape_of_matrix(m) for m in matrices}
    inside = {s for a in total.atoms(LogDet, InverseElement) for s in symbols_in(a.matrix)}
    for s in sorted(symbols_in(total), key=str):
        shape = shapes.get(s) or shape_of_label(total, s)
        if s in own | parents:
            model.variables[s.name] = Variable(s.name, s, shape, s in own, support_of(s))
        elif s.is_integer and s.is_positive and not shape:
            model.dims_[s.name] = s
        elif s.name[0] not in "~_^":
            domain = (domains or {}).get(s) or ("positive" if s.is_positive else "real")
            if s in inside and len(shape) == 2 and shape[0] == shape[1]:
                domain = "positive definite"
            model.parameters[s.name] = Parameter(s.name, s, shape, domain, s not in learned)
    return model


def shape_of_label(expr: Expr, label: Symbol) -> tuple[Expr, ...]:
    """An indexed label's shape, as far as sums say it (3 where they do not)."""
    bounds = {i: high + 1 for a in expr.atoms(sp.Sum) for i, _, high in a.limits}
    for e in expr.atoms(Indexed):
        if e.base.label == label:
            return tuple(bounds.get(i, sp.Integer(3)) for i in e.indices)
    return ()


def _shape_of_matrix(m: MatrixSymbol) -> tuple[Expr, ...]:
    return m.shape if m.shape[1] != 1 else m.shape[:1]


def support_of(label: Symbol) -> Support:
    """The support that a symbol's assumptions suggest."""
    if label.is_integer:
        return Support("nonnegative integer")
    return Support("positive") if label.is_positive else Support("real")


def with_assumptions(expr: Expr, domains: Mapping[Any, str] | None = None) -> dict[Symbol, Symbol]:
    """Symbols without assumptions: positive where a log or a root says so, else real.

    domains: {symbol or name: domain}, which goes first.
    """
    given = {str(k): v for k, v in (domains or {}).items()}
    roots = {a.base for a in expr.atoms(sp.Pow) if not a.exp.is_Integer}
    logs = {a.args[0] for a in expr.atoms(sp.log, sp.loggamma, sp.gamma)}
    sizes = {s for a in expr.atoms(sp.Sum) for _, _, high in a.limits for s in high.free_symbols}
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
    "positive": {"positive": True},
    "unit interval": {"positive": True, "unit_interval": True},
    "simplex": {"positive": True, "unit_interval": True},
    "positive definite": {"real": True, "symmetric": True},
    "integer": {"integer": True},
}
