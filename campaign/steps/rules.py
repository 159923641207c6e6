"""Rewrite rules as records: true ones, and those that hand derivations take for true.

A rule names the sorts of what it is applied to and makes both sides of an equation of it; sorts
are listed in `draw.py`.  Whether a rule holds for what was drawn is for the oracle to say: `true`
only sorts the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from campaign.steps.terms import Term, call, entry, num, total, var

Pair = tuple[Term, Term]
HALF, THIRD = num(1, 2), num(1, 3)
PI = Term("const", ("pi",))
I, J = var("i"), var("j")


@dataclass(frozen=True)
class Rule:
    """`name`: what it rewrites; `takes`: the sorts of its arguments, a letter each."""

    name: str
    true: bool
    takes: str
    sides: Callable[..., Pair]


def log(x: Term) -> Term:
    return call("log", x)


def exp(x: Term) -> Term:
    return call("exp", x)


def mod(x: Term) -> Term:
    return call("abs", x)


def sqrt(x: Term) -> Term:
    return x**HALF


def det(m: Term) -> Term:
    return call("det", m)


def tr(m: Term) -> Term:
    return call("trace", m)


def inv(m: Term) -> Term:
    return call("inverse", m)


def T(m: Term) -> Term:
    return call("transpose", m)


def form(a: Term, m: Term, b: Term) -> Term:
    """a' m b"""
    return call("element", T(a) @ m @ b, 0, 0)


def dot(a: Term, b: Term) -> Term:
    return call("element", T(a) @ b, 0, 0)


def one(n: Term) -> Term:
    return call("identity", n)


def summed(f: Term, n: Term) -> Term:
    """Over i = 0, ..., n - 1"""
    return total(f, "i", 0, n - 1)


def at(f: Term, place: Term) -> Term:
    return f.put("i", place)


def gamma(x: Term) -> Term:
    return call("gamma", x)


def when(condition: Term, then: Term, otherwise: Term) -> Term:
    return Term("piecewise", (condition, then, Term("true"), otherwise))


