"""Results as ordinary SymPy expressions: bound indices have names, and nobody sees them as free.

Within the engine a bound index is named by its depth (`_1`) or freshly (`~1`), so that equal sums
are equal expressions.  What a user is given names it after its size, `d` for one of 0..D-1, in a
way that is a valid name in Python and equal to no symbol of a user's.
"""

from __future__ import annotations

import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, count
from keyword import iskeyword

import sympy
from sympy import Expr, Lambda, Symbol, Tuple

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import at_places, built, summation, symbols_in

SPARE = ("i", "j", "l", "m", "r", "s")  # where an index's own letter means something else
Names = frozenset[str]


def letter(size: Expr) -> str:
    """The letter of an index over 0..size-1: d for D."""
    symbols = [size] if isinstance(size, Symbol) else sorted(size.free_symbols, key=str)
    base = symbols[0].name.partition("_")[0] if symbols else "i"
    return base.lower() if base and not base.islower() else "i"


def published(expr: Expr) -> Expr:
    """An equal expression in SymPy's canonical form whose bound indices have names."""
    return _published(expr, _free_names(expr))


def at_bound_indices(element: Expr, axes: Iterable[Sequence[Expr]]) -> Expr:
    """An array's generic element, published, with names for the array's own indices too."""
    taken = _free_names(element)
    named: dict[Expr, Expr] = {}
    for i, size in axes:
        named[i] = _index(size, (letter(size), *SPARE), taken)
        taken |= {named[i].name}
    return _published(_renamed(element, named), taken)


def averaged_over_data(expr: Expr) -> Expr:
    """The expression of a model that has no latents, and so no q."""
    return expr.replace(nodes.Expectation, nodes.DataAverage)


def _free_names(expr: Expr) -> Names:
    """The names that mean something outside of the expression's sums and arrays."""
    bound = {i for binder in expr.atoms(sympy.Sum, Lambda) for i in binder.variables}
    return frozenset(s.name for s in symbols_in(expr) - bound)


def _index(size: Expr, names: Iterable[str], taken: Collection[str]) -> Symbol:
    """An index over 0..size-1 with the first of the names that is not taken."""
    tried = chain(names, (f"i{k}" for k in count(1)))
    name = next(n for n in tried if n not in taken and n.isidentifier() and not iskeyword(n))
    return Symbol(name, bound=True, integer=True, nonnegative=True, **nodes.within(size))


def _published(expr: Expr, taken: Names) -> Expr:
    """taken: names that mean something here, indices of what stands around included."""
    if isinstance(expr, sympy.Sum):
        return _sum(expr, taken)
    if isinstance(expr, nodes.MatrixNode):
        matrix = _array(expr.matrix, expr.size)
        return expr.func(matrix, *(_published(a, taken) for a in expr.args[1:]))
    if isinstance(expr, Tuple) and expr and isinstance(expr[0], Lambda):  # of a hidden unit
        return Tuple(_array(expr[0], expr[1]), expr[1])
    if not expr.args or isinstance(expr, sympy.Indexed):
        return expr
    return built(expr.func, *(_published(a, taken) for a in expr.args))


def _sum(expr: sympy.Sum, taken: Names) -> Expr:
    named: dict[Expr, Expr] = {}
    for i, _, high in reversed(expr.limits):
        size = high + 1
        named[i] = _index(size, (letter(size), *SPARE), taken)
        taken |= {named[i].name}
    body = _published(_renamed(expr.function, named), taken)
    limits = (Tuple(named[i], *(at_places(end, named) for end in ends)) for i, *ends in expr.limits)
    return summation(body, *limits, kind=nodes.Sum)


def _array(array: Lambda, size: Expr) -> Lambda:
    """By names that don't depend on what stands around: equal arrays are equal expressions.

    Arrays inside have their names first, and others: SymPy, where it opens a Lambda, puts what it
    is opened at into the signatures of those inside.
    """
    taken, marked = _free_names(array), {i: _mark(i) for i in array.variables}
    body = _published(at_places(array.expr, marked), taken)
    taken |= {i.name for binder in body.atoms(sympy.Sum, Lambda) for i in binder.variables}
    named: dict[Expr, Expr] = {}
    for i in marked.values():
        named[i] = _index(size, (), taken)
        taken |= {named[i].name}
    return Lambda(tuple(named.values()), at_places(body, named))


def _renamed(expr: Expr, named: Mapping[Expr, Expr]) -> Expr:
    """With new names for what is free in it: what binds one of the names old or new, has others."""
    return at_places(_apart(expr, frozenset(named) | frozenset(named.values())), named)


def _apart(expr: Expr, names: frozenset[Expr]) -> Expr:
    """The same with marks in place of bound indices that are called by one of the names."""
    if not expr.args or isinstance(expr, sympy.Indexed) or symbols_in(expr).isdisjoint(names):
        return expr
    args = [_apart(a, names) for a in expr.args]
    inside = expr if all(map(operator.is_, args, expr.args)) else built(expr.func, *args)
    bound = names.intersection(expr.variables) if isinstance(expr, sympy.Sum | Lambda) else ()
    return at_places(inside, {i: _mark(i) for i in bound})


def _mark(i: Symbol) -> Symbol:
    """An index in its place that nothing published has."""
    return Symbol(f"~{i.name}", **i.assumptions0)
