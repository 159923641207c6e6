"""Evaluates an identity at random points, apart from everything that proves.

A second opinion on what is proved: SymPy's trees are walked as they were declared, derivatives are
differences of numbers, and nothing of the search, the normal forms or the checker is used (of
`algebra` only the types of nodes).  It sees mistakes that those may share, and proves nothing.

For every conditional p(v | a; theta) that the identity serves, both sides of

    D log p + (w_q / w) div u  =  log p - log h(v) + H(a; theta)

are compared at random sizes, parameters and values, with log h taken at other parameters and
parents, H at another v, and field and flows at other values of all variables, so that it shows if
they depend on what they must not.  The field must be tangent, and along it a conditional that is
not served must stand still.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

from mpmath import MPContext
from sympy import Symbol

from entropy_proofs.arrays.tree_walk import TreeWalk, Undefined, Unevaluable, Value
from entropy_proofs.judge.random_points import Place, RandomPoint
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.model.pointwise import ConditionalIdentity, FieldComponent, Identity

TOLERANCE = 1e-12  # of a relative residual: rounding leaves 1e-25, mistakes are far above
_SIZES = (1, 2, 2, 2, 3)
_DRAWS = 4
_ATTEMPTS = 12  # to find values at which everything is a number


@dataclass(frozen=True)
class Evaluation:
    """What was seen at random points.

    points: how many there were, if everything could be evaluated, else 0.
    largest: the largest relative residual; `term` says of what (a conditional, or the field on a
    parameter), and `at` gives the sizes and numbers of that point, by name.
    skipped: why something could not be evaluated, or None.
    """

    points: int
    largest: Value
    at: Mapping[str, str]
    term: str | None
    skipped: str | None

    @property
    def agrees(self) -> bool:
        """Whether everything was evaluated, and nothing disagrees."""
        return self.points > 0 and self.skipped is None and self.largest < TOLERANCE


def residual(model: Model, identity: Identity, points: int = 3, digits: int = 50) -> Evaluation:
    """The identity's largest relative residual at random points: 0, to about `digits` digits."""
    number = MPContext()
    number.dps = 2 * digits + 10
    misplaced = _misplaced(model, identity)
    if misplaced:
        return Evaluation(0, number.inf, {}, misplaced, None)
    largest, term, skipped = number.mpf(0), None, None
    at: dict[str, str] = {}
    at_point = cache(partial(_Point, model, identity, number, model.least_sizes()))
    for name, compare, draws in _comparisons(model, identity):
        for k in range(draws * points):
            try:
                relative, point = _first_defined(at_point, k, compare)
            except Unevaluable as reason:
                skipped = skipped or f"{name}: {reason}"
                break
            if relative > largest:
                largest, at, term = relative, point.here.shown(), name
    return Evaluation(0 if skipped else points, largest, at, term, skipped)


def _misplaced(model: Model, identity: Identity) -> str | None:
    """What moves, or is served, although the model has no such thing, or twice."""
    learned, terms = model.learned(), {t.name for t in model.terms}
    scalable = {v.name for v in model.latents() if v.support.can_scale}
    labels = [c.label for c in identity.field]
    flows = [f.variable for f in identity.flows]
    names = [c.name for c in identity.conditionals]
    for c in identity.field:
        p = learned.get(c.label)
        if p is None or len(c.slots) != len(p.shape) or labels.count(c.label) > 1:
            return f"the field on {c.label}"
    for name in flows:
        if name not in scalable or flows.count(name) > 1:
            return f"the flow of {name}"
    return next((n for n in names if n not in terms or names.count(n) > 1), None)


Compare = Callable[["_Point"], Value]


def _comparisons(model: Model, identity: Identity) -> Iterator[tuple[str, Compare, int]]:
    """What is compared, and how many draws of it a point takes: discrete values repeat."""
    for c in identity.field:
        yield f"the field on {c.label}", partial(_Point.off_tangent, label=c.label), 1
    served = {t.conditional.name: t for t in identity.terms}
    for term in model.terms:
        discrete = any(s.is_integer for s in _used(model, term))
        compare = partial(_Point.off_identity, term=term, found=served.get(term.name))
        yield term.name, compare, _DRAWS if discrete else 1


def _first_defined(
    at_point: Callable[[int, int], _Point], k: int, compare: Compare
) -> tuple[Value, _Point]:
    """The relative residual at the first values at which it is a number, and these values."""
    reason = ""
    for attempt in range(_ATTEMPTS):
        point = at_point(k, attempt)
        try:
            return compare(point), point
        except Undefined as error:
            reason = str(error)
    raise Unevaluable(f"no number at {_ATTEMPTS} random points: {reason}")


