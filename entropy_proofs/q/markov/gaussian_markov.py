"""q of a chain of real states that is Gaussian, and Markov in time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import sympy as sp
from numpy import ndarray
from sympy import Expr

from entropy_proofs.algebra.nodes import LogDet, index
from entropy_proofs.algebra.sums import over
from entropy_proofs.families.spaces import POSITIVE, POSITIVE_DEFINITE, REAL, Space
from entropy_proofs.q.factor import Arrays, At, Shape
from entropy_proofs.q.gaussian import FromNoise
from entropy_proofs.q.markov.smoother import smooth

_TIED = 1e-6  # how far, relatively, covariances may be from hanging together


@dataclass(frozen=True)
class GaussianMarkovFactor(FromNoise):
    """A chain by its means, its covariances over up to `reach` steps, and those given the future.

    reach: how many steps before a step it depends on.
    """

    reach: int = 1
    family: ClassVar = "Gaussian Markov"
    normal: ClassVar = True
    full: ClassVar = True
    degree: ClassVar = 2

    @property
    def domains(self) -> Mapping[str, Space]:  # type: ignore[override]  # they depend on the reach
        spread = POSITIVE if self.scalar else POSITIVE_DEFINITE
        lags = {f"lag{k}": REAL for k in range(1, self.reach + 1)}
        return {"mean": REAL, self.spread: spread, **lags, "conditional": spread}

    @property
    def meanings(self) -> Mapping[str, str]:  # type: ignore[override]  # likewise
        steps = range(1, self.reach + 1)
        lags = {f"lag{k}": f"covariance with the state {k} before" for k in steps}
        return {**lags, "conditional": f"{self.spread} given the states that follow"}

    @property
    def scalar(self) -> bool:
        """Whether a step is one number."""
        return len(self.variable.shape) == 1

    @property
    def spread(self) -> str:
        """What the array of each step's spread is called."""
        return "variance" if self.scalar else "covariance"

    def shapes(self) -> dict[str, Shape]:
        steps, *own = self.variable.shape
        lags = {f"lag{k}": (steps - k, *own, *own) for k in range(1, self.reach + 1)}
        spread = (steps, *own, *own)
        return {"mean": (steps, *own), self.spread: spread, **lags, "conditional": spread}

    def variance(self, at: At) -> Expr:
        return self.element(self.spread, (*at, *at[1:]))

    def covariance(self, later: At, earlier: At, lag: int) -> Expr:
        """Of two numbers that are `lag` steps apart."""
        suffix = f"lag{lag}" if lag else self.spread
        return self.element(suffix, (earlier[0], *later[1:], *earlier[1:]))

    def parts(self) -> tuple[tuple[Shape, Callable[[At], Expr]], ...]:
        """log q of noise, and of the volumes that it is spread over."""

        def volume(at: At) -> Expr:
            if self.scalar:
                return -sp.log(self.element("conditional", at)) / 2
            n = self.variable.shape[-1]
            i, j = index("^r", n), index("^c", n)
            matrix = over((i, j), self.element("conditional", (*at, i, j)), n)
            return -LogDet(matrix, n) / 2

        return ((self.plates, self.log_density), (self.variable.shape[:1], volume))

    def tied(self, q: Arrays) -> dict[str, ndarray]:
        """The smoother's of some chain: any linear terms, steps that are hardly coupled."""
        if q["mean"].dtype == object:  # no factors of matrices; what is asked of them holds for any
            return dict(q)
        shape = q["mean"].shape if not self.scalar else (*q["mean"].shape, 1)
        unit = np.eye(shape[-1]) / (4 * self.reach * shape[-1])
        wide = (lambda a: a) if not self.scalar else (lambda a: a[..., None, None])
        lags = (wide(q[f"lag{k}"]) for k in range(1, self.reach + 1))
        bounded = (unit * a / (1 + abs(a)) for a in lags)
        spread = np.zeros((*shape, shape[-1]), dtype=q["mean"].dtype)
        precision = (spread + np.eye(shape[-1], dtype=int), *bounded)
        return self._smoothed(q["mean"].reshape(shape), precision)

    def untied(self, q: Arrays) -> str:
        """By the entropy of neighbours, where the chain is of first order."""
        if self.reach != 1 or not q["lag1"].size:
            return ""
        wide = (lambda a: a[..., None, None]) if self.scalar else (lambda a: a)
        own, lag, given = (wide(np.asarray(q[s])) for s in (self.spread, "lag1", "conditional"))
        gain = np.linalg.solve(own[:, 1:], lag)
        left = own[:, :-1] - np.swapaxes(lag, -1, -2) @ gain
        sizes = np.abs(own).max(axis=(-2, -1))
        far = np.abs(left - given[:, :-1]).max(axis=(-2, -1)) / sizes[:, :-1]
        last = np.abs(own[:, -1] - given[:, -1]).max(axis=(-2, -1)) / sizes[:, -1]
        worst = max(float(far.max()), float(last.max()))
        return f"{worst:.1g} from what its covariances give" if worst > _TIED else ""

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        """T = (z_t, z_{t+k} z_t'): the smoother."""
        wide = (lambda a: a[..., None, None]) if self.scalar else (lambda a: a)
        own = wide(slope[self.spread])
        lags = [wide(slope[f"lag{k}"]) for k in range(1, self.reach + 1)]
        precision = [-(own + np.swapaxes(own, -1, -2)), *(-a for a in lags)]
        means, pull = q["mean"], slope["mean"]
        if self.scalar:
            means, pull = means[..., None], pull[..., None]
        linear = pull + _times(precision, means)
        if all((a == a[:1]).all() for a in precision):
            precision = [a[:1] for a in precision]
        try:
            return self._smoothed(linear, precision)
        except np.linalg.LinAlgError:
            message = "the precision of q would not be positive definite"
            raise FloatingPointError(message) from None

    def _smoothed(self, linear: ndarray, precision: Sequence[ndarray]) -> dict[str, ndarray]:
        found = smooth(linear, precision)
        made = found.mean, *found.blocks, found.conditional
        arrays = dict(zip(self.domains, made, strict=True))
        if self.scalar:
            arrays = {s: a.reshape(a.shape[:2]) for s, a in arrays.items()}
        points = len(linear)
        return {s: np.broadcast_to(a, (points, *a.shape[1:])) for s, a in arrays.items()}


def _times(precision: list[ndarray], z: ndarray) -> ndarray:
    """J z of a banded precision."""
    found = (precision[0] @ z[..., None])[..., 0]
    for k, block in enumerate(precision[1:], start=1):
        found[:, k:] += (block @ z[:, :-k, :, None])[..., 0]
        found[:, :-k] += (np.swapaxes(block, -1, -2) @ z[:, k:, :, None])[..., 0]
    return found
