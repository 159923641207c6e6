"""q of all data points: samples, entropies and their gradients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sympy import Symbol

from entropy_proofs.expectation.entropy import entropy
from entropy_proofs.families.space_values import coordinates
from entropy_proofs.families.spaces import POSITIVE, REAL, SIMPLEX, UNIT_INTERVAL
from entropy_proofs.model.declarations import Variable
from entropy_proofs.q.distribution import ClosedForm, FreeArray
from entropy_proofs.q.gaussian import NormalFactor
from entropy_proofs.q.sampled import Cloud, Normals, standard_entropy

POINTS = 3
LATENTS = {
    "z": FreeArray((2,), coordinates(REAL)),
    "s": FreeArray((), coordinates(POSITIVE)),
    "p": FreeArray((), coordinates(UNIT_INTERVAL)),
}


def drawn(full, latents=LATENTS, samples=4000):
    rng = np.random.default_rng(0)
    q = Normals(latents, samples, full)
    return q.on(q.noise(POINTS, rng)), q.start(POINTS, rng)


def test_the_standard_normal_s_entropy_is_the_derived_one():
    label = Symbol("z", real=True)
    derived = entropy(NormalFactor(Variable("z", label, (), False, REAL)))
    at_one = float(derived.subs(Symbol("z.deviation", positive=True), 1))
    assert standard_entropy(1, np.ones(1)) == pytest.approx(at_one, rel=1e-15)


@pytest.mark.parametrize("full", [False, True])
def test_entropies_are_those_of_normals_log_normals_and_logit_normals(full):
    q, blocks = drawn(full)
    values, (_, found) = q.values(blocks), q.arrays(blocks, {})
    rng, expected = np.random.default_rng(1), 0.0
    for n in range(POINTS):
        own = {name: a[n] for name, a in values.items()}
        deviations = {
            name: np.diag(own[f"{name}.scale"]) if full else np.ravel(own[f"{name}.deviation"])
            for name in LATENTS
        }
        normal = sum(stats.norm(scale=d).entropy().sum() for d in deviations.values())
        u = stats.norm(own["p.mean"], deviations["p"][0]).rvs(200_000, random_state=rng)
        expected += normal + own["s.mean"] + np.mean(u - 2 * np.log1p(np.exp(u)))
    assert found == pytest.approx(float(expected / POINTS), abs=5e-3)


@pytest.mark.parametrize("full", [False, True])
def test_pullbacks_are_differences_of_a_function_and_the_entropy(full):
    q, blocks = drawn(full, samples=6)
    rng = np.random.default_rng(2)

    def total(at):
        arrays, entropy = q.arrays(at, {})
        return sum(np.sum(w[name] * a**2) for name, a in arrays.items()) + entropy

    w = {name: rng.normal(size=a.shape) for name, a in q.arrays(blocks, {})[0].items()}
    slopes = {name: 2 * w[name] * a for name, a in q.arrays(blocks, {})[0].items()}
    found = q.pullback(blocks, slopes)
    assert found.keys() == blocks.keys() == q.own().keys()
    for name, block in blocks.items():
        assert block.shape == (POINTS, *q.own()[name].free)
        step = 1e-6 * rng.normal(size=block.shape)
        up, down = ({**blocks, name: block + h} for h in (step, -step))
        expected = (total(up) - total(down)) / 2
        assert np.sum(found[name] * step) == pytest.approx(expected, rel=1e-6)


def test_noise_may_be_shared_by_all_data_points():
    rng = np.random.default_rng(0)
    q = Normals.shared(LATENTS, rng)
    arrays, _ = q.arrays(q.start(POINTS, rng), {})
    assert {n: a.shape for n, a in arrays.items()} == {
        name: (POINTS, q.count, *latent.shape) for name, latent in LATENTS.items()
    }
    white = np.concatenate([e.reshape(q.count, -1) for e in q.eps.values()], axis=1)
    np.testing.assert_allclose(white.T @ white / q.count, np.eye(4), atol=1e-12)


def test_blocks_are_called_what_they_hold():
    assert [*map(Normals(LATENTS, 1).called, ("z.mean", "z.deviation"))] == [
        "mean z", "log deviation z",
    ]  # fmt: skip
    assert Cloud({"z": np.zeros((2, 3, 1))}, 0.0, {"z"}).called("z.scale") == "log scale z"


def test_what_has_a_closed_form_is_its_own_arrays():
    arrays = {"c.probabilities": FreeArray((3,), coordinates(SIMPLEX))}
    q, rng = ClosedForm(arrays), np.random.default_rng(0)
    blocks = q.start(POINTS, rng)
    found, none = q.arrays(blocks, {})
    assert none == 0
    np.testing.assert_allclose(found["c.probabilities"].sum(axis=-1), 1)
    slope = rng.normal(size=(POINTS, 3))
    step = 1e-6 * rng.normal(size=(POINTS, 2))
    ends = [q.values({"c.probabilities": blocks["c.probabilities"] + h}) for h in (step, -step)]
    expected = np.sum(slope * (ends[0]["c.probabilities"] - ends[1]["c.probabilities"])) / 2
    by_block = q.pullback(blocks, {"c.probabilities": slope})["c.probabilities"]
    assert np.sum(by_block * step) == pytest.approx(expected, rel=1e-6)
