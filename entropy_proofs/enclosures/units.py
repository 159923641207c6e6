"""Generators that change a latent's units or its origin, with the parameters that undo it.

Where z -> exp(t) z, or z -> z + t, in one of its coordinates is undone by scaling or shifting
parameters, F does not change: log p changes by as much as H[q] does.  How parameters have to move
is the exact solution of a linear system in general dimension, since the derivative of log p is
linear in how they do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from sympy import Expr, IndexedBase, Sum, Symbol

from entropy_proofs.algebra.derive import Direction, NoDerivative, derivative_along
from entropy_proofs.algebra.nodes import HiddenUnit, HiddenUnitDerivative, element, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial
from entropy_proofs.algebra.rational import weights
from entropy_proofs.enclosures.comparison import number
from entropy_proofs.equality.normal_forms import special_maps
from entropy_proofs.equality.normal_forms.matrix_forms import contracted
from entropy_proofs.evaluate.random_values import shape_value
from entropy_proofs.families.coordinates import Array, Positive, PositiveDefinite, Real
from entropy_proofs.families.spaces import POSITIVE, POSITIVE_DEFINITE, REAL
from entropy_proofs.kernel.language import terms
from entropy_proofs.kernel.language.statement import Signature
from entropy_proofs.kernel.normal import ring
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.refusal import Refused, bounded
from entropy_proofs.model.declarations import ModelTerm, Parameter, Variable
from entropy_proofs.model.lowering import Indices, Lowering, Unsupported
from entropy_proofs.model.model import Model
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.stationary import FreeObjective
from entropy_proofs.q.sampled import Normals

AMOUNT = IndexedBase(Symbol("amount@"))  # by how much each coordinate of the latent moves


@dataclass(frozen=True)
class Move:
    """A way for a parameter to move along with a latent.

    Attributes:
        parameter, axis: it is scaled along the axis that runs over the latent's coordinates, or
        shifted: shifted along it; or
        loading: shifted by this array times the amounts, summed over the array's axis.
        both: scaled along both axes of a matrix.
    """

    parameter: Symbol
    axis: int
    shifted: bool = False
    loading: Parameter | None = None
    both: bool = False

    def __call__(self, indices: Sequence[Expr]) -> Polynomial:
        if self.loading:
            n = self.loading.shape[self.axis]
            k = index("unit@", n)
            at = (*indices[: self.axis], k, *indices[self.axis :])
            return normal(Sum(element(self.loading.label, at) * AMOUNT[k], (k, 0, n - 1)))
        amount = AMOUNT[indices[self.axis]]
        if self.both:
            amount += AMOUNT[indices[1 - self.axis]]
        return normal(amount if self.shifted else amount * element(self.parameter, indices))


class _Forms:
    """Normal forms by the kernel's algebra: inverses meet what they invert."""

    def __init__(self, model: Model, size: Expr):
        """size: how many coordinates the latent has."""
        known = copy(model)
        amounts = Parameter(AMOUNT.label.name, AMOUNT.label, (size,), REAL, True)
        known.parameters = {**model.parameters, amounts.name: amounts}
        self.lowering = Lowering(known, beyond=self._slope)
        self.plates = {t.name: dict(self.lowering.plates(t)) for t in model.terms}
        signature = Signature(self.lowering.statement(model.terms))
        self.algebra = Algebra(signature, special_maps.rules(None, "low rank"))

    def __call__(self, p: Polynomial, term: ModelTerm) -> ring.Poly:
        """The form of what is said of a term, at its plates."""
        lowered = self.lowering.value(p.expr(), self.plates[term.name])
        return contracted(self.algebra, self.algebra.normal(lowered))

    def _slope(self, expr: Expr, indices: Indices) -> terms.Term | None:
        if not isinstance(expr, HiddenUnitDerivative):
            return None
        unit = self.lowering.value(HiddenUnit(*expr.args[:3]), indices)
        component = self.lowering.index(expr.component, indices)
        return terms.Term("slope", unit, expr.which, component)


def generators(objective: FreeObjective, point: Array) -> Iterator[Array]:
    """v with v·∇F = 0 everywhere, in the objective's coordinates.

    Args:
        objective: in balls.
        point: its coordinates, enclosed.
    """
    model = objective.code.model
    if model.q_weight != 1 or any(t.weight != 1 for t in model.terms):
        return
    coordinates = objective.blocks(np.array([number(u) for u in point], dtype=object))
    for v in model.latents():
        if v.support == REAL and v.shape:
            for shifted in (False, True):
                weighted = compensation(model, v, shifted)
                for k in range(shape_value(v.shape, objective.sizes)[-1] if weighted else 0):
                    row = _row(objective, coordinates, v, shifted, weighted, k)
                    if row is not None:
                        yield row


