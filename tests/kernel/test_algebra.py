"""Normal forms: true to the values, one for equal sums, and a zero test that is never wrong."""

from __future__ import annotations

from contextlib import suppress
from itertools import permutations
from math import factorial

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from kernel.building import algebra, close, json_of, number, term, values
from oracle import documents as d

from entropy_proofs.kernel.refusal import Refused, bounded

PROPERTY = settings(
    max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
W = [d.element("w", d.bound(k)) for k in range(6)]
U = [d.element("u", d.bound(k)) for k in range(6)]


@bounded()
def vanishes(value) -> bool:
    made = algebra()
    return made.vanishes(made.normal(term(value)))


@PROPERTY
@given(values())
@bounded()
def test_a_normal_form_has_the_value_of_what_it_was_made_from(value):
    try:
        normal = json_of(algebra().normal(term(value)).term())
    except Refused:
        return  # zero to a negative power, say
    for seed in (1, 2):
        assert close(number(value, seed), number(normal, seed))


def written(*rows):
    """The element of a matrix of these, in the two indices of an inverse or determinant."""
    return d.add(
        *(
            d.times(["delta", d.bound(0), d.at(r)], ["delta", d.bound(1), d.at(c)], entry)
            for r, row in enumerate(rows)
            for c, entry in enumerate(row)
        )
    )


S, X, P, N, V = (
    d.element("s"),
    d.element("x"),
    d.element("p"),
    d.element("n"),
    d.element("w", d.at(0)),
)
OPEN = d.add(X, V)  # of either sign
TWO = written([d.power(S, "2"), d.times(S, X)], [d.times(S, X), d.add(d.times(X, X), P)])
THREE = written(["2", P, "0"], [P, d.add("3", X, X), V], ["1", V, S])
FOUR = written(["3", X, "0", "1"], [P, S, V, "0"], ["0", "1/2", "5", X], ["1", X, P, "7"])
WRITTEN = [("2", TWO), ("3", THREE), ("4", FOUR)]


@pytest.mark.parametrize(
    "value",
    [
        *(d.apply("abs", t) for t in (OPEN, d.minus(OPEN), d.add(S, "1"), d.add(P, "-1"), d.times("-2", X, OPEN), d.times(S, V))),
        *(d.log(d.power(t, "2")) for t in (OPEN, d.times("-3", X), d.times(S, V, OPEN))),
        *(d.log(t) for t in (["constant", "e"], d.times(d.PI, S), d.times(X, X, S), d.over(d.power(OPEN, "4"), "6"), d.apply("abs", d.times(X, V, V)), d.add(P, d.power(P, "2")), d.add("1", d.minus(d.power(P, "2"))))),
        *(d.power(t, e) for e in ("1/2", "-3/2") for t in (d.times(X, X, S), d.times("4", OPEN, OPEN), d.times(P, d.add("1", d.minus(P))), d.apply("abs", OPEN))),
        *(d.apply("loggamma", t) for t in (d.add("1", d.minus(P)), d.add("3", d.minus(P)), d.add("-1", S, "3/2"), "7/2", "4", d.add(N, "1"), d.add(N, "3/2"), d.add(N, N, "2"))),
        *(d.apply("polygamma", m, t) for m in ("0", "1", "2") for t in ("3", "5/2", d.add("1", d.minus(P)), d.add(S, "2"), d.add(N, "1"))),
        *(d.total(["K + 1"], d.power(["index", d.bound(0)], m)) for m in "1234"),
        d.total(["K - 1"], d.times(d.element("w", d.bound(0, 1)), ["index", d.bound(0, 2)])),
        d.total(["K"], d.times(["delta", d.bound(0, 1), d.at(1)], d.element("w", d.bound(0)))),
        d.power(d.total(["K"], d.element("w", d.bound(0))), "3"),
        d.log(d.power(S, X)), d.times(["index", d.element("c")], X), d.power(d.add(X, S), "9"),
        d.apply("exp", d.add("2", d.log(S), d.times("-1/2", d.log(P)), d.times(X, d.log(S)))),
        *(["logdet", d.size(n), d.add(m, d.times("9", ["delta", d.bound(0), d.bound(1)]))] for n, m in WRITTEN),
        *(["logdet", d.size(n), m] for n, m in WRITTEN),
        *(["inverse", d.size(n), m, d.at(r), d.at(c)] for n, m in WRITTEN for r in range(2) for c in range(2)),
        *(d.total([n, n], d.times(["index", d.bound(0)], ["inverse", d.size(n), m, d.bound(0), d.bound(1)], d.power("2", ["index", d.bound(1)]))) for n, m in WRITTEN),
    ],
)  # fmt: skip
def test_rewriting_keeps_values(value):
    normal = json_of(algebra().normal(term(value)).term())
    for seed in range(8):
        assert close(number(value, seed), number(normal, seed)), normal


@PROPERTY
@given(values(2), values(2))
def test_what_is_said_to_vanish_does(first, second):
    difference = d.add(first, d.minus(second))
    try:
        zero = vanishes(difference)
    except Refused:
        return
    assert not zero or all(abs(number(difference, seed)) < 1e-30 for seed in (1, 2, 3))


@PROPERTY
@given(values(2), values(2), values(2))
def test_laws_of_rings_are_seen(a, b, c):
    for left, right in (
        (d.times(a, d.add(b, c)), d.add(d.times(c, a), d.times(b, a))),
        (d.power(d.add(a, b), "2"), d.add(d.power(a, "2"), d.times("2", b, a), d.power(b, "2"))),
        (d.total(["K"], d.times(a, W[0])), d.times(d.total(["K"], W[0]), a)),
    ):
        with suppress(Refused):
            assert vanishes(d.add(left, d.minus(right)))


def mixed(*factors):
    """sum_k of factors rho[k] / (s + w[k]^2): of s and w[k]^2 together, it is 1."""
    total = d.add(S, d.power(W[0], "2"))
    return d.total(["K"], d.over(d.times(d.element("rho", d.bound(0)), *factors), total))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (d.log(d.times("6", d.element("s"))), d.add(d.log("2"), d.log("3"), d.log(d.element("s")))),
        (d.log(str(factorial(30))), d.add(*(d.log(str(k)) for k in range(2, 31)))),
        (d.log(d.power(d.element("x"), "2")), d.times("2", d.log(d.apply("abs", d.element("x"))))),
        (d.apply("exp", d.log(d.element("s"))), d.element("s")),
        (d.power(d.power(d.element("x"), "2"), "1/2"), d.apply("abs", d.element("x"))),
        (d.power(d.apply("abs", X), "-1"), d.times(d.apply("abs", X), d.power(X, "-2"))),
        (d.power(d.apply("abs", X), "-3"), d.times(d.power(d.apply("abs", X), "-1"), d.power(X, "-2"))),
        (d.apply("abs", d.over(d.times(S, V), X)), d.over(d.times(S, d.apply("abs", V)), d.apply("abs", X))),
        (d.log(d.power(d.add(X, S), "-3/2")), d.times("-3/2", d.log(d.add(X, S)))),
        (d.log(d.times(d.power(X, "1/2"), S)), d.add(d.times("1/2", d.log(X)), d.log(S))),
        (d.power("8", "1/3"), "2"),
        (d.log(d.power(X, "3")), d.times("3", d.log(X))),
        (d.log(d.over(S, d.add("1", d.minus(d.power(P, "2"))))), d.add(d.log(S), d.minus(d.log(d.add("1", P))), d.minus(d.log(d.add("1", d.minus(P)))))),
        (d.times(d.power(V, "1/2"), d.power(V, "1/2")), V),
        (d.power(d.times(S, V), "1/3"), d.times(d.power(S, "1/3"), d.power(V, "1/3"))),
        (d.apply("loggamma", d.add(d.element("s"), "2")), d.add(d.apply("loggamma", d.element("s")), d.log(d.element("s")), d.log(d.add(d.element("s"), "1")))),
        (d.apply("polygamma", "0", "3"), d.add("3/2", d.minus(["constant", "euler"]))),
        (d.total(["K"], d.element("rho", d.bound(0))), "1"),
        (d.total(["K"], d.times(["delta", d.bound(0), ["element", "c"]], W[0])), d.element("w", ["element", "c"])),
        (d.total(["K", "K"], d.times(W[0], U[1])), d.times(d.total(["K"], W[0]), d.total(["K"], U[0]))),
        (d.total(["K", "K"], d.times(W[0], d.element("A", d.bound(0), d.bound(1)))), d.total(["K"], W[0])),
        (d.total(["K", "K"], d.times(U[1], W[0], d.element("A", d.bound(1), d.bound(0)))), d.total(["K", "K"], d.times(W[1], U[0], d.element("A", d.bound(0), d.bound(1))))),
        (d.add(mixed(S), mixed(d.power(W[0], "2"))), "1"),
        (d.add(mixed(d.over(S, P)), mixed(d.power(W[0], "2"), d.power(P, "-1"))), d.over("1", P)),
        (d.element("C", d.at(0), d.at(1)), d.element("C", d.at(1), d.at(0))),
        (d.power(d.element("b"), "3"), d.element("b")),
        (["logdet", d.size("K"), d.times(d.element("s"), ["delta", d.bound(0), d.bound(1)])], d.times(["size", d.size("K")], d.log(d.element("s")))),
        (["logdet", d.size(2), TWO], d.add(d.times("2", d.log(S)), d.log(P))),
        (["inverse", d.size(2), TWO, d.at(0), d.at(1)], d.minus(d.over(X, d.times(S, P)))),
        (d.over("1", d.add(d.over("1", d.element("s")), "1")), d.over(d.element("s"), d.add("1", d.element("s")))),
        (d.add(d.power(d.apply("sin", d.element("x")), "2"), d.power(d.apply("cos", d.element("x")), "2")), "1"),
        (d.apply("max", d.element("x"), "0"), d.times("1/2", d.add(d.element("x"), d.apply("abs", d.element("x"))))),
    ],
)  # fmt: skip
def test_relations_between_functions_are_seen(left, right):
    assert vanishes(d.add(left, d.minus(right)))
    assert not vanishes(d.add(left, d.times("-101/100", right)))


