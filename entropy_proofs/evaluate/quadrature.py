"""Double-exponential rules, and sums, over the supports of scalar variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from mpmath import mp

from entropy_proofs.evaluate.random_values import number
from entropy_proofs.families.spaces import Scalars, Space

_FARTHEST, _PANELS, _PER_PANEL = 1e12, 120, 16  # of a sum's tail
_INTERVALS = 16  # between nodes of a panel of an adaptive integral
_NARROWEST, _MOST_PANELS = 1e-14, 2_000
_GAP, _RELATIVE_GAP = 1e-13, 1e-13  # between the two, in a panel that is not halved

Nodes = tuple[np.ndarray, np.ndarray]


def rule(
    support: Space, values: Mapping[str, Any], step: Any, reach: int, longest: int, exact: bool
) -> Nodes:
    """Nodes and weights; the rules stand endpoint singularities and heavy tails.

    Args:
        values: what the support's bounds depend on, by name.
        step, reach: spacing, and number of nodes on either side, of the variable t.
        longest: how many terms of a sum without end are taken.
        exact: mpmath numbers at the working precision instead of floats.
    """
    low, high = ends(support, values)
    if support.discrete:
        return _terms(low, high, longest, exact)
    t = np.arange(-reach, reach + 1) * step
    nodes, slopes = _mapped(low, high, t, exact)
    inside = (slopes > 0).astype(bool)
    return nodes[inside], slopes[inside] * step


def mapped(support: Space, values: Mapping[str, Any], t: np.ndarray, exact: bool = False) -> Nodes:
    """Points of a support at these points of the real line, and the map's slope there."""
    return _mapped(*ends(support, values), t, exact)


def ends(support: Space, values: Mapping[str, Any]) -> tuple[Any, Any]:
    """The least and the largest number of a support; infinite ones as SymPy's."""
    if not isinstance(support, Scalars):
        raise TypeError(f"no rule for the support {support.name!r}")
    low, high = (b if b in {sp.oo, -sp.oo} else number(b, values) for b in support.ends)
    return low, high


def _mapped(low: Any, high: Any, t: np.ndarray, exact: bool) -> Nodes:
    functions = (mp.sinh, mp.cosh, mp.exp) if exact else (np.sinh, np.cosh, np.exp)
    sinh, cosh, exp = (np.frompyfunc(f, 1, 1) for f in functions) if exact else functions
    u, du = (mp.pi if exact else np.pi) / 2 * sinh(t), (mp.pi if exact else np.pi) / 2 * cosh(t)
    if low == -sp.oo and high is sp.oo:
        return sinh(u), cosh(u) * du
    if high is sp.oo:
        return float(low) + exp(u), exp(u) * du
    if low == -sp.oo:
        return float(high) - exp(u), exp(u) * du
    width = high - low
    # distances from the nearer end, so that nothing is lost next to it
    away = width / (1 + exp(2 * abs(u)))
    nodes = np.where(u < 0, low + away, high - away)
    inside = (nodes > low) & (nodes < high)
    return nodes, np.where(inside, width / 2 / cosh(u) ** 2 * du, 0)


def adaptive(
    integrand: Callable[[np.ndarray], np.ndarray], edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray, Nodes]:
    """The integrals of an integrand's columns over the panels between edges, their errors, and the
    rule that was used in the end.

    Panels on which two rules differ are halved, so that a jump or a kink ends in a panel in which
    it does not count; the errors are large where too many would have to be.
    """
    x, fine, coarse = _two_rules()
    low, high = edges[:-1], edges[1:]
    total: Any = 0.0
    error: Any = 0.0
    nodes, weights = [], []
    while len(low):
        middle, half = (low + high) / 2, (high - low) / 2
        at = middle[:, None] + half[:, None] * x
        values = integrand(at.ravel())
        values = values.reshape(len(low), len(x), -1) * half[:, None, None]
        found = np.einsum("j,ijk->ik", fine, values)
        gap = abs(found - np.einsum("j,ijk->ik", coarse, values))
        done = (gap <= _GAP + _RELATIVE_GAP * abs(found)).all(axis=1)
        last = ~done & ((half < _NARROWEST) | (np.count_nonzero(~done) > _MOST_PANELS))
        gap[last] = abs(found[last])
        done |= last
        total, error = total + found[done].sum(axis=0), error + gap[done].sum(axis=0)
        nodes.append(at[done].ravel())
        weights.append((half[done, None] * fine).ravel())
        low, middle, high = low[~done], middle[~done], high[~done]
        low, high = np.append(low, middle), np.append(middle, high)
    return total, error, (np.concatenate(nodes), np.concatenate(weights))


@cache
def _two_rules() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes of a Clenshaw-Curtis rule, ends and all, its weights, and those of every other node.

    Between an end and the first node of a Gauss rule a jump would be seen by neither of two.
    """
    coarse = np.zeros(_INTERVALS + 1)
    coarse[::2] = _clenshaw_curtis(_INTERVALS // 2)
    nodes = np.cos(np.arange(_INTERVALS + 1) * np.pi / _INTERVALS)
    return nodes, _clenshaw_curtis(_INTERVALS), coarse


def _clenshaw_curtis(n: int) -> np.ndarray:
    """The weights of the rule with n intervals, n even."""
    k, j = np.arange(1, n // 2 + 1), np.arange(n + 1)
    terms = np.where(2 * k == n, 1, 2) / (4 * k**2 - 1)
    weights = 2 / n * (1 - np.cos(2 * np.pi / n * np.outer(j, k)) @ terms)
    weights[[0, -1]] /= 2
    return weights


def _terms(low: Any, high: Any, longest: int, exact: bool) -> Nodes:
    if low == -sp.oo:
        middle = 0 if high is sp.oo else int(high)
        nodes, weights = _terms(-middle, sp.oo, longest, exact)
        if high is not sp.oo:
            return -nodes, weights
        above, more = _terms(1, sp.oo, longest, exact)
        return np.append(-nodes, above), np.append(weights, more)
    endless = high is sp.oo
    last = longest if endless else int(high)
    nodes = np.arange(int(low), last + 1, dtype=float)
    if exact:
        nodes = np.frompyfunc(mp.mpf, 1, 1)(nodes)
        return nodes, nodes * 0 + 1
    tail, weights = _tail(float(last + 1)) if endless else (nodes[:0], nodes[:0])
    return np.append(nodes, tail), np.append(np.ones_like(nodes), weights)


def _tail(start: float) -> Nodes:
    """A sum over the whole numbers from `start` on, as integrals around their midpoints."""
    edges = np.geomspace(start, start * _FARTHEST, _PANELS + 1) - 0.5
    x, w = np.polynomial.legendre.leggauss(_PER_PANEL)
    half = np.diff(edges)[:, None] / 2
    return (edges[:-1, None] + half * (1 + x)).ravel(), (half * w).ravel()
