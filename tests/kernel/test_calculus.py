"""Signs, derivatives and definedness against drawn values."""

from __future__ import annotations

from random import Random

import pytest
from flint import arb, ctx
from hypothesis import HealthCheck, given, settings
from kernel.building import algebra, json_of, number, stated, term, values
from must_fail.right import right
from oracle import documents as d
from oracle.certificates import MP, STEP, Point

from entropy_proofs.kernel import drawn_points
from entropy_proofs.kernel.certificate import document, read
from entropy_proofs.kernel.definedness import holds, needs
from entropy_proofs.kernel.derivation import Derivation, along, scaling
from entropy_proofs.kernel.drawn_points import nonzero_somewhere, satisfiable
from entropy_proofs.kernel.found import Condition
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.refusal import Refused, bounded

PROPERTY = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
S, X, P, W = d.element("s"), d.element("x"), d.element("p"), d.element("w", d.at(0))
U, N, B = d.element("u", d.at(0)), d.element("n"), d.element("b")
MEANS = {
    "+": lambda v: v > 0, "-": lambda v: v < 0, "0+": lambda v: v >= 0, "0-": lambda v: v <= 0,
    "≠": lambda v: v != 0, "0": lambda v: v == 0, "?": lambda v: True,
}  # fmt: skip


@PROPERTY
@given(values(2))
@bounded()
def test_signs_never_contradict_drawn_values(value):
    made = algebra()
    try:
        sign = made.signs.of(made.normal(term(value)))
    except Refused:
        return
    for seed in range(6):
        found = number(value, seed)
        assert MEANS[sign](found if abs(found) > MP.mpf(10) ** -50 else 0), (sign, found)


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        (S, "+"), (d.add("1", d.minus(P)), "+"), (d.add(P, "-1"), "-"), (d.add("1", d.minus(B)), "0+"),
        (d.power(X, "2"), "0+"), (X, "?"), (d.apply("exp", X), "+"), (N, "0+"), (d.add(N, "1"), "+"),
        (d.add(["size", d.size("K")], "-1"), "+"), (d.add(["size", d.size("K")], "-2"), "0+"),
        (d.apply("polygamma", "1", S), "+"), (d.apply("polygamma", "2", S), "-"),
        (d.log(d.add("1", S)), "+"), (d.log(S), "?"), (d.add("1", d.apply("sin", X)), "0+"),
        (d.add("2", d.apply("sin", X)), "+"), (d.add("1", d.apply("erf", X)), "+"),
        (d.add("-2", d.apply("atan", X)), "-"), (d.total(["K"], d.element("rho", d.bound(0))), "+"),
    ],
)  # fmt: skip
def test_signs_that_are_known(value, sign):
    made = algebra()
    assert made.signs.of(made.normal(term(value))) == sign


def mean(*factors):
    """sum_i rho_i f, and with an index more sum_(i, j) rho_i A_ij f."""
    return d.total(["K", "K"], d.times(d.element("rho", I), d.element("A", I, J), *factors))


I, J = d.bound(0), d.bound(1)
ONE_MEAN = d.total(["K"], d.times(d.element("rho", I), d.element("P", I, d.at(0))))


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        (d.add("1", d.minus(ONE_MEAN)), "+"),
        (d.add(ONE_MEAN, "-1"), "-"),
        (d.add("1", d.minus(mean(d.element("P", J, d.at(1))))), "+"),
        (d.add("1", d.minus(mean(d.element("P", J, I), P))), "+"),
        (d.add("1", d.minus(mean(B, d.element("P", J, d.at(1))))), "+"),
        (d.add("1", d.minus(d.total(["K"], d.times(d.element("rho", I), d.element("P", I, d.at(0)), d.element("P", I, d.at(1)))))), "+"),
        (d.add("1", d.minus(d.total(["K"], d.times(d.element("rho", I), d.element("P", I, d.at(0)), d.element("u", I))))), "?"),
        # what is no mean: weights that sum to more, a factor of any size, another number
        (d.add("1", d.minus(d.total(["K"], d.element("P", I, d.at(0))))), "?"),
        (d.add("1", d.minus(d.total(["K"], d.times(d.element("A", I, d.at(0)), d.element("P", I, d.at(0)))))), "?"),
        (d.add("1", d.minus(d.total(["K"], d.times(d.element("rho", I), d.element("w", I))))), "?"),
        (d.add("1", d.times("-2", ONE_MEAN)), "?"),
        (d.add("1", d.minus(d.times(S, ONE_MEAN))), "?"),
    ],
)  # fmt: skip
def test_a_mean_lies_between_the_bounds_of_what_it_is_of(value, sign):
    made = algebra()
    assert made.signs.of(made.normal(term(value))) == sign
    for seed in range(6):
        assert MEANS[sign](number(value, seed))


