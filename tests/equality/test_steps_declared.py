"""Steps that hold almost everywhere, but not at every declared value, and those that do hold.

Each row is one form of a class: powers, signs, gamma, empty sums, determinants, what is whole.
"""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import (
    Abs,
    Determinant,
    Identity,
    IndexedBase,
    Inverse,
    KroneckerDelta,
    Matrix,
    MatrixSymbol,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    Trace,
    besseli,
    beta,
    binomial,
    ceiling,
    cos,
    digamma,
    exp,
    factorial,
    floor,
    gamma,
    log,
    polygamma,
    sign,
    sin,
    sqrt,
    symbols,
    zeta,
)

import entropy_proofs as ep
from entropy_proofs.algebra.nodes import Expectation

PROVED, REFUTED, UNDECIDED = ep.Verdict.PROVED, ep.Verdict.REFUTED, ep.Verdict.UNDECIDED
x, y, t = symbols("x y t", real=True)
u, p, q = Symbol("u"), Symbol("p", positive=True), Symbol("q", positive=True)
k, b = Symbol("k", integer=True, nonnegative=True), Symbol("b", integer=True)
even, odd = Symbol("even", even=True), Symbol("odd", odd=True)
h, neg, w = Symbol("h", nonnegative=True), Symbol("neg", negative=True), Symbol("w", nonzero=True)
n, m = symbols("n m", integer=True, positive=True)
N = Symbol("N", integer=True, nonnegative=True)
i, j = symbols("i j", integer=True)
share = Symbol("share", positive=True, unit_interval=True)
nil, two = Symbol("nil", zero=True), Symbol("two", even=True, positive=True)
neg_even = Symbol("neg_even", even=True, negative=True)
neg_odd = Symbol("neg_odd", odd=True, negative=True)
a, c = IndexedBase("a"), IndexedBase("c")
A, B, S, R = (MatrixSymbol(name, n, n) for name in "ABSR")
X, W = MatrixSymbol("X", n, m), MatrixSymbol("W", n, m)
M, v = MatrixSymbol("M", 2, 2), MatrixSymbol("v", n, 1)
singular_if_wide = Inverse(X.T * X)
Y = MatrixSymbol("Y", 6, 5)
minor = M[0, 0] * M[1, 1] - M[0, 1] * M[1, 0]
diagonal = sp.DiagMatrix(v)

