"""statsmodels' time series: the local level model, and dynamic factors."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from entropy_proofs.adapters.fitted import (
    Arrays,
    Blocks,
    FittedModel,
    Following,
    check_finite,
    check_learned,
    table_of,
    whole,
)
from entropy_proofs.adapters.registry import only_x
from entropy_proofs.arrays.linear_algebra import eye
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array, real_array
from entropy_proofs.families.multivariate import MultivariateNormal
from entropy_proofs.families.scalar import Normal
from entropy_proofs.model.model import Model

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
    check_learned(kind, getattr(results, "fixed_params", None) or ())
    series = np.ravel(real_array("X", X))
    _check_length(series, results)
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


def dynamic_factors(results: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """The results of `DynamicFactor(X, k_factors, factor_order=1)`: F is their `llf`.

    The factors start in their stationary state, whose covariance P follows from the transition A.
    The field moves neither, only loadings and noise, on which P does not depend: so the start
    leaves nothing in the gap, and what A may gain, by P too, is seen in what is left to gain.
    """
    only_x(results, y, lengths)
    kind = "DynamicFactorResults"
    peer, at = results.model, results.filter_results
    _check_served(kind, peer)
    check_learned(kind, getattr(results, "fixed_params", None) or ())
    x = np.asarray(table_of(X, peer.k_endog, kind), float)
    _check_length(x, results)
    loadings, transition, noise = (
        np.array(getattr(at, name)[:, :, 0]) for name in ("design", "transition", "obs_cov")
    )
    if not np.linalg.eigvalsh(noise).min() > 0:
        raise InputError(f"{kind}: the noise of a series is zero: it has collapsed to its bound")
    name, noises = {
        "scalar": ("sigma2", noise[0, 0]),
        "diagonal": ("psi", np.diag(noise)),
        "unstructured": ("Sigma", noise),
    }[peer.error_cov_type]
    known, following = _start(kind, results, transition)
    return FittedModel(
        estimator=kind,
        model=_factor_model(peer.error_cov_type),
        parameters={"A": transition, "Lambda": loadings, name: noises},
        known=known,
        following=following,
        data=({"x": x[None]},),
        blocks={"Lambda": _loadings(peer), name: _noises(peer)},
        rows=len(x),
    )


@cache
def _factor_model(noise: str) -> Model:
    """The dynamic factor model whose first state is N(0, P), P known.

    noise: "scalar", "diagonal" or "unstructured", of the series.
    """
    model = Model("Dynamic factor model with a known start")
    D, H, T = model.dims("D", "H", "T")
    P = model.parameter("P", H, H, domain="positive definite", fixed=True)
    A = model.parameter("A", H, H)
    Lambda = model.parameter("Lambda", D, H)
    f = model.chain(
        "f",
        initial=MultivariateNormal(mean=0, covariance=P),
        transition=lambda previous: MultivariateNormal(mean=A @ previous, covariance=eye(H)),
        length=T,
    )
    mean = f @ Lambda.T
    if noise == "unstructured":
        Sigma = model.parameter("Sigma", D, D, domain="positive definite")
        model.observed("x", MultivariateNormal(mean=mean, covariance=Sigma), T)
        return model
    shared = noise == "scalar"
    size = () if shared else (D,)
    variance = model.parameter("sigma2" if shared else "psi", *size, domain="positive")
    model.observed("x", Normal(mean=mean, variance=variance), T, D)
    return model


def _start(kind: str, results: Any, transition: Array) -> tuple[Arrays, Following | None]:
    """The covariance of the first state: as known, or as it follows from the transition.

    Raises:
        InputError: the first state is neither stationary nor known to be about zero.
    """
    start, at = results.model.ssm.initialization, results.filter_results
    how = getattr(start, "initialization_type", None)
    if how == "stationary" and not results.loglikelihood_burn:
        if not np.abs(np.linalg.eigvals(transition)).max() < 1:
            raise InputError(f"{kind}: the factors' transition has no stationary state")
        return {}, Following(("P",), _stationary, _by_transition)
    covariance = np.array(at.initial_state_cov)
    about_zero = not np.any(at.initial_state)
    definite = np.isfinite(covariance).all() and np.linalg.eigvalsh(covariance).min() > 0
    if how == "known" and about_zero and definite and not results.loglikelihood_burn:
        return {"P": covariance}, None
    raise InputError(
        f"{kind}: only factors that start stationary, or known with mean zero and a positive "
        f"definite covariance, and without loglikelihood_burn, are audited; these start {how}"
    )


def _stationary(parameters: Arrays) -> dict[str, Array]:
    """P = A P A' + I."""
    A = np.asarray(parameters["A"])
    if not np.isfinite(A).all() or not np.abs(np.linalg.eigvals(A)).max() < 1:
        return {"P": np.full(A.shape, np.nan)}
    found = solve_discrete_lyapunov(A, np.eye(len(A)))
    return {"P": (found + found.T) / 2}


def _by_transition(parameters: Arrays, slopes: Arrays) -> dict[str, Array]:
    """2 Y A P for a slope G by P, where Y = A' Y A + G: the adjoint of P's equation."""
    A, slope = np.asarray(parameters["A"]), np.asarray(slopes["P"])
    P = _stationary(parameters)["P"]
    if not (np.isfinite(P).all() and np.isfinite(slope).all()):
        return {"A": np.full(A.shape, np.nan)}
    return {"A": 2 * solve_discrete_lyapunov(A.T, (slope + slope.T) / 2) @ A @ P}


def _loadings(peer: Any) -> Blocks:
    """Each by statsmodels' name for it."""
    names = iter(peer.param_names)
    series, factors = range(peer.k_endog), range(peer.k_factors)
    return tuple((next(names), (d, h)) for d in series for h in factors)


def _noises(peer: Any) -> Blocks:
    """That of each series, where it has one of its own."""
    if peer.error_cov_type != "diagonal":
        return whole("sigma2" if peer.error_cov_type == "scalar" else "error_cov")
    first = peer.k_endog * peer.k_factors
    names = peer.param_names[first : first + peer.k_endog]
    return tuple((name, (d,)) for d, name in enumerate(names))


def _check_served(kind: str, peer: Any) -> None:
    """Raises InputError for options that make it another model."""
    if peer.k_factors < 1:
        raise InputError(f"{kind}: k_factors=0 is not audited, since nothing is latent")
    wanted = {"factor_order": 1, "error_order": 0, "k_exog": 0}
    for option, value in wanted.items():
        if (found := getattr(peer, option)) != value:
            raise InputError(f"{kind}: {option}={found} is not audited, only {value} is")


def _check_length(series: Array, results: Any) -> None:
    if len(series) != results.nobs:
        raise InputError(f"X: has {len(series)} rows, but the results are of {int(results.nobs)}")