def exponential(*terms):
    return d.apply("exp", d.add(*terms))


@pytest.mark.parametrize(
    ("value", "sign"),
    [
        (d.add(exponential(X, S), d.minus(d.apply("exp", X))), "+"),
        (d.add(d.apply("exp", X), d.minus(exponential(X, S))), "-"),
        (d.add(d.times("3", exponential(X, N)), d.times("-3", d.apply("exp", X))), "0+"),
        (d.add(d.log(d.add(S, P)), d.minus(d.log(S))), "+"),
        (d.times(S, d.add(d.log(S), d.minus(d.log(d.add(S, P))))), "-"),
        # what does not follow: another order, another factor, a sum, another function, an unknown
        (d.add(d.apply("exp", X), d.minus(d.apply("exp", W))), "?"),
        (d.add(d.times("2", d.apply("exp", X)), d.minus(exponential(X, S))), "?"),
        (d.add(d.log(d.add(S, P)), d.log(S)), "?"),
        (d.add(d.apply("sin", d.add(X, S)), d.minus(d.apply("sin", X))), "?"),
        (d.add(d.log(d.add("1", S)), d.minus(d.apply("exp", X))), "?"),
    ],
)
def test_a_difference_of_one_function_has_the_sign_of_its_arguments(value, sign):
    made = algebra()
    assert made.signs.of(made.normal(term(value))) == sign
    for seed in range(6):
        assert MEANS[sign](number(value, seed))


@PROPERTY
@given(values(3))
@bounded()
def test_a_derivative_is_the_limit_of_differences(value):
    """Along s -> s/3, w[k] -> w[k] s, p -> 1/7 and the flow x -> x/2."""
    made = algebra()
    own = term(d.total(["K"], d.times(d.element("w", d.bound(0)), S))).args[1]
    derive = Derivation(made, {
        "s": along(made, term(d.times("1/3", S))), "w": along(made, own),
        "p": along(made, term("1/7")), "x": scaling(made, Poly.number(1)),
    })  # fmt: skip
    try:
        slope = json_of(derive(made.normal(term(value))).term())
    except (Refused, KeyError):
        return
    for seed in (1, 2):
        point = Point(stated("0")["statement"], seed)
        s = point.arrays["s"][()]
        ends = []
        for h in (STEP, -STEP):
            moved = Point(stated("0")["statement"], seed)
            moved.arrays["s"] = {(): s + h * s / 3}
            moved.arrays["w"] = {i: v + h * v * s for i, v in moved.arrays["w"].items()}
            moved.arrays["p"] = {(): moved.arrays["p"][()] + h / 7}
            moved.arrays["x"] = {(): moved.arrays["x"][()] * (1 + h)}
            ends.append(moved.value(value, ()))
        found = (ends[0] - ends[1]) / (2 * STEP)
        exact = point.value(slope, ())
        assert abs(found - exact) < MP.mpf(10) ** -25 * max(1, abs(exact)), value


