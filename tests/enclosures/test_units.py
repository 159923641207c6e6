"""A latent's units and origin: parameters that undo their change are found, and F stands still."""

import numpy as np
import pytest
from flint import arb, ctx

from entropy_proofs import Laplace, Model, MultivariateNormal, Normal, diag, exp
from entropy_proofs.code.backends.dual import Dual
from entropy_proofs.enclosures import units
from entropy_proofs.enclosures.comparison import number
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.model import catalogue
from entropy_proofs.points.fits import set_up
from entropy_proofs.points.stationary import FreeObjective, q_for
from entropy_proofs.proving.proof import prove
from entropy_proofs.reporting.enclosed_instances import enclose_instance


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 128
    yield
    ctx.prec = before


def slopes(proof, seed=0):
    """F's slope along each generator, at a point where it is not stationary, and the |terms|."""
    code, rng = ProofCode(proof), np.random.default_rng(seed)
    problem = set_up(code, None, {"T": 2} if "T" in proof.model.dims_ else {}, rng, most=(4, 4))
    q = q_for(code, problem.sizes, {**problem.given, **problem.start}, rng)
    learned = {p.name for p in code.model.learned().values()}
    objective = FreeObjective(code, problem.sizes, problem.given, learned, q, rng)
    x = objective.start(problem.start)
    point = np.array([Dual(arb(u)) for u in x + 0.1 * rng.normal(size=len(x))], dtype=object)
    exact = objective.lifted(ProofCode(proof, "dual"))
    gradient = np.array([number(g) for g in exact.evaluate(point)[1]])
    rows = list(units.generators(exact, point))
    return [(gradient @ row, np.abs(gradient) @ np.abs(row)) for row in rows]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("vae_hierarchical", 4),  # scales and shifts of both coordinates of z
        ("vae_gaussian_mixture_prior", 4),
        ("sparse_coding_spike_and_slab", 2),  # scales: s z would not be shifted with z
        ("poisson_dynamical_system", 2),  # covariances scale along both axes
        ("vae_1", 0),  # the prior is fixed
        ("ppca", 0),
    ],
)
def test_f_stands_still_along_generators(name, count):
    found = slopes(prove(catalogue.load(name)))
    assert len(found) == count
    for along, terms in found:
        assert along.contains(0)
        assert along.rad() < 1e-25
        assert terms > 1e-3


def two_stages(mean=lambda W, z, b: W @ z + b, known=()):
    """z ~ N(m, v), x ~ N(W z + b, s), some of it known or other."""
    model = Model("two stages")
    D, H = model.dims("D", "H")
    m = model.parameter("m", H, fixed="m" in known)
    v = model.parameter("v", H, domain="positive", fixed="v" in known)
    W = model.parameter("W", D, H, fixed="W" in known)
    b = model.parameter("b", D, fixed="b" in known)
    s = model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=m, variance=v), H)
    model.observed("x", Normal(mean=mean(W, z, b), variance=s), D)
    return model


@pytest.mark.parametrize(
    ("changes", "scaled", "shifted"),
    [
        ({}, {"m": 1, "v": 2, "W": -1}, {"m": 1, "b": -1}),
        ({"known": ("m",)}, {}, {}),
        ({"known": ("v",)}, {}, {"m": 1, "b": -1}),
        ({"known": ("W",)}, {}, {}),
        ({"known": ("b",)}, {"m": 1, "v": 2, "W": -1}, {}),
        ({"mean": lambda W, z, b: W @ (z * z) + b}, {"m": 1, "v": 2, "W": -2}, {}),
        ({"mean": lambda W, z, b: W @ exp(z) + b}, {}, {"m": 1, "W": -1}),
    ],
)
def test_how_parameters_make_up_for_a_latents_units(changes, scaled, shifted):
    model = two_stages(**changes)
    for kind, expected in ((False, scaled), (True, shifted)):
        moves = units.compensation(model, model.variables["z"], kind)
        assert {m.parameter.name: w for m, w in moves} == expected


def test_weighted_bounds_have_no_such_generators():
    """H[q] would not count as much as the volume."""
    assert slopes(prove(catalogue.load("sparse_coding_annealed"))) == []


def test_matrices_scale_along_both_axes():
    model = Model("m")
    H = model.dims("H")
    m, S = model.parameter("m", H), model.parameter("S", H, H, domain="positive definite")
    a = model.parameter("a", H)
    z = model.latent("z", MultivariateNormal(mean=m, covariance=S))
    model.observed("x", Laplace(mean=(a * z).sum(), scale=1))
    moves = units.compensation(model, model.variables["z"], False)
    assert {(m.parameter.name, m.both, w) for m, w in moves} == {
        ("m", False, 1),
        ("S", True, 1),
        ("a", False, -1),
    }


def test_a_chain_of_numbers_has_no_coordinates():
    model = catalogue.load("local_level")
    (z,) = model.latents()
    assert units.compensation(model, z, False) == units.compensation(model, z, True) == []


def test_a_covariance_of_low_rank_scales_by_its_loadings():
    """S = A A^T + diag(d): its inverse meets it, whatever it is written as."""
    model = Model("m")
    H, K = model.dims("H", "K")
    m, A = model.parameter("m", H), model.parameter("A", H, K)
    d = model.parameter("d", H, domain="positive")
    a = model.parameter("a", H)
    z = model.latent("z", MultivariateNormal(mean=m, covariance=A @ A.T + diag(d)))
    model.observed("x", Laplace(mean=(a * z).sum(), scale=1))
    moves = units.compensation(model, model.variables["z"], False)
    assert {(m.parameter.name, w) for m, w in moves} == {("m", 1), ("A", 1), ("d", 2), ("a", -1)}


@pytest.mark.parametrize(
    "name",
    [
        "vae_hierarchical",
        "vae_gaussian_mixture_prior",
        "sparse_coding_spike_and_slab",
        "poisson_dynamical_system",
    ],
)
def test_what_is_flat_for_that_reason_is_proved_to_be(name):
    found = enclose_instance(name, prove(catalogue.load(name)))
    assert found.certified
    assert found.pinned
    assert found.flatness_proved
