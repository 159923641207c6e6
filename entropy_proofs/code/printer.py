"""The Python of array code, as syntax trees, in a backend's own terms."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, reduce

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.code.backends.target import IN_PLACE, Backend
from entropy_proofs.code.ir import (
    Contraction,
    Input,
    Map,
    Matrix,
    Node,
    Operand,
    Pad,
    Product,
    Range,
    Reduction,
    Scalar,
    Slice,
    Take,
    Total,
    View,
)
from entropy_proofs.code.lowering.contraction import Roles
from entropy_proofs.errors import InputError

_BINARY: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "@": ast.MatMult(),
    "**": ast.Pow(),
    "&": ast.BitAnd(),
    "|": ast.BitOr(),
}
_COMPARED: dict[str, ast.cmpop] = {
    "<": ast.Lt(),
    "<=": ast.LtE(),
    ">": ast.Gt(),
    ">=": ast.GtE(),
    "==": ast.Eq(),
    "!=": ast.NotEq(),
}
_OPERATIONS = 6  # of a constant that is written as a formula


class Printer:
    """Writes nodes as expressions.

    Attributes:
        names: what the inputs and the dims are called.
        formulas: whether numbers such as log(2 * pi) are written as such, to be read; or else as
            floats, to be run.
        held: nodes that a variable holds, and its name.
    """

    def __init__(
        self,
        target: Backend,
        names: Mapping[str, str],
        overwritten: Mapping[Node, int],
        formulas: bool = False,
    ):
        self.target = target
        self.names = names
        self.overwritten = overwritten
        self.formulas = formulas
        self.held: dict[Node, str] = {}

    def expression(self, node: Node) -> ast.expr:
        """The code of a node, by the names of those that are held."""
        if node in self.held:
            return ast.Name(self.held[node])
        return self._code(node)

    def _code(self, node: Node) -> ast.expr:
        match node:
            case Input(name=name):
                return ast.Name(self.names[name])
            case Scalar(value=value):
                return self.number(value)
            case Range(start=start):
                numbers = self.call("arange", [self.size(node.sizes[0])])
                return numbers if start == 0 else binary("+", numbers, self.size(start))
            case Map(function=function):
                return self._mapped(function, self._aligned(node))
            case Total():
                return self._total(node)
            case Product():
                return self._product(node)
            case Contraction():
                return self._contraction(node)
            case Reduction():
                return self._reduction(node)
            case Take():
                return self._taken(node)
            case Matrix(function=function):
                return self.call(function, [self.expression(node.operands[0].array)])
            case View():
                return self._view(node)
            case Pad(along=along, before=before, after=after):
                code = self.expression(node.operands[0].array)
                around = [self.size(before), self.size(after)]
                return self.call("pad", [code, ast.Constant(along), *around])
        raise TypeError(f"no way to write {type(node).__name__}")

    # numbers ----------------------------------------------------------------------------------
    def number(self, value: Expr) -> ast.expr:
        if value.free_symbols:
            return self.size(value)
        if value.is_negative:
            return ast.UnaryOp(ast.USub(), self.number(-value))
        if self.target.exact:
            return _exact(value)
        if value.is_Integer or (self.formulas and _is_formula(value)):
            return formula(_tidy(value), _no_symbol)
        return ast.Constant(float(value.evalf(25)))

    def size(self, value: Expr) -> ast.expr:
        """A whole number of elements."""
        return formula(value, lambda symbol: ast.Name(self.names[symbol.name]))

    # operations on elements -------------------------------------------------------------------
    def call(self, function: str, arguments: Sequence[ast.expr]) -> ast.expr:
        """A call of a function by the name that all backends share.

        Raises:
            InputError: the backend lacks it.
        """
        code = self.target.code(function)
        if code is None:
            raise InputError(f"{self.target.name} has no function {function}")
        return ast.Call(dotted(code), list(arguments), [])

    def _aligned(self, node: Node) -> list[ast.expr]:
        """The operands, so that they broadcast against one another."""
        return [self._along(o, range(node.rank)) for o in node.operands]

    def _along(self, operand: Operand, axes: Sequence[int]) -> ast.expr:
        code = self.expression(operand.array)
        if not operand.axes:
            return code
        inside = axes[axes.index(operand.axes[0]) :]
        if all(a in operand.axes for a in inside):
            return code
        return subscript(code, [ast.Slice() if a in operand.axes else _NONE for a in inside])

    def _mapped(self, function: str, arguments: list[ast.expr]) -> ast.expr:
        if function in _COMPARED:
            left, right = arguments
            return ast.Compare(left, [_COMPARED[function]], [right])
        if function in _BINARY:
            return joined(function, arguments)
        return self.call(function, arguments)

    def _total(self, node: Total) -> ast.expr:
        signs = ["-" if n else "+" for n in node.negative]
        terms = list(zip(signs, self._aligned(node), strict=True))
        if node in self.overwritten:
            return self._in_place(terms, self.overwritten[node])
        (sign, first), *rest = terms
        found = ast.UnaryOp(ast.USub(), first) if sign == "-" else first
        return reduce(lambda left, term: binary(term[0], left, term[1]), rest, found)

    def _product(self, node: Product) -> ast.expr:
        p, q = abs(node.coefficient), sp.S.One
        if p.is_Rational:
            p, q = p.as_numer_denom()
        codes = self._aligned(node)
        above, below = codes[: node.above], codes[node.above :]
        if node in self.overwritten:
            factors = [("*", f) for f in above] + [("*", self.number(p))] * (p != 1)
            return self._in_place(factors, self.overwritten[node])
        if p != 1 or not above:
            above.insert(0, self._one() if p == 1 else self.number(p))
        if q != 1:
            below.insert(0, self.number(q))
        if node.coefficient.is_negative:
            above[0] = ast.UnaryOp(ast.USub(), above[0])
        found = joined("*", above)
        return binary("/", found, joined("*", below)) if below else found

    def _one(self) -> ast.expr:
        one = ast.Constant(1)
        return ast.Call(ast.Name("mpf"), [one], []) if self.target.exact else one

    def _in_place(self, terms: list[tuple[str, ast.expr]], lender: int) -> ast.expr:
        """A sum or a product in the memory of one of its terms."""
        (_, found), rest = terms[lender], [*terms[:lender], *terms[lender + 1 :]]
        return reduce(lambda code, t: self.call(IN_PLACE[t[0]], [code, t[1]]), rest, found)

    # sums over axes ---------------------------------------------------------------------------
    def _contraction(self, node: Contraction) -> ast.expr:
        left, right = node.operands
        a, b = self.expression(left.array), self.expression(right.array)
        roles = Roles.of(left.axes, right.axes, range(node.rank))
        if roles.are_matrix_products:
            return binary("@", a, b)
        if roles.is_tensor_product:
            summed = [k for k in left.axes if k in roles.summed]
            if len(summed) == 1 and max(len(roles.left), len(roles.right)) <= 1:
                a = a if left.axes[-1] in roles.summed else ast.Attribute(a, "T")
                b = b if right.axes[0] in roles.summed else ast.Attribute(b, "T")
                return binary("@", a, b)
            places = [tuple_of(o.axes.index(k) for k in summed) for o in node.operands]
            return self.call("tensordot", [a, b, ast.Tuple(places)])
        if roles.is_dot_product and not self.target.exact:
            return binary("@", method(a, "ravel"), method(b, "ravel"))
        letters = dict.fromkeys((*left.axes, *right.axes))
        letter = {axis: chr(ord("a") + k) for k, axis in enumerate(letters)}
        spec = ",".join("".join(letter[k] for k in o.axes) for o in node.operands)
        spec += "->" + "".join(letter[k] for k in range(node.rank))
        return self.call("einsum", [ast.Constant(spec), a, b])

    def _reduction(self, node: Reduction) -> ast.expr:
        (operand,) = node.operands
        code = self.expression(operand.array)
        summed = [k for k, axis in enumerate(operand.axes) if axis >= node.rank]
        if node.function != "sum":
            return self.call(node.function, [code, *map(ast.Constant, summed)])
        if not node.rank:
            return method(code, "sum")
        over = ast.Constant(summed[0]) if len(summed) == 1 else tuple_of(summed)
        return method(code, "sum", over)

    # views ------------------------------------------------------------------------------------
    def _taken(self, node: Take) -> ast.expr:
        gathered = sorted({axis for p in node.positions for axis in p.axes})
        positions = (self._along(p, gathered) for p in node.positions)
        runs = list(node.runs)
        while runs[-1] == Slice():
            runs.pop()
        entries = [next(positions) if run is None else self._slice(run) for run in runs]
        return subscript(self.expression(node.operands[0].array), entries)

    def _slice(self, run: Slice) -> ast.expr:
        if run.stop is None:
            return ast.Slice()
        return ast.Slice(None if run.start == 0 else self.size(run.start), self.size(run.stop))

    def _view(self, node: View) -> ast.expr:
        (operand,) = node.operands
        if not node.transposes:
            shape = ast.Tuple([self.size(n) for n in node.sizes])
            return self.call("broadcast_to", [self._along(operand, range(node.rank)), shape])
        code = self.expression(operand.array)
        if node.rank == 2:
            return ast.Attribute(code, "T")
        order = tuple_of(operand.axes.index(k) for k in range(node.rank))
        return self.call("transpose", [code, order])


# syntax -------------------------------------------------------------------------------------------
_NONE = ast.Constant(None)


def dotted(code: str) -> ast.expr:
    """A name, or an attribute of one."""
    first, *rest = code.split(".")
    found: ast.expr = ast.Name(first)
    for name in rest:
        found = ast.Attribute(found, name)
    return found


def binary(sign: str, left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, _BINARY[sign], right)


def joined(sign: str, operands: Iterable[ast.expr]) -> ast.expr:
    return reduce(lambda left, right: binary(sign, left, right), operands)


def method(code: ast.expr, name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(code, name), list(arguments), [])


def tuple_of(numbers: Iterable[int]) -> ast.expr:
    return ast.Tuple([ast.Constant(k) for k in numbers])


def subscript(code: ast.expr, entries: list[ast.expr]) -> ast.expr:
    return ast.Subscript(code, ast.Tuple(entries) if len(entries) > 1 else entries[0])


# formulas of numbers ------------------------------------------------------------------------------
def formula(expr: Expr, symbol: Callable[[Symbol], ast.expr]) -> ast.expr:
    """A size or a number as Python writes it.

    Raises:
        NotImplementedError: it has no plain form.
    """
    match expr:
        case Symbol():
            return symbol(expr)
        case sp.Number() if expr.is_negative:
            return ast.UnaryOp(ast.USub(), formula(-expr, symbol))
        case sp.Integer():
            return ast.Constant(int(expr))
        case sp.Rational():
            return binary("/", ast.Constant(expr.p), ast.Constant(expr.q))
        case sp.core.numbers.Pi():
            return dotted("math.pi")
        case sp.core.numbers.Exp1():
            return dotted("math.e")
        case sp.log() | sp.exp():
            name = "math.log" if isinstance(expr, sp.log) else "math.exp"
            return ast.Call(dotted(name), [formula(expr.args[0], symbol)], [])
        case sp.Add():
            terms = expr.as_ordered_terms()
            first, *rest = sorted(terms, key=lambda a: a.could_extract_minus_sign())
            found = formula(first, symbol)
            for term in rest:
                negative = term.could_extract_minus_sign()
                term = formula(-term if negative else term, symbol)
                found = binary("-" if negative else "+", found, term)
            return found
        case sp.Mul() if expr.could_extract_minus_sign():
            return ast.UnaryOp(ast.USub(), formula(-expr, symbol))
        case sp.Mul() if sum(a.is_Pow and abs(a.exp) == sp.S.Half for a in expr.args) > 1:
            roots = [a for a in expr.args if a.is_Pow and abs(a.exp) == sp.S.Half]
            root = _root(formula(sp.Mul(*(a**2 for a in roots)), symbol))
            p, q = sp.Mul(*(a for a in expr.args if a not in roots)).as_numer_denom()
            above = root if p == 1 else binary("*", formula(p, symbol), root)
            return above if q == 1 else binary("/", above, formula(q, symbol))
        case sp.Mul() if (parts := expr.as_numer_denom())[1] != 1:
            sign = "//" if expr.free_symbols else "/"  # sizes are whole
            return binary(sign, *(formula(part, symbol) for part in parts))
        case sp.Mul():
            return joined("*", (formula(a, symbol) for a in expr.as_ordered_factors()))
        case sp.Pow(base=base, exp=exponent):
            if exponent == sp.Rational(1, 2):
                return _root(formula(base, symbol))
            if exponent == -1:
                return binary("/", ast.Constant(1), formula(base, symbol))
            return binary("**", formula(base, symbol), formula(exponent, symbol))
    raise NotImplementedError(f"no plain form of {expr}")


def _root(code: ast.expr) -> ast.expr:
    return ast.Call(dotted("math.sqrt"), [code], [])


@cache
def _tidy(value: Expr) -> Expr:
    """A number with what its terms share written once, and one logarithm for several."""
    return sp.factor_terms(value).replace(lambda e: e.is_Add, _one_logarithm)


def _one_logarithm(total: Expr) -> Expr:
    logs = [a for a in total.args if isinstance(a, sp.log)]
    rest = [a for a in total.args if a not in logs]
    return sp.Add(*rest, sp.log(sp.Mul(*(a.args[0] for a in logs))))


@cache
def _is_formula(value: Expr) -> bool:
    """Whether a number has a short formula that gives all its digits."""
    if value.is_Float or _tidy(value).count_ops() > _OPERATIONS:
        return False
    try:
        code = ast.unparse(formula(_tidy(value), _no_symbol))
    except NotImplementedError:
        return False
    return math.isclose(eval(code, {"math": math}), float(value.evalf(25)), rel_tol=4e-16)


def _no_symbol(symbol: Symbol) -> ast.expr:
    raise NotImplementedError(str(symbol))


_CONSTANTS = {
    sp.pi: "pi", sp.E: "e", sp.EulerGamma: "euler", sp.Catalan: "catalan", sp.GoldenRatio: "phi",
}  # fmt: skip


def _exact(value: Expr) -> ast.expr:
    """A number that is rounded when the code runs."""
    match value:
        case sp.Integer():
            return ast.Constant(int(value))
        case sp.Rational():
            return binary(
                "/", ast.Call(ast.Name("mpf"), [ast.Constant(value.p)], []), ast.Constant(value.q)
            )
        case sp.Float():
            return ast.Call(ast.Name("mpf"), [ast.Constant(str(value))], [])
    if value not in _CONSTANTS:
        raise NotImplementedError(f"no digits of {value}")
    return ast.UnaryOp(ast.UAdd(), dotted(f"mp.{_CONSTANTS[value]}"))
