"""Calling a generated module: sizes, defaults, errors that name the argument, odd names, jit."""

from __future__ import annotations

from functools import cache

import jax
import numpy as np
import pytest
import torch

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    InputError,
    Model,
    Multinomial,
    MultivariateNormal,
    Normal,
    OrderedCategorical,
    exp,
)

from .modules import BACKENDS, assert_close, case, catalogue_case, generated, run
from .test_source import odd_model

every_backend = pytest.mark.parametrize("backend", BACKENDS)


@every_backend
def test_a_missing_argument_is_named(backend):
    given = catalogue_case("ppca").given
    for name in set(given) - {"weights"}:
        rest = {k: v for k, v in given.items() if k != name}
        for arguments in (rest, {**rest, name: None}):
            with pytest.raises(ValueError, match=rf"gap needs the argument {name}: \("):
                generated("ppca", backend).gap(**arguments)


@every_backend
@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("mu", (3,), r"mu has the shape \(3,\), not \(D,\) = \(2,\)"),
        ("mu", (), r"mu has the shape \(\), not \(D,\)"),
        ("sigma2", (1,), r"sigma2 has the shape \(1,\), not \(\)"),
        ("z", (3, 2, 2), r"x has the shape \(2, 2\), not \(N, D\) = \(3, 2\)"),
        ("W", (2, 2, 2), r"W has the shape \(2, 2, 2\), not \(D, H\)"),
        ("weights", (2, 5), r"weights has the shape \(2, 5\), not \(N, S\) = \(2, 2\)"),
    ],
)
def test_a_wrong_shape_is_named(backend, name, shape, message):
    module, given = generated("ppca", backend), catalogue_case("ppca").given
    for function in (module.elbo, module.gradient, module.directional_derivative):
        with pytest.raises(ValueError, match=message):
            function(**{**given, name: np.ones(shape)})


@every_backend
def test_what_is_no_array_or_no_argument(backend):
    module, given = generated("ppca", backend), catalogue_case("ppca").given
    with pytest.raises(ValueError, match="W is no array of numbers: "):
        module.elbo(**{**given, "W": [[1.0], [1.0, 2.0]]})
    with pytest.raises(TypeError, match="elbo has no argument sigma"):
        module.elbo(**given, sigma=1.0)
    with pytest.raises(TypeError):
        module.elbo(*given.values())


@cache
def values_proof():
    model = Model("Values")
    rho = model.parameter("rho", 2, domain="simplex")
    S = model.parameter("S", 2, 2, domain="positive definite")
    t = model.parameter("t", 2, domain="increasing")
    model.observed("x", MultivariateNormal(mean=0, covariance=S))
    model.observed("y", OrderedCategorical(location=0, thresholds=t))
    model.observed("k", Multinomial(trials=3, probabilities=rho))
    return ep.prove(model)


@every_backend
def test_what_is_no_value_is_named(backend):
    elbo = run(ep.codegen(values_proof(), backend)).elbo
    good = {"rho": [0.4, 0.6], "S": np.eye(2), "t": [0.0, 1.0], "x": np.ones((3, 2))}
    good |= {"y": np.array([0, 2, 0]), "k": [[1, 2], [0, 3], [3, 0]]}
    assert np.isfinite(float(elbo(**good)))
    for name, bad, message in (
        ("rho", [0.4, 0.7], "does not sum to 1 along its last axis"),
        ("rho", [-0.4, 1.4], "must be between 0 and inf"),
        ("S", [[1.0, 0.1], [0.0, 1.0]], "is not symmetric"),
        ("S", [[1.0, 2.0], [2.0, 1.0]], "is not positive definite"),
        ("t", [1.0, 0.0], "does not increase along its last axis"),
        ("x", np.full((3, 2), np.nan), "must be between -inf and inf"),
        ("y", np.array([0, 3, 0]), "must be between 0 and 2, or these"),
        ("y", np.array([0, 0.5, 0]), "has values that are no whole numbers"),
        ("k", [[1, 2], [0, 2], [3, 0]], "does not sum to 3 along its last axis"),
    ):
        with pytest.raises(ValueError, match=f"^{name} {message}"):
            elbo(**{**good, name: bad})


