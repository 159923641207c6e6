"""`audit`: has a fitted model converged, and if not, where is what it can still gain?"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import FittedModel, whole
from entropy_proofs.adapters.registry import fitted_model
from entropy_proofs.audits.at_best_q import AtBestQ, AuditPoint, total
from entropy_proofs.audits.audit_record import TOLERANCE, Audit
from entropy_proofs.audits.gaining import left_to_gain
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.admission import whole as whole_number
from entropy_proofs.families.entering import Array
from entropy_proofs.proving.proof import Proof, prove

UPDATES = 10


def audit(
    fitted: Any,
    X: Any,
    lengths: Any = None,
    y: Any = None,
    *,
    quick: bool = False,
    updates: int = UPDATES,
    tolerance: float = TOLERANCE,
) -> Audit:
    """Whether a fitted model of another library is at a stationary point of its likelihood.

    It maps the estimator to a model of the catalogue, takes the best q, and evaluates F, S and
    v·∇F = F - S by the proof's own code; exact updates tell what is left to gain.

    Args:
        fitted: of scikit-learn: GaussianMixture, BayesianGaussianMixture, FactorAnalysis, PCA,
            BayesianRidge, ARDRegression, GaussianProcessRegressor, LogisticRegression,
            PoissonRegressor; of hmmlearn: GaussianHMM, CategoricalHMM, PoissonHMM; of statsmodels:
            results of UnobservedComponents (the local level) and DynamicFactor; of pomegranate:
            GeneralMixtureModel; or what another package has an adapter for.
        X: the data (N, D), those it was fitted to.
        lengths: of the sequences in X, for models of sequences.
        y: the targets (N,) of a regression.
        quick: leave out what is left to gain, which takes `updates` passes over the data or more.
        updates: at most so many exact updates.
        tolerance: `stationary` is at most so many nats left to gain for each row.

    It does not say whether another optimum is better, nor how good the model is.

    Raises:
        InputError: no adapter, an unfitted estimator, or data that do not go with it.

    EM stopped early, and run on:

    >>> import entropy_proofs as ep
    >>> from sklearn.datasets import load_wine
    >>> from sklearn.mixture import GaussianMixture
    >>> X = load_wine().data[:, :4]
    >>> mixture = GaussianMixture(2, tol=1.0, random_state=0).fit(X)
    >>> ep.audit(mixture, X).stationary
    False
    >>> ep.audit(GaussianMixture(2, tol=1e-8, max_iter=1000, random_state=0).fit(X), X).stationary
    True
    """
    found = fitted_model(fitted, X, y, lengths)
    return audit_model(found, quick=quick, updates=updates, tolerance=tolerance)


def audit_model(
    found: FittedModel,
    *,
    quick: bool = False,
    updates: int = UPDATES,
    tolerance: float = TOLERANCE,
) -> Audit:
    """The audit of a model with numbers, wherever they are from."""
    updates = whole_number("updates", updates)
    _check_tolerance(tolerance)
    proof: Proof = prove(found.model)
    if proof.identity is None or not proof.field:
        raise InputError(f"{proof.model.name}: has no field, so that its gap has no shares")
    functions = AtBestQ(proof, found)
    with np.errstate(all="ignore"):  # what is not finite is looked at
        point = functions.at(found.parameters)
        _check_finite(found, point)
        gain = None if quick else left_to_gain(functions, updates)
        pulls = {r.name: _pulled(found, r, point) for r in found.regularisers}
    shares = _shares(found, point)
    for name, pulled in pulls.items():
        if not np.isfinite(total(pulled.values())):
            raise InputError(f"{found.estimator}: what {name} leaves is not finite")
    unshared = {n: s - total(p.get(n, 0.0) for p in pulls.values()) for n, s in shares.items()}
    return Audit(
        estimator=found.estimator,
        model=proof.model.name,
        elbo=point.elbo,
        entropy_sum=point.entropy_sum,
        gap=point.gap,
        predicted_gap=point.predicted_gap,
        shares=shares,
        regularisers={name: total(pulled.values()) for name, pulled in pulls.items()},
        to_gain=None if gain is None else gain.nats,
        steps="" if gain is None else f"{gain.updates} {gain.by}",
        at_least=gain is not None and gain.at_least,
        tolerance=tolerance,
        rows=found.rows,
        points=found.points,
        left_out=found.left_out,
        unshared=unshared,
    )


def _check_tolerance(tolerance: Any) -> None:
    if not isinstance(tolerance, Real) or not 0 <= float(tolerance) < np.inf:
        raise InputError(f"tolerance: {tolerance!r} is not a number of nats from 0 on")


def _check_finite(found: FittedModel, point: AuditPoint) -> None:
    if not np.isfinite([point.elbo, point.entropy_sum, point.predicted_gap]).all():
        raise InputError(f"{found.estimator}: F is not finite: a scale has collapsed")


def _shares(found: FittedModel, point: AuditPoint) -> dict[str, float]:
    """By the estimator's names, in the order in which the model declares its parameters."""
    shares = _by_block(found, point.moved)
    return shares | {f"q({latent})": moved for latent, moved in point.flows.items()}


def _pulled(found: FittedModel, regulariser: Any, point: AuditPoint) -> dict[str, float]:
    """-v·∇R by block."""
    gradients = regulariser.gradient(found.parameters)
    terms = {n: -np.asarray(point.field[n]) * g for n, g in gradients.items() if n in point.field}
    return _by_block(found, terms)


def _by_block(found: FittedModel, terms: Mapping[str, Array]) -> dict[str, float]:
    return {
        label: total(np.ravel(np.asarray(terms[name])[index]))
        for name in found.parameters
        if name in terms
        for label, index in found.blocks.get(name, whole(name))
    }
