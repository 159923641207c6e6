"""Newton's method without a Hessian, for so many coordinates that there is no room for one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from entropy_proofs.optimise.newton import FLAT, Array, Iterate, SmoothFunction, ToStationary
from entropy_proofs.optimise.result import Reason

LARGE = 1000  # coordinates, from which on the Hessian is known by its products only
_PRODUCTS = 50  # of conjugate gradients, for one step
_HALVINGS = 12
_ROOM = 1 << 25  # numbers in the basis of a Krylov space


def product(function: SmoothFunction, x: Array, direction: Array, h: float = 1e-5) -> Array:
    """The Hessian times a direction, by a central difference of the gradient."""
    length = float(np.linalg.norm(direction))
    if not length:
        return np.zeros_like(direction)
    step = h / length * direction
    difference: Array = function(x + step)[1] - function(x - step)[1]
    return difference * (length / (2 * h))


class TruncatedNewton(ToStationary):
    """Uphill by conjugate gradients on the Hessian (Steihaug, 1983), then a line search.

    Conjugate gradients stop where F curves upwards, and stay away from flat directions, along which
    there is no slope.

    climbs: whether each step has to lead higher; otherwise one may also lead lower, towards a
        stationary point of any kind.
    """

    tolerance = 1e-9  # gradient norm of a stationary point, as rounding grows with its length

    def __init__(self, function: SmoothFunction, climbs: bool = False):
        super().__init__(function)
        self.climbs = climbs

    def step(self, state: Iterate) -> Iterate:
        direction = self._direction(state)
        for _ in range(_HALVINGS):
            x = state.x + direction
            value, gradient = self.function(x)
            new = Iterate(x, value, gradient, (*state.norms, float(np.linalg.norm(gradient))))
            higher = value - state.value > 1e-12 * (1 + abs(state.value))
            closer = not self.climbs and new.norm < 0.9 * state.norm
            if np.isfinite(new.norm) and (higher or closer):
                return new
            direction = direction / 2
        return replace(state, stopped=Reason.NO_STEP())

    def _direction(self, state: Iterate) -> Array:
        residual = state.gradient.copy()
        found, along = np.zeros_like(residual), residual.copy()
        before = residual @ residual
        enough = min(0.1, np.sqrt(state.norm)) * state.norm
        for _ in range(_PRODUCTS):
            curved = -product(self.function, state.x, along)
            curvature = along @ curved
            if not curvature > 1e-14 * (along @ along):
                return found if found.any() else along
            length = before / curvature
            found += length * along
            residual -= length * curved
            after = residual @ residual
            if np.sqrt(after) <= enough:
                break
            along = residual + after / before * along
            before = after
        return found


def extreme_signs(
    function: SmoothFunction, x: Array, rng: np.random.Generator
) -> tuple[int, int, int] | None:
    """Whether the Hessian has positive and negative eigenvalues: how many of Lanczos' are.

    Of a Krylov space of a random direction, in which the ends of the spectrum show first; None if
    the Hessian is not finite.
    """
    n = len(x)
    steps = max(2, min(60, n, _ROOM // n))
    basis = np.zeros((steps, n))
    basis[0] = rng.normal(size=n)
    basis[0] /= np.linalg.norm(basis[0])
    projected = np.zeros((steps, steps))
    used = steps
    for k in range(steps):
        along = product(function, x, basis[k])
        if not np.isfinite(along).all():
            return None
        projected[k, k] = basis[k] @ along
        for _ in range(2):  # twice is enough
            along -= basis[: k + 1].T @ (basis[: k + 1] @ along)
        length = float(np.linalg.norm(along))
        if k + 1 == steps or length <= 1e-8 * abs(projected[: k + 1, : k + 1]).max(initial=1e-300):
            used = k + 1
            break
        projected[k, k + 1] = projected[k + 1, k] = length
        basis[k + 1] = along / length
    values = np.linalg.eigvalsh(projected[:used, :used])
    flat = FLAT * np.abs(values).max(initial=0)
    rising, falling = int((values > flat).sum()), int((values < -flat).sum())
    return rising, falling, used - rising - falling
