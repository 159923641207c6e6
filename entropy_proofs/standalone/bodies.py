"""The body of a generated function: array code as lines that fit."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from entropy_proofs.code.backends import backend
from entropy_proofs.code.ir import Node
from entropy_proofs.code.printer import Printer
from entropy_proofs.code.routine import Routine

WIDTH = 100
INDENT = " " * 4


@dataclass
class Body:
    """Straight-line code: variables in order, then the results by the names of the arguments."""

    prefix: str
    lines: list[tuple[str, ast.expr]] = field(default_factory=list)
    results: dict[str, ast.expr] = field(default_factory=dict)

    _count: int = 0

    def add(self, expr: ast.expr, name: str = "") -> str:
        """The name of a variable that holds the value of an expression."""
        expr = self.fit(expr, self._room(name))
        if not name:
            name = f"{self.prefix}{self._count}"
            self._count += 1
        self.lines.append((name, expr))
        return name

    def _room(self, name: str = "") -> int:
        """How long the right-hand side of a line can be."""
        return WIDTH - len(f"{INDENT}{name or f'{self.prefix}999'} = ")

    def fit(self, expr: ast.expr, room: int) -> ast.expr:
        """The expression, with parts of it moved to lines of their own until it is short enough."""
        while len(ast.unparse(expr)) > room:
            lengths = {p: len(ast.unparse(p)) for p in _movable(expr)}
            parts = [p for p, length in lengths.items() if length <= self._room()]
            if not parts:
                break
            part = max(parts, key=lambda p: (isinstance(p, _COMPOUND), lengths[p]))
            expr = _Replaced(part, ast.Name(self.add(part))).of(expr)
        return expr

    def source(self) -> list[str]:
        """The lines; a result that is called "" is returned bare."""
        lines = [f"{name} = {ast.unparse(expr)}" for name, expr in self.lines]
        if "" in self.results:
            return [*lines, f"return {ast.unparse(self.results[''])}"]
        entries = [f'{INDENT}"{key}": {ast.unparse(e)},' for key, e in self.results.items()]
        return [*lines, *(["return {", *entries, "}"] if entries else ["return {}"])]

    def names(self) -> set[str]:
        """Every name that occurs."""
        found = [*(e for _, e in self.lines), *self.results.values()]
        return {n.id for e in found for n in ast.walk(e) if isinstance(n, ast.Name)}


def body(
    code: Routine,
    target: str,
    identifiers: Mapping[str, str],
    prefix: str,
    variables: Mapping[Node, str],
    *,
    bare: bool,
) -> Body:
    """Array code with the module's names.

    Args:
        variables: names for some of the steps; the others' begin with the prefix.
        bare: whether there is one result, to be returned as it is.

    Raises:
        InputError: the backend lacks a function.
    """
    printer = Printer(backend(target), identifiers, code.overwritten, formulas=True)
    found = Body(prefix)
    for node in code.steps:
        printer.held[node] = found.add(printer.expression(node), variables.get(node, ""))
    for name, node in code.results.items():
        shown = "" if bare else identifiers[name]
        entry = len(f'{INDENT * 2}"{shown}": ,')
        found.results[shown] = found.fit(printer.expression(node), WIDTH - entry)
    return found


class _Replaced(ast.NodeTransformer):
    """Puts a name in the place of a part."""

    def __init__(self, part: ast.expr, name: ast.Name):
        self.part, self.name = part, name

    def of(self, expr: ast.expr) -> ast.expr:
        replaced = self.visit(expr)
        assert isinstance(replaced, ast.expr)
        return replaced

    def visit(self, node: ast.AST) -> ast.AST:
        return self.name if node is self.part else super().visit(node)


def _movable(expr: ast.expr) -> Iterator[ast.expr]:
    """The parts that could have a line of their own."""
    functions = {id(n.func) for n in ast.walk(expr) if isinstance(n, ast.Call)}
    for node in ast.walk(expr):
        if node is expr or id(node) in functions:
            continue
        if isinstance(node, _COMPOUND) or (isinstance(node, ast.Name) and len(node.id) > 9):
            yield node


_COMPOUND = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Subscript)