@every_backend
def test_columns_of_q_have_length_one(backend):
    model = Model("Columns")
    V = model.variational("V", 2, 2, domain="unit columns")
    z = model.latent("z", Normal(mean=0, variance=1), 2)
    x = model.observed("x", Normal(mean=z, variance=1), 2)
    model.q(z, Normal(mean=V @ x, variance=model.variational("v", domain="positive")))
    elbo = run(ep.codegen(ep.prove(model), backend, expectation="analytic")).elbo
    good = {"V": np.array([np.eye(2)] * 3), "v": np.full(3, 0.5), "x": np.ones((3, 2))}
    assert np.isfinite(float(elbo(**good)))
    with pytest.raises(ValueError, match="V has columns whose length is not 1"):
        elbo(**{**good, "V": good["V"] + [[0, 1], [0, 0]]})


@every_backend
def test_tables_of_q_sum_to_one(backend):
    model = Model("Markov")
    A = model.parameter("A", 2, 2, domain="simplex")
    z = model.chain(
        "z",
        initial=Categorical(probabilities=A[0]),
        transition=lambda before: Categorical(probabilities=A[before]),
        length=2,
    )
    model.observed("x", Normal(mean=model.parameter("mu", 2)[z], variance=1), 2)
    model.q(z, "posterior")
    elbo = run(ep.codegen(ep.prove(model), backend, expectation="analytic")).elbo
    good = {"A": np.full((2, 2), 0.5), "mu": np.ones(2), "x": np.ones((1, 2))}
    good |= {"z_probabilities": np.full((1, 2, 2), 0.5), "z_pairs": np.full((1, 1, 2, 2), 0.25)}
    assert np.isfinite(float(elbo(**good)))
    with pytest.raises(ValueError, match="z_pairs does not sum to 1 along its last two axes"):
        elbo(**{**good, "z_pairs": good["z_pairs"] * 2})


@every_backend
def test_weights_are_uniform_by_default(backend):
    module, given = generated("ppca", backend), catalogue_case("ppca").given
    uniform = module.elbo(**{**given, "weights": np.full((2, 2), 0.5)})
    rest = {k: v for k, v in given.items() if k != "weights"}
    assert_close(module.elbo(**rest), uniform, 1e-14)


@every_backend
def test_without_latents_no_weights_are_needed(backend):
    at, module = catalogue_case("linear_regression"), generated("linear_regression", backend)
    rest = {k: v for k, v in at.given.items() if k != "weights"}
    one = module.gap(**{**rest, "weights": np.ones((2, 1))})
    assert_close(module.gap(**rest), one, 1e-14)
    assert_close(module.gap(**rest), module.directional_derivative(**rest), 1e-12)


@every_backend
def test_a_size_that_no_array_shows_is_an_int(backend):
    at, module = catalogue_case("multinomial_mixture"), generated("multinomial_mixture", backend)
    assert at.given["n"] == 2
    for wrong in (2.0, True, 0, "2"):
        with pytest.raises(ValueError, match="n must be a positive int"):
            module.elbo(**{**at.given, "n": wrong})
    with pytest.raises(ValueError, match="elbo needs the argument n: int"):
        module.elbo(**{**at.given, "n": None})
    assert np.isfinite(float(module.elbo(**{**at.given, "n": np.int64(2)})))


def shifted() -> Model:
    """Sizes that are read off only with some arithmetic."""
    model = Model("Shifted")
    n, m = model.dims("n", "m")
    a = model.parameter("a", 2 * n + 3)
    b = model.parameter("b", m + n)
    s = model.parameter("s", n * m, domain="positive")
    x = model.observed("x", Normal(mean=a[0] + b[0], variance=s), n * m)
    assert x.shape == (n * m,)
    return model


