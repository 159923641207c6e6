"""A step of a derivation and its slips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
from sympy import Expr, MatrixSymbol

from campaign.steps.points import Declared


@dataclass(frozen=True)
class Fact:
    """`left = right` as a text has it (truth True), with a slip (False), or not said (None)."""

    name: str
    source: str
    left: Expr
    right: Expr
    truth: bool | None
    slip: str = ""
    domains: Mapping[str, str] = field(default_factory=dict)
    random: frozenset[str] = frozenset()


def step(
    source: str,
    name: str,
    left: Expr,
    right: Expr,
    slips: Mapping[str, Any] | None = None,
    domains: Mapping[str, str] | None = None,
    truth: bool | None = True,
    random: str = "",
) -> list[Fact]:
    """The step, and one fact for each slip: {what went wrong: right side, or both sides}."""
    said, drawn = dict(domains or {}), frozenset(random.split())
    facts = [Fact(f"{source}: {name}", source, left, right, truth, "", said, drawn)]
    for slip, wrong in (slips or {}).items():
        a, b = wrong if isinstance(wrong, tuple) else (left, wrong)
        facts.append(Fact(f"{source}: {name} | {slip}", source, a, b, False, slip, said, drawn))
    return facts


def declared(fact: Fact) -> dict[str, Declared]:
    """What the fact says of its symbols."""
    both = sp.Tuple(fact.left, fact.right)
    bound = {i for a in both.atoms(sp.Sum, sp.Product, sp.Integral) for i, *_ in a.limits}
    limits = {a for s in both.atoms(sp.Sum, sp.Product) for _, *ab in s.limits for a in ab}
    shapes = {n for m in both.atoms(MatrixSymbol) for n in m.shape}
    sizes = {s.name for e in limits | shapes for s in e.free_symbols}
    found = {}
    for m in both.atoms(MatrixSymbol):
        shape = tuple(n.name if n.is_Symbol else int(n) for n in m.shape)
        found[m.name] = Declared(fact.domains.get(m.name, "matrix"), shape)
    arrays = {a.base.label.name for a in both.atoms(sp.Indexed)}
    for s in both.atoms(sp.Symbol) - bound:
        domain = fact.domains.get(s.name) or _domain(s, s.name in sizes)
        if s.name in arrays and domain == "simplex":
            found[s.name] = Declared(domain, (_extent(both, s.name),))
        elif s.name in arrays:
            found[s.name] = Declared(f"array of {domain}")
        elif s.name not in found:
            found[s.name] = Declared(domain)
    return found


def _extent(both: Expr, array: str) -> str:
    """The size of the sum that runs over the array."""
    for s in sorted(both.atoms(sp.Sum), key=str):
        for i, low, high in s.limits:
            for e in s.atoms(sp.Indexed):
                if e.base.label.name == array and e.indices[-1] == i:
                    return str(next(iter((high - low + 1).free_symbols)))
    raise ValueError(f"no sum runs over {array}")


def _domain(s: sp.Symbol, is_size: bool) -> str:
    if s.is_integer:
        if is_size and s.is_positive:
            return "size"
        kinds = {"even": s.is_even, "odd": s.is_odd, "whole": s.is_positive}
        return next(
            (k for k, v in kinds.items() if v), "natural" if s.is_nonnegative else "integer"
        )
    kinds = {
        "positive": s.is_positive,
        "negative": s.is_negative,
        "nonnegative": s.is_nonnegative,
        "nonzero": s.is_nonzero and s.is_real,
    }
    return next((k for k, v in kinds.items() if v), "real")