FALSE = {
    "modulus of a power": (Abs(x**t), x**t),
    "modulus of a whole power": (Abs(x**n), x**n),
    "cube root of a cube": ((x**3) ** Rational(1, 3), x),
    "square of a root": (sqrt(x) ** 2 + y, x + y + sp.Integer(0) * x if False else Abs(x) + y),
    "root of a square": (sqrt(x**2), x),
    "root of a product": (sqrt(x * y), sqrt(x) * sqrt(y)),
    "log of a square": (log(x**2), 2 * log(x)),
    "log of a product": (log(x * y), log(x) + log(y)),
    "log of a product of factors": (
        log(Product(Symbol("r", real=True) * a[i], (i, 1, n))),
        Sum(log(Symbol("r", real=True) * a[i]), (i, 1, n)),
    ),
    "modulus of a factorial": (Abs(factorial(x)), factorial(x)),
    "modulus of gamma": (Abs(gamma(x)), gamma(x)),
    "square of a sign": (sign(k) ** 2, sp.Integer(1)),
    "sign of a number that may be zero": (sign(h), sp.Integer(1)),
    "modulus of a whole number": (Abs(b), b),
    "modulus of a product of whole numbers": (Abs(b * (b + 2)), b * (b + 2)),
    "modulus of a negative number": (Abs(neg), neg + 0 * x + (neg - neg) + 2 * neg),
    "floor of a real": (floor(x), x),
    "power of minus one": ((-1) ** b, sp.Integer(1)),
    "delta over a range that may be empty": (
        Sum(KroneckerDelta(i, 0) * a[i], (i, 0, n - 2)),
        a[0],
    ),
    "empty sum for a size that may be zero": (Sum(p, (i, 0, N - 2)), (N - 1) * p),
    "first term of a sum that may have none": (
        Sum(a[i], (i, 0, N - 1)),
        a[0] + Sum(a[i], (i, 1, N - 1)) * 1,
    ),
    "count to a whole number": (Sum(x, (i, 0, b - 1)), b * x),
    "log in a sum that may be empty": (Sum(log(x), (i, 0, k - 1)), k * log(x)),
    "log in a sum of one less": (Sum(log(x), (i, 1, n - 1)), (n - 1) * log(x)),
    "root in a sum that may be empty": (Sum(sqrt(x), (i, 1, k)), k * sqrt(x)),
    "log before a sum that may be empty": (
        Sum(p**i * log(x), (i, 0, k - 1)),
        log(x) * Sum(p**i, (i, 0, k - 1)),
    ),
    "empty product": (Product(p, (i, 1, N - 1)), p ** (N - 1)),
    "inverse of the transpose": (Trace(Inverse(A.T) * A), n),
    "sign of a determinant": (Abs(Determinant(A)), Determinant(A)),
    "determinant of a negative": (Determinant(-A), Determinant(A)),
    "determinant of the other negative": (Determinant(-A), -Determinant(A)),
    "determinant of a sum": (Determinant(A + B), Determinant(A) + Determinant(B)),
    "determinant of a multiple": (Determinant(2 * A), 2 * Determinant(A)),
    "log of a number of any sign times a determinant": (
        log(x * Determinant(A)),
        log(x) + log(Determinant(A)),
    ),
    "the same, of an inverse": (log(x * Determinant(Inverse(A))), log(x) - log(Determinant(A))),
    "the same, of a negative": (log(-Determinant(A)), log(Determinant(A))),
    "the same, with moduli": (log(x * Determinant(A)), log(Abs(x)) + log(Determinant(A))),
    "log of a scaled determinant": (log(Determinant(x * A)), n * log(x) + log(Determinant(A))),
    "exponential of a log of a determinant": (
        exp(log(Determinant(A)) + p),
        exp(p) * (Determinant(A) + 1),
    ),
    "zero and one": (nil + x, x + 1),
    "an even number below zero": (neg_even, sp.Integer(-2)),
    "an odd number below zero": (neg_odd, sp.Integer(-1)),
    "an even number that may be zero": (
        sign(Symbol("e", even=True, nonpositive=True)) ** 2,
        1 + nil,
    ),
    "a sum to a rounded number": (Sum(1, (i, 1, floor(x))), floor(x)),
    "beside a square of an expectation": (
        Expectation((u + 1) ** 2) + x,
        Expectation(u**2) + 2 * Expectation(u) + 1 + y,
    ),
    "order of an inverse": (
        (v.T * Inverse(A * B) * v)[0, 0],
        (v.T * Inverse(A) * Inverse(B) * v)[0, 0],
    ),
    "a matrix for its transpose": (Trace(A * B), Trace(A * B.T)),
    "one element": (a[3], 2 * a[3]),
    "maximum": (sp.Max(x, 0), x),
    "square of a mean": (Sum(a[i], (i, 1, n)) ** 2 / n, Sum(a[i] ** 2, (i, 1, n))),
    "zeta": (sp.zeta(x), 2 * sp.zeta(x)),
    "beside an expectation": (Expectation(u) + x, Expectation(u) + y),
    "beta": (beta(p, q + 1), beta(p, q)),
    "rounded up": (ceiling(x), floor(x) + 1),
    "more digits than a number has": (floor(exp(exp(p + 5))), x),
    "sign of a product": (sign(x * y), sign(x)),
    "sign of what is not zero": (sign(w), -Abs(w) / w),
    "modulus of what is not zero": (Abs(Symbol("d", integer=True, nonzero=True)), 1 + nil),
    "a product of three": (Product(x + i, (i, 1, 3)), (x + 1) * (x + 2) ** 2),
    "determinant of a diagonal": (Determinant(diagonal), Sum(v[i, 0], (i, 0, n - 1))),
    "inverse of a small matrix": (Trace(Inverse(M)), (M[0, 0] - M[1, 1]) / minor),
    "beside a polygamma of an order that may be negative": (
        polygamma(n - 3, p),
        polygamma(n - 3, p + 1),
    ),
    "beside Bessel functions of any order": (besseli(x, y) + p, besseli(x, y) + q),
    "beside a constant": (sp.Catalan * x + x, sp.Catalan * x + y),
    "beside an expectation of an expectation": (
        Expectation(Expectation(u) + u) + x,
        2 * Expectation(u) + y,
    ),
    "sign of a log": (sign(log(x)), -sign(log(x))),
    "an element at a rounded number": (a[floor(x)], a[0]),
    "determinant where an element is undefined": (Determinant(A + log(x) * B), Determinant(A)),
    "inverse where an element is undefined": (Trace(Inverse(A * log(x) + B) * S), Trace(S)),
}
TRUE = {
    "sin and cos": (sin(x) ** 2 + cos(x) ** 2 - 1, sp.Integer(0)),
    "cosh and sinh": (sp.cosh(x) ** 2 - sp.sinh(x) ** 2 - 1, sp.Integer(0)),
    "addition of angles": (cos(x - y), cos(x) * cos(y) + sin(x) * sin(y)),
    "product of consecutive whole numbers": (Abs(b * (b + 1)), b * (b + 1)),
    "an even number below zero": (Abs(neg_even), -neg_even),
    "an odd number below zero": (Abs(neg_odd), -neg_odd),
    "sign of an even number": (sign(Symbol("e", even=True, nonzero=True)) ** 2, 1 + nil),
    "a sum of evenly many": (Sum(1, (i, 1, two)) * (-1) ** two, two),
    "a sum of half as many": (Sum(1, (i, 1, two / 2)), two / 2),
    "what is zero": (nil, sp.Integer(0)),
    "an array of zeros": (IndexedBase(nil)[0] + x, x),
    "whole square before a number": (Abs(b**2 - b), b**2 - b),
    "even power of minus one": ((-1) ** even * x, x),
    "odd power": ((-x) ** odd, -(x**odd)),
    "square of a whole sign": (b * sign(b) ** 2, b),
    "sign and modulus": (x * sign(x), Abs(x)),
    "modulus of what is not negative": (Abs(h), h),
    "modulus of what is negative": (Abs(neg), -neg),
    "root of a square": (sqrt(x**2 + 2 * x + 1), Abs(x + 1)),
    "root of a root's square": (sqrt(h) ** 2, h),
    "floor of a whole number": (floor(b + Rational(1, 2)), b),
    "cases of a modulus": (Piecewise((x, x > 0), (-x, True)), Abs(x)),
    "log of a square": (log(x**2 * p), 2 * log(Abs(x)) + log(p)),
    "log of a power": (log(p**x), x * log(p)),
    "log of a written square": (log(1 - 2 * p + p**2), 2 * log(Abs(1 - p))),
    "sum that may be empty": (Sum(p, (i, 0, N - 1)), N * p),
    "delta within its range": (Sum(KroneckerDelta(i, 0) * a[i], (i, 0, n - 1)), a[0]),
    "delta counted from one": (Sum(KroneckerDelta(i, 1) * a[i], (i, 1, n)), a[1]),
    "nested sums of one index": (
        Sum(a[i] * Sum(a[i], (i, 0, n - 1)), (i, 0, n - 1)),
        Sum(a[i], (i, 0, n - 1)) ** 2,
    ),
    "triangular sums": (
        Sum(Sum(a[i] * c[j], (i, 0, j)), (j, 0, n - 1)),
        Sum(c[j] * Sum(a[i], (i, 0, j)), (j, 0, n - 1)),
    ),
    "telescope": (Sum(a[i + 1] - a[i], (i, 1, n)), a[n + 1] - a[1]),
    "log in a sum of one or more": (Sum(log(x), (i, 1, n)), n * log(x)),
    "a factor in a sum that may be empty": (
        Sum(2 * log(a[i]), (i, 1, k)),
        2 * Sum(log(a[i]), (i, 1, k)),
    ),
    "numbers": (Sum(i, (i, 1, n)), n * (n + 1) / 2),
    "endless sums": (
        Sum(2 * p**i / factorial(i), (i, 0, sp.oo)),
        2 * Sum(p**j / factorial(j), (j, 0, sp.oo)),
    ),
    "integrals by another name": (
        sp.Integral(u**2 * p, (u, 0, 1)),
        sp.Integral(t**2 * p, (t, 0, 1)),
    ),
    "product of logs": (Product(exp(a[i]), (i, 1, n)), exp(Sum(a[i], (i, 1, n)))),
    "determinant of a swap": (Determinant(Matrix([[0, 1], [1, 0]])), sp.Integer(-1)),
    "determinant of a product": (Determinant(A * B), Determinant(B) * Determinant(A)),
    "determinant of a transpose": (Determinant(A.T), Determinant(A)),
    "determinant of a multiple": (Determinant(-2 * A), (-2) ** n * Determinant(A)),
    "a determinant within a matrix": (
        Trace(A + Determinant(A) * B),
        Trace(A) + Determinant(A) * Trace(B),
    ),
    "determinant of rank one": (Determinant(Identity(n) + v * v.T), 1 + (v.T * v)[0, 0]),
    "transpose in an inverse": (Trace(Inverse(A).T * A.T), n),
    "projection": (Trace(X * singular_if_wide * X.T), m),
    "residual projection": (Trace(Identity(n) - X * singular_if_wide * X.T), n - m),
    "ridge": (Trace(Inverse(X.T * X + p * Identity(m)) * (X.T * X + p * Identity(m))), m),
    "gamma": (gamma(x + 1), x * gamma(x)),
    "factorial of a real": (factorial(x), gamma(x + 1)),
    "digamma of a real": (digamma(x + 1), digamma(x) + 1 / x),
    "factorials of whole numbers": (factorial(k + 1), (k + 1) * factorial(k)),
    "expectation of a multiple": (Expectation(2 * u + 1), 2 * Expectation(u) + 1),
    "expectation of a sum": (
        Expectation(Sum(a[i], (i, 1, n))),
        Sum(Expectation(a[i]), (i, 1, n)),
    ),
    "expectation of an expectation": (Expectation(Expectation(u) + u), 2 * Expectation(u)),
    "beta": (beta(p, q), gamma(p) * gamma(q) / gamma(p + q)),
    "beta of one argument": (beta(p, evaluate=False), gamma(p) ** 2 / gamma(2 * p)),
    "beta of one more": (beta(p, q + 1), beta(p, q) * q / (p + q)),
    "log to a base": (log(p, 2, evaluate=False), log(p) / log(2)),
    "rounded up": (ceiling(x), -floor(-x)),
    "rounded up beside a whole number": (ceiling(x + b), ceiling(x) + b),
    "zeta": (2 * zeta(p + 1) * (1 + x), 2 * zeta(p + 1) + 2 * x * zeta(p + 1)),
    "a constant": (sp.Catalan * (x + 1), sp.Catalan * x + sp.Catalan),
    "an unknown function's derivative": (
        sp.Function("f")(x).diff(x) * (y + 1),
        y * sp.Function("f")(x).diff(x) + sp.Function("f")(x).diff(x),
    ),
    "a function not known here": (
        sp.besselj(n, x) * (y + 1),
        y * sp.besselj(n, x) + sp.besselj(n, x),
    ),
    "a power of what may be zero": (h**p * (y + 1), h**p * y + h**p),
    "Bessel functions of any order": (besseli(x, y) * (t + 1), besseli(x, y) + t * besseli(x, y)),
    "a derivative of trigamma": (polygamma(2, p + 1), polygamma(2, p) + 2 / p**3),
    "sign of a product": (sign(x * y), sign(x) * sign(y)),
    "sign of a product of powers": (sign(x**3 * y), sign(x) * sign(y)),
    "sign of what is not zero": (sign(w), w / Abs(w)),
    "a product of three": (Product(x + i, (i, 1, 3)), (x + 1) * (x + 2) * (x + 3)),
    "a product to a rounded number": (
        Product(p, (i, 0, floor(x))),
        exp(Sum(log(p), (i, 0, floor(x)))),
    ),
    "log of a factor of one sign": (log(share - share**2), log(share) + log(1 - share)),
    "root of factors of one sign": (
        sqrt(sp.expand((p + q) * (1 - share))),
        sqrt(p + q) * sqrt(1 - share),
    ),
    "log of a square of one sign": (log(share**2 - 2 * share + 1), 2 * log(1 - share)),
    "a case that always holds": (Piecewise((x, share < 1), (y, True)), x),
    "a case that never holds": (Piecewise((x, share > 1), (y, True)), y),
    "delta beyond its range": (Sum(KroneckerDelta(i, n + 1) * a[i], (i, 0, n)), nil),
    "delta before its range": (Sum(KroneckerDelta(i, -1) * a[i], (i, 0, n)), nil),
    "delta at a difference of sizes": (
        Sum(KroneckerDelta(i, n - m) * a[i] * p, (i, 0, n)),
        p * Sum(KroneckerDelta(j, n - m) * a[j], (j, 0, n)),
    ),
    "determinant of zeros": (Determinant(sp.MatAdd(A, -A, evaluate=False)), nil),
    "determinant of a multiple of the identity": (Determinant(Identity(n) * x), x**n),
    "determinant of a diagonal": (Determinant(diagonal), Product(v[i, 0], (i, 0, n - 1))),
    "Sylvester in numbers": (
        log(Determinant(Identity(6) * p + Y * Y.T)),
        log(p) + log(Determinant(Identity(5) * p + Y.T * Y)),
    ),
    "a size that nothing else says": (Sum(x, (i, 1, u)), u * x),
    "indices that are whole since they are indices": (a[u] * (x + 1), a[u] + x * a[u]),
}
OPEN = {
    "nothing is said of x": (Expectation(log(u)), digamma(p) - log(q)),
    "what is constant is not said": (Expectation(u * x), x * Expectation(u)),
    "a square of an expectation": (Expectation(u) ** 2, Expectation(u**2)),
    "log of what may be zero in a sum that may be empty": (
        Sum(log(sp.Max(x, 0)), (i, 0, k - 1)),
        k * log(sp.Max(x, 0)),
    ),
    "a sum to a real number": (Sum(1, (i, 0, x)), x + 1),
    "a product to a real number": (Product(2, (i, 1, x)), 2**x),
    "the first term before a real number": (Sum(a[i], (i, 0, x)), a[0] + Sum(a[i], (i, 1, x))),
    "a sum to a positive number": (Sum(1, (i, 1, p)), p),
    "a sum to a half": (Sum(1, (i, 0, Rational(1, 2))), Rational(3, 2)),
    "an integral that diverges": (
        sp.Integral(1 / t, (t, 0, 1)),
        sp.Integral(1 / t, (t, 0, 1)) + 1,
    ),
    "the same times a number": (
        x * sp.Integral(1 / t, (t, 0, 1)),
        x * sp.Integral(1 / t, (t, 0, 1)) + 1,
    ),
    "an endless sum that diverges": (Sum(1 / i, (i, 1, sp.oo)), Sum(1 / i, (i, 1, sp.oo)) + 1),
    "a function that need not be defined": (sp.Function("f")(x), sp.Function("f")(x) + 1),
    "the same in an expectation": (
        Expectation(sp.Function("f")(u)) + x,
        Expectation(sp.Function("f")(u)) + y,
    ),
    "a log of an expectation": (log(Expectation(exp(u))), Expectation(u)),
    "an integral": (sp.Integral(u**2, (u, 0, 1)), sp.Integral(u, (u, 0, 1))),
    "unknown functions": (sp.Function("f")(x), sp.Function("g")(x)),
    "an endless sum": (Sum(p**i / factorial(i), (i, 0, sp.oo)), 2 * exp(p)),
    "a polynomial too long": (
        (x + y + t + p) ** 24 * (x + y + t - p) ** 24,
        ((x + y + t) ** 2 - p**2) ** 24,
    ),
    "an endless sum of zeros": (Sum(nil * a[i], (i, 0, sp.oo)), nil),
    "a sum without a beginning": (Sum(exp(i), (i, -sp.oo, 0)), 1 + nil),
    "an endless sum from any number": (Sum(p**i, (i, b, sp.oo)), Sum(p**j, (j, b, sp.oo)) + 1),
    "a sum to a fraction": (Sum(x, (i, 1, 1 / p)), x / p),
    "a sum to a half, maybe": (Sum(x, (i, 1, n * (n + 2) / 2)), x * n * (n + 2) / 2),
    "a sum of very many": (Sum(x**i, (i, 1, 10**9)), x),
    "a number too large": (exp(exp(exp(exp(p + 5)))), x),
    "a divisor that is zero": (x / (p - p * cos(y) ** 2 - p * sin(y) ** 2), x),
    "a test that is not known here": (Piecewise((x, sp.Xor(x > 0, y > 0)), (t, True)), x),
    "a limit": (sp.Limit(x**i, i, 0), x),
    "a constant": (sp.GoldenRatio * x, x),
    "irrational numbers": (Symbol("r", irrational=True) ** 2 + x, x),
    "derivatives of an unknown function": (
        sp.Function("f")(x).diff(x),
        sp.Function("f")(x).diff(x, 2),
    ),
    "an unknown function in a case": (Piecewise((sp.Function("f")(x), x > 0), (0, True)), x),
    "an unknown function that a case asks": (Piecewise((x, sp.Function("f")(x) > 0), (0, True)), x),
}
CONDITIONS = {
    "a division": ((x**2 - 1) / (x - 1), x + 1, ("x ≠ 1",)),
    "a log": (log(x**2), 2 * log(Abs(x)), ("x ≠ 0",)),
    "an inverse of a sum": (Trace(Inverse(A + B) * S * (A + B)), Trace(S), ("A + B invertible",)),
    "an inverse in general": (Trace(Inverse(A) * B * A), Trace(B), ("A invertible",)),
    "a log det": (
        log(Determinant(A * B)),
        log(Determinant(A)) + log(Determinant(B)),
        ("A invertible", "B invertible"),
    ),
    "a log of a power of a determinant": (
        log(Determinant(A) ** (-x / 2)),
        -x * log(Determinant(A)) / 2,
        ("A invertible",),
    ),
    "a log of a positive multiple": (
        log(p * Determinant(A)),
        log(p) + log(Determinant(A)),
        ("A invertible",),
    ),
    "a log of a multiple within the unit interval": (
        log((1 - share) * Determinant(A)),
        log(1 - share) + log(Determinant(A)),
        ("A invertible",),
    ),
    "a log of a multiple by a root": (
        log(Determinant(A) / sqrt(x)),
        log(1 / sqrt(x)) + log(Determinant(A)),
        ("A invertible",),
    ),
    "a log of a multiple that may be zero": (
        log(h * Determinant(A)),
        log(h) + log(Determinant(A)),
        ("A invertible", "h ≠ 0"),
    ),
    "a log of a modulus": (log(Abs(Determinant(A))), log(Determinant(A)), ("A invertible",)),
    "a projection": (Trace(X * singular_if_wide * X.T), m, ("X.T*X invertible",)),
    "a positive divisor": (p / q * q**2, p * q, ()),
    "what is declared not to be zero": (w**2 / Abs(w), Abs(w), ()),
    "a positive definite sum": (
        log(Determinant(W * W.T + p * Identity(n))),
        n * log(p) + log(Determinant(Identity(m) + W.T * W / p)),
        (),
    ),
    "a size": (1 / (n - 1) * (n - 1) ** 2 + x / (n - 1), n - 1 + x / (n - 1), ("n ≥ 2",)),
    "binomials": (
        binomial(n, m),
        factorial(n) / factorial(m) / factorial(n - m),
        ("-m + n ≥ 0",),
    ),
    "a sign of a quotient": (sign(x / y), sign(x) * sign(y), ("y ≠ 0",)),
    "a division by a sign": (x / sign(y), x * sign(y), ("y ≠ 0",)),
    "tetragamma of a real": (
        polygamma(2, x + 1),
        polygamma(2, x) + 2 / x**3,
        ("x + 1 ∉ {0, -1, -2, ...}", "x ∉ {0, -1, -2, ...}", "x ≠ 0"),
    ),
    "zeta": (zeta(x) * (x + 1), x * zeta(x) + zeta(x), ("x ≠ 1",)),
    "a log of a written square": (
        log(2 * x**2 - 4 * x + 2),
        log(2) + 2 * log(Abs(x - 1)),
        ("x ≠ 1",),
    ),
    "a log of a small determinant": (
        log(Determinant(M)),
        log(Abs(minor)),
        ("M invertible", "M[0,0]*M[1,1] - M[0,1]*M[1,0] ≠ 0"),
    ),
    "an inverse of a small matrix": (
        Trace(Inverse(M)),
        (M[0, 0] + M[1, 1]) / minor,
        ("M invertible", "M[0,0]*M[1,1] - M[0,1]*M[1,0] ≠ 0"),
    ),
    "an inverse of a diagonal": (
        Trace(Inverse(diagonal) * A),
        Sum(A[i, i] / v[i, 0], (i, 0, n - 1)),
        ("v[i] ≠ 0 for all i",),
    ),
    "a sum within a matrix": (
        log(Determinant(diagonal + W * W.T)),
        log(Determinant(diagonal)) + log(Determinant(Identity(m) + W.T * Inverse(diagonal) * W)),
        (
            "diag(v) + W*W.T invertible",
            "v[i] ≠ 0 for all i",
            "δ(i, j) + ∑_{k<n} W[k, i] W[k, j] v[k]^(-1) invertible",
        ),
    ),
}


