"""Stationary points along the field alone, for densities with kinks.

The optimum of |x - Wz| sits on kinks, where W's gradient does not vanish.  The theorem asks only
for the derivative along the field and the flow, and that is smooth: parameters and samples are
moved along them until it is zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.families.coordinates import Array, in_shapes

FARTHEST = 20.0


def settle(
    code: ProofCode, sizes: dict[str, int], arrays: dict[str, Any], entropy: float
) -> tuple[dict[str, Any], float, str] | None:
    """The point of the field's own curve through a point at which v·∇F vanishes.

    Args:
        entropy: H[q] at the given point, per data point.

    Returns:
        All arrays, H[q] and "maximum" or "minimum" (of F along the curve); None if there is none.
    """
    names = [name for name in code.direction(sizes, arrays) if not name.startswith("div ")]
    shapes = {name: np.shape(arrays[name]) for name in names}

    def unpacked(y: Array) -> dict[str, Any]:
        return arrays | in_shapes(y, shapes)

    def velocity(t: float, y: Array) -> Array:
        moved = code.direction(sizes, unpacked(y))
        spread = sum(np.sum(v) for name, v in moved.items() if name.startswith("div "))
        return np.concatenate([*(np.ravel(moved[name]) for name in names), [spread]])

    def slope(t: float, y: Array) -> float:
        return float(code.directional_derivative(sizes, unpacked(y)))

    slope.terminal = True  # type: ignore[attr-defined]  # SciPy stops at such an event
    y = np.concatenate([*(np.ravel(arrays[name]) for name in names), [entropy]])
    uphill = np.sign(slope(0.0, y))
    with np.errstate(all="ignore"):
        path = solve_ivp(
            velocity, (0, uphill * FARTHEST), y, "DOP853", events=slope, rtol=1e-10, atol=1e-12
        )
    if not len(path.t_events[0]):
        return None
    y = path.y_events[0][0]
    for _ in range(4):  # a few Newton steps along the curve, here a straight line
        ahead = velocity(0.0, y)
        change = (slope(0.0, y + 1e-6 * ahead) - slope(0.0, y - 1e-6 * ahead)) / 2e-6
        if change == 0:  # flat: there is no point to tell from its neighbours
            return None
        y = y - slope(0.0, y) / change * ahead
    return unpacked(y), float(y[-1]), "maximum" if change < 0 else "minimum"
