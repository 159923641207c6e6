"""Code for large arrays is compiled in two ways: both are right, and the faster is kept."""

import time

import jax
import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.code import backends, tuning
from entropy_proofs.evaluate import compiled as functions

backends.backend("jax").load()  # float64


def point(N=40, D=5, H=3):
    rng = np.random.default_rng(0)
    return {
        "W": rng.normal(size=(D, H)),
        "lam": rng.uniform(0.5, 2, H),
        "sigma2": 0.7,
        "x": rng.normal(size=(N, D)),
        "z.mean": rng.normal(size=(N, H)),
        "z.deviation": rng.uniform(0.5, 1.5, (N, H)),
    }


@pytest.mark.parametrize("way", [0, 1])
def test_both_ways_compute_what_numpy_does(monkeypatch, way):
    monkeypatch.setattr(functions, "LARGE", 1)
    tried = []

    def chosen(function, plain, values):
        other = jax.jit(function, compiler_options=tuning._LIBRARY)
        tried.append((plain, other)[way])
        return tried[-1]

    monkeypatch.setattr(tuning, "_faster", chosen)
    proof, at = ep.prove(ep.load("sparse_coding")), point()
    expected = ep.compile(proof, "numpy", "analytic")
    found = ep.compile(proof, "jax", "analytic")
    for name, slope in expected.gradient(at).items():
        np.testing.assert_allclose(found.gradient(at)[name], slope, rtol=1e-12, atol=1e-14)
    for what in ("elbo", "entropy_sum", "gap", "directional_derivative"):
        value = float(getattr(found, what)(at))
        assert value == pytest.approx(getattr(expected, what)(at), rel=1e-12)
    assert len(tried) == 5  # once for each function


def test_the_faster_way_is_kept():
    values = {"x": jax.numpy.ones(3)}

    def slow(values):
        time.sleep(0.02)
        return values

    def fast(values):
        return values

    def heavy(values):
        square = jax.numpy.ones((600, 600))
        return {"x": values["x"] + sum((k * square @ square).sum() for k in range(1, 9))}

    assert tuning._faster(fast, slow, values) is not slow
    assert tuning._faster(heavy, fast, values) is fast


def test_a_version_of_xla_without_the_library_is_no_error(monkeypatch):
    monkeypatch.setattr(tuning, "_LIBRARY", {"xla_cpu_no_such_option": "1"})
    double = tuning.tuned(lambda values: {"y": 2 * values["x"]})
    assert float(double({"x": jax.numpy.asarray(3.0)})["y"]) == 6


def test_inside_other_compiled_code_there_is_no_choice(monkeypatch):
    monkeypatch.setattr(functions, "LARGE", 1)
    code, at = ep.compile(ep.prove(ep.load("sparse_coding")), "jax", "analytic"), point()

    def elbo(W):
        return code.elbo({**at, "W": W})

    W = jax.numpy.asarray(at["W"])
    slope = code.gradient(at, wrt=["W"])["W"]
    assert float(jax.jit(elbo)(W)) == pytest.approx(float(elbo(W)), rel=1e-13)
    np.testing.assert_allclose(jax.grad(elbo)(W), slope, rtol=1e-11, atol=1e-13)