@pytest.mark.parametrize("sides", FALSE.values(), ids=FALSE)
def test_what_fails_at_a_declared_value_is_refuted(sides):
    (step,) = ep.check_steps(sides)
    assert step.verdict is REFUTED
    assert step.witness.left != step.witness.right
    assert step.conditions == ()


@pytest.mark.parametrize("sides", TRUE.values(), ids=TRUE)
def test_what_holds_at_every_declared_value_is_proved(sides):
    assert ep.check_steps(sides).verdict is PROVED


@pytest.mark.parametrize("sides", OPEN.values(), ids=OPEN)
def test_what_is_not_known_is_not_decided(sides):
    (step,) = ep.check_steps(sides)
    assert step.verdict is UNDECIDED
    assert isinstance(step.witness, str)


@pytest.mark.parametrize("row", CONDITIONS.values(), ids=CONDITIONS)
def test_preconditions_are_said(row):
    left, right, conditions = row
    steps = ep.check_steps([left, right])
    assert steps.verdict is PROVED
    assert steps.conditions == conditions
    assert steps.to_dict()["steps"][0]["conditions"] == list(conditions)
    assert all(c in str(steps) for c in conditions)


def test_a_positive_definite_matrix_has_a_positive_determinant():
    sides = [Abs(Determinant(S)), Determinant(S)]
    assert ep.check_steps(sides, domains={"S": "positive definite"}).verdict is PROVED
    assert ep.check_steps(sides).verdict is REFUTED


