"""F - S = v·∇F along whole runs, whatever q, objective, optimiser and expectation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.learn.bound import BoundEvaluation

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

ADAM = {"optimizer": "adam", "batch_size": 40, "max_iter": 25}
SHORT = {"max_iter": 25}
RUNS = {
    "L-BFGS, diagonal q": ("factor_analysis", {"sizes": {"H": 2}, **SHORT}),
    "L-BFGS, full q": ("ppca", {"sizes": {"H": 2}, "q": "full", **SHORT}),
    "L-BFGS, fixed samples": ("vae_1", {"sizes": {"H": 2}, **SHORT}),
    "L-BFGS, full q by samples": ("vae_1", {"sizes": {"H": 2}, "q": "full", **SHORT}),
    "Adam, mini-batches": ("sparse_coding", {"sizes": {"H": 8}, **ADAM}),
    "Adam, fresh samples": (
        "sparse_coding",
        {"sizes": {"H": 8}, "expectation": "samples", "samples": 3, **ADAM},
    ),
    "Adam, amortised": ("vae_3", {"sizes": {"H": 2}, "q": "amortised", **ADAM}),
    "enumerated categories": ("gaussian_mixture", {"sizes": {"K": 3}, **SHORT}),
    "enumerated categories, mini-batches": ("gaussian_mixture", {"sizes": {"K": 3}, **ADAM}),
    "categorical q in closed form": (
        "gaussian_mixture",
        {"sizes": {"K": 3}, "expectation": "analytic", **SHORT},
    ),
    "categories and samples": (
        "mixture_of_ppca",
        {"sizes": {"K": 2, "H": 1}, "expectation": "samples", **SHORT},
    ),
    "entropy objective": ("sparse_coding", {"sizes": {"H": 8}, "objective": "entropy", **SHORT}),
    "entropy objective, categories": (
        "gaussian_mixture_diagonal",
        {"sizes": {"K": 3}, "objective": "entropy", **SHORT},
    ),
    "annealed": ("sparse_coding", {"sizes": {"H": 8}, "annealing": {"z": "0.1:1:15"}, **SHORT}),
    "annealed, with a flow, by samples": (
        "vae_1",
        {"sizes": {"H": 2}, "q": "amortised", "annealing": {"z": "0.1:1:15"}, **ADAM},
    ),
    "annealed, enumerated": (
        "gaussian_mixture",
        {"sizes": {"K": 3}, "annealing": {"q": "5:1:15"}, **SHORT},
    ),
    "a model with weights": (
        "vae_beta",
        {"sizes": {"H": 2}, "init": {"beta": 4.0}, "q": "amortised", **ADAM},
    ),
    "a prior that stays": ("gaussian_mixture_equal_weights", {"sizes": {"K": 3}, **SHORT}),
}
COMPILED = {"L-BFGS, diagonal q", "Adam, mini-batches", "Adam, amortised", "annealed"}


@pytest.mark.parametrize("name", RUNS)
def test_the_identity_holds_at_every_iteration(name, wine):
    model, options = RUNS[name]
    backend = "jax" if name in COMPILED else "numpy"
    learned = ep.fit(model, wine[:160], random_state=1, backend=backend, **options)
    history = learned.history_
    assert learned.n_iter_ == len(history["elbo"]) >= 15
    F, S, slope = (history[k] for k in ("elbo", "entropy_sum", "predicted_gap"))
    shares = [column for name, column in history.items() if name.startswith("share ")]
    assert shares
    assert np.allclose(sum(shares), slope, rtol=1e-9, atol=1e-12)
    assert np.isfinite([F, S, slope]).all()
    relative = np.abs(F - S - slope) / np.maximum(np.abs(F), np.abs(S))
    assert relative.max() < 1e-9
    assert history["residual"].max() < 1e-9
    if options.get("objective") != "entropy":
        assert np.abs(slope).max() > 1e-4  # the run passes points where the gap is not zero
    others = [v for k, v in history.items() if k.startswith("entropy ") and k != "entropy q"]
    np.testing.assert_allclose(history["entropy q"] - sum(others), S, rtol=1e-12)


def test_learning_climbs(wine):
    learned = ep.fit("sparse_coding", wine, sizes={"H": 8}, random_state=1, max_iter=25)
    assert (np.diff(learned.history_["elbo"]) >= 0).all()


def test_the_record_is_what_compiled_functions_say(wine):
    """Another route: F and S of `compile`, in NumPy, at what was learned."""
    learned = ep.fit("sparse_coding", wine, sizes={"H": 8}, random_state=1, max_iter=30)
    code = ep.compile(ep.prove(ep.load("sparse_coding")), "numpy", expectation="analytic")
    at = {"x": wine, **learned.parameters_, **learned.q_}
    np.testing.assert_allclose(learned.elbo_, code.elbo(at), rtol=1e-12)
    np.testing.assert_allclose(learned.entropy_sum_, code.entropy_sum(at), rtol=1e-12)
    np.testing.assert_allclose(learned.predicted_gap_, code.directional_derivative(at), atol=1e-12)
    assert learned.gap_ == learned.elbo_ - learned.entropy_sum_
    assert learned.history_["elbo"][-1] == learned.elbo_


def test_the_entropy_objective_is_made_of_entropies_alone(wine):
    options = {"sizes": {"H": 8}, "random_state": 1, "max_iter": 30, "objective": "entropy"}
    learned = ep.fit("sparse_coding", wine, **options)
    objective = ep.prove(ep.load("sparse_coding")).objective.compile(expectation="analytic")
    at = {"x": wine, "W": learned.parameters_["W"], **learned.q_}
    np.testing.assert_allclose(learned.history_["elbo"][-1], objective.value(at), rtol=1e-12)
    for name, optimum in objective.optima(at).items():
        np.testing.assert_allclose(learned.parameters_[name], optimum, rtol=1e-12)


def test_weights_are_those_of_the_schedule(wine):
    """At iteration t the prior's part of S is its weight times its entropy."""
    learned = ep.fit(
        "sparse_coding", wine, sizes={"H": 8}, annealing={"z": "0.25:1:10"}, max_iter=20,
        random_state=1, optimizer="adam",
    )  # fmt: skip
    plain = ep.fit(
        "sparse_coding", wine, sizes={"H": 8}, max_iter=1, random_state=1, optimizer="adam"
    )
    first = learned.history_["entropy z"][0] / plain.history_["entropy z"][0]
    np.testing.assert_allclose(first, 0.25, rtol=1e-12)


@pytest.mark.parametrize("part", ["elbo", "predicted_gap"])
def test_a_wrong_side_would_show(part):
    right = BoundEvaluation(-3.0, {"q": 1.0, "x": 4.5}, 0.5, 0.5, {}, {})
    assert right.residual == 0
    assert replace(right, **{part: getattr(right, part) * (1 + 1e-7)}).residual > 1e-9
    assert not replace(right, elbo=float("nan")).residual < 1e-9