@pytest.mark.parametrize("rate", [
    lambda i, j: S, lambda i, j: d.element("w", d.element("c")), lambda i, j: d.times(d.element("w", i), d.element("w", j)),
], ids=["of-all", "that-a-variable-chooses", "of-each-element"])  # fmt: skip
@pytest.mark.parametrize("value", [
    ["logdet", d.size("K"), d.element("C", d.bound(0), d.bound(1))],
    ["inverse", d.size("K"), d.element("C", d.bound(0), d.bound(1)), d.at(0), d.at(1)],
    d.log(d.add(S, d.times(d.power(X, "2"), d.element("C", d.at(0), d.at(0))))),
], ids=["log-det", "inverse", "log"])  # fmt: skip
def test_a_rate_passes_through_a_matrix_only_as_far_as_it_is_one(value, rate):
    """Along C -> rate C."""
    made = algebra()
    ij, element = (d.bound(0), d.bound(1)), d.element("C", d.bound(0), d.bound(1))
    body = term(d.total(["K", "K"], d.times(rate(*ij), element))).args[1]
    slope = json_of(Derivation(made, {"C": along(made, body)})(made.normal(term(value))).term())
    for seed in (1, 2):
        ends = []
        for h in (STEP, -STEP):
            moved = Point(stated("0")["statement"], seed)
            rates = {(i, j): moved.value(rate(d.at(i), d.at(j)), ()) for i, j in moved.arrays["C"]}
            moved.arrays["C"] = {at: v + h * rates[at] * v for at, v in moved.arrays["C"].items()}
            ends.append(moved.value(value, ()))
        found = (ends[0] - ends[1]) / (2 * STEP)
        exact = Point(stated("0")["statement"], seed).value(slope, ())
        assert abs(found - exact) < MP.mpf(10) ** -25 * max(1, abs(exact))


@pytest.mark.parametrize(
    ("value", "defined"),
    [
        (d.power(S, "-1"), True), (d.power(W, "-1"), False), (d.power(U, "-1"), True), (d.log(S), True),
        (d.log(W), False), (d.log(d.add("1", d.minus(P))), True), (d.power(d.add(S, "1"), "1/2"), True),
        (d.power(W, "1/2"), False), (d.power(d.power(W, "2"), "1/2"), True), (d.over(W, W), False),
        (d.apply("loggamma", N), False), (d.apply("loggamma", d.add(N, "1")), True),
        (d.apply("factorial", N), True), (d.apply("factorial", S), False),
        (d.apply("polygamma", "1", S), True), (d.apply("polygamma", "1/2", S), False),
        (d.apply("zeta", d.add("1", S)), True), (d.apply("zeta", S), False),
        (d.apply("tan", W), False), (d.apply("besselk", W, S), True), (d.apply("besselk", S, W), False),
        (["logdet", d.size("K"), d.element("C", d.bound(0), d.bound(1))], True),
        (["logdet", d.size("K"), d.times(d.element("w", d.bound(0)), d.element("w", d.bound(1)))], False),
        (["logdet", d.size("K"), d.times(S, ["delta", d.bound(0), d.bound(1)])], True),
        (d.total(["K"], d.log(d.element("rho", d.bound(0)))), True),
        (["case", ["test", "less", X, "0"], d.log(W), "1"], False),
        (d.power(d.add(X, d.apply("exp", X)), "-1"), False), (d.power(d.add(X, d.power(X, "-1")), "-1"), True),
        (["logdet", d.size("K"), ["inverse", d.size("K"), d.element("C", d.bound(0), d.bound(1)), d.bound(0), d.bound(1)]], True),
        (["logdet", d.size("K"), d.times(S, d.element("C", d.bound(0), d.bound(1)))], True),
    ],
)  # fmt: skip
def test_what_is_known_to_be_defined(value, defined):
    made = algebra()
    assert all(holds(made, need) for need in needs(made, term(value))) is defined


