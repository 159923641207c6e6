"""Double-exponential rules, and sums, over the supports of scalar variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp

from entropy_proofs.families.base import Support
from entropy_proofs.numeric.instance import number

_FARTHEST, _PANELS, _PER_PANEL = 1e12, 120, 16  # of a sum's tail

Nodes = tuple[np.ndarray, np.ndarray]


def rule(
    support: Support, values: Mapping[str, Any], step: Any, reach: int, longest: int, exact: bool
) -> Nodes:
    """Nodes and weights; the rules stand endpoint singularities and heavy tails.

    Args:
        values: what the support's bounds depend on, by name.
        step, reach: spacing, and number of nodes on either side, of the variable t.
        longest: how many terms of a sum without end are taken.
        exact: mpmath numbers at the working precision instead of floats.
    """
    bounds = [b if b in {sp.oo, -sp.oo} else number(b, values) for b in support.bounds]
    if support.discrete:
        return _terms(support, bounds, longest, exact)
    functions = (mp.sinh, mp.cosh, mp.exp) if exact else (np.sinh, np.cosh, np.exp)
    sinh, cosh, exp = (np.frompyfunc(f, 1, 1) for f in functions) if exact else functions
    t = np.arange(-reach, reach + 1) * step
    u, du = (mp.pi if exact else np.pi) / 2 * sinh(t), (mp.pi if exact else np.pi) / 2 * cosh(t)
    if support.kind == "real":
        return sinh(u), cosh(u) * du * step
    if support.kind == "positive":
        return exp(u), exp(u) * du * step
    low, high = bounds if support.kind == "interval" else (0.0, 1.0)
    if high is sp.oo:
        return float(low) + exp(u), exp(u) * du * step
    if low == -sp.oo:
        return float(high) - exp(u), exp(u) * du * step
    width = high - low
    # distances from the nearer end, so that nothing is lost next to it
    share = 1 / (1 + exp(-2 * abs(u)))
    nodes = np.where(u < 0, low + width * (1 - share), high - width * (1 - share))
    inside = (nodes > low) & (nodes < high)
    weights = width / 2 / cosh(u) ** 2 * du * step
    return nodes[inside.astype(bool)], weights[inside.astype(bool)]


def _terms(support: Support, bounds: list[Any], longest: int, exact: bool) -> Nodes:
    low, high = 0, longest
    if support.kind == "binary":
        high = 1
    elif support.kind == "category":
        high = int(bounds[0]) - 1
    elif support.kind == "integer range":
        low = int(bounds[0])
        high = longest if bounds[1] is sp.oo else int(bounds[1])
    nodes = np.arange(low, high + 1, dtype=float)
    if exact:
        nodes = np.frompyfunc(mp.mpf, 1, 1)(nodes)
        return nodes, nodes * 0 + 1
    endless = support.kind == "nonnegative integer" or sp.oo in bounds
    tail, weights = _tail(float(high + 1)) if endless else (nodes[:0], nodes[:0])
    return np.append(nodes, tail), np.append(np.ones_like(nodes), weights)


def _tail(start: float) -> Nodes:
    """A sum over the whole numbers from `start` on, as integrals around their midpoints."""
    edges = np.geomspace(start, start * _FARTHEST, _PANELS + 1) - 0.5
    x, w = np.polynomial.legendre.leggauss(_PER_PANEL)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()
