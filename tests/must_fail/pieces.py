"""What the certificates of the corpus are made of."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

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
    power,
    signed,
    size,
    term,
    times,
    total,
)  # fmt: skip

JSON = Any
S, X, W, A, Z = map(element, "sxwaz")


def gaussian(
    *labels: JSON, extra: JSON = "0", entropy: JSON = "0", log_h: JSON = "0", x: JSON = "real",
    field: JSON = None, weight: JSON = "1", shape: Any = (), more: JSON = (), domain: str = "positive",
    **others: Any,
) -> JSON:  # fmt: skip
    """x ~ N(0, s) along s -> -s, with something added here and there."""
    return document(
        [label("s", "learned", (), domain), label("x", "observed", shape, x), *labels],
        [conditional("x", add(normal(X, "0", S), extra), weight=weight), *more],
        {"s": minus(S)} if field is None else field,
        [term("x", add(normal_entropy(S), entropy), log_h)],
        **others,
    )


def scaled(rate: JSON = "1/2", role: str = "latent", domain: str = "real", **others: Any) -> JSON:
    """z ~ N(0, 1), served by the flow z -> z / 2."""
    return document(
        [label("z", role, (), domain)],
        [conditional("z", normal(Z, "0", "1"))],
        flows={"z": rate},
        terms=[term("z", normal_entropy("1"))],
        **others,
    )


def definite(entropy: JSON, domain: str = "positive definite") -> JSON:
    """A matrix with density proportional to exp(-tr L), served by the flow L -> L."""
    trace = total(["D"], element("L", bound(0), bound(0)))
    return document(
        [label("L", "latent", ["D", "D"], domain)],
        [conditional("L", minus(trace))],
        flows={"L": "1"},
        terms=[term("L", entropy)],
        sizes={"D": 1},
    )


def shifted(shift: JSON = None, domain: str = "real") -> JSON:
    """z_d ~ N(m_d, 1) with a known m, served by the flow z -> (z - m) / 2."""
    m = element("m", bound(0))
    density = normal(element("z", bound(0)), m, "1")
    return document(
        [
            label("z", "latent", ["D"], domain),
            label("m", "constant", ["D"]),
            label("y", "observed"),
            label("w", "learned", (), "positive"),
        ],
        [
            conditional("z", density, plates=["D"], place=[bound(0)]),
            conditional("y", normal(element("y"), "0", "1")),
        ],
        flows={"z": "1/2"},
        shifts={"z": minus(times("1/2", m)) if shift is None else shift},
        terms=[term("z", normal_entropy("1"))],
        sizes={"D": 1},
    )


def parted(density: JSON, *labels: JSON, field: JSON = None, **others: Any) -> JSON:
    """One observed x with this density and no parts of a certificate but a field."""
    return document(
        [label("x", "observed"), *labels], [conditional("x", density)], field or {}, [term("x", "0")], **others
    )  # fmt: skip


def uniform(*labels: JSON) -> JSON:
    """x[i] uniform between 0 and h[i]."""
    width = log(element("h", bound(0)))
    place = {"plates": ["n"], "place": [bound(0)]}
    return document(
        [*labels], [conditional("x", minus(width), **place)], {}, [term("x", width)], sizes={"n": 1}
    )


def changed(found: JSON, *path: Any, to: JSON) -> JSON:
    """The document with another value at the path, signed again."""
    copy = json.loads(json.dumps(found))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = to
    return signed(copy)


LEARNED_W, CONSTANT_A = label("w", "learned"), label("a", "constant")
MEAN_W = normal(X, W, "1")
CHAIN = (label("x", "observed", ("T",)),)
FIRST = conditional("x", normal(element("x", at(0)), "0", S), place=[at(0)], name="first")


def step(place: JSON, plates: Any = ("T - 1",), name: str = "next") -> JSON:
    here = element("x", place)
    return conditional("x", normal(here, "0", S), plates, [place], name=name)


def needing(value: JSON, *labels: JSON, **others: Any) -> JSON:
    """The Gaussian's field plus nothing, but written with the log of a value: it must be positive."""
    none = times("0", log(value))
    return gaussian(*labels, field={"s": add(minus(S), none)}, **others)


def step_up(*places: Any, domain: Any = "increasing") -> JSON:
    """The log of t[k, j] - t[k', i] for places (k, j), (k', i) of thresholds t."""
    later, earlier = (element("t", *map(at, place)) for place in places)
    return needing(add(later, minus(earlier)), label("t", "learned", (2, 3), domain))


def ordered(n: int, last: JSON = "1", first: JSON = "1") -> JSON:
    """An ordered category by n thresholds t, moved as their probabilities p are by p (log p + H).

    last, first: what is written times p log p of the last category in the term's H, and of the
    first in the field."""
    t = [element("t", at(k)) for k in range(n)]
    below = [power(add("1", apply("exp", minus(u))), "-1") for u in t]
    p = [below[0], *(add(b, minus(a)) for a, b in pairwise(below)), add("1", minus(below[-1]))]
    apart = [log(add("1", minus(apply("exp", add(u, minus(v)))))) for u, v in pairwise(t)]
    logs = [
        add(
            *([log(below[k])] if k < n else []),
            *([log(below[k - 1]), minus(t[k - 1])] if k else []),
            *([apart[k - 1]] if 0 < k < n else []),
        )
        for k in range(n + 1)
    ]
    weighed = [times(q, log_q) for q, log_q in zip(p, logs, strict=True)]
    H = minus(add(*weighed))
    stated = minus(add(*weighed[:-1], times(last, weighed[-1])))
    parts = [times(first, weighed[0]), *weighed[1:]]
    moved = [
        times(
            ["delta", bound(0), at(k)],
            add(
                times(add("2", apply("exp", u), apply("exp", minus(u))), add("0", *parts[: k + 1])),
                times(add("1", apply("exp", u)), H),
            ),
        )
        for k, u in enumerate(t)
    ]
    here = [times(["delta", element("c"), at(k)], log_q) for k, log_q in enumerate(logs)]
    return document(
        [
            label("t", "learned", (n,), "increasing"),
            label("c", "observed", (), ["category", size(n + 1)]),
        ],
        [conditional("c", add(*here))],
        {"t": add("0", *moved)},
        [term("c", stated)],
    )


