"""Stationarity conditions solved for their parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import may_jump
from entropy_proofs.algebra.nodes import Expectation, InverseElement, index, size_of_range
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, at_places, logarithm, replaced, symbols_in
from entropy_proofs.algebra.positivity import nonnegative, positive, sign
from entropy_proofs.algebra.scalar_rules import content
from entropy_proofs.algebra.sums import level, sum_over
from entropy_proofs.arrays.array import generate
from entropy_proofs.arrays.categories import apart, collapsed_sum, gathered
from entropy_proofs.claims.circles import harmonic
from entropy_proofs.claims.linear_conditions import (
    UNSOLVED,
    by_columns,
    by_powers,
    least_squares,
    numerator,
    opened,
)
from entropy_proofs.claims.optimum import condition_of, named_places, on_a_circle, optimum
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.families.spaces import (
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
    Space,
)
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import summed


@dataclass(frozen=True)
class Solution:
    """A parameter's stationarity condition, solved.

    element: the optimum of the element at `slots`, in expectations under q and what remains.
    largest: why it is the maximum, where the condition's form says so.
    axis: along which the slices are solved one by one, each given the newest of the others, which
        the element then holds; None: all at once.
    inside: whether it is known to be in the parameter's domain, or at its end, for all data.
    """

    parameter: Parameter
    slots: tuple[Symbol, ...]
    element: Expr
    largest: str = ""
    axis: int | None = None
    inside: bool = True

    def at(self, indices: Sequence[Expr]) -> Expr:
        """The optimum of one element; the sums in it keep their indices apart from these."""
        taken = frozenset().union(*map(symbols_in, indices))
        places = dict(zip(self.slots, indices, strict=True))
        return at_places(apart(self.element, taken), places)

    @property
    def is_smooth(self) -> bool:
        """Whether it solves the condition at all averages, and is at no end of the domain."""
        return _inside(self.element) == self.element

    @property
    def value(self) -> Expr:
        """The optimum as a scalar or an array."""
        if not self.slots:
            return self.element
        return generate(lambda *i: self.at(i), self.parameter.shape)


def solve_condition(proof: ProofRecord, p: Parameter) -> Solution | None:
    """The parameter's stationarity condition solved for it, where that has a closed form."""
    return proof.once(_solved, p)


def shown_optimum(proof: ProofRecord, solution: Solution) -> tuple[str, ...] | str:
    """What must not be zero for a solution to be the optimum, or why that was not shown."""
    return proof.once(_shown, solution)


def _shown(proof: ProofRecord, solution: Solution) -> tuple[str, ...] | str:
    p = solution.parameter
    solved = replace(solution, element=_inside(solution.element))
    return optimum(proof, p, solved.value).shown()


def _solved(proof: ProofRecord, p: Parameter) -> Solution | None:
    if any(may_jump(t.log_density, {p.label}) for t in proof.model.terms):
        return None
    if p.domain == REAL:
        return _by_place(proof, p) or _real(proof, p)
    if p.domain == UNIT_COLUMNS:
        return _unit_columns(proof, p)
    model = proof.model
    terms = [t for t in model.terms if p.label in symbols_in(t.log_density)]
    scale = terms[0].weight if terms else 1  # a weight that all share cancels
    log_joint = sp.Add(*(t.weight / scale * summed(model, t, t.log_density) for t in terms))
    try:
        gradient, slots = derivative(log_joint, p.label, p.shape)
    except TypeError:
        return None
    own = nodes.element(p.label, slots)
    solver = _SOLVERS.get(p.domain)
    element = solver(gradient, own, p, slots) if solver else None
    if element is None and p.domain in (POSITIVE, UNIT_INTERVAL):
        places = dict(zip(slots, nodes.slots(p.shape), strict=True))
        return _by_element(proof, p) or _by_place(proof, p, gradient.xreplace(places))
    if element is None or p.label in symbols_in(element):
        return None
    found = _averaged(element, proof.data_labels)
    return Solution(p, slots, found, inside=_stays_in(p, gradient, own, found))


def _stays_in(p: Parameter, gradient: Expr, own: Expr, found: Expr) -> bool:
    """Whether signs, of what was found or of the gradient's parts, show that it is."""
    if p.domain == UNIT_INTERVAL:
        return two_parts(gradient, own)
    if p.domain == POSITIVE_DEFINITE or nonnegative(found):
        return True
    signs = [sign(c) for c in (_powers(gradient, [own]) or {}).values()]
    return set(signs) == ({1} if p.domain == SIMPLEX else {1, -1})