@pytest.mark.parametrize("unit", [None, d.at(1)])
@bounded()
def test_a_map_has_the_derivative_of_the_map_that_is_drawn(unit, monkeypatch):
    """f(w s, s^2) for all w along s -> s: in every input, at the kernel's own points."""
    monkeypatch.setattr(ctx, "prec", 200)
    vector = ["vector", d.size("K"), d.times(d.element("w", d.bound(0)), S)]
    value = term(["map", "f", unit, vector, d.power(S, "2")])
    made, ends = algebra(), []
    for h in ("1e-20", "-1e-20", "0"):
        point = drawn_points.Point(read(stated("0"))[0].signature(), Random(3))
        point.value(value, ())
        point._blocks["s", ()] = {(): point.element("s", ()) * (1 + arb(h))}
        ends.append(point.value(value, ()))
    slope = Derivation(made, {"s": scaling(made, Poly.number(1))})(made.normal(value))
    found = point.value(slope.term(), ())
    assert abs(found) > 0.01
    assert abs((ends[0] - ends[1]) / arb("2e-20") - found) < 1e-30


def test_a_jump_stays_where_all_that_it_compares_is_scaled_by_one_parameter():
    """sign(s x + w) along s -> p s, w -> p w, and along s -> p s alone."""
    made = algebra()
    jump = made.normal(term(d.apply("sign", d.add(d.times(S, X), W))))
    scaled = {name: scaling(made, made.normal(term(P))) for name in "sw"}
    assert not Derivation(made, scaled)(jump)
    with pytest.raises(Refused, match="a jump of sign moves"):
        Derivation(made, {"s": scaled["s"]})(jump)


def test_conditions_are_tried_at_drawn_points():
    signature = read(stated("0"))[0].signature()
    for value, what, met in (
        (W, "nonzero", True), (W, "positive", True), (d.minus(d.power(W, "2")), "positive", False),
        (d.add(d.power(d.apply("sin", W), "2"), d.power(d.apply("cos", W), "2"), "-1"), "nonzero", False),
        (["logdet", d.size("K"), d.element("C", d.bound(0), d.bound(1))], "nonzero", True),
        (d.add(d.total(["K"], d.element("rho", d.bound(0))), "-1"), "nonzero", False),
        (d.apply("polygamma", "0", S), "nonzero", True), (d.apply("besselk", S, S), "positive", True),
    ):  # fmt: skip
        assert satisfiable(signature, [Condition(what, (), term(value))]) is met
    both = [Condition("positive", (), term(v)) for v in (W, d.minus(W))]
    assert not satisfiable(signature, both)
    made = algebra()
    assert nonzero_somewhere(signature, made.normal(term(X)))


def test_a_statement_reads_as_a_paper_writes_it():
    found = d.document(
        [
            d.label("s", "learned", (), "positive"), d.label("A", "constant", ("D", "H")),
            d.label("z", "latent", ("H",), ["category", d.size("K")]), d.label("t", "given", (), ["interval", None, "2"]),
            d.label("x", "observed", ("D",), ["whole", "-1", None]),
        ],
        [
            d.conditional("z", d.minus(d.log(["size", d.size("K")])), ("H",), weight="1/2"),
            d.conditional("x", d.total(["H"], d.times(d.element("A", d.bound(1), d.bound(0)), d.element("x", d.bound(1)))), ("D",)),
        ],
        sizes={"D": 1, "H": 2, "K": 3},
    )  # fmt: skip
    text = str(read(found)[0])
    for part in (
        "D ≥ 1, H ≥ 2, K ≥ 3", "s in (0, ∞)", "A[D, H] in ℝ", "z[H] in {0, ..., K - 1}",
        "t in (-∞, 2)", "log p(z[i])    for i < H", "log p(x[i])    for i < D",
        "∑_{j<H} A[i, j] x[i]", "F = (1/2) E_q[log p(z)] + E_q[log p(x)] + H[q]",
    ):  # fmt: skip
        assert part in text, text


def test_a_document_is_written_as_it_was_read():
    for _, found, _ in right():
        again = document(*read(found))
        assert document(*read(again)) == again
