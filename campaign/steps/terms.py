"""Expressions as the campaign describes them: plain trees, without SymPy and without the engine.

A term is an operator and its arguments: other terms, names and whole numbers.  Matrices and
scalars are terms alike; `oracle` says what each operator means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Term:
    """`op` applied to `args`: ("add", (Term, Term)), ("var", ("x",)), ("num", (1, 2))."""

    op: str
    args: tuple[Any, ...] = ()

    def __add__(self, other: Term | int) -> Term:
        return Term("add", (self, term(other)))

    def __radd__(self, other: int) -> Term:
        return term(other) + self

    def __sub__(self, other: Term | int) -> Term:
        return self + -term(other)

    def __rsub__(self, other: int) -> Term:
        return term(other) - self

    def __mul__(self, other: Term | int) -> Term:
        return Term("mul", (self, term(other)))

    def __rmul__(self, other: int) -> Term:
        return term(other) * self

    def __matmul__(self, other: Term) -> Term:
        return Term("matmul", (self, other))

    def __truediv__(self, other: Term | int) -> Term:
        return self * term(other) ** -1

    def __rtruediv__(self, other: int) -> Term:
        return term(other) / self

    def __pow__(self, exponent: Term | int) -> Term:
        return Term("pow", (self, term(exponent)))

    def __neg__(self) -> Term:
        return term(-1) * self

    def parts(self) -> Iterator[Term]:
        """This term and all terms in it."""
        yield self
        for a in self.args:
            if isinstance(a, Term):
                yield from a.parts()

    def put(self, name: str, value: Term) -> Term:
        """With `value` for the variable of that name."""
        return put(self, var(name), value)

    def __str__(self) -> str:
        match self.op:
            case "num":
                return str(Fraction(*self.args))
            case "sum" | "prod":
                body, index, low, high = self.args
                return f"{self.op}({body}, {index}={low}..{high})"
            case "var" | "matrix" | "const":
                return str(self.args[0])
            case "add":
                return f"({' + '.join(map(str, self.args))})"
            case "mul" | "matmul":
                return f"({' * '.join(map(str, self.args))})"
            case "pow":
                return f"({self.args[0]})^({self.args[1]})"
            case "entry":
                return f"{self.args[0]}[{', '.join(map(str, self.args[1:]))}]"
        return f"{self.op}({', '.join(map(str, self.args))})"


def term(given: Term | int) -> Term:
    return given if isinstance(given, Term) else num(given)


def num(p: int, q: int = 1) -> Term:
    f = Fraction(p, q)
    return Term("num", (f.numerator, f.denominator))


def var(name: str) -> Term:
    return Term("var", (name,))


def entry(array: str, *at: Term) -> Term:
    return Term("entry", (array, *at))


def call(op: str, *args: Term | int) -> Term:
    return Term(op, tuple(term(a) for a in args))


def total(body: Term, index: str, low: Term | int, high: Term) -> Term:
    """The sum of `body` over index = low, ..., high."""
    return Term("sum", (body, index, term(low), high))


def put(t: Term, old: Term, new: Term) -> Term:
    """With `new` for `old` wherever it is."""
    if t == old:
        return new
    return Term(t.op, tuple(put(a, old, new) if isinstance(a, Term) else a for a in t.args))


def written(term: Term) -> Any:
    """As JSON: lists of the operator and its arguments."""
    return [term.op, *(written(a) if isinstance(a, Term) else a for a in term.args)]


def read(given: Any) -> Term:
    """What `written` wrote."""
    op, *args = given
    return Term(op, tuple(read(a) if isinstance(a, list) else a for a in args))