def two_parts(gradient: Expr, own: Expr) -> bool:
    """A / own - B / (1 - own) of an A and a B that are never negative: own is A's share."""
    powers = _powers(gradient, [own, 1 - own]) or {}
    return sign(powers.get((-1, 0), -1)) == 1 and sign(powers.get((0, -1), 1)) == -1


def _real(proof: ProofRecord, p: Parameter) -> Solution | None:
    """A = theta M."""
    slots = nodes.slots(p.shape)
    try:
        system = least_squares(condition_of(proof, p), p.label, slots, p.shape)
    except TypeError:
        return None
    return None if system is None else Solution(p, slots, system.solution())


def solve_offset(proof: ProofRecord, p: Parameter) -> Solution | None:
    """A exp(a theta) + B exp(b theta) = 0: an intercept of a log rate or a log variance."""
    slots = nodes.slots(p.shape)
    own = nodes.element(p.label, slots)
    found: dict[Expr, list[Polynomial]] = {}
    try:
        for part in opened(condition_of(proof, p)):
            rate, rest = sp.S.Zero, part
            for a in [a for a in part.factors if p.label in symbols_in(a)]:
                slope = sp.expand(a.args[0] / own) if isinstance(a, sp.exp) else own
                if not slope.is_number:
                    return None
                rate += slope * part.factors[a]
                rest = rest.without(a, part.factors[a])
            found.setdefault(sp.expand(rate), []).append(rest.polynomial())
    except UNSOLVED:
        return None
    if len(found) != 2:
        return None
    (a, left), (b, right) = sorted(found.items(), key=lambda pair: str(pair[0]))
    above, below = (Polynomial.sum(parts).expr() for parts in (left, right))
    return Solution(p, slots, logarithm(-above / below) / sp.expand(b - a))


def solve_angle(proof: ProofRecord, p: Parameter) -> Solution | None:
    """a cos(r theta) - b sin(r theta) = 0: a direction, where the ELBO is a cosine of it."""
    slots = nodes.slots(p.shape)
    try:
        apart = on_a_circle(condition_of(proof, p), p, proof.model)
        found = harmonic(apart, p.label, slots)
    except UNSOLVED:
        return None
    said = f"the ELBO is a cosine of {p.name}, on the circle"
    return None if found is None else Solution(p, slots, found.solution(), said)


def _unit_columns(proof: ProofRecord, p: Parameter) -> Solution | None:
    """A / |A| of each column, where the condition is A - theta B and B is that of all its rows."""
    slots = nodes.slots(p.shape)
    row, n = slots[-2], p.shape[-2]
    try:
        found = by_columns(condition_of(proof, p), p.label, slots, p.shape)
    except TypeError:
        return None
    if found is None:
        return None
    _, shared = content(found.slope, only_positive=True)
    slope = shared.expr()
    k = index(f"_{level(slope) + 1}", n)
    element = slope / sp.sqrt(Sum(slope.xreplace({row: k}) ** 2, (k, 0, n - 1)))
    said = f"on the sphere the ELBO is linear in each column of {p.name}"
    if not found.coupled:
        return Solution(p, slots, element, said)
    return Solution(p, slots, element, f"{said} given the others, in turn", len(p.shape) - 1)


def _by_element(proof: ProofRecord, p: Parameter) -> Solution | None:
    """Its condition in normal form, as one equation for each element."""
    slots = nodes.slots(p.shape)
    try:
        element = _of_element(condition_of(proof, p), nodes.element(p.label, slots), p.domain)
    except UNSOLVED:
        return None
    return None if element is None else Solution(p, slots, element, inside=_ends_in(p, element))


def _by_place(proof: ProofRecord, p: Parameter, gradient: Expr | None = None) -> Solution | None:
    """Where elements are named, as w[0] and w[1], each from an equation of its own.

    gradient: before averages are taken, of which an optimum in simple expectations is made.
    """
    slots, solver = nodes.slots(p.shape), _SOLVERS.get(p.domain)
    found, inside = [], True
    try:
        condition = condition_of(proof, p)
        for here in named_places(condition, p, slots):
            own, element = nodes.element(p.label, slots).xreplace(here), None
            if gradient is not None and solver:
                slope = at_places(gradient, here)
                element = solver(slope, own, p, slots)
            if element is not None:
                element = _averaged(element, proof.data_labels)
                inside &= _stays_in(p, slope, own, element)
            else:
                element = _of_element(normal(at_places(condition.expr(), here)), own, p.domain)
                if element is None:
                    return None
                element = _averaged(element, proof.data_labels)
                inside &= _ends_in(p, element)
            found.append((here, element))
    except UNSOLVED:
        return None
    if not found:
        return None
    return Solution(p, slots, _of_places(found, proof.model), inside=inside)


