"""Wrong variants of a right certificate, each by one small change of its JSON document.

A mutant is (kind, what was changed, document).  Those of SCOPE break a rule whatever the values
are, most with a factor of zero before what may not stand there; the others change values, and
may by chance state a truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import Any

from oracle import documents as d

JSON = Any
Mutant = tuple[str, str, JSON]
Path = tuple[str | int, ...]
KINDS: dict[str, Callable[[JSON], Iterator[tuple[str, JSON]]]] = {}
SCOPE: set[str] = set()


def kind(name: str, scope: bool = False) -> Callable:
    def register(make: Callable) -> Callable:
        KINDS[name] = make
        if scope:
            SCOPE.add(name)
        return make

    return register


def mutants(
    document: JSON, kinds: Iterable[str] = KINDS, most: int | None = None
) -> Iterator[Mutant]:
    """Those of some kinds; at most so many of each, drawn."""
    for name in kinds:
        made = list(KINDS[name](document))
        if most is not None:
            made = Random(document["sha256"] + name).sample(made, min(most, len(made)))
        for what, changed in made:  # hashing all of them would take most of the time
            yield name, what, changed if name == "hash" else d.signed(changed)


# pieces -------------------------------------------------------------------------------------------
def at(document: JSON, path: Path) -> JSON:
    for step in path:
        document = document[step]
    return document


def put(document: JSON, path: Path, value: JSON) -> JSON:
    """The document with another value at the path; the rest is shared."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    changed = dict(document) if isinstance(document, dict) else list(document)
    changed[step] = put(document[step], rest, value)
    return changed


def without(document: JSON, path: Path) -> JSON:
    *parent, k = path
    items = list(at(document, tuple(parent)))
    del items[k]
    return put(document, tuple(parent), items)


def appended(document: JSON, path: Path, *items: JSON) -> JSON:
    return put(document, path, [*at(document, path), *items])


def nodes(document: JSON, path: Path, op: str) -> Iterator[Path]:
    """Where an operator stands below a path."""
    found = at(document, path)
    if isinstance(found, list):
        if found[:1] == [op]:
            yield path
        for k in range(len(found)):
            yield from nodes(document, (*path, k), op)


def labels(document: JSON, *roles: str) -> list[JSON]:
    return [x for x in document["statement"]["labels"] if x["role"] in roles]


def some(label: JSON) -> JSON:
    """The label's first element."""
    return d.element(label["name"], *[d.at(0)] * len(label["shape"]))


def own(label: JSON) -> JSON:
    """A label's element at its own slots."""
    return d.element(label["name"], *(d.bound(k) for k in range(len(label["shape"]))))


def vanishing(term: JSON, bad: JSON) -> JSON:
    return d.add(term, d.times("0", bad))


FIELD, FLOWS, TERMS = ("certificate", "field"), ("certificate", "flows"), ("certificate", "terms")
CONDITIONS = ("certificate", "conditions")
LABELS, CONDITIONALS = ("statement", "labels"), ("statement", "conditionals")
Q_WEIGHT = ("statement", "weight of H[q]")
VARIABLES = ("latent", "observed", "given")


def parts(document: JSON) -> Iterator[tuple[str, Path, int]]:
    """The values of the certificate: what they are, where, and under how many binders."""
    by_name = {x["name"]: x for x in document["statement"]["labels"]}
    plates = {c["name"]: len(c["plates"]) for c in document["statement"]["conditionals"]}
    for k, c in enumerate(at(document, FIELD)):
        yield "field", (*FIELD, k, "element"), len(by_name[c["label"]]["shape"])
    for k, _ in enumerate(at(document, FLOWS)):
        yield "flow", (*FLOWS, k, "scale"), 0
    for k, t in enumerate(at(document, TERMS)):
        yield "H", (*TERMS, k, "entropy"), plates[t["conditional"]]
        yield "log h", (*TERMS, k, "log base measure"), plates[t["conditional"]]


