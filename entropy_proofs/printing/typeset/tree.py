"""Mathematics as a tree: what stands beside, above and below what.

Letters are named as TeX names them; text from users is data here and is escaped by whoever writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Literal

Style = Literal["italic", "roman", "vector", "matrix", "calligraphic", "blackboard", "function"]
Size = Literal["", "big", "Big"]

BINARY = frozenset({"+", "-", r"\cdot", r"\times"})
PUNCTUATION = frozenset({",", ";"})
POSTFIX = frozenset({"!"})


@dataclass(frozen=True)
class Letter:
    """A name: one letter, a TeX command for one, or a word.

    style: vectors and matrices are arrays as wholes, functions stand before their arguments.
    """

    name: str
    style: Style = "italic"
    primes: int = 0


@dataclass(frozen=True)
class Number:
    """Digits, without a sign."""

    text: str


@dataclass(frozen=True)
class Sign:
    """An operator, relation or comma, by its TeX name; what it is follows from that name."""

    name: str

    @property
    def is_binary(self) -> bool:
        return self.name in BINARY

    @property
    def is_relation(self) -> bool:
        return self.name not in BINARY | PUNCTUATION | POSTFIX


@dataclass(frozen=True)
class Blank:
    """A space, by its TeX name."""

    name: str = r"\,"


@dataclass(frozen=True)
class Words:
    """Running text inside a formula."""

    text: str


@dataclass(frozen=True)
class Phrase:
    """Things side by side; `phrase` makes one, so that no part is a phrase itself."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Script:
    """Something with a subscript, a superscript or both."""

    base: Node
    sub: Node | None = None
    sup: Node | None = None


@dataclass(frozen=True)
class Fraction:
    """One thing over another."""

    top: Node
    bottom: Node


@dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Node


@dataclass(frozen=True)
class Accent:
    """A mark above a letter, by its TeX name."""

    name: str
    base: Node


@dataclass(frozen=True)
class Delimiter:
    """One bracket of a pair: `left` opens, `right` closes."""

    name: str
    side: Literal["left", "right"]
    size: Size = ""


@dataclass(frozen=True)
class Bracket:
    """Something in a pair of brackets of one fixed size, so that a line can end inside."""

    left: str
    inside: Node
    right: str
    size: Size = ""


@dataclass(frozen=True)
class Application:
    """A function and its argument, which is in brackets or follows after a space."""

    head: Node
    argument: Node


@dataclass(frozen=True)
class Grid:
    """A matrix or a column whose elements are written down, row by row, in its own brackets."""

    elements: tuple[Node, ...]
    columns: int

    @property
    def rows(self) -> list[tuple[Node, ...]]:
        starts = range(0, len(self.elements), self.columns)
        return [self.elements[start : start + self.columns] for start in starts]


@dataclass(frozen=True)
class BigOperator:
    """A sum sign with its limits; it reaches to the end of its product."""

    name: str
    below: Node | None = None
    above: Node | None = None


Leaf = Letter | Number | Sign | Blank | Words | Delimiter
Node = (
    Leaf | Phrase | Script | Fraction | Root | Accent | Bracket | Application | Grid | BigOperator
)

MINUS, PLUS, COMMA, COLON = map(Sign, ("-", "+", ",", ":"))
BETWEEN = Blank(r"\qquad")  # statements that stand side by side


def phrase(*parts: Node | None) -> Node:
    """Things side by side, phrases opened and nothing left out but None.

    >>> phrase(Letter("a"), phrase(PLUS, Letter("b")), None)
    Phrase(parts=(Letter(name='a', style='italic', primes=0), Sign(name='+'), \
Letter(name='b', style='italic', primes=0)))
    """
    flat = [p for part in parts if part is not None for p in parts_of(part)]
    return flat[0] if len(flat) == 1 else Phrase(tuple(flat))


def parts_of(node: Node) -> tuple[Node, ...]:
    """What stands side by side."""
    return node.parts if isinstance(node, Phrase) else (node,)


def separated(parts: list[Node], separator: Node) -> Node:
    """Side by side, with something between each two."""
    return phrase(*[p for part in parts for p in (separator, part)][1:])


def children(node: Node) -> Iterator[Node]:
    """The nodes right below this one."""
    for field in fields(node):
        value = getattr(node, field.name)
        for part in value if isinstance(value, tuple) else (value,):
            if not isinstance(part, (str, int)) and part is not None:
                yield part


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """The node with each one right below it changed."""
    if isinstance(node, Phrase):
        return phrase(*map(change, node.parts))
    below = {field.name: getattr(node, field.name) for field in fields(node)}
    for name, value in below.items():
        if isinstance(value, tuple):
            below[name] = tuple(map(change, value))
        elif value is not None and not isinstance(value, (str, int)):
            below[name] = change(value)
    return type(node)(**below)


def bracketed(node: Node, left: str = "(", right: str = ")") -> Bracket:
    """In brackets of a size that TeX need not choose, so that lines can break inside."""
    size: Size = ""
    for part in walk(node):
        if isinstance(part, (Fraction, Grid, BigOperator)) or getattr(part, "size", "") == "Big":
            return Bracket(left, node, right, "Big")
        if isinstance(part, Bracket) and part.left in ("(", "["):
            size = "big"
    return Bracket(left, node, right, size)


def raised(base: Node, power: Node) -> Node:
    """With a superscript, which stands above a subscript that is there."""
    if isinstance(base, Script) and base.sup is None:
        return replace(base, sup=power)
    return Script(base, sup=power)


def listed(indices: list[Node]) -> Node:
    """Subscripts side by side, with commas where one is more than a letter."""
    single = all(
        (isinstance(i, Letter) and (len(i.name) == 1 or i.name.startswith("\\")))
        or (isinstance(i, Number) and len(i.text) == 1)
        for i in indices
    )
    return phrase(*indices) if single else separated(indices, COMMA)


def starts_with(node: Node, kind: type | Node) -> bool:
    """Whether this is the first thing written."""
    first = parts_of(node)[:1]
    return bool(first) and (
        isinstance(first[0], kind) if isinstance(kind, type) else first[0] == kind
    )


def is_prefix(before: Node | None) -> bool:
    """Whether a sign after this belongs to what follows: -a, = -a, (-a."""
    if isinstance(before, Delimiter):
        return before.side == "left"
    if isinstance(before, Sign):
        return before.name not in POSTFIX
    return before is None


def with_left(parts: tuple[Node, ...]) -> Iterator[tuple[Node | None, Node]]:
    """Each part and what stands left of it: a space only where nothing else does."""
    left: Node | None = None
    for part in parts:
        yield left, part
        left = left if left is not None and isinstance(part, Blank) else part


def is_open(node: Node) -> bool:
    """Whether it ends in a function's argument without brackets, to which more would belong."""
    for part in reversed(parts_of(node)):
        if isinstance(part, Application) and not isinstance(part.argument, Bracket):
            return True
        if any(isinstance(p, Bracket) for p in walk(part)):
            return False
    return False


def product(factors: list[Node]) -> Node:
    """Side by side, with a space where a function's argument ends."""
    whole: Node = Phrase()
    for factor in factors:
        whole = phrase(whole, Blank() if is_open(whole) else None, factor)
    return whole