def _of_places(found: Sequence[tuple[dict[Symbol, Expr], Expr]], model: Model) -> Expr:
    """One expression at the slots of what each place has: the same for all, or by cases."""
    alike = {_with_slots(element, here, model) for here, element in found}
    if len(alike) == 1:
        return alike.pop()
    cases = (
        sp.Mul(element, *(KroneckerDelta(*pair) for pair in here.items()))
        for here, element in found
    )
    return sp.Add(*cases)


def _with_slots(element: Expr, here: dict[Symbol, Expr], model: Model) -> Expr:
    """The places along axes of one slot's size that have its number, at the slot."""
    ((slot, n), *more) = here.items()
    shapes = model.shapes()

    def moved(a: Indexed) -> Expr:
        sizes = shapes.get(a.base.label, ())
        pairs = zip_longest(a.indices, sizes)
        return a.base[tuple(slot if i == n and m == size_of_range(slot) else i for i, m in pairs)]

    return element if more else replaced(element, Indexed, moved)


def _of_element(condition: Polynomial, own: Expr, domain: Space) -> Expr | None:
    """own, from A own^a + B own^b = 0 or (A + B own) / C = 0 with any function C of it."""
    powers = by_powers(condition, own)
    if domain == POSITIVE and powers is not None and len(powers) == 2:
        (((a, _), left), ((b, _), right)) = sorted(powers.items(), key=str)
        return (-left / right) ** (1 / sp.expand(b - a))
    powers = by_powers(numerator(condition), own)
    if powers is None or powers.keys() != {(0, 0), (1, 0)}:
        return None
    above, below = powers[0, 0], powers[1, 0]
    if positive(below):
        return _kept_in(domain, normal(-above).expr() / below)
    return _kept_in(domain, above / normal(-below).expr())


def _kept_in(domain: Space, value: Expr) -> Expr:
    """The value, or the end beyond which it is: there a concave function is largest."""
    if domain not in (POSITIVE, UNIT_INTERVAL):
        return value
    return sp.Max(0, value if domain == POSITIVE else sp.Min(1, value))


def _ends_in(p: Parameter, value: Expr) -> bool:
    """Whether a value of `_of_element` is known to be in the domain, or at its end."""
    return p.domain == UNIT_INTERVAL or nonnegative(value)


def _inside(element: Expr) -> Expr:
    """The solution of the condition itself, whose values may leave the domain."""

    def own(e: Expr) -> Expr:
        numbers = {a for a in e.args if a.is_number}
        if numbers not in ({sp.S.Zero}, {sp.S.One}):
            return e
        (inner,) = set(e.args) - numbers
        return inner

    return replaced(element, (sp.Max, sp.Min), own)


def _positive(gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]) -> Expr | None:
    """A own^a + B own^b = 0."""
    powers = _powers(gradient, [own])
    if powers is None or len(powers) != 2:
        return None
    ((a,), left), ((b,), right) = sorted(powers.items(), key=str)
    return (-_Mean(left) / _Mean(right)) ** (1 / sp.expand(b - a))


def _unit_interval(
    gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]
) -> Expr | None:
    """A / own + B / (1 - own) = 0."""
    powers = _powers(gradient, [own, 1 - own])
    if powers is None or set(powers) != {(-1, 0), (0, -1)}:
        return None
    yes, no = powers[-1, 0], powers[0, -1]
    return _Mean(yes) / _Mean(normal(yes - no).expr())


def _simplex(gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]) -> Expr | None:
    """A_k / own_k is one number for all k."""
    powers = _powers(gradient, [own])
    if powers is None or set(powers) != {(-1,)}:
        return None
    weight = powers[(-1,)]
    total = sum_over(normal(weight), slots[-1], p.shape[-1]).expr()
    return _Mean(weight) / _Mean(_without_deltas(total))


