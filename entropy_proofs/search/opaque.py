"""Towers of functions whose algebra is too large: what stands deep inside them stands still.

Where the labels inside cannot move, all that a search needs of such a subexpression is that it is
a function of the parents; so it sees a parent of its own in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import element, is_variable, size_of_range, with_elements
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.model.pointwise import GenericConditional, Identity
from entropy_proofs.search.moving import Setting, of_these

_DEEP = 2  # functions of functions inside which labels still move


@dataclass(frozen=True)
class Opaque:
    """A search's setting with towers hidden; `opened` shows them again."""

    setting: Setting
    hidden: Mapping[Symbol, tuple[Expr, Sequence[Symbol]]]  # by label, with their indices

    def opened(self, found: Identity, original: Sequence[GenericConditional]) -> Identity:
        """The identity of the conditionals as they were."""
        return of_these(found, original, self._shown)

    def _shown(self, expr: Expr) -> Expr:
        """With the towers in place of what stands for them, at its indices."""

        def tower(label: Symbol, places: Sequence[Expr]) -> Expr:
            shown, own = self.hidden[label]
            return shown.xreplace(dict(zip(own, places, strict=True)))

        return with_elements(expr, self.hidden, tower)


def opaque(setting: Setting) -> Opaque:
    """Hides the largest functions in which nothing moves, once what is deep inside stands still."""
    deep = set[Symbol]().union(*(_deep(c.log_density) for c in setting.conditionals))
    moving = [m for m in (*setting.parameters, *setting.latents) if not m.labels & deep]
    labels = frozenset[Symbol]().union(*(m.labels for m in moving))
    hidden: dict[Symbol, tuple[Expr, Sequence[Symbol]]] = {}
    shown = []
    for c in setting.conditionals:
        found = _towers(c.log_density, labels | c.own)
        names: dict[Expr, Expr] = {}
        for tower in sorted(found, key=str):
            label = Symbol(f"@{len(hidden)}", real=True)
            own = sorted((s for s in tower.free_symbols if _is_index(s)), key=str)
            hidden[label] = tower, own
            names[tower] = element(label, own)
        density, parents = c.log_density.xreplace(names), c.parents.union(hidden)
        shown.append(replace(c, log_density=density, parents=parents))
    parameters, latents = (
        [m for m in of if m in moving] for of in (setting.parameters, setting.latents)
    )
    return Opaque(Setting(shown, parameters, latents, setting.given_up), hidden)


def _deep(expr: Expr) -> set[Symbol]:
    """Labels that stand inside more than a few functions of each other."""
    found: set[Symbol] = set()
    pending = [(expr, 0)]
    seen = set(pending)
    while pending:
        at, depth = pending.pop()
        if isinstance(at, Symbol) and depth > _DEEP and not _is_index(at):
            found.add(at)
        inside = depth + isinstance(at, sp.Function)
        new = {(a, inside) for a in at.args} - seen
        seen |= new
        pending += new
    return found


def _towers(expr: Expr, moving: frozenset[Symbol]) -> set[Expr]:
    """The largest functions that have no moving label, and at least one function inside."""
    if not symbols_in(expr) & moving:
        is_tower = isinstance(expr, sp.Function) and expr.args[0].has(sp.Function)
        if is_tower:
            return {expr}
    return set[Expr]().union(*(_towers(a, moving) for a in expr.args))


def _is_index(s: Expr) -> bool:
    return isinstance(s, Symbol) and size_of_range(s) is not None and not is_variable(s)
