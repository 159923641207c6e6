"""Expectations over one or two scalars of normal q by Gauss-Hermite nodes.

E g(u) a_1 a_2 ... with u = m + L e, e standard normal: the nodes take the place of e, and the
affine functions a_i have their exact conditional moments given e.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, IndexedBase, Sum, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.expectation.affine import Affine, isserlis

NODES = Symbol("quadrature nodes", real=True)
NODE_WEIGHTS = Symbol("quadrature weights", positive=True)
MOST_SCALARS = 2
_MOST_NODES = 128  # more weigh less than the smallest float


class Rule:
    """E of a product over normal latents, by `count` nodes for each scalar."""

    def __init__(self, affine: Affine, count: int):
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= _MOST_NODES:
            raise InputError(f"nodes {count!r} is no whole number from 1 to {_MOST_NODES}")
        self.affine, self.count = affine, count

    def __call__(self, affine: Sequence[Expr], other: Sequence[Expr]) -> Expr | None:
        """E[prod affine * prod other], or None if `other` depends on anything but few scalars."""
        if len(affine) > 2 and not all(map(self.affine.is_normal, affine)):
            return None  # no normal noise: covariances are not all that counts
        found = _Scalars(self.affine)
        g = [found.written(f) for f in other]
        if found.refused or not 1 <= len(found.cores) <= MOST_SCALARS:
            return None
        cores, covariance = list(found.cores), self.affine.covariance
        root: list[list[Expr]] = []  # of the scalars' covariance (Cholesky)
        for k, core in enumerate(cores):
            row = _row(root, [covariance(core, u) for u in cores[:k]])
            root.append([*row, _deviation(covariance(core, core) - sum(x**2 for x in row))])
        places = [self.affine.new(sp.Integer(self.count)) for _ in cores]
        noise = [IndexedBase(NODES)[k] for k in places]
        at_nodes = {
            found.cores[core]: self.affine.mean(core) + _inner(row, noise)
            for core, row in zip(cores, root, strict=True)
        }
        rows = [_row(root, [covariance(a, u) for u in cores]) for a in affine]
        means = [self.affine.mean(a) + _inner(r, noise) for a, r in zip(affine, rows, strict=True)]

        def left(i: int, j: int) -> Expr:
            """The covariance that remains, given the scalars."""
            return covariance(affine[i], affine[j]) - _inner(rows[i], rows[j])

        weight = sp.Mul(*(IndexedBase(NODE_WEIGHTS)[k] for k in places))
        inside = weight * sp.Mul(*g).xreplace(at_nodes) * isserlis(means, left)
        return Sum(inside, *[(k, 0, self.count - 1) for k in places])


class _Scalars:
    """The affine functions through which an expression depends on normal latents."""

    def __init__(self, affine: Affine):
        self._affine = affine
        self.cores: dict[Expr, Symbol] = {}  # without factor and offset -> what stands for it
        self.refused = False

    def written(self, expr: Expr, bound: frozenset[Symbol] = frozenset()) -> Expr:
        """The expression with a symbol in place of each scalar.

        bound: indices of sums around it: a scalar must not run along.
        """
        if not self._affine.latents(expr):
            return expr
        if self._affine.is_normal(expr):
            core, factor, offset = self._core(expr)
            self.refused |= bool(symbols_in(core) & bound)
            symbol = self.cores.setdefault(core, Symbol(f"u{len(self.cores)}@", real=True))
            return factor * symbol + offset
        if not expr.args or isinstance(expr, (sp.Indexed, sp.Lambda)):
            self.refused = True
            return expr
        if isinstance(expr, Sum):
            bound |= {i for i, *_ in expr.limits}
        return expr.func(*(self.written(a, bound) for a in expr.args))

    def _core(self, expr: Expr) -> tuple[Expr, Expr, Expr]:
        """core, factor and offset: expr = factor * core + offset."""
        own = self._affine.latents
        if isinstance(expr, sp.Add):
            random = [a for a in expr.args if own(a)]
            offset = sp.Add(*(a for a in expr.args if not own(a)))
            if len(random) > 1:
                factor, core = sp.Add(*random).primitive()
                sign = -1 if core.could_extract_minus_sign() else 1
                return sign * core, sign * factor, offset
            core, factor, inner = self._core(random[0])
            return core, factor, offset + inner
        if isinstance(expr, sp.Mul):
            (random,) = (a for a in expr.args if own(a))
            fixed = sp.Mul(*(a for a in expr.args if not own(a)))
            core, factor, offset = self._core(random)
            return core, fixed * factor, fixed * offset
        return expr, sp.S.One, sp.S.Zero


def _row(root: Sequence[Sequence[Expr]], covariances: Sequence[Expr]) -> list[Expr]:
    """Forward substitution: what a variable with these covariances takes of each noise."""
    row: list[Expr] = []
    for k, c in enumerate(covariances):
        deviation = root[k][k]
        varies = sp.sign(deviation)
        row.append(varies * (c - _inner(row, root[k])) / (deviation + 1 - varies))
    return row


def _deviation(variance: Expr) -> Expr:
    """The square root of a variance, with the derivative 0 where that is 0.

    There an affine function does not vary, W z for W = 0 say: its variance is a square, so what
    the chain rule writes as 0 / 0 is 0.
    """
    varies = sp.sign(variance + sp.Abs(variance))  # where rounding has it below 0, it is 0
    return varies * sp.sqrt(variance + 1 - varies)


def _inner(a: Sequence[Expr], b: Sequence[Expr]) -> Expr:
    return sp.Add(*(x * y for x, y in zip(a, b, strict=False)))


def normal_nodes(count: int, exact: bool) -> tuple[Any, Any]:
    """Nodes and weights for the mean over N(0, 1), exact for polynomials up to 2 count - 1.

    exact: mpmath numbers at the working precision instead of floats.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(count)
    if not exact:
        return nodes, weights / weights.sum()
    from mpmath import mp

    def functions(x: Any) -> tuple[Any, Any]:
        """Orthonormal Hermite functions of the last two orders."""
        before, own = mp.mpf(0), mp.mpf(1)
        for k in range(count):
            before, own = own, (x * own - mp.sqrt(k) * before) / mp.sqrt(k + 1)
        return before, own

    found, precise = [], []
    for start in nodes:
        x = mp.mpf(start)
        for _ in range(max(1, int(mp.dps).bit_length())):  # Newton doubles the digits
            before, own = functions(x)
            x -= own / (mp.sqrt(count) * before)
        found.append(x)
        precise.append(1 / (count * functions(x)[0] ** 2))
    return np.array(found, dtype=object), np.array(precise, dtype=object)
