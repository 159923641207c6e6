"""What symbols are declared to be, and points within it: special ones first, then random ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from mpmath import mp

_REAL = ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "-5/2", "7/3", "-4/3", "1/5")
_POSITIVE = ("1", "1/2", "2", "3", "1/5", "7/3", "5")
_UNIT = ("1/2", "1/10", "3/4", "1/3", "9/10")
SPECIAL: Mapping[str, tuple[str, ...]] = {
    "real": _REAL,
    "positive": _POSITIVE,
    "negative": tuple(f"-{v}" for v in _POSITIVE),
    "nonnegative": ("0", *_POSITIVE),
    "nonzero": _REAL[1:],
    "unit interval": _UNIT,
    "integer": ("0", "1", "-1", "2", "-2", "3", "-3", "5"),
    "natural": ("0", "1", "2", "3", "5"),
    "whole": ("1", "2", "3", "5"),
    "size": ("1", "2", "3"),
    "even": ("0", "2", "-2", "4"),
    "odd": ("1", "-1", "3"),
}
_RANGE = {"real": (-3, 3), "positive": (0, 3), "negative": (-3, 0), "nonnegative": (0, 3)}
_WHOLE = ("integer", "natural", "whole", "size", "even", "odd")


@dataclass(frozen=True)
class Declared:
    """A symbol's domain and, for arrays and matrices, its shape (names of sizes, or numbers).

    An indexed array without a shape has an element at every index.
    """

    domain: str
    shape: tuple[str | int, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.domain in _WHOLE and not self.shape


@dataclass
class Point:
    """Values of all symbols; elements of arrays are drawn when first asked for."""

    declared: Mapping[str, Declared]
    values: dict[str, Any]
    seed: str
    special: bool
    drawn: dict[tuple[Any, ...], Any] = field(default_factory=dict)
    laws: dict[str, list[Any]] = field(default_factory=dict)
    averaged: frozenset[str] = frozenset()

    def element(self, name: str, at: tuple[int, ...]) -> Any:
        """An element of an array."""
        if (name, *at) not in self.drawn:
            rng = random.Random(f"{self.seed}:{name}:{at}")
            self.drawn[name, *at] = self._element(self.declared[name], rng, name, at)
        return self.drawn[name, *at]

    def _element(self, d: Declared, rng: random.Random, name: str, at: tuple[int, ...]) -> Any:
        if d.domain != "simplex":
            return _scalar(d.domain, rng, self.special)
        size = self.size(d.shape[0])
        weights = [random.Random(f"{self.seed}:{name}:{i}").randint(1, 7) for i in range(size)]
        return mp.mpf(weights[at[-1] % size]) / sum(weights)

    def size(self, n: str | int) -> int:
        return n if isinstance(n, int) else int(self.values[n])

    def law(self, name: str) -> list[Any]:
        """Four values that a random variable has, each with probability 1/4."""
        if name not in self.laws:
            rng = random.Random(f"{self.seed}:law:{name}")
            domain = self.declared[name].domain
            self.laws[name] = [_scalar(domain, rng, False) for _ in range(4)]
        return self.laws[name]


def points(declared: Mapping[str, Declared], seed: int | str, count: int) -> Iterator[Point]:
    """`count` points; sizes are 1 at the first, and every other point has special values."""
    for k in range(count):
        name = f"{seed}:{k}"
        rng = random.Random(name)
        special = k % 2 == 0
        values: dict[str, Any] = {}
        point = Point(declared, values, name, special)
        for s, d in sorted(declared.items()):
            if d.domain == "size":
                values[s] = 1 if k == 0 else rng.randint(1, 3)
            elif not d.shape and not d.domain.startswith("array of"):
                values[s] = _scalar(d.domain, rng, special)
        for s, d in sorted(declared.items()):
            if len(d.shape) == 2:
                rows, columns = map(point.size, d.shape)
                values[s] = _matrix(d.domain, rows, columns, rng, k)
        yield point


def stated(declared: Mapping[str, Declared], at: Mapping[str, Any]) -> Point:
    """The point with these values, such as {"n": 2, "x": -1.5, "A[0, 1]": 0.5}."""
    values: dict[str, Any] = {}
    point = Point(declared, values, "stated", False)
    for key, v in at.items():
        name, _, places = key.partition("[")
        if name not in declared:
            continue
        if places:
            point.drawn[name, *map(int, places.rstrip("]").split(","))] = mp.mpf(v)
        else:
            values[name] = int(v) if declared[name].is_whole and v == int(v) else mp.mpf(v)
    for name, d in declared.items():
        if len(d.shape) == 2:
            rows, columns = map(point.size, d.shape)
            values[name] = mp.matrix([
                [point.drawn[(name, i, j) if (name, i, j) in point.drawn else (name, i)]
                 for j in range(columns)] for i in range(rows)
            ])  # fmt: skip
    return point


def is_inside(point: Point) -> bool:
    """Whether the values are what they are declared to be."""
    named: dict[Any, Any] = {**point.values, **point.drawn}
    for key, v in named.items():
        d = point.declared[key[0] if isinstance(key, tuple) else key]
        if len(d.shape) == 2:
            if not isinstance(key, tuple) and not _is_such_a_matrix(d.domain, v):
                return False
        elif not _INSIDE[d.domain.removeprefix("array of ")](v):
            return False
    simplexes = [(n, d) for n, d in point.declared.items() if d.domain == "simplex"]
    sums = (sum(v for (m, *_), v in point.drawn.items() if m == n) for n, _ in simplexes)
    return all(abs(total - 1) < _ROUNDING for total in sums)


_ROUNDING = 1e-12
_INSIDE: Mapping[str, Callable[[Any], bool]] = {
    "real": lambda v: True,
    "positive": lambda v: v > 0,
    "negative": lambda v: v < 0,
    "nonnegative": lambda v: v >= 0,
    "nonzero": lambda v: v != 0,
    "unit interval": lambda v: 0 < v < 1,
    "simplex": lambda v: 0 < v <= 1,
    "integer": lambda v: v == int(v),
    "natural": lambda v: v == int(v) and v >= 0,
    "whole": lambda v: v == int(v) and v >= 1,
    "size": lambda v: v == int(v) and v >= 1,
    "even": lambda v: v % 2 == 0,
    "odd": lambda v: v % 2 == 1,
}


def _is_such_a_matrix(domain: str, m: Any) -> bool:
    if domain in ("symmetric", "positive definite") and mp.mnorm(m - m.T) > _ROUNDING:
        return False
    return domain != "positive definite" or min(mp.eigsy(m)[0]) > 0


def _scalar(domain: str, rng: random.Random, special: bool) -> Any:
    domain = domain.removeprefix("array of ")
    if domain in _WHOLE:
        return int(rng.choice(SPECIAL[domain]))
    if special or domain not in {*_RANGE, "unit interval", "nonzero"}:
        f = Fraction(rng.choice(SPECIAL[domain]))
        return mp.mpf(f.numerator) / f.denominator
    if domain == "unit interval":
        return mp.mpf(rng.randint(1, 255)) / 256
    if domain == "nonzero":
        return mp.mpf(rng.choice((-1, 1)) * rng.randint(1, 768)) / 256
    low, high = _RANGE[domain]
    return mp.mpf(rng.randint(low * 256 + (low == 0), high * 256 - (high == 0))) / 256


def _matrix(domain: str, rows: int, columns: int, rng: random.Random, k: int) -> Any:
    """Every fourth matrix that need not be positive definite is zero, or has equal elements."""
    draw = [[mp.mpf(rng.randint(-12, 12)) / 4 for _ in range(columns)] for _ in range(rows)]
    m = mp.matrix(draw)
    if domain in ("symmetric", "positive definite"):
        m = m + m.T if domain == "symmetric" else m * m.T + mp.eye(rows) / 2
    if k % 4 == 3 and domain != "positive definite":
        m = mp.ones(rows, columns) * (m[0, 0] if k % 8 == 3 else 0)
    return m
