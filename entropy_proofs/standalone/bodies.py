"""The body of a generated function, from the kernel that the emitter has written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from entropy_proofs.errors import InputError
from entropy_proofs.numeric.backends import backend
from entropy_proofs.numeric.inlining import IN_PLACE
from entropy_proofs.numeric.kernel import Kernel
from entropy_proofs.standalone.expressions import text

WIDTH = 100
INDENT = " " * 4


@dataclass
class Body:
    """Straight-line code: temporaries in order, then the results by the model's names.

    Until they are numbered, temporaries are called @0001 and so on, as long as the final names can
    become.
    """

    prefix: str
    lines: list[tuple[str, ast.expr]] = field(default_factory=list)
    results: dict[str, ast.expr] = field(default_factory=dict)
    _count: int = 0

    def temporary(self) -> str:
        self._count += 1
        return f"@{self._count:0{3 + len(self.prefix)}}"

    @property
    def room(self) -> int:
        """How long the right-hand side of a line can be."""
        return WIDTH - len(f"{INDENT}{self.prefix}9999 = ")

    def add(self, name: str, expr: ast.expr) -> None:
        self.lines.append((name, self.fit(expr, self.room)))

    def fit(self, expr: ast.expr, room: int) -> ast.expr:
        """The expression, with parts of it moved to lines of their own until it is short enough."""
        while len(text(expr)) > room:
            parts = [p for p in _movable(expr) if len(text(p)) <= self.room]
            if not parts:
                break
            part = max(parts, key=lambda p: (isinstance(p, _COMPOUND), len(text(p))))
            name = ast.Name(self.temporary())
            self.lines.append((name.id, part))
            expr = _Replaced(part, name).of(expr)
        return expr

    def source(self) -> list[str]:
        """The lines, with the temporaries numbered; a result that is called "" is returned bare."""
        number = {name: f"{self.prefix}{k}" for k, (name, _) in enumerate(self.lines)}

        def final(expr: ast.expr) -> str:
            return _PLACEHOLDER.sub(lambda m: number[m[0]], text(expr))

        lines = [f"{number[name]} = {final(expr)}" for name, expr in self.lines]
        if "" in self.results:
            lines.append(f"return {final(self.results[''])}")
        elif not self.results:
            lines.append("return {}")
        else:
            entries = [f'{INDENT}"{key}": {final(e)},' for key, e in self.results.items()]
            lines += ["return {", *entries, "}"]
        return lines

    def names(self) -> set[str]:
        """Every name that occurs."""
        found = [*(e for _, e in self.lines), *self.results.values()]
        return {n.id for e in found for n in ast.walk(e) if isinstance(n, ast.Name)}


def body(kernel: Kernel, identifiers: Mapping[str, str], prefix: str, *, bare: bool) -> Body:
    """A kernel's code with the module's names.

    Args:
        bare: whether there is one result, to be returned as it is.

    Raises:
        InputError: the backend lacks a function.
    """
    (function,) = ast.parse(kernel.source).body
    assert isinstance(function, ast.FunctionDef)
    returned = function.body[-1]
    assert isinstance(returned, ast.Return)
    assert isinstance(returned.value, ast.Dict)
    found, named = Body(prefix), _Named(kernel.backend)
    only_results = [v.id for v in returned.value.values if isinstance(v, ast.Name)]
    used = [n.id for n in ast.walk(function) if isinstance(n, ast.Name)]
    changed = _changed_in_place(function)
    for statement in function.body[:-1]:
        assert isinstance(statement, ast.Assign)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        match statement.value:
            case ast.Subscript(
                value=ast.Name(id="dims" | "arrays"), slice=ast.Constant(value=str(own))
            ):
                named.replacing[target.id] = ast.Name(identifiers[own])
            case value if (
                target.id in only_results  # and nothing else, so it needs no line
                and used.count(target.id) == 2
                and not changed & {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
            ):
                named.replacing[target.id] = named.visit(value)
            case value:
                name = found.temporary()
                found.add(name, named.visit(value))
                named.replacing[target.id] = ast.Name(name)
    for key, result in zip(returned.value.keys, returned.value.values, strict=True):
        assert key is not None
        shown = "" if bare else identifiers[ast.literal_eval(key)]
        entry = len(f'{INDENT * 2}"{shown}": ,')
        found.results[shown] = found.fit(named.visit(result), WIDTH - entry)
    return found


def _changed_in_place(function: ast.AST) -> set[str]:
    """The temporaries whose memory is used again: what is read off them keeps its place."""
    calls = [n for n in ast.walk(function) if isinstance(n, ast.Call)]
    in_place = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in IN_PLACE.values()]
    return {c.args[0].id for c in in_place if isinstance(c.args[0], ast.Name)}


class _Named(ast.NodeTransformer):
    """Inputs and temporaries by their new names, functions in the library's terms."""

    def __init__(self, target: str):
        self.target = target
        self.calls = backend(target).calls
        self.replacing: dict[str, ast.expr] = {}

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.replacing[node.id]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        args = [self.visit(a) for a in node.args]
        if not isinstance(node.func, ast.Name):
            return ast.Call(self.visit(node.func), args, [])
        code = self.calls.get(node.func.id)
        if code is None:
            raise InputError(f"{self.target} has no function {node.func.id}")
        return ast.Call(ast.parse(code, mode="eval").body, args, [])


class _Replaced(ast.NodeTransformer):
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
        if isinstance(node, _COMPOUND) or _is_long_atom(node):
            yield node


def _is_long_atom(node: ast.AST) -> TypeGuard[ast.expr]:
    if isinstance(node, ast.Name):
        return len(node.id) > 9 and node.id[0] != "@"
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


_COMPOUND = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Subscript)
_PLACEHOLDER = re.compile(r"@\d+")
