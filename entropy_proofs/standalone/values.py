"""The part of a generated module that looks at the numbers in its arguments.

What is outside of a parameter's domain or a variable's support, not normalised, not symmetric or
not finite has no value of the model; code would give it one. Nothing is looked at that JAX traces
or PyTorch maps, since it has no numbers yet.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array
from entropy_proofs.code.backends.target import Backend
from entropy_proofs.code.printer import formula
from entropy_proofs.evaluate.admission import Place
from entropy_proofs.families.spaces import (
    BINARY,
    Category,
    Counts,
    DefiniteMatrices,
    IncreasingVectors,
    OpenInterval,
    ProbabilityTables,
    ProbabilityVectors,
    Scalars,
    TriangularMatrices,
    UnitColumnMatrices,
)
from entropy_proofs.standalone.bodies import INDENT
from entropy_proofs.standalone.checks import size_lines
from entropy_proofs.standalone.dimensions import Arguments

_HELPERS = {
    "_within": '''\
def _within(name: str, x: Any, low: float, high: float, ends: bool = False) -> None:
    """Refuse what is not between two numbers, or one of these; NaN and infinity never are."""
    x = x.real
    right = (x >= low) & (x <= high) & (abs(x) < math.inf) if ends else (x > low) & (x < high)
    if not _holds(right):
        raise ValueError(f"{name} must be between {low} and {high}{', or these' if ends else ''}")
''',
    "_whole": '''\
def _whole(name: str, x: Any) -> None:
    """Refuse fractions."""
    if not _holds(x.real % 1 == 0):
        raise ValueError(f"{name} has values that are no whole numbers")
''',
    "_sums_to": '''\
def _sums_to(name: str, x: Any, total: float) -> None:
    """Refuse what sums to something else along the last axis, beyond single precision."""
    if not _holds(abs(x.real.sum(-1) - total) <= 1e-6 * total):
        raise ValueError(f"{name} does not sum to {total} along its last axis")
''',
    "_is_table": '''\
def _is_table(name: str, x: Any) -> None:
    """Refuse what does not sum to one along the last two axes, beyond single precision."""
    if not _holds(abs(x.real.sum(-1).sum(-1) - 1) <= 1e-6):
        raise ValueError(f"{name} does not sum to 1 along its last two axes")
''',
    "_increases": '''\
def _increases(name: str, x: Any) -> None:
    """Refuse what does not increase along the last axis."""
    x = x.real
    if not _holds(x[..., 1:] > x[..., :-1]):
        raise ValueError(f"{name} does not increase along its last axis")
''',
    "_unit_columns": '''\
def _unit_columns(name: str, x: Any) -> None:
    """Refuse matrices with columns of other lengths than one, beyond single precision."""
    if not _holds(abs((x.real**2).sum(-2) - 1) <= 2e-6):
        raise ValueError(f"{name} has columns whose length is not 1")
''',
    "_definite": '''\
def _definite(name: str, x: Any) -> None:
    """Refuse matrices that are not symmetric, beyond single precision, or not positive definite."""
    x = x.real
    if not _holds(abs(x - x.swapaxes(-1, -2)) <= 1e-6 * abs(x).max()):
        raise ValueError(f"{name} is not symmetric")
    if not _holds(LIBRARY.linalg.eigvalsh(x) > 0):
        raise ValueError(f"{name} is not positive definite")
''',
    "_triangular": '''\
def _triangular(name: str, x: Any) -> None:
    """Refuse matrices that are not lower triangular with a positive diagonal."""
    x = x.real
    if not (_holds(x == LIBRARY.tril(x)) and _holds(LIBRARY.diagonal(x, 0, -2, -1) > 0)):
        raise ValueError(f"{name} is not lower triangular with a positive diagonal")
''',
}


def value_checks(arguments: Arguments, where: Mapping[str, Place], target: Backend) -> list[str]:
    """`_check_values` and what it calls, as source blocks."""
    lines: list[str] = []
    used: set[str] = set()
    sampled = ["weights"] if arguments.sampled else []
    for name in (*arguments.arrays, *sampled):
        place = where[name]
        own = arguments.identifiers[name]
        for helper, *given in _calls(place):
            used.add(helper)
            written = [g if isinstance(g, str) else _code(g, arguments) for g in given]
            array = f'given["{own}"]'
            lines.append(f"{helper}({', '.join([chr(34) + own + chr(34), array, *written])})")
    symbols = {
        s.name
        for name in arguments.arrays
        for bound in where[name].space.bounds
        if not isinstance(bound, Array)
        for s in symbols_in(sp.sympify(bound))
    }
    read = [line for line in size_lines(arguments, None)
            if line.partition(" = ")[0] in {arguments.identifiers[s] for s in symbols}]  # fmt: skip
    shown = {line.partition(" = ")[0] for line in read}
    for symbol in sorted(symbols):
        own = arguments.identifiers[symbol]
        if own not in shown:
            read.append(f'{own} = given["{own}"]')
    library = target.calls["inverse"].partition(".")[0]
    helpers = [code.replace("LIBRARY", library) for n, code in _HELPERS.items() if n in used]
    return [
        "\n".join(
            [
                "def _check_values(given: dict[str, Any]) -> None:",
                f'{INDENT}"""Refuse numbers outside of where they were declared to lie."""',
                *(f"{INDENT}{line}" for line in (*read, *lines)),
            ]
        ),
        *helpers,
    ]


def _calls(place: Place) -> list[tuple[str | Expr, ...]]:
    """The checks of an array: the function, and what it takes after the array."""
    space, ends = place.space, ["ends=True"] if place.closed else []
    everything: tuple[str | Expr, ...] = "_within", -sp.oo, sp.oo
    match space:
        case ProbabilityVectors():
            return [("_within", sp.S.Zero, sp.oo, *ends), ("_sums_to", sp.S.One)]
        case ProbabilityTables():
            return [("_within", sp.S.Zero, sp.oo, *ends), ("_is_table",)]
        case Counts(total):
            if isinstance(total, Array):  # what differs between elements is left unchecked
                return [("_within", sp.S.Zero, sp.oo, "ends=True"), ("_whole",)]
            own = "_within", sp.S.Zero, sp.sympify(total), "ends=True"
            return [own, ("_whole",), ("_sums_to", sp.sympify(total))]
        case IncreasingVectors():
            return [everything, ("_increases",)]
        case UnitColumnMatrices():
            return [everything, ("_unit_columns",)]
        case DefiniteMatrices():
            return [everything, ("_definite",)]
        case TriangularMatrices():
            return [everything, ("_triangular",)]
        case Scalars():
            low, high = map(sp.sympify, space.ends)
            if isinstance(high, Array):
                high = sp.oo
            if space == BINARY:
                low, high = sp.S.Zero, sp.S.One
            if space.discrete or isinstance(space, (OpenInterval, Category)):
                ends = ["ends=True"]
            whole: list[tuple[str | Expr, ...]] = [("_whole",)] if space.discrete else []
            return [("_within", low, high, *ends), *whole]
    raise TypeError(f"no checks of {type(space).__name__}")


def _code(bound: str | Expr, arguments: Arguments) -> str:
    if bound in {sp.oo, -sp.oo}:
        return "math.inf" if bound == sp.oo else "-math.inf"
    if isinstance(bound, Expr) and bound.is_number:
        return repr(int(bound)) if bound.is_Integer else repr(float(bound))
    return ast.unparse(formula(bound, lambda s: ast.Name(arguments.identifiers[s.name])))
