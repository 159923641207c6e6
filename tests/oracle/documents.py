"""Certificates written by hand, and their hash, from the page docs/certificate.md alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

JSON = Any


def size(text: str | int) -> JSON:
    """The size in text: 3, "K", "K - 1", "2*K + N*M"."""
    parts = str(text).replace("- ", "+ -").split("+")
    found = []
    for part in filter(None, map(str.strip, parts)):
        names, c = [], 1
        for factor in part.split("*"):
            if factor.lstrip("-").isdecimal():
                c *= int(factor)
            else:
                c, factor = (-c, factor[1:]) if factor.startswith("-") else (c, factor)
                names.append(factor)
        found.append([c, *sorted(names)])
    return sorted((p for p in found if p[0]), key=lambda p: p[1:])


def at(n: str | int) -> JSON:
    return ["at", size(n)]


def bound(k: int, offset: str | int = 0) -> JSON:
    return ["plus", ["bound", k], size(offset)] if offset else ["bound", k]


def element(name: str, *indices: JSON) -> JSON:
    return ["element", name, *indices]


def add(*terms: JSON) -> JSON:
    return ["add", *terms]


def times(*factors: JSON) -> JSON:
    return ["multiply", *factors]


def minus(term: JSON) -> JSON:
    return times("-1", term)


def power(base: JSON, exponent: JSON) -> JSON:
    return ["power", base, exponent]


def over(above: JSON, below: JSON) -> JSON:
    return times(above, power(below, "-1"))


def apply(name: str, *arguments: JSON) -> JSON:
    return ["apply", name, *arguments]


def log(term: JSON) -> JSON:
    return apply("log", term)


def total(sizes: Sequence[str | int], body: JSON) -> JSON:
    return ["sum", [size(n) for n in sizes], body]


PI = ["constant", "pi"]


def label(
    name: str, role: str, shape: Sequence[str | int] = (), domain: str | Sequence[JSON] = "real"
) -> JSON:
    kind = [domain] if isinstance(domain, str) else list(domain)
    return {"name": name, "role": role, "shape": [size(n) for n in shape], "domain": kind}


def conditional(
    variable: str,
    log_density: JSON,
    plates: Sequence[str | int] = (),
    place: Sequence[JSON] | None = None,
    weight: JSON = "1",
    name: str | None = None,
) -> JSON:
    """p of the variable; its place is its plates' indices unless it is given."""
    where = [bound(k) for k in range(len(plates))] if place is None else list(place)
    return {
        "name": name or variable,
        "plates": [size(n) for n in plates],
        "variable": variable,
        "place": where,
        "log density": log_density,
        "weight": weight,
    }


def term(name: str, entropy: JSON, log_h: JSON = "0") -> JSON:
    return {"conditional": name, "log base measure": log_h, "entropy": entropy}


def condition(value: JSON, over: Sequence[str | int] = (), what: str = "nonzero") -> JSON:
    return {"what": what, "over": [size(n) for n in over], "value": value}


def document(
    labels: Iterable[JSON],
    conditionals: Iterable[JSON],
    field: Mapping[str, JSON] | None = None,
    terms: Iterable[JSON] = (),
    flows: Mapping[str, JSON] | None = None,
    conditions: Iterable[JSON] = (),
    shifts: Mapping[str, JSON] | None = None,
    sizes: Mapping[str, int] | None = None,
    q_weight: JSON = "1",
    title: str = "by hand",
) -> dict[str, JSON]:
    return signed(
        {
            "format": 1,
            "statement": {
                "title": title,
                "sizes": dict(sizes or {}),
                "labels": list(labels),
                "conditionals": list(conditionals),
                "weight of H[q]": q_weight,
            },
            "certificate": {
                "field": [{"label": n, "element": e} for n, e in (field or {}).items()],
                "flows": [
                    {"label": n, "scale": e, "shift": (shifts or {}).get(n, "0")}
                    for n, e in (flows or {}).items()
                ],
                "terms": list(terms),
                "conditions": list(conditions),
            },
        }
    )


def signed(content: Mapping[str, JSON]) -> dict[str, JSON]:
    """The document with a right hash."""
    kept = {key: content[key] for key in ("format", "statement", "certificate")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return {**kept, "sha256": hashlib.sha256(text.encode("ascii")).hexdigest()}


# densities and what belongs to them ---------------------------------------------------------------
def normal(x: JSON, mean: JSON, variance: JSON) -> JSON:
    """log N(x; mean, variance)."""
    square = power(add(x, minus(mean)), "2")
    return add(
        times("-1/2", log(times("2", PI, variance))),
        times("-1/2", square, power(variance, "-1")),
    )


def normal_entropy(variance: JSON) -> JSON:
    return add("1/2", times("1/2", log(times("2", PI, variance))))
