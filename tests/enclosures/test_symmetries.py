"""Flat directions: symmetries are proved, and what is none is not taken for one."""

import dataclasses

import numpy as np
import pytest
import sympy as sp
from flint import arb, arb_mat, ctx

from entropy_proofs import Bernoulli, Model
from entropy_proofs.enclosures import draws
from entropy_proofs.enclosures.comparison import Comparison
from entropy_proofs.enclosures.enclosure import Candidate, certify, enclose
from entropy_proofs.enclosures.quadratic import is_quadratic
from entropy_proofs.enclosures.slices import SymmetrySlice
from entropy_proofs.enclosures.symmetries import (
    Shift,
    _stand_still,
    are_combinations,
    prior_parameters,
    radial,
    shifts,
    spans,
)
from entropy_proofs.evaluate.model_code import ModelCode, ProofCode
from entropy_proofs.model import catalogue
from entropy_proofs.points.fits import set_up
from entropy_proofs.points.stationary import FreeObjective, fit, q_for
from entropy_proofs.proving.proof import prove
from entropy_proofs.reporting.enclosed_instances import enclose_instance


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 256
    yield
    ctx.prec = before


def fitted(name, data, sizes):
    """The objective in balls and an optimum in floats."""
    code, rng = ProofCode(prove(catalogue.load(name))), np.random.default_rng(0)
    problem = set_up(code, data, sizes, rng)
    optimum, said = fit(code, problem.sizes, problem.given, problem.start, set(), rng)
    return ProofCode(code.proof, "dual"), Candidate(optimum.objective, optimum.x, "drawn", said)


@pytest.fixture(scope="module")
def ppca():
    x = draws.correlated(3)(np.random.default_rng(0), {})
    return fitted("ppca", {"x": x}, {"H": 2})


@pytest.mark.parametrize(
    ("name", "pinned"),
    [
        ("ppca", 1),  # a rotation
        ("ppca_learned_prior", 3),  # the same, and the columns' norms
        ("factor_analysis", 3),  # nine numbers for a covariance with six
        ("probabilistic_cca", 4),  # all invertible changes of z
    ],
)
def test_flat_directions_of_gaussian_models_are_proved(name, pinned):
    found = enclose_instance(name, prove(catalogue.load(name)))
    assert found.certified
    assert len(found.pinned) == pinned
    assert found.flatness_proved
    assert found.kind == "maximum"


def test_a_shift_of_all_logits_is_proved_to_be_flat():
    found = enclose(prove(catalogue.load("mixture_of_experts")), attempts=1)
    assert found.certified
    assert [name[0] for name in found.pinned] == ["V", "V"]
    assert found.flatness_proved


def test_a_shift_from_one_array_to_another_is_a_generator():
    code = ProofCode(prove(catalogue.load("factorial_hmm")))
    rng = np.random.default_rng(0)
    problem = set_up(code, None, {"D": 2, "T": 2}, rng, most=(4, 4))
    q = q_for(code, problem.sizes, {**problem.given, **problem.start}, rng)
    learned = {p.name for p in code.model.learned().values()}
    objective = FreeObjective(code, problem.sizes, problem.given, learned, q, rng)
    gradient = objective(objective.start(problem.start))[1]
    found = [row.astype(float) for row in shifts(objective)]
    assert [np.abs(row).sum() for row in found] == [4, 4]  # M[:, d] up, N[:, d] down
    for row in found:
        assert abs(gradient @ row) < 1e-14
        assert abs(gradient @ np.abs(row)) > 1e-3


def test_a_shift_across_a_jump_is_no_symmetry():
    """Almost everywhere the probability stands still as w is shifted."""
    model = Model("signs")
    d = model.dims("D")
    w = model.parameter("w", d)
    model.observed("x", Bernoulli(probability=(2 + sp.sign(w)) / 4), d)
    assert not _stand_still(model, Shift(model.parameters["w"].label, 0))


def test_norms_of_columns_are_proved_to_be_flat():
    found = enclose_instance(
        "ica_generalised_normal", prove(catalogue.load("ica_generalised_normal"))
    )
    assert found.certified
    assert len(found.pinned) == 2
    assert found.flatness_proved


def test_coordinates_that_are_pinned_without_a_symmetry_are_not_proved(ppca):
    exact, candidate = ppca
    system = SymmetrySlice(candidate.objective.lifted(exact), candidate.x)
    system.pin()
    zero = system.zero()
    assert system.pinned_vanish(zero)
    objective, point = system.objective, system._point(zero.box, None)
    names = candidate.objective.names()
    noise, mean = names.index("sigma2"), names.index("mu[0]")
    for wrong in ([noise], [mean], [*system.pinned, noise], [*system.pinned, mean]):
        free = [k for k in range(len(names)) if k not in wrong]
        assert not are_combinations(objective, point, free, wrong) or wrong == []


