"""The gap identity on proofs, proofs that are wrong, and data that cannot be used."""

import dataclasses
from unittest import mock

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st

from entropy_proofs import (
    Bernoulli,
    Categorical,
    Dirichlet,
    InputError,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    compile,
    cos,
    exp,
    eye,
    sqrt,
)
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.model_code import IdentityParts, ProofCode
from entropy_proofs.evaluate.random_values import random_instance
from entropy_proofs.model import catalogue
from entropy_proofs.points.em_path import gaussian_mixture_em_path
from entropy_proofs.points.verify import verify
from entropy_proofs.proving.proof import prove

MODELS = (
    "ppca",
    "factor_analysis",
    "gaussian_mixture",
    "poisson_mixture",
    "sigmoid_belief_network",
    "sparse_coding",
    "sparse_coding_unit_prior",
    "vae_0",
    "vae_1",
    "vae_2",
    "vae_3",
    "hmm_gaussian",
    "linear_dynamical_system",
    "diffusion_chain",
)


@pytest.fixture(scope="module")
def codes():
    return {name: ProofCode(prove(catalogue.load(name))) for name in MODELS}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(MODELS),
    st.lists(st.integers(1, 4), min_size=8, max_size=8),
    st.integers(0, 2**32 - 1),
)
def test_the_gap_identity_holds_for_all_sizes_parameters_and_weights(
    codes, name, given_sizes, seed
):
    code = codes[name]
    numbers = iter(given_sizes)
    sizes = {d: max(2, next(numbers)) if d == "T" else next(numbers) for d in code.model.dims_}
    sizes |= {POINTS.name: 1 + seed % 4, SAMPLES.name: 1 + seed % 3}
    sides = code.identity(sizes, random_instance(code, np.random.default_rng(seed), sizes))
    assert sides.residual <= 1e-12
    assert sides.gap == pytest.approx(sides.predicted_gap, abs=1e-11 * (1 + sides.scale))


@pytest.mark.parametrize("name", MODELS)
def test_the_identity_holds_in_fifty_digits(name):
    found = verify_points(prove(catalogue.load(name)))
    assert found.max_identity_residual <= 1e-12
    assert found.max_identity_residual_mpmath <= 1e-40


def verify_points(proof):
    """The random points only."""
    nothing = {"fitted": mock.Mock(return_value=None), "FITS": {}}
    with mock.patch.multiple("entropy_proofs.points.verify", **nothing):
        return verify(proof, points=4)


def changed(proof, what, factor):
    """The proof with one entropy, base measure, direction or flow rate multiplied."""
    identity = proof.identity
    if what == "field":
        first, *rest = identity.field
        new = dataclasses.replace(first, element=first.element * factor)
        identity = dataclasses.replace(identity, field=(new, *rest))
    elif what == "flow":
        first, *rest = identity.flows
        new = dataclasses.replace(first, rate=first.rate * factor)
        identity = dataclasses.replace(identity, flows=(new, *rest))
    else:
        terms = list(identity.terms)
        terms[-1] = dataclasses.replace(
            terms[-1], **{what: getattr(terms[-1], what) * factor + factor - 1}
        )
        identity = dataclasses.replace(identity, terms=tuple(terms))
    return dataclasses.replace(proof, identity=identity)


@pytest.mark.parametrize("factor", [-1, sp.Rational(101, 100), 2])
@pytest.mark.parametrize("what", ["field", "flow", "entropy", "log_base_measure"])
def test_a_wrong_proof_fails(what, factor):
    proof = changed(prove(catalogue.load("ppca")), what, factor)
    found = verify_points(proof)
    assert found.max_identity_residual > 1e-6
    assert found.max_identity_residual_mpmath > 1e-6
    assert not found.passed


def test_a_wrong_proof_fails_at_its_stationary_point():
    proof = poisson_model()
    data = [[0, 3], [2, 1], [1, 4]]
    assert verify(proof, data=data, points=1).passed
    found = verify(changed(proof, "entropy", 2), data=data, points=1)
    (point,) = found.stationary_points
    assert not found.passed
    assert not point.holds
    assert abs(point.gap) > 1e-6


