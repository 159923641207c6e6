"""Whether a field exists in numbers: the identity as an overdetermined linear system.

At given parameters the identity is linear in numbers: the field's components and the flows' rates
(one set for each parameter value), one H for each parameter value and each choice of parents, one
log h for each own value, shared by all of these.  Parents and known data are drawn first and held
while the own value varies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from campaign.models import oracle
from campaign.models.arrays import Point
from campaign.models.describe import PREVIOUS, TIME, Description, Parameter
from campaign.models.oracle import Conditional

SOLVABLE, UNSOLVABLE, UNCLEAR = "solvable", "not solvable", "unclear"
_STEP = 1e-30
_SMALL, _LARGE = 1e-9, 1e-6  # relative residuals that decide
_ENTRIES = 4_000_000  # of a matrix: half a minute
_LARGEST = 40  # unknown numbers of the field
_NOTHING = 1e-10  # the largest column that is rounding: cos(pi / 2), say
_VALUES = 5  # own values for each choice of parents


@dataclass(frozen=True)
class Question:
    """Which conditionals are to have an identity, and which h may be.

    served: these need one.  still: these must not move (they have no identity, but are part of the
    bound).  any_h: log h is a function of v; else h = 1.
    """

    served: tuple[str, ...]
    still: tuple[str, ...] = ()
    any_h: bool = True


@dataclass(frozen=True)
class Motion:
    """One unknown number: a direction of the arrays, or the latent that flows and whether by
    scaling it or shifting it."""

    direction: Mapping[str, Any]
    flows: str = ""
    scales: bool = True

    def of(self, array: Any) -> Any:
        """How the latent moves."""
        return array if self.scales else np.ones_like(array)


def motions(description: Description, point: Point, names: set[str]) -> list[Motion]:
    """A basis of all tangent directions of learned parameters in `names`, and the flows."""
    found = []
    for name, domain in oracle.learned(description).items():
        if name in names:
            found += [Motion({name: v}) for v in _tangents(domain, np.asarray(point.arrays[name]))]
    for name in oracle.scalable(description):
        if name in names:
            found.append(Motion({}, name))
            if oracle.is_real(description, name):
                found.append(Motion({}, name, scales=False))
    return found


def _tangents(domain: str, array: Any) -> Iterator[Any]:
    for at in np.ndindex(*array.shape):
        e = np.zeros(array.shape)
        e[at] = 1.0
        if domain == "simplex":
            if at[-1] == array.shape[-1] - 1:
                continue
            e[(*at[:-1], -1)] = -1.0
        elif domain == "positive definite":
            if at[-2] > at[-1]:
                continue
            e[(*at[:-2], at[-1], at[-2])] = 1.0
        elif domain == "unit columns":
            column = array[(*at[:-2], slice(None), at[-1])]
            e[(*at[:-2], slice(None), at[-1])] -= column * array[at]
        yield e


def answer(
    description: Description,
    question: Question,
    sizes: Mapping[str, int],
    seed: int,
    special: Sequence[Mapping[str, Any]] = (),
) -> str:
    """SOLVABLE: the system has a solution although it has many more equations than unknowns.

    special: parameters of the first points; those of the others are random.
    """
    rng = np.random.default_rng(seed)
    asked = {*question.served, *question.still}
    wanted = [c for c in oracle.conditionals(description) if c.name in asked]
    first = oracle.drawn_point(description, sizes, rng)
    known = {p.name: first.arrays[p.name] for p in description.parameters().values() if p.fixed}
    names = set().union(*(oracle.names_of(description, c) for c in wanted))
    unknown = len(motions(description, first, names))
    single = any(
        c.part == "later" and len(first.arrays[c.variable]) < 2 and TIME in names for c in wanted
    )
    if unknown > _LARGEST or single:
        return UNCLEAR
    system = _System(description, question, unknown)
    thetas = 12 if any(_is_event(c) for c in wanted) else 8  # more than h has unknown numbers
    for k in range(thetas + len(special)):
        given = {**known, **special[k]} if k < len(special) else known
        point = oracle.drawn_point(description, sizes, rng, given)
        for c in wanted:
            system.add(c, k, point, known, names, rng, unknown)
    return system.solved()


def moves(description: Description, name: str, sizes: Mapping[str, int]) -> bool:
    """Whether a conditional's density changes with something that can move, its own variable
    apart."""
    point = oracle.drawn_point(description, sizes, np.random.default_rng(3))
    c = next(c for c in oracle.conditionals(description) if c.name == name)
    if c.part == "later" and {PREVIOUS} & oracle.names_of(description, c):
        return not description.variables()[c.variable].observed or _moved(description, point, c)
    return _moved(description, point, c)


def _moved(description: Description, point: Point, c: Conditional) -> bool:
    for m in motions(description, point, oracle.names_of(description, c)):
        if m.flows == c.variable:
            continue
        direction = m.direction or {m.flows: m.of(point.arrays[m.flows])}
        if abs(oracle.slope(point, c, direction)) > _SMALL:
            return True
    return False


def _parents(description: Description, c: Conditional) -> set[str]:
    found = oracle.names_of(description, c) & {*description.variables(), PREVIOUS}
    if c.part != "later":
        found -= {c.variable}
    networks = {n for n in oracle.names_of(description, c) if "." in n}
    return found | networks


class _System:
    """Collects equations; unknowns are named, and get columns as they come."""

    def __init__(self, description: Description, question: Question, unknown: int):
        self.description, self.question = description, question
        self.columns: dict[Any, int] = {}
        self.rows: list[dict[int, float]] = []
        self.right: list[float] = []

    def column(self, key: Any) -> int:
        return self.columns.setdefault(key, len(self.columns))

    def add(
        self, c: Conditional, k: int, theta: Point, known: Mapping[str, Any], names: set[str],
        rng: np.random.Generator, unknown: int,
    ) -> None:  # fmt: skip
        """The equations of one conditional at one parameter value, more than its unknowns."""
        description = self.description
        given = {
            n: a for n, a in theta.arrays.items() if n not in description.variables()
        }  # fmt: skip
        values = own_values(description, theta.sizes, c, known)
        few = min(_VALUES, len(values))
        many = unknown + 8  # each may ask but one thing, as a variance does whatever the own value
        parents = many if _parents(description, c) else 1
        moves = motions(description, theta, names)
        rows_differ = _known_arrays(description, c)
        for j in range(parents):
            point = oracle.drawn_point(description, theta.sizes, rng, given)
            previous, row = None, ()
            if c.part == "later":
                t = int(rng.integers(1, max(2, len(point.arrays[c.variable]))))
                previous = _step(point, c, rng)
                point = point.moved({PREVIOUS: previous, TIME: t})
                row = (t,) if TIME in oracle.names_of(description, c) else ()
            tried = len(values) if parents == 1 else few
            for i in rng.permutation(len(values))[:tried]:
                own = _spread(description, point, c, values[i])
                slopes = [self._slope(point, c, own, m, previous) for m in moves]
                log_p = np.asarray(np.real(oracle.log_density(point, c.distribution, own)))
                for e in np.ndindex(log_p.shape):
                    entries = {
                        self.column(("b", k, m)): float(np.broadcast_to(s, log_p.shape)[e])
                        for m, s in enumerate(slopes)
                    }
                    if c.name in self.question.served:
                        entries[self.column(("H", c.name, k, j, e))] = -1.0
                        if self.question.any_h:
                            entries[
                                self.column(("h", c.name, int(i), row, e if rows_differ else ()))
                            ] = 1.0
                        self.right.append(float(log_p[e]))
                    else:
                        self.right.append(0.0)
                    self.rows.append(entries)

    def _slope(self, point: Point, c: Conditional, own: Any, m: Motion, previous: Any) -> Any:
        """D log p, and the divergence of a flow of the own variable."""
        moved = {n: point.arrays[n] + 1j * _STEP * v for n, v in m.direction.items()}
        divergence = 0.0
        value = own
        if m.flows:
            if m.flows == c.variable:
                value = own + 1j * _STEP * m.of(own)
                if m.scales:
                    divergence = float(np.shape(own)[-1]) if _is_event(c) else 1.0
                if previous is not None:
                    moved[PREVIOUS] = previous + 1j * _STEP * m.of(previous)
            else:
                z = point.arrays[m.flows]
                moved[m.flows] = z + 1j * _STEP * m.of(z)
        found = oracle.log_density(point.moved(moved), c.distribution, value)
        return np.imag(found) / _STEP + divergence

    def solved(self) -> str:
        if len(self.rows) * len(self.columns) > _ENTRIES:
            return UNCLEAR
        matrix = np.zeros((len(self.rows), len(self.columns)))
        for r, entries in enumerate(self.rows):
            for col, v in entries.items():
                matrix[r, col] = v
        right = np.array(self.right)
        usable = np.all(np.isfinite(matrix), axis=1) & np.isfinite(right)
        matrix, right = matrix[usable], right[usable]
        if len(right) == 0:
            return UNCLEAR
        scale = 1 + np.abs(right) + np.abs(matrix).max(axis=1)
        matrix, right = matrix / scale[:, None], right / scale
        norms = np.linalg.norm(matrix, axis=0)
        matrix = np.where(norms < _NOTHING, 0.0, matrix / np.where(norms == 0, 1.0, norms))
        found, _, rank, _ = np.linalg.lstsq(matrix, right, rcond=1e-11)
        off = float(np.max(np.abs(matrix @ found - right)))
        if off > _LARGE:
            return UNSOLVABLE
        if off > _SMALL or np.max(np.abs(found)) > 1e6 or len(right) < rank + 8:
            return UNCLEAR
        return SOLVABLE


def _is_event(c: Conditional) -> bool:
    return c.distribution.family in oracle.EVENTS


def _known_arrays(description: Description, c: Conditional) -> bool:
    parameters = description.parameters()
    names = oracle.names_of(description, c)
    return any(n in parameters and parameters[n].fixed and parameters[n].shape for n in names)


def own_values(
    description: Description, sizes: Mapping[str, int], c: Conditional, known: Mapping[str, Any]
) -> Sequence[Any]:
    """Values of one event of the conditional's variable: the same for every parameter value."""
    rng = np.random.default_rng(7)
    found: dict[str, Any] = {}
    for _ in range(14):
        point = oracle.drawn_point(description, sizes, rng, known)
        v = np.asarray(point.arrays[c.variable])
        if c.part == "later":
            v = _step(point, c, rng)
        elif c.part == "first":
            v = v[0]
        events = v.reshape(-1, v.shape[-1]) if _is_event(c) else v.reshape(-1)
        found.setdefault(str(events[0]), events[0])
    return list(found.values())


def _step(point: Point, c: Conditional, rng: np.random.Generator) -> Any:
    """A step of a chain: its first, or one after it."""
    first = point.arrays[c.variable][0]
    if rng.random() < 0.3:
        return np.asarray(first)
    return oracle.sample(point.moved({PREVIOUS: first, TIME: 1}), c.distribution, (), rng)


def _spread(description: Description, point: Point, c: Conditional, v: Any) -> Any:
    """The value at every plate of the variable."""
    if c.part != "whole":
        return v
    shape = np.shape(point.arrays[c.variable])
    return np.broadcast_to(v, shape) * np.ones(shape, dtype=np.asarray(v).dtype)


__all__ = ["SOLVABLE", "UNCLEAR", "UNSOLVABLE", "Parameter", "Question", "answer"]
