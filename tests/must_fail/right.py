"""Certificates that the kernel verifies, each with its verdict: neighbours of wrong ones."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.documents import (
    PI,
    add,
    apply,
    bound,
    condition,
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
    size,
    term,
    times,
    total,
)  # fmt: skip

from must_fail.over_time import right_over_time
from must_fail.pieces import (
    CONSTANT_A,
    FIRST,
    JSON,
    LEARNED_W,
    MEAN_W,
    A,
    S,
    W,
    X,
    Z,
    categorical,
    chain,
    definite,
    gaussian,
    mixed,
    one_of_two,
    ordered,
    scaled,
    shifted,
    step,
    step_up,
    uniform,
    vector,
)


def right() -> Iterator[tuple[str, JSON, str]]:
    """(what, the document, the verdict)."""
    yield "a-normal-variance", gaussian(), "proved"
    yield "a-category-of-two", one_of_two(2), "proved"
    yield "a-flow", scaled(), "proved"
    yield "a-flow-that-shifts", shifted(), "partial"
    d = ["size", size("D")]
    yield "a-flow-of-a-matrix", definite(times("1/2", d, add(d, "1"))), "proved"
    yield (
        "a-weighted-flow",
        document(
            [label("z", "latent"), label("b", "constant", (), "positive")],
            [conditional("z", normal(Z, "0", "1"), weight=element("b"))],
            flows={"z": "1/2"},
            terms=[term("z", normal_entropy("1"))],
            q_weight=element("b"),
        ),
        "proved",
    )
    yield "steps-of-thresholds-are-positive", step_up((1, 2), (1, 0)), "proved"
    yield "ordered-categories", ordered(5), "proved"
    yield "a-mixture-with-an-open-share", mixed(element("p")), "proved"
    yield "a-vector", vector(["size", size("D")]), "proved"
    yield "a-chain", chain(FIRST, step(bound(0, 1))), "proved"
    rho = element("rho", bound(0))
    entropy = minus(total(["K"], times(rho, log(rho))))
    yield "a-categorical", categorical(times(rho, add(log(rho), entropy)), entropy), "proved"
    rate = element("r")
    yield (
        "an-exponential",
        document(
            [label("r", "learned", (), "positive"), label("x", "observed", (), "positive")],
            [conditional("x", add(log(rate), minus(times(rate, X))))],
            {"r": rate},
            [term("x", add("1", minus(log(rate))))],
        ),
        "proved",
    )
    poisson = add(times(X, log(rate)), minus(rate), minus(apply("loggamma", add(X, "1"))))
    yield (
        "a-poisson",
        document(
            [label("r", "learned", (), "positive"), label("x", "observed", (), "natural")],
            [conditional("x", poisson)],
            {"r": times(rate, log(rate))},
            [
                term(
                    "x",
                    add(rate, minus(times(rate, log(rate)))),
                    minus(apply("loggamma", add(X, "1"))),
                )
            ],
        ),
        "proved",
    )
    bernoulli = add(times(X, W), minus(log(add("1", apply("exp", W)))))
    share = over(apply("exp", W), add("1", apply("exp", W)))
    yield (
        "a-bernoulli-by-its-logit",
        document(
            [LEARNED_W, label("x", "observed", (), "binary")],
            [conditional("x", bernoulli)],
            {"w": W},
            [term("x", add(log(add("1", apply("exp", W))), minus(times(W, share))))],
        ),
        "proved",
    )
    matrix = lambda i, j: element("C", i, j)  # noqa: E731
    inverse = ["inverse", size("D"), matrix(bound(0), bound(1)), bound(0), bound(1)]
    inner = ["inverse", size("D"), matrix(bound(0), bound(1)), bound(0), bound(1)]
    form = total(["D", "D"], times(element("x", bound(0)), inner, element("x", bound(1))))
    logdet = ["logdet", size("D"), matrix(bound(0), bound(1))]
    dimension = ["size", size("D")]
    constant = times(dimension, log(times("2", PI)))
    multivariate = times("-1/2", add(constant, logdet, form))
    assert inverse == inner
    yield (
        "a-multivariate-normal",
        document(
            [
                label("C", "learned", ("D", "D"), "positive definite"),
                label("x", "observed", ("D",)),
            ],
            [conditional("x", multivariate)],
            {"C": minus(matrix(bound(0), bound(1)))},
            [term("x", times("1/2", add(dimension, constant, logdet)))],
            sizes={"D": 1},
        ),
        "proved",
    )
    yield (
        "a-base-measure-that-fixes-a-scale",
        document(
            [LEARNED_W, label("x", "observed")],
            [conditional("x", MEAN_W)],
            {"w": W},
            [term("x", times("-1/2", power(W, "2")), normal(X, "0", "1"))],
        ),
        "partial",
    )
    yield (
        "the-same-on-an-interval-without-ends",
        document(
            [LEARNED_W, label("x", "observed", (), ["interval", None, None])],
            [conditional("x", MEAN_W)],
            {"w": W},
            [term("x", times("-1/2", power(W, "2")), normal(X, "0", "1"))],
        ),
        "partial",
    )
    yield (
        "a-pole-under-its-condition",
        gaussian(LEARNED_W, field={"s": minus(S), "w": power(W, "-1")}, conditions=[condition(W)]),
        "partial",
    )
    yield (
        "a-pole-of-a-constant-under-its-condition",
        gaussian(
            CONSTANT_A,
            LEARNED_W,
            field={"s": minus(S), "w": power(A, "-1")},
            conditions=[condition(A)],
        ),
        "proved",
    )
    yield (
        "a-pole-of-a-size-under-its-condition",
        gaussian(
            LEARNED_W,
            field={"s": minus(S), "w": power(add(dimension, "-1"), "-1")},
            conditions=[condition(add(dimension, "-1"))],
            sizes={"D": 1},
        ),
        "proved",
    )
    yield (
        "a-scale-by-its-logarithm",
        document(
            [LEARNED_W, label("x", "observed")],
            [conditional("x", normal(X, "0", apply("exp", W)))],
            {"w": "-1"},
            [term("x", normal_entropy(apply("exp", W)))],
        ),
        "proved",
    )
    yield (
        "one-term-of-two",
        gaussian(label("y", "observed"), more=[conditional("y", normal(element("y"), X, "3"))]),
        "partial",
    )
    yield (
        "a-parent-that-is-given",
        document(
            [label("s", "learned", (), "positive"), label("u", "given"), label("x", "observed")],
            [conditional("x", normal(X, ["map", "f", None, element("u")], S))],
            {"s": minus(S)},
            [term("x", normal_entropy(S))],
        ),
        "proved",
    )
    yield (
        "a-laplace-scale",
        document(
            [label("s", "learned", (), "positive"), label("m", "learned"), label("x", "observed")],
            [
                conditional(
                    "x",
                    add(
                        minus(log(times("2", S))),
                        minus(over(apply("abs", add(X, minus(element("m")))), S)),
                    ),
                )
            ],
            {"s": minus(S)},
            [term("x", add("1", log(times("2", S))))],
        ),
        "proved",
    )
    yield (
        "a-uniform",
        document(
            [label("x", "observed", (), ["interval", "0", "2"])],
            [conditional("x", minus(log("2")))],
            terms=[term("x", log("2"))],
        ),
        "proved",
    )
    yield (
        "uniforms-with-ends-of-their-own",
        uniform(
            label("h", "constant", ("n",), "positive"),
            label("x", "observed", ("n",), ["interval", "0", element("h", bound(0))]),
        ),
        "proved",
    )
    gamma = add(
        times(A, log(rate)),
        minus(apply("loggamma", A)),
        times(add(A, "-1"), log(X)),
        minus(times(rate, X)),
    )
    shape = add(
        A,
        minus(log(rate)),
        apply("loggamma", A),
        times(add("1", minus(A)), apply("polygamma", "0", A)),
    )
    yield (
        "a-gamma",
        document(
            [
                label("a", "learned", (), "positive"),
                label("r", "learned", (), "positive"),
                label("x", "observed", (), "positive"),
            ],
            [conditional("x", gamma)],
            {"a": add(A, "-1"), "r": rate},
            [term("x", shape)],
        ),
        "proved",
    )
    yield from right_over_time()
