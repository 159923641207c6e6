"""scikit-learn's Gaussian mixtures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import (
    Arrays,
    FittedModel,
    Regulariser,
    each,
    fitted_array,
    table_of,
    whole,
)
from entropy_proofs.adapters.registry import only_x
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array

#: covariance_type -> catalogue model, its parameter of covariances.
KINDS = {
    "full": ("gaussian_mixture", "Sigma"),
    "tied": ("gaussian_mixture_tied", "Sigma"),
    "diag": ("gaussian_mixture_diagonal", "sigma2"),
    "spherical": ("gaussian_mixture_spherical", "sigma2"),
}


def gaussian_mixture(mixture: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `GaussianMixture`: reg_covar, which its M-step adds to covariances, is split off."""
    only_x(mixture, y, lengths)
    found = _point_estimates(mixture, X)
    kind, epsilon = mixture.covariance_type, float(mixture.reg_covar)
    reg_covar = Regulariser("reg_covar", partial(_pull, kind, epsilon))
    return replace(
        found,
        regularisers=(reg_covar,) if epsilon else (),
        altered=partial(_with_reg_covar, kind, epsilon),
    )


def bayesian_gaussian_mixture(
    mixture: Any, X: Any, y: Any = None, lengths: Any = None
) -> FittedModel:
    """A `BayesianGaussianMixture`, as the mixture of the point estimates that it reports."""
    only_x(mixture, y, lengths)
    said = "its priors and its posterior of the parameters: these are its point estimates"
    return replace(_point_estimates(mixture, X), left_out=(said,))


def _point_estimates(mixture: Any, X: Any) -> FittedModel:
    kind = type(mixture).__name__
    rho, mu = (fitted_array(mixture, n) for n in ("weights_", "means_"))
    covariances = fitted_array(mixture, "covariances_")
    model, name = KINDS[mixture.covariance_type]
    K = len(rho)
    shared = mixture.covariance_type == "tied"
    stack, one = (covariances[None], "") if shared else (covariances, "[{}]")
    check_not_collapsed(kind, f"covariances_{one}", stack, name == "Sigma")
    x = table_of(X, mu.shape[1], kind)
    return FittedModel(
        estimator=kind,
        model=model,
        parameters={"rho": rho, "mu": mu, name: covariances},
        data=({"x": x},),
        blocks={
            "rho": each("weights_", K),
            "mu": each("means_", K),
            name: whole("covariances_") if shared else each("covariances_", K),
        },
        rows=len(x),
    )


def check_not_collapsed(estimator: str, name: str, stack: Array, matrices: bool) -> None:
    """Raises InputError if a covariance is singular to rounding, where F is no number.

    name: what the estimator calls one of them, "{}" standing for which.
    """
    for k, own in enumerate(stack):
        least = np.linalg.eigvalsh(own) if matrices else np.atleast_1d(own)
        if not least.min() > np.finfo(float).eps * abs(least).max():
            raise InputError(
                f"{estimator}: {name.format(k)} is singular: its component has collapsed"
            )


def _pull(kind: str, epsilon: float, parameters: Arrays) -> dict[str, Array]:
    """∇R of R = -½ ε Σ_k ρ_k tr inv(Σ_k): where S_k + ε I is the covariance that EM stays at."""
    rho = parameters["rho"]
    if kind in {"full", "tied"}:
        inverse = np.linalg.inv(parameters["Sigma"])
        weight = rho[:, None, None] if kind == "full" else 1.0
        return {"Sigma": epsilon / 2 * weight * (inverse @ inverse)}
    sigma2 = parameters["sigma2"]
    width = 1 if kind == "diag" else parameters["mu"].shape[1]
    weight = rho[:, None] if kind == "diag" else rho
    return {"sigma2": epsilon / 2 * width * weight / sigma2**2}


def _with_reg_covar(kind: str, epsilon: float, parameters: Arrays, counts: Arrays) -> Arrays:
    if kind in {"full", "tied"}:
        Sigma = parameters["Sigma"]
        return {**parameters, "Sigma": Sigma + epsilon * np.eye(Sigma.shape[-1])}
    return {**parameters, "sigma2": parameters["sigma2"] + epsilon}
