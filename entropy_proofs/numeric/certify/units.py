"""Generators that change a latent's units or its origin, with the parameters that undo it.

Where z -> exp(t) z, or z -> z + t, in one of its coordinates is undone by scaling or shifting
parameters, F does not change: log p changes by as much as H[q] does.  How parameters have to move
is the solution of a linear system, since the derivative of log p is linear in how they do; that
log p then stands still but for the volume is shown in general dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb
from sympy import Expr, IndexedBase, Sum, Symbol

from entropy_proofs.algebra.derive import Derivation, Direction
from entropy_proofs.algebra.matrix_identities import unified
from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly, mono_key
from entropy_proofs.algebra.rational import reduce_rows
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.declarations import Parameter, Term, Variable
from entropy_proofs.model import Model
from entropy_proofs.numeric.certify.comparison import number
from entropy_proofs.numeric.coordinates import Array, Positive, PositiveDefinite, Real
from entropy_proofs.numeric.instance import shape_value
from entropy_proofs.numeric.stationary import Objective
from entropy_proofs.numeric.variational import GaussianPosterior, Gaussians

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

    def __call__(self, indices: Sequence[Expr]) -> Poly:
        if self.loading:
            n = self.loading.shape[self.axis]
            k = index("unit@", n)
            at = (*indices[: self.axis], k, *indices[self.axis :])
            return normal(Sum(_element(self.loading.label, at) * AMOUNT[k], (k, 0, n - 1)))
        amount = AMOUNT[indices[self.axis]]
        if self.both:
            amount += AMOUNT[indices[1 - self.axis]]
        return normal(amount if self.shifted else amount * _element(self.parameter, indices))


@dataclass(frozen=True)
class Together:
    """Moves of one parameter, each so many times."""

    moves: Sequence[tuple[Move, Fraction]]

    def __call__(self, indices: Sequence[Expr]) -> Poly:
        return Poly.sum(Poly.number(w) * m(indices) for m, w in self.moves)


def generators(objective: Objective, point: Array) -> Iterator[Array]:
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
        if v.support.kind == "real" and v.shape:
            for shifted in (False, True):
                weighted = compensation(model, v, shifted)
                for k in range(shape_value(v.shape, objective.sizes)[-1] if weighted else 0):
                    row = _row(objective, coordinates, v, shifted, weighted, k)
                    if row is not None:
                        yield row


def compensation(model: Model, v: Variable, shifted: bool) -> list[tuple[Move, Fraction]]:
    """Moves and how much of each keeps F as it is while the latent moves; none if none was found.

    Args:
        shifted: the latent is shifted, not scaled.
    """
    densities = [normal(t.log_density) for t in model.terms]

    def derivatives(directions: Mapping[Symbol, Direction]) -> list[Poly]:
        return [unified(Derivation(directions)(p)) for p in densities]

    own = {v.label, *(a for t in model.terms for a, (n, _) in t.aliases.items() if n == v.name)}
    latent = {label: Move(label, -1, shifted) for label in own}
    moves = list(_moves(model, v.shape[-1], shifted))
    columns = [derivatives({m.parameter: m}) for m in moves]
    volumes = [_volume(t, shifted) if t.variable == v.name else Poly() for t in model.terms]
    rest = [d + volume for d, volume in zip(derivatives(latent), volumes, strict=True)]
    weights = _solved(columns, rest)
    if weights is None:
        return []
    chosen = [(m, w) for m, w in zip(moves, weights, strict=True) if w]
    together: dict[Symbol, Direction] = {**latent}
    for label in {m.parameter for m, _ in chosen}:
        together[label] = Together([(m, w) for m, w in chosen if m.parameter == label])
    moved = zip(derivatives(together), volumes, strict=True)
    return chosen if all(is_zero(d + volume) for d, volume in moved) else []


def _element(label: Symbol, indices: Sequence[Expr]) -> Expr:
    return IndexedBase(label)[tuple(indices)] if indices else label


def _moves(model: Model, n: Expr, shifted: bool) -> Iterator[Move]:
    learned = list(model.learned().values())
    for p in learned:
        for axis in (k for k, size in enumerate(p.shape) if size == n):
            if p.domain in ("real", "positive"):
                yield Move(p.label, axis)
            if not shifted and p.domain == "positive definite" and p.shape == (n, n) and axis == 0:
                yield Move(p.label, axis, both=True)
            if shifted and p.domain == "real":
                yield Move(p.label, axis, shifted=True)
                left = (*p.shape[:axis], *p.shape[axis + 1 :])
                for other in learned:
                    if other is not p and other.domain == "real" and other.shape == left:
                        yield Move(other.label, axis, loading=p)


def _volume(term: Term, shifted: bool) -> Poly:
    """How fast the volume of the term's own value grows."""
    if shifted:
        return Poly()
    if not term.event:
        return normal(AMOUNT[term.plates[-1][0]])
    n = term.event[-1]
    k = index("unit@", n)
    return normal(Sum(AMOUNT[k], (k, 0, n - 1)))


def _solved(columns: Sequence[Sequence[Poly]], rest: Sequence[Poly]) -> list[Fraction] | None:
    """w with sum_j w_j column_j + rest = 0, term by term."""
    rows = []
    for k, constant in enumerate(rest):
        parts = [column[k].terms for column in columns]
        monomials = {m for terms in (*parts, constant.terms) for m in terms}
        for m in sorted(monomials, key=mono_key):
            row = [Fraction(terms.get(m, 0)) for terms in parts]
            rows.append([*row, -Fraction(constant.terms.get(m, 0))])
    reduced, pivots = reduce_rows(rows)
    if len(columns) in pivots:
        return None
    found = [Fraction(0)] * len(columns)
    for row, pivot in zip(reduced, pivots, strict=False):
        found[pivot] = row[-1]
    return found


def _row(
    objective: Objective,
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
    mean, deviation, scale = (f"{what} {v.name}" for what in ("mean", "log deviation", "log scale"))
    if isinstance(objective.family, Gaussians) and mean in rows:
        rows[mean][..., k] += arb(1) if shifted else values[mean][..., k]
        rows[deviation][..., k] += arb(0 if shifted else 1)
    elif scale in rows and not shifted:
        rows[scale][..., k] += arb(1)
    elif not isinstance(objective.family, GaussianPosterior):
        return None  # its samples stay where they are
    return np.concatenate([row.ravel() for row in rows.values()])


def _filled(shape: Sequence[int], value: int) -> Any:
    return np.full(shape, arb(value), dtype=object)