def test_a_proof_of_nothing_does_not_pass():
    proof = dataclasses.replace(prove(catalogue.load("ppca")), identity=None)
    found = verify(proof)
    assert found.points == 0
    assert not found.passed


@pytest.mark.parametrize("name", ["poisson_mixture", "sigmoid_belief_network", "vae_1"])
def test_verification_passes_on_real_data(name):
    found = verify(prove(catalogue.load(name)), points=2)
    assert found.passed
    (point,) = found.stationary_points
    assert point.kind == "maximum"
    assert point.gradient_norm < 1e-6
    assert abs(point.gap) < 1e-6
    record = found.as_dict()
    assert record["passed"] is True
    assert {"model", "points", "max_identity_residual", "stationary_points"} <= set(record)
    assert {"elbo", "entropy_sum", "gap", "gradient_norm", "kind"} <= set(
        record["stationary_points"][0]
    )


def local_linear_trend():
    """Real data in a handful of columns put one of its variances on its bound."""
    m = Model("Local linear trend")
    T = m.dims("T")
    noise, level, slope, first = (m.parameter(f"v{k}", domain="positive") for k in range(4))
    a, _ = m.chains(
        ("a", "b"),
        initial=(Normal(mean=m.parameter("a0"), variance=first), Normal(mean=0, variance=slope)),
        transition=lambda previous: (
            Normal(mean=previous[0] + previous[1], variance=level),
            Normal(mean=previous[1], variance=slope),
        ),
        length=T,
    )
    m.observed("y", Normal(mean=a, variance=noise), T)
    return m


def many_joint_states():
    """Twelve bits for each data point."""
    m = Model("DINA")
    N, J, K = m.dims("N", "J", "K")
    p = m.parameter("p", K, domain="unit interval")
    s, g = m.parameter("s", J, domain="unit interval"), m.parameter("g", J, domain="unit interval")
    m.latent("a", Bernoulli(probability=p), N, K)
    e = m.latent("e", Bernoulli(probability=m.parameter("r", J, domain="unit interval")), N, J)
    m.observed("x", Bernoulli(probability=(1 - s) * e + g * (1 - e)), N, J)
    return m


def nothing_learned():
    """A prior that flows, and q its exact posterior: F has no coordinates."""
    m = Model("Nothing learned")
    m.latent("z", Normal(mean=0, variance=1))
    m.observed("x", Bernoulli(probability=0.5))
    return m


def nonlinear_growth():
    """Gordon, Salmond & Smith (1993): real data put the variance of its first step on its bound."""
    m = Model("Nonlinear growth model")
    first, step, noise = (m.parameter(n, domain="positive") for n in "pqr")
    z = m.chain(
        "z",
        initial=Normal(mean=0, variance=first),
        transition=lambda z, t: Normal(
            mean=z / 2 + 25 * z / (1 + z**2) + 8 * cos(1.2 * t), variance=step
        ),
        length=(T := m.dims("T")),
    )
    m.observed("x", Normal(mean=z**2 / 20, variance=noise), T)
    return m


def latent_space():
    """Hoff, Raftery & Handcock (2002): every actor is at no distance from itself."""
    m = Model("Latent space network")
    N, H = m.dims("N", "H")
    a, v = m.parameter("a"), m.parameter("v", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=v), N, H)
    distance = sqrt(((z[:, None, :] - z[None, :, :]) ** 2).sum(axis=-1))
    m.observed("y", Bernoulli(logits=a - distance), N, N)
    return m


def one_by_one():
    """The inverse of a known matrix of one element has no index that is left."""
    m = Model("One by one")
    s = m.parameter("s", domain="positive")
    z = m.latent("z", MultivariateNormal(mean=0, covariance=eye(1)))
    m.observed("x", Normal(mean=m.parameter("w") * z.sum(), variance=s))
    return m


def of_sizes(log_variance):
    """A proof that asks for sizes."""
    m = Model("of sizes")
    D = m.dims("D")
    m.observed("x", Normal(mean=0, variance=exp(log_variance(D, m.parameter("w")))), D)
    return m


