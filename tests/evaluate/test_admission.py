"""Compiled functions take arrays as numbers, whatever their dtype, and refuse what is no value."""

from __future__ import annotations

import gc

import jax
import numpy as np
import pytest
import torch
from scipy.stats import norm

import entropy_proofs as ep
from entropy_proofs.evaluate import admission
from entropy_proofs.families.spaces import POSITIVE, REAL
from entropy_proofs.model import catalogue

BACKENDS = ("numpy", "jax", "torch", "mpmath")
EYE = np.stack([np.eye(2)] * 2)
SURE = np.array([[1.0, 0], [0, 1], [0.5, 0.5]])


def mixture() -> dict[str, np.ndarray]:
    x = np.array([[200, 3], [7, 100], [0, 1]])
    return {"rho": np.array([0.4, 0.6]), "mu": np.array([[1.0, 2], [30, 4]]), "Sigma": 50 * EYE,
            "x": x, "c.probabilities": SURE}  # fmt: skip


def functions(name="gaussian_mixture", backend="numpy", **options):
    return ep.compile(ep.prove(catalogue.load(name)), backend, "analytic", **options)


def elbo_by_hand(at) -> float:
    """With 0 log 0 = 0."""
    total = 0.0
    for x, r in zip(at["x"].astype(float), at["c.probabilities"], strict=True):
        for k in np.flatnonzero(r):
            log_p = norm(at["mu"][k], np.sqrt(np.diag(at["Sigma"][k]))).logpdf(x).sum()
            total += r[k] * (np.log(at["rho"][k]) + log_p - np.log(r[k]))
    return total / len(at["x"])


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float16", "float32", "object"])
def test_sure_responsibilities_and_small_dtypes(backend, dtype):
    at, code = mixture(), functions(backend=backend)
    own = {**at, "x": at["x"].astype(dtype)}
    assert float(code.elbo(own)) == pytest.approx(elbo_by_hand(at), rel=1e-13)
    assert float(code.gap(own) - code.directional_derivative(own)) == pytest.approx(0, abs=1e-11)
    with np.errstate(divide="ignore"):
        slopes = code.gradient(own)
    assert not [n for n, s in slopes.items() if np.isnan(np.asarray(s, dtype=float)).any()]


def test_bits_may_be_sure_too():
    at = {"W": np.ones((2, 2)), "rho": np.array([0.3, 0.6]), "sigma2": 1.0, "x": np.ones((2, 2)),
          "z.probability": np.array([[0.0, 1], [1, 0.5]])}  # fmt: skip
    code = functions("sparse_coding_binary")
    if "rho" in code.arguments and not code.arguments["rho"]:
        at["rho"] = 0.3
    with np.errstate(divide="ignore"):
        value, slopes = code.value_and_gradient(at)
    assert np.isfinite(value)
    assert np.isinf(slopes["z.probability"]).sum() == 3  # where the entropy's derivative is
    assert code.gap(at) == pytest.approx(code.directional_derivative(at), abs=1e-13)


