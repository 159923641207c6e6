"""Certificates: points proved to exist, gaps that contain zero, and sums that are wrong."""

import dataclasses

import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx

import entropy_proofs as ep
from entropy_proofs.enclosures.comparison import Comparison
from entropy_proofs.enclosures.enclosure import Candidate, certify, enclose
from entropy_proofs.enclosures.enclosure_records import ball
from entropy_proofs.enclosures.krawczyk import in_box
from entropy_proofs.enclosures.quadratic import is_quadratic
from entropy_proofs.enclosures.slices import SymmetrySlice
from entropy_proofs.evaluate.model_code import ModelCode, ProofCode
from entropy_proofs.model import catalogue
from entropy_proofs.points.fits import set_up
from entropy_proofs.points.stationary import FreeObjective, fit, q_for
from entropy_proofs.points.stationary_points import gradient_root, symmetric_starts
from entropy_proofs.proving.proof import prove
from entropy_proofs.reporting.enclosed_instances import ENTROPIES, enclose_instance

CERTIFIED = (
    "bernoulli_mixture",
    "eight_schools",
    "gamma_distribution",
    "gaussian_mixture_diagonal",
    "hmm_poisson",
    "laplace_scale_mixture",
    "least_absolute_deviations",
    "linear_regression",
    "poisson_log_normal_pca",
    "ppca",
    "sparse_coding_binary",
    "vae_0",
)


def proof_of(name):
    return prove(catalogue.load(name))


@pytest.mark.parametrize("name", CERTIFIED)
def test_the_gap_is_zero_at_a_point_that_is_proved_to_exist(name):
    found = enclose(proof_of(name))
    assert found.existence_proved
    assert found.certified
    assert found.contains_zero
    assert found.gap.radius < 1e-40
    assert len(found.box) == found.unknowns - len(found.pinned)
    assert found.kind in ("maximum", "saddle")
    assert found.as_dict()["certified"] is True


def test_a_known_variance_has_a_gap_that_excludes_zero():
    found = enclose(proof_of("vae_0"))
    assert found.contains_zero  # of the partial sum that was proved
    assert not found.plain_gap.contains_zero
    assert found.plain_gap.radius < 1e-30


@pytest.mark.parametrize("name", ENTROPIES)
def test_refuted_sums_are_excluded_at_a_maximum(name):
    proof = proof_of(name)
    found = enclose_instance(name, proof)
    assert found.existence_proved
    assert not found.plain_gap.contains_zero
    assert not found.certified
    assert enclose(proof).gap is None  # nothing was proved that could be compared


def test_student_t_with_known_degrees_of_freedom_is_compared_with_its_entropy():
    found = enclose(proof_of("student_t_known_dof"))
    assert found.existence_proved
    assert found.gap is None
    assert not found.plain_gap.contains_zero


# wrong sums ---------------------------------------------------------------------------------------
def ppca_sum(proof, **replaced):
    d, h = (n for _, n in sorted(proof.model.dims_.items()))
    sigma2 = proof.model.parameters["sigma2"].label
    half = sp.Rational(1, 2)
    noise = replaced.get("noise", d * half * sp.log(2 * sp.pi * sp.E * sigma2))
    return -h * half * sp.log(2 * sp.pi * sp.E) - noise


def test_a_sum_that_is_wrong_in_the_twentieth_digit_is_excluded():
    proof = proof_of("ppca")
    right = ppca_sum(proof)
    assert enclose(proof, entropy_sum=right).certified
    for wrong in (right + sp.Rational(1, 10**20), -right):
        found = enclose(proof, entropy_sum=wrong, attempts=1)
        assert found.existence_proved
        assert not found.gap.contains_zero
        assert not found.contains_zero
        assert not found.certified


@pytest.mark.parametrize("what", ["entropy", "log_base_measure"])
def test_a_wrong_proof_is_excluded(what):
    proof = proof_of("gamma_distribution")
    (term,) = proof.identity.terms
    term = dataclasses.replace(term, **{what: getattr(term, what) + sp.Rational(1, 10**15)})
    wrong = dataclasses.replace(proof, identity=dataclasses.replace(proof.identity, terms=(term,)))
    found = enclose(wrong, attempts=1)
    assert found.existence_proved
    assert not found.contains_zero


