"""Spaces for arrays of numbers: random values, coordinates, tangents, scales and faults.

The same arithmetic works on floats and on arrays of mpmath numbers, so a constraint (a simplex, a
unit column) holds to the precision of the numbers that are asked for.  Bounds are numbers here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.families import coordinates as maps
from entropy_proofs.families.spaces import (
    INCREASING,
    LOWER_TRIANGULAR,
    POSITIVE,
    POSITIVE_DEFINITE,
    REAL,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
    Bit,
    Category,
    Counts,
    DefiniteMatrices,
    IncreasingVectors,
    IntegerRange,
    NaturalNumbers,
    OpenInterval,
    PositiveNumbers,
    ProbabilityTables,
    ProbabilityVectors,
    RealNumbers,
    Space,
    TriangularMatrices,
    UnitColumnMatrices,
    UnitInterval,
)

Lift = Callable[[Any], Any]
_SINGULAR = 1e-14  # of the least eigenvalue to the largest, but for rounding
_ROUNDING = 1e-9  # of sums and of symmetric elements that were computed in double precision


# random values ------------------------------------------------------------------------------------
def parameter_value(
    domain: Space, shape: tuple[int, ...], rng: np.random.Generator, lift: Lift = np.asarray
) -> Any:
    """A random parameter in its domain, well inside it.

    Args:
        lift: turns a float array into the arrays to compute with (np.asarray for float64, an
            elementwise conversion to mpf for mpmath).
    """
    match domain:
        case PositiveNumbers():
            return lift(rng.uniform(0.5, 2.0, shape))
        case UnitInterval():
            return lift(rng.uniform(0.1, 0.9, shape))
        case ProbabilityVectors():
            return shares(rng.uniform(0.3, 1.5, shape), lift)
        case ProbabilityTables():
            raw = lift(rng.uniform(0.3, 1.5, shape))
            return raw / raw.sum(axis=(-2, -1), keepdims=True)
        case IncreasingVectors():
            return lift(np.cumsum(rng.uniform(0.3, 1.2, shape), axis=-1) - 1)
        case DefiniteMatrices():
            return _squared(rng.normal(size=shape), lift)
        case TriangularMatrices():
            root = np.tril(0.3 * rng.normal(size=shape), -1)
            return lift(root + rng.uniform(0.5, 2.0, shape) * np.eye(shape[-1]))
        case UnitColumnMatrices():
            raw = lift(rng.normal(size=shape))
            return raw / (raw**2).sum(axis=-2, keepdims=True) ** lift(0.5)
    return lift(rng.normal(size=shape))


def middle_value(domain: Space, shape: tuple[int, ...]) -> np.ndarray:
    """Zero, one, the unit matrix or equal probabilities, whichever is in the domain."""
    match domain:
        case UnitInterval():
            return np.full(shape, 0.5)
        case ProbabilityVectors():
            return np.full(shape, 1 / shape[-1])
        case ProbabilityTables():
            return np.full(shape, 1 / (shape[-2] * shape[-1]))
        case DefiniteMatrices() | TriangularMatrices():
            return np.broadcast_to(np.eye(shape[-1]), shape).copy()
    return np.full(shape, 1.0 if domain.limits[0] == 0 else 0.0)


def variable_value(
    support: Space, shape: tuple[int, ...], rng: np.random.Generator, lift: Lift = np.asarray
) -> Any:
    """Random values in a support, not drawn from the model (no identity needs that)."""
    match support:
        case RealNumbers():
            return lift(1.5 * rng.normal(size=shape))
        case PositiveNumbers():
            return lift(rng.gamma(2.0, size=shape))
        case UnitInterval():
            return lift(rng.uniform(0.05, 0.95, shape))
        case OpenInterval():
            space, start, width = support.standard
            return lift(start + width * variable_value(space, shape, rng))
        case ProbabilityVectors():
            return shares(rng.uniform(0.2, 1.5, shape), lift)
        case DefiniteMatrices():
            return _squared(rng.normal(size=shape), lift)
        case Bit():
            return rng.integers(0, 2, shape)
        case Category(size):
            return rng.integers(0, int(size), shape)
        case Counts(total):
            equal = np.full(shape[-1], 1 / shape[-1])
            return rng.multinomial(np.asarray(total, dtype=int), equal, shape[:-1])
        case IntegerRange(low, high):
            low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
            first = np.where(np.isinf(low), np.minimum(high, 3) - 6, low)
            return rng.integers(
                first.astype(int), np.minimum(high, first + 6).astype(int) + 1, shape
            )
        case NaturalNumbers():
            return rng.poisson(3.0, shape)
    raise InputError(f"no random values for the support {support.name!r}")


def shares(raw: Any, lift: Lift) -> Any:
    """Positive numbers divided by their sums along the last axis."""
    raw = lift(raw)
    return raw / raw.sum(axis=-1, keepdims=True)


def _squared(raw: Any, lift: Lift) -> Any:
    raw = lift(raw)
    return np.matmul(raw, np.swapaxes(raw, -1, -2)) + np.eye(raw.shape[-1], dtype=int)


# coordinates and tangents -------------------------------------------------------------------------
_COORDINATES: Mapping[Space, maps.Coordinates] = {
    REAL: maps.Real(),
    POSITIVE: maps.Positive(),
    UNIT_INTERVAL: maps.BetweenZeroAndOne(),
    SIMPLEX: maps.Simplex(),
    INCREASING: maps.Increasing(),
    LOWER_TRIANGULAR: maps.LowerTriangular(),
    POSITIVE_DEFINITE: maps.PositiveDefinite(),
    UNIT_COLUMNS: maps.UnitColumns(),
}


def coordinates(space: Space) -> maps.Coordinates:
    """Free coordinates of a parameter's domain or a continuous support."""
    if isinstance(space, OpenInterval):
        standard, start, width = space.standard
        return maps.Stretched(_COORDINATES[standard], float(start), float(width))
    return _COORDINATES[space]


