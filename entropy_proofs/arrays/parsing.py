"""What a user gives as an expression: SymPy's objects, numbers, or text that is read, never run.

The one place where what a user gives becomes SymPy's: `sympify` runs the text that it is given.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, Symbol

from entropy_proofs.algebra.nodes import Vanishing
from entropy_proofs.errors import InputError

_LONGEST = 20_000  # characters
_EXPONENT = 1_000  # of a power of numbers
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    name: getattr(sp, name)
    for name in (
        "Abs", "KroneckerDelta", "Max", "Min", "Product", "Rational", "Sum", "asinh", "atan",
        "atanh",
        "besseli", "besselk", "beta", "binomial", "ceiling", "cos", "cosh", "cot",
        "digamma", "erf", "erfc", "exp", "factorial", "floor", "gamma", "log", "loggamma",
        "polygamma", "sec", "sech", "sign", "sin", "sinh", "sqrt", "tan", "tanh", "trigamma",
        "zeta",
    )
}  # fmt: skip
_BINDING = {"Product", "Sum"}
_RENAMED = {"abs": sp.Abs, "ln": sp.log, "max": sp.Max, "min": sp.Min, "lgamma": sp.loggamma}
_CONSTANTS = {"pi": sp.pi, "E": sp.E, "EulerGamma": sp.EulerGamma, "oo": sp.oo}
_OPERATORS: Mapping[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.UAdd: operator.pos, ast.USub: operator.neg,
}  # fmt: skip


def expression(given: Any, symbols: Mapping[str, Symbol] | None = None) -> Any:
    """The SymPy object that is given, or that the text says.

    Text may hold numbers, names, + - * / ** ^, brackets, y[i] and SymPy's functions by name.
    symbols: {name: symbol} that names stand for; others become new symbols.

    Raises:
        InputError: it is no expression, or text with anything else in it.
    """
    if isinstance(given, str):
        return _Text(given, symbols or {}).expression
    if given is None or isinstance(given, (bool, bytes, list, tuple, set, frozenset, dict)):
        raise InputError(f"{given!r} is not an expression")
    try:
        return sp.sympify(given, strict=True)
    except (sp.SympifyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{given!r} is not an expression") from None


@dataclass(frozen=True)
class Written:
    """What a text says, in full.

    Attributes:
        expression: as SymPy has it; what it has cancelled must be a number still (`Vanishing`).
        shown: the text as it stands, where that is another.
    """

    expression: Any
    shown: Any = None


def written(text: str, symbols: Mapping[str, Symbol]) -> Written:
    """Raises InputError as `expression` does."""
    found = _Text(text, symbols, cancelled=True).expression
    if not found.has(Vanishing):
        return Written(found)
    with sp.evaluate(False):
        return Written(found, _Text(text, symbols).expression)


class _Text:
    """What a text says.

    cancelled: whether quotients, powers and functions that stand in the text, and that SymPy has
        cancelled, are added as what vanishes where they are numbers.
    """

    def __init__(self, text: str, symbols: Mapping[str, Symbol], cancelled: bool = False):
        self.symbols, self.cancelled = symbols, cancelled
        self.parts: list[Expr] = []
        shown = text if len(text) < 60 else f"{text[:57]}..."
        if len(text) > _LONGEST:
            raise InputError(f"{shown!r} is too long a text for an expression")
        try:
            tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
            found = self.whole(self.value(tree.body), 0)
        except InputError as error:
            raise InputError(f"{shown!r} is not read: {error}") from None
        except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError, ArithmeticError,
                AttributeError, IndexError, NotImplementedError):  # fmt: skip
            raise InputError(f"{shown!r} is not an expression") from None
        if not isinstance(found, Expr):
            raise InputError(f"{shown!r} is not an expression")
        self.expression = found

    def whole(self, found: Any, first: int) -> Any:
        """With what has been cancelled of the parts from the first on."""
        parts, self.parts[first:] = self.parts[first:], []
        if not self.cancelled or not isinstance(found, Expr):
            return found
        left = set(sp.preorder_traversal(found))
        factors = (f for p in parts for f in sp.Mul.make_args(p) if not f.is_number)
        return sp.Add(found, *(Vanishing(f) for f in dict.fromkeys(factors) if f not in left))

    def value(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return sp.Integer(node.value)
        if isinstance(node, ast.Constant) and type(node.value) is float:
            return sp.Rational(str(node.value))
        if isinstance(node, ast.Name):
            return _name(node.id, self.symbols)
        if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
            return _OPERATORS[type(node.op)](self.value(node.operand))
        if isinstance(node, ast.BinOp):
            left, right = self.value(node.left), self.value(node.right)
            if isinstance(node.op, ast.Pow):
                return self._partial(_power(left, right))
            if isinstance(node.op, ast.Div):
                self._partial(1 / right)
            if type(node.op) in _OPERATORS:
                return _OPERATORS[type(node.op)](left, right)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
            arguments, first = [], len(self.parts)
            for a in node.args:
                arguments.append(self.value(a))
                if node.func.id in _BINDING:
                    arguments[-1] = self.whole(arguments[-1], first)
            return self._partial(_call(node.func.id, arguments))
        if isinstance(node, ast.Tuple):
            return sp.Tuple(*(self.value(a) for a in node.elts))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            base = IndexedBase(_name(node.value.id, self.symbols))
            places = self.value(node.slice)
            return base[tuple(places) if isinstance(places, sp.Tuple) else places]
        raise InputError(f"{type(node).__name__} may not stand in an expression")

    def _partial(self, part: Any) -> Any:
        """What need not be a number everywhere, as it is."""
        if self.cancelled and not part.is_number:
            self.parts.append(part)
        return part


def _name(name: str, symbols: Mapping[str, Symbol]) -> Any:
    if name in symbols:
        return symbols[name]
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name.startswith("__") or name in {"I", "zoo", "nan", *_FUNCTIONS, *_RENAMED}:
        raise InputError(f"{name} is no symbol")
    return Symbol(name)


def _call(name: str, arguments: list[Any]) -> Any:
    function = _FUNCTIONS.get(name) or _RENAMED.get(name)
    if function is None:
        raise InputError(f"there is no function {name}")
    if any(a.is_Integer and abs(a) > _EXPONENT for a in arguments):
        raise InputError(f"{name} of a number that large")
    if name in _BINDING:
        with sp.evaluate(True):  # else the body is multiplied by one
            return function(*arguments)
    return function(*arguments)


def _power(base: Any, exponent: Any) -> Any:
    if base.is_number and exponent.is_number:
        digits = len(str(base.p)) + len(str(base.q)) if base.is_Rational else 1
        if abs(exponent) * digits > _EXPONENT:
            raise InputError("a power that high")
    return base**exponent