def mixed(share: JSON) -> JSON:
    """The log of (1 - r) p + r [i = 0], with a share r that is a component of a simplex, or p."""
    here = add(
        times(add("1", minus(share)), element("p")), times(share, ["delta", bound(0), at(0)])
    )
    return gaussian(
        label("p", "learned", (), "unit interval"),
        label("r", "learned", ("K",), "simplex"),
        label("w", "learned", ("K",)),
        field={"s": minus(S), "w": times("0", log(here))},
        sizes={"K": 1},
    )


def chain(*conditionals: JSON) -> JSON:
    labels = [label("s", "learned", (), "positive"), *CHAIN]
    return document(
        labels, conditionals, {"s": minus(S)},
        [term(c["name"], normal_entropy(S)) for c in conditionals], sizes={"T": 2},
    )  # fmt: skip


def nested(depth: int) -> JSON:
    found: JSON = X
    for _ in range(depth):
        found = apply("sin", found)
    return found


def circle(w: JSON) -> JSON:
    """sin^2 + cos^2 - 1."""
    return add(power(apply("sin", w), "2"), power(apply("cos", w), "2"), "-1")


def rows() -> JSON:
    """Laplace-like rows with log scale w A[n]: the field that would serve row n is 1/A[n]."""
    here, scale = element("x", bound(0)), times(W, element("A", bound(0)))
    return document(
        [LEARNED_W, label("A", "constant", ("N",), "positive"), label("x", "observed", ("N",))],
        [conditional("x", add(minus(scale), minus(times(apply("abs", here), apply("exp", minus(scale))))), ("N",))],
        {"w": minus(power(element("A", bound(0)), "-1"))},
        [term("x", add("1", scale))],
        sizes={"N": 1},
    )  # fmt: skip


def categorical(moved: JSON, entropy: JSON) -> JSON:
    rho = element("rho", element("c"))
    return document(
        [label("rho", "learned", ("K",), "simplex"), label("c", "observed", (), ["category", size("K")])],
        [conditional("c", log(rho))], {"rho": moved}, [term("c", entropy)], sizes={"K": 1},
    )  # fmt: skip


def measured(statistic: JSON, support: JSON) -> JSON:
    """w times a statistic, with h = exp(-x^2)."""
    log_h = minus(power(X, "2"))
    return document(
        [LEARNED_W, CONSTANT_A, label("x", "observed", (), support)],
        [conditional("x", add(times(W, statistic), log_h))],
        {"w": W},
        [term("x", "0", log_h)],
    )


def vector(dimension: JSON) -> JSON:
    here = element("x", bound(0))
    return document(
        [label("s", "learned", (), "positive"), label("x", "observed", ("D",))],
        [conditional("x", total(["D"], normal(here, "0", S)))],
        {"s": minus(S)}, [term("x", times(dimension, normal_entropy(S)))], sizes={"D": 1},
    )  # fmt: skip


def neighbour() -> JSON:
    found = chain(FIRST, step(bound(0, 1)))
    term_ = term("next", add(normal_entropy(S), element("x", bound(0))), element("x", bound(0)))
    return changed(found, "certificate", "terms", 1, to=term_)


def unclear() -> JSON:
    """x[0] in the density of x[i]: its own value where i = 0."""
    here = element("x", bound(0))
    density = add(normal(here, "0", S), times("0", element("x", at(0))))
    return document(
        [label("s", "learned", (), "positive"), label("x", "observed", ("D",))],
        [conditional("x", density, ("D",))], {"s": minus(S)}, [term("x", normal_entropy(S))], sizes={"D": 1},
    )  # fmt: skip


def renamed() -> JSON:
    """sum y_a atan(w_a - 2 w_b), written in two orders of its indices, with a wrong sign between."""
    w, y = (lambda k: element("w", bound(k))), (lambda k: element("y", bound(k)))
    once = total(["K", "K - 1"], times(y(0), apply("atan", add(w(0), times("-2", w(1))))))
    again = total(["K - 1", "K"], times(y(1), apply("atan", add(w(1), times("-2", w(0))))))
    labels = (label("w", "given", ("K",)), label("y", "given", ("K",)))
    return gaussian(*labels, extra=times(power(X, "4"), add(once, again)), sizes={"K": 2})


def varying() -> JSON:
    """log det of M_ij = (C_i^-1)_ij, taken for -log det C_k."""
    inner = element("C", bound(2), bound(0), bound(1))
    matrix = ["inverse", size("D"), inner, bound(0), bound(1)]
    u = element("u", bound(0))
    first = total(["D"], times(u, ["logdet", size("D"), matrix]))
    second = total(["D"], times(u, ["logdet", size("D"), inner]))
    labels = (
        label("C", "constant", ("D", "D", "D"), "positive definite"),
        label("u", "given", ("D",)),
    )
    return gaussian(*labels, extra=times(power(X, "4"), add(first, second)), sizes={"D": 1})


def one_of_two(values: int) -> JSON:
    """w (delta(c, 0) + delta(c, 1) - 1) in the entropy: nothing where c has two values."""
    places = [["delta", element("c"), at(k)] for k in range(2)]
    c = label("c", "given", (), ["category", size(values)])
    return gaussian(LEARNED_W, c, entropy=times(W, add(*places, "-1")))
