"""What q says of each latent: means and probabilities."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.spaces import REAL
from entropy_proofs.learn.bound import BoundEvaluation
from entropy_proofs.learn.problem import Arrays, Blocks, Problem
from entropy_proofs.model.declarations import Variable
from entropy_proofs.model.model import Model
from entropy_proofs.points.sequences import Sequences
from entropy_proofs.q.enumerated import marginals


def discrete_probabilities(problem: Problem, found: BoundEvaluation) -> Arrays:
    """Marginals of enumerated latents: "z.probability" of bits, else "z.probabilities"."""
    arrays: Arrays = {}
    weights = found.computed.get("weights", np.ones((problem.points, 1)))  # of a single state
    for v in problem.bound.model.latents():
        if not v.support.discrete or v.name not in problem.given:
            continue
        states = problem.given[v.name]
        by_state = weights.reshape(len(weights), len(states), -1).sum(axis=2)
        arrays |= marginals(v, states, by_state)
    return arrays


def exact_means(model: Model, q: Arrays, data: Mapping[str, Array]) -> Array:
    """Posterior means of all latents as columns, probabilities for discrete ones, by q's arrays.

    Of sequences there is a row for each step, in which latents without time repeat.
    """
    rows = len(next(iter(q.values()), ()))
    if isinstance(data, Sequences):
        rows = int(data.lengths.sum())

    def of(v: Variable) -> Array:
        own = _named(q, v, "mean", "probability", "probabilities")
        if isinstance(data, Sequences) and (not v.shape or str(v.shape[0]) != data.time):
            own = np.repeat(own, data.lengths, axis=0)
        return own

    return _columns(model, rows, of)


def latent_means(problem: Problem, x: Blocks, found: BoundEvaluation, noise: Arrays) -> Array:
    """Posterior means of all latents as columns, probabilities for discrete ones."""
    blocks = problem.blocks(*x)
    given = {**problem.data, **problem.given, **problem.values(x.common)}
    q, _ = problem.posterior.on(noise).arrays(blocks, given)
    sizes = {**problem.sizes, POINTS.name: problem.points, SAMPLES.name: problem.posterior.count}
    means = problem.bound.means(sizes, {**given, **q})
    probabilities = {**q, **discrete_probabilities(problem, found)}

    def of(v: Variable) -> Array:
        if v.name in means:
            return means[v.name]
        if v.support.discrete:
            return _named(probabilities, v, "probability", "probabilities")
        if v.support == REAL:  # samples have the mean that their pairs have
            return blocks[f"{v.name}.mean"]
        return q[v.name].mean(axis=1)

    return _columns(problem.bound.model, problem.points, of)


def _columns(model: Model, rows: int, of: Callable[[Variable], Array]) -> Array:
    """An array for each latent, in the order of the declaration, as columns."""
    latents = [np.reshape(of(v), (rows, -1)) for v in model.latents()]
    return np.concatenate([np.zeros((rows, 0)), *latents], axis=1)


def _named(arrays: Arrays, v: Variable, *kinds: str) -> Array:
    """The first kind there is of a variable's arrays."""
    return next(arrays[name] for kind in kinds if (name := f"{v.name}.{kind}") in arrays)
