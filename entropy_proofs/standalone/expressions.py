"""Expressions of generated code as text, the way `ruff format` writes them on one line."""

from __future__ import annotations

import ast
import math

_BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 2),
    ast.BitAnd: ("&", 3),
    ast.Add: ("+", 4),
    ast.Sub: ("-", 4),
    ast.Mult: ("*", 5),
    ast.MatMult: ("@", 5),
    ast.Div: ("/", 5),
    ast.Pow: ("**", 7),
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
_CONSTANTS = {math.pi: "math.pi", math.e: "math.e"}
_COMPARED, _NEGATED, _ATOM = 1, 6, 9


def text(node: ast.expr) -> str:
    """The code of an expression.

    Raises:
        TypeError: the emitter has written something that this module does not know.
    """
    return _written(node, 0)


def _written(node: ast.expr, least: int) -> str:
    code, level = _code(node)
    return f"({code})" if level < least else code


def _code(node: ast.expr) -> tuple[str, int]:
    """The text, and how tightly it binds."""
    match node:
        case ast.Name(id=name):
            return name, _ATOM
        case ast.Constant(value=str(value)):
            return f'"{value}"', _ATOM
        case ast.Constant(value=float(value)):
            return _CONSTANTS.get(value, repr(value)), _ATOM
        case ast.Constant(value=value):
            return repr(value), _ATOM
        case ast.Attribute(value=value, attr=name):
            return f"{_written(value, _ATOM)}.{name}", _ATOM
        case ast.Call(func=function, args=args):
            return f"{_written(function, _ATOM)}({', '.join(map(text, args))})", _ATOM
        case ast.Subscript(value=value, slice=position):
            return f"{_written(value, _ATOM)}[{_position(position)}]", _ATOM
        case ast.Tuple(elts=elements):
            inside = ", ".join(map(text, elements))
            return (f"({inside},)" if len(elements) == 1 else f"({inside})"), _ATOM
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_written(operand, _NEGATED)}", _NEGATED
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            sides = (_written(side, _COMPARED + 1) for side in (left, right))
            return f" {_COMPARE[type(op)]} ".join(sides), _COMPARED
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            space = "" if _simple(left) and _simple(right) else " "
            return f"{_written(left, 8)}{space}**{space}{_written(right, _NEGATED)}", 7
        case ast.BinOp(left=left, op=op, right=right):
            sign, level = _BINARY[type(op)]
            return f"{_written(left, level)} {sign} {_written(right, level + 1)}", level
    raise TypeError(f"no way to write {ast.dump(node)}")


def _simple(node: ast.expr) -> bool:
    """Whether ** goes without spaces beside it."""
    match node:
        case ast.Name() | ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Attribute(value=value):
            return _simple(value)
    return False


def _position(node: ast.expr) -> str:
    elements = node.elts if isinstance(node, ast.Tuple) else [node]
    return ", ".join(_slice(e) if isinstance(e, ast.Slice) else text(e) for e in elements)


def _slice(node: ast.Slice) -> str:
    ends = [end for end in (node.lower, node.upper) if end is not None]
    space = "" if all(isinstance(end, (ast.Name, ast.Constant)) for end in ends) else " "
    before = "" if node.lower is None else f"{text(node.lower)}{space}"
    after = "" if node.upper is None else f"{space}{text(node.upper)}"
    return f"{before}:{after}"
