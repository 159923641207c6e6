"""Expression nodes that SymPy lacks: scalar functions of a whole array.

An array argument is a `Lambda` of its indices, i.e. its generic element, so everything works in
general dimension and nothing is ever differentiated with respect to a `MatrixSymbol` (which SymPy
1.14 gets silently wrong).
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

import sympy
from sympy import Abs, Dummy, Expr, IndexedBase, Integer, Lambda, Matrix, Symbol, Tuple, log

_BELOW = "below_"
_sizes: dict[str, Expr] = {}  # by the assumption that names them
_ties: dict[str, tuple[Expr, ...]] = {}  # the same


@cache
def spelled(size: Expr) -> str:
    """A size as a part of an assumption's name, which `srepr` writes as a keyword: T_20__2d__20_1.

    Different sizes are spelled differently.
    """
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in str(size))


def within(size: Expr) -> dict[str, bool]:
    """The assumption of an integer symbol that it is one of 0..size-1."""
    name = f"{_BELOW}{spelled(size)}"
    _sizes[name] = size
    return {name: True}


def size_of_range(label: Symbol) -> Expr | None:
    """The size such that the label is one of 0..size-1, if it has one."""
    return next((_sizes.get(a) for a in label.assumptions0 if a.startswith(_BELOW)), None)


def tied(kind: str, *sizes: Expr) -> dict[str, bool]:
    """The assumption of a label that elements along its last axes, of these sizes, are tied."""
    name = f"{spelled(kind)}_of_{'_by_'.join(map(spelled, sizes))}"
    _ties[name] = sizes
    return {name: True}


def sizes_of_tied(kind: str, label: Symbol) -> tuple[Expr, ...] | None:
    """The sizes of the last axes along which the label's elements are tied so, if they are."""
    start = f"{spelled(kind)}_of_"
    return next((_ties.get(a) for a in label.assumptions0 if a.startswith(start)), None)


def index(name: str, size: Expr | None = None) -> Symbol:
    """An index symbol: one of 0..size-1, or any whole number from 0."""
    known = {} if size is None else within(size)
    return Symbol(name, integer=True, nonnegative=True, **known)


def whole_number(name: str, size: Expr | None = None, **known: bool | None) -> Symbol:
    """A variable's label: whole numbers, from 0 unless `known` says otherwise.

    Its mark sets it apart from every index symbol of the same name.
    """
    own: dict[str, Any] = {"integer": True, "nonnegative": True, "variable": True}
    return Symbol(name, **{**own, **({} if size is None else within(size)), **known})


def is_bound(s: Symbol) -> bool:
    """Whether the symbol is an index that arrays and sums generate."""
    known = s.name[0] in "~^_" or bool(s.assumptions0.get("bound"))
    return known and size_of_range(s) is not None and not is_variable(s)


def is_variable(s: Symbol) -> bool:
    """Whether the symbol is the label of a variable of whole numbers."""
    return bool(s.assumptions0.get("variable"))


def element(label: Symbol, at: Sequence[Expr]) -> Expr:
    """The element of an array at these indices; a scalar's label itself."""
    return IndexedBase(label)[tuple(at)] if at else label


def label_of(element: Expr) -> Expr:
    """The label of an array's element; what is none stays as it is."""
    return element.base.label if isinstance(element, sympy.Indexed) else element


def indices_of(element: Expr) -> tuple[Expr, ...]:
    """Where an array's element stands; nowhere for what is none."""
    return element.indices if isinstance(element, sympy.Indexed) else ()


def elements_of(expr: Expr, labels: Container[Symbol]) -> set[Expr]:
    """What stands in an expression of some labels: elements of arrays, and scalars."""
    found = expr.atoms(sympy.Indexed, Symbol)
    arrays = {a.base.label for a in found if isinstance(a, sympy.Indexed)}
    return {a for a in found - arrays if label_of(a) in labels}


def with_elements(
    expr: Expr, labels: Container[Symbol], by: Callable[[Symbol, tuple[Expr, ...]], Expr]
) -> Expr:
    """With by(label, indices) in place of each of these."""
    found = elements_of(expr, labels)
    return expr.xreplace({a: by(label_of(a), indices_of(a)) for a in found})


def values_of(place: Expr) -> Expr | None:
    """How many values an index or a variable of whole numbers has, if there is a last one."""
    label = label_of(place)
    return size_of_range(label) if isinstance(label, Symbol) else None


def slots(shape: Sequence[Expr]) -> tuple[Symbol, ...]:
    """One index per axis of an array."""
    return tuple(index(f"i{k}", size) for k, size in enumerate(shape))


class Sum(sympy.Sum):
    """SymPy's sum, among whose free symbols are no elements at its own indices."""

    @property
    def free_symbols(self) -> set[Expr]:
        return set(_free_of_sum(self))


@lru_cache(maxsize=2**12)
def _free_of_sum(total: Sum) -> frozenset[Expr]:
    """SymPy asks for them whenever it builds something around a sum."""
    return frozenset(_apart_from(super(Sum, total).free_symbols, total.variables))