BAD = {
    "complex": ("x", np.ones((3, 2)) * 1j),
    "masked": ("x", np.ma.masked_array(np.ones((3, 2)), mask=np.eye(3, 2))),
    "not finite": ("x", np.full((3, 2), np.nan)),
    "words": ("x", np.full((3, 2), "a")),
    "no points": ("x", np.ones((0, 2))),
    "unnormalised weights": ("rho", [0.4, 0.7]),
    "a negative weight": ("rho", [-0.4, 1.4]),
    "asymmetric": ("Sigma", EYE + [[0, 0.1], [0, 0]]),
    "indefinite": ("Sigma", EYE * [[1, 1], [1, -1]]),
    "responsibilities": ("c.probabilities", SURE / 2),
    "an infinite mean": ("mu", np.full((2, 2), np.inf)),
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_no_value_is_refused_by_name(backend):
    code, taken = functions(backend=backend), []
    for kind, (name, value) in BAD.items():
        try:
            code.elbo({**mixture(), name: value})
        except ep.InputError as error:
            assert str(error).startswith(name), kind
        else:
            taken.append(kind)
    assert not taken


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("value", [2, -1, 0.5, np.nan])
def test_no_other_category_is_read(backend, value):
    code = ep.compile(ep.prove(catalogue.load("gaussian_mixture")), backend)
    at = {n: a for n, a in mixture().items() if n in code.arguments}
    assert np.isfinite(float(code.elbo(at, c=[[0, 1], [1, 1], [0, 0]])))
    with pytest.raises(ep.InputError, match=r"^c: "):
        code.elbo(at, c=[[0, 1], [1, value], [0, 0]])


@pytest.mark.parametrize("weights", [[[1.0, 1.0]] * 3, [[0.5, 0.4]] * 3, [[1.5, -0.5]] * 3])
def test_weights_of_samples_add_up_to_one(weights):
    code = ep.compile(ep.prove(catalogue.load("gaussian_mixture")))
    at = {n: a for n, a in mixture().items() if n in code.arguments}
    with pytest.raises(ep.InputError, match=r"^weights: "):
        code.elbo(at, c=[[0, 1]] * 3, weights=weights)


@pytest.mark.parametrize("chunk", [0, -1, 1.5, True, "2"])
def test_a_chunk_has_rows(chunk):
    with pytest.raises(ep.InputError, match=r"^chunk: "):
        functions(chunk=chunk)


def test_what_is_traced_is_not_looked_at():
    at, code = mixture(), functions(backend="jax")
    value = jax.jit(lambda mu: code.elbo({**at, "mu": mu}))(at["mu"])
    assert float(value) == pytest.approx(elbo_by_hand(at), rel=1e-13)
    mapped = functions(backend="torch")
    mu = torch.stack([torch.as_tensor(at["mu"])] * 2)
    values = torch.func.vmap(lambda one: mapped.elbo({**at, "mu": one}))(mu)
    assert values.tolist() == pytest.approx([elbo_by_hand(at)] * 2, rel=1e-13)


@pytest.mark.parametrize("distance", [38, 500, 1e6])
def test_posteriors_of_clusters_however_far_apart(distance):
    x = np.array([[0.0, 0], [distance, distance], [distance + 1, distance]])
    at = {**mixture(), "x": x, "mu": np.array([[0.0, 0], [distance, distance]]), "Sigma": EYE}
    at.pop("c.probabilities")
    code = functions()
    found = code.optimal_q(at)
    np.testing.assert_allclose(found["c.probabilities"], [[1, 0], [0, 1], [0, 1]], atol=1e-300)
    assert np.isfinite(code.elbo({**at, **found}))


@pytest.mark.parametrize("covariance", ["diagonal", "full"])
def test_a_quadrature_over_what_does_not_vary(covariance):
    """At W = 0, where the gradient was 0 / 0; against central differences."""
    code = ep.compile(ep.prove(catalogue.load("logistic_pca")), "numpy", "quadrature", covariance)
    rng, N, D, H = np.random.default_rng(0), 3, 2, 2
    at = {"W": np.zeros((D, H)), "mu": rng.normal(size=D), "x": rng.integers(0, 2, (N, D)),
          "z.mean": rng.normal(size=(N, H))}  # fmt: skip
    if covariance == "full":
        at["z.scale"] = np.stack([np.eye(H)] * N)
    else:
        at["z.deviation"] = np.ones((N, H))
    at = {n: a for n, a in at.items() if n in code.arguments}
    slopes = code.gradient(at)
    for place in np.ndindex(D, H):
        step = np.zeros((D, H))
        step[place] = 1e-5
        ahead, behind = (code.elbo({**at, "W": s}) for s in (step, -step))
        assert slopes["W"][place] == pytest.approx((ahead - behind) / 2e-5, abs=1e-9)
    assert code.gap(at) == pytest.approx(code.directional_derivative(at), abs=1e-13)


def test_small_arrays_are_held_to_their_domains_once_at_each_point(monkeypatch):
    model = ep.Model("m")
    S = model.parameter("S", 2, 2, domain="positive definite")
    model.observed("x", ep.MultivariateNormal(mean=0, covariance=S))
    functions, data = ep.compile(ep.prove(model)), np.ones((4, 2))
    checked: list[str] = []
    check_values = admission.check_values

    def counted(name, *given, **options):
        checked.append(name)
        check_values(name, *given, **options)

    monkeypatch.setattr(admission, "check_values", counted)
    for ask in (functions.elbo, functions.gradient, functions.gap):
        ask(S=np.eye(2), x=data)
    assert checked == ["S"]
    functions.elbo(S=2 * np.eye(2), x=data)
    assert checked == ["S", "S"]
    changed = np.eye(2)
    functions.elbo(S=changed, x=data)
    changed[0, 0] = -1  # in place
    with pytest.raises(ep.InputError, match=r"^S: is not positive definite"):
        functions.elbo(S=changed, x=data)
    with pytest.raises(ep.InputError, match=r"^S: contains NaN"):
        functions.elbo(S=np.full((2, 2), np.nan), x=data)


def test_arrays_that_cannot_change_are_read_once(monkeypatch):
    read: list[bool] = []
    is_above = admission._is_above

    def counted(value, least):
        read.append(is_above(value, least))
        return read[-1]

    monkeypatch.setattr(admission, "_is_above", counted)
    x = np.ones((3000, 2))
    for asarray, times in ((np.asarray, 2), (jax.numpy.asarray, 1)):
        array = asarray(x)
        for _ in range(2):
            admission.admitted({"x": array}, {"x": admission.Place(REAL)}, {})
        assert read == [True] * times
        read.clear()
        wrong = asarray(-x)
        admission.admitted({"x": wrong}, {"x": admission.Place(REAL)}, {})
        with pytest.raises(ep.InputError, match=r"^x: the value -1 is outside its support"):
            admission.admitted({"x": wrong}, {"x": admission.Place(POSITIVE)}, {})
        read.clear()
    assert admission._passed  # and what nobody has any more is forgotten
    del array, wrong
    gc.collect()
    assert not any(array() is None for array, _ in admission._passed.values())
