"""What q says of each latent: means and probabilities."""

from __future__ import annotations

import numpy as np

from entropy_proofs.learn.bound import Evaluation
from entropy_proofs.learn.history import Run
from entropy_proofs.learn.problem import Arrays, Problem
from entropy_proofs.numeric.batch import POINTS, SAMPLES
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
    own = problem.posterior.values(blocks)
    marginals = discrete_probabilities(problem, found)
    means: Arrays = {name.partition(".")[0]: p for name, p in marginals.items()}
    if problem.bound.analytic:
        means |= {n.partition(".")[0]: p for n, p in own.items() if n.endswith(".probabilities")}
        sizes = {**problem.sizes, POINTS.name: problem.points, SAMPLES.name: 1}
        computed = problem.bound.means(sizes, own)
        means |= {n.partition(".")[0]: np.asarray(mean) for n, mean in computed.items()}
    else:
        samples, _ = problem.posterior.arrays(blocks, noise)
        for v in problem.bound.model.latents():
            if v.support.kind == "real":
                means[v.name] = own[f"{v.name}.mean"]
            elif not v.support.discrete:
                means[v.name] = samples[v.name].mean(axis=1)
    columns = [np.zeros((problem.points, 0))]
    columns += [means[v.name].reshape(problem.points, -1) for v in problem.bound.model.latents()]
    return np.concatenate(columns, axis=1)