def not_one_or_two():
    """Proved where (D - 1) (D - 2) is not zero."""
    return of_sizes(lambda D, w: (D - 1) * (D - 2) * w)


def undefined_at_two():
    """Proved, and no density, where D = 2."""
    return of_sizes(lambda D, w: w / (D - 2))


@pytest.mark.parametrize(
    "build",
    [
        not_one_or_two,
        undefined_at_two,
        local_linear_trend,
        many_joint_states,
        nothing_learned,
        nonlinear_growth,
        latent_space,
        one_by_one,
    ],
)
def test_verification_finds_a_point_without_options(build):
    assert verify(prove(build()), points=2).passed


@pytest.mark.parametrize("stem", ["ppca", "factor_analysis", "gaussian_mixture"])
def test_scikit_learn_supplies_stationary_points(stem):
    model = catalogue.load(stem)
    model.stem = stem
    found = verify(prove(model), points=1)
    (point,) = found.stationary_points
    assert found.passed
    assert point.fitted_by.startswith("sklearn.")
    assert point.kind == "maximum"
    assert point.gap == pytest.approx(point.predicted_gap, abs=1e-12)


def test_a_model_from_elsewhere_on_given_data():
    model = Model("mixture with shared covariance")
    d, k = model.dims("D", "K")
    weights = model.parameter("a", k, domain="simplex")
    means = model.parameter("b", k, d)
    scatter = model.parameter("C", d, d, domain="positive definite")
    state = model.latent("state", Categorical(probabilities=weights))
    model.observed("v", MultivariateNormal(mean=means[state], covariance=scatter))
    rng = np.random.default_rng(0)
    data = rng.normal(size=(60, 2)) + 3 * rng.integers(0, 2, (60, 1))
    found = verify(prove(model), data=data, points=2)
    assert found.passed
    assert found.stationary_points[0].dataset.startswith("given data")


def test_expectation_maximisation_shows_the_identity_at_every_step():
    path = gaussian_mixture_em_path(steps=12)
    np.testing.assert_allclose(path.gap, path.directional_derivative, atol=1e-13)
    assert np.all(np.diff(path.elbo) > -1e-12)
    assert path.gap[0] > 1e-3
    np.testing.assert_allclose(path.elbo - path.entropy_sum, path.gap, atol=1e-13)


def one_share():
    """A simplex of one share: F, S and v . grad F are zero, and what is added up to them is not."""
    m = Model("one share")
    m.latent("t", Dirichlet(concentration=m.parameter("a", 1, domain="positive")))
    return m


def test_what_is_zero_is_compared_to_what_was_added():
    assert verify(prove(one_share())).passed
    for factor in (1 + sp.Rational(1, 10**9), 2):
        found = verify(changed(prove(one_share()), "entropy", factor))
        assert found.max_identity_residual > 0.1
        assert found.max_identity_residual_mpmath > 0.1


def test_a_small_scale_is_no_rounding():
    """Only where the scale is lost in what was added does that take its place."""
    parts = IdentityParts(3e-12, 1e-12, {"a": 1e-12}, 1e-12, lambda: 1.0, 2e-16)
    assert parts.residual == pytest.approx(1 / 3)
    assert (
        dataclasses.replace(parts, elbo=3e-15, entropy_sum=0.0, shares={}, moved=0.0).residual
        < 1e-14
    )


def test_sizes_that_a_proof_excludes_are_refused_by_name():
    proof = prove(not_one_or_two())
    with pytest.raises(InputError, match=r"^D = 2: the proof holds only where .* ≠ 0$"):
        verify(proof, data=np.ones((4, 2)) + np.eye(4, 2))
    assert verify(proof, data=np.ones((4, 3)) + np.eye(4, 3), points=1).passed


def test_that_no_random_point_meets_the_conditions_is_said():
    proof = prove(not_one_or_two())
    (never,) = (dataclasses.replace(c, value=sp.S.Zero) for c in proof.conditions)
    found = verify(dataclasses.replace(proof, conditions=type(proof.conditions)([never])))
    assert not found.passed
    assert found.reason.startswith("no random sizes and values were found where F is a number and")


