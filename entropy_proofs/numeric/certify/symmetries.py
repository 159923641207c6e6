"""Why derivatives by pinned coordinates vanish exactly where those by the free ones do.

What a Hessian shows as flat need not be: an optimum may recede to infinity, or components may have
merged.  Two arguments prove that it is.  Both say that a pinned derivative is a linear combination
of free ones:

* A generator v has v·∇F = 0 everywhere (the norm of a column that is used normalised).  With as
  many of them as pinned coordinates, in which they are independent, all these derivatives vanish.
* Marginally, x is Gaussian, or x depends on a prior only through a table of probabilities.  Then
  the scores, d log p(x) / d theta as functions of x, lie in a space whose dimension m is known
  (polynomials of degree 2 with mean zero; functions on a table's entries).  If the scores of m free
  coordinates are independent, seen at probes x, they span all others, and F's derivatives are
  averages of scores.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy

import numpy as np
from flint import arb, arb_mat

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.model import Model
from entropy_proofs.numeric.batch import POINTS
from entropy_proofs.numeric.certify.comparison import number
from entropy_proofs.numeric.certify.quadratic import is_quadratic
from entropy_proofs.numeric.coordinates import Array, UnitColumns
from entropy_proofs.numeric.stationary import Objective
from entropy_proofs.numeric.variational import GaussianPosterior


def are_combinations(
    objective: Objective, point: Array, free: list[int], pinned: list[int]
) -> bool:
    """Whether the derivatives by pinned coordinates were proved to be combinations of the free.

    Args:
        objective: in balls.
        point: its coordinates, enclosed.
    """
    generated = np.array(list(radial(objective, point)), dtype=object)
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


def radial(objective: Objective, point: Array) -> Iterator[Array]:
    """The generators that stretch a column which is divided by its norm."""
    start = 0
    for name, shape in objective.shapes.items():
        places = np.arange(start, start := start + int(np.prod(shape))).reshape(shape)
        p = objective.parameters.get(name)
        if p is None or not isinstance(p.coordinates, UnitColumns):
            continue
        for column in np.moveaxis(places, -2, -1).reshape(-1, shape[-2]):
            row = np.array([arb(0)] * len(point), dtype=object)
            row[column] = [number(point[k]) for k in column]
            yield row


def score_spaces(objective: Objective) -> Iterator[tuple[set[int], int]]:
    """Coordinates, and the dimension of a space in which all their scores lie."""
    code, sizes = objective.code, objective.sizes
    observed = [v for v in code.model.variables.values() if v.observed]
    everything = set(range(sum(int(np.prod(s)) for s in objective.shapes.values())))
    if isinstance(objective.family, GaussianPosterior) and is_quadratic(code, observed=True):
        width = sum(objective.given[v.name][0].size for v in observed)
        yield everything, width * (width + 3) // 2
    if not objective.q_blocks and objective.states:
        names, boundary = prior_parameters(code.model)
        owned, start = set[int](), 0
        for name, shape in objective.shapes.items():
            stop = start + int(np.prod(shape))
            owned |= set(range(start, stop)) if name in names else set()
            start = stop
        tables = [objective.states[v].reshape(objective.branches, -1) for v in boundary]
        if owned and tables and sizes[POINTS.name]:
            yield owned, len(np.unique(np.concatenate(tables, axis=1), axis=0)) - 1


def prior_parameters(model: Model) -> tuple[set[str], list[str]]:
    """Parameters that x depends on only through latents' probabilities, and which latents'."""
    labels = {v.label: v for v in model.variables.values()}
    prior, likelihood = set[str](), set[str]()
    parents = set[str]()
    parameters = {p.label: p.name for p in model.learned().values()}
    for term in model.terms:
        used = symbols_in(term.log_density)
        mine = {parameters[s] for s in used & set(parameters)}
        if model.variables[term.variable].observed:
            likelihood |= mine
            parents |= {labels[s].name for s in used & set(labels) if not labels[s].observed}
            aliased = {name for a, (name, _) in term.aliases.items() if a in used}
            parents |= {n for n in aliased if not model.variables[n].observed}
        else:
            prior |= mine
            if any(labels[s].observed for s in used & set(labels)):
                return set(), []
    return prior - likelihood, sorted(parents)


def _scores(objective: Objective, point: Array, dimension: int) -> Iterator[list[arb]]:
    """d log p(x) / d coordinates in balls, at probes x."""
    rng, code = np.random.default_rng(0), objective.code
    one = copy(objective)
    one.sizes = {**objective.sizes, POINTS.name: 1}
    if isinstance(objective.family, GaussianPosterior):
        one.family = GaussianPosterior(code, one.sizes, objective.family.latents)
    for _ in range(dimension + 2):
        one.given = dict(objective.given)
        for v in code.model.variables.values():
            if v.observed:
                x = objective.given[v.name]
                if v.support.kind == "real":
                    one.given[v.name] = code.lift(rng.normal(size=(1, *x.shape[1:])))
                else:  # each entry from some data point
                    rows = rng.integers(0, len(x), (1, *x.shape[1:]))
                    one.given[v.name] = np.take_along_axis(x, rows, axis=0)
        yield [number(g) for g in one.evaluate(point)[1]]
