"""statsmodels' structural time series: the local level model."""

from __future__ import annotations

from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import FittedModel, check_finite, whole
from entropy_proofs.adapters.registry import only_x
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import real_array

_NAMES = ("sigma2.irregular", "sigma2.level")


def local_level(results: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """The results of `UnobservedComponents(y, "llevel")`: F is their `llf`.

    Observations that the likelihood leaves out, since the level's start is diffuse, are where the
    model's chain starts from.
    """
    only_x(results, y, lengths)
    kind = "UnobservedComponentsResults"
    names = tuple(getattr(results.model, "param_names", ()))
    if names != _NAMES:
        said = ", ".join(names)
        raise InputError(f"{kind}: parameters {said}: only the local level model is audited")
    series = np.ravel(real_array("X", X))
    if len(series) != results.nobs:
        raise InputError(f"X: has {len(series)} rows, but the results are of {int(results.nobs)}")
    check_finite("X", series)
    r, q = map(float, np.asarray(results.params))
    if not min(r, q) > 0:
        raise InputError(f"{kind}: {_NAMES[int(q <= 0)]} is zero: it has collapsed to its bound")
    burn = int(results.loglikelihood_burn)
    predicted = results.filter_results
    if burn < 1:
        raise InputError(f"{kind}: a known start of the level is not audited, only a diffuse one")
    start = float(predicted.predicted_state[0, burn])
    spread = float(predicted.predicted_state_cov[0, 0, burn]) - q
    return FittedModel(
        estimator=kind,
        model="local_level_diffuse",
        parameters={"q": np.asarray(q), "r": np.asarray(r)},
        known={"m": np.asarray(start), "c": np.asarray(spread / r)},
        data=({"x": series[None, burn:]},),
        blocks={"r": whole(_NAMES[0]), "q": whole(_NAMES[1])},
        rows=len(series) - burn,
    )


__all__ = ["local_level"]