N, D, H = var("n"), var("d"), var("m")
SCALAR = [
    Rule("square of a sum", True, "xy", lambda x, y: ((x + y) ** 2, x**2 + 2 * x * y + y**2)),
    Rule("difference of squares", True, "xy", lambda x, y: (x**2 - y**2, (x - y) * (x + y))),
    Rule("distributivity", True, "xyz", lambda x, y, z: (x * (y + z), x * y + x * z)),
    Rule("one over a product", True, "xy", lambda x, y: (1 / (x * y), (1 / x) * (1 / y))),
    Rule("common denominator", True, "xst", lambda x, s, t: (x / s + 1 / t, (x * t + s) / (s * t))),
    Rule("completing a square", True, "xys", lambda x, y, s: (
        s * x**2 - 2 * x * y, s * (x - y / s) ** 2 - y**2 / s)),
    Rule("log of a product", True, "st", lambda s, t: (log(s * t), log(s) + log(t))),
    Rule("log of a ratio", True, "st", lambda s, t: (log(s / t), log(s) - log(t))),
    Rule("log of a power", True, "sx", lambda s, x: (log(s**x), x * log(s))),
    Rule("log of a square", True, "x", lambda x: (log(x**2), 2 * log(mod(x)))),
    Rule("log of an exponential", True, "x", lambda x: (log(exp(x)), x)),
    Rule("log of a modulus", True, "xy", lambda x, y: (log(mod(x * y)), log(mod(x)) + log(mod(y)))),
    Rule("product of exponentials", True, "xy", lambda x, y: (exp(x) * exp(y), exp(x + y))),
    Rule("root of a square", True, "x", lambda x: (sqrt(x**2), mod(x))),
    Rule("root of a product", True, "st", lambda s, t: (sqrt(s * t), sqrt(s) * sqrt(t))),
    Rule("sum of exponents", True, "sxy", lambda s, x, y: (s**x * s**y, s ** (x + y))),
    Rule("power of a power", True, "sxy", lambda s, x, y: ((s**x) ** y, s ** (x * y))),
    Rule("whole power of a product", True, "xyk", lambda x, y, k: (
        (x * y) ** k, x**k * y**k)),
    Rule("modulus of a product", True, "xy", lambda x, y: (mod(x * y), mod(x) * mod(y))),
    Rule("modulus of a square", True, "x", lambda x: (mod(x**2), x**2)),
    Rule("modulus by the sign", True, "x", lambda x: (mod(x), x * call("sign", x))),
    Rule("modulus by cases", True, "x", lambda x: (mod(x), when(call("gt", x, 0), x, -x))),
    Rule("maximum by the modulus", True, "xy", lambda x, y: (
        call("max", x, y), (x + y + mod(x - y)) / 2)),
    Rule("maximum and minimum", True, "xy", lambda x, y: (
        call("max", x, y) + call("min", x, y), x + y)),
    Rule("product of consecutive numbers", True, "k", lambda k: (mod(k * (k + 1)), k * (k + 1))),
    Rule("minus one to twice a number", True, "k", lambda k: (num(-1) ** (2 * k), num(1))),
    Rule("gamma recurrence", True, "s", lambda s: (gamma(s + 1), s * gamma(s))),
    Rule("log gamma recurrence", True, "s", lambda s: (
        call("loggamma", s + 1), call("loggamma", s) + log(s))),
    Rule("digamma recurrence", True, "s", lambda s: (
        call("digamma", s + 1), call("digamma", s) + 1 / s)),
    Rule("log of gamma", True, "s", lambda s: (log(gamma(s)), call("loggamma", s))),
    Rule("factorial recurrence", True, "c", lambda c: (
        call("factorial", c + 1), (c + 1) * call("factorial", c))),
    Rule("factorial as gamma", True, "c", lambda c: (call("factorial", c), gamma(c + 1))),
    Rule("Pascal", True, "c", lambda c: (
        call("binomial", N + 1, c + 1), call("binomial", N, c) + call("binomial", N, c + 1))),
    Rule("sine and cosine", True, "x", lambda x: (
        call("sin", x) ** 2 + call("cos", x) ** 2, num(1))),
    Rule("double angle", True, "x", lambda x: (
        call("sin", 2 * x), 2 * call("sin", x) * call("cos", x))),
    Rule("hyperbolic squares", True, "x", lambda x: (
        call("cosh", x) ** 2 - call("sinh", x) ** 2, num(1))),
    Rule("logistic complement", True, "x", lambda x: (
        1 - 1 / (1 + exp(-x)), 1 / (1 + exp(x)))),
    Rule("softplus", True, "x", lambda x: (log(1 + exp(x)), x + log(1 + exp(-x)))),
    Rule("tanh", True, "x", lambda x: (
        call("tanh", x), (exp(2 * x) - 1) / (exp(2 * x) + 1))),
    Rule("whole exponents added", True, "xkl", lambda x, k, l: (x**k * x**l, x ** (k + l))),
    Rule("even power of a modulus", True, "xk", lambda x, k: (mod(x) ** (2 * k), x ** (2 * k))),
    Rule("square of a whole power", True, "xk", lambda x, k: ((x**k) ** 2, x ** (2 * k))),
    Rule("parity of a square", True, "k", lambda k: (num(-1) ** (k**2), num(-1) ** k)),
    Rule("sign of a product", True, "xy", lambda x, y: (
        call("sign", x * y), call("sign", x) * call("sign", y))),
    Rule("odd power of a sign", True, "x", lambda x: (call("sign", x) ** 3, call("sign", x))),
    Rule("maximum by cases", True, "xy", lambda x, y: (
        call("max", x, y), when(call("gt", x, y), x, y))),
    Rule("rectifier by cases", True, "x", lambda x: (
        call("max", x, 0), when(call("gt", x, 0), x, num(0)))),
    Rule("exponential of a maximum", True, "xy", lambda x, y: (
        exp(call("max", x, y)), call("max", exp(x), exp(y)))),
    Rule("minimum of negatives", True, "xy", lambda x, y: (
        call("min", x, y), -call("max", -x, -y))),
    Rule("log within a case", True, "x", lambda x: (
        when(call("gt", x, 0), log(x**2), num(0)), when(call("gt", x, 0), 2 * log(x), num(0)))),
    Rule("root within a case", True, "x", lambda x: (
        when(call("gt", x, 0), sqrt(x**2), num(1)), when(call("gt", x, 0), x, num(1)))),
    Rule("sign of a real by cases", True, "x", lambda x: (
        call("sign", x), when(call("gt", x, 0), num(1), when(call("ge", x, 0), num(0), num(-1))))),
    Rule("square of a delta", True, "kl", lambda k, l: (
        call("delta", k, l) ** 2, call("delta", k, l))),
    Rule("delta moves an index", True, "kl", lambda k, l: (
        call("delta", k, l) * entry("f", k), call("delta", k, l) * entry("f", l))),
    Rule("delta moves a number", True, "xkl", lambda x, k, l: (
        call("delta", k, l) * (x**2 + k), call("delta", k, l) * (x**2 + l))),
    Rule("tangent", True, "x", lambda x: (
        call("tan", x), call("sin", x) / call("cos", x))),
    Rule("gamma at half steps", True, "s", lambda s: (
        gamma(s) * gamma(s + HALF), num(2) ** (1 - 2 * s) * sqrt(PI) * gamma(2 * s))),
    Rule("gamma recurrence at any", True, "x", lambda x: (gamma(x + 1), x * gamma(x))),
    Rule("digamma recurrence at any", True, "x", lambda x: (
        call("digamma", x + 1) - call("digamma", x), 1 / x)),
    Rule("floor of a shift", True, "xk", lambda x, k: (
        call("floor", x + k), call("floor", x) + k)),
    Rule("power of an exponential", True, "xa", lambda x, a: (exp(x) ** a, exp(a * x))),
    Rule("a ratio of itself", True, "x", lambda x: ((x**2 - x) / (x - 1), x)),
    # what is taken for true -----------------------------------------------------------------------
    Rule("cube root of a square", False, "x", lambda x: ((x**2) ** THIRD, x ** num(2, 3))),
    Rule("sign by cases", False, "x", lambda x: (
        call("sign", x), when(call("gt", x, 0), num(1), num(-1)))),
    Rule("strict for weak inequality", False, "x", lambda x: (
        when(call("gt", x, 0), num(1), num(0)), when(call("ge", x, 0), num(1), num(0)))),
    Rule("exponential of a log of what may be zero", False, "hk", lambda h, k: (
        exp((k**2 + 1) * log(h)), h ** (k**2 + 1))),
    Rule("power of a modulus", False, "xk", lambda x, k: (mod(x) ** k, x**k)),
    Rule("a modulus squared under a root", False, "xy", lambda x, y: (
        sqrt(x**2 * y**2), mod(x) * y)),
    Rule("delta is one", False, "kl", lambda k, l: (call("delta", k, l), num(1))),
    Rule("floor is the number", False, "x", lambda x: (call("floor", x), x)),
    Rule("log of a product of squares", False, "xy", lambda x, y: (
        log(x**2 * y**2), 2 * log(mod(x)) + 2 * log(y))),
    Rule("real power of a modulus", False, "xa", lambda x, a: (mod(x) ** a, (x**2) ** a)),
    Rule("a product of signs", False, "xy", lambda x, y: (
        call("sign", x) * call("sign", y) * mod(x * y), mod(x) * mod(y))),
    Rule("modulus of log gamma lost", False, "s", lambda s: (
        mod(call("loggamma", s)), call("loggamma", s))),
    Rule("modulus of digamma lost", False, "s", lambda s: (
        mod(call("digamma", s)), call("digamma", s))),
    Rule("modulus of log lost", False, "s", lambda s: (mod(log(s)), log(s))),
    Rule("modulus lost of a difference of exponentials", False, "xy", lambda x, y: (
        mod(exp(x) - exp(y)), exp(x) - exp(y))),
    Rule("modulus of a tangent lost", False, "x", lambda x: (
        mod(call("tanh", x)), call("tanh", x))),
    Rule("modulus of a power lost", False, "xk", lambda x, k: (mod(x**k), x**k)),
    Rule("root of a square, modulus lost", False, "x", lambda x: (sqrt(x**2), x)),
    Rule("cube root of a cube", False, "x", lambda x: ((x**3) ** THIRD, x)),
    Rule("fourth root", False, "x", lambda x: ((x**4) ** num(1, 4), x)),
    Rule("square of a root", False, "x", lambda x: (sqrt(x) ** 2, mod(x))),
    Rule("three halves of a square", False, "x", lambda x: ((x**2) ** num(3, 2), x**3)),
    Rule("root of a product of any", False, "xy", lambda x, y: (sqrt(x * y), sqrt(x) * sqrt(y))),
    Rule("real power of a product of any", False, "xya", lambda x, y, a: (
        (x * y) ** a, x**a * y**a)),
    Rule("power of a power of any", False, "xa", lambda x, a: ((x**2) ** a, x ** (2 * a))),
    Rule("log of a product of any", False, "xy", lambda x, y: (log(x * y), log(x) + log(y))),
    Rule("log of a square, modulus lost", False, "x", lambda x: (log(x**2), 2 * log(x))),
    Rule("exponential of a log", False, "x", lambda x: (exp(log(x) + 1), x * exp(num(1)))),
    Rule("log of a sum", False, "st", lambda s, t: (log(s + t), log(s) + log(t))),
    Rule("sign squared", False, "k", lambda k: (call("sign", k) ** 2, num(1))),
    Rule("sign of a count", False, "c", lambda c: (call("sign", c), num(1))),
    Rule("sign cubed", False, "x", lambda x: (call("sign", x) ** 3, mod(call("sign", x)))),
    Rule("modulus of a difference lost", False, "xy", lambda x, y: (mod(x - y), x - y)),
    Rule("modulus of a sum", False, "xy", lambda x, y: (mod(x + y), mod(x) + mod(y))),
    Rule("modulus of gamma lost", False, "x", lambda x: (mod(gamma(x)), gamma(x))),
    Rule("modulus of factorial lost", False, "x", lambda x: (
        mod(call("factorial", x)), call("factorial", x))),
    Rule("log of gamma of any", False, "x", lambda x: (log(gamma(x) ** 2), 2 * log(gamma(x)))),
    Rule("product of consecutive reals", False, "x", lambda x: (mod(x * (x + 1)), x * (x + 1))),
    Rule("minus one to any whole number", False, "k", lambda k: (num(-1) ** k, num(1))),
    Rule("digamma recurrence, off by one", False, "s", lambda s: (
        call("digamma", s + 1), call("digamma", s) + 1 / (s + 1))),
    Rule("maximum scaled by any", False, "xyz", lambda x, y, z: (
        call("max", x * y, x * z), x * call("max", y, z))),
    Rule("missing Jacobian", False, "xst", lambda x, s, t: (
        -log(t) - ((x - s) / t) ** 2 / 2, -(((x - s) / t) ** 2) / 2)),
    Rule("zero to the zero", False, "hk", lambda h, k: (h ** (k**2), h * h ** (k**2 - 1))),
    Rule("a power and its inverse", False, "xk", lambda x, k: (x**k * x ** (-k), num(1))),
]  # fmt: skip
SUMS = [
    Rule("sum of a sum", True, "fg", lambda f, g: (summed(f + g, N), summed(f, N) + summed(g, N))),
    Rule("constant out of a sum", True, "xf", lambda x, f: (summed(x * f, N), x * summed(f, N))),
    Rule("sum of a constant", True, "x", lambda x: (summed(x, N), N * x)),
    Rule("last term", True, "f", lambda f: (
        summed(f, N), summed(f, N - 1) + at(f, N - 1))),
    Rule("first term", True, "f", lambda f: (
        summed(f, N), at(f, num(0)) + total(f, "i", 1, N - 1))),
    Rule("shifted index", True, "f", lambda f: (
        summed(f, N), total(at(f, I - 1), "i", 1, N))),
    Rule("reversed index", True, "f", lambda f: (summed(f, N), summed(at(f, N - 1 - I), N))),
    Rule("product of sums", True, "fg", lambda f, g: (
        summed(f, N) * summed(g, N), summed(total(f * at(g, J), "j", 0, N - 1), N))),
    Rule("triangle, other order", True, "fg", lambda f, g: (
        summed(total(f * at(g, J), "j", 0, I), N),
        total(total(f * at(g, J), "i", J, N - 1), "j", 0, N - 1))),
    Rule("delta in a sum", True, "f", lambda f: (
        summed(call("delta", I, 0) * f, N), at(f, num(0)))),
    Rule("delta in a double sum", True, "fg", lambda f, g: (
        summed(total(call("delta", I, J) * f * at(g, J), "j", 0, N - 1), N), summed(f * g, N))),
    Rule("square around the mean", True, "f", lambda f: (
        summed((f - total(at(f, J), "j", 0, N - 1) / N) ** 2, N),
        summed(f**2, N) - summed(f, N) ** 2 / N)),
    Rule("sum of the index", True, "", lambda: (summed(I, N), N * (N - 1) / 2)),
    Rule("sum of logs", True, "q", lambda q: (
        log(Term("prod", (q, "i", num(0), N - 1))), summed(log(q), N))),
    Rule("weights that sum to one", True, "xf", lambda x, f: (
        summed(entry("w", I) * (f - x), N), summed(entry("w", I) * f, N) - x)),
    Rule("the weights themselves", True, "", lambda: (summed(entry("w", I), N), num(1))),
    Rule("weights and their squares", True, "", lambda: (
        summed(entry("w", I) * (1 - entry("w", I)), N), 1 - summed(entry("w", I) ** 2, N))),
    Rule("double sum of deltas", True, "", lambda: (
        summed(total(call("delta", I, J), "j", 0, N - 1), N), N)),
    Rule("sum of a constant to a count", True, "xc", lambda x, c: (summed(x, c), c * x)),
    Rule("geometric sum", True, "s", lambda s: ((1 - s) * summed(s**I, N), 1 - s**N)),
    Rule("sums over two sizes", True, "fg", lambda f, g: (
        summed(total(f * at(g, J), "j", 0, H - 1), N),
        total(summed(f * at(g, J), N), "j", 0, H - 1))),
    Rule("one index twice", True, "fg", lambda f, g: (
        summed(f * summed(g, N), N), summed(f, N) * summed(g, N))),
    Rule("square of a sum as a double one", True, "f", lambda f: (
        summed(f, N) ** 2, summed(total(f * at(f, J), "j", 0, N - 1), N))),
    Rule("telescope", True, "f", lambda f: (
        summed(at(f, I + 1) - f, N), at(f, N) - at(f, num(0)))),
    Rule("exponential of a sum", True, "f", lambda f: (
        exp(summed(f, N)), Term("prod", (exp(f), "i", num(0), N - 1)))),
    Rule("power of a product", True, "qx", lambda q, x: (
        Term("prod", (q, "i", num(0), N - 1)) ** x, Term("prod", (q**x, "i", num(0), N - 1)))),
    # what is taken for true -----------------------------------------------------------------------
    Rule("sum of a constant to a whole number", False, "xk", lambda x, k: (summed(x, k), k * x)),
    Rule("one delta is in the range", False, "k", lambda k: (
        summed(call("delta", I, k), N), num(1))),
    Rule("double sum of deltas, two sizes", False, "", lambda: (
        summed(total(call("delta", I, J), "j", 0, H - 1), N), N)),
    Rule("sums over two sizes, swapped", False, "fg", lambda f, g: (
        summed(total(f * at(g, J), "j", 0, H - 1), N),
        summed(total(g * at(f, J), "j", 0, H - 1), N))),
    Rule("squares of weights", False, "", lambda: (summed(entry("w", I) ** 2, N), num(1))),
    Rule("moduli out of a sum", False, "f", lambda f: (summed(mod(f), N), mod(summed(f, N)))),
    Rule("telescope, off by one", False, "f", lambda f: (
        summed(at(f, I + 1) - f, N), at(f, N - 1) - at(f, num(0)))),
    Rule("sum of the index, off by one", False, "", lambda: (summed(I, N), N * (N + 1) / 2)),
    Rule("log of a product over data, of any", False, "f", lambda f: (
        log(Term("prod", (f, "i", num(0), N - 1))), summed(log(f), N))),
    Rule("modulus of a product over data lost", False, "f", lambda f: (
        mod(Term("prod", (f, "i", num(0), N - 1))), Term("prod", (f, "i", num(0), N - 1)))),
    Rule("delta in a shorter sum", False, "f", lambda f: (
        summed(call("delta", I, 0) * f, N - 1), at(f, num(0)))),
    Rule("delta beyond the sum", False, "f", lambda f: (
        summed(call("delta", I, N) * f, N), at(f, N))),
    Rule("delta of a whole number", False, "f", lambda f: (
        summed(call("delta", I, var("k")) * f, N), at(f, var("k")))),
    Rule("last term, off by one", False, "f", lambda f: (
        summed(f, N), summed(f, N - 1) + at(f, N))),
    Rule("range off by one", False, "f", lambda f: (summed(f, N), total(f, "i", 0, N))),
    Rule("first two terms", False, "f", lambda f: (
        summed(f, N), at(f, num(0)) + at(f, num(1)) + total(f, "i", 2, N - 1))),
    Rule("square of a sum for the sum of squares", False, "f", lambda f: (
        summed(f**2, N), summed(f, N) ** 2)),
    Rule("sum of a constant, off by one", False, "x", lambda x: (total(x, "i", 1, N - 1), N * x)),
    Rule("log of a sum over data", False, "q", lambda q: (log(summed(q, N)), summed(log(q), N))),
    Rule("triangle with its diagonal", False, "fg", lambda f, g: (
        summed(total(f * at(g, J), "j", 0, I - 1), N),
        total(total(f * at(g, J), "i", J, N - 1), "j", 0, N - 1))),
    Rule("half of the square is the triangle", False, "f", lambda f: (
        2 * summed(total(f * at(f, J), "j", 0, I), N), summed(f, N) ** 2)),
    Rule("sum of a ratio", False, "fq", lambda f, q: (
        summed(f / q, N), summed(f, N) / summed(q, N))),
]  # fmt: skip
MATRICES = [
    Rule("cyclic trace", True, "ABC", lambda a, b, c: (tr(a @ b @ c), tr(c @ a @ b))),
    Rule("trace of a transpose", True, "AB", lambda a, b: (tr(T(a) @ b), tr(T(b) @ a))),
    Rule("trace of a sum", True, "ABx", lambda a, b, x: (
        tr(a + x * b), tr(a) + x * tr(b))),
    Rule("determinant of a product", True, "AB", lambda a, b: (det(a @ b), det(a) * det(b))),
    Rule("determinant of a transpose", True, "A", lambda a: (det(T(a)), det(a))),
    Rule("determinant of a multiple", True, "Ax", lambda a, x: (
        det(x * a), x**D * det(a))),
    Rule("determinant of an inverse", True, "A", lambda a: (det(inv(a)), 1 / det(a))),
    Rule("log determinant of a product", True, "AB", lambda a, b: (
        log(mod(det(a @ b))), log(mod(det(a))) + log(mod(det(b))))),
    Rule("log determinant of a product of any", True, "AB", lambda a, b: (
        log(mod(det(a @ b))), log(det(a)) + log(mod(det(b))))),
    Rule("log of a determinant times what is positive", True, "As", lambda a, s: (
        log(s * det(a)), log(s) + log(det(a)))),
    Rule("log determinant of positive definite ones", True, "PQ", lambda p, q: (
        log(det(p @ q)), log(det(p)) + log(det(q)))),
    Rule("Sylvester", True, "WV", lambda w, v: (
        det(one(D) + w @ T(v)), det(one(H) + T(v) @ w))),
    Rule("Woodbury", True, "vWs", lambda v, w, s: (
        form(v, inv(s * one(D) + w @ T(w)), v),
        dot(v, v) / s
        - form(v, w @ inv(s * one(H) + T(w) @ w) @ T(w), v) / s)),
    Rule("inverse of a product", True, "ABC", lambda a, b, c: (
        tr(inv(a @ b) @ c), tr(inv(b) @ inv(a) @ c))),
    Rule("a matrix and its inverse", True, "A", lambda a: (tr(inv(a) @ a), D)),
    Rule("push through", True, "ABC", lambda a, b, c: (
        tr(inv(one(D) + a @ b) @ a @ c),
        tr(a @ inv(one(D) + b @ a) @ c))),
    Rule("form as a trace", True, "vAu", lambda v, a, u: (form(v, a, u), tr(a @ u @ T(v)))),
    Rule("form transposed", True, "vAu", lambda v, a, u: (form(v, a, u), form(u, T(a), v))),
    Rule("symmetric form", True, "vSu", lambda v, s, u: (form(v, s, u), form(u, s, v))),
    Rule("square of a difference", True, "vuP", lambda v, u, p: (
        form(v - u, p, v - u),
        form(v, p, v) - 2 * form(u, p, v) + form(u, p, u))),
    Rule("rank of a projection", True, "W", lambda w: (tr(w @ inv(T(w) @ w) @ T(w)), H)),
    Rule("antisymmetric form", True, "vA", lambda v, a: (form(v, a + -T(a), v), num(0))),
    Rule("determinant of a low-rank update", True, "Pv", lambda p, v: (
        det(p + v @ T(v)), det(p) * (1 + form(v, inv(p), v)))),
    Rule("Sherman and Morrison", True, "Pvu", lambda p, v, u: (
        form(u, inv(p + v @ T(v)), u),
        form(u, inv(p), u) - form(u, inv(p), v) ** 2 / (1 + form(v, inv(p), v)))),
    Rule("trace of a square as sums", True, "A", lambda a: (
        tr(a @ a), total(total(
            call("element", a, I, J) * call("element", a, J, I), "j", 0, D - 1), "i", 0, D - 1))),
    Rule("log determinant of a multiple", True, "Ps", lambda p, s: (
        log(det(s * p)), D * log(s) + log(det(p)))),
    Rule("log determinant of an inverse", True, "P", lambda p: (log(det(inv(p))), -log(det(p)))),
    Rule("inverse of an inverse", True, "AB", lambda a, b: (tr(inv(inv(a)) @ b), tr(a @ b))),
    Rule("inverse of a multiple", True, "ABs", lambda a, b, s: (
        tr(inv(s * a) @ b), tr(inv(a) @ b) / s)),
    # what is taken for true -----------------------------------------------------------------------
    Rule("determinant of an antisymmetric matrix", False, "A", lambda a: (det(a + -T(a)), num(0))),
    Rule("the two Gram determinants", False, "W", lambda w: (det(w @ T(w)), det(T(w) @ w))),
    Rule("rank of a projection, other size", False, "W", lambda w: (
        tr(w @ inv(T(w) @ w) @ T(w)), D)),
    Rule("trace of a square with a transpose", False, "A", lambda a: (
        tr(T(a) @ a), total(total(
            call("element", a, I, J) * call("element", a, J, I), "j", 0, D - 1), "i", 0, D - 1))),
    Rule("log of a determinant times any", False, "Ax", lambda a, x: (
        log(x * det(a)), log(x) + log(det(a)))),
    Rule("log determinant of a multiple by any", False, "Px", lambda p, x: (
        log(mod(det(x * p))), D * log(x) + log(det(p)))),
    Rule("form of a symmetric matrix is not negative", False, "vS", lambda v, s: (
        mod(form(v, s, v)), form(v, s, v))),
    Rule("trace of an inverse", False, "P", lambda p: (tr(inv(p)), 1 / tr(p))),
    Rule("trace in another order", False, "ABC", lambda a, b, c: (tr(a @ b @ c), tr(b @ a @ c))),
    Rule("transpose lost in a trace", False, "AB", lambda a, b: (tr(T(a) @ b), tr(a @ b))),
    Rule("inverse of a transpose", False, "A", lambda a: (tr(inv(T(a)) @ a), D)),
    Rule("determinant of a sum", False, "AB", lambda a, b: (
        det(a + b), det(a) + det(b))),
    Rule("determinant of a multiple, power lost", False, "Ax", lambda a, x: (
        det(x * a), x * det(a))),
    Rule("sign of a determinant lost", False, "A", lambda a: (mod(det(a)), det(a))),
    Rule("determinant of a negative", False, "A", lambda a: (
        det(-a), -det(a))),
    Rule("log determinant of a sum", False, "PQ", lambda p, q: (
        log(det(p + q)), log(det(p)) + log(det(q)))),
    Rule("inverse of a sum", False, "PQ", lambda p, q: (
        tr(inv(p + q)), tr(inv(p)) + tr(inv(q)))),
    Rule("inverse of a product, order kept", False, "ABC", lambda a, b, c: (
        tr(inv(a @ b) @ c), tr(inv(a) @ inv(b) @ c))),
    Rule("trace of a product", False, "AB", lambda a, b: (tr(a @ b), tr(a) * tr(b))),
    Rule("form of a general matrix taken for symmetric", False, "vAu", lambda v, a, u: (
        form(v, a, u), form(u, a, v))),
    Rule("Woodbury with a sign", False, "vWs", lambda v, w, s: (
        form(v, inv(s * one(D) + w @ T(w)), v),
        dot(v, v) / s
        + form(v, w @ inv(s * one(H) + T(w) @ w) @ T(w), v) / s)),
    Rule("square of a trace", False, "A", lambda a: (tr(T(a) @ a), tr(a) ** 2)),
]  # fmt: skip
RULES = (*SCALAR, *SUMS, *MATRICES)
