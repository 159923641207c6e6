"""Latents of which other conditionals name parts: z[:H] and z[H:] as latents of their own.

A flow scales all elements of a latent by one rate. Where its coordinates are independent and the
rest of the model only ever names parts of them, these parts are latents of the same model, and each
has a flow of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array, generate, shape_of, stack
from entropy_proofs.families.family import Family
from entropy_proofs.judge.vouching import find
from entropy_proofs.model.declarations import ModelTerm, Variable
from entropy_proofs.model.model import Model

_MOST = 16  # places of a part that are looked at one by one


@dataclass(frozen=True)
class LatentPart:
    """The places from `start` on, `size` of them, along one axis."""

    start: Expr
    size: Expr

    @property
    def end(self) -> Expr:
        return sp.expand(self.start + self.size)

    def shown(self, latent: str, axis: int, whole: Expr) -> str:
        first = "" if self.start == 0 else self.start
        last = "" if self.end == whole else self.end
        place = self.start if self.size == 1 else f"{first}:{last}"
        return f"{latent}[{', '.join([*[':'] * axis, str(place)])}]"


@dataclass(frozen=True)
class Apart:
    """A model in which the parts of one latent are latents.

    names: of the parts.  pieces: of each conditional of the model the ones that it has become.
    """

    model: Model
    names: tuple[str, ...]
    pieces: Mapping[str, tuple[str, ...]]

    @property
    def shown(self) -> str:
        return _joined(self.names)


def parts_apart(model: Model) -> list[Apart]:
    """The model with the parts of a latent apart, for each latent that has such."""
    found = []
    for v in model.latents():
        own = [t for t in model.terms if t.variable == v.name]
        if len(own) != 1 or own[0].value != v.label or v.name in model.variational_.of:
            continue
        for axis in range(len(own[0].plates)):
            parts = _named(model, v, own[0], axis)
            if parts:
                found.append(_apart(model, v, own[0], axis, parts))
                break
    return found


def served_apart(model: Model, failing: frozenset[str]) -> dict[str, str]:
    """{conditional: what to declare instead}, for those of `failing` that are served then.

    The kernel accepts the model so, without conditions on learned parameters; no base measure of
    what it serves fixes a scale; and no other conditional is lost.
    """
    found: dict[str, str] = {}
    for apart in parts_apart(model):
        judged = find(apart.model)
        if judged is None or judged.outcome.learned:
            continue
        served = {name for name, kind in judged.outcome.terms.items() if "fixes" not in kind}
        kept = (p for name, own in apart.pieces.items() if name not in failing for p in own)
        if not served.issuperset(kept):
            continue
        for name in failing - found.keys():
            mended = [p for p in apart.pieces[name] if p in served]
            if mended:
                kinds = {judged.outcome.terms[p] for p in mended}
                found[name] = (
                    "a flow scales all of a latent by one rate; with "
                    f"{apart.shown} declared as latents of their own, "
                    f"{_joined(mended)} would become {_called(kinds, len(mended))}"
                )
    return found


def _called(kinds: set[str], count: int) -> str:
    kind = "entropy" if kinds == {"entropy"} else "pseudo-entropy"
    return f"{kind[:-1]}ies" if count > 1 else f"an {kind}" if kind == "entropy" else f"a {kind}"


def _joined(names: Sequence[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


# which parts --------------------------------------------------------------------------------------
def _named(model: Model, v: Variable, own: ModelTerm, axis: int) -> list[LatentPart]:
    """The parts that the other conditionals name along an axis, if together they are all of it."""
    mentions = {
        a.indices[axis]
        for t in model.terms
        if t is not own
        for a in t.log_density.atoms(Indexed)
        if a.base.label == v.label
    }
    parts = {_part(i) for i in mentions}
    if len(parts) < 2 or None in parts:
        return []
    starts = {p.start: p for p in parts if p is not None}
    in_order: list[LatentPart] = []
    at: Expr = sp.S.Zero
    while at in starts and len(in_order) < len(parts):
        in_order.append(starts[at])
        at = in_order[-1].end
    whole = len(in_order) == len(parts) and sp.expand(at - v.shape[axis]) == 0
    return in_order if whole else []


def _part(i: Expr) -> LatentPart | None:
    """What an index runs over."""
    ranges = [s for s in symbols_in(i) if nodes.size_of_range(s) is not None]
    if not ranges:
        return LatentPart(i, sp.S.One) if not i.atoms(Indexed) else None
    start = sp.expand(i - ranges[0])
    if len(ranges) > 1 or symbols_in(start) & {*ranges} or start.atoms(Indexed):
        return None
    return LatentPart(start, nodes.size_of_range(ranges[0]))


# the model with them ------------------------------------------------------------------------------
def _apart(model: Model, v: Variable, own: ModelTerm, axis: int, parts: list[LatentPart]) -> Apart:
    result = copy(model)
    result.claims, result.variables = [], {}
    names = tuple(p.shown(v.name, axis, v.shape[axis]) for p in parts)
    labels: dict[Expr, Symbol] = {}
    made = []
    for p, name in zip(parts, names, strict=True):
        i = nodes.index(own.plates[axis][0].name, p.size)
        plates = (*own.plates[:axis], (i, p.size), *own.plates[axis + 1 :])
        sizes = tuple(n for _, n in plates)
        family = _family_at(own, axis, p)
        support = family.support().over(sizes)
        label = labels[p.start] = support.symbol(name, own.event)
        result.variables[name] = Variable(name, label, (*sizes, *own.event), False, support)
        term = replace(own, variable=name, name=name, value=label, plates=plates)
        made.append(result.rebuilt(term, family))

    def renamed(_: Symbol, at: Sequence[Expr]) -> Expr:
        part = _part(at[axis])
        assert part is not None
        own = sp.expand(at[axis] - part.start)
        return nodes.element(labels[part.start], [*at[:axis], own, *at[axis + 1 :]])

    def rewritten(t: ModelTerm) -> ModelTerm:
        return replace(t, log_density=nodes.with_elements(t.log_density, {v.label}, renamed))

    result.variables |= {n: w for n, w in model.variables.items() if n != v.name}
    result.terms = [*made, *(rewritten(t) for t in model.terms if t is not own)]
    pieces = {t.name: (t.name,) for t in model.terms} | {own.name: names}
    return Apart(result, names, pieces)


def _family_at(own: ModelTerm, axis: int, part: LatentPart) -> Family:
    """The family with the arguments of this part."""
    changed = {}
    for name, value in own.family.arguments().items():
        shape = shape_of(value)
        of_event = own.family.event_axes.get(name) or 0
        place = axis - len(own.plates) + len(shape) - of_event
        if place < 0 or shape[place] == 1:
            continue
        changed[name] = _along(value, place, part)
    return replace(own.family, **changed)


def _along(value: Array, axis: int, part: LatentPart) -> Expr:
    """An array at the part's places; where all are the same, one that broadcasts."""
    before = (slice(None),) * axis
    if not (part.size.is_Integer and part.start.is_Integer and part.size <= _MOST):
        return value[(*before, slice(part.start, part.end))]
    entries = [value[(*before, int(part.start) + k)] for k in range(int(part.size))]
    if len({*entries}) == 1:
        return value[(*before, slice(part.start, part.start + 1))]
    rows = stack(entries)
    shape = (*value.shape[:axis], part.size, *value.shape[axis + 1 :])
    return generate(lambda *i: rows.at(i[axis], *i[:axis], *i[axis + 1 :]), shape)
