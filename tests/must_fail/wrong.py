"""Certificates that the kernel rejects, each with what it says."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.documents import (
    PI,
    add,
    apply,
    at,
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

from must_fail.over_time import wrong_over_time
from must_fail.pieces import (
    CONSTANT_A,
    FIRST,
    JSON,
    LEARNED_W,
    A,
    S,
    W,
    X,
    Z,
    categorical,
    chain,
    changed,
    circle,
    definite,
    gaussian,
    measured,
    mixed,
    neighbour,
    nested,
    one_of_two,
    ordered,
    parted,
    renamed,
    rows,
    scaled,
    shifted,
    step,
    step_up,
    unclear,
    uniform,
    varying,
    vector,
)


def wrong() -> Iterator[tuple[str, JSON, str]]:
    """(why, the document, a part of the reason that the kernel gives)."""
    # the document
    yield (
        "the-hash-is-of-something-else",
        {**gaussian(), "sha256": "0" * 64},
        "not what its hash says",
    )
    yield "the-document-has-another-key", {**gaussian(), "note": "trust me"}, "other keys"
    yield (
        "a-record-has-another-key",
        changed(gaussian(), "certificate", "proof", to="trivial"),
        "other keys",
    )
    yield "a-list-is-a-record", changed(gaussian(), "certificate", "terms", to={}), "not a list"
    yield "sizes-are-a-list", changed(gaussian(), "statement", "sizes", to=[]), "no record"
    yield "a-title-is-a-number", changed(gaussian(), "statement", "title", to=1), "not a text"
    yield (
        "a-least-size-is-a-fraction",
        changed(gaussian(), "statement", "sizes", to={"D": 0.5}),
        "not a whole number",
    )
    yield "an-unknown-operator", gaussian(extra=["integral", X]), "no operator"
    yield "an-internal-operator", gaussian(extra=["index", ["free", 0, size(2)]]), "no operator"
    yield "a-power-without-exponent", gaussian(extra=["power", X]), "wrong number of arguments"
    yield "a-function-of-two-arguments", gaussian(extra=apply("exp", X, X)), "exp takes 1"
    yield "an-unknown-function", gaussian(extra=apply("W", X)), "no function"
    yield "an-unknown-constant", gaussian(extra=["constant", "i"]), "no constant"
    yield "an-unknown-test", gaussian(extra=["case", ["test", "near", X, "0"], "1", "0"]), "no test"
    yield (
        "a-derivative-that-has-a-formula",
        gaussian(extra=["partial", 0, "exp", X]),
        "has a formula",
    )
    yield "a-number-in-hexadecimal", gaussian(extra="0x10"), "not a number"
    yield "a-number-over-zero", gaussian(extra="1/0"), "denominator of zero"
    yield "a-number-with-an-exponent", gaussian(extra="1e5"), "not a number"
    yield "a-number-of-too-many-digits", gaussian(extra="9" * 2001), "not a number"
    yield (
        "a-power-of-too-many-digits",
        gaussian(extra=power("10", power("10", "9"))),
        "too many digits",
    )
    yield (
        "a-product-of-too-many-digits",
        gaussian(extra=times(*["9" * 2000] * 3)),
        "too many digits",
    )
    yield "a-power-too-high", gaussian(extra=power(add(X, "1"), "65")), "too high"
    yield "nested-too-deeply", gaussian(extra=nested(70)), "nested too deeply"
    yield (
        "a-size-whose-coefficient-is-a-text",
        gaussian(label("v", "learned"), extra=["size", [["1", "D"]]]),
        "not a size",
    )
    yield "a-size-of-degree-nine", gaussian(extra=["size", [[1, *"ABCDEFGHI"]]]), "not a size"
    # the statement
    yield "a-label-twice", gaussian(label("x", "observed")), "stands twice"
    yield "no-conditional", document([label("x", "given")], []), "no conditional"
    yield "a-size-below-one", gaussian(sizes={"D": 0}), "no size"
    yield "a-size-called-infinity", gaussian(sizes={"oo": 1}), "no size"
    yield "a-shape-of-unknown-size", gaussian(label("v", "learned", ("D",))), "no size"
    yield (
        "a-shape-that-may-be-negative",
        gaussian(label("v", "learned", ("D - 2",)), sizes={"D": 1}),
        "no size",
    )
    yield "an-unknown-role", gaussian(label("v", "free")), "unknown role"
    yield "an-unknown-domain", gaussian(label("v", "learned", (), "complex")), "not a domain"
    yield (
        "a-domain-without-its-arguments",
        gaussian(label("v", "observed", (), "category")),
        "not a domain",
    )
    yield (
        "a-learned-category",
        gaussian(label("v", "learned", (), ["category", size(3)])),
        "can't have the domain",
    )
    yield (
        "unit-columns-observed",
        gaussian(label("v", "observed", (2, 2), "unit columns")),
        "can't have the domain",
    )
    yield (
        "increasing-observed",
        gaussian(label("v", "observed", (3,), "increasing")),
        "can't have the domain",
    )
    yield "a-step-down-of-thresholds", step_up((0, 0), (0, 1)), "defined only where positive"
    yield "a-step-to-the-same-threshold", step_up((0, 1), (0, 1)), "log of zero"
    yield "a-step-between-two-vectors", step_up((1, 2), (0, 0)), "defined only where positive"
    yield (
        "a-step-of-what-need-not-increase",
        step_up((0, 1), (0, 0), domain="real"),
        "defined only where positive",
    )
    yield "ordered-categories-with-one-twice-in-H", ordered(3, last="2"), "D log p + div u is not"
    yield "ordered-categories-moved-by-one-twice", ordered(3, first="2"), "D log p + div u is not"
    yield (
        "a-mixture-whose-share-may-be-one",
        mixed(element("r", at(0))),
        "defined only where",
    )
    yield "a-simplex-without-axis", gaussian(label("v", "learned", (), "simplex")), "too few axes"
    yield (
        "positive-definite-but-not-square",
        gaussian(label("v", "learned", ("D", 3), "positive definite"), sizes={"D": 1}),
        "not square",
    )
    yield (
        "a-support-that-moves-with-a-parameter",
        gaussian(LEARNED_W, x=["interval", W, None]),
        "may not stand there",
    )
    yield (
        "a-support-that-is-not-defined",
        gaussian(CONSTANT_A, x=["interval", log(A), None]),
        "not known to be defined",
    )
    for name, at_place, why in (
        ("that-nothing-binds", bound(1), "nothing binds"),
        ("out-of-range", bound(0, 1), "may leave its range"),
    ):
        ends = ["interval", "0", element("h", at_place)]
        yield (
            f"a-support-at-a-place-{name}",
            uniform(
                label("h", "constant", ("n",), "positive"), label("x", "observed", ("n",), ends)
            ),
            why,
        )
    yield (
        "a-support-that-moves-with-a-parameter-of-its-own",
        uniform(
            label("h", "learned", ("n",), "positive"),
            label("x", "observed", ("n",), ["interval", "0", element("h", bound(0))]),
        ),
        "may not stand there",
    )
    yield (
        "a-conditional-of-a-parameter",
        gaussian(LEARNED_W, more=[conditional("w", "0")]),
        "no variable",
    )
    yield "a-variable-without-conditional", gaussian(label("y", "observed")), "do not cover"
    yield (
        "a-variable-with-two-conditionals",
        gaussian(more=[conditional("x", "0", name="again")]),
        "do not cover",
    )
    yield "a-chain-that-lacks-its-first-step", chain(step(bound(0, 1))), "do not cover"
    yield "a-chain-whose-steps-overlap", chain(FIRST, step(bound(0))), "two conditionals for one"
    yield (
        "conditionals-of-different-events",
        chain(FIRST, conditional("x", "0", name="all", place=[])),
        "different events",
    )
    yield "a-place-beyond-the-end", chain(FIRST, step(bound(0, 2))), "leave its range"
    yield "a-place-without-its-plate", chain(FIRST, step(at(1))), "each plate once"
    yield (
        "a-place-with-too-many-indices",
        changed(gaussian(), "statement", "conditionals", 0, "place", to=[at(0)]),
        "too many indices",
    )
    yield (
        "a-circle-of-parents",
        gaussian(
            label("y", "observed"),
            extra=times("0", element("y")),
            more=[conditional("y", normal(element("y"), X, "1"))],
        ),
        "in turn",
    )
    yield "an-own-value-at-an-unclear-place", unclear(), "its own or not"
    yield "a-weight-of-zero", gaussian(weight="0"), "not known to be positive"
    yield "a-weight-that-is-learned", gaussian(weight=S), "may not stand there"
    yield (
        "a-weight-with-a-pole",
        gaussian(CONSTANT_A, weight=power(A, "-2")),
        "not known to be defined",
    )
    yield (
        "a-weight-of-q-that-may-be-negative",
        gaussian(CONSTANT_A, q_weight=A),
        "not known to be positive",
    )
    # terms
    yield "an-index-that-nothing-binds", gaussian(extra=["index", bound(0)]), "nothing binds"
    yield "an-unknown-label", gaussian(extra=element("ghost")), "may not stand there"
    yield "an-element-with-too-many-indices", gaussian(extra=element("x", at(0))), "0 axes, not 1"
    yield (
        "an-index-out-of-range",
        gaussian(label("v", "learned", (3,)), extra=element("v", at(3))),
        "leave its range",
    )
    yield (
        "an-index-of-another-size",
        gaussian(
            label("v", "learned", ("D",)),
            extra=total(["K"], element("v", bound(0))),
            sizes={"D": 1, "K": 1},
        ),
        "leave its range",
    )
    yield (
        "an-index-that-is-real",
        gaussian(label("v", "learned", (3,)), extra=element("v", X)),
        "no whole number",
    )
    yield (
        "an-index-that-is-any-natural-number",
        gaussian(
            label("v", "learned", (3,)),
            label("n", "given", (), "natural"),
            extra=times("0", element("v", element("n"))),
        ),
        "leave its range",
    )
    yield (
        "a-sum-of-negative-length",
        gaussian(extra=total(["D - 2"], "1"), sizes={"D": 1}),
        "may be less than 0",
    )
    yield "a-sum-of-unknown-length", gaussian(extra=total(["D"], "1")), "no size of the statement"
    yield "an-endless-sum-of-a-constant", gaussian(extra=total(["oo"], "1")), "endless sum"
    yield (
        "a-divisor-of-zero",
        gaussian(extra=power(add(X, minus(X)), "-1")),
        "zero to a negative power",
    )
    yield "a-logarithm-of-zero", gaussian(extra=log("0")), "log of zero"
    yield (
        "the-inverse-of-zero",
        gaussian(extra=["inverse", size(2), "0", at(0), at(1)]),
        "determinant of zero",
    )
    # the field
    yield (
        "a-component-twice",
        changed(
            gaussian(), "certificate", "field", to=[{"label": "s", "element": times("-1/2", S)}] * 2
        ),
        "twice",
    )
    yield (
        "a-component-of-a-constant",
        gaussian(CONSTANT_A, field={"s": minus(S), "a": A}),
        "no learned parameter",
    )
    yield (
        "a-component-of-a-variable",
        gaussian(field={"s": minus(S), "x": X}),
        "no learned parameter",
    )
    yield (
        "a-field-that-knows-data",
        gaussian(field={"s": add(minus(S), times("0", X))}),
        "may not stand there",
    )
    yield "a-field-that-knows-a-plate", rows(), "nothing binds"
    yield (
        "a-field-with-a-jump",
        gaussian(LEARNED_W, field={"s": minus(S), "w": apply("sign", W)}),
        "may not hold sign",
    )
    yield (
        "a-field-with-a-map",
        gaussian(LEARNED_W, field={"s": minus(S), "w": ["map", "f", None]}),
        "may not hold map",
    )
    yield (
        "a-field-that-leaves-the-simplex",
        categorical(times(element("rho", bound(0)), log(element("rho", bound(0)))), "0"),
        "does not sum to zero",
    )
    yield (
        "a-field-that-is-not-symmetric",
        gaussian(
            label("C", "learned", (2, 2), "positive definite"),
            field={
                "s": minus(S),
                "C": times(["index", bound(0)], element("C", bound(0), bound(1))),
            },
        ),
        "not symmetric",
    )
    yield (
        "a-field-off-the-unit-sphere",
        gaussian(
            label("U", "learned", (2, 2), "unit columns"),
            field={"s": minus(S), "U": element("U", bound(0), bound(1))},
        ),
        "unit sphere",
    )
    yield (
        "an-entropy-with-zero-over-zero",
        gaussian(entropy=over("0", "0")),
        "not known to be defined",
    )
    yield (
        "a-pole-in-the-field",
        gaussian(LEARNED_W, field={"s": minus(S), "w": power(W, "-1")}),
        "defined only where nonzero",
    )
    yield (
        "a-pole-that-is-hidden-in-one",
        gaussian(LEARNED_W, field={"s": times(minus(S), over(W, W))}),
        "defined only where nonzero",
    )
    yield (
        "a-pole-everywhere",
        gaussian(LEARNED_W, field={"s": times(minus(S), over(circle(W), circle(W)))}),
        "zero to a negative power",
    )
    yield (
        "a-pole-of-a-constant",
        gaussian(CONSTANT_A, field={"s": add(minus(S), over("0", A))}),
        "defined only where nonzero",
    )
    yield (
        "a-logarithm-that-may-not-exist",
        gaussian(LEARNED_W, field={"s": add(minus(S), times("0", log(W)))}),
        "defined only where positive",
    )
    yield (
        "a-root-that-may-not-exist",
        gaussian(LEARNED_W, field={"s": minus(S), "w": power(W, "1/2")}),
        "not known to be defined",
    )
    # flows
    yield (
        "a-flow-twice",
        changed(
            scaled("1/4"),
            "certificate",
            "flows",
            to=[{"label": "z", "scale": "1/4", "shift": "0"}] * 2,
        ),
        "twice",
    )
    d = ["size", size("D")]
    lines = "is not log p - log h + H"
    yield "a-flow-that-counts-a-symmetric-matrix-twice", definite(times(d, d)), lines
    yield "a-flow-that-counts-its-upper-half", definite(times("1/2", d, add(d, "-1"))), lines
    yield "a-flow-of-unsymmetric-matrices", definite(times("1/2", d, add(d, "1")), "real"), lines
    yield "a-flow-of-data", scaled(role="observed"), "no latent whose support"
    yield "a-flow-on-the-unit-interval", scaled(domain="unit interval"), "no latent whose support"
    yield (
        "a-flow-whose-rate-knows-its-latent",
        scaled(times("1/2", over(Z, Z))),
        "may not stand there",
    )
    m = element("m", bound(0))
    yield "a-shift-that-knows-its-latent", shifted(element("z", bound(0))), "may not stand there"
    yield "a-shift-that-knows-data", shifted(times(element("y"), m)), "may not stand there"
    yield "a-shift-that-nothing-binds", shifted(element("m", bound(1))), "nothing binds"
    yield "a-shift-at-another-place", shifted(element("m", at(0))), "is not log p - log h + H"
    yield "a-shift-with-a-jump", shifted(times(apply("sign", element("w")), m)), "may not hold sign"
    yield "a-shift-of-the-wrong-sign", shifted(times("1/2", m)), "is not log p - log h + H"
    yield (
        "a-shift-with-a-pole",
        shifted(minus(over(times("1/2", m, m), m))),
        "defined only where nonzero",
    )
    yield "no-shift-where-one-is-needed", shifted("0"), "is not log p - log h + H"
    yield (
        "a-shift-off-the-positive-numbers",
        shifted("1", domain="positive"),
        "whose support a shift maps onto itself",
    )
    yield "a-flow-whose-weight-is-not-that-of-q", scaled(q_weight="2"), "is not that of H[q]"
    # identities
    yield "a-wrong-sign", gaussian(field={"s": S}), "is not log p - log h + H"
    yield "a-wrong-entropy", gaussian(entropy="1/2"), "is not log p - log h + H"
    yield (
        "an-entropy-with-one-for-the-logarithm-of-pi",
        gaussian(entropy=times("1/2", add("1", minus(log(PI))))),
        "is not log p - log h + H",
    )
    yield "an-entropy-in-one-dimension", vector("1"), "is not log p - log h + H"
    yield (
        "a-term-twice",
        changed(gaussian(), "certificate", "terms", to=gaussian()["certificate"]["terms"] * 2),
        "twice",
    )
    yield (
        "a-term-of-an-unknown-conditional",
        changed(gaussian(), "certificate", "terms", 0, "conditional", to="y"),
        "no conditional",
    )
    yield (
        "a-term-that-is-missing",
        changed(gaussian(), "certificate", "terms", to=[]),
        "no conditional has its identity",
    )
    yield (
        "a-conditional-that-moves-without-a-term",
        gaussian(label("y", "observed"), more=[conditional("y", normal(element("y"), X, S))]),
        "no identity, but moves",
    )
    yield (
        "no-term-at-all",
        document([label("x", "observed")], [conditional("x", normal(X, "0", "1"))]),
        "no conditional has its identity",
    )
    yield (
        "an-entropy-that-knows-its-value",
        gaussian(entropy=X, log_h=X),
        "depends on its own variable",
    )
    yield (
        "a-base-measure-that-knows-a-parameter",
        gaussian(entropy=S, log_h=S),
        "may not stand there",
    )
    yield "a-base-measure-that-knows-another-step", neighbour(), "another element"
    yield (
        "a-base-measure-with-a-map",
        gaussian(log_h=times("0", ["map", "f", None, X])),
        "unspecified map",
    )
    yield (
        "a-density-that-is-its-own-base-measure",
        document(
            [label("x", "observed")],
            [conditional("x", normal(X, "0", "2"))],
            terms=[term("x", "0", normal(X, "0", "2"))],
        ),
        "h would be the density",
    )
    yield (
        "a-base-measure-along-a-flow-of-its-own-value-alone",
        changed(
            scaled(),
            "certificate",
            "terms",
            to=[term("z", "0", minus(normal_entropy("1")))],
        ),
        "h would be the density",
    )
    yield (
        "a-density-that-is-its-own-base-measure-on-its-support",
        document(
            [label("x", "observed", (), ["whole", "0", "1"]), LEARNED_W],
            [conditional("x", add(minus(log("2")), times(W, X, add(X, "-1"))))],
            {"w": W},
            [term("x", "0", minus(log("2")))],
        ),
        "h would be the density",
    )
    yield (
        "an-entropy-that-is-not-defined",
        gaussian(
            label("u", "given", (2,), "simplex"),
            entropy=over("0", add(element("u", at(0)), element("u", at(1)), "-1")),
        ),
        "not known to be defined",
    )
    # what moves
    yield (
        "a-jump-that-moves",
        parted(apply("sign", add(X, minus(W))), LEARNED_W, field={"w": "1"}),
        "a jump",
    )
    yield (
        "a-case-that-moves",
        parted(["case", ["test", "less", X, W], "1", "0"], LEARNED_W, field={"w": "1"}),
        "a jump",
    )
    yield (
        "a-pole-that-moves",
        parted(power(add(X, minus(W)), "-1"), LEARNED_W, field={"w": "1"}),
        "a singularity in a variable",
    )
    yield "a-kink-that-may-stay", parted(apply("abs", W), LEARNED_W, field={"w": "1"}), "a kink"
    yield (
        "a-power-without-derivative",
        parted(power(W, X), LEARNED_W, field={"w": "1"}),
        "no derivative",
    )
    # conditions
    yield (
        "a-condition-of-an-unknown-kind",
        gaussian(CONSTANT_A, conditions=[condition(A, what="whole")]),
        "no condition",
    )
    yield "a-condition-on-data", gaussian(conditions=[condition(X)]), "may not stand there"
    yield (
        "a-condition-that-is-never-met",
        gaussian(LEARNED_W, conditions=[condition(add(W, minus(W)))]),
        "never met",
    )
    yield (
        "a-condition-met-nowhere",
        gaussian(LEARNED_W, conditions=[condition(minus(power(W, "2")), what="positive")]),
        "no point was found",
    )
    yield (
        "a-condition-for-no-index",
        gaussian(CONSTANT_A, conditions=[condition(A, over=["D - 1"])], sizes={"D": 1}),
        "may be less than 1",
    )
    yield (
        "a-condition-that-does-not-vary",
        gaussian(CONSTANT_A, conditions=[condition(A, over=["D"])], sizes={"D": 1}),
        "does not depend on all",
    )
    yield "a-third-value-forgotten", one_of_two(3), "is not log p - log h + H"
    yield (
        "a-condition-at-too-many-places",
        gaussian(
            label("v", "learned", (10**6,)),
            conditions=[condition(element("v", bound(0)), over=[10**6])],
        ),
        "too large to be checked",
    )
    yield (
        "a-condition-on-something-too-large",
        gaussian(
            label("v", "learned", ("D*D",)),
            conditions=[condition(element("v", bound(0)), over=["D*D"])],
            sizes={"D": 10**9},
        ),
        "too large a size",
    )
    yield (
        "a-condition-with-a-derivative",
        gaussian(CONSTANT_A, conditions=[condition(["partial", 0, "zeta", A])]),
        "not evaluated",
    )
    yield (
        "a-condition-with-a-jump",
        gaussian(CONSTANT_A, conditions=[condition(apply("floor", A))]),
        "may not hold floor",
    )
    yield (
        "a-pole-under-another-condition",
        gaussian(
            LEARNED_W,
            CONSTANT_A,
            field={"s": minus(S), "w": power(W, "-1")},
            conditions=[condition(A)],
        ),
        "defined only where nonzero",
    )
    # renaming and opening
    yield "a-sum-that-changes-its-sign-when-renamed", renamed(), "is not log p - log h + H"
    yield "the-determinant-of-an-inverse-that-varies", varying(), "is not log p - log h + H"
    yield (
        "a-row-of-another-matrix-each",
        gaussian(
            label("C", "constant", ("D", "D", "D"), "positive definite"),
            sizes={"D": 1},
            entropy=times("0", ["logdet", size("D"), element("C", bound(0), bound(0), bound(1))]),
        ),
        "invertible",
    )
    yield (
        "an-offset-of-a-negative-number",
        gaussian(
            label("n", "given", (), ["whole", "-1", "1"]),
            extra=times(["delta", at(0), ["plus", element("n"), size(1)]], power(X, "4")),
        ),
        "is not log p",
    )
    yield (
        "one-step-of-an-endless-sum",
        gaussian(extra=times(total(["oo"], ["delta", bound(0), at(5)]), power(X, "4"))),
        "is not log p",
    )

    # what is refused without prejudice
    high = power(add(X, S, "1"), "64")
    yield "too-much-work", gaussian(extra=times(high, high)), "too large to be checked"
    yield (
        "a-size-of-too-many-parts",
        gaussian(extra=["size", [[k + 1, f"n{k}"] for k in range(65)]]),
        "not a size",
    )
    yield "a-place-that-nothing-binds", chain(FIRST, step(bound(3))), "nothing binds"
    yield (
        "an-end-of-the-support-that-moves",
        parted(times("0", log(add(W, minus(X)))), LEARNED_W, field={"w": "1"}),
        "end of its support moves",
    )
    yield (
        "a-base-measure-beside-what-is-not-evaluated",
        measured(apply("floor", X), "real"),
        "not evaluated",
    )
    yield (
        "a-base-measure-on-an-unclear-support",
        measured(X, ["whole", circle(A)[:3], None]),
        "whole number",
    )
    yield from wrong_over_time()
