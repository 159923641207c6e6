"""Nodes and weights over the support of one event, of at most two free coordinates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp


def nodes_of(kind: str, bounds: Sequence[Any], event: tuple[int, ...]) -> tuple[Any, np.ndarray]:
    """Values of shape (*event, n) and their n weights (1 for whole numbers)."""
    if kind in {"binary", "category", "nonnegative integer", "integer range"} and not event:
        low, high = {"binary": (0, 1), "nonnegative integer": (0, 3000)}.get(kind, bounds) if (
            kind != "category") else (0, bounds[0] - 1)  # fmt: skip
        high = low + 3000 if high == sp.oo else high
        values = np.arange(int(low), int(high) + 1)
        return values, np.ones(len(values))
    if kind == "counts" and event == (2,):
        k = np.arange(int(bounds[0]) + 1)
        return np.stack([k, k[::-1]]), np.ones(len(k))
    if kind == "simplex" and event == (2,):
        u, weights = interval(0.0, 1.0)
        return np.stack([u, u[::-1]]), weights
    if not event:
        return scalar(kind, bounds)
    if kind == "real" and event in {(1,), (2,)}:
        u, weights = scalar(kind, bounds, count=301)
        grid = np.meshgrid(*[u] * event[0], indexing="ij")
        product = np.meshgrid(*[weights] * event[0], indexing="ij")
        return np.stack([g.ravel() for g in grid]), np.prod([p.ravel() for p in product], axis=0)
    raise NotImplementedError(f"no quadrature over {kind} of shape {event}")


def scalar(kind: str, bounds: Sequence[Any], count: int = 4001) -> tuple[np.ndarray, np.ndarray]:
    """The double-exponential rule."""
    u, du = _steps(count)
    if kind == "real":
        return np.sinh(u), np.cosh(u) * du
    if kind == "positive":
        return np.exp(u), np.exp(u) * du
    low, high = bounds or (0.0, 1.0)
    if high == sp.oo:
        return float(low) + np.exp(u), np.exp(u) * du
    return interval(float(low), float(high), count)


def interval(low: float, high: float, count: int = 4001) -> tuple[np.ndarray, np.ndarray]:
    u, du = _steps(count)
    half = (high - low) / 2
    share = 1 / (1 + np.exp(-2 * u))
    nodes = np.where(u < 0, low + 2 * half * share, high - 2 * half * share[::-1])
    return nodes, half / np.cosh(u) ** 2 * du


def _steps(count: int) -> tuple[np.ndarray, np.ndarray]:
    t = np.linspace(-4.0, 4.0, count)
    return np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t) * (t[1] - t[0])