def _positive_definite(
    gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]
) -> Expr | None:
    """B inv(S) + inv(S) A inv(S) = 0: without the inverses, B S + A = 0."""
    i, j = slots[-2:]
    mark = Symbol("inverse", positive=True)
    unmarked: dict[Expr, Expr] = {}
    for a in gradient.atoms(InverseElement):
        scale = a.matrix(i, j) / own
        if symbols_in(scale) & {p.label, *slots}:
            continue
        unmarked[a] = mark / scale * KroneckerDelta(a.row, a.column)
    powers = _powers(gradient.xreplace(unmarked), [mark])
    if powers is None or set(powers) != {(1,), (2,)}:
        return None
    count = powers[(1,)].xreplace({KroneckerDelta(i, j): sp.S.One})
    return -_Mean(_without_deltas(powers[(2,)])) / _Mean(count)


_SOLVERS = {
    POSITIVE: _positive,
    UNIT_INTERVAL: _unit_interval,
    SIMPLEX: _simplex,
    POSITIVE_DEFINITE: _positive_definite,
}


class _Mean(sp.Function):
    """An average to be split into what is random and what is not."""


def _averaged(element: Expr, data: frozenset[Symbol]) -> Expr:
    def parted(x: Expr, kind: Any) -> tuple[Expr, Expr]:
        """What is not random, and what is, of a sum or a product."""
        parts = kind.make_args(x)
        fixed = [a for a in parts if not symbols_in(a) & data]
        return kind(*fixed), kind(*(a for a in parts if symbols_in(a) & data))

    def split(x: Expr) -> Expr:
        product = gathered(x)
        if not isinstance(product, sp.Add):
            known, inside = parted(sp.powsimp(product), sp.Mul)
            return normal(known).expr() * (Expectation(inside) if inside != 1 else 1)
        known, random = parted(x, sp.Add)
        number, inside = gathered(random).as_coeff_Mul()
        return normal(known).expr() + (number * Expectation(inside) if random else 0)

    return sp.factor_terms(replaced(element, _Mean, lambda mean: split(*mean.args)))


def _without_deltas(expr: Expr) -> Expr:
    """Every sum over an index that a delta fixes carried out."""
    return replaced(
        expr,
        Sum,
        lambda e: collapsed_sum(
            e.function, [i for i, *_ in e.limits], [high + 1 for *_, high in e.limits]
        ),
    )


def _powers(expr: Expr, atoms: list[Expr]) -> dict[tuple, Expr] | None:
    """expr as a sum of products of powers of the atoms with coefficients free of them."""
    labels = frozenset().union(*map(symbols_in, atoms)) - {
        s for a in atoms for i in a.atoms(Indexed) for n in i.indices for s in symbols_in(n)
    }
    none = (sp.S.Zero,) * len(atoms)

    def walk(e: Expr) -> dict[tuple, Expr] | None:
        if not symbols_in(e) & labels:
            return {none: e}
        for k, atom in enumerate(atoms):
            base, power = e.as_base_exp()
            if base == atom and not symbols_in(power) & labels:
                return {(*none[:k], power, *none[k + 1 :]): sp.S.One}
        if isinstance(e, sp.Add):
            return _merged([walk(a) for a in e.args])
        if isinstance(e, sp.Mul):
            found: dict[tuple, Expr] | None = {none: sp.S.One}
            for a in e.args:
                own = walk(a)
                if own is None or found is None:
                    return None
                found = _merged(
                    [
                        {tuple(map(sp.Add, x, y)): c * d}
                        for x, c in found.items()
                        for y, d in own.items()
                    ]
                )
            return found
        if isinstance(e, sp.Pow) and not symbols_in(e.exp) & labels:
            own = walk(e.base)
            if own is not None and len(own) == 1:
                ((x, c),) = own.items()
                return {tuple(n * e.exp for n in x): c**e.exp}
            return None
        if isinstance(e, Sum):
            own = walk(e.function)
            return own and {x: _summed(c, e) for x, c in own.items()}
        return None

    found = walk(expr)
    return None if found is None else {x: c for x, c in found.items() if c != 0}


def _merged(parts: list[dict[tuple, Expr] | None]) -> dict[tuple, Expr] | None:
    total: dict[tuple, Expr] = {}
    for part in parts:
        if part is None:
            return None
        for x, c in part.items():
            total[x] = total.get(x, sp.S.Zero) + c
    return total


def _summed(coefficient: Expr, total: Sum) -> Expr:
    number, rest = coefficient.as_coeff_Mul()
    return number * Sum(rest, *total.limits)