def test_what_is_true_for_one_sign_only_is_not_seen():
    x = d.element("x")
    for left, right in (
        (d.log(d.power(x, "2")), d.times("2", d.log(x))),
        (d.power(d.power(x, "2"), "1/2"), x),
        (d.log(d.times(x, W[0])), d.add(d.log(x), d.log(W[0]))),
        (d.apply("abs", x), x),
        (d.power(d.apply("abs", x), "-1"), d.over("1", x)),
        (d.power(d.times(x, V), "1/2"), d.power(x, "1/2")),
        (d.power(d.times(x, V), "1/2"), d.power(V, "1/2")),
    ):
        assert not vanishes(d.add(left, d.minus(right)))


@settings(max_examples=16, deadline=None, derandomize=True)
@given(st.permutations(range(6)), st.integers(0, 3))
def test_equal_sums_up_to_the_order_of_six_indices(order, which):
    """Products, odd functions and divisors of neighbours on a path, a star and a cycle."""
    links = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 3)][: 5 + which % 2]
    factors = {
        0: lambda i, j: d.times(W[i], U[j]),
        1: lambda i, j: d.element("C", d.bound(i), d.bound(j)),
        2: lambda i, j: d.apply("exp", d.times(W[i], U[j])),
        3: lambda i, j: d.power(d.add("9", d.apply("sin", d.times(W[i], U[j]))), "-1"),
    }[which]
    first = d.total(["K"] * 6, d.times(*(factors(i, j) for i, j in links), W[0]))
    second = d.total(
        ["K"] * 6, d.times(*(factors(order[i], order[j]) for i, j in links), W[order[0]])
    )
    assert vanishes(d.add(first, d.minus(second)))


@pytest.mark.parametrize("f", ["atan", "sin", "erf", "inverse"])
def test_renaming_the_indices_changes_no_value(f):
    """An odd function or a divisor of a difference can change its sign when indices are renamed."""
    apply = (lambda t: d.power(t, "-1")) if f == "inverse" else (lambda t: d.apply(f, t))
    sums = []
    for a, b in permutations(range(2)):
        body = apply(d.add(W[a], d.times("-2", W[b])))
        sums += [(d.total(["K", "K"], d.times(U[k], body)), (a == 0) == (k == 0)) for k in (0, 1)]
    for s, first in sums:
        for t, second in sums:
            for factor in ("-1", "1", "2", "-2", "1/2", "-1/2"):
                if vanishes(d.add(s, d.times(factor, t))):
                    assert (first == second, factor) == (True, "-1")


def test_numbers_and_powers_that_are_too_large_are_refused():
    x = d.element("x")
    for value in (d.power("10", d.power("10", "9")), d.power(d.add(x, "1"), "65"), d.power("0", "-1"), d.log("0"), d.total(["oo"], "1")):  # fmt: skip
        with pytest.raises(Refused):
            vanishes(value)
