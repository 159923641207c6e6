"""Which adapter serves an estimator, by its class or one that it derives from.

Another package registers its own as an entry point of the group `entropy_proofs.adapters`, whose
name is "package.Class" and whose value is a function of (estimator, X, y, lengths).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import FittedModel
from entropy_proofs.errors import InputError

Adapter = Callable[[Any, Any, Any, Any], FittedModel]  # of (estimator, X, y, lengths)

GROUP = "entropy_proofs.adapters"
#: "the first part of its module.the class's name" -> module:function.
ADAPTERS = {
    "sklearn.GaussianMixture": "gaussian_mixtures:gaussian_mixture",
    "sklearn.BayesianGaussianMixture": "gaussian_mixtures:bayesian_gaussian_mixture",
    "sklearn.FactorAnalysis": "factor_models:factor_analysis",
    "sklearn.PCA": "factor_models:principal_components",
    "sklearn.BayesianRidge": "linear_regressions:bayesian_ridge",
    "sklearn.ARDRegression": "linear_regressions:relevance_determination",
    "sklearn.GaussianProcessRegressor": "gaussian_processes:gaussian_process",
    "sklearn.LogisticRegression": "generalised_linear:logistic_regression",
    "sklearn.PoissonRegressor": "generalised_linear:poisson_regression",
    "hmmlearn.GaussianHMM": "hidden_markov:gaussian_hmm",
    "hmmlearn.CategoricalHMM": "hidden_markov:categorical_hmm",
    "hmmlearn.PoissonHMM": "hidden_markov:poisson_hmm",
    "pomegranate.GeneralMixtureModel": "general_mixtures:general_mixture",
    "statsmodels.DynamicFactorResultsWrapper": "structural:dynamic_factors",
    "statsmodels.UnobservedComponentsResultsWrapper": "structural:local_level",
}


_MISTAKES = (TypeError, ValueError, AttributeError, ArithmeticError, LookupError)


@cache
def _registered() -> dict[str, Any]:
    return {point.name: point for point in entry_points(group=GROUP)}


def adapter_of(estimator: Any) -> Adapter:
    """The adapter for an estimator.

    Raises:
        InputError: there is none for its class or a class that it derives from.
    """
    names = [f"{c.__module__.partition('.')[0]}.{c.__name__}" for c in type(estimator).__mro__]
    others = _registered()
    for name in names:
        if name in others:
            found: Adapter = others[name].load()
            return found
        if name in ADAPTERS:
            own: Adapter = resolve_name(f"entropy_proofs.adapters.{ADAPTERS[name]}")
            return own
    known = ", ".join(sorted({n.partition(".")[2] for n in (*ADAPTERS, *others)}))
    raise InputError(f"audit: no adapter for {names[0]}; there are those of {known}")


def fitted_model(estimator: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A fitted estimator with data as a model with numbers.

    Raises:
        InputError: no adapter, not fitted, or data that do not go with it.
    """
    if isinstance(estimator, type):
        raise InputError(f"{estimator.__name__}: is a class; a fitted estimator is wanted")
    adapter = adapter_of(estimator)
    try:
        found = adapter(estimator, X, y, lengths)
        with np.errstate(all="ignore"):  # what is not finite is told when it counts
            for regulariser in found.regularisers:
                regulariser.gradient(found.parameters)
        return found
    except InputError:
        raise
    except _MISTAKES as error:  # arrays or options that fitting would not have left
        kind = type(estimator).__name__
        said = f"{type(error).__name__}: {error}"
        raise InputError(f"{kind}: its attributes or options are none of a fit ({said})") from error


def only_x(estimator: Any, y: Any, lengths: Any) -> None:
    """For what is fitted to a table alone.

    Raises:
        InputError: y or lengths are given.
    """
    for name, value in (("y", y), ("lengths", lengths)):
        if value is not None:
            raise InputError(f"{type(estimator).__name__}: takes no {name}")
