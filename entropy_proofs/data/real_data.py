"""Real data that scikit-learn ships, in the form that a variable's support calls for."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import (
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    Bit,
    Category,
    Counts,
    IntegerRange,
    NaturalNumbers,
    OpenInterval,
    ProbabilityVectors,
    Scalars,
    Space,
)

Array = NDArray[np.float64]

#: What `table` knows, each wide enough for what the one before is not.
NAMES = ("iris", "wine", "digits")


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
    support: Space,
    shape: tuple[int, ...],
    turn: int = 0,
    named: str | None = None,
) -> tuple[str, Array]:
    """The data set's name and an array (N, *shape) of values in the support.

    Args:
        support: with numbers as bounds.
        turn: by how many widths to turn the columns first, to get others.
        named: which data set to take; None takes one that fits.

    Raises:
        InputError: no data set is wide enough, or none has such values.
    """
    width = int(np.prod(shape))
    if support == POSITIVE_DEFINITE:
        name = _first_wide_enough(shape[-1], *([named] if named else ["wine"]))
        x = _scatter(name, shape)
    else:
        name, x = _columns(support, width, shape, turn * width, named)
    return name, x.reshape(-1, *shape)


def _columns(
    support: Space, width: int, shape: tuple[int, ...], first: int, named: str | None
) -> tuple[str, Array]:
    candidates = [named] if named else ["wine", "digits"]
    if support == REAL:
        name = _first_wide_enough(width, *candidates)
        return name, np.roll(standardised(name), -first, axis=1)[:, :width]
    if isinstance(support, OpenInterval):
        standard, low, scale = support.standard
        name, x = _columns(standard, width, shape, first, named)
        return name, float(low) + float(scale) * x
    if isinstance(support, Scalars) and not support.discrete:
        name = _first_wide_enough(width, *candidates)
        x = np.roll(table(name), -first, axis=1)[:, :width]
        if support == POSITIVE:
            return name, (x + 0.1) / (x + 0.1).mean(axis=0)
        unit = (x - x.min(axis=0)) / (np.ptp(x, axis=0) + 1e-9)
        return name, 0.05 + 0.9 * unit
    name = named or "digits"
    levels = _levels(name, width, first)
    match support:
        case NaturalNumbers():
            return name, levels
        case Bit():
            return name, (levels > 8).astype(float)
        case Category(size):
            return name, np.floor(levels * size / 17)
        case IntegerRange(low, high):
            low, high = (_along(b, shape) for b in (low, high))
            return name, low + np.floor(levels * (np.minimum(high - low, 16) + 1) / 17)
        case ProbabilityVectors():
            parts = (levels + 1).reshape(-1, *shape)
            return name, parts / parts.sum(axis=-1, keepdims=True)
        case Counts(total):
            return name, _shared_out(levels.reshape(-1, *shape), np.asarray(total)[..., None])
    raise InputError(f"no data set has values in the support {support.name!r}")


def _along(bound: Any, shape: tuple[int, ...]) -> Any:
    """One number, or one for each column."""
    return np.broadcast_to(bound, shape).ravel() if isinstance(bound, np.ndarray) else bound


def _first_wide_enough(width: int, *names: str) -> str:
    for name in names:
        if (table(name).std(axis=0) > 0).sum() >= width:
            return name
    if len(names) == 1:
        raise InputError(f"{names[0]} has no {width} usable columns")
    raise InputError(f"no data set of scikit-learn has {width} usable columns")


def _levels(name: str, width: int, first: int) -> Array:
    """Columns in whole numbers 0..16, those first that are above 8 as often as not.

    The digits' pixels are such numbers; other columns are cut into as many equal steps.
    """
    x = table(name)
    if width > x.shape[1]:
        raise InputError(f"{name} has {x.shape[1]} columns, not {width}")
    if name != "digits":
        x = np.minimum(np.floor(17 * (x - x.min(axis=0)) / np.ptp(x, axis=0)), 16)
    order = np.argsort(np.abs((x > 8).mean(axis=0) - 0.5), kind="stable")
    return x[:, np.roll(order, -first)[:width]]


def _shared_out(levels: Array, total: Array) -> Array:
    """Whole numbers in proportion to the levels that sum to totals (largest remainders)."""
    share = (levels + 0.01) / (levels + 0.01).sum(axis=-1, keepdims=True) * total
    counts = np.floor(share)
    missing = (total - counts.sum(axis=-1, keepdims=True)).astype(int)
    rank = np.argsort(np.argsort(-(share - counts), axis=-1, kind="stable"), axis=-1)
    return counts + (rank < missing)


def _scatter(name: str, shape: tuple[int, ...]) -> Array:
    """Covariances of neighbouring rows."""
    count, n = int(np.prod(shape[:-2])), shape[-1]
    x = standardised(name)[:, :n]
    windows = [x[k : k + 3 * n] for k in range(0, len(x) - 3 * n, 3)]
    found = np.array([np.cov(w, rowvar=False) + 0.1 * np.eye(n) for w in windows])
    return found[: len(found) // count * count]
