"""The best q in closed form: the exact posterior of a conjugate model.

With q in an exponential family, sufficient statistics T and mean parameters m = E_q[T],

    dF/dm = eta* - eta,

where eta are q's natural parameters and eta* = d E_q[log p(x, z)] / dm.  If log p(x, z) is linear
in T, as in a conjugate model, eta* does not depend on q: eta + dF/dm are the natural parameters of
the exact posterior, from any q (Hoffman et al. 2013, Stochastic variational inference, section
2.3).  So one natural gradient step of length one is enough, and dF/dm follows from F's gradient by
q's own arrays.  Otherwise a second step moves q again, which is how it shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy import ndarray as Array
from scipy import special
from sympy import Symbol

from entropy_proofs.errors import InputError
from entropy_proofs.numeric import factors
from entropy_proofs.numeric.factors import Factor

Arrays = Mapping[str, Array]  # suffix or name -> array (N, ...)

SWEEPS = 10_000
SETTLED = 1e-12  # how much q's arrays may still change, relative to them or to 1
PROOF = 1e-8  # how much a second step may move what the first has put in place


def start(q: Factor, shapes: Mapping[str, Sequence[int]]) -> dict[str, Array]:
    """Some q of the family.

    Args:
        shapes: suffix -> shape, with the data points as its first axis.
    """
    values = {"probability": 0.5, "mean": 0.0}
    found = {suffix: np.full(shape, values.get(suffix, 1.0)) for suffix, shape in shapes.items()}
    if "probabilities" in found:
        found["probabilities"] /= shapes["probabilities"][-1]
    if q.full:
        found["scale"] = np.broadcast_to(np.eye(shapes["scale"][-1]), shapes["scale"]).copy()
    return found


def stepped(q: Factor, arrays: Arrays, slopes: Arrays) -> dict[str, Array]:
    """The arrays of the q with natural parameters eta + dF/dm.

    Args:
        slopes: dF/d of each array, for F in nats (not per data point) in which H[q] counts once.

    Raises:
        FloatingPointError: these are no parameters of a distribution.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found = _STEPS[type(q)](arrays, slopes)
    for suffix, array in found.items():
        if not np.isfinite(array).all():
            raise FloatingPointError(f"the {q.described(suffix)} would not be finite")
        if q.domains[suffix] == "positive" and (array <= 0).any():
            raise FloatingPointError(f"the {q.described(suffix)} would not be positive")
    return found


def _normal(q: Arrays, slope: Arrays) -> dict[str, Array]:
    """T = (z, z^2)."""
    precision = q["deviation"] ** -2 - slope["deviation"] / q["deviation"]
    return {"mean": q["mean"] + slope["mean"] / precision, "deviation": precision**-0.5}


def _full_normal(q: Arrays, slope: Arrays) -> dict[str, Array]:
    """T = (z, z z'); with the scale L, L' dF/dL = 2 L' (dF/dSigma) L is symmetric."""
    L = q["scale"]
    lower = np.tril(np.swapaxes(L, -1, -2) @ np.tril(slope["scale"]))
    symmetric = lower + np.swapaxes(np.tril(lower, -1), -1, -2)
    whitened = np.eye(L.shape[-1]) - symmetric  # L' precision L
    try:
        root = np.linalg.cholesky(np.linalg.inv(whitened))
    except np.linalg.LinAlgError:
        raise FloatingPointError("the covariance of q would not be positive definite") from None
    scale = np.linalg.cholesky(L @ root @ np.swapaxes(L @ root, -1, -2))
    back = np.swapaxes(scale, -1, -2) @ slope["mean"][..., None]
    return {"mean": q["mean"] + (scale @ back)[..., 0], "scale": scale}


def _gamma(shape: str, rate: str) -> Callable[[Arrays, Arrays], dict[str, Array]]:
    """T = (log z, z); of 1/z, if that is gamma distributed."""

    def step(q: Arrays, slope: Arrays) -> dict[str, Array]:
        a, b, da, db = q[shape], q[rate], slope[shape], slope[rate]
        trigamma = special.polygamma(1, a)
        determinant = trigamma * a - 1
        return {
            shape: a + b * (a / b * da + db) / determinant,
            rate: b + b * (b * trigamma * db + da) / determinant,
        }

    return step