# data that cannot be used -------------------------------------------------------------------------
def poisson_model():
    model = Model("counts")
    d = model.dims("D")
    rate = model.parameter("rate", d, domain="positive")
    model.observed("x", Poisson(rate=rate), d)
    return prove(model)


BAD = [
    ([[1.0, float("nan")]], "x: contains NaN"),
    ([[1.0, float("inf")]], "x: contains NaN or infinity"),
    ([[1.0, -2.0]], "x: the value -2 is outside its support"),
    ([[1.5, 2.0]], "x: must be whole numbers"),
    ([1.0, 2.0], r"x: the data have shape \(2,\), not \(N, D\)"),
    (np.zeros((0, 2)), "x: the data have shape"),
    ([["a", "b"]], "x: is not an array of numbers"),
    ({"y": [[1.0]]}, "x: no data given"),
    ({"x": [[1.0]], "y": [[1.0]]}, "y: no such observed"),
]


@pytest.mark.parametrize(("data", "message"), BAD)
def test_bad_data_are_refused_by_name(data, message):
    with pytest.raises(InputError, match=message):
        verify(poisson_model(), data=data)


def test_contradictory_widths_are_refused():
    model = Model("two views")
    d = model.dims("D")
    mean = model.parameter("mean", d)
    scale = model.parameter("scale", domain="positive")
    model.observed("x", Normal(mean=mean, variance=scale), d)
    model.observed("y", Normal(mean=mean, variance=scale), d)
    proof = prove(model)
    with pytest.raises(InputError, match="y: the data are 3 wide, but D is 2"):
        verify(proof, data={"x": np.ones((4, 2)), "y": np.ones((4, 3))})
    with pytest.raises(InputError, match="y: 5 data points, but 4"):
        verify(proof, data={"x": np.ones((4, 2)), "y": np.ones((5, 2))})
    with pytest.raises(InputError, match="data: give a dict"):
        verify(proof, data=np.ones((4, 2)))


def test_binary_and_unit_data_are_checked():
    model = Model("coin")
    p = model.parameter("p", domain="unit interval")
    model.observed("x", Bernoulli(probability=p))
    proof = prove(model)
    with pytest.raises(InputError, match="x: the value 2 is outside its support"):
        verify(proof, data=[0, 1, 2])
    assert verify(proof, data=[[0], [1], [1]], points=1).passed


def test_a_parameter_may_be_called_elbo():
    model = Model("m")
    D = model.dims("D")
    mean = model.parameter("elbo", D)
    variance = model.parameter("entropy_sum", domain="positive")
    model.observed("x", Normal(mean=mean, variance=variance), D)
    code = compile(prove(model))
    at = {"elbo": np.array([1.0, 2.0]), "entropy_sum": 3.0, "x": np.array([[0.0, 1.0], [4.0, 2.0]])}
    residual = at["x"] - at["elbo"]
    value, gradient = code.value_and_gradient(at)
    assert value == pytest.approx(-np.log(6 * np.pi) - (residual**2).sum() / 12)
    np.testing.assert_allclose(gradient["elbo"], residual.mean(axis=0) / 3)
    assert code.gap(at) == pytest.approx(code.directional_derivative(at), rel=1e-12)


@pytest.mark.parametrize(("scale", "passed"), [(0.3, False), (3.0, True)])
def test_an_optimum_where_a_condition_of_the_proof_fails_does_not_pass(scale, passed):
    """Of narrow data the best w is 0, where the field on w, which divides by it, has its pole."""
    model = Model("a floor under a variance")
    w = model.parameter("w")
    model.observed("x", Normal(mean=0, variance=1 + w**2))
    proof = prove(model)
    assert [str(c) for c in proof.conditions] == ["w ≠ 0"]
    found = verify(proof, np.random.default_rng(0).normal(size=30) * scale)
    (point,) = found.stationary_points
    assert point.gradient_norm < 1e-6
    assert found.passed is passed
    assert (abs(point.gap) < 1e-6) is passed
    assert ("a condition of the proof fails there" in found.reason) is not passed
