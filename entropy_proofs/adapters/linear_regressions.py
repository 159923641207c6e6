"""scikit-learn's Bayesian linear regressions: the evidence of their precisions."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.adapters.fitted import (
    Arrays,
    FittedModel,
    Regulariser,
    check_finite,
    fitted_array,
    table_of,
    whole,
)
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array, real_array

_HYPERPRIORS = ("alpha_1", "alpha_2", "lambda_1", "lambda_2")


def bayesian_ridge(ridge: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `BayesianRidge`: all data together are one data point, in nats of their evidence.

    Its gamma hyperpriors are split off; with them F + R is its last score.
    """
    x, targets = _centred(ridge, X, y, lengths)
    return _regression(ridge, "bayesian_linear_regression", x, targets)


def relevance_determination(ard: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """An `ARDRegression`, of the features that it kept."""
    x, targets = _centred(ard, X, y, lengths)
    kept = fitted_array(ard, "lambda_") < ard.threshold_lambda
    if not kept.any():
        raise InputError("ARDRegression: all features were dropped: nothing is left to audit")
    return _regression(ard, "relevance_vector_machine", x, targets, kept)


def _regression(
    fitted: Any, model: str, x: Array, targets: Array, kept: NDArray[np.bool_] | None = None
) -> FittedModel:
    alpha, beta = fitted_array(fitted, "lambda_"), fitted_array(fitted, "alpha_")
    a1, a2, l1, l2 = hyper = tuple(float(getattr(fitted, n)) for n in _HYPERPRIORS)
    own, dropped = whole("lambda_"), 0
    if kept is not None:
        own = tuple((f"lambda_[{k}]", (i,)) for i, k in enumerate(np.flatnonzero(kept)))
        dropped = len(kept) - len(own)
        x, alpha = x[:, kept], alpha[kept]
    of_noise = Regulariser(
        "alpha_1, alpha_2",
        lambda p: {"beta": a1 / p["beta"] - a2},
        lambda p: float(a1 * np.log(p["beta"]) - a2 * p["beta"]),
    )
    of_weights = Regulariser(
        "lambda_1, lambda_2",
        lambda p: {"alpha": l1 / p["alpha"] - l2},
        lambda p: float(np.sum(l1 * np.log(p["alpha"]) - l2 * p["alpha"])),
    )
    return FittedModel(
        estimator=type(fitted).__name__,
        model=model,
        parameters={"alpha": alpha, "beta": beta},
        known={"Phi": x},
        data=({"y": targets[None]},),
        blocks={"alpha": own, "beta": whole("alpha_")},
        rows=len(targets),
        regularisers=(*[of_noise] * any((a1, a2)), *[of_weights] * any((l1, l2))),
        covariance="full",
        altered=partial(_with_hyperpriors, hyper, x.shape),
        left_out=(f"the {dropped} features that were dropped",) if dropped else (),
    )


def _with_hyperpriors(
    hyper: tuple[float, ...], shape: tuple[int, int], parameters: Arrays, counts: Arrays
) -> Arrays:
    """From count / mean square to (count + 2 shape) / (mean square + 2 rate)."""
    a1, a2, l1, l2 = hyper
    alpha, beta = parameters["alpha"], parameters["beta"]
    width = shape[1] if np.ndim(alpha) == 0 else 1
    return {
        **parameters,
        "alpha": (width + 2 * l1) / (width / alpha + 2 * l2),
        "beta": (shape[0] + 2 * a1) / (shape[0] / beta + 2 * a2),
    }


def _centred(fitted: Any, X: Any, y: Any, lengths: Any) -> tuple[Array, Array]:
    """Data as the estimator centres them."""
    kind = type(fitted).__name__
    coefficients = fitted_array(fitted, "coef_")
    x, targets = regression_data(kind, X, y, lengths, len(coefficients))
    if not fitted.fit_intercept:
        return x, targets
    offset = np.asarray(fitted.X_offset_, float)
    return x - offset, targets - (float(fitted.intercept_) + offset @ coefficients)


def regression_data(kind: str, X: Any, y: Any, lengths: Any, width: int) -> tuple[Array, Array]:
    """X as (n, width) and numbers y as (n,).

    Raises:
        InputError: they do not go together.
    """
    if lengths is not None:
        raise InputError(f"{kind}: takes no lengths")
    if y is None:
        raise InputError(f"{kind}: y is needed: audit(fitted, X, y=y)")
    x = np.asarray(table_of(X, width, kind), float)
    targets = real_array("y", y)
    if targets.shape != (len(x),):
        raise InputError(f"y: has shape {targets.shape}, but X has {len(x)} rows")
    check_finite("y", targets)
    return x, targets
