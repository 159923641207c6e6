"""Sizes: polynomials with whole coefficients in named sizes, each of which is at least one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

from entropy_proofs.kernel.refusal import Refused, spend

INFINITE_NAME = "oo"  # of the one size that is no number: an endless sum's


class Size:
    """An immutable polynomial: {sorted names: coefficient}, e.g. {("D", "D"): 1, (): -1}."""

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: Mapping[tuple[str, ...], int]):
        self.terms = {names: c for names, c in sorted(terms.items()) if c}
        self._hash = hash(tuple(self.terms.items()))

    @staticmethod
    def number(n: int) -> Size:
        return Size({(): n})

    @staticmethod
    def named(name: str) -> Size:
        return Size({(name,): 1})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Size) -> Size:
        total = dict(self.terms)
        for names, c in other.terms.items():
            total[names] = total.get(names, 0) + c
        return Size(total)

    def __neg__(self) -> Size:
        return Size({names: -c for names, c in self.terms.items()})

    def __sub__(self, other: Size) -> Size:
        return self + -other

    def __mul__(self, other: Size) -> Size:
        spend(len(self.terms) * len(other.terms))
        total: dict[tuple[str, ...], int] = {}
        for (a, c), (b, d) in product(self.terms.items(), other.terms.items()):
            names = tuple(sorted(a + b))
            total[names] = total.get(names, 0) + c * d
        return Size(total)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(n for names in self.terms for n in names)

    @property
    def value(self) -> int | None:
        """The number, if it is one."""
        return self.terms.get((), 0) if not self.names else None

    @property
    def infinite(self) -> bool:
        return INFINITE_NAME in self.names

    def above(self, least: Mapping[str, int]) -> Size:
        """The same polynomial in what each named size exceeds its least value by."""
        total = Size({})
        for names, c in self.terms.items():
            if len(names) > 8:
                raise Refused("a size of degree above 8")
            part = Size.number(c)
            for n in names:
                part = part * Size({(n,): 1, (): least.get(n, 1)})
            total = total + part
        return total

    def at_least(self, bound: int, least: Mapping[str, int]) -> bool:
        """Whether this is known to be >= bound whatever the sizes are."""
        if self.infinite:
            return self == INFINITE
        shifted = (self - Size.number(bound)).above(least)
        return all(c >= 0 for c in shifted.terms.values())

    def __iter__(self) -> Iterator[tuple[tuple[str, ...], int]]:
        return iter(self.terms.items())

    def __str__(self) -> str:
        text = ""
        for names, c in sorted(self.terms.items(), key=lambda t: (-len(t[0]), t[0])):
            factors = [] if abs(c) == 1 and names else [str(abs(c))]
            sign = (" - " if c < 0 else " + ") if text else "-" if c < 0 else ""
            text += sign + "*".join([*factors, *names])
        return text or "0"


ZERO, ONE, INFINITE = Size.number(0), Size.number(1), Size.named(INFINITE_NAME)
