"""Whole arrays instead of elements: W z + mu for sum_h W_dh z_h + mu_d.

Every function takes an expression and its slots, the indices that stand for all rows (and
columns), and returns LaTeX, or None where there is no usual notation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Indexed, KroneckerDelta, Lambda, Mul, Pow, Sum, Symbol, exp

from entropy_proofs.algebra.nodes import DataAverage, Expectation, HiddenUnit, InverseElement
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.printing.gathering import is_negative
from entropy_proofs.printing.notation import NetworkValue
from entropy_proofs.printing.symbols import name_of

Slots = tuple[Symbol, ...]


@dataclass(frozen=True)
class Piece:
    """LaTeX with its level: 0 for an atom, 1 for a product, 2 for a sum.

    turned: the transpose, where it is not written with a superscript on the whole.
    """

    text: str
    level: int = 0
    turned: str = ""

    def inside(self, level: int) -> str:
        """With brackets if it binds less than this."""
        return self.text if self.level <= level else bracketed(self.text)

    @property
    def transposed(self) -> str:
        if self.turned:
            return self.turned
        text = self.inside(0)
        head, power, network = text.rpartition("^{(")
        if power and network.endswith(")}"):
            return rf"{head}^{{({network[:-1]}\top}}"
        return rf"{bracketed(text) if text.endswith('}') and '^{' in text else text}^{{\top}}"


def bracketed(text: str, left: str = "(", right: str = ")") -> str:
    """In brackets of a size that TeX need not choose, so that lines can break inside."""
    tall = r"\frac" in text or r"\sum" in text or r"\Big" in text
    size = "Big" if tall else "big" if "(" in text or "[" in text else ""
    return rf"\{size}l{left}{text}\{size}r{right}" if size else f"{left}{text}{right}"


def product(left: Piece, right: Piece) -> Piece:
    """Side by side, the transpose the other way round."""
    first = bracketed(left.text) if left.text.startswith(r"\sum") else left.inside(1)
    text = first + right.inside(1)
    return Piece(text, 1, (right.transposed + left.transposed))


class Bold:
    """Needs a printer for scalars, with or without brackets, and for subscripts."""

    def __init__(self, printer: Any):
        self._printer = printer

    def whole(self, expr: Expr, slots: Slots) -> Piece | None:
        """The array with this generic element."""
        if expr == 0:
            return Piece(r"\mathbf{0}") if slots else None
        if isinstance(expr, Indexed):
            return self._indexed(expr, slots)
        if isinstance(expr, KroneckerDelta):
            return Piece(r"\mathbf{I}") if set(expr.args) == set(slots) else None
        if isinstance(expr, InverseElement):
            return self._inverse(expr, slots)
        if isinstance(expr, NetworkValue):
            return self._network(expr, slots)
        if type(expr) is HiddenUnit and slots == (expr.unit,):
            return Piece(rf"\boldsymbol{{\varphi}}^{{({network_of(expr)})}}")
        if isinstance(expr, Expectation):
            inside = self.whole(expr.args[0], slots)
            return inside and Piece(f"{expectation_sign(expr)}{bracketed(inside.text, '[', ']')}")
        if expr.is_Add:
            return self._sum(expr, slots)
        if expr.is_Mul:
            return self._product(expr, slots)
        if isinstance(expr, Sum):
            short = self._contraction(expr, slots) if len(expr.limits) == 1 else None
            return short or (self._sum_sign(expr, slots) if slots else None)
        if expr.is_number and len(slots) == 1:
            return self._scaled(expr, Piece(r"\mathbf{1}"))
        return None

    def matrix(self, matrix: Lambda) -> Piece:
        """A matrix given by its generic element."""
        found = self.whole(matrix.expr, tuple(matrix.variables))
        return found or Piece(bracketed(self._printer.doprint(matrix.expr)) + "_{ij}")

    def _indexed(self, expr: Indexed, slots: Slots) -> Piece | None:
        count = len(slots)
        rest, last = expr.indices[:-count], expr.indices[-count:]
        swapped = count == 2 and last == slots[::-1]
        if (last != slots and not swapped) or not count:
            return None
        if any(symbols_in(i) & set(slots) for i in rest):
            return None
        name = name_of(expr)
        below = [self._printer.index(i + name.shift * (k == 0)) for k, i in enumerate(rest)]
        text = name.show(below, bold=True)
        if count != 2 or expr.base.label.assumptions0.get("symmetric"):
            return Piece(text, turned=text if count == 2 else "")
        other = Piece(text).transposed
        return Piece(other, turned=text) if swapped else Piece(text, turned=other)

    def _inverse(self, expr: InverseElement, slots: Slots) -> Piece | None:
        if set(slots) != {expr.row, expr.column} or len(slots) != 2:
            return None
        if symbols_in(expr.matrix) & set(slots):
            return None
        inner = self.matrix(expr.matrix)
        text = bracketed(inner.text) if inner.level or "^" in inner.text else inner.text
        plain, turned = f"{text}^{{-1}}", rf"{text}^{{-\top}}"
        if is_symmetric(expr.matrix):
            return Piece(plain, turned=plain)
        if slots == (expr.row, expr.column):
            return Piece(plain, turned=turned)
        return Piece(turned, turned=plain)

    def _network(self, expr: NetworkValue, slots: Slots) -> Piece | None:
        if tuple(expr.place) != slots:
            return None
        return Piece(rf"\mathbf{{{expr.name}}}({self.inputs(expr.inputs)})")

    def inputs(self, inputs: Sequence[Expr]) -> str:
        """A network's arguments: what its first layer multiplies."""
        shown = []
        for argument in inputs:
            if isinstance(argument, Expr):
                shown.append(self._printer.doprint(argument))
                continue
            vector = argument[0]
            (m,) = vector.variables
            inner = vector.expr
            for term in Add.make_args(inner):
                found = self._input(term, m)
                shown += [found] if found else []
        return ", ".join(shown)

    def _input(self, term: Expr, m: Symbol) -> str | None:
        if isinstance(term, Indexed) and "." not in str(term.base.label):
            piece = self.whole(term, (m,))
            return piece.text if piece else None
        body = term
        slots: Slots = ()
        if isinstance(term, Sum):
            body, slots = term.function, (term.limits[0][0],)
        rest = [f for f in Mul.make_args(body) if m not in symbols_in(f)]
        if not rest:
            return None
        if not slots:
            return self._printer.doprint(Mul(*rest))
        piece = self.whole(Mul(*rest), slots)
        return piece.text if piece else self._printer.doprint(Mul(*rest))

    def _sum(self, expr: Expr, slots: Slots) -> Piece | None:
        pieces: list[str] = []
        for term in ordered(expr):
            minus = is_negative(term)
            piece = self.whole(-term if minus else term, slots)
            if piece is None:
                return None
            sign = " - " if minus else " + "
            pieces.append((sign if pieces else sign.strip(" +")) + piece.inside(1))
        return Piece("".join(pieces), 2)

    def _product(self, expr: Expr, slots: Slots) -> Piece | None:
        factors = Mul.make_args(expr)
        bound = [f for f in factors if symbols_in(f) & set(slots)]
        scale = Mul(*[f for f in factors if f not in bound])
        if len(bound) == 1:
            inner = self.whole(bound[0], slots)
        elif len(bound) == 2 and len(slots) == 2:
            inner = self._pair(bound, slots)
        elif not bound and len(slots) == 1:
            inner = Piece(r"\mathbf{1}")
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
            return vector and Piece(rf"\operatorname{{diag}}({vector.text})")
        for a, b in (factors, factors[::-1]):
            if j not in symbols_in(a) and i not in symbols_in(b):
                left, right = self.whole(a, (i,)), self.whole(b, (j,))
                if left and right:
                    turned = Piece(right.transposed, 1, right.inside(1))
                    return product(left, turned)
        return None

    def _contraction(self, expr: Sum, slots: Slots) -> Piece | None:
        """A product over one summed index."""
        ((k, _, _),) = expr.limits
        factors = [g for f in Mul.make_args(expr.function) for g in _repeated(f)]
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
        below = [self._printer.index(i) for i in entry.indices[:-2]]
        text = name_of(entry).show(below, bold=True)
        return self._scaled(scale, Piece(rf"\operatorname{{tr}}({text})"))

    def _sum_sign(self, expr: Sum, slots: Slots) -> Piece | None:
        """A sum of arrays."""
        inner = self.whole(expr.function, slots)
        if inner is None:
            return None
        signs = self._printer.sum_signs(*expr.limits)
        return Piece(signs + inner.inside(1), 1, signs + inner.transposed)

    def _contracted(self, factors: Sequence[Expr], k: Symbol, slots: Slots) -> Piece | None:
        if not slots:
            left, right = (self.whole(f, (k,)) for f in sorted(factors, key=lambda f: f.has(Sum)))
            if left and left == right:
                return Piece(rf"\lVert {left.text}\rVert^{{2}}")
            return left and right and Piece(left.transposed + right.inside(1), 1)
        for a, b in (factors, factors[::-1]):
            rows = {s for s in slots if s in symbols_in(a)}
            if rows != {slots[0]} or slots[0] in symbols_in(b):
                continue
            left = self.whole(a, (slots[0], k))
            right = self.whole(b, (k, *slots[1:]))
            if left and right:
                return product(left, right)
        return None

    def _scaled(self, scale: Expr, inner: Piece) -> Piece:
        """A number times an array."""
        if scale == 1:
            return inner
        if is_negative(scale):
            return Piece(f"-{self._scaled(-scale, inner).inside(1)}", 2)
        sums = [f for f in Mul.make_args(scale) if isinstance(f, Sum)]
        if sums:
            rest = Mul(*[f for f in Mul.make_args(scale) if f not in sums])
            inner = self._scaled(rest, inner)
            return Piece(rf"{inner.inside(1)}{self._printer.factor(Mul(*sums))}", 1)
        text = self._printer.factor(scale)
        return Piece(text + inner.inside(1), 1)


def expectation_sign(expr: Expectation) -> str:
    """Of an average over the data and q, or over the data where there is no q."""
    return r"\mathbb{E}" if isinstance(expr, DataAverage) else r"\mathbb{E}_{q}"


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


def _repeated(factor: Expr) -> list[Expr]:
    return [factor.base] * 2 if isinstance(factor, Pow) and factor.exp == 2 else [factor]


def ordered(expr: Expr) -> list[Expr]:
    """The terms of a sum, positive ones first; 1 + exp(a)."""
    first = expr.has(exp)

    def rank(term: Expr) -> tuple[bool, bool]:
        return is_negative(term), not (first and term.is_number)

    return sorted(expr.as_ordered_terms(), key=rank)


def network_of(unit: HiddenUnit) -> str:
    """The network that a hidden unit belongs to."""
    return str(unit.name).removeprefix("phi_")
