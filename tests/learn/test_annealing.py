"""Annealing: weights as arguments of the compiled bound, and their schedules."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs import Verdict
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.learn.annealing import (
    Cosine,
    GeometricSteps,
    Linear,
    Schedule,
    annealed,
    schedules,
    weights_at,
)
from entropy_proofs.model import catalogue
from entropy_proofs.model.weights import weights_of


def shown(model: ep.Model) -> dict[str, str]:
    return {name: str(w) for name, w in weights_of(model).items()}


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("sparse_coding", None, {"z": "weight.z", "x": "weight.x", "H[q]": "weight.q"}),
        ("sparse_coding", ["z"], {"z": "weight.z"}),
        ("sparse_coding", ["q"], {"H[q]": "weight.q"}),
        ("vae_1", None, {"z": "weight.z", "x": "weight.x", "H[q]": "weight.z"}),
        ("vae_1", ["z"], {"z": "weight.z", "H[q]": "weight.z"}),
        ("vae_1", ["q", "x"], {"z": "weight.q", "x": "weight.x", "H[q]": "weight.q"}),
        ("vae_1", ["x"], {"x": "weight.x"}),
        ("hmm_gaussian", ["z"], {"z": "weight.z"}),
        ("linear_regression", None, {"y": "weight.y"}),
        ("vae_beta", ["z"], {"z": "beta*weight.z", "H[q]": "beta*weight.z"}),
    ],
)
def test_what_is_weighed_and_that_it_is_proved(name, names, expected):
    original = catalogue.load(name)
    before = shown(original), list(original.parameters)
    model = annealed(original, names)
    assert shown(model) == expected
    assert ep.prove(model).verdict is Verdict.PROVED
    assert (shown(original), list(original.parameters)) == before
    added = [model.parameters[p] for p in model.parameters if p not in original.parameters]
    assert all(p.fixed and p.domain == POSITIVE and not p.shape for p in added)


def test_named_apart_they_are_free_and_no_latent_flows():
    proof = ep.prove(annealed(catalogue.load("vae_1"), ["z", "q"]))
    assert shown(proof.model) == {"z": "weight.z", "H[q]": "weight.q"}
    assert proof.verdict is Verdict.PARTIAL
    assert not proof.latent_flow


@pytest.mark.parametrize(("name", "wrong"), [("vae_1", "y"), ("linear_regression", "q")])
def test_an_unknown_name_is_refused(name, wrong):
    with pytest.raises(ep.InputError, match=f"^{wrong}: no such term"):
        annealed(catalogue.load(name), [wrong])


def test_a_chain_of_steps_needs_one_compilation_and_ends_at_the_original_bound():
    plan = schedules(["z=0.1:1:20", "x=2:1:10:cosine"])
    original = ep.prove(catalogue.load("sparse_coding"))
    proof = ep.prove(annealed(original.model, plan))
    weighted, plain = ep.compile(proof), ep.compile(original)
    rng = np.random.default_rng(0)
    at = {"W": np.eye(3)[:, :2], "lam": np.array([0.5, 2.0]), "sigma2": 0.7,
          "x": rng.normal(size=(5, 3)), "z": rng.normal(size=(5, 4, 2))}  # fmt: skip
    for t in (0, 5, 19):
        given = {**at, **weights_at(plan, t)}
        assert weighted.gap(given) == pytest.approx(weighted.directional_derivative(given))
        assert abs(weighted.elbo(given) - plain.elbo(at)) > 1e-3
    for t in (20, 21, 10**6):
        given = {**at, **weights_at(plan, t)}
        assert weighted.elbo(given) == plain.elbo(at)
        assert weighted.entropy_sum(given) == plain.entropy_sum(at)


@pytest.mark.parametrize("kind", [Linear, GeometricSteps, Cosine])
@pytest.mark.parametrize(("start", "stop"), [(0.1, 1.0), (3.0, 1.0), (0.2, 0.7)])
def test_schedules_move_one_way_and_stop_exactly(kind, start, stop):
    schedule = kind(start, stop, 30)
    values = np.array([schedule(t) for t in range(35)])
    assert values[0] == start
    assert np.all(values[30:] == stop)
    assert np.all(np.diff(values[:31]) * np.sign(stop - start) > 0)
    assert isinstance(schedule, Schedule)


def test_schedules_by_hand():
    assert Linear(0, 1, 4)(1) == 0.25
    assert GeometricSteps(0.01, 1, 4)(2) == pytest.approx(0.1)
    assert Cosine(0, 1, 4)(2) == pytest.approx(0.5)
    assert Cosine(0, 1, 4)(1) == pytest.approx((1 - np.sqrt(0.5)) / 2)
    assert [schedules(["q=0.3"])["q"](t) for t in (0, 5)] == [0.3, 0.3]
    assert Linear(0.5)(1) == 1.0
    with pytest.raises(FrozenInstanceError):
        Linear(0, 1, 4).steps = 3


def test_texts():
    assert schedules(["z=0.1:1:100", "x = 2:1:5:geometric", "q=0.5"]) == {
        "z": Linear(0.1, 1, 100),
        "x": GeometricSteps(2, 1, 5),
        "q": Linear(0.5, 0.5),
    }
    assert schedules(["z=0:1:10:cosine"])["z"] != Linear(0, 1, 10)


@pytest.mark.parametrize(
    "text",
    [
        "z", "=1:2:3", "z=", "z=a:1:10", "z=0.1:1", "z=0.1:1:10:steep", "z=0.1:1:0", "z=0.1:1:2.5",
        "z=-1:1:10", "z=nan:1:10", "z=inf", "z=0:1:10:geometric", "z=0.1:1:10:linear:linear",
    ],
)  # fmt: skip
def test_unusable_texts_are_named(text):
    with pytest.raises(ep.InputError) as caught:
        schedules([text])
    assert repr(text) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("z=-1:1:10", "a weight must be a finite number >= 0, not -1.0"),
        ("z=inf", "a weight must be a finite number >= 0, not inf"),
        ("z=1:1:0", "steps must be a positive whole number, not 0"),
        ("z=0:1:10:geometric", "a geometric one starts and stops above zero"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_said(text, said):
    with pytest.raises(ep.InputError) as caught:
        schedules([text])
    assert str(caught.value) == f"'{text}': schedule: {said}"


def test_two_schedules_for_one_weight():
    with pytest.raises(ep.InputError, match=r"^z: two schedules"):
        schedules(["z=0.1:1:10", "z=0.5"])