def _dirichlet(q: Arrays, slope: Arrays) -> dict[str, Array]:
    """T = log z."""
    return {"concentration": _concentration(q["concentration"], slope["concentration"])}


def _beta(q: Arrays, slope: Arrays) -> dict[str, Array]:
    both = (np.stack([by[s] for s in ("alpha", "beta")], axis=-1) for by in (q, slope))
    found = _concentration(*both)
    return {"alpha": found[..., 0], "beta": found[..., 1]}


def _concentration(alpha: Array, slope: Array) -> Array:
    own = special.polygamma(1, alpha)
    shared = special.polygamma(1, alpha.sum(axis=-1, keepdims=True))
    moved = slope / own
    share = shared / (1 - shared * (1 / own).sum(axis=-1, keepdims=True))
    return alpha + moved + share * moved.sum(axis=-1, keepdims=True) / own


def _bits(q: Arrays, slope: Arrays) -> dict[str, Array]:
    return {"probability": special.expit(special.logit(q["probability"]) + slope["probability"])}


def _categories(q: Arrays, slope: Arrays) -> dict[str, Array]:
    weights = slope["probabilities"] + np.log(q["probabilities"])
    return {"probabilities": special.softmax(weights, axis=-1)}


_STEPS: dict[type[Factor], Callable[[Arrays, Arrays], dict[str, Array]]] = {
    factors.Normal: _normal,
    factors.FullNormal: _full_normal,
    factors.LogNormal: _normal,
    factors.Gamma: _gamma("shape", "rate"),
    factors.InverseGamma: _gamma("shape", "scale"),
    factors.Beta: _beta,
    factors.Dirichlet: _dirichlet,
    factors.Bits: _bits,
    factors.Categories: _categories,
}


def best(
    latents: Mapping[Symbol, Factor],
    arrays: dict[str, Array],
    slopes: Callable[[dict[str, Array], set[str]], Arrays],
) -> dict[str, Array]:
    """q's arrays by name where F is largest, latent by latent.

    Args:
        arrays: q's arrays by name, to begin with.
        slopes: (q's arrays, names) -> dF/d of those, with F as for `stepped`.

    Raises:
        InputError: a latent's posterior, given the others, is not in the family of its q; or
            SWEEPS through the latents were not enough.
    """
    arrays = dict(arrays)

    def step(q: Factor) -> dict[str, Array]:
        names = {s: q.label(s).name for s in q.domains}
        found = slopes(arrays, set(names.values()))
        own, moved = ({s: by[n] for s, n in names.items()} for by in (arrays, found))
        return {names[s]: a for s, a in stepped(q, own, moved).items()}

    for sweep in range(SWEEPS):
        before = dict(arrays)
        for q in latents.values():
            try:
                arrays |= step(q)
                settled = sweep > 0 or _close(step(q), arrays, PROOF)
            except FloatingPointError as error:
                raise InputError(f"{q.variable.name}: no posterior: {error}") from None
            if not settled:
                raise InputError(_not_conjugate(q))
        if len(latents) == 1 or _close(arrays, before, SETTLED):
            return arrays
    raise InputError(f"q is not the best yet after {SWEEPS} sweeps through its latents")


def _close(found: Arrays, expected: Arrays, tolerance: float) -> bool:
    return all(
        np.allclose(a, expected[name], rtol=tolerance, atol=tolerance) for name, a in found.items()
    )


def _not_conjugate(q: Factor) -> str:
    independent = "" if q.full else " with independent coordinates"
    hint = "; covariance='full' may serve" if type(q) is factors.Normal else ""
    return (
        f"{q.variable.name}: its posterior, given the other latents, is no {q.family} distribution"
        f"{independent}, so q has no closed form{hint}"
    )
