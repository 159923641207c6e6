"""Whole arrays instead of elements: W z + mu for sum_h W_dh z_h + mu_d.

Every function takes an expression and its slots, the indices that stand for all rows (and
columns), and returns a piece of a formula, or None where there is no usual notation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from sympy import Add, Expr, Indexed, KroneckerDelta, Lambda, Mul, Sum, Symbol, exp

from entropy_proofs.algebra.nodes import DataAverage, Expectation, HiddenUnit, InverseElement
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.written_out import rows_of
from entropy_proofs.printing.gathering import is_negative, repeated
from entropy_proofs.printing.notation import NetworkValue
from entropy_proofs.printing.symbols import Name, name_of, sliced
from entropy_proofs.printing.typeset.conventions import Q, expectation
from entropy_proofs.printing.typeset.tree import (
    COLON,
    COMMA,
    MINUS,
    PLUS,
    Application,
    BigOperator,
    Bracket,
    Grid,
    Letter,
    Node,
    Number,
    Script,
    Style,
    bracketed,
    phrase,
    raised,
    separated,
    starts_with,
    walk,
)

Slots = tuple[Symbol, ...]
TRANSPOSE = Letter(r"\top")
INVERSE = phrase(MINUS, Number("1"))


@dataclass(frozen=True)
class Piece:
    """Part of a formula with its level: 0 for an atom, 1 for a product, 2 for a sum.

    turned: the transpose, where it is not written with a superscript on the whole.
    """

    tree: Node
    level: int = 0
    turned: Node | None = None

    def inside(self, level: int) -> Node:
        """With brackets if it binds less than this."""
        return self.tree if self.level <= level else bracketed(self.tree)

    @property
    def transposed(self) -> Node:
        if self.turned is not None:
            return self.turned
        whole = self.inside(0)
        if isinstance(whole, Script) and isinstance(whole.sup, Bracket):  # of a network
            return replace(whole, sup=phrase(whole.sup, TRANSPOSE))
        taken = isinstance(whole, Script) and whole.sup is not None
        return raised(bracketed(whole) if taken else whole, TRANSPOSE)


def style_of(slots: Slots) -> Style:
    """Of a letter for a whole array with these axes."""
    return "vector" if len(slots) == 1 else "matrix"


def side_by_side(left: Piece, right: Piece) -> Piece:
    """A product of arrays, and its transpose the other way round."""
    sums = starts_with(left.tree, BigOperator)
    first = bracketed(left.tree) if sums else left.inside(1)
    return Piece(phrase(first, right.inside(1)), 1, phrase(right.transposed, left.transposed))


class Bold:
    """Needs a printer for scalars, with or without brackets, and for subscripts."""

    def __init__(self, printer: Any):
        self._printer = printer
        self._pieces: dict[tuple[Expr, Slots, Slots], Piece | None] = {}

    def whole(self, expr: Expr, slots: Slots) -> Piece | None:
        """The array with this generic element."""
        known = expr, slots, self._printer.bound
        if known not in self._pieces:
            self._pieces[known] = self._whole(expr, slots)
        return self._pieces[known]

    def _whole(self, expr: Expr, slots: Slots) -> Piece | None:
        if expr == 0:
            return Piece(Letter("0", style_of(slots))) if slots else None
        if isinstance(expr, Indexed):
            return self._indexed(expr, slots)
        single = isinstance(expr, Sum) and len(expr.limits) == 1
        contracted = self._contraction(expr, slots) if single else None
        if found := contracted or self._written_out(expr, slots):
            return found
        if isinstance(expr, KroneckerDelta):
            return Piece(Letter("I", "matrix")) if set(expr.args) == set(slots) else None
        if isinstance(expr, InverseElement):
            return self._inverse(expr, slots)
        if isinstance(expr, NetworkValue):
            return self._network(expr, slots)
        if type(expr) is HiddenUnit and slots == (expr.unit,):
            return Piece(Script(Letter(r"\varphi", "vector"), sup=network_of(expr)))
        if isinstance(expr, Expectation):
            inside = self.whole(expr.args[0], slots)
            return inside and Piece(averaged(expr, inside.tree))
        if expr.is_Add:
            return self._sum(expr, slots)
        if expr.is_Mul:
            return self._product(expr, slots)
        if isinstance(expr, Sum):
            return self._sum_sign(expr, slots) if slots else None
        if expr.is_number and len(slots) == 1:
            return self._scaled(expr, Piece(Letter("1", "vector")))
        return None

    def _written_out(self, expr: Expr, slots: Slots) -> Piece | None:
        """Element by element, behind the factors that all of them have."""
        factors = Mul.make_args(expr)
        bound = [f for f in factors if symbols_in(f) & set(slots)]
        rows = rows_of(Mul(*bound), slots)
        if rows is None:
            return None
        shown = [[self._printer.composed(element) for element in row] for row in rows]
        tables = shown, [*zip(*shown, strict=True)]
        grid, turned = (Grid(tuple(chain(*table)), len(table[0])) for table in tables)
        scale = Mul(*[f for f in factors if f not in bound])
        return self._scaled(scale, Piece(grid, turned=turned if len(slots) == 2 else None))

    def matrix(self, matrix: Lambda) -> Piece:
        """A matrix given by its generic element."""
        found = self.whole(matrix.expr, tuple(matrix.variables))
        if found:
            return found
        element = bracketed(self._printer.composed(matrix.expr))
        return Piece(Script(element, sub=phrase(Letter("i"), Letter("j"))))

    def _indexed(self, expr: Indexed, slots: Slots) -> Piece | None:
        count = len(slots)
        rest, last = expr.indices[:-count], expr.indices[-count:]
        swapped = count == 2 and last == slots[::-1]
        if (last != slots and not swapped) or not count:
            return None
        if any(symbols_in(i) & set(slots) for i in rest):
            return None
        name = name_of(expr)
        if name.over_time and not rest:
            return None
        shown = name.show(self._below(expr, name, count), style=style_of(slots))
        if count != 2 or expr.base.label.assumptions0.get("symmetric"):
            return Piece(shown, turned=shown if count == 2 else None)
        other = Piece(shown).transposed
        return Piece(other, turned=shown) if swapped else Piece(shown, turned=other)

    def _below(self, entry: Indexed, name: Name, count: int) -> list[Node]:
        """Subscripts of the array along an element's last indices: places, and what is sliced."""
        places = name.places(entry.indices[:-count])
        taken = sliced(entry.base.label, entry.indices[-count:])
        slices = [phrase(Number("1"), COLON, self._printer.composed(n)) for n in taken]
        return [self._printer.index(i) for i in places] + slices

    def _inverse(self, expr: InverseElement, slots: Slots) -> Piece | None:
        if set(slots) != {expr.row, expr.column} or len(slots) != 2:
            return None
        if symbols_in(expr.matrix) & set(slots):
            return None
        inner = self.matrix(expr.matrix)
        taken = any(isinstance(p, Script) and p.sup is not None for p in walk(inner.tree))
        loose = inner.level or (taken and not isinstance(inner.tree, Grid))
        base = bracketed(inner.tree) if loose else inner.tree
        plain, turned = raised(base, INVERSE), raised(base, phrase(MINUS, TRANSPOSE))
        if is_symmetric(expr.matrix) or inner.turned == inner.tree:
            return Piece(plain, turned=plain)
        if slots == (expr.row, expr.column):
            return Piece(plain, turned=turned)
        return Piece(turned, turned=plain)

    def _network(self, expr: NetworkValue, slots: Slots) -> Piece | None:
        if tuple(expr.place) != slots:
            return None
        inputs = Bracket("(", self.inputs(expr.inputs), ")")
        return Piece(Application(name_of(Symbol(expr.name)).show(style=style_of(slots)), inputs))

    def inputs(self, inputs: Sequence[Expr]) -> Node:
        """A network's arguments: what its first layer multiplies."""
        shown: list[Node] = []
        for argument in inputs:
            if isinstance(argument, Expr):
                shown.append(self._printer.composed(argument))
                continue
            vector = argument[0]
            (m,) = vector.variables
            inner = vector.expr
            for term in Add.make_args(inner):
                found = self._input(term, m)
                shown += [found] if found else []
        return separated(shown, COMMA)

    def _input(self, term: Expr, m: Symbol) -> Node | None:
        if isinstance(term, Indexed) and "." not in str(term.base.label):
            piece = self.whole(term, (m,))
            return piece.tree if piece else None
        body = term
        slots: Slots = ()
        if isinstance(term, Sum):
            body, slots = term.function, (term.limits[0][0],)
        rest = [f for f in Mul.make_args(body) if m not in symbols_in(f)]
        if not rest:
            return None
        if not slots:
            return self._printer.composed(Mul(*rest))
        piece = self.whole(Mul(*rest), slots)
        return piece.tree if piece else self._printer.composed(Mul(*rest))

    def _sum(self, expr: Expr, slots: Slots) -> Piece | None:
        pieces: list[Node] = []
        for term in ordered(expr):
            minus = is_negative(term)
            piece = self.whole(-term if minus else term, slots)
            if piece is None:
                return None
            pieces += [MINUS] if minus else [PLUS] if pieces else []
            pieces.append(piece.inside(1))
        return Piece(phrase(*pieces), 2)

    def _product(self, expr: Expr, slots: Slots) -> Piece | None:
        factors = Mul.make_args(expr)
        bound = [f for f in factors if symbols_in(f) & set(slots)]
        scale = Mul(*[f for f in factors if f not in bound])
        if len(bound) == 1:
            inner = self.whole(bound[0], slots)
        elif len(bound) == 2 and len(slots) == 2:
            inner = self._pair(bound, slots)
        elif not bound and len(slots) == 1:
            inner = Piece(Letter("1", "vector"))
        else:
            return None
        return inner and self._scaled(scale, inner)

    def _pair(self, factors: Sequence[Expr], slots: Slots) -> Piece | None:
        """An outer product, or a diagonal matrix."""
        i, j = slots
        delta = [f for f in factors if isinstance(f, KroneckerDelta) and set(f.args) == set(slots)]
        if delta:
            (other,) = [f for f in factors if f not in delta]
            vector = self.whole(other, (i,)) or self.whole(other, (j,))
            return vector and Piece(called("diag", vector.tree))
        for a, b in (factors, factors[::-1]):
            if j not in symbols_in(a) and i not in symbols_in(b):
                left, right = self.whole(a, (i,)), self.whole(b, (j,))
                if left and right:
                    turned = Piece(right.transposed, 1, right.inside(1))
                    return side_by_side(left, turned)
        return None

    def _contraction(self, expr: Sum, slots: Slots) -> Piece | None:
        """A product over one summed index."""
        ((k, _, _),) = expr.limits
        factors = [g for f in Mul.make_args(expr.function) for g in repeated(f)]
        scale = Mul(*[f for f in factors if not symbols_in(f) & {k, *slots}])
        inner = _with_diagonal([f for f in factors if symbols_in(f) & {k, *slots}])
        if not slots and len(inner) == 1 and isinstance(inner[0], Indexed):
            return self._trace(inner[0], k, scale)
        if len(inner) != 2 or any(k not in symbols_in(f) for f in inner):
            return None
        if slots and any(_counts_copies(f, k, slots) for f in inner):
            return None
        found = self._contracted(inner, k, slots)
        return found and self._scaled(scale, found)

    def _trace(self, entry: Indexed, k: Symbol, scale: Expr) -> Piece | None:
        if entry.indices[-2:] != (k, k) or any(k in symbols_in(i) for i in entry.indices[:-2]):
            return None
        name, rest = name_of(entry), entry.indices[:-2]
        if name.over_time and not rest:
            return None
        matrix = name.show(self._below(entry, name, 2), style="matrix")
        return self._scaled(scale, Piece(called("tr", matrix)))

    def _sum_sign(self, expr: Sum, slots: Slots) -> Piece | None:
        """A sum of arrays."""
        inner = self.whole(expr.function, slots)
        if inner is None:
            return None
        signs = self._printer.sum_signs(*expr.limits)
        return Piece(phrase(signs, inner.inside(1)), 1, phrase(signs, inner.transposed))

    def _contracted(self, factors: Sequence[Expr], k: Symbol, slots: Slots) -> Piece | None:
        if not slots:
            left, right = (self.whole(f, (k,)) for f in sorted(factors, key=lambda f: f.has(Sum)))
            if left and left == right:
                norm = Bracket(r"\lVert", left.tree, r"\rVert")
                return Piece(Script(norm, sup=Number("2")))
            return left and right and Piece(phrase(left.transposed, right.inside(1)), 1)
        for a, b in (factors, factors[::-1]):
            rows = {s for s in slots if s in symbols_in(a)}
            if rows != {slots[0]} or slots[0] in symbols_in(b):
                continue
            left = self.whole(a, (slots[0], k))
            right = self.whole(b, (k, *slots[1:]))
            if left and right:
                return side_by_side(left, right)
        return None

    def _scaled(self, scale: Expr, inner: Piece) -> Piece:
        """A number times an array."""
        if scale == 1:
            return inner
        if is_negative(scale):
            return Piece(phrase(MINUS, self._scaled(-scale, inner).inside(1)), 2)
        sums = [f for f in Mul.make_args(scale) if isinstance(f, Sum)]
        if sums:
            rest = Mul(*[f for f in Mul.make_args(scale) if f not in sums])
            inner = self._scaled(rest, inner)
            return Piece(phrase(inner.inside(1), self._printer.factor(Mul(*sums))), 1)
        return Piece(phrase(self._printer.factor(scale), inner.inside(1)), 1)


