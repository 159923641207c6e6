"""What goes wrong in a fit is said, and nothing of it passes."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from entropy_proofs import Model, Normal, Poisson
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.export.json import verification_record
from entropy_proofs.model import catalogue
from entropy_proofs.points import sklearn_fits
from entropy_proofs.points.fits import FitFailed, fitted_by_sklearn
from entropy_proofs.points.observations import sizes_of
from entropy_proofs.points.stationary import FreeObjective, q_for
from entropy_proofs.points.verify import Verification, verify
from entropy_proofs.proving.proof import prove

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 2))
CONSTANT = np.column_stack([X[:, 0], np.ones(30)])
CLUSTERS = np.repeat([[0.0, 0.0], [5.0, 5.0]], 15, axis=0)


@pytest.fixture(scope="module")
def proofs():
    names = (
        "gaussian_mixture",
        "gaussian_mixture_diagonal",
        "linear_regression",
        "poisson_mixture",
    )
    return {name: prove(catalogue.load(name)) for name in names}


def scalar_gaussian():
    model = Model("Scalar Gaussian")
    m = model.parameter("m")
    s = model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=m, variance=s))
    return prove(model)


# data -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", ["gaussian_mixture", "poisson_mixture"])
def test_not_a_number_anywhere_is_refused(proofs, name, bad):
    data = np.abs(np.round(X))
    data[17, 1] = bad
    with pytest.raises(InputError, match="x: contains NaN or infinity"):
        verify(proofs[name], data=data)


# fits that have no maximum to find ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gaussian_mixture", CONSTANT),  # all covariances are singular
        ("gaussian_mixture", CLUSTERS),  # as is that of either component
        ("gaussian_mixture_diagonal", CONSTANT),
        ("linear_regression", np.ones((10, 2))),
        ("linear_regression", X[:1]),
    ],
)
def test_a_singular_covariance_is_said_and_does_not_pass(proofs, name, data):
    found = verify(proofs[name], data=data, points=1)
    assert not found.passed
    assert found.max_identity_residual <= 1e-12  # the identity itself is as right as ever
    assert found.stationary_points == ()
    assert any(said in found.reason for said in ("went to zero", "not positive definite", "bound"))
    assert verification_record(proofs[name], found)["passed"] is False


def test_one_value_many_times_has_no_maximum():
    found = verify(scalar_gaussian(), data=np.full(20, 3.0), points=1)
    assert not found.passed
    assert "s went to zero on given data" in found.reason


def test_data_whose_squares_overflow_do_not_pass():
    found = verify(scalar_gaussian(), data=1e200 * X[:, 0], points=1)
    assert not found.passed
    assert found.reason


def test_small_and_large_units_are_fine():
    """What counts as a collapsed scale is measured against the data."""
    for scale in (1e-6, 1e6):
        found = verify(scalar_gaussian(), data=scale * (1 + X[:, 0]), points=1)
        assert found.passed, found.reason


def test_an_optimiser_that_does_not_converge_is_said(proofs):
    """Counts so large that a step of F is less than its rounding error."""
    found = verify(proofs["poisson_mixture"], data=np.full((10, 2), 1e17), points=1)
    assert not found.passed
    assert "did not converge on given data: |∇F| = " in found.reason


# components that die ------------------------------------------------------------------------------
def test_responsibilities_that_all_underflow_are_no_point(proofs):
    """Both components are so far away that every density is zero: 0/0 must not pass as a weight."""
    code = ProofCode(proofs["gaussian_mixture"])
    given = {"x": X}
    sizes = sizes_of(code.model, given, {"K": 2})
    values = {
        "rho": np.array([0.5, 0.5]),
        "mu": np.full((2, 2), 1e200),
        "Sigma": np.stack([np.eye(2), np.eye(2)]),
    }
    q = q_for(code, sizes, {**given, **values}, RNG)
    objective = FreeObjective(code, sizes, given, set(values), q, RNG)
    value, gradient = objective(objective.start(values))
    assert not (np.isfinite(value) and np.all(np.isfinite(gradient)))


def test_an_estimator_that_gives_up_is_no_internal_error(proofs, monkeypatch):
    """scikit-learn's own EM, on points that leave a component without any spread."""
    monkeypatch.setattr(sklearn_fits, "table", lambda name: CLUSTERS)
    code = ProofCode(proofs["gaussian_mixture"])
    with pytest.raises(FitFailed, match="ill-defined"):
        fitted_by_sklearn(code, "gaussian_mixture")
    found = verify(proofs["gaussian_mixture"], points=1)
    assert not found.passed
    assert "ill-defined" in found.reason


# what a verification may not overlook ---------------------------------------------------------------
def passed(**changes) -> Verification:
    found = verify(scalar_gaussian(), data=X[:, 0], points=1)
    assert found.passed
    assert found.reason == ""
    return dataclasses.replace(found, **changes)


def test_no_stationary_point_is_no_success():
    assert not passed(stationary_points=()).passed
    lost = passed(stationary_points=(), failure="it went away")
    assert lost.reason == "it went away"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"points": 0}, "nothing to check"),
        ({"max_identity_residual": math.nan}, "by nan, relatively, at a random point"),
        ({"max_identity_residual": 1e-6}, "by 1.0e-06, relatively, at a random point"),
        ({"max_identity_residual_mpmath": math.inf}, "by inf, relatively, at a random point"),
    ],
)
def test_a_wrong_number_at_random_points_fails_with_its_reason(changes, reason):
    found = passed(**changes)
    assert not found.passed
    assert reason in found.reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"elbo": math.nan, "residual": math.nan}, "left the finite numbers"),
        ({"gradient_norm": math.inf}, "left the finite numbers"),
        ({"gradient_norm": 0.1}, "did not converge on given data: |∇F| = 1.0e-01"),
        ({"residual": 1e-3}, "F - S differs from v·∇F by 1.0e-03"),
        ({"residual": math.nan}, "F - S differs from v·∇F by nan"),
    ],
)
def test_a_wrong_number_at_a_stationary_point_fails_with_its_reason(changes, reason):
    (point,) = passed().stationary_points
    found = passed(stationary_points=(dataclasses.replace(point, **changes),))
    assert not found.passed
    assert reason in found.reason


def test_a_failed_fit_is_shown_on_the_page():
    from rich.console import Console

    from entropy_proofs.export.text import verification_text

    proof = scalar_gaussian()
    console = Console(width=100)
    with console.capture() as captured:
        console.print(verification_text(proof, verify(proof, data=np.ones(9), points=1)))
    assert "Scalar Gaussian: failed" in captured.get()
    assert "s went to zero on given data, so F has no maximum there" in captured.get()


def test_counts_that_are_all_zero_are_no_crash():
    model = Model("counts")
    r = model.parameter("r", domain="positive")
    model.observed("x", Poisson(rate=r))
    found = verify(prove(model), data=np.zeros(12), points=1)
    (point,) = found.stationary_points
    assert abs(point.gap) < 1e-5  # the maximum is at the border, and F and S go to zero together
    assert abs(point.elbo) < 1e-5
