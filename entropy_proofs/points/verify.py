"""The numeric check of a proof: random points to high precision, stationary points on real data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entropy_proofs.document.blocks import Block
from entropy_proofs.evaluate.batch import AnalyticBatch, Batch
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_points
from entropy_proofs.families.space_values import Lift
from entropy_proofs.notebook.displays import Displayed, headed, table
from entropy_proofs.points.fits import (
    FitFailed,
    StationaryPoint,
    fitted,
    fitted_by_sklearn,
    points_table,
)
from entropy_proofs.points.observations import observed_data
from entropy_proofs.points.sklearn_fits import FITS
from entropy_proofs.proof.record import check_proof
from entropy_proofs.q.factor import NotAnalytic

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof

TOLERANCE = 1e-12  # of the identity in double precision
TOLERANCE_MPMATH = 1e-40  # with 50 digits


class NoPoint(ArithmeticError):
    """No random point is one that the proof says something of."""


@dataclass(frozen=True)
class Verification(Displayed):
    """What the numeric check of a proof found.

    Attributes:
        points: how many random points were tried.
        max_identity_residual: the largest |F - S - v·∇F| in double precision, relative to the
            largest of |F|, |S| and the sum of the absolute terms of v·∇F.
        max_identity_residual_mpmath: the same with 50 digits.
        failure: why there is no random point, or why the fit ended at none; empty if it did.

    >>> import entropy_proofs as ep
    >>> ep.verify(ep.prove(ep.load("linear_regression")), points=2).points
    2
    """

    model: str
    points: int
    max_identity_residual: float
    max_identity_residual_mpmath: float
    stationary_points: tuple[StationaryPoint, ...]
    failure: str = ""

    @property
    def passed(self) -> bool:
        """Whether something was checked and everything agreed. NaN never does."""
        return (
            self.points > 0
            and self.max_identity_residual <= TOLERANCE
            and self.max_identity_residual_mpmath <= TOLERANCE_MPMATH
            and len(self.stationary_points) > 0
            and all(point.holds for point in self.stationary_points)
        )

    @property
    def reason(self) -> str:
        """Why it did not pass, in one line; empty if it did."""
        if not self.points:
            return self.failure or "nothing to check, since no term became an entropy"
        exact = self.max_identity_residual_mpmath <= TOLERANCE_MPMATH
        if not (exact and self.max_identity_residual <= TOLERANCE):
            worst = self.max_identity_residual if exact else self.max_identity_residual_mpmath
            return f"F - S differs from v·∇F by {worst:.1e}, relatively, at a random point"
        return self.failure or next((p.reason for p in self.stationary_points if p.reason), "")

    def __repr__(self) -> str:
        found = ", ".join(f"{p.kind} on {p.dataset}" for p in self.stationary_points)
        said = "passed" if self.passed else f"failed, {self.reason}"
        points = f"{self.points} random points"
        return f"<Verification of {self.model!r}: {said}; {points}{found and f', {found}'}>"

    def _blocks(self) -> tuple[Block, ...]:
        said = "passed" if self.passed else f"failed, {self.reason}"
        residuals = [
            ("in double precision", f"{self.max_identity_residual:.1e}"),
            ("with 50 digits", f"{self.max_identity_residual_mpmath:.1e}"),
        ]
        heading = f"F - S = v·∇F at {self.points} random points", "largest relative residual"
        checked = [table(heading, residuals)] if self.points else []
        points = [points_table(self.stationary_points)] if self.stationary_points else []
        return (headed(self.model, f": {said}"), *checked, *points)

    def as_dict(self) -> dict[str, Any]:
        """The record that `verify --json` prints."""
        return {**asdict(self), "passed": self.passed}


def verify(
    proof: Proof,
    data: Any = None,
    points: int = 8,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    start: int = 0,
) -> Verification:
    """Check a proof's gap identity at random points, and at stationary points on real data.

    Args:
        data: an array (N, ...) for the only observed variable or {variable: array}; the name of a
            data set of scikit-learn ("iris", "wine" or "digits"), or None for one that fits the
            observed variables' supports.
        points: how many random points to try, each with its own sizes.
        seed: of all random numbers.
        start: which of the optimiser's random initial points to start from; the same seed's
            other numbers do not depend on it.
        sizes: dims that the data leave open, e.g. the number of latents; 2 if not given.

    Raises:
        InputError: the data do not fit; the message names the variable.

    F - S = v·∇F at random points, and F = S at a stationary point on real data:

    >>> import entropy_proofs as ep
    >>> found = ep.verify(ep.prove(ep.load("ppca")), "iris")
    >>> found.passed, found.max_identity_residual < 1e-12
    (True, True)
    """
    check_proof("verify", proof)
    rng = np.random.default_rng(seed)
    restart = np.random.default_rng([seed, start]) if start else None
    batch = _batch_of(proof)
    code = ProofCode(proof, batch=batch)
    named = data if isinstance(data, str) else None
    given = None if data is None or named else observed_data(proof.model, data)
    if proof.identity is None or not proof.identity.terms:
        return Verification(proof.model.name, 0, float("nan"), float("nan"), ())
    exact = ProofCode(proof, "mpmath", batch)
    try:
        residual = max(_random_residual(code, rng) for _ in range(points))
        residual_exact = max(_exact_residual(exact, rng) for _ in range(max(1, points // 4)))
    except NoPoint as error:
        return Verification(proof.model.name, 0, float("nan"), float("nan"), (), str(error))
    stem = getattr(proof.model, "stem", None)
    found: tuple[StationaryPoint, ...] = ()
    failure = ""
    try:
        with np.errstate(all="ignore"):  # what is not finite is looked at, not warned of
            if data is None and stem in FITS:
                found = (fitted_by_sklearn(code, stem, restart),)
            else:
                found = (fitted(code, given, dict(sizes or {}), rng, restart, named),)
    except FitFailed as error:
        failure = str(error)
    return Verification(proof.model.name, points, residual, residual_exact, found, failure)


def _batch_of(proof: Proof) -> Batch:
    """Samples of any q; where q of all latents is declared, and has code, what it is."""
    model = proof.model
    if model.variational_.of.keys() == {v.name for v in model.latents()}:
        try:
            batch = AnalyticBatch(model)
            assert batch.log_joint is not None  # an expectation without closed form shows here
        except NotAnalytic:
            return Batch(model)
        if not (batch.declared and batch.undeclared):
            return batch
    return Batch(model)


# random points ------------------------------------------------------------------------------------
def _random_residual(code: ProofCode, rng: np.random.Generator) -> float:
    with np.errstate(all="ignore"):  # what is not finite is looked at, not warned of
        return _residual(code, rng, 3, np.asarray)


def _exact_residual(code: ProofCode, rng: np.random.Generator) -> float:
    from mpmath import mp

    with mp.workdps(50):
        return _residual(code, rng, 2, np.frompyfunc(mp.mpmathify, 1, 1))


def _residual(code: ProofCode, rng: np.random.Generator, high: int, lift: Lift) -> float:
    """At a random point where F is a number."""
    for sizes, values in random_points(code, rng, high, lift):
        try:
            residual = float(code.identity(sizes, values).residual)
        except ArithmeticError:
            residual = float("inf")
        if np.isfinite(residual):
            return residual
        if _has_elbo(code, sizes, values):
            return float("inf")
    where = " and ".join(["F is a number", *map(str, code.proof.conditions)])
    raise NoPoint(f"no random sizes and values were found where {where}")


def _has_elbo(code: ProofCode, sizes: Mapping[str, int], values: Mapping[str, Any]) -> bool:
    """Whether F, which is no part of the proof, is a number."""
    try:
        return bool(np.isfinite(float(code.elbo(sizes, values))))
    except ArithmeticError:
        return False
