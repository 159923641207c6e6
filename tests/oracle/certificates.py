"""Both sides of what a certificate states, in mpmath at random points.

Reads the JSON document as docs/certificate.md describes it.  The derivative along the field is a
central difference at 60 digits, maps are fixed random functions, and what is not defined raises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random
from typing import Any

from mpmath import MPContext

JSON = Any
MP = MPContext()
MP.dps = 60
STEP = MP.mpf(10) ** -20  # its square is the error of a central difference
TOLERANCE = MP.mpf(10) ** -30
_TERMS = 2000  # of an endless sum


class Undefined(Exception):
    """A value that does not exist at the drawn point."""


class Point:
    """Sizes and values of all labels drawn within what a statement declares."""

    def __init__(self, statement: JSON, seed: int):
        self.random = Random(seed)
        self.sizes = {n: m + self.random.randrange(3) for n, m in statement["sizes"].items()}
        self.labels = {label["name"]: label for label in statement["labels"]}
        self.arrays: dict[str, dict[tuple[int, ...], Any]] = {}
        for name in self.labels:
            self.arrays[name] = self._drawn(self.labels[name])

    def size(self, given: JSON) -> int:
        total = 0
        for c, *names in given:
            for name in names:
                c *= self.sizes[name]
            total += c
        return total

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.size(n) for n in self.labels[name]["shape"])

    def _number(self, low: int, high: int) -> Any:
        return MP.mpf(self.random.randint(low * 1000, high * 1000) or 1) / 1009

    def _drawn(self, label: JSON) -> dict[tuple[int, ...], Any]:
        shape = self.shape(label["name"])
        places = list(product(*map(range, shape)))
        kind, *args = label["domain"]
        if kind == "simplex":
            return self._simplex(places, shape)
        if kind == "counts" and args[0] is not None:  # identities do not ask them to be whole
            parts = self._simplex(places, shape).items()
            return {i: v * self.value(args[0], i[:-1]) for i, v in parts}
        if kind == "positive definite":
            return self._positive_definite(places, shape)
        if kind == "increasing":
            found = {i: self._number(-2, 2) for i in places}
            rows = {i[:-1]: sorted(found[(*i[:-1], k)] for k in range(shape[-1])) for i in places}
            return {i: rows[i[:-1]][i[-1]] + MP.mpf(i[-1]) / 50 for i in places}
        if kind == "unit columns":
            found = {i: self._number(-2, 2) for i in places}
            norms = {
                i: MP.sqrt(sum(found[(*i[:-2], k, i[-1])] ** 2 for k in range(shape[-2])))
                for i in places
            }
            return {i: v / norms[i] for i, v in found.items()}
        return {i: self._scalar(kind, args, i) for i in places}

    def _scalar(self, kind: str, args: Sequence[JSON], at: tuple[int, ...]) -> Any:
        draw = self.random.randrange
        if kind == "real":
            return self._number(-2, 2)
        if kind == "positive":
            return self._number(1, 3) / self.random.choice((1, 2, 8))
        if kind == "unit interval":
            return MP.mpf(draw(50, 950)) / 1009
        if kind == "binary":
            return draw(2)
        if kind == "category":
            return draw(self.size(args[0]))
        if kind == "natural":
            return draw(4)
        low, high = (None if a is None else self.value(a, at) for a in args)
        if kind == "interval":
            if low is not None and high is not None:
                return low + (high - low) * MP.mpf(draw(50, 950)) / 1009
            away = self._number(1, 3)
            return low + away if low is not None else high - away if high is not None else away
        first = int(low) if low is not None else int(high) - 3 if high is not None else -1
        return draw(first, (int(high) if high is not None else first + 3) + 1)

    def _simplex(self, places: Sequence[tuple], shape: tuple[int, ...]) -> dict:
        found = {i: self._number(1, 3) for i in places}
        rows = {i[:-1]: sum(found[(*i[:-1], k)] for k in range(shape[-1])) for i in places}
        return {i: v / rows[i[:-1]] for i, v in found.items()}

    def _positive_definite(self, places: Sequence[tuple], shape: tuple[int, ...]) -> dict:
        root = {i: self._number(-1, 1) for i in places}

        def element(i: tuple[int, ...]) -> Any:
            inner = ((*i[:-2], i[-2], k) for k in range(shape[-1]))
            other = ((*i[:-2], i[-1], k) for k in range(shape[-1]))
            total = sum(root[a] * root[b] for a, b in zip(inner, other, strict=True))
            return total + (2 if i[-1] == i[-2] else 0)

        return {i: element(i) for i in places}

    # values ---------------------------------------------------------------------------------------
    def index(self, given: JSON, at: Sequence[int]) -> int:
        op, *args = given
        if op == "bound":
            return at[args[0]]
        if op == "at":
            return self.size(args[0])
        if op == "plus":
            return self.index(args[0], at) + self.size(args[1])
        return int(self.value(given, at))

    def value(self, given: JSON, at: Sequence[int]) -> Any:
        """A value where the indices of the binders around it are these."""
        if isinstance(given, str):
            above, _, below = given.partition("/")
            return MP.mpf(int(above)) / int(below or 1)
        op, *args = given
        return getattr(self, f"_{op}")(args, at)

    def _constant(self, args: JSON, at: Sequence[int]) -> Any:
        return +{"pi": MP.pi, "e": MP.e, "euler": MP.euler}[args[0]]

    def _size(self, args: JSON, at: Sequence[int]) -> Any:
        return MP.mpf(self.size(args[0]))

    def _element(self, args: JSON, at: Sequence[int]) -> Any:
        place = tuple(self.index(i, at) for i in args[1:])
        if place not in self.arrays[args[0]]:
            raise Undefined(f"{args[0]} at {place}")
        return self.arrays[args[0]][place]

    def _index(self, args: JSON, at: Sequence[int]) -> Any:
        return MP.mpf(self.index(args[0], at))

    def _add(self, args: JSON, at: Sequence[int]) -> Any:
        return sum((self.value(a, at) for a in args), MP.mpf(0))

    def _multiply(self, args: JSON, at: Sequence[int]) -> Any:
        result = MP.mpf(1)
        for a in args:
            result *= self.value(a, at)
        return result

    def _power(self, args: JSON, at: Sequence[int]) -> Any:
        base, exponent = (self.value(a, at) for a in args)
        if exponent == int(exponent):
            if not base and exponent < 0:
                raise Undefined("a pole")
            return base ** int(exponent)
        if base < 0 or (base == 0 and exponent < 0):
            raise Undefined("a root of a negative number")
        return base**exponent

    def _apply(self, args: JSON, at: Sequence[int]) -> Any:
        return function(args[0], [self.value(a, at) for a in args[1:]])

    def _partial(self, args: JSON, at: Sequence[int]) -> Any:
        k, name, *inner = args
        values = [self.value(a, at) for a in inner]
        ends = []
        for h in (STEP, -STEP):
            moved = [*values[:k], values[k] + h, *values[k + 1 :]]
            ends.append(function(name, moved))
        return (ends[0] - ends[1]) / (2 * STEP)

    def _sum(self, args: JSON, at: Sequence[int]) -> Any:
        sizes, body = args
        if [[1, "oo"]] in sizes:
            return self._endless(body, at)
        ranges = product(*(range(self.size(n)) for n in sizes))
        return sum((self.value(body, (*i, *at)) for i in ranges), MP.mpf(0))

    def _endless(self, body: JSON, at: Sequence[int]) -> Any:
        total, small = MP.mpf(0), 0
        for k in range(_TERMS):
            term = self.value(body, (k, *at))
            total += term
            small = small + 1 if abs(term) < TOLERANCE**2 else 0
            if small > 20:
                return total
        raise Undefined("an endless sum that was not seen to converge")

    def _delta(self, args: JSON, at: Sequence[int]) -> Any:
        return MP.mpf(self.index(args[0], at) == self.index(args[1], at))

    def _case(self, args: JSON, at: Sequence[int]) -> Any:
        (_, test, *sides), then, other = args
        a, b = (self.value(s, at) for s in sides)
        met = {"less": a < b, "at-most": a <= b, "equal": a == b}[test]
        return self.value(then if met else other, at)

    def _matrix(self, size: JSON, body: JSON, at: Sequence[int]) -> Any:
        n = self.size(size)
        return MP.matrix([[self.value(body, (i, j, *at)) for j in range(n)] for i in range(n)])

    def _logdet(self, args: JSON, at: Sequence[int]) -> Any:
        matrix = self._matrix(*args, at)
        return function("log", [abs(MP.det(matrix))]) if matrix.rows else MP.mpf(0)

    def _inverse(self, args: JSON, at: Sequence[int]) -> Any:
        size, body, row, column = args
        try:
            inverse = self._matrix(size, body, at) ** -1
        except ZeroDivisionError:
            raise Undefined("a singular matrix") from None
        return inverse[self.index(row, at), self.index(column, at)]

    def _map(self, args: JSON, at: Sequence[int]) -> Any:
        """A fixed function of name and unit, with random frequencies for its inputs."""
        name, unit, *inputs = args
        values = []
        for given in inputs:
            if isinstance(given, list) and given[:1] == ["vector"]:
                n = self.size(given[1])
                values += [self.value(given[2], (i, *at)) for i in range(n)]
            else:
                values.append(self.value(given, at))
        random = _random(name, None if unit is None else self.index(unit, at))
        phase = sum((v * random.uniform(0.3, 1.1) for v in values), MP.mpf(random.uniform(0, 3)))
        return MP.sin(phase) + MP.mpf(1) / 3


def _random(*seed: Any) -> Random:
    return Random(hashlib.sha256(json.dumps(seed).encode()).digest())


def function(name: str, args: Sequence[Any]) -> Any:
    """A function of the table at numbers."""
    x = args[-1]
    if name in {"log", "loggamma", "gamma", "polygamma", "besseli", "besselk"} and x <= 0:
        raise Undefined(f"{name} of {x}")
    if name == "polygamma":
        if args[0] != int(args[0]) or args[0] < 0:
            raise Undefined("the order of polygamma")
        return MP.polygamma(int(args[0]), x)
    if name == "factorial" and (x < 0 or x != int(x)):
        raise Undefined("a factorial")
    if name == "zeta" and x <= 1:
        raise Undefined("zeta")
    if name == "tan" and not MP.cos(x):
        raise Undefined("tan")
    return MP.mpf(_FUNCTIONS[name](*args))


_FUNCTIONS = {
    "exp": MP.exp, "log": MP.log, "abs": abs, "sin": MP.sin, "cos": MP.cos, "tan": MP.tan,
    "atan": MP.atan, "sinh": MP.sinh, "cosh": MP.cosh, "tanh": MP.tanh, "sech": MP.sech,
    "erf": MP.erf, "erfc": MP.erfc, "loggamma": MP.loggamma, "gamma": MP.gamma,
    "factorial": MP.factorial, "zeta": MP.zeta, "besseli": MP.besseli, "besselk": MP.besselk,
    "hyp1f1": MP.hyp1f1,
    "sign": MP.sign, "floor": MP.floor,
    "ceiling": MP.ceil, "max": max, "min": min,
}  # fmt: skip


# what a certificate states ------------------------------------------------------------------------
class Stated:
    """One document at one point."""

    def __init__(self, document: JSON, seed: int):
        self.statement, self.certificate = document["statement"], document["certificate"]
        self.point = Point(self.statement, seed)
        self.directions: dict[str, dict[tuple[int, ...], Any]] = {}

    def _directions(self) -> Iterator[tuple[str, dict[tuple[int, ...], Any]]]:
        point = self.point
        for c in self.certificate["field"]:
            places = product(*map(range, point.shape(c["label"])))
            yield c["label"], {i: point.value(c["element"], i) for i in places}
        for f in self.certificate["flows"]:
            rate = point.value(f["scale"], ())
            elements = point.arrays[f["label"]].items()
            yield f["label"], {i: rate * v + point.value(f["shift"], i) for i, v in elements}

    def defined(self) -> bool:
        """Takes in the field and the flows; whether they are defined here."""
        try:
            self.directions = dict(self._directions())
        except Undefined:
            return False
        return True

    def conditions_met(self) -> bool:
        """Whether the drawn point is one that the certificate speaks of."""
        for c in self.certificate["conditions"]:
            for i in product(*(range(self.point.size(n)) for n in c["over"])):
                value = self.point.value(c["value"], i)
                if not (value > 0 if c["what"] == "positive" else value != 0):
                    return False
        return True

    def tangent(self) -> bool:
        """Whether the field stays in the domains, to first order."""
        for name, moved in self.directions.items():
            kind, shape = self.point.labels[name]["domain"][0], self.point.shape(name)
            for i, v in moved.items():
                if kind == "simplex":
                    v = sum(moved[(*i[:-1], k)] for k in range(shape[-1]))
                elif kind == "positive definite":
                    v = v - moved[(*i[:-2], i[-1], i[-2])]
                elif kind != "unit columns":
                    continue
                if abs(v) > TOLERANCE:
                    return False
        return True

    def densities(self) -> dict[tuple[str, tuple[int, ...]], Any]:
        """log p of every conditional at every index of its plates."""
        return {
            (c["name"], i): self.point.value(c["log density"], i)
            for c in self.statement["conditionals"]
            for i in product(*(range(self.point.size(n)) for n in c["plates"]))
        }

    def residuals(self) -> Iterator[tuple[str, Any]]:
        """|D log p + div u - log p + log h - H| of every conditional at every index of its plates,
        over the size of its parts; of one without a term |D log p + div u|."""
        terms = {t["conditional"]: t for t in self.certificate["terms"]}
        flows = {f["label"]: self.point.value(f["scale"], ()) for f in self.certificate["flows"]}
        for c in self.statement["conditionals"]:
            name, term = c["variable"], terms.get(c["name"])
            event = self.point.shape(name)[len(c["place"]) :]
            count = MP.mpf(_product(event))
            if self.point.labels[name]["domain"][0] == "positive definite":
                count *= MP.mpf(event[-1] + 1) / (2 * event[-1])  # an upper triangle
            divergence = flows.get(name, MP.mpf(0)) * count
            for i in product(*(range(self.point.size(n)) for n in c["plates"])):
                parts = [self._slope(c["log density"], i), divergence]
                if term is not None:
                    parts += [
                        -self.point.value(c["log density"], i),
                        self.point.value(term["log base measure"], i),
                        -self.point.value(term["entropy"], i),
                    ]
                yield c["name"], abs(sum(parts)) / max(1, *map(abs, parts))

    def _slope(self, value: JSON, i: Sequence[int]) -> Any:
        ends = []
        arrays = self.point.arrays
        for h in (STEP, -STEP):
            self.point.arrays = arrays | {
                name: {i: v + h * moved[i] for i, v in arrays[name].items()}
                for name, moved in self.directions.items()
            }
            ends.append(self.point.value(value, i))
            self.point.arrays = arrays
        return (ends[0] - ends[1]) / (2 * STEP)


def _product(numbers: Sequence[int]) -> int:
    total = 1
    for n in numbers:
        total *= n
    return total


def is_defined_somewhere(document: JSON, points: int = 20) -> bool:
    """Whether the densities are defined at a drawn point."""
    for seed in range(points):
        try:
            Stated(document, seed).densities()
        except Undefined:
            continue
        return True
    return False


def states_a_truth(document: JSON, points: int = 2) -> bool:
    """Whether tangency and every identity hold at drawn points at which the conditions are met and
    the densities are defined."""
    tried = 0
    for seed in range(20 * points):
        try:
            stated = Stated(document, seed)
            if not stated.conditions_met():
                continue
            stated.densities()
        except Undefined:
            continue
        try:
            truth = stated.defined() and stated.tangent()
            truth = truth and all(r < TOLERANCE for _, r in stated.residuals())
        except Undefined:
            truth = False
        if not truth:
            return False
        tried += 1
        if tried == points:
            break
    return tried > 0


__all__ = [
    "MP",
    "TOLERANCE",
    "Point",
    "Stated",
    "Undefined",
    "is_defined_somewhere",
    "states_a_truth",
]
