"""Names as they are written: as `latex=` says, else by their letters, digits and underscores.

A trailing digit is a subscript, except that a final 2 of a positive parameter that stands alone (no
other name has its stem and a digit) is a square: sigma2 is one, tau2 beside tau1 is none.  f.U is a
network's parameter, weight.z a weight.  Whole arrays are bold.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from sympy import Expr, Indexed, IndexedBase, Integer, Symbol
from sympy.printing.latex import greek_letters_set, tex_greek_dictionary

from entropy_proofs.algebra.nodes import indices_of, label_of, size_of_range
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.printing.typeset.given import given, styled
from entropy_proofs.printing.typeset.tree import (
    Bracket,
    Letter,
    Node,
    Number,
    Script,
    Style,
    listed,
    phrase,
    raised,
)
from entropy_proofs.spelling import letter_name

_LETTER = {"lam": r"\lambda", "lambda_": r"\lambda", "eps": r"\varepsilon"}
_NAME = re.compile(r"([A-Za-z]+?_?)(\d*)(?:_(\w+))?('*)", re.ASCII)
_NUMBERED = re.compile(r"([A-Za-z]+)(\d+)", re.ASCII)


@dataclass(frozen=True)
class Names:
    """How the names of a model, or of an expression, are shown.

    given: what `latex=` said, by name.
    squares: names whose final 2 is a power; rooted: those whose root is the letter alone.
    alike: names that would look like another one, and are shown letter by letter.
    parts: labels of a chain's steps: the chain, the step at which they start, and whether they
        stand for many steps and so have an index over time.
    shapes: of arrays as they are declared, so that a slice is not taken for the whole.
    trees: of expressions at the indices around them, each composed once with these names.
    """

    given: Mapping[str, Node] = field(default_factory=dict)
    squares: frozenset[str] = frozenset()
    rooted: frozenset[str] = frozenset()
    alike: frozenset[str] = frozenset()
    parts: Mapping[str, tuple[str, int, bool]] = field(default_factory=dict)
    shapes: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    trees: dict[tuple[Expr, tuple[Symbol, ...]], Node] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def of(
        cls,
        names: Iterable[str],
        scales: Iterable[str],
        given: Mapping[str, Node] | None = None,
        parts: Mapping[str, tuple[str, int, bool]] | None = None,
        shapes: Mapping[str, tuple[Expr, ...]] | None = None,
    ) -> Names:
        """Of all names of a model, in order, those of its positive parameters, and `latex=`.

        >>> sorted(Names.of(["sigma2", "tau1", "tau2"], ["sigma2", "tau2"]).squares)
        ['sigma2']
        """
        names, scales, given = list(dict.fromkeys(names)), set(scales), dict(given or {})
        numbered = {n: match for n in names if (match := _NUMBERED.fullmatch(n))}
        stems = Counter(match[1] for match in numbered.values())
        alone = {n for n, match in numbered.items() if match[2] == "2" and stems[match[1]] == 1}
        squares = frozenset(alone & scales - given.keys())
        first = cls(given, squares)
        shown: dict[Node, str] = {}
        for name in sorted(names, key=lambda n: n not in given):
            shown.setdefault(Name(Symbol(name), first).show(), name)
        roots = {n: Name(Symbol(numbered[n][1]), first).show() for n in squares}
        rooted = frozenset(n for n, root in roots.items() if root not in shown)
        rooted |= {n for n in scales & given.keys() if _is_square(given[n])}
        alike = frozenset(names) - set(shown.values()) - given.keys()
        return cls(given, squares, rooted, alike, dict(parts or {}), dict(shapes or {}))

    @classmethod
    def in_itself(cls, *expressions: Expr) -> Names:
        """Of expressions whose model is not known: what stands in them is all that there is."""
        symbols = sorted(set().union(*map(symbols_in, expressions)), key=str)
        return cls.of(
            (s.name for s in symbols),
            (s.name for s in symbols if s.is_positive and not s.is_integer),
        )

    @contextmanager
    def used(self) -> Iterator[None]:
        """Formulas that are composed inside show these names so."""
        before = _IN_USE.set(self)
        try:
            yield
        finally:
            _IN_USE.reset(before)


_IN_USE: ContextVar[Names | None] = ContextVar("names", default=None)


@contextmanager
def names_for(*expressions: Expr) -> Iterator[Names]:
    """The names in use, or those of the expressions in themselves."""
    names = _IN_USE.get()
    if names is not None:
        yield names
        return
    names = Names.in_itself(*expressions)
    with names.used():
        yield names


class Name:
    """A label taken apart: letter, subscripts and superscripts; of a chain's steps, the chain's."""

    def __init__(self, label: Symbol, names: Names):
        self.primes = 0
        self._part = names.parts.get(label.name)
        self.sub: list[Node] = []
        self.sup: list[Node] = []
        self.letter: Node = Letter("w")
        network, _, name = (self._part[0] if self._part else label.name).rpartition(".")
        if network == "weight":  # of a term of the bound
            self.sub.append(Name(Symbol(name), names).show())
            self.is_square = self.is_matrix = False
            return
        if network:
            self.sup.append(Bracket("(", Name(Symbol(network), names).show(), ")"))
        self.is_square = name in names.rooted
        self.is_matrix = name[:1].isupper()
        if name in names.given:
            self._take(names.given[name])
        elif name in names.alike:
            self.letter = Letter(name, "roman")
        else:
            self._read(name, name in names.squares)

    def _take(self, shown: Node) -> None:
        """As given: its own scripts go with the indices and powers that it gets."""
        self.letter = shown
        if isinstance(shown, Script):
            self.letter = shown.base
            self.sub += [shown.sub] if shown.sub else []
            self.sup += [shown.sup] if shown.sup else []

    def _read(self, name: str, square: bool) -> None:
        """By letters, digits and underscores; SymPy's symbols may have LaTeX as their names."""
        if not name.isascii():
            normal = unicodedata.normalize("NFKC", name)
            name = "".join(letter_name(c) or c for c in normal)
        match = _NAME.fullmatch(name)
        if match is None:
            latex = None if re.fullmatch(r"\w+", name) else _as_latex(name)
            self.letter = Letter(name, "roman")
            if latex is not None:
                self._take(latex)
            return
        letter, number, below, primes = match.groups(default="")
        letter = letter.rstrip("_") if number or below else letter
        self.letter, self.primes = _letter(letter, len(primes)), len(primes)
        if number:
            (self.sup if square else self.sub).append(Number(number))
        self.sub += [_letter(part) for part in below.split("_") if part]

    def places(self, indices: Sequence[Expr]) -> tuple[Expr, ...]:
        """Indices of the label as places in its array, which of a chain's steps is the chain."""
        if self._part is None:
            return tuple(indices)
        _, start, many = self._part
        return (indices[0] + start, *indices[1:]) if many else (Integer(start), *indices)

    @property
    def over_time(self) -> bool:
        """Whether it stands for some steps of a chain, not all."""
        return self._part is not None and self._part[2]

    def show(
        self, indices: Sequence[Node] = (), power: Node | None = None, style: Style = "italic"
    ) -> Node:
        """With further subscripts and a power."""
        sup, outside = [*self.sup], power
        if self.is_square and isinstance(power, Number):
            sup, outside = [Number(str(2 * int(power.text)))], None
        elif power and not sup and not self.primes:
            sup, outside = [power], None
        letter = self.letter if style == "italic" else _bold(self.letter, style)
        below = [*self.sub, *indices]
        text = Script(letter, listed(below) if below else None, phrase(*sup) if sup else None)
        shown = text if below or sup else letter
        return raised(Bracket("(", shown, ")", "big"), outside) if outside else shown