def test_a_matrix_times_zero_and_what_need_not_be_defined():
    with pytest.raises(ep.InputError, match="zero times"):
        ep.check_steps([Determinant(sp.MatMul(log(x), sp.MatMul(0, A))), x])


def test_a_divisor_that_is_zero():
    with pytest.raises(ep.InputError, match="nil is zero"):
        ep.check_steps([x / nil, x])


def _of_a_model():
    """Sides that are equal for a model's own symbols, and sides that are not."""
    model = ep.Model("m")
    K, D = model.dims("K", "D")
    p, A = model.parameter("p", K, domain="simplex"), model.parameter("A", D, K, domain="simplex")
    S = model.parameter("S", D, D, domain="positive definite")
    U = model.parameter("U", D, K, domain="unit columns")
    t = model.parameter("t", K, domain="increasing")
    c = model.latent("c", ep.Categorical(probabilities=p))
    j, k = (Symbol(name, integer=True) for name in "jk")

    def along(e, i, size):
        return Sum(e, (i, 0, size - 1))

    return {
        "simplex": [(along(p[k], k, K), 1), (along(A[j, k], k, K), 1)],
        "definite": [(S[j, k], S[k, j])],
        "increasing": [(Abs(t[1] - t[0]), t[1] - t[0])],
        "category": [(along(KroneckerDelta(c, k), k, K), 1)],
    }, {
        "simplex": [(along(p[k], k, K - 1), 1), (along(A[j, k], j, D), 1), (p[0], p[1])],
        "definite": [(S[0, 1], 0)],
        "unit columns": [(along(U[j, k], j, D), 1), (along(U[j, k] ** 2, k, K), 1)],
        "increasing": [(t[1], t[0])],
        "category": [(c, 0)],
    }, (along(U[j, k] ** 2, j, D), 1)  # fmt: skip


