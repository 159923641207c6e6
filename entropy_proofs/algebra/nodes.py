"""Expression nodes that SymPy lacks: scalar functions of a whole array.

An array argument is a `Lambda` of its indices, i.e. its generic element, so everything works in
general dimension and nothing is ever differentiated with respect to a `MatrixSymbol` (which SymPy
1.14 gets silently wrong).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, Integer, Lambda, Symbol, Tuple


def within(size: Expr) -> dict[str, bool]:
    """The assumption of an integer symbol that it is one of 0..size-1."""
    return {f"below {size}": True}


def index(name: str, size: Expr | None = None) -> Symbol:
    """An index symbol: one of 0..size-1, or any whole number from 0."""
    known = {} if size is None else within(size)
    return Symbol(name, integer=True, nonnegative=True, **known)


def slots(shape: Sequence[Expr]) -> tuple[Symbol, ...]:
    """One index per axis of an array."""
    return tuple(index(f"i{k}", size) for k, size in enumerate(shape))


class ArrayNode(Expr):
    """A scalar built from arrays given by their generic elements."""

    is_commutative = True
    is_real = True

    def __new__(cls, *args: Any) -> Any:
        return Expr.__new__(cls, *(Integer(a) if isinstance(a, int) else a for a in args))


class LogDet(ArrayNode):
    """log |det A| of the square array with element `Lambda((i, j), A_ij)` and n rows."""

    @property
    def matrix(self) -> Lambda:
        return self.args[0]

    @property
    def size(self) -> Expr:
        return self.args[1]

    def _sympystr(self, printer: Any) -> str:
        return f"logdet({_matrix_str(self.matrix, printer)})"


class InverseElement(ArrayNode):
    """Element (row, column) of the inverse of the array `Lambda((i, j), A_ij)` with n rows."""

    @property
    def matrix(self) -> Lambda:
        return self.args[0]

    @property
    def size(self) -> Expr:
        return self.args[1]

    @property
    def row(self) -> Expr:
        return self.args[2]

    @property
    def column(self) -> Expr:
        return self.args[3]

    def _sympystr(self, printer: Any) -> str:
        place = ", ".join(printer._print(a) for a in self.args[2:])
        return f"inv({_matrix_str(self.matrix, printer)})[{place}]"


class HiddenUnit(ArrayNode):
    """Unit `unit` of a network's unspecified hidden map phi: R^m -> R^width.

    args: name (Symbol), unit, inputs = Tuple of arguments; an argument is either a scalar
    expression (a discrete input) or Tuple(Lambda(i, s_i), m), a vector of m pre-activations.
    """

    @property
    def name(self) -> Symbol:
        return self.args[0]

    @property
    def unit(self) -> Expr:
        return self.args[1]

    @property
    def inputs(self) -> Tuple:
        return self.args[2]

    def _sympystr(self, printer: Any) -> str:
        return f"phi_{self.name}[{printer._print(self.unit)}]"


class HiddenUnitDerivative(HiddenUnit):
    """d phi_unit / d s_i of input number `which` (an int) at its component `component`."""

    @property
    def which(self) -> int:
        return int(self.args[3])

    @property
    def component(self) -> Expr:
        return self.args[4]

    def _sympystr(self, printer: Any) -> str:
        unit, component = printer._print(self.unit), printer._print(self.component)
        return f"dphi_{self.name}[{unit}, {component}]"


class Expectation(ArrayNode):
    """(1/N) sum_n E_q(n)[argument], the average over the data and the variational distribution."""

    def _sympystr(self, printer: Any) -> str:
        return f"E_q[{printer._print(self.args[0])}]"


class VariationalEntropy(ArrayNode):
    """(1/N) sum_n H[q^(n)(latents)]."""

    def _sympystr(self, printer: Any) -> str:
        return f"H[q({', '.join(printer._print(a) for a in self.args)})]"


def _matrix_str(matrix: Lambda, printer: Any) -> str:
    return printer._print(matrix.expr)


__all__ = [
    "ArrayNode",
    "Expectation",
    "HiddenUnit",
    "HiddenUnitDerivative",
    "InverseElement",
    "LogDet",
    "VariationalEntropy",
    "index",
]
