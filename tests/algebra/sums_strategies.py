"""Random sums of products over indices, with the arrays to evaluate them at."""

from __future__ import annotations

import random
from typing import Any

import mpmath as mp
import sympy as sp
from hypothesis import strategies as st
from sympy import Abs, IndexedBase, KroneckerDelta, Sum, Symbol, exp, log, sqrt

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.sums import simplex_of

D, K = sp.symbols("D K", integer=True, positive=True)
s = Symbol("s", positive=True)
v = IndexedBase(Symbol("v", real=True))
w = IndexedBase(Symbol("w", positive=True))
A = IndexedBase(Symbol("A", real=True))
B = IndexedBase(Symbol("B", real=True))  # K x D
S = IndexedBase(Symbol("S", real=True, symmetric=True))
rho = IndexedBase(Symbol("rho", positive=True, unit_interval=True, **simplex_of(K)))
Q = IndexedBase(Symbol("Q", positive=True, unit_interval=True, **simplex_of(K)))  # K x K
c = IndexedBase(index("c", K))  # D values in 0..K-1
NAMES = tuple(index(name) for name in "ijkl")


def arrays(seed: int, sizes: tuple[int, int]) -> dict[sp.Symbol, Any]:
    """Values of all labels at D, K = sizes."""
    draw, (d, k) = random.Random(seed), sizes

    def filled(low: float, high: float, *shape: int) -> Any:
        if not shape:
            return mp.mpf(draw.uniform(low, high))
        return [filled(low, high, *shape[1:]) for _ in range(shape[0])]

    def simplex() -> list[Any]:
        raw = filled(0.3, 1, k)
        return [r / mp.fsum(raw) for r in raw]

    half = filled(-2, 2, d, d)
    return {
        D: d, K: k, s: mp.mpf("1.3"),
        v.label: filled(-2, 2, d), w.label: filled(0.3, 2, d),
        A.label: filled(-2, 2, d, d), B.label: filled(-2, 2, k, d),
        S.label: [[half[i][j] + half[j][i] for j in range(d)] for i in range(d)],
        rho.label: simplex(), Q.label: [simplex() for _ in range(k)],
        c.label: [draw.randrange(k) for _ in range(d)],
    }  # fmt: skip


@st.composite
def sums(draw: st.DrawFn, partial: bool = False, depth: int = 2) -> sp.Expr:
    """A sum, maybe of sums, of products of elements; inner sums may reuse an outer index's name."""

    def summed(outer: list, categories: list, left: int) -> sp.Expr:
        i, over_d = draw(st.sampled_from(NAMES)), draw(st.booleans())
        outer, categories = [o for o in outer if o != i], [o for o in categories if o != i]
        (outer if over_d else categories).append(i)
        low, high = 0, (D if over_d else K) - 1
        if partial:
            low, high = draw(st.sampled_from([(0, high), (1, high), (0, high - 1), (1, high - 1)]))
        return Sum(product(outer, categories, left), (i, low, high))

    def product(outer: list, categories: list, left: int) -> sp.Expr:
        result = sp.Integer(1)
        for _ in range(draw(st.integers(1, 3))):
            if left and draw(st.integers(0, 2)) == 0:
                inner = summed(outer, categories, left - 1)
                result *= draw(st.sampled_from([inner, inner, log(1 + inner**2), inner**2]))
            else:
                result *= factor(outer, categories)
        return result + factor(outer, categories) if draw(st.integers(0, 3)) == 0 else result

    def factor(outer: list, categories: list) -> sp.Expr:
        i, j = (draw(st.sampled_from(outer or [sp.Integer(0)])) for _ in range(2))
        k, m = (draw(st.sampled_from(categories or [sp.Integer(0)])) for _ in range(2))
        return draw(st.sampled_from([
            v[i], w[i], A[i, j], S[i, j], B[k, i], rho[k], Q[k, m], rho[c[i]], B[c[i], j],
            Q[c[i], k], KroneckerDelta(i, j), KroneckerDelta(k, m), KroneckerDelta(k, c[i]), s,
            log(w[i]), exp(v[i]), Abs(v[i]), 1 / w[i], v[i] ** 2, sqrt(w[i]), log(rho[k]),
        ]))  # fmt: skip

    return summed([], [], depth)


__all__ = ["NAMES", "A", "B", "D", "K", "Q", "S", "arrays", "c", "rho", "s", "sums", "v", "w"]
