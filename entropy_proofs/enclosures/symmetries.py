"""Why derivatives by pinned coordinates vanish exactly where those by the free ones do.

What a Hessian shows as flat need not be: an optimum may recede to infinity, or components may have
merged.  Two arguments prove that it is.  Both say that a pinned derivative is a linear combination
of free ones:

* A generator v has v·∇F = 0 everywhere (the norm of a column that is used normalised; a shift of
  all logits, along which the derivative of log p has the normal form 0; the units and the origin of
  a latent).  With as many of them as pinned coordinates, in which they are independent, all these
  derivatives vanish.
* Marginally, x is Gaussian, or x depends on a prior only through a table of probabilities.  Then
  the scores, d log p(x) / d theta as functions of x, lie in a space whose dimension m is known
  (polynomials of degree 2 with mean zero; functions on a table's entries).  If the scores of m free
  coordinates are independent, seen at probes x, they span all others, and F's derivatives are
  averages of scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from flint import arb, arb_mat
from numpy.typing import NDArray
from sympy import Expr, IndexedBase, Integer, Symbol

from entropy_proofs.algebra.derive import NoDerivative, derivative_along
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.enclosures import units
from entropy_proofs.enclosures.comparison import number
from entropy_proofs.enclosures.quadratic import is_quadratic
from entropy_proofs.evaluate.batch import POINTS
from entropy_proofs.families.coordinates import Array, Real, UnitColumns
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.model import Model
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.stationary import FreeObjective


def are_combinations(
    objective: FreeObjective, point: Array, free: list[int], pinned: list[int]
) -> bool:
    """Whether the derivatives by pinned coordinates were proved to be combinations of the free.

    Args:
        objective: in balls.
        point: its coordinates, enclosed.
    """
    found = [*radial(objective, point), *shifts(objective), *units.generators(objective, point)]
    generated = np.array(found, dtype=object)
    if len(generated) and spans(arb_mat(generated[:, pinned].tolist())):
        return True
    for block, dimension in score_spaces(objective):
        own = [k for k in free if k in block]
        if len(own) == dimension and set(pinned) <= block:
            scores = arb_mat([[s[k] for k in own] for s in _scores(objective, point, dimension)])
            if spans(scores):
                return True
    return False


def spans(rows: arb_mat) -> bool:
    """Whether the rows are proved to span all of their space."""
    if rows.nrows() < rows.ncols():
        return False
    gram = rows.transpose() * rows
    return bool(gram.det() != 0) if gram.nrows() else True


def radial(objective: FreeObjective, point: Array) -> Iterator[Array]:
    """The generators that stretch a column which is divided by its norm."""
    for name, places in objective.places.items():
        p = objective.parameters.get(name)
        if p is None or not isinstance(p.coordinates, UnitColumns):
            continue
        for column in np.moveaxis(places, -2, -1).reshape(-1, places.shape[-2]):
            row = np.array([arb(0)] * len(point), dtype=object)
            row[column] = [number(point[k]) for k in column]
            yield row


def shifts(objective: FreeObjective) -> Iterator[Array]:
    """The generators that add the same to all places along an axis of a parameter.

    What is added may be taken away from another parameter in the same way.
    """
    model = objective.code.model
    count = sum(int(np.prod(s)) for s in objective.shapes.values())
    lines: list[tuple[Shift, NDArray[np.intp]]] = []
    for name, places in objective.places.items():
        p = objective.parameters.get(name)
        for axis in range(places.ndim) if p and isinstance(p.coordinates, Real) else ():
            shift = Shift(model.parameters[name].label, axis)
            lines.append((shift, np.moveaxis(places, axis, -1).reshape(-1, places.shape[axis])))
    for up, added in lines:
        if _stand_still(model, up):
            yield from _rows(count, added)
    for (up, added), (down, taken) in combinations(lines, 2):
        alike = up.label != down.label and len(added) == len(taken)
        if alike and _stand_still(model, up, down):
            yield from _rows(count, added, taken)


def _rows(
    count: int, added: NDArray[np.intp], taken: NDArray[np.intp] | None = None
) -> Iterator[Array]:
    for k, line in enumerate(added):
        row = np.array([arb(0)] * count, dtype=object)
        row[line] = arb(1)
        if taken is not None:
            row[taken[k]] = arb(-1)
        yield row


@dataclass(frozen=True)
class Shift:
    """The same is added to all places along an axis of an array."""

    label: Symbol
    axis: int

    def along(self, indices: Sequence[Expr]) -> Polynomial:
        others = tuple(i for k, i in enumerate(indices) if k != self.axis)
        return normal(IndexedBase(Symbol("amount@"))[others] if others else Integer(1))


def _stand_still(model: Model, up: Shift, down: Shift | None = None) -> bool:
    """Whether log p is proved not to change, in any dimension, as arrays are shifted so."""
    directions = {up.label: up.along}
    if down is not None:
        directions[down.label] = lambda indices: -down.along(indices)
    try:
        return all(is_zero(derivative_along(directions, t.log_density)) for t in model.terms)
    except NoDerivative:
        return False


def score_spaces(objective: FreeObjective) -> Iterator[tuple[set[int], int]]:
    """Coordinates, and the dimension of a space in which all their scores lie."""
    code = objective.code
    observed = [v for v in code.model.variables.values() if v.observed]
    everything = set(range(sum(int(np.prod(s)) for s in objective.shapes.values())))
    if isinstance(objective.q, GaussianPosterior) and is_quadratic(code, observed=True):
        width = sum(int(np.prod(np.shape(objective.given[v.name])[1:])) for v in observed)
        yield everything, width * (width + 3) // 2
    best = objective.states and objective.held is None and not objective.truncated
    if best and not objective.q_blocks:
        names, boundary = prior_parameters(code.model)
        owned = {int(k) for n, own in objective.places.items() if n in names for k in np.ravel(own)}
        tables = [objective.states[v].reshape(objective.branches, -1) for v in boundary]
        if owned and tables:
            yield owned, len(np.unique(np.concatenate(tables, axis=1), axis=0)) - 1


def prior_parameters(model: Model) -> tuple[set[str], list[str]]:
    """Parameters that x depends on only through latents' probabilities, and which latents'."""
    parameters = {p.label: p.name for p in model.learned().values()}
    variables = {v.label: v.name for v in model.variables.values()}
    prior, likelihood, parents = set[str](), set[str](), set[str]()
    for term in model.terms:
        aliases = {label: part.variable for label, part in term.aliases.items()}
        used = symbols_in(term.log_density)
        names = {name for label, name in (variables | aliases).items() if label in used}
        observed = {name for name in names if model.variables[name].observed}
        own = {name for label, name in parameters.items() if label in used}
        if model.variables[term.variable].observed:
            likelihood |= own
            parents |= names - observed
        elif observed:
            return set(), []  # a latent's parent is observed, so no table is all there is
        else:
            prior |= own
    return prior - likelihood, sorted(parents)


def _scores(objective: FreeObjective, point: Array, dimension: int) -> Iterator[list[arb]]:
    """d log p(x) / d coordinates in balls, at probes x."""
    rng, code = np.random.default_rng(0), objective.code
    one = copy(objective)
    one.sizes = {**objective.sizes, POINTS.name: 1}
    if isinstance(objective.q, GaussianPosterior):
        one.q = GaussianPosterior(code, one.sizes, objective.q.latents)
    for _ in range(dimension + 2):
        one.given = dict(objective.given)
        for v in code.model.variables.values():
            if v.observed:
                x = objective.given[v.name]
                if v.support == REAL:
                    one.given[v.name] = code.lift(rng.normal(size=(1, *x.shape[1:])))
                else:  # each entry from some data point
                    rows = rng.integers(0, len(x), (1, *x.shape[1:]))
                    one.given[v.name] = np.take_along_axis(x, rows, axis=0)
        yield [number(g) for g in one.evaluate(point)[1]]
