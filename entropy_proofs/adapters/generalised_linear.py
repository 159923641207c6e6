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
    if y is None:
        raise InputError("LogisticRegression: y is needed: audit(fitted, X, y=y)")
    given = np.asarray(y)
    alike = given.dtype.kind == classes.dtype.kind
    if not alike or not np.isin(given, classes).all():
        raise InputError(f"y: has labels that are none of classes_ {classes.tolist()[:10]}")
    of_class = np.searchsorted(classes, given)
    x, labels = regression_data("LogisticRegression", X, of_class, lengths, coefficients.shape[1])
    intercepts = fitted_array(fitted, "intercept_") if fitted.fit_intercept else None
    binary = len(classes) == 2
    name = "logistic_regression" if binary else "multinomial_logistic_regression"
    if binary:
        coefficients = coefficients[0]
    return _regression(fitted, name, x, labels, coefficients.T, intercepts, strength)


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
) -> FittedModel:
    """The intercept is the weight of a last column of ones, and has no penalty."""
    free = slice(-1) if intercepts is not None else slice(None)
    name = "w" if coefficients.ndim == 1 else "W"
    weights, blocks = coefficients, [("coef_", free)]
    if intercepts is not None:
        row = intercepts[0] if coefficients.ndim == 1 else intercepts
        weights = np.concatenate([coefficients, np.asarray(row)[None]])
        x = np.column_stack([x, np.ones(len(x))])
        blocks.append(("intercept_", slice(-1, None)))
    option = "alpha" if model == "poisson_regression" else "C"
    own = partial(_pull, name, strength, free), partial(_value, name, strength, free)
    penalty = Regulariser(option, *own)
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


def _pull(name: str, strength: float, free: slice, parameters: Arrays) -> dict[str, Array]:
    """∇R of R = -½ strength |coef_|²."""
    gradient = np.zeros_like(parameters[name])
    gradient[free] = -strength * parameters[name][free]
    return {name: gradient}


def _value(name: str, strength: float, free: slice, parameters: Arrays) -> float:
    return -strength / 2 * float(np.sum(parameters[name][free] ** 2))
