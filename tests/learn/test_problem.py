"""The gradients that optimisers climb along, against finite differences of F."""

from __future__ import annotations

import numpy as np
import pytest

from entropy_proofs import VariationalEstimator
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.learn.annealing import schedules
from entropy_proofs.learn.optimisers import Layout
from entropy_proofs.learn.problem import Blocks
from entropy_proofs.learn.proofs import annealed_proof, proof_of

CASES = {
    "diagonal": ("factor_analysis", {"sizes": {"H": 2}}),
    "full": ("ppca", {"sizes": {"H": 2}, "q": "full"}),
    "samples": ("vae_1", {"sizes": {"H": 2, "J_f": 3, "M_f": 2}}),
    "full by samples": ("ppca", {"sizes": {"H": 2}, "q": "full", "expectation": "samples"}),
    "amortised": ("ppca", {"sizes": {"H": 1}, "q": "amortised", "hidden": (3,)}),
    "categories": ("gaussian_mixture", {"sizes": {"K": 2}}),
    "categories in closed form": (
        "gaussian_mixture",
        {"sizes": {"K": 2}, "expectation": "analytic"},
    ),
    "both": ("mixture_of_ppca", {"sizes": {"K": 2, "H": 1}, "expectation": "samples"}),
    "entropy objective": ("sparse_coding", {"sizes": {"H": 3}, "objective": "entropy"}),
    "a positive latent": ("gamma_gamma", {}),
    "a positive latent, amortised": ("gamma_gamma", {"q": "amortised", "hidden": (3,)}),
    "log-normal q by samples": ("gamma_gamma", {"expectation": "samples"}),
    "annealed samples": ("vae_1", {"sizes": {"H": 2, "J_f": 3, "M_f": 2}, "annealing": {"z": 0.3}}),
    "annealed categories": ("gaussian_mixture", {"sizes": {"K": 2}, "annealing": {"q": 2.5}}),
}


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_differences_of_F(name, wine):
    model, options = CASES[name]
    estimator = VariationalEstimator(model, backend="numpy", samples=4, **options)
    given = schedules(f"{n}={w}" for n, w in (estimator.annealing or {}).items())
    proof = annealed_proof(proof_of(model), given)
    x = wine[:7, :3]
    data = {
        v.name: np.abs(x) if v.support == POSITIVE else x
        for v in proof.model.variables.values()
        if v.observed
    }
    rng = np.random.default_rng(2)
    problem = estimator._problem(proof, data, given).at(0)
    start = estimator._start(problem, rng)
    noise = problem.posterior.noise(problem.points, rng)
    layout = Layout(start)
    x = layout.vector(start) + 0.1 * rng.normal(size=layout.vector(start).size)

    def value(at):
        return problem.evaluate(*layout.blocks(at), noise)[0].elbo

    found, *gradients = problem.evaluate(*layout.blocks(x), noise)
    gradient = layout.vector(Blocks(*gradients), power=1)
    for direction in rng.normal(size=(4, x.size)):
        h = 1e-5
        expected = (value(x + h * direction) - value(x - h * direction)) / (2 * h)
        np.testing.assert_allclose(gradient @ direction, expected, rtol=2e-5, atol=1e-7)
    assert found.residual < 1e-9
