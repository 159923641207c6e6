"""Averages over the data points, some points at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from entropy_proofs.code import backends

Arrays = dict[str, Any]
Averages = Callable[[Arrays], Arrays]  # name -> average over the points that are given
ByPoint = Callable[[str], bool]  # whether an array has an element for each data point


def looped(average: Averages, by_point: ByPoint, rows: int, values: Arrays, backend: str) -> Arrays:
    """What `average` gives for all data points, from at most so many rows at once.

    What has an element for each point, a gradient, is put in its place.
    """
    points = number_of_points(by_point, values)
    totals: Arrays = {}
    placed: Arrays = {}
    for at, part in _parts(by_point, rows, values):
        share = (at.stop - at.start) / points
        for name, found in average(part).items():
            if not by_point(name):
                totals[name] = totals[name] + share * found if name in totals else share * found
                continue
            found = np.asarray(found)
            if name not in placed:
                placed[name] = np.empty((points, *found.shape[1:]), found.dtype)
            np.multiply(found, share, out=placed[name][at])
    convert = backends.backend(backend).load().convert
    return totals | {name: convert(array) for name, array in placed.items()}


def scanned(average: Averages, by_point: ByPoint, rows: int, values: Arrays) -> Arrays:
    """The same for JAX, in one loop that can be compiled."""
    import jax
    from jax import numpy as jnp

    points = number_of_points(by_point, values)
    fewest = -(-points // rows)  # an even number each saves copies
    rows = next((points // k for k in range(fewest, 2 * fewest) if points % k == 0), rows)
    full = points - points % rows
    moving = {n: jnp.asarray(v) for n, v in values.items() if by_point(n)}

    def share(part: Arrays) -> tuple[Arrays, Arrays]:
        size = number_of_points(by_point, part) / points
        scaled = {n: size * v for n, v in average({**values, **part}).items()}
        placed = {n: v for n, v in scaled.items() if by_point(n)}
        return {n: v for n, v in scaled.items() if n not in placed}, placed

    def step(totals: Arrays, part: Arrays) -> tuple[Arrays, Arrays]:
        found, placed = share(part)
        return jax.tree.map(jnp.add, totals, found), placed

    parts = {n: v[:full].reshape(-1, rows, *v.shape[1:]) for n, v in moving.items()}
    shapes, _ = jax.eval_shape(share, {n: v[0] for n, v in parts.items()})
    zeros = jax.tree.map(lambda s: jnp.zeros(s.shape, s.dtype), shapes)
    totals, placed = jax.lax.scan(step, zeros, parts)
    placed = {n: v.reshape(full, *v.shape[2:]) for n, v in placed.items()}
    if full < points:
        totals, last = step(totals, {n: v[full:] for n, v in moving.items()})
        placed = {n: jnp.concatenate([v, last[n]]) for n, v in placed.items()}
    return totals | placed


def number_of_points(by_point: ByPoint, values: Arrays) -> int:
    """One, if no array has an element for each."""
    return next((len(v) for name, v in values.items() if by_point(name)), 1)


def _parts(by_point: ByPoint, rows: int, values: Arrays) -> Iterator[tuple[slice, Arrays]]:
    points = number_of_points(by_point, values)
    rows = -(-points // -(-points // rows))  # about as many in each
    for start in range(0, points, rows):
        at = slice(start, min(start + rows, points))
        yield at, {n: v[at] if by_point(n) else v for n, v in values.items()}
