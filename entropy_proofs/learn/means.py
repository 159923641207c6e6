"""What q says of each latent: means and probabilities."""

from __future__ import annotations

import numpy as np

from entropy_proofs.learn.bound import Evaluation
from entropy_proofs.learn.history import Run
from entropy_proofs.learn.problem import Arrays, Problem
from entropy_proofs.numeric.coordinates import Array


def discrete_probabilities(problem: Problem, found: Evaluation) -> Arrays:
    """Marginals of enumerated latents: "z.probability" of bits, else "z.probabilities"."""
    marginals: Arrays = {}
    if "weights" not in found.computed:
        return marginals
    weights = found.computed["weights"]
    for v in problem.bound.model.latents():
        if not v.support.discrete:
            continue
        states = problem.given[v.name]
        by_state = weights.reshape(len(weights), len(states), -1).sum(axis=2)
        low, high = int(states.min()), int(states.max())
        hits = states[..., None] == np.arange(low, high + 1)
        p = np.tensordot(by_state, hits.astype(float), axes=1)
        if v.support.kind == "binary":
            marginals[f"{v.name}.probability"] = p[..., 1]
        else:
            marginals[f"{v.name}.probabilities"] = p
    return marginals


def latent_means(problem: Problem, run: Run, found: Evaluation, noise: Arrays) -> Array:
    """Posterior means of all latents as columns, probabilities for discrete ones."""
    blocks = problem.blocks(run.common, run.local)
    known = {**problem.posterior.values(blocks), **discrete_probabilities(problem, found)}
    if not problem.bound.analytic:
        samples, _ = problem.posterior.arrays(blocks, noise)
        for v in problem.bound.model.latents():
            if not v.support.discrete and v.support.kind != "real":
                known[f"{v.name}.mean"] = samples[v.name].mean(axis=1)
    columns = [np.zeros((problem.points, 0))]
    for v in problem.bound.model.latents():
        name = next(
            f"{v.name}.{suffix}"
            for suffix in ("mean", "probability", "probabilities")
            if f"{v.name}.{suffix}" in known
        )
        columns.append(np.asarray(known[name]).reshape(problem.points, -1))
    return np.concatenate(columns, axis=1)
