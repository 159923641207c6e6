"""F and its entropy sum along the field: the picture of a proof."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_points
from entropy_proofs.points.along_field import settle

STEPS, REACH = 16, 1.0  # to either side of the point, in units of the field's own time
_TRIES = 4


@dataclass(frozen=True)
class DrawnCurve:
    """F and S at the times `at` along the field and the flow, through a random point.

    meeting: the index of the time at which v·∇F vanishes, or None where that was not found.
    residual: the largest |F - S - v·∇F|, relative to the terms.
    """

    at: tuple[float, ...]
    elbo: tuple[float, ...]
    entropy_sum: tuple[float, ...]
    meeting: int | None
    residual: float


def gap_curve(proof: Any, seed: int = 0) -> DrawnCurve | None:
    """Along the field's own curve F grows at the rate v·∇F = F - S, so both meet where F is flat.

    Two random data points, random parameters and q; None where nothing moves or numbers overflow.

    >>> import entropy_proofs as ep
    >>> curve = gap_curve(ep.prove("ppca"))
    >>> abs(curve.elbo[curve.meeting] - curve.entropy_sum[curve.meeting]) < 1e-6
    True
    """
    if proof.identity is None or not proof.identity.terms:
        return None
    code, rng = ProofCode(proof), np.random.default_rng(seed)
    if not code.direction_outputs:
        return None
    with np.errstate(all="ignore"):
        for sizes, arrays in islice(random_points(code, rng, high=2), _TRIES):
            found = settle(code, sizes, arrays, 0.0)
            curve = _along(code, sizes, *(found[:2] if found else (arrays, 0.0)), found is not None)
            if _shows(curve):
                return curve
    return None


def _along(
    code: ProofCode, sizes: dict[str, int], arrays: dict[str, Any], entropy: float, meets: bool
) -> DrawnCurve:
    """Fixed steps of Runge and Kutta's fourth order to either side."""
    step = REACH / STEPS

    def moved(at: dict[str, Any], velocity: dict[str, Any], time: float) -> dict[str, Any]:
        return {n: a + time * velocity[n] if n in velocity else a for n, a in at.items()}

    def walk(sign: float) -> list[tuple[float, float, float]]:
        at, h, found = arrays, entropy, []
        for _ in range(STEPS):
            k = [code.direction(sizes, at)]
            for part in (0.5, 0.5, 1.0):
                k.append(code.direction(sizes, moved(at, k[-1], sign * step * part)))
            mean = {n: (k[0][n] + 2 * k[1][n] + 2 * k[2][n] + k[3][n]) / 6 for n in k[0]}
            at = moved(at, mean, sign * step)
            h += sign * step * sum(np.sum(v) for n, v in mean.items() if n.startswith("div "))
            found.append(_values(code, sizes, at, h))
        return found

    rows = [*walk(-1.0)[::-1], _values(code, sizes, arrays, entropy), *walk(1.0)]
    elbo, entropy_sum, residual = zip(*rows, strict=True)
    times = tuple(step * k for k in range(-STEPS, STEPS + 1))
    return DrawnCurve(times, elbo, entropy_sum, STEPS if meets else None, max(residual))


def _values(
    code: ProofCode, sizes: dict[str, int], arrays: dict[str, Any], entropy: float
) -> tuple[float, float, float]:
    parts = code.identity(sizes, arrays)
    return float(parts.elbo + entropy), float(parts.entropy_sum + entropy), float(parts.residual)


def _shows(curve: DrawnCurve) -> bool:
    """Whether there is something to see: finite numbers that are not flat, and no rounding."""
    values = np.array([curve.elbo, curve.entropy_sum])
    return bool(
        np.isfinite(values).all()
        and 1e-3 < np.ptp(values) < 1e4
        and curve.residual < 1e-8
        and curve.meeting is not None
    )
