"""Drawn points: within what is declared, and values there as the oracle has them."""

from __future__ import annotations

from itertools import pairwise, product
from random import Random
from typing import Any

import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, given, settings
from kernel.building import SIZES, stated, term, values
from oracle import certificates, documents as d
from oracle.certificates import MP

from entropy_proofs.kernel.certificate import read
from entropy_proofs.kernel.drawn_points import Point
from entropy_proofs.kernel.refusal import bounded

SEEDS = range(12)
M = d.element("m")
SUPPORTS = {
    "real": ["real"], "positive": ["positive"], "share": ["unit interval"],
    "above": ["interval", M, None], "below": ["interval", None, M], "line": ["interval", None, None],
    "within": ["interval", M, d.add(M, "1/4")], "from": ["whole", "5", None], "to": ["whole", None, "-5"],
    "two": ["whole", "3", "4"], "any": ["whole", None, None], "bit": ["binary"],
    "class": ["category", d.size("K")], "number": ["natural"],
}  # fmt: skip
BLOCKS = {
    "simplex": ("K",), "positive definite": ("K", "K"), "increasing": ("K + 1",), "unit columns": ("K", "K"),
}  # fmt: skip
INSIDE = {
    "real": lambda v, m: True, "positive": lambda v, m: v > 0, "share": lambda v, m: 0 < v < 1,
    "above": lambda v, m: v > m, "below": lambda v, m: v < m, "line": lambda v, m: True,
    "within": lambda v, m: m < v < m + 0.25, "from": lambda v, m: v >= 5, "to": lambda v, m: v <= -5,
    "two": lambda v, m: v in {3, 4}, "any": lambda v, m: True, "bit": lambda v, m: v in {0, 1},
    "class": lambda v, m: v in range(3), "number": lambda v, m: v >= 0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def precise(monkeypatch):
    monkeypatch.setattr(ctx, "prec", 200)


def points() -> list[Point]:
    labels = [d.label("m", "constant"), d.label("x", "observed")]
    labels += [d.label(name, "given", (), domain) for name, domain in SUPPORTS.items()]
    labels += [d.label(name, "learned", shape, name) for name, shape in BLOCKS.items()]
    labels += [d.label("counts", "given", ("K",), ["counts", "4"])]
    found = d.document(labels, [d.conditional("x", "0")], sizes=SIZES)
    signature = read(found)[0].signature()
    made = [Point(signature, Random(seed)) for seed in SEEDS]
    for point in made:
        point.sizes["K"] = 3
    return made


def real(value: Any) -> Any:
    """A ball's centre, or a number."""
    return MP.mpf(value if isinstance(value, int) else value.mid().str(60, radius=False))


@pytest.mark.parametrize("name", SUPPORTS)
def test_a_number_is_drawn_within_its_support_and_not_always_the_same(name):
    drawn = [(real(p.element(name, ())), real(p.element("m", ()))) for p in points()]
    assert all(INSIDE[name](v, m) for v, m in drawn), drawn
    assert len({v for v, _ in drawn}) > 1
    if SUPPORTS[name][0] in {"whole", "binary", "category", "natural"}:
        assert all(v == int(v) for v, _ in drawn)


@bounded()
def test_elements_that_belong_together_are_drawn_together():
    for p in points():
        shares = [real(p.element("simplex", (k,))) for k in range(3)]
        assert min(shares) > 0
        assert abs(sum(shares) - 1) < 1e-40
        steps = [real(p.element("increasing", (k,))) for k in range(4)]
        assert all(a < b for a, b in pairwise(steps)), steps
        counts = [real(p.element("counts", (k,))) for k in range(3)]
        assert sum(counts) == 4
        assert all(c >= 0 and c == int(c) for c in counts)
        for column in range(3):
            column_ = [real(p.element("unit columns", (k, column))) for k in range(3)]
            assert abs(sum(v**2 for v in column_) - 1) < 1e-40
        matrix = MP.matrix(
            [[real(p.element("positive definite", (i, j))) for j in range(3)] for i in range(3)]
        )
        assert matrix == matrix.T
        assert all(v > 0 for v in MP.eigsy(matrix, eigvals_only=True))


def pair(seed: int) -> tuple[Point, certificates.Point]:
    """A drawn point, and the oracle's with the same sizes and values."""
    document = stated("0")
    point = Point(read(document)[0].signature(), Random(seed))
    other = certificates.Point(document["statement"], seed)
    other.sizes = point.sizes
    for name in other.labels:
        places = product(*map(range, other.shape(name)))
        other.arrays[name] = {i: real(point.element(name, i)) for i in places}
    return point, other


X, S, I, J = d.element("x"), d.element("s"), d.bound(0), d.bound(1)
C = d.element("C", I, J)


@pytest.mark.parametrize(
    "value",
    [
        d.power(X, "3"), d.power(S, X), d.power(S, "-1/2"), d.PI, ["constant", "euler"],
        d.total(["K - 1"], d.times(d.element("w", d.bound(0, 1)), ["index", I])),
        d.total(["K", "K"], d.times(["delta", I, J], C, ["index", d.bound(1, "K")])),
        d.element("w", d.element("c")), ["size", d.size("2*K - 1")],
        ["logdet", d.size("K"), C], ["inverse", d.size("K"), C, d.at(0), d.at("K - 1")],
        ["case", ["test", "equal", d.element("b"), "1"], S, X], d.apply("besselk", S, S),
        ["case", ["test", "at-most", d.element("n"), "2"], S, X], d.apply("gamma", S),
    ],
)  # fmt: skip
@bounded()
def test_every_kind_of_value_is_known_to_many_digits(value):
    for seed in SEEDS:
        point, other = pair(seed)
        ball = arb(point.value(term(value), ()))
        assert ball.rad() < 1e-30
        assert abs(real(ball) - other.value(value, ())) < MP.mpf(10) ** -30


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(values(3))
@bounded()
def test_a_value_at_a_point_is_the_oracles(value):
    for seed in (1, 2):
        point, other = pair(seed)
        ball = arb(point.value(term(value), ()))
        if (
            ball.is_finite()
        ):  # where a ball around a zero is no longer known to be positive, it is not
            assert (
                abs(real(ball) - other.value(value, ())) <= real(ball.rad()) + MP.mpf(10) ** -35
            ), value