def _apart_from(found: Iterable[Expr], bound: Iterable[Symbol]) -> set[Expr]:
    """Free symbols without what names a bound index: SymPy counts x[i] beside x and i."""
    inside = set(bound)
    return {s for s in found if not s.free_symbols & inside}


def _free_of(argument: Expr) -> set[Expr]:
    if not isinstance(argument, Lambda):
        return argument.free_symbols
    return _apart_from(argument.free_symbols, argument.variables)


def argument(place: int) -> property:
    """The argument of a node at this place, by a name."""
    return property(lambda node: node.args[place])


class ArrayNode(Expr):
    """A scalar built from arrays given by their generic elements."""

    is_commutative = True
    is_real = True

    def __new__(cls, *args: Any) -> Any:
        return Expr.__new__(cls, *(Integer(a) if isinstance(a, int) else a for a in args))

    def _eval_subs(self, old: Expr, new: Expr) -> Expr | None:
        """What binds the old symbol stays as it is (SymPy would put the new one in its place)."""
        closed = {a: Dummy() for a in self.atoms(Lambda) if old in a.variables}
        if not closed:
            return None
        opened = self.func(*(a.xreplace(closed)._subs(old, new) for a in self.args))
        return opened.xreplace({mark: a for a, mark in closed.items()})


class MatrixNode(ArrayNode):
    """Of the square array with element `Lambda((i, j), A_ij)` and n rows: its first two args.

    `doit` computes it from the elements where n is a number.
    """

    matrix, size = argument(0), argument(1)

    @property
    def free_symbols(self) -> set[Expr]:
        return _free_of(self.matrix).union(*(a.free_symbols for a in self.args[1:]))

    def doit(self, **hints: Any) -> Expr:
        done = super().doit(**hints)
        if not all(a.is_Integer for a in done.args[1:]):
            return done
        n = int(done.size)
        return done._of_elements(Matrix(n, n, lambda i, j: done.matrix(i, j).doit(**hints)))

    def _of_elements(self, matrix: Matrix) -> Expr:
        raise NotImplementedError

    def _along(self, x: Expr, weight: Any) -> Expr:
        """sum_ij weight(i, j) d A_ij / dx."""
        i, j = self.matrix.variables
        change = self.matrix.expr.diff(x)
        rows = (i, 0, self.size - 1), (j, 0, self.size - 1)
        return Sum(weight(i, j) * change, *rows) if change else Integer(0)

    def _inverse(self, row: Expr, column: Expr) -> Expr:
        return InverseElement(self.matrix, self.size, row, column)

    def _code(self, printer: Any, function: str) -> str:
        """A call of a function of the array module's `linalg`."""
        call = printer._module_format(f"{printer._module}.linalg.{function}")
        return f"{call}({array_code(printer, self.matrix.expr, self._axes())})"

    def _axes(self) -> list[tuple[Symbol, Expr]]:
        return [(i, self.size) for i in self.matrix.variables]


class LogDet(MatrixNode):
    """log |det A| of the square array with element `Lambda((i, j), A_ij)` and n rows."""

    def _of_elements(self, matrix: Matrix) -> Expr:
        return log(Abs(matrix.det(method="berkowitz")))

    def _eval_derivative(self, x: Expr) -> Expr:
        return self._along(x, lambda i, j: self._inverse(j, i))

    def _numpycode(self, printer: Any) -> str:
        return f"{self._code(printer, 'slogdet')}[1]"

    _jaxcode = _numpycode

    def _sympystr(self, printer: Any) -> str:
        return f"logdet({_matrix_str(self.matrix, printer)})"


class Cases(Expr):
    """The value of the first of some pairs (value, condition) whose condition holds.

    As SymPy's Piecewise, but it stays where it is: out of a sum SymPy takes a Piecewise with the
    sum's index, and leaves the conditions of inner sums without theirs.
    """

    is_commutative = True


def cases(*pairs: tuple[Any, Any]) -> Expr:
    """The cases of these pairs, up to the first that always holds; its value if there is no other.

    >>> x = Symbol("x", positive=True)
    >>> cases((x, x > 0), (1, True))
    x
    """
    kept: list[Tuple] = []
    for pair in (Tuple(*pair) for pair in pairs if pair[1] is not sympy.false):
        kept.append(pair)
        if pair[1] is sympy.true:
            break
    value, condition = kept[0]
    return value if condition is sympy.true else Cases(*kept)


class Det(MatrixNode):
    """det A, with its sign, of the square array with element `Lambda((i, j), A_ij)` and n rows."""

    def _of_elements(self, matrix: Matrix) -> Expr:
        return matrix.det(method="berkowitz")

    def _eval_derivative(self, x: Expr) -> Expr:
        return self * self._along(x, lambda i, j: self._inverse(j, i))

    def _numpycode(self, printer: Any) -> str:
        return self._code(printer, "det")

    _jaxcode = _numpycode

    def _sympystr(self, printer: Any) -> str:
        return f"det({_matrix_str(self.matrix, printer)})"