def stated(document: JSON, term: JSON) -> JSON:
    found = document["statement"]["conditionals"]
    return next(c for c in found if c["name"] == term["conditional"])


def with_part(document: JSON, path: Path, bad: JSON) -> JSON:
    return put(document, path, vanishing(at(document, path), bad))


# scope --------------------------------------------------------------------------------------------
@kind("an index that nothing binds", scope=True)
def unbound(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, binders in parts(document):
        for k in (binders, binders + 7):
            yield f"{what} knows index {k}", with_part(document, path, ["index", ["bound", k]])
        inside = d.total([2], ["index", ["bound", binders + 1]])
        yield f"{what}, inside a sum", with_part(document, path, inside)


@kind("an operator that files can't hold", scope=True)
def internal(document: JSON) -> Iterator[tuple[str, JSON]]:
    two = d.size(2)
    for what, path, _ in parts(document):
        for bad in (["free", 0, two], ["index", ["free", 0, two]], ["slack", "1", 1], ["slope", "1", 0, None]):  # fmt: skip
            yield f"{what} holds {bad[0]}", with_part(document, path, bad)


@kind("a label that is not there", scope=True)
def foreign(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, _ in parts(document):
        yield f"{what} knows a ghost", with_part(document, path, d.element("ghost"))


@kind("a variable in a field, a rate or a weight", scope=True)
def knows_data(document: JSON) -> Iterator[tuple[str, JSON]]:
    for label in labels(document, *VARIABLES):
        for what, path, _ in parts(document):
            if what in {"field", "flow"}:
                yield f"{what} knows {label['name']}", with_part(document, path, some(label))
        yield f"H[q] is weighed by {label['name']}", with_part(document, Q_WEIGHT, some(label))


@kind("a map or a case in a field or a rate", scope=True)
def unspecified(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, _ in parts(document):
        if what in {"field", "flow"}:
            value = at(document, path)
            yield f"{what} holds a map", with_part(document, path, ["map", "f", None, value])
            case = ["case", ["test", "less", value, "1"], value, value]
            yield f"{what} holds a case", put(document, path, case)
            yield f"{what} jumps", with_part(document, path, d.apply("floor", value))


@kind("H knows its own value", scope=True)
def own_in_entropy(document: JSON) -> Iterator[tuple[str, JSON]]:
    for k, t in enumerate(at(document, TERMS)):
        value = own_value(document, stated(document, t))
        path = (*TERMS, k, "entropy")
        yield f"H of {t['conditional']}", with_part(document, path, value)
        both = with_part(document, path, value)
        moved = d.add(t["log base measure"], value)
        yield (
            f"H and log h of {t['conditional']}",
            put(
                put(both, (*TERMS, k, "log base measure"), moved), path, d.add(t["entropy"], value)
            ),
        )


def own_value(document: JSON, c: JSON) -> JSON:
    """One coordinate of the conditional's own value."""
    label = next(x for x in document["statement"]["labels"] if x["name"] == c["variable"])
    event = len(label["shape"]) - len(c["place"])
    return d.element(c["variable"], *c["place"], *[d.at(0)] * event)


@kind("log h knows a parameter, a parent or a neighbour", scope=True)
def known_to_log_h(document: JSON) -> Iterator[tuple[str, JSON]]:
    for k, t in enumerate(at(document, TERMS)):
        path, c = (*TERMS, k, "log base measure"), stated(document, t)
        for label in labels(document, "learned", *VARIABLES):
            if label["name"] != c["variable"]:
                yield (
                    f"log h of {c['name']}: {label['name']}",
                    with_part(document, path, some(label)),
                )
        value = own_value(document, c)
        for j, place in enumerate(c["place"]):
            shifted = ["plus", place, d.size(1)]
            yield f"log h of {c['name']}: a neighbour", with_part(document, path, put(value, (2 + j,), shifted))  # fmt: skip


@kind("an index out of range", scope=True)
def out_of_range(document: JSON) -> Iterator[tuple[str, JSON]]:
    everywhere = [path for _, path, _ in parts(document)]
    everywhere += [
        (*CONDITIONALS, k, "log density") for k in range(len(at(document, CONDITIONALS)))
    ]
    by_name = {x["name"]: x for x in document["statement"]["labels"]}
    for path in everywhere:
        for node in nodes(document, path, "element"):
            _, name, *places = at(document, node)
            for k, i in enumerate(places):
                if i[0] not in {"bound", "at", "plus"}:
                    continue
                size = by_name[name]["shape"][k]
                for what, changed in (
                    ("the size itself", ["at", size]),
                    ("+ size", ["plus", i, size]),
                    ("- 1 - size", ["plus", i, [[-c, *n] for c, *n in size] + d.size(-1)]),
                ):
                    yield f"{name}, {what}", put(document, (*node, 2 + k), changed)


@kind("a wrong number of slots", scope=True)
def slots(document: JSON) -> Iterator[tuple[str, JSON]]:
    for _, path, _ in parts(document):
        for node in nodes(document, path, "element"):
            _, name, *places = element = at(document, node)
            yield f"{name}, one more", put(document, node, [*element, d.at(0)])
            if places:
                yield f"{name}, one fewer", put(document, node, element[:-1])


@kind("a size that is not there", scope=True)
def sizes(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, _ in parts(document):
        for size in (d.size("ghost"), d.size(-1), d.size("oo"), [[1, "oo"], [-1]]):
            yield f"{what}, sum over {size}", with_part(document, path, ["sum", [size], "1"])
        yield f"{what}, {path}", with_part(document, path, ["size", d.size("ghost")])


@kind("what may not move", scope=True)
def movers(document: JSON) -> Iterator[tuple[str, JSON]]:
    for label in labels(document, "constant", *VARIABLES):
        moved = {"label": label["name"], "element": d.times("0", "1")}
        yield f"{label['name']} has a component", appended(document, FIELD, moved)
        yield f"{label['name']} has a component", appended(document, FIELD, {"label": label["name"], "element": "1"})  # fmt: skip
    yield "a ghost has a component", appended(document, FIELD, {"label": "ghost", "element": "0"})
    for label in document["statement"]["labels"]:
        if label["role"] != "latent" or label["domain"][0] not in {"real", "positive"}:
            for rate in ("0", "1", "1/2"):
                flow = {"label": label["name"], "scale": rate}
                yield f"{label['name']} flows", appended(document, FLOWS, flow)


@kind("a field that leaves its domain", scope=True)
def leaves(document: JSON) -> Iterator[tuple[str, JSON]]:
    found = {c["label"]: k for k, c in enumerate(at(document, FIELD))}
    for label in labels(document, "learned"):
        k, kind_ = found.get(label["name"]), label["domain"][0]
        n = len(label["shape"])
        value = at(document, FIELD)[k]["element"] if k is not None else "0"
        if kind_ == "simplex":
            extra = [own(label), "1", d.times("1/100", ["index", ["bound", n - 1]])]
        elif kind_ == "positive definite":
            skew = d.add(["index", ["bound", n - 2]], d.minus(["index", ["bound", n - 1]]))
            extra = [d.times(skew, own(label)), ["index", ["bound", n - 1]]]
        elif kind_ == "unit columns":
            extra = [own(label), "1", d.times("1/2", own(label))]
        else:
            continue
        for bad in extra:
            moved = {"label": label["name"], "element": d.add(value, bad)}
            yield (
                f"{label['name']} leaves",
                put(document, (*FIELD, k), moved) if k is not None else appended(document, FIELD, moved),
            )  # fmt: skip


@kind("something twice", scope=True)
def doubled(document: JSON) -> Iterator[tuple[str, JSON]]:
    for path in (FIELD, FLOWS, TERMS, LABELS, CONDITIONALS):
        for item in at(document, path):
            yield f"{path[-1]} {next(iter(item.values()))}", appended(document, path, item)
    for path, key in ((FIELD, "element"), (FLOWS, "scale")):
        for k, item in enumerate(at(document, path)):
            half = {**item, key: d.times("1/2", item[key])}
            halves = put(
                document, path, [*at(document, path)[:k], half, *at(document, path)[k + 1 :]]
            )
            yield f"{item['label']} in halves", appended(halves, path, half)


@kind("a value that is not defined everywhere", scope=True)
def undefined(document: JSON) -> Iterator[tuple[str, JSON]]:
    """A divisor, logarithm or root of what can be zero or negative, with no effect on values."""
    bare = [
        x for x in labels(document, "learned", "constant") if x["domain"][0] in {"real", "positive"}
    ]
    for label in bare[:2]:
        w = some(label)
        v = w if label["domain"][0] == "real" else d.add(w, "-1")
        zero = d.add(d.power(d.apply("sin", w), "2"), d.power(d.apply("cos", w), "2"), "-1")
        for what, path, _ in parts(document):
            if what == "log h" and label["role"] == "learned":
                continue
            value = at(document, path)
            for bad in (d.power(v, "-1"), d.log(v), d.power(v, "1/2"), d.apply("loggamma", v), d.power(zero, "-1")):  # fmt: skip
                if d.log(v) != bad or not shares_log(document, path, v):
                    yield f"{what}, 0 {bad[0]} {bad[1]}", with_part(document, path, bad)
            if value != "0":
                yield f"{what} v/v", put(document, path, d.times(value, d.over(v, v)))


def shares_log(document: JSON, path: Path, v: JSON) -> bool:
    """Whether the density needs the same logarithm: where it is defined, so is H."""
    return any(at(document, n)[1:] == ["log", v] for n in nodes(document, CONDITIONALS, "apply"))


@kind("a condition that is none", scope=True)
def conditions(document: JSON) -> Iterator[tuple[str, JSON]]:
    never = [
        d.condition("0"), d.condition("-1", what="positive"), d.condition("1", what="whole"),
        d.condition("1", what=""), d.condition("1", over=["ghost"]), d.condition("1", over=[-1]),
        d.condition(["index", ["bound", 0]]), d.condition(d.element("ghost")),
    ]  # fmt: skip
    for label in labels(document, "learned", "constant"):
        w = some(label)
        never += [
            d.condition(d.add(w, d.minus(w))),
            d.condition(d.minus(d.add("1", d.power(w, "2"))), what="positive"),
        ]
    never += [d.condition(some(x)) for x in labels(document, *VARIABLES)]
    for c in never:
        yield f"{c['what']} {c['value']}", appended(document, CONDITIONS, c)


@kind("a weight that is not positive and constant", scope=True)
def weights(document: JSON) -> Iterator[tuple[str, JSON]]:
    paths = [
        Q_WEIGHT,
        *((*CONDITIONALS, k, "weight") for k in range(len(at(document, CONDITIONALS)))),
    ]
    learned = [some(x) for x in labels(document, "learned")][:2]
    for path in paths:
        for w in ("0", "-1", ["index", ["bound", 0]], d.element("ghost"), *learned):
            yield f"{path[-1]} {w}", put(document, path, w)
    flowing = {f["label"] for f in at(document, FLOWS)}
    for k, c in enumerate(at(document, CONDITIONALS)):
        if c["variable"] in flowing:
            path = (*CONDITIONALS, k, "weight")
            yield f"{c['name']} weighs more", put(document, path, d.times("101/100", c["weight"]))
    if flowing:
        yield (
            "H[q] weighs more",
            put(document, Q_WEIGHT, d.times("101/100", at(document, Q_WEIGHT))),
        )


# the statement ------------------------------------------------------------------------------------
@kind("a statement that is not well formed", scope=True)
def ill_formed(document: JSON) -> Iterator[tuple[str, JSON]]:
    learned = labels(document, "learned")
    for k, label in enumerate(at(document, LABELS)):
        path = (*LABELS, k)
        for role in ("", "free", "parameter"):
            yield f"{label['name']} is {role}", put(document, (*path, "role"), role)
        yield f"{label['name']} is gone", without(document, path)
        for domain in (["ghost"], ["simplex", "1"], ["category"], ["interval"], ["interval", "0"]):
            yield f"{label['name']} in {domain}", put(document, (*path, "domain"), domain)
        if label["role"] in VARIABLES and learned:
            for domain in (["interval", some(learned[0]), None], ["whole", None, some(learned[0])]):
                yield (
                    f"the support of {label['name']} moves",
                    put(document, (*path, "domain"), domain),
                )
        for shape in ([*label["shape"], d.size("ghost")], [*label["shape"], d.size(-1)]):
            yield f"{label['name']} of {shape}", put(document, (*path, "shape"), shape)
    for n in document["statement"]["sizes"]:
        for least in (0, -1):
            yield f"{n} >= {least}", put(document, ("statement", "sizes", n), least)
        rest = {m: v for m, v in document["statement"]["sizes"].items() if m != n}
        yield f"{n} is gone", put(document, ("statement", "sizes"), rest)
    yield "oo", put(document, ("statement", "sizes"), {**document["statement"]["sizes"], "oo": 1})


@kind("a variable that is not covered once", scope=True)
def cover(document: JSON) -> Iterator[tuple[str, JSON]]:
    for k, c in enumerate(at(document, CONDITIONALS)):
        path = (*CONDITIONALS, k)
        yield f"{c['name']} is gone", without(document, path)
        yield f"{c['name']} again", appended(document, CONDITIONALS, {**c, "name": f"{c['name']}'"})
        yield f"{c['name']} is of a ghost", put(document, (*path, "variable"), "ghost")
        for label in labels(document, "learned", "constant")[:1]:
            yield (
                f"{c['name']} is of a parameter",
                put(document, (*path, "variable"), label["name"]),
            )
        for j, place in enumerate(c["place"]):
            yield (
                f"{c['name']} at +1",
                put(document, (*path, "place", j), ["plus", place, d.size(1)]),
            )
            yield f"{c['name']}, one fewer", without(document, (*path, "place", j))
            if place[0] == "bound":
                yield f"{c['name']} at 0", put(document, (*path, "place", j), d.at(0))
        for j, n in enumerate(c["plates"]):
            yield (
                f"{c['name']}, larger plate",
                put(document, (*path, "plates", j), [*n, *d.size(1)]),
            )
            yield f"{c['name']}, plate gone", without(document, (*path, "plates", j))
        more = put(document, (*path, "plates"), [*c["plates"], d.size(2)])
        yield f"{c['name']}, one more plate", more


@kind("roles, shapes and domains changed")
def redeclared(document: JSON) -> Iterator[tuple[str, JSON]]:
    names = sorted(document["statement"]["sizes"])
    for k, label in enumerate(at(document, LABELS)):
        path = (*LABELS, k)
        for role in ("learned", "constant", "latent", "observed", "given"):
            if role != label["role"]:
                yield f"{label['name']} {role}", put(document, (*path, "role"), role)
        for domain in (
            "real",
            "positive",
            "simplex",
            "positive definite",
            "unit columns",
            "binary",
        ):
            if [domain] != label["domain"]:
                yield f"{label['name']} in {domain}", put(document, (*path, "domain"), [domain])
        for j, n in enumerate(label["shape"]):
            yield f"{label['name']}, axis gone", without(document, (*path, "shape", j))
            for other in ([*n, *d.size(1)], *(d.size(m) for m in names if d.size(m) != n)):
                yield f"{label['name']} of {other}", put(document, (*path, "shape", j), other)


# values -------------------------------------------------------------------------------------------
@kind("a value changed")
def changed(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, _ in parts(document):
        value = at(document, path)
        for name, other in (
            ("x 1.01", d.times("101/100", value)), ("x -1", d.minus(value)), ("x 1/2", d.times("1/2", value)),
            ("+ 1/100", d.add(value, "1/100")), ("- log 2", d.add(value, d.minus(d.log("2")))), ("zero", "0"),
        ):  # fmt: skip
            yield f"{what} {name}", put(document, path, other)


@kind("something missing")
def missing(document: JSON) -> Iterator[tuple[str, JSON]]:
    for path in (FIELD, FLOWS, TERMS):
        for k in range(len(at(document, path))):
            yield f"{path[-1]} {k}", without(document, (*path, k))
        if len(at(document, path)) > 1:
            yield f"all {path[-1]}", put(document, path, [])


@kind("something swapped")
def swapped(document: JSON) -> Iterator[tuple[str, JSON]]:
    for path, key in ((TERMS, "entropy"), (TERMS, "log base measure"), (FIELD, "element"), (TERMS, "conditional")):  # fmt: skip
        items = at(document, path)
        for k in range(len(items) - 1):
            first, second = items[k][key], items[k + 1][key]
            if first != second:
                once = put(document, (*path, k, key), second)
                yield f"{key} {k}, {k + 1}", put(once, (*path, k + 1, key), first)
    for k, t in enumerate(at(document, TERMS)):
        if t["log base measure"] != "0":
            exchanged = {**t, "entropy": d.minus(t["log base measure"]), "log base measure": d.minus(t["entropy"])}  # fmt: skip
            yield f"H and log h of {t['conditional']}", put(document, (*TERMS, k), exchanged)


@kind("the density as its own base measure")
def own_measure(document: JSON) -> Iterator[tuple[str, JSON]]:
    for k, t in enumerate(at(document, TERMS)):
        density = stated(document, t)["log density"]
        only = {**t, "entropy": "0", "log base measure": density}
        yield f"{t['conditional']}", put(document, (*TERMS, k), only)
        still = put(put(document, FIELD, []), FLOWS, [])
        yield f"{t['conditional']}, nothing moves", put(still, TERMS, [only])


@kind("a density changed")
def densities(document: JSON) -> Iterator[tuple[str, JSON]]:
    for k, c in enumerate(at(document, CONDITIONALS)):
        path, value = (*CONDITIONALS, k, "log density"), c["log density"]
        mine = own_value(document, c)
        for name, other in (
            ("x 1.01", d.times("101/100", value)), ("x -1", d.minus(value)), ("+ 1", d.add(value, "1")),
            ("+ sin v", d.add(value, d.apply("sin", mine))), ("+ v^2", d.add(value, d.power(mine, "2"))),
        ):  # fmt: skip
            yield f"{c['name']} {name}", put(document, path, other)
        for bad in (["index", ["bound", len(c["plates"])]], d.element("ghost"), ["free", 0, []]):
            yield f"{c['name']} + 0 {bad}", put(document, path, vanishing(value, bad))


@kind("an operator changed")
def operators(document: JSON) -> Iterator[tuple[str, JSON]]:
    for what, path, _ in parts(document):
        for op, other in (("add", "multiply"), ("multiply", "add")):
            for node in nodes(document, path, op):
                yield f"{what} {op}", put(document, (*node, 0), other)
        for node in nodes(document, path, "apply"):
            if at(document, (*node, 1)) in {"log", "exp"}:
                yield f"{what} function", put(document, (*node, 1), "abs")


@kind("hash", scope=True)
def hashed(document: JSON) -> Iterator[tuple[str, JSON]]:
    yield "another hash", {**document, "sha256": "0" * 64}
    yield "no hash", {**document, "sha256": None}
    yield "another title", put(document, ("statement", "title"), "another")
    for path, t in ((TERMS, at(document, TERMS)), (FIELD, at(document, FIELD))):
        if t:
            yield f"{path[-1]} cut", without(document, (*path, 0))


__all__ = ["KINDS", "SCOPE", "mutants"]
