"""Certificates of chains that see time, inputs and each other: wrong ones, and right neighbours."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.documents import (
    add,
    apply,
    at,
    bound,
    conditional,
    document,
    element,
    label,
    log,
    minus,
    normal,
    normal_entropy,
    over,
    power,
    term,
    times,
    total,
)  # fmt: skip

from must_fail.pieces import FIRST, JSON, LEARNED_W, S, W, gaussian

HERE, BEFORE = element("x", bound(0, 1)), element("x", bound(0))
STEP = add(["index", bound(0)], "1")  # t, of the step that is drawn
INPUT = element("u", bound(0, 1))


def after(
    density: JSON, *labels: JSON, field: JSON, entropy: JSON, log_h: JSON = "0", first: JSON = FIRST
) -> JSON:
    """A chain x whose later steps have this density; the first is N(0, s)."""
    return document(
        [
            label("s", "learned", (), "positive"),
            label("u", "constant", ("T",)),
            label("x", "observed", ("T",)),
            *labels,
        ],
        [first, conditional("x", density, ("T - 1",), [bound(0, 1)], name="next")],
        {"s": minus(S), **field},
        [term("first", normal_entropy(S)), term("next", entropy, log_h)],
        sizes={"T": 2},
    )


def log_scale(rate: JSON, moved: JSON) -> JSON:
    """Later steps are N(the one before, exp(w rate)), along w -> moved."""
    inside = times(W, rate)
    density = add(
        times("-1/2", log(times("2", ["constant", "pi"]))),
        times("-1/2", inside),
        times("-1/2", power(add(HERE, minus(BEFORE)), "2"), apply("exp", minus(inside))),
    )
    entropy = add("1/2", times("1/2", log(times("2", ["constant", "pi"]))), times("1/2", inside))
    return after(density, LEARNED_W, field={"w": moved}, entropy=entropy)


def by_step(moved: JSON) -> JSON:
    """Later steps have a variance of their own each, which moves so."""
    variance = element("v", bound(0))
    return after(
        normal(HERE, BEFORE, variance),
        label("v", "learned", ("T",), "positive"),
        field={"v": moved},
        entropy=normal_entropy(variance),
    )


def of_two(first: JSON, second: JSON, order: str = "xy") -> JSON:
    """Chains x and y with the variance s, whose later steps have these means."""
    made = {}
    for name, mean in zip("xy", (first, second), strict=True):
        here = element(name, bound(0, 1))
        made[name] = [
            conditional(name, normal(element(name, at(0)), "0", S), place=[at(0)], name=f"{name}0"),
            conditional(name, normal(here, mean, S), ("T - 1",), [bound(0, 1)], name=f"{name}t"),
        ]
    conditionals = [c for name in order for c in made[name]]
    return document(
        [label("s", "learned", (), "positive"), *(label(n, "latent", ("T",)) for n in "xy")],
        conditionals,
        {"s": minus(S)},
        [term(c["name"], normal_entropy(S)) for c in conditionals],
        sizes={"T": 1},
    )


def second_order(mean: JSON, second: JSON = None, offset: int = 2, plates: str = "T - 2") -> JSON:
    """x[0] and x[1] on their own, then x[t + offset] around the mean."""
    own = conditional("x", normal(element("x", at(1)), "0", S), place=[at(1)], name="second")
    later = normal(element("x", bound(0, offset)), mean, S)
    conditionals = [
        FIRST,
        own if second is None else second,
        conditional("x", later, (plates,), [bound(0, offset)], name="next"),
    ]
    return document(
        [label("s", "learned", (), "positive"), label("x", "observed", ("T",))],
        conditionals,
        {"s": minus(S)},
        [term(c["name"], normal_entropy(S)) for c in conditionals],
        sizes={"T": 3},
    )


def of_vectors(entropy: JSON = "0") -> JSON:
    """x[t + 1, i] around the mean of all x[t, j]."""
    first = normal(element("x", at(0), bound(0)), "0", S)
    mean = total(["H"], times(element("A", bound(2), bound(0)), element("x", bound(1), bound(0))))
    later = normal(element("x", bound(0, 1), bound(1)), mean, S)
    return document(
        [
            label("s", "learned", (), "positive"),
            label("A", "learned", ("H", "H")),
            label("x", "latent", ("T", "H")),
        ],
        [
            conditional("x", first, ("H",), [at(0), bound(0)], name="first"),
            conditional("x", later, ("T - 1", "H"), [bound(0, 1), bound(1)], name="next"),
        ],
        {"s": minus(S)},
        [term("first", normal_entropy(S)), term("next", add(normal_entropy(S), entropy))],
        sizes={"T": 1, "H": 1},
    )


def entry(row: int, column: int) -> JSON:
    """A field on w with an element of a positive definite matrix as its divisor."""
    below = element("C", at(row), at(column))
    matrix = label("C", "constant", ("D", "D"), "positive definite")
    return gaussian(LEARNED_W, matrix, field={"s": minus(S), "w": over("1", below)}, sizes={"D": 2})


def wrong_over_time() -> Iterator[tuple[str, JSON, str]]:
    """(why, the document, a part of the reason that the kernel gives)."""
    yield "a-field-that-knows-the-step", log_scale(STEP, minus(power(STEP, "-1"))), "nothing binds"
    yield (
        "a-field-that-knows-an-input",
        log_scale(INPUT, minus(power(INPUT, "-1"))),
        "nothing binds",
    )
    yield "a-field-of-the-first-step", log_scale(STEP, "-1"), "is not log p"
    yield (
        "a-field-of-one-input",
        log_scale(INPUT, minus(power(element("u", at(1)), "-1"))),
        "is not log p",
    )
    yield "a-field-of-the-step-before", by_step(minus(element("v", at(0)))), "is not log p"
    yield (
        "a-field-beyond-its-slot",
        by_step(minus(element("v", bound(0, 1)))),
        "leave its range",
    )
    yield "a-rate-for-one-step-alone", by_step(times("-1", STEP, element("v", bound(0)))), "is not"
    yield (
        "an-input-that-is-data",
        after(
            normal(HERE, BEFORE, S), field={}, entropy=normal_entropy(S), log_h=times("0", BEFORE)
        ),
        "another element",
    )
    yield (
        "an-input-beyond-the-end",
        after(normal(HERE, element("u", bound(0, 2)), S), field={}, entropy=normal_entropy(S)),
        "leave its range",
    )
    yield "a-chain-that-sees-its-end", second_order(element("x", at("T - 1"))), "its own or not"
    yield "steps-that-see-each-other", of_two(element("y", bound(0, 1)), HERE), "in turn"
    yield (
        "a-chain-that-sees-what-comes-later",
        of_two(element("y", bound(0, 1)), BEFORE, order="xy"),
        "in turn",
    )
    yield (
        "a-second-step-stated-twice",
        second_order(BEFORE, offset=1, plates="T - 1"),
        "do not cover",
    )
    yield (
        "a-second-step-that-is-the-first",
        second_order(BEFORE, conditional("x", "0", place=[at(0)], name="second")),
        "two conditionals for one",
    )
    yield "an-entropy-of-its-own-step", of_vectors(element("x", bound(0, 1), bound(1))), "its own"
    yield (
        "an-entropy-of-all-of-its-step",
        of_vectors(total(["H"], element("x", bound(1, 1), bound(0)))),
        "its own or not",
    )
    yield "a-divisor-off-the-diagonal", entry(0, 1), "defined only where"


def right_over_time() -> Iterator[tuple[str, JSON, str]]:
    """(what, the document, the verdict)."""
    yield (
        "a-chain-with-an-input",
        after(
            normal(HERE, add(BEFORE, times(W, INPUT)), S),
            LEARNED_W,
            field={},
            entropy=normal_entropy(S),
        ),
        "proved",
    )
    yield "a-variance-for-each-step", by_step(minus(element("v", bound(0)))), "proved"
    yield (
        "a-chain-that-counts-its-steps",
        after(
            normal(HERE, times(STEP, BEFORE), times(STEP, S)),
            field={},
            entropy=normal_entropy(times(STEP, S)),
        ),
        "proved",
    )
    yield "coupled-chains", of_two(element("y", bound(0)), BEFORE), "proved"
    yield "chains-in-order", of_two(element("y", bound(0, 1)), BEFORE, order="yx"), "proved"
    yield "a-chain-of-second-order", second_order(add(element("x", bound(0, 1)), BEFORE)), "proved"
    yield "a-chain-of-coordinates", of_vectors(), "proved"
    yield "a-divisor-on-the-diagonal", entry(0, 0), "proved"
