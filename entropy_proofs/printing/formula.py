"""Formulas: mathematics as a tree that can be written, measured and broken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.arrays.array import Array
from entropy_proofs.arrays.parsing import expression
from entropy_proofs.printing.bold import Slots
from entropy_proofs.printing.composer import Composer
from entropy_proofs.printing.layout import arranged, indices_for, names_in
from entropy_proofs.printing.symbols import name_of, names_for
from entropy_proofs.printing.typeset.breaking import broken
from entropy_proofs.printing.typeset.conventions import Notation, expectation
from entropy_proofs.printing.typeset.mathml import mathml, table
from entropy_proofs.printing.typeset.tex import tex
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    Application,
    Blank,
    Letter,
    Node,
    Script,
    Sign,
    Words,
    bracketed,
    parts_of,
    phrase,
    separated,
)
from entropy_proofs.printing.typeset.widths import DISPLAY, TEXT, width


@dataclass(frozen=True)
class Formula:
    """Mathematics ready to be written.

    >>> formula(sp.Symbol("sigma2", positive=True) / 2).latex
    '\\\\frac{\\\\sigma^{2}}{2}'
    """

    tree: Node

    @cached_property
    def latex(self) -> str:
        """On one line; amsmath and amssymb are all it needs."""
        return tex(self.tree)

    def mathml(self, display: bool = False, within: float | None = None) -> str:
        """MathML Core with the LaTeX as its annotation.

        within: the width in em that lines of a display may have.

        >>> formula("x").mathml()
        '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x</annotation>\
</semantics></math>'
        """
        rows = broken(self.tree, within) if display and within else []
        shown = table(rows) if len(rows) > 1 else mathml(self.tree)
        block = ' display="block"' if display else ""
        source = f'<annotation encoding="application/x-tex">{escape(self.latex)}</annotation>'
        return f"<math{block}><semantics>{shown}{source}</semantics></math>"

    @cached_property
    def width(self) -> float:
        """In em, of one line in a display of Computer Modern at 10 pt; within 5 % or so."""
        return width(self.tree)

    @cached_property
    def inline_width(self) -> float:
        """The same in running text, where fractions are smaller and limits stand beside sums."""
        return width(self.tree, TEXT)

    def lines(self, within: float, left: float = 0.0, display: bool = True) -> tuple[Line, ...]:
        """Broken where it is wider than this many em; only a single piece may still be.

        left: the width of the widest left side of the formulas that it is aligned with.
        display: whether each is set as a display, or as in running text.

        >>> [line.latex for line in relation("a", "=", total(("+", "b"), ("-", "c"))).lines(3.5)]
        ['a & = b', '& \\\\quad - c']
        """
        rows = broken(self.tree, within, left, DISPLAY if display else TEXT)
        return tuple(Line(*map(Formula, row)) for row in rows)

    def noted(self, notation: Notation) -> Formula:
        """The same in another notation."""
        return Formula(notation.applied(self.tree))


@dataclass(frozen=True)
class Line:
    """One of the lines below each other, aligned where `right` begins."""

    left: Formula
    right: Formula

    @property
    def latex(self) -> str:
        """For `aligned` and its like, which would take a minus after `&` for one between terms."""
        right = self.right.latex.strip()
        right = f"{{-}}{right[1:]}" if right.startswith("-") else right
        return f"{self.left.latex} & {right}".strip()


def formula(expr: Any) -> Formula:
    r"""Of an expression, an array, a name, or {name: direction} as a list of a \mapsto b.

    >>> formula({sp.Symbol("w"): -sp.Symbol("w")}).latex
    'w \\mapsto -w'
    """
    if isinstance(expr, Formula):
        return expr
    if isinstance(expr, str):
        return Formula(name_of(Symbol(expr)).show())
    if isinstance(expr, Mapping):
        arrows = [arrow(a, b).tree for a, b in expr.items()]
        return Formula(separated(arrows, phrase(COMMA, Blank(r"\qquad"))))
    expr = expression(expr)
    if expr.has(sp.Float):
        expr = expr.xreplace({f: sp.Rational(str(f)) for f in expr.atoms(sp.Float)})
    return element(expr)


def element(expr: Expr, indices: Slots = ()) -> Formula:
    r"""Of an expression in which these indices stand for a generic element: (W z)_d.

    >>> element(sp.Symbol("a") / 2).latex
    '\\frac{a}{2}'
    """
    with names_for(expr) as names:
        known = expr, indices
        if known not in names.trees:
            names.trees[known] = (
                _array(expr)[1]
                if isinstance(expr, Array)
                else Composer(indices).composed(arranged(expr, indices))
            )
        return Formula(names.trees[known])


def relation(first: Any, *rest: Any) -> Formula:
    r"""A chain of formulas or expressions with signs between them: `=`, `\mapsto`, `\sim`, `\neq`.

    >>> relation(sp.Symbol("a"), "=", sp.Symbol("b"), "=", 2).latex
    'a = b = 2'
    """
    if len(rest) % 2:
        raise TypeError("a relation alternates formulas and signs")
    shown = [Sign(part) if k % 2 == 0 else formula(part).tree for k, part in enumerate(rest)]
    return Formula(phrase(formula(first).tree, *shown))


def arrow(target: Expr, direction: Expr) -> Formula:
    r"""W \mapsto -W/2, element by element where there is no notation for whole arrays.

    >>> arrow(sp.Symbol("w"), -sp.Symbol("w")).latex
    'w \\mapsto -w'
    """
    return _pair(target, r"\mapsto", direction)


def equation(target: Expr, value: Expr) -> Formula:
    """W = ..., element by element where there is no notation for whole arrays.

    >>> equation(sp.Symbol("w"), sp.Integer(2)).latex
    'w = 2'
    """
    return _pair(target, "=", value)


def beside(*parts: Any) -> Formula:
    r"""Formulas and running text side by side.

    >>> beside(relation("a", "=", "b"), " where ", relation("b", ">", 0)).latex
    'a = b\\text{ where }b > 0'
    """
    shown = (Words(part) if isinstance(part, str) else formula(part).tree for part in parts)
    return Formula(phrase(*shown))


def commas(*parts: Any) -> Formula:
    """A list: a, b, c.

    >>> commas("a", "b").latex
    'a, b'
    """
    return Formula(separated([formula(part).tree for part in parts], COMMA))


def total(*terms: tuple[str, Any]) -> Formula:
    """Terms with their signs, `+` or `-`, in this order.

    >>> total(("-", "a"), ("+", "b")).latex
    '-a + b'
    """
    parts: list[Node] = []
    for sign, term in terms:
        shown = formula(term).tree
        loose = any(isinstance(p, Sign) and p.is_binary for p in parts_of(shown))
        parts += [] if sign == "+" and not parts else [Sign(sign)]
        parts.append(bracketed(shown) if loose and sign == "-" else shown)
    return Formula(phrase(*parts))


def calligraphic(letter: str, *arguments: Any) -> Formula:
    r"""A capital such as the F of the bound, with what it is a function of, if anything.

    >>> calligraphic("F", "Theta").latex
    '\\mathcal{F}(\\Theta)'
    """
    return _at(Letter(letter, "calligraphic"), arguments)


def density(letter: str, *variables: Any, given: Sequence[Any] = ()) -> Formula:
    r"""p(x | z), q(z).

    >>> density("p", "x", given=("z",)).latex
    'p(x \\mid z)'
    """
    inside = commas(*variables).tree
    if given:
        inside = phrase(inside, Sign(r"\mid"), commas(*given).tree)
    return Formula(Application(formula(letter).tree, bracketed(inside)))


def called(name: str, *arguments: Any) -> Formula:
    r"""A function with a name of letters at its arguments, such as a family's.

    >>> called("log", "x").latex
    '\\log(x)'
    """
    return _at(Letter(name, "function"), arguments)


def expected(inside: Any, over: Any = "q") -> Formula:
    r"""The expectation of something, under q unless said otherwise.

    >>> expected("x").latex
    '\\mathbb{E}_{q}[x]'
    """
    return Formula(expectation(formula(inside).tree, None if over is None else formula(over).tree))


def divergence(left: Any, right: Any) -> Formula:
    r"""Kullback and Leibler's, of one density from another.

    >>> divergence("q", "p").latex
    'D_{\\mathrm{KL}}(q \\parallel p)'
    """
    inside = phrase(formula(left).tree, Sign(r"\parallel"), formula(right).tree)
    head = Script(Letter("D"), sub=Letter("KL", "roman"))
    return Formula(Application(head, bracketed(inside)))


def _at(head: Node, arguments: Sequence[Any]) -> Formula:
    return Formula(Application(head, bracketed(commas(*arguments).tree)) if arguments else head)


def _pair(target: Expr, sign: str, value: Expr) -> Formula:
    """The name of what is shown, at the same indices as its value."""
    if not isinstance(value, Array) or not isinstance(target, Array):
        return relation(target, sign, value)
    with names_for(target, value):
        slots, right = _array(value)
        names = _slots(target)
        composer = Composer(names)
        left = target.at(*names)
        piece = composer.bold.whole(left, names[len(names) - slots :]) if slots else None
        shown = piece.tree if piece else composer.composed(left)
        return Formula(phrase(shown, Sign(sign), right))


def _slots(array: Array) -> Slots:
    """Names for all of an array's indices."""
    return indices_for(array.shape, names_in(array.args[0]))


def _array(array: Array) -> tuple[int, Node]:
    """As a whole array, as its matrices or vectors, or as its element: how many axes are whole."""
    names = _slots(array)
    element = arranged(array.at(*names), names)
    for count in range(len(names), 0, -1):
        first = names[: len(names) - count]
        piece = Composer(first).bold.whole(element, names[len(names) - count :])
        if piece:
            return count, piece.tree
    return 0, Composer(names).composed(element)
