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
from dataclasses import dataclass

import numpy as np
from numpy import ndarray as Array
from sympy import Symbol

from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import interior
from entropy_proofs.families.space_values import middle_value
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Stop
from entropy_proofs.q.factor import Arrays, Factor
from entropy_proofs.q.gaussian import NormalFactor

SWEEPS = 10_000
SETTLED = 1e-12  # how much q's arrays may still change, relative to them or to 1
PROOF = 1e-8  # how much a second step may move what the first has put in place


def start(
    latents: Mapping[Symbol, Factor], shapes: Mapping[str, Sequence[int]]
) -> dict[str, Array]:
    """The arrays of some q, by name.

    Args:
        shapes: by name, with the data points as the first axis; others are not looked at.
    """
    labelled = {q.label(s).name: d for q in latents.values() for s, d in q.domains.items()}
    return {name: middle_value(domain, tuple(shapes[name])) for name, domain in labelled.items()}


def stepped(q: Factor, arrays: Arrays, slopes: Arrays) -> dict[str, Array]:
    """The arrays of the q with natural parameters eta + dF/dm.

    Args:
        slopes: dF/d of each array, for F in nats (not per data point) in which H[q] counts once.

    Raises:
        FloatingPointError: these are no parameters of a distribution.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found = q.natural_step(arrays, slopes)
    for suffix, array in found.items():
        if not np.isfinite(array).all():
            raise FloatingPointError(f"the {q.described(suffix)} would not be finite")
        if q.domains[suffix] == POSITIVE and (array <= 0).any():
            raise FloatingPointError(f"the {q.described(suffix)} would not be positive")
    return found


def best(
    latents: Mapping[Symbol, Factor],
    arrays: dict[str, Array],
    slopes: Callable[[dict[str, Array], set[str]], Arrays],
    conjugate: bool = False,
) -> dict[str, Array]:
    """q's arrays by name where F is largest, latent by latent.

    Args:
        arrays: q's arrays by name, to begin with.
        slopes: (q's arrays, names) -> dF/d of those, with F as for `stepped`.
        conjugate: whether each latent's posterior is known to be of its family, given the others.

    Raises:
        InputError: a latent's posterior, given the others, is not in the family of its q; or
            SWEEPS through the latents were not enough.
    """
    found = solve(_Sweeps(latents, slopes, conjugate), arrays, SWEEPS)
    if not found.stop.converged:
        raise InputError(f"q is not the best yet after {SWEEPS} sweeps through its latents")
    return found.x


@dataclass(frozen=True)
class _Swept:
    """q's arrays by name, and what they were a sweep ago."""

    x: dict[str, Array]
    before: dict[str, Array] | None = None


@dataclass(frozen=True)
class _Sweeps:
    """Coordinate ascent: each latent's best q given the others', in turn."""

    latents: Mapping[Symbol, Factor]
    slopes: Callable[[dict[str, Array], set[str]], Arrays]
    conjugate: bool

    def init(self, x: dict[str, Array]) -> _Swept:
        return _Swept(x)

    def step(self, state: _Swept) -> _Swept:
        arrays = dict(state.x)
        for q in self.latents.values():
            try:
                arrays |= self._best(q, arrays)
                known = self.conjugate or state.before is not None
                settled = known or _close(self._best(q, arrays), arrays, PROOF)
            except FloatingPointError as error:
                raise InputError(f"{q.variable.name}: no posterior: {error}") from None
            if not settled:
                raise InputError(_not_conjugate(q))
        return _Swept(arrays, state.x)

    def stop(self, state: _Swept) -> Stop | None:
        if state.before is None:
            return None
        settled = len(self.latents) == 1 or _close(state.x, state.before, SETTLED)
        return Reason.SETTLED() if settled else None

    def _best(self, q: Factor, arrays: dict[str, Array]) -> dict[str, Array]:
        """A step from inside q's family: eta is not finite where probabilities are 0 or 1."""
        names = {s: q.label(s).name for s in q.domains}
        inside = {n: interior(q.domains[s], arrays[n]) for s, n in names.items()}
        arrays = {**arrays, **inside}
        slopes = self.slopes(arrays, set(names.values()))
        own, moved = ({s: by[n] for s, n in names.items()} for by in (arrays, slopes))
        return {names[s]: a for s, a in stepped(q, own, moved).items()}


def _close(found: Arrays, expected: Arrays, tolerance: float) -> bool:
    return all(
        np.allclose(a, expected[name], rtol=tolerance, atol=tolerance) for name, a in found.items()
    )


def _not_conjugate(q: Factor) -> str:
    independent = "" if q.full else " with independent coordinates"
    hint = "; covariance='full' may serve" if isinstance(q, NormalFactor) else ""
    return (
        f"{q.variable.name}: its posterior, given the other latents, is no {q.family} distribution"
        f"{independent}, so q has no closed form{hint}"
    )