def test_a_models_own_symbols_say_their_domain():
    equal, different, not_shown = _of_a_model()
    assert not {n for n, rows in equal.items() for r in rows if _verdict(r) is not PROVED}
    assert not {n for n, rows in different.items() for r in rows if _verdict(r) is not REFUTED}
    assert _verdict(not_shown) is UNDECIDED


def test_a_domain_that_is_given_goes_before_what_a_models_symbol_says():
    total, one = _of_a_model()[0]["simplex"][0]
    for domain in ("positive", "real"):
        assert ep.check_steps([total, one], domains={"p": domain}).verdict is REFUTED


def _verdict(sides):
    return ep.check_steps(list(map(sp.sympify, sides))).verdict


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_elements_of_an_inverse_of_two_rows_are_cramers(row, column):
    """The other diagonal element, or minus the same off the diagonal, by the determinant."""
    model = ep.Model("m")
    a = model.parameter("a", 2, 2)
    model.observed("x", ep.Normal(mean=0, variance=1))
    below = a[0, 0] * a[1, 1] - a[0, 1] * a[1, 0]
    right = a[1 - row, 1 - column] if row == column else -a[row, column]
    model.derivation(ep.inv(a)[row, column], right / below, -right / below)
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED]


def test_a_witness_averages_an_average_as_a_number():
    """E[E[u] + f(u)] is E[u] + E[f(u)] at the numbers too, where only x and y differ."""
    for value in (sin(u), exp(u), sign(u), u**2):
        nested, apart = Expectation(Expectation(u) + value), Expectation(u) + Expectation(value)
        (step,) = ep.check_steps([nested + x, apart + y])
        left, right, at = float(step.witness.left), float(step.witness.right), step.witness.at
        assert left - right == pytest.approx(at["x"] - at["y"])