def test_a_coordinate_pinned_away_from_the_optimum_is_rejected(ppca, monkeypatch):
    exact, candidate = ppca
    k = candidate.objective.names().index("mu[0]")
    pin = SymmetrySlice.pin

    def and_one_more(self):
        pin(self)
        self.pinned.append(k)
        self.free.remove(k)

    monkeypatch.setattr(SymmetrySlice, "pin", and_one_more)
    x = candidate.x.copy()
    x[k] += 1e-8  # small enough to start from, too much to be stationary
    moved = Candidate(candidate.objective, x, "drawn", candidate.stationary_in)
    found = certify(exact, moved, Comparison(exact))
    assert not found.existence_proved
    assert "along what seems flat" in found.reason


def test_merged_components_are_flat_by_no_symmetry():
    proof = prove(catalogue.load("bernoulli_mixture"))
    x = np.repeat(draws.bits(3), [6, 1, 2, 2, 1, 3, 1, 7], axis=0)
    code, exact = ProofCode(proof), ProofCode(proof, "dual")
    problem = set_up(code, {"x": x}, {"K": 2}, np.random.default_rng(0))
    optimum, said = fit(
        code, problem.sizes, problem.given, problem.start, set(), np.random.default_rng(0)
    )
    objective = optimum.objective
    mean = x.mean(axis=0)
    merged = objective.start({"rho": np.array([0.3, 0.7]), "theta": np.array([mean, mean])})
    found = certify(exact, Candidate(objective, merged, "bits", said), Comparison(exact))
    assert found.pinned == ("rho[0]",)
    assert not found.flatness_proved


def test_rows_span_their_space_or_not():
    assert spans(arb_mat([[1, 0], [1, 1], [3, 4]]))
    assert not spans(arb_mat([[1, 2]]))
    assert not spans(arb_mat([[1, 2], [2, 4], [3, 6]]))
    assert not spans(arb_mat([[arb(1, 1), 0], [0, 1]]))
    assert not spans(arb_mat([[arb("nan"), 0], [0, 1]]))


def test_a_model_without_norms_and_logits_has_no_generators(ppca):
    exact, candidate = ppca
    objective = candidate.objective.lifted(exact)
    assert not list(radial(objective, np.zeros(len(candidate.x))))
    assert not list(shifts(objective))


def test_parameters_of_a_prior_are_told_from_those_of_the_likelihood():
    assert prior_parameters(catalogue.load("sigmoid_belief_network_deep")) == (
        {"rho", "V", "a"},
        ["z"],
    )
    assert prior_parameters(catalogue.load("gaussian_mixture")) == ({"rho"}, ["c"])


@pytest.mark.parametrize(("name", "jointly"), [("ppca", True), ("eight_schools", True)])
def test_data_and_latents_are_jointly_quadratic(name, jointly):
    assert is_quadratic(ModelCode(catalogue.load(name)), observed=True) is jointly


# in the field alone -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "name", ["matrix_factorisation", "poisson_factor_analysis", "latent_dirichlet_allocation"]
)
def test_where_no_optimum_is_finite_a_point_is_proved_in_the_field(name):
    found = enclose_instance(name, prove(catalogue.load(name)))
    assert found.certified
    assert found.stationary_in == "the field"
    assert not found.pinned
    assert found.flatness_proved


@pytest.mark.parametrize("what", ["entropy", "log_base_measure"])
def test_a_wrong_proof_is_excluded_in_the_field(what):
    proof = prove(catalogue.load("latent_dirichlet_allocation"))
    first, *rest = proof.identity.terms
    wrong = dataclasses.replace(first, **{what: getattr(first, what) + sp.Rational(1, 10**15)})
    identity = dataclasses.replace(proof.identity, terms=(wrong, *rest))
    found = enclose(dataclasses.replace(proof, identity=identity), attempts=1, field_only=True)
    assert found.existence_proved
    assert not found.contains_zero
    assert not found.certified


# data ---------------------------------------------------------------------------------------------
def test_spread_points_have_the_moments_that_were_asked_for():
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    x = draws.spread(covariance, 3.0)
    np.testing.assert_allclose(x.mean(axis=0), 3)
    np.testing.assert_allclose(np.cov(x.T, bias=True), covariance)


def test_outcomes_come_in_proportion():
    rows = draws.in_proportion(draws.bits(1), np.array([0.25, 0.75]), 10)
    assert rows.shape == (10, 1)
    assert rows.sum() in (7, 8)
    z = draws.independent(np.array([0.2, 0.5]))
    np.testing.assert_allclose(z, [0.4, 0.4, 0.1, 0.1])
    x = draws.caused(z, draws.bits(2), lambda z: np.array([0.9 if z[0] else 0.1]), 100)
    assert x.mean() == pytest.approx(0.2 * 0.9 + 0.8 * 0.1, abs=0.005)


def test_drawn_data_depend_on_the_fixed_arrays():
    proof = prove(catalogue.load("relevance_vector_machine"))
    found = enclose(proof, data=draws.relevant, attempts=1)
    assert found.certified
    assert found.dataset == "drawn data"