def _is_square(shown: Node) -> bool:
    return isinstance(shown, Script) and shown.sup == Number("2")


def _letter(name: str, primes: int = 0) -> Letter:
    known = _LETTER.get(name) or tex_greek_dictionary.get(name)
    if known is None and name.lower() in greek_letters_set | {"pi"}:
        known = f"\\{name}"
    if known is not None and known.startswith(r"\mathrm"):  # a capital that looks like a Latin one
        return Letter(known[8:-1], "roman", primes)
    return Letter(known or name, "italic" if known or len(name) == 1 else "roman", primes)


def _bold(letter: Node, style: Style) -> Node:
    """A letter or word of a whole array."""
    if isinstance(letter, Letter) and letter.style == "roman":
        return replace(letter, style=style)
    return styled(letter, style)


def _as_latex(name: str) -> Node | None:
    """A symbol called "x_{1}"; None for what is no formula, and is shown as it is."""
    try:
        return given(name)
    except InputError:
        return None


def name_of(expr: Expr) -> Name:
    """The name of a label, or of an element's array."""
    label = getattr(expr, "base", expr)
    return Name(getattr(label, "label", label), _IN_USE.get() or Names())


def sliced(label: Symbol, along: Sequence[Expr]) -> list[Expr]:
    """How many are taken along its last axes, at these indices, if these are not all of them."""
    names = _IN_USE.get()
    shape = names.shapes.get(label.name) if names is not None else None
    taken = [size_of_range(i) for i in along if isinstance(i, Symbol)]
    if not shape or None in taken or len(taken) < len(along):
        return []
    whole = all((n - m).expand() == 0 for n, m in zip(taken, shape[-len(along) :], strict=True))
    return [] if whole else taken


def element_of(element: Symbol | Indexed) -> Expr:
    """An element of a chain's steps as one of the chain; any other as it is."""
    label = label_of(element)
    names = _IN_USE.get()
    if names is None or label.name not in names.parts:
        return element
    places = Name(label, names).places(indices_of(element))
    return IndexedBase(names.parts[label.name][0])[places]