class _Point:
    """Random values, and what the identity makes of them.

    here: the point.  other: with the same sizes and constants, all else drawn anew.
    """

    def __init__(
        self,
        model: Model,
        identity: Identity,
        number: MPContext,
        least: Mapping[str, int],
        k: int,
        attempt: int,
    ):
        self.model, self.number = model, number
        self.rng = random.Random(f"{k}.{attempt}")
        sizes = {s: max(least[n], self.rng.choice(_SIZES)) for n, s in model.dims_.items()}
        seeds = (f"{k}.{attempt}", f"{k}.{attempt}'")
        self.here, self.other = (RandomPoint(model, number, sizes, s, seeds[0]) for s in seeds)
        self.step = number.mpf(10) ** (number.dps // -4)  # a difference loses its square
        self.field: dict[Symbol, FieldComponent] = {c.label: c for c in identity.field}
        flows = {f.variable: f for f in identity.flows}
        self.flows = {label: flows[name] for label, name in _slices(model) if name in flows}
        self._directions: dict[tuple[Symbol, Place], Value] = {}
        variables = {label for label, _ in _slices(model)}
        self.closed = self._walk(dict.fromkeys(variables, self.other), self.here)

    def off_tangent(self, label: Symbol) -> Value:
        """How far a field points out of its parameter's domain."""
        domain, shape = self.model.learned()[label].domain, self.here.shape(label)
        at = tuple(self.rng.randrange(n) for n in shape)
        value, direction = partial(self.here.value, label), partial(self.direction, label)
        return max(map(_relative, domain.tangency(value, direction, at, shape)), default=0)

    def off_identity(self, term: ModelTerm, found: ConditionalIdentity | None) -> Value:
        """How far a conditional is from its identity, or from standing still if it has none."""
        sizes = {i: self.here.evaluate(n) for i, n in term.plates}
        if not all(sizes.values()):
            return 0  # a chain of one step has no second
        at = {i: self.rng.randrange(n) for i, n in sizes.items()}
        ahead, back = (
            TreeWalk(self.number, partial(self.moved, t), self.here.hidden)(term.log_density, at)
            for t in (self.step, -self.step)
        )
        parts = [(ahead - back) / (2 * self.step), self._divergence(term)]
        if found is not None:
            own = _own_labels(self.model, term)
            of_value = self._walk(dict.fromkeys(own, self.here), self.other)
            of_rest = self._walk(dict.fromkeys(own, self.other), self.here)
            parts.append(-self.here.evaluate(term.log_density, at))
            parts.append(of_value(found.log_base_measure, at))
            parts.append(-of_rest(found.entropy, at))
        return _relative(parts)

    def moved(self, t: Value, label: Symbol, at: Place) -> Value:
        """The value after moving by t along the field and the flows."""
        value = self.here.value(label, at)
        if label in self.field:
            return value + t * self.direction(label, at)
        if label in self.flows:
            flow = self.flows[label]
            shift = self.closed(flow.shift, dict(zip(flow.slots, at, strict=False)))
            return value + t * (self.closed(flow.rate) * value + shift)
        return value

    def direction(self, label: Symbol, at: Place) -> Value:
        """The field on one element."""
        if (label, at) not in self._directions:
            c = self.field[label]
            bound = dict(zip(c.slots, at, strict=True))
            self._directions[label, at] = self.closed(c.element, bound)
        return self._directions[label, at]

    def _walk(self, of: Mapping[Symbol, RandomPoint], rest: RandomPoint) -> TreeWalk:
        """Values at some labels' point, and at that of the rest."""
        return TreeWalk(
            self.number, lambda label, at: of.get(label, rest).value(label, at), self.here.hidden
        )

    def _divergence(self, term: ModelTerm) -> Value:
        """(w_q / w) div u over the own variable of one coordinate."""
        if term.value not in self.flows:
            return 0
        dimension = int(term.support.dimension([int(self.here.evaluate(n)) for n in term.event]))
        weight = self.here.evaluate(self.model.q_weight / term.weight)
        return weight * self.closed(self.flows[term.value].rate) * dimension


def _relative(parts: list[Value]) -> Value:
    """|their sum|, relative to their sizes."""
    return abs(sum(parts)) / (1 + sum(map(abs, parts)))


def _slices(model: Model) -> Iterator[tuple[Symbol, str]]:
    """Every label that stands for (a slice of) a variable, and the variable's name."""
    yield from ((v.label, v.name) for v in model.variables.values())
    yield from ((a, part.variable) for t in model.terms for a, part in t.aliases.items())


def _own_labels(model: Model, term: ModelTerm) -> set[Symbol]:
    """The term's own value; a density that is given by its formula may have several."""
    declared = {t.variable for t in model.terms}
    return {term.value} | {
        v.label for v in model.variables.values() if v.observed and v.name not in declared
    }


def _used(model: Model, term: ModelTerm) -> set[Symbol]:
    """The labels of variables in the term's log density."""
    return {label for label, _ in _slices(model)} & term.log_density.free_symbols