def called(name: str, argument: Node) -> Node:
    """A function with a name of letters at something that needs no larger brackets."""
    return Application(Letter(name, "function"), Bracket("(", argument, ")"))


def averaged(expr: Expectation, inside: Node) -> Node:
    """An average over the data and q, or over the data where there is no q."""
    return expectation(inside, None if isinstance(expr, DataAverage) else Q)


def is_symmetric(matrix: Lambda) -> bool:
    """Whether the generic element is the same with its indices exchanged."""
    i, j = matrix.variables
    labels = {e.base.label for e in matrix.expr.atoms(Indexed) if {i, j} <= symbols_in(e)}
    if labels and all(s.assumptions0.get("symmetric") for s in labels):
        return not matrix.expr.has(Sum)
    return matrix.expr == matrix.expr.xreplace({i: j, j: i})


def _with_diagonal(factors: list[Expr]) -> list[Expr]:
    """A Kronecker delta and a vector at its index made one factor, a diagonal matrix."""
    deltas = [f for f in factors if isinstance(f, KroneckerDelta)]
    if len(factors) != 3 or len(deltas) != 1:
        return factors
    others = [f for f in factors if f not in deltas]
    for vector in others:
        alone = isinstance(vector, Indexed) and len(vector.indices) == 1
        if alone and vector.indices[0] in deltas[0].args:
            return [Mul(deltas[0], vector), *(f for f in others if f != vector)]
    return factors


def _counts_copies(factor: Expr, k: Symbol, slots: Slots) -> bool:
    """Whether k is the first axis of data such as x[t, d], which nobody takes for a matrix."""
    return any(
        e.indices[0] == k and len(e.indices) == 2 and not name_of(e).is_matrix
        for e in factor.atoms(Indexed)
        if symbols_in(e) & set(slots)
    )


def ordered(expr: Expr) -> list[Expr]:
    """The terms of a sum, positive ones first; 1 + exp(a)."""
    first = expr.has(exp)

    def rank(term: Expr) -> tuple[bool, bool]:
        return is_negative(term), not (first and term.is_number)

    return sorted(expr.as_ordered_terms(), key=rank)


def network_of(unit: HiddenUnit) -> Node:
    """The network that a hidden unit belongs to, as a superscript."""
    return Bracket("(", name_of(Symbol(str(unit.name).removeprefix("phi_"))).show(), ")")