def test_expectations_in_a_model_know_what_is_random():
    model = ep.Model("m")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", ep.Normal(mean=0, variance=s))
    model.observed("x", ep.Normal(mean=z, variance=1))
    average = Expectation
    model.derivation(average(s * z), s * average(z), 2 * s * average(z))
    model.derivation(average(z**2), average(z) ** 2)
    model.derivation(average((z - s) ** 2), average(z**2) - 2 * s * average(z) + s**2)
    model.derivation(average(z**2), s)
    model.derivation(average(s), s, 2 * s)
    found = [c.verdict for c in ep.prove(model).claims]
    assert found == [PROVED, REFUTED, REFUTED, PROVED, UNDECIDED, PROVED, REFUTED]


def test_expectations_over_what_is_within_bounds():
    """Drawn distributions keep to the domain: shares sum to one, and are not negative."""
    model = ep.Model("m")
    s = model.parameter("s", domain="positive")
    z = model.latent("z", ep.Beta(alpha=s, beta=s))
    b = model.parameter("b", 3, domain="positive")
    r = model.latent("r", ep.Dirichlet(concentration=b))
    model.observed("x", ep.Normal(mean=z + r[0], variance=1))
    average = Expectation
    model.derivation(average(r.sum()), 1)
    model.derivation(average(r[0]), average(r[0] * r.sum()), average(r[0] * r[1]))
    model.derivation(average(Abs(z)), average(z), average(z**2))
    found = [c.verdict for c in ep.prove(model).claims]
    assert found == [PROVED, PROVED, REFUTED, PROVED, REFUTED]