@every_backend
def test_sizes_of_a_compound_shape(backend):
    at = case(shifted(), size=3)
    module = run(ep.codegen(at.proof, backend))
    assert at.arguments.counts == ("m",)
    code = at.code
    assert_close(module.elbo(**at.given), code.elbo(at.sizes, at.arrays), 1e-12)
    with pytest.raises(ValueError, match=r"a has the shape \(8,\), not \(2 \* n \+ 3,\) = \(7,\)"):
        module.elbo(**{**at.given, "a": np.ones(8)})


@every_backend
def test_odd_names_compute_what_the_engine_computes(backend):
    at = case(odd_model())
    module = run(ep.codegen(at.proof, backend))
    code = at.code
    elbo, entropy_sum = (f(at.sizes, at.arrays) for f in (code.elbo, code.entropy_sum))
    assert_close(module.elbo(**at.given), elbo, 1e-12)
    assert_close(module.gap(**at.given), elbo - entropy_sum, 1e-12, abs(float(elbo)))
    along = module.directional_derivative(**at.given)
    assert_close(along, elbo - entropy_sum, 1e-12, abs(float(elbo)))
    gradient = module.gradient(**at.given)
    for key, slope in at.renamed(code.gradients(at.sizes, at.arrays)).items():
        assert_close(gradient[key], slope, 1e-12)


@pytest.mark.parametrize("name", ["weights", "samples"])
def test_a_name_that_the_batch_needs_is_refused(name):
    model = Model("Clash")
    s = model.parameter(name)
    model.observed("x", Normal(mean=0, variance=exp(s)))
    with pytest.raises(InputError, match=f"{name}: stands for the batch's own"):
        ep.codegen(ep.prove(model))


# derivatives --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["gaussian_mixture", "von_mises_mixture"])
def test_jitted_functions_and_jax_grad(name):
    at, module = catalogue_case(name), generated(name, "jax")
    gradient = jax.jit(module.gradient)(**at.given)
    slopes = jax.jit(jax.grad(lambda moving, rest: module.elbo(**moving, **rest)))(
        {k: at.given[k] for k in gradient},
        {k: v for k, v in at.given.items() if k not in gradient},
    )
    for key, slope in slopes.items():
        assert_close(gradient[key], slope, 1e-10)
    gap = jax.jit(module.gap)(**at.given)
    assert_close(gap, module.directional_derivative(**at.given), 1e-10)


def test_sizes_are_static_under_jit():
    at, module = catalogue_case("multinomial_mixture"), generated("multinomial_mixture", "jax")
    found = jax.jit(module.elbo, static_argnames=("n",))(**at.given)
    assert_close(found, module.elbo(**at.given), 1e-12)


@pytest.mark.parametrize("name", ["ppca", "gamma_gamma", "vae_1"])
def test_complex_steps(name):
    at, module = catalogue_case(name), generated(name, "numpy")
    for key, slope in module.gradient(**at.given).items():
        at_key = np.asarray(at.given[key])
        for place in np.ndindex(at_key.shape):
            moved = at_key.astype(complex)
            moved[place] += 1e-30j
            step = module.elbo(**{**at.given, key: moved}).imag / 1e-30
            assert step == pytest.approx(slope[place], rel=1e-10, abs=1e-12)


def test_jax_keeps_the_precision_of_its_arguments():
    at, module = catalogue_case("gaussian_mixture"), generated("gaussian_mixture", "jax")
    single = {
        k: np.asarray(v, dtype=np.float32) if np.asarray(v).dtype.kind == "f" else v
        for k, v in at.given.items()
    }
    assert module.elbo(**at.given).dtype == np.float64
    for given in (single, {k: v for k, v in single.items() if k != "weights"}):
        for slope in (module.gap(**given), *module.gradient(**given).values()):
            assert slope.dtype == np.float32


def test_torch_takes_parameters_of_any_precision():
    at, module = catalogue_case("ppca"), generated("ppca", "torch")
    mu = torch.zeros(2, dtype=torch.float32, requires_grad=True)
    value = module.elbo(**{**at.given, "mu": mu})
    assert value.dtype == torch.float64
    value.backward()
    expected = module.gradient(**{**at.given, "mu": np.zeros(2)})["mu"]
    assert_close(mu.grad, expected.float(), 1e-6)