@bounded()
def compensation(model: Model, v: Variable, shifted: bool) -> list[tuple[Move, Fraction]]:
    """Moves and how much of each keeps F as it is while the latent moves; none if none was found.

    Args:
        shifted: the latent is shifted, not scaled.
    """
    if not all(t.plates or t.event for t in model.terms if t.variable == v.name):
        return []  # a chain of numbers: places in time are no coordinates
    try:
        forms = _Forms(model, v.shape[-1])

        def derivatives(directions: Mapping[Symbol, Direction]) -> list[ring.Poly]:
            return [forms(derivative_along(directions, t.log_density), t) for t in model.terms]

        slices = (pair for t in model.terms for pair in t.aliases.items())
        own = {v.label, *(a for a, part in slices if part.variable == v.name)}
        moves = list(_moves(model, v.shape[-1], shifted))
        columns = [derivatives({m.parameter: m}) for m in moves]
        latent = derivatives({label: Move(label, -1, shifted) for label in own})
        volumes = [forms(_volume(t, v, shifted), t) for t in model.terms]
    except (NoDerivative, Refused, Unsupported):
        return []
    found = weights(columns, [d + volume for d, volume in zip(latent, volumes, strict=True)])
    return [(m, w) for m, w in zip(moves, found, strict=True) if w] if found else []


def _moves(model: Model, n: Expr, shifted: bool) -> Iterator[Move]:
    learned = list(model.learned().values())
    for p in learned:
        for axis in (k for k, size in enumerate(p.shape) if size == n):
            if p.domain in {REAL, POSITIVE}:
                yield Move(p.label, axis)
            if not shifted and p.domain == POSITIVE_DEFINITE and p.shape == (n, n) and axis == 0:
                yield Move(p.label, axis, both=True)
            if shifted and p.domain == REAL:
                yield Move(p.label, axis, shifted=True)
                left = (*p.shape[:axis], *p.shape[axis + 1 :])
                for other in learned:
                    if other is not p and other.domain == REAL and other.shape == left:
                        yield Move(other.label, axis, loading=p)


def _volume(term: ModelTerm, v: Variable, shifted: bool) -> Polynomial:
    """How fast the volume of the latent's own value grows, if the term is its density."""
    if shifted or term.variable != v.name:
        return Polynomial()
    if not term.event:
        return normal(AMOUNT[term.plates[-1][0]])
    n = term.event[-1]
    k = index("unit@", n)
    return normal(Sum(AMOUNT[k], (k, 0, n - 1)))


def _row(
    objective: FreeObjective,
    values: Mapping[str, Any],
    v: Variable,
    shifted: bool,
    weighted: Sequence[tuple[Move, Fraction]],
    k: int,
) -> Array | None:
    """The generator for the latent's coordinate k; None if the objective can't move so.

    values: the objective's coordinates by block.
    """
    rows = {n: _filled(b.shape, 0) for n, b in values.items()}
    for move, weight in weighted:
        name = move.parameter.name
        amount = arb(weight.numerator) / weight.denominator
        for used in (name, move.loading.name if move.loading else name):
            p = objective.parameters.get(used)
            if p is None or not isinstance(p.coordinates, Real | Positive | PositiveDefinite):
                return None
        at = (*[slice(None)] * move.axis, k)
        if move.loading:
            rows[name] += amount * values[move.loading.name][at]
        elif isinstance(objective.parameters[name].coordinates, PositiveDefinite):
            places, columns = np.tril_indices(shape_value(v.shape, objective.sizes)[-1])
            own = np.where(places == columns, _filled(places.shape, 1), values[name])
            rows[name] += amount * np.where(places == k, own, _filled(places.shape, 0))
        elif move.shifted or isinstance(objective.parameters[name].coordinates, Positive):
            rows[name][at] += amount
        else:
            rows[name][at] += amount * values[name][at]
    mean, deviation, scale = (f"{v.name}.{what}" for what in ("mean", "deviation", "scale"))
    if isinstance(objective.q, Normals) and mean in rows:
        rows[mean][..., k] += arb(1) if shifted else values[mean][..., k]
        rows[deviation][..., k] += arb(0 if shifted else 1)
    elif scale in rows and not shifted:
        rows[scale][..., k] += arb(1)
    elif not isinstance(objective.q, GaussianPosterior):
        return None  # its samples stay where they are
    return np.concatenate([row.ravel() for row in rows.values()])


def _filled(shape: Sequence[int], value: int) -> Any:
    return np.full(shape, arb(value), dtype=object)
