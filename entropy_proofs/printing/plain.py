"""Expressions as one line of text, close to what a model file says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sympy import Expr, Function, Indexed, KroneckerDelta, Mul, NumberSymbol, Pow, Sum, Symbol, pi
from sympy.printing.precedence import PRECEDENCE, precedence
from sympy.printing.str import StrPrinter

from entropy_proofs.algebra.nodes import (
    ArrayNode,
    HiddenUnit,
    HiddenUnitDerivative,
    InverseElement,
    LogDet,
    MatrixNode,
    is_bound,
)
from entropy_proofs.arrays.array import Array
from entropy_proofs.arrays.written_out import rows_of
from entropy_proofs.printing.layout import arranged, index_for, names_in
from entropy_proofs.printing.naming import at_named_indices, whole
from entropy_proofs.printing.notation import NetworkValue, Sigmoid
from entropy_proofs.printing.symbols import element_of


def plain(expr: Any) -> str:
    """One line: ∑_d for a sum over 0..D-1, ∑_{d<D - 1} over fewer, π and e for the constants."""
    if isinstance(expr, Array):
        indices, element = at_named_indices(expr)
        short = _whole(element, indices)
        return _show(element if short is None else short)
    return _show(arranged(expr) if isinstance(expr, Expr) else expr)


def arrow(target: Expr | str, direction: Expr) -> str:
    """`sigma2 ↦ -sigma2`, or `W[d, h] ↦ ...` where the elements must be told apart."""
    name = target if isinstance(target, str) else plain(target)
    if isinstance(direction, Array):
        indices, element = at_named_indices(direction)
        if _whole(element, indices) is None:
            name += f"[{','.join(map(str, indices))}]"
    return f"{name} ↦ {plain(direction)}"


def _show(expr: Any) -> str:
    return _Printer().doprint(expr)


class _Printer(StrPrinter):
    """SymPy's own text, with sums, constants, matrices and special functions as on paper."""

    printmethod = "_plain_text"

    def __init__(self) -> None:
        super().__init__()
        self._bound: list[str] = []  # names of the indices of the sums around

    def _print_Sum(self, expr: Sum) -> str:
        names = self._names([(i, high + 1) for i, _, high in reversed(expr.limits)], expr)
        signs = " ".join(f"∑_{self._range(names[i], *ends)}" for i, *ends in expr.limits[::-1])
        with self._inside(names):
            body = expr.function.xreplace(names)
            return f"{signs} {self.parenthesize(body, PRECEDENCE['Mul'], strict=True)}"

    def _range(self, index: Symbol, low: Expr, high: Expr) -> str:
        """The index alone where it goes over all of a size."""
        if low != 0:
            return f"{{{index}={self._print(low)}..{self._print(high)}}}"
        size = high + 1
        return str(index) if isinstance(size, Symbol) else f"{{{index}<{self._print(size)}}}"

    def _names(self, axes: Iterable[tuple[Symbol, Expr]], expr: Expr) -> dict[Symbol, Symbol]:
        """What indices are called here: those of the package's own are named after their sizes."""
        found: dict[Symbol, Symbol] = {}
        for i, size in axes:
            around = [*self._bound, *(name.name for name in found.values())]
            found[i] = index_for(size, names_in(expr), around) if is_bound(i) else i
        return found

    @contextmanager
    def _inside(self, names: Mapping[Symbol, Symbol]) -> Iterator[None]:
        before = self._bound
        self._bound = [*before, *(name.name for name in names.values())]
        yield
        self._bound = before

    def _print_Mul(self, expr: Expr) -> str:
        """Numbers, then names, then functions, then sums, which reach to the product's end."""
        coefficient, rest = expr.as_coeff_Mul()
        if not coefficient.is_Rational:
            return super()._print_Mul(expr)
        if coefficient < 0:
            positive = Mul(-coefficient, rest, evaluate=coefficient != -1)
            return f"-{self._print(rest if coefficient == -1 else positive)}"
        factors = sorted(Mul.make_args(rest), key=_rank)
        below = [f for f in factors if isinstance(f, Pow) and f.exp.could_extract_minus_sign()]
        above = [f for f in factors if f not in below]
        last = [above.pop()] if above and isinstance(above[-1], Sum) else []
        if coefficient.p != 1 or not (above or (last and not below and coefficient.q == 1)):
            above.insert(0, coefficient.numerator)
        under = [1 / f for f in below]
        if coefficient.q != 1:
            under.insert(0, coefficient.denominator)
        text = self._product(above)
        if under:
            bottom = self._product(under, PRECEDENCE["Pow"])
            text += f"/({bottom})" if len(under) > 1 else f"/{bottom}"
        return "*".join([text, *map(self._print, last)]) if text else self._print(last[0])

    def _product(self, factors: list[Expr], level: int = PRECEDENCE["Mul"]) -> str:
        return "*".join(self.parenthesize(factor, level) for factor in factors)

    def parenthesize(self, item: Expr, level: int, strict: bool = False) -> str:
        """SymPy takes a sum for an atom."""
        if isinstance(item, Sum) and level > PRECEDENCE["Add"]:
            return f"({self._print(item)})"
        return super().parenthesize(item, level, strict)

    def _print_Symbol(self, expr: Symbol) -> str:
        element = element_of(expr)
        return expr.name if element == expr else self._print(element)

    def _print_Indexed(self, expr: Indexed) -> str:
        expr = element_of(expr)
        return f"{expr.base.label}[{','.join(map(self._print, expr.indices))}]"

    def _print_Pow(self, expr: Pow, rational: bool = False) -> str:
        if expr.exp.could_extract_minus_sign():
            return f"1/{self.parenthesize(1 / expr, PRECEDENCE['Mul'])}"
        return super()._print_Pow(expr, rational)

    def _print_Pi(self, _: Expr) -> str:
        return "π"

    def _print_Exp1(self, _: Expr) -> str:
        return "e"

    def _print_gamma(self, expr: Function) -> str:
        return f"Γ({self._print(expr.args[0])})"

    def _print_loggamma(self, expr: Function) -> str:
        return f"log Γ({self._print(expr.args[0])})"

    def _print_polygamma(self, expr: Function) -> str:
        order, argument = expr.args
        return f"ψ{self._print(order) if order else ''}({self._print(argument)})"

    def _print_KroneckerDelta(self, expr: KroneckerDelta) -> str:
        return f"δ[{', '.join(map(self._print, expr.args))}]"

    def _print_Array(self, expr: Array) -> str:
        return plain(expr)

    def _print_ArrayNode(self, expr: ArrayNode) -> str:
        return expr._sympystr(self)

    def _print_HiddenUnit(self, expr: HiddenUnit) -> str:
        return f"{expr.name}[{self._print(expr.unit)}]"

    def _print_HiddenUnitDerivative(self, expr: HiddenUnitDerivative) -> str:
        return f"d{expr.name}[{self._print(expr.unit)},{self._print(expr.component)}]"

    def _print_NetworkValue(self, expr: NetworkValue) -> str:
        place = ",".join(map(self._print, expr.place))
        return f"{expr.name}[{place}]" if place else expr.name

    def _print_Sigmoid(self, expr: Sigmoid) -> str:
        return f"sigmoid({self._print(expr.args[0])})"

    def _print_LogDet(self, expr: LogDet) -> str:
        return f"log det({self._matrix(expr)})"

    def _print_InverseElement(self, expr: InverseElement) -> str:
        place = ",".join(map(self._print, (expr.row, expr.column)))
        return f"inv({self._matrix(expr)})[{place}]"

    def _matrix(self, expr: MatrixNode) -> str:
        rows, columns = expr.matrix.variables
        short = _whole(expr.matrix.expr, (rows, columns))
        if short is not None:
            return self._print(short)
        names = self._names([(rows, expr.size), (columns, expr.size)], expr)
        with self._inside(names):
            return self._print(expr.matrix.expr.xreplace(names))


def _whole(element: Expr, indices: Sequence[Symbol]) -> Any:
    """The array with this element by its name, or row by row; None if it has neither."""
    short = whole(element, indices)
    rows = rows_of(element, indices) if short is None else None
    return short if rows is None else rows if len(indices) > 1 else [value for (value,) in rows]


def _rank(factor: Expr) -> tuple[int, int, str]:
    """Constants, names, functions, sums."""
    if isinstance(factor, NumberSymbol):
        return 0, 0, "" if factor == pi else str(factor)
    kind = 3 if isinstance(factor, Sum) else 1 + isinstance(factor, (Function, ArrayNode))
    return kind, -precedence(factor), str(factor)
