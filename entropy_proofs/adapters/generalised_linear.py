"""scikit-learn's logistic and Poisson regression: their penalty is a regulariser."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import (
    Arrays,
    FittedModel,
    Regulariser,
    check_plain,
    fitted_array,
)
from entropy_proofs.adapters.linear_regressions import regression_data
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array


def logistic_regression(fitted: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `LogisticRegression` with an L2 penalty or none: F is the log likelihood of all labels."""
    coefficients = fitted_array(fitted, "coef_")
    classes = np.asarray(fitted.classes_)
    check_plain(fitted, class_weight=None)
    strength = _strength(fitted)
    binary = len(classes) == 2
    apart = fitted.solver == "liblinear"  # penalises the intercept, and one class against the rest
    if apart and not binary:
        raise InputError("LogisticRegression: solver='liblinear' fits each class by itself")
    if y is None:
        raise InputError("LogisticRegression: y is needed: audit(fitted, X, y=y)")
    given = np.asarray(y)
    alike = given.dtype.kind == classes.dtype.kind
    if not alike or not np.isin(given, classes).all():
        raise InputError(f"y: has labels that are none of classes_ {classes.tolist()[:10]}")
    of_class = np.searchsorted(classes, given)
    x, labels = regression_data("LogisticRegression", X, of_class, lengths, coefficients.shape[1])
    intercepts = fitted_array(fitted, "intercept_") if fitted.fit_intercept else None
    name = "logistic_regression" if binary else "multinomial_logistic_regression"
    if binary:
        coefficients = coefficients[0]
    of_intercept = strength / float(fitted.intercept_scaling) ** 2 if apart else 0.0
    weights = coefficients.T
    return _regression(fitted, name, x, labels, weights, intercepts, strength, of_intercept)


def poisson_regression(fitted: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `PoissonRegressor`: F is the log likelihood of all counts."""
    coefficients = fitted_array(fitted, "coef_")
    x, counts = regression_data("PoissonRegressor", X, y, lengths, len(coefficients))
    if (counts < 0).any() or (counts != np.round(counts)).any():
        raise InputError("y: a Poisson likelihood is of whole numbers from 0 on")
    intercept = np.array([fitted.intercept_], float) if fitted.fit_intercept else None
    strength = float(fitted.alpha) * len(x)
    return _regression(fitted, "poisson_regression", x, counts, coefficients, intercept, strength)


def _strength(fitted: Any) -> float:
    """Of the penalty ½ strength |coef_|².

    Raises:
        InputError: it is another penalty.
    """
    if not fitted.C > 0:
        raise InputError(f"LogisticRegression: C={fitted.C!r} is not positive")
    penalty = getattr(fitted, "penalty", "l2")
    mixed = getattr(fitted, "l1_ratio", None) or 0.0
    if penalty is None or not np.isfinite(fitted.C):
        return 0.0
    if mixed or penalty not in {"l2", "deprecated"}:
        raise InputError("LogisticRegression: an L1 penalty has kinks, which are not audited")
    return 1 / float(fitted.C)


def _regression(
    fitted: Any,
    model: str,
    x: Array,
    targets: Array,
    coefficients: Array,
    intercepts: Array | None,
    strength: float,
    of_intercept: float = 0.0,
) -> FittedModel:
    """The intercept is the weight of a last column of ones, with a penalty of its own or none."""
    free = slice(-1) if intercepts is not None else slice(None)
    name = "w" if coefficients.ndim == 1 else "W"
    weights, blocks = coefficients, [("coef_", free)]
    strengths = np.full(len(coefficients), strength)
    if intercepts is not None:
        row = intercepts[0] if coefficients.ndim == 1 else intercepts
        weights = np.concatenate([coefficients, np.asarray(row)[None]])
        strengths = np.append(strengths, of_intercept)
        x = np.column_stack([x, np.ones(len(x))])
        blocks.append(("intercept_", slice(-1, None)))
    option = "alpha" if model == "poisson_regression" else "C"
    penalty = Regulariser(option, partial(_pull, name, strengths), partial(_value, name, strengths))
    return FittedModel(
        estimator=type(fitted).__name__,
        model=model,
        parameters={name: weights},
        known={"Phi": x},
        data=({"y": targets[None]},),
        blocks={name: tuple(blocks)},
        rows=len(targets),
        regularisers=(penalty,) if strength else (),
    )


def _pull(name: str, strengths: Array, parameters: Arrays) -> dict[str, Array]:
    """∇R of R = -½ sum_r strengths_r |w_r|²."""
    return {name: -(strengths * parameters[name].T).T}


def _value(name: str, strengths: Array, parameters: Arrays) -> float:
    return -float(np.sum(strengths * parameters[name].T ** 2)) / 2
