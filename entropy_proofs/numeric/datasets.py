"""Real data that scikit-learn ships, in the form that a variable's support calls for."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.errors import InputError

Array = NDArray[np.float64]


@cache
def table(name: str) -> Array:
    """iris (150, 4), wine (178, 13) or digits (1797, 64), as shipped."""
    from sklearn import datasets

    load = {"iris": datasets.load_iris, "wine": datasets.load_wine, "digits": datasets.load_digits}
    return np.asarray(load[name]().data, dtype=float)


def standardised(name: str) -> Array:
    """Columns with mean 0 and variance 1; constant ones are left out."""
    x = table(name)
    x = x[:, x.std(axis=0) > 0]
    return (x - x.mean(axis=0)) / x.std(axis=0)


def real_data(
    kind: str, bounds: tuple[float, ...], shape: tuple[int, ...], turn: int = 0
) -> tuple[str, Array]:
    """The data set's name and an array (N, *shape) of values in the support.

    Args:
        turn: by how many widths to turn the columns first, to get others.

    Raises:
        InputError: no data set is wide enough, or none has such values.
    """
    width = int(np.prod(shape))
    if kind == "positive definite":
        name, x = "wine", _scatter(shape)
    else:
        name, x = _columns(kind, bounds, width, shape, turn * width)
    return name, x.reshape(-1, *shape)


def _columns(
    kind: str, bounds: tuple[float, ...], width: int, shape: tuple[int, ...], first: int
) -> tuple[str, Array]:
    if kind == "real":
        name = _first_wide_enough(width, "wine", "digits")
        return name, np.roll(standardised(name), -first, axis=1)[:, :width]
    if kind in {"positive", "unit interval", "interval"}:
        name = _first_wide_enough(width, "wine", "digits")
        x = np.roll(table(name), -first, axis=1)[:, :width]
        if kind == "positive":
            return name, (x + 0.1) / (x + 0.1).mean(axis=0)
        low, high = bounds or (0.0, 1.0)
        unit = (x - x.min(axis=0)) / (np.ptp(x, axis=0) + 1e-9)
        return name, low + (high - low) * (0.05 + 0.9 * unit)
    levels = _pixels(width, first)  # whole numbers 0..16
    if kind == "nonnegative integer":
        return "digits", levels
    if kind == "binary":
        return "digits", (levels > 8).astype(float)
    if kind == "category":
        return "digits", np.floor(levels * bounds[0] / 17)
    if kind == "integer range":
        low, high = bounds
        return "digits", low + np.floor(levels * (min(high - low, 16) + 1) / 17)
    if kind == "simplex":
        parts = (levels + 1).reshape(-1, *shape)
        return "digits", parts / parts.sum(axis=-1, keepdims=True)
    if kind == "counts":
        return "digits", _shared_out(levels.reshape(-1, *shape), int(bounds[0]))
    raise InputError(f"no data set has values in the support {kind!r}")


def _first_wide_enough(width: int, *names: str) -> str:
    for name in names:
        if (table(name).std(axis=0) > 0).sum() >= width:
            return name
    raise InputError(f"no data set of scikit-learn has {width} usable columns")


def _pixels(width: int, first: int) -> Array:
    """The pixels of the digits that are ink as often as not."""
    x = table("digits")
    if width > x.shape[1]:
        raise InputError(f"digits has 64 pixels, not {width}")
    order = np.argsort(np.abs((x > 8).mean(axis=0) - 0.5), kind="stable")
    return x[:, np.roll(order, -first)[:width]]


def _shared_out(levels: Array, total: int) -> Array:
    """Whole numbers in proportion to the levels that sum to a total (largest remainders)."""
    share = (levels + 0.01) / (levels + 0.01).sum(axis=-1, keepdims=True) * total
    counts = np.floor(share)
    missing = (total - counts.sum(axis=-1, keepdims=True)).astype(int)
    rank = np.argsort(np.argsort(-(share - counts), axis=-1, kind="stable"), axis=-1)
    return counts + (rank < missing)


def _scatter(shape: tuple[int, ...]) -> Array:
    """Covariances of neighbouring rows."""
    count, n = int(np.prod(shape[:-2])), shape[-1]
    x = standardised("wine")[:, :n]
    windows = [x[k : k + 3 * n] for k in range(0, len(x) - 3 * n, 3)]
    found = np.array([np.cov(w, rowvar=False) + 0.1 * np.eye(n) for w in windows])
    return found[: len(found) // count * count]
