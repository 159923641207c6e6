"""Numbers that tell whether any field can exist: a linear system in all its unknowns.

Unknowns: the field's components at each setting of the parameters, one H̃ for each setting
and parent, and (with a base measure) one log h for each point. Not a proof (the engine's
witness is exact); a second opinion on the registry's expectations.
"""

from __future__ import annotations

import mpmath as mp
import numpy as np
import sympy as sp
from oracle.expressions import floats, precise, principal

from .record import Density


def residuals(density: Density, seed: int = 0, settings: int = 4) -> tuple[float, float]:
    """Relative least-squares residuals of the identity's equations; 0 where a field exists.

    Without a base measure, and with one.
    """
    rng = np.random.default_rng(seed)
    parents = 4 if density.given else 1
    table = [_setting(density, rng, parents) for _ in range(settings)]
    points = _common_points(density, rng, [values for row in table for values in row])
    equations, sides = [], []
    names = len(density.parameters)
    alone = settings * (names + parents)
    for i, row in enumerate(table):
        for j, values in enumerate(row):
            for k, point in enumerate(points):
                equation = np.zeros(alone + len(points))
                at = i * (names + parents)
                value, slopes = _value_and_slopes(density, {**values, **point})
                equation[at : at + names] = slopes
                equation[at + names + j] = -1
                equation[alone + k] = 1
                equations.append(equation)
                sides.append(value)
    matrix, side = np.array(equations), np.array(sides)
    return _misfit(matrix[:, :alone], side), _misfit(matrix, side)


def _setting(density: Density, rng: np.random.Generator, parents: int) -> list[dict]:
    """One draw of the parameters, combined with several draws of the parents.

    Known constants (neither parameter nor parent) are the same in every call.
    """
    known = {
        symbol: value for symbol, value in density.draw(np.random.default_rng(0)).items()
        if symbol not in (*density.parameters, *density.given)
    }  # fmt: skip
    draws = [{**density.draw(rng), **known} for _ in range(parents)]
    return [{**draws[0], **{parent: draw[parent] for parent in density.given}} for draw in draws]


def _common_points(density: Density, rng: np.random.Generator, settings: list[dict]) -> list[dict]:
    """Points of the support at every setting."""
    wanted = 4 * (len(density.parameters) + 2)
    if density.space:
        wanted = min(wanted, int(np.count_nonzero(density.nodes(settings[0])[1] > 1e-7)))
    candidates = density.points(rng, settings[0], wanted)
    with np.errstate(all="ignore"):
        return [
            point for point in candidates
            if all(np.isfinite(floats(density.log_density, {**values, **point}))
                   for values in settings)
        ]  # fmt: skip


def _value_and_slopes(density: Density, values: dict) -> tuple[float, list[float]]:
    with mp.workdps(30):
        numbers = precise(values)

        def at(symbol: sp.Symbol):
            return lambda value: principal(density.log_density, {**numbers, symbol: value})

        slopes = [mp.diff(at(symbol), numbers[symbol]) for symbol in density.parameters]
        return float(principal(density.log_density, numbers)), [float(s) for s in slopes]


def _misfit(matrix: np.ndarray, side: np.ndarray) -> float:
    scale = np.linalg.norm(matrix, axis=0)
    matrix = matrix / np.where(scale > 0, scale, 1)
    solution, *_ = np.linalg.lstsq(matrix, side, rcond=1e-13)
    return float(np.linalg.norm(matrix @ solution - side) / np.linalg.norm(side))