def tangential(domain: Space, value: Any, gradient: Any) -> Any:
    """What vanishes where a gradient has no tangential part."""
    match domain:
        case ProbabilityVectors():
            return gradient[..., :-1] - gradient[..., -1:]
        case UnitColumnMatrices():
            return gradient - value * (value * gradient).sum(axis=-2, keepdims=True)
    return gradient


def normals(domain: Space, value: Any) -> list[Any]:
    """Directions to which those that stay in the domain are orthogonal, at the value."""
    found = []
    match domain:
        case ProbabilityVectors():
            for at in np.ndindex(value.shape[:-1]):
                normal = 0 * value
                normal[at] += 1
                found.append(normal)
        case UnitColumnMatrices():
            for column in range(value.shape[-1]):
                normal = 0 * value
                normal[..., column] = value[..., column]
                found.append(normal)
    return found


def scales(domain: Space, value: Any) -> Any | None:
    """Variances and the like, which a fit may send to zero; None for what is no scale."""
    if domain == POSITIVE_DEFINITE:
        return np.linalg.eigvalsh(value)
    return value if domain == POSITIVE else None


# faults -------------------------------------------------------------------------------------------
def fault(domain: Space, values: np.ndarray) -> tuple[str, str] | None:
    """What an argument's values must be, and what they are instead; None if nothing is wrong."""
    match domain:
        case PositiveNumbers():
            if not (values > 0).all():
                return "positive", f"{values.min():.3g}"
        case UnitInterval():
            if not ((values > 0) & (values < 1)).all():
                worst = values.min() if values.min() <= 0 else values.max()
                return "in the unit interval", f"{worst:.3g}"
        case ProbabilityVectors():
            totals = values.sum(axis=-1)
            off = np.abs(totals - 1)
            if not ((off <= _ROUNDING).all() and (values >= 0).all()):
                worst = float(totals.ravel()[np.argmax(off)])
                return "probabilities that sum to one", f"a vector of sum {worst:.10g}"
        case IncreasingVectors():
            steps = np.diff(values, axis=-1)
            if not (steps > 0).all():
                return "increasing", f"a vector with a step of {steps.min():.3g}"
        case DefiniteMatrices():
            turned = np.swapaxes(values, -1, -2)
            if np.any(np.abs(values - turned) > _ROUNDING * np.abs(values).max(initial=0)):
                return "positive definite", "not symmetric"
            lowest, rounding = _lowest_eigenvalue(values)
            if not lowest > rounding:
                shown = "0" if abs(lowest) <= rounding else f"{lowest:.3g}"
                return "positive definite", f"a matrix with eigenvalue {shown}"
    return None


def is_singular(values: np.ndarray) -> bool:
    """Whether symmetric matrices have eigenvalues that are zero but for rounding, and none below.

    Whether a Gram matrix has may depend on sizes.
    """
    lowest, rounding = _lowest_eigenvalue(values)
    return bool(abs(lowest) <= rounding)


def _lowest_eigenvalue(values: np.ndarray) -> tuple[float, float]:
    """And what it may be off by."""
    found = np.linalg.eigvalsh((values + np.swapaxes(values, -1, -2)) / 2)
    return float(found.min()), _SINGULAR * float(np.abs(found).max())