class InverseElement(MatrixNode):
    """Element (row, column) of the inverse of the array `Lambda((i, j), A_ij)` with n rows."""

    row, column = argument(2), argument(3)

    def _of_elements(self, matrix: Matrix) -> Expr:
        return matrix.cofactor(int(self.column), int(self.row), method="berkowitz") / matrix.det(
            method="berkowitz"
        )

    def _eval_derivative(self, x: Expr) -> Expr:
        row, column = self.row, self.column
        return self._along(x, lambda i, j: -self._inverse(row, i) * self._inverse(j, column))

    def _numpycode(self, printer: Any) -> str:
        place = ", ".join(map(printer._print, (self.row, self.column)))
        return f"{self._code(printer, 'inv')}[{place}]"

    _jaxcode = _numpycode

    def _sympystr(self, printer: Any) -> str:
        place = ", ".join(printer._print(a) for a in self.args[2:])
        return f"inv({_matrix_str(self.matrix, printer)})[{place}]"


class LeastNormInverseElement(InverseElement):
    """The same, of a matrix of normal equations as numbers are found: where it is singular up to
    rounding, the inverse that gives a solution of least norm."""


class HiddenUnit(ArrayNode):
    """Unit `unit` of a network's unspecified hidden map phi: R^m -> R^width.

    args: name (Symbol), unit, inputs = Tuple of arguments; an argument is either a scalar
    expression (a discrete input) or Tuple(Lambda(i, s_i), m), a vector of m pre-activations.
    """

    name, unit, inputs = argument(0), argument(1), argument(2)

    @property
    def free_symbols(self) -> set[Expr]:
        return set(_free_of_unit(self))

    def _eval_derivative(self, x: Expr) -> Expr:
        """The chain rule over the components of the vectors that it is given."""
        total = Integer(0)
        for which, argument in enumerate(self.inputs):
            change = argument[0].expr.diff(x) if isinstance(argument, Tuple) else Integer(0)
            if change:
                ((i,), size) = argument[0].variables, argument[1]
                slope = HiddenUnitDerivative(*self.args[:3], which, i)
                total += Sum(slope * change, (i, 0, size - 1))
        return total

    def _sympystr(self, printer: Any) -> str:
        return f"phi_{self.name}[{printer._print(self.unit)}]"


@lru_cache(maxsize=2**12)
def _free_of_unit(unit: HiddenUnit) -> frozenset[Expr]:
    """SymPy asks for them whenever it builds something around a unit."""
    inputs = (a if isinstance(a, Tuple) else (a,) for a in unit.inputs)
    found = (_free_of(a) for given in inputs for a in given)
    rest = (a.free_symbols for a in unit.args[3:])
    return frozenset(unit.unit.free_symbols).union(*found, *rest)


class HiddenUnitDerivative(HiddenUnit):
    """d phi_unit / d s_i of input number `which` (an int) at its component `component`."""

    component = argument(4)

    @property
    def which(self) -> int:
        return int(self.args[3])

    def _eval_derivative(self, x: Expr) -> None:
        """None, so that SymPy leaves it as a derivative."""

    def _sympystr(self, printer: Any) -> str:
        unit, component = printer._print(self.unit), printer._print(self.component)
        return f"dphi_{self.name}[{unit}, {component}]"


class Vanishing(sympy.Function):
    """Zero where its argument is a number, and no number where that is none."""


class Expectation(ArrayNode):
    """(1/N) sum_n E_q(n)[argument], the average over the data and the variational distribution.

    Its derivative is taken with q and the data held fixed.  For `sympy.lambdify` it is an argument.
    """

    is_symbol = True

    def _eval_derivative(self, x: Expr) -> Expr:
        change = self.args[0].diff(x)
        return self.func(change) if change else change

    def _sympystr(self, printer: Any) -> str:
        return f"E_q[{printer._print(self.args[0])}]"


class DataAverage(Expectation):
    """(1/N) sum_n argument: what an expectation is in a model without latents, and so without q."""

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.args[0])}]"


class LatentAverage(Expectation):
    """E_q(n)[argument], the average over latents of one data point."""


class VariationalEntropy(ArrayNode):
    """(1/N) sum_n H[q^(n)(latents)], for `sympy.lambdify` an argument."""

    is_symbol = True

    def doit(self, **hints: Any) -> Expr:
        return self

    def _eval_derivative(self, x: Expr) -> Expr:
        return Integer(0)

    def _sympystr(self, printer: Any) -> str:
        return f"H[q({', '.join(printer._print(a) for a in self.args)})]"


def _matrix_str(matrix: Lambda, printer: Any) -> str:
    return printer._print(matrix.expr)


def array_code(printer: Any, element: Expr, axes: Iterable[tuple[Symbol, Expr]]) -> str:
    """Source of an array with this generic element, for the printers of `sympy.lambdify`."""
    code = printer._print(element)
    for i, size in reversed(list(axes)):
        code = f"[{code} for {printer._print(i)} in range({printer._print(size)})]"
    return f"{printer._module_format(f'{printer._module}.array')}({code})"
