"""The symbols of the corpus, with what the texts say of them."""

from __future__ import annotations

import sympy as sp
from sympy import IndexedBase, MatrixSymbol, Symbol, symbols
from sympy.matrices.expressions.matexpr import MatrixElement

a, b, c, s, t, w, lam, tau, sigma, alpha, beta, gam, nu, eta, kappa = symbols(
    "a b c s t w lam tau sigma alpha beta gam nu eta kappa", positive=True
)
a0, b0, an, bn, a1, a2, b1, b2, s1, s2, lam0, lamn, lam1, lam2, m1, m2 = symbols(
    "a0 b0 an bn a1 a2 b1 b2 s1 s2 lam0 lamn lam1 lam2 m1 m2", positive=True
)
x, y, z, u, v, mu, theta, mu0, mun, mu1, mu2, r, q, d = symbols(
    "x y z u v mu theta mu0 mun mu1 mu2 r q d", real=True
)
e0, e1 = symbols("beta0 beta1", real=True)
h = Symbol("h", nonnegative=True)
p, p0, p1 = symbols("p p0 p1", positive=True)  # in the unit interval, by their domain
n, m, N, K, D, H, k = symbols("n m N K D H k", integer=True, positive=True)
j0, k0, l0 = symbols("j0 k0 l0", integer=True)
c0, c1 = symbols("c0 c1", integer=True, nonnegative=True)
i, j, l = symbols("i j l", integer=True)


def array(name: str, **known: bool) -> IndexedBase:
    return IndexedBase(Symbol(name, **(known or {"real": True})))


Y, X, Z, B, M = (array(name) for name in ("Y", "X", "Z", "B", "M"))
P, Q, A, L = (array(name, positive=True) for name in ("P", "Q", "A", "L"))
C = array("C", integer=True, nonnegative=True)

S, T, R, V = (MatrixSymbol(name, n, n) for name in "STRV")
Sig1, Sig2, Lam0, Prec = (MatrixSymbol(name, n, n) for name in ("Sig1", "Sig2", "Lam0", "Prec"))
W, F = MatrixSymbol("W", D, H), MatrixSymbol("F", D, H)
Psi, G = MatrixSymbol("Psi", D, D), MatrixSymbol("G", H, H)
xv, yv, mv1, mv2, bv = (MatrixSymbol(name, n, 1) for name in ("xv", "yv", "mv1", "mv2", "bv"))
dv, hv = MatrixSymbol("dv", D, 1), MatrixSymbol("hv", H, 1)
In, ID, IH = sp.Identity(n), sp.Identity(D), sp.Identity(H)

det, tr, inv = sp.Determinant, sp.Trace, sp.Inverse
log, exp, sqrt, pi, E, Rat = sp.log, sp.exp, sp.sqrt, sp.pi, sp.E, sp.Rational
digamma, lgamma, gamma, polygamma = sp.digamma, sp.loggamma, sp.gamma, sp.polygamma
half = Rat(1, 2)


def total(body: sp.Expr, index: sp.Symbol, high: sp.Expr, low: sp.Expr | int = 1) -> sp.Sum:
    """The sum over index = low, ..., high."""
    return sp.Sum(body, (index, low, high))


def number(matrix: sp.MatrixExpr) -> sp.Expr:
    """The element of a 1 x 1 matrix, as it is (SymPy's `[0, 0]` writes sums, and captures indices)."""
    return MatrixElement(matrix, 0, 0)
