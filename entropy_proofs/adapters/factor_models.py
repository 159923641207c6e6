"""scikit-learn's factor analysis, and its PCA as probabilistic PCA."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import (
    Arrays,
    FittedModel,
    Regulariser,
    fitted_array,
    table_of,
    whole,
)
from entropy_proofs.adapters.registry import only_x
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array

FLOOR = 1e-12  # below which FactorAnalysis lets no noise variance fall


def factor_analysis(fitted: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `FactorAnalysis`; a rotation changes nothing of its likelihood.

    The noise variance of a constant column stays at a floor, where F would rise below it.
    """
    only_x(fitted, y, lengths)
    W, mu = fitted_array(fitted, "components_").T, fitted_array(fitted, "mean_")
    psi = fitted_array(fitted, "noise_variance_")
    x = table_of(X, len(mu), "FactorAnalysis")
    return FittedModel(
        estimator="FactorAnalysis",
        model="factor_analysis",
        parameters={"W": W, "mu": mu, "psi": psi},
        data=({"x": x},),
        blocks={
            "W": tuple((f"components_[{h}]", (slice(None), h)) for h in range(W.shape[1])),
            "psi": whole("noise_variance_"),
            "mu": whole("mean_"),
        },
        rows=len(x),
        regularisers=(Regulariser("the floor 1e-12", _floor),) if (psi <= FLOOR).any() else (),
        covariance="full",
        altered=_above_floor,
    )


def _floor(parameters: Arrays) -> dict[str, Array]:
    """∇R of R = ½ Σ log psi_d, over the columns at the floor: what F would gain below it."""
    psi = parameters["psi"]
    return {"psi": np.where(psi <= FLOOR, 0.5 / psi, 0.0)}


def _above_floor(parameters: Arrays, counts: Arrays) -> Arrays:
    return {**parameters, "psi": np.maximum(parameters["psi"], FLOOR)}


def principal_components(pca: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `PCA` as the probabilistic PCA whose likelihood is its `score` (Tipping & Bishop, 1999).

    Its variances divide by N - 1, not by N, which leaves D/(2N).
    """
    only_x(pca, y, lengths)
    components, variances = (fitted_array(pca, n) for n in ("components_", "explained_variance_"))
    sigma2, mu = fitted_array(pca, "noise_variance_"), fitted_array(pca, "mean_")
    if not sigma2 > 0:
        raise InputError("PCA: noise_variance_ is zero, so that X has no density: keep fewer")
    W = components.T * np.sqrt(np.maximum(variances - sigma2, 0))
    x = table_of(X, len(mu), "PCA")
    return FittedModel(
        estimator="PCA",
        model="ppca",
        parameters={"W": W, "mu": mu, "sigma2": sigma2},
        data=({"x": x},),
        blocks={
            "W": tuple((f"explained_variance_[{h}]", (slice(None), h)) for h in range(len(W.T))),
            "mu": whole("mean_"),
            "sigma2": whole("noise_variance_"),
        },
        rows=len(x),
        regularisers=(Regulariser("N - 1", partial(_pull, int(pca.n_samples_))),),
        covariance="full",
    )


def _pull(points: int, parameters: Arrays) -> dict[str, Array]:
    """∇R of R = -tr(inv(C) S')/(2N), S' with N - 1, at PCA's solution: F(S') = F(S) + R."""
    W, sigma2 = parameters["W"], float(parameters["sigma2"])
    inner = np.linalg.inv(W.T @ W + sigma2 * np.eye(W.shape[1]))
    trace = (len(W) - np.trace(W @ inner @ W.T)) / sigma2  # of inv(C)
    return {"W": W @ inner / points, "sigma2": np.asarray(trace / (2 * points))}