# points that are none -----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def fitted():
    """A Gaussian mixture's code in both numbers, and its optimum."""
    code = ProofCode(proof_of("gaussian_mixture_diagonal"))
    rng = np.random.default_rng(0)
    problem = set_up(code, None, {"D": 2, "K": 2}, rng, most=(16, 6))
    optimum, said = fit(code, problem.sizes, problem.given, problem.start, set(), rng)
    return ProofCode(code.proof, "dual"), Candidate(optimum.objective, optimum.x, "iris", said)


def certified(fitted, x):
    exact, candidate = fitted
    return certify(exact, dataclasses.replace(candidate, x=x), Comparison(exact))


def test_the_optimum_is_certified_and_the_precision_left_alone(fitted):
    before = ctx.prec
    assert certified(fitted, fitted[1].x).certified
    assert ctx.prec == before


@pytest.mark.parametrize("shift", [0.3, np.nan, np.inf])
def test_a_point_that_is_not_stationary_is_not_certified(fitted, shift):
    found = certified(fitted, fitted[1].x + shift)
    assert not found.existence_proved
    assert not found.contains_zero
    assert not found.certified
    assert found.gap is None
    assert "no stationary point" in found.reason


def test_a_box_beside_the_stationary_point_is_not_certified(fitted):
    exact, candidate = fitted
    system = SymmetrySlice(candidate.objective.lifted(exact), candidate.x)
    before, ctx.prec = ctx.prec, 256
    try:
        y = system.zero().box.mid()
        assert in_box(system, y, arb("1e-40")) is not None
        beside = y + y * 0 + arb("1e-20")
        assert in_box(system, beside, arb("1e-30")) is None
    finally:
        ctx.prec = before


def test_records_of_nothing_pass_nothing():
    found = ep.Enclosure("m", {}, "none", "nothing", 0)
    assert not found.contains_zero
    assert not found.certified
    nan = ball(arb("nan"), 10)
    assert not dataclasses.replace(found, existence_proved=True, gap=nan).certified
    wide = ball(arb(0, 1), 10)
    assert not dataclasses.replace(found, existence_proved=True, gap=wide).certified
    unproved = dataclasses.replace(found, existence_proved=False, gap=ball(arb(0), 10))
    assert not unproved.certified


# other points -------------------------------------------------------------------------------------
def test_saddles_are_certified_with_the_signs_of_their_hessian():
    code = ProofCode(proof_of("ppca"))
    rng = np.random.default_rng(0)
    problem = set_up(code, None, {"D": 3, "H": 2}, rng, most=(16, 6))
    q = q_for(code, problem.sizes, {**problem.given, **problem.start}, rng)
    objective = FreeObjective(code, problem.sizes, problem.given, {"W", "mu", "sigma2"}, q, rng)
    exact = ProofCode(code.proof, "dual")
    for start in symmetric_starts(objective, [objective.start(problem.start)]):
        candidate = Candidate(objective, gradient_root(objective, start), "wine", "all")
        found = certify(exact, candidate, Comparison(exact))
        if found.kind == "saddle":
            break
    assert found.kind == "saddle"
    assert found.certified


def test_rotations_are_pinned_and_the_pinned_derivative_vanishes():
    found = enclose(proof_of("ppca"))
    assert len(found.pinned) == 1
    (flat,) = found.pinned_gradient
    assert flat.contains_zero
    assert flat.radius < 1e-30


@pytest.mark.parametrize(
    ("name", "quadratic"),
    [("ppca", True), ("linear_dynamical_system", True), ("vae_1", False), ("rasch", False)],
)
def test_quadratic_log_joints_are_told_from_others(name, quadratic):
    assert is_quadratic(ModelCode(catalogue.load(name))) is quadratic


def test_data_and_sizes_may_be_given():
    x = np.random.default_rng(3).normal(size=(9, 2))
    found = ep.enclose(proof_of("ppca"), data=x, sizes={"H": 1}, digits=12)
    assert found.sizes["data points"] == 9
    assert found.certified
    with pytest.raises(ep.InputError, match="x: contains NaN"):
        enclose(proof_of("ppca"), data=np.full((3, 2), np.nan))


def test_without_a_free_q_there_is_no_point_in_the_field_alone():
    with pytest.raises(ep.InputError, match="field_only: nothing of q"):
        enclose(proof_of("linear_regression"), attempts=1, field_only=True)
