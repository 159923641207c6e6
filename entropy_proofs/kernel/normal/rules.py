"""One rule for each operator: how a term becomes a normal form.

Every rule is an identity wherever both sides are defined.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import (
    Term,
    at,
    closed,
    distinct,
    free,
    level_above,
    opened,
    rational,
    substituted,
)
from entropy_proofs.kernel.normal.few_rows import adjugate_element, written_out
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import Number, Poly
from entropy_proofs.kernel.refusal import Refused


def _element(algebra: Reducer, t: Term) -> Poly:
    name, *indices = t.args
    if algebra.signature.labels[name].domain.kind == "positive definite":
        indices[-2:] = sorted(indices[-2:], key=lambda i: i.key)
    return Poly.atom(Term("element", name, *indices))


def _size(algebra: Reducer, t: Term) -> Poly:
    if t.args[0].infinite:
        raise Refused("an endless sum of a constant")
    total = Poly()
    for names, c in t.args[0]:
        exponents: dict[Term, Number] = {}
        for n in names:
            atom = Term("size", Size.named(n))
            exponents[atom] = exponents.get(atom, 0) + 1
        total = total + Poly({frozenset(exponents.items()): c})
    return total


def _index(algebra: Reducer, t: Term) -> Poly:
    (i,) = t.args
    if i.op == "element":
        return algebra.normal(i)
    if i.op == "at":
        return algebra.normal(Term("size", i.args[0]))
    if i.op == "plus":
        base = algebra.normal(Term("index", i.args[0]))
        return base + algebra.normal(Term("size", i.args[1]))
    return Poly.atom(t)


def _power(algebra: Reducer, t: Term) -> Poly:
    base, exponent = map(algebra.normal, t.args)
    e = exponent.constant()
    if e is not None:
        return algebra.power(base, e)
    if base and algebra.signs.positive(base):
        return algebra.exp(algebra.multiply(exponent, algebra.log(base)))
    return Poly.atom(Term("power", base.term(), exponent.term()))


def _apply(algebra: Reducer, t: Term) -> Poly:
    name, *args = t.args
    special = _SPECIAL.get(name)
    if special is not None:
        return special(algebra, algebra.normal(args[0]))
    function = FUNCTIONS[name]
    if function.rewritten is not None:
        return algebra.normal(function.rewritten(*args))
    polys = [algebra.normal(a) for a in args]
    if function.reduced is not None:
        found = function.reduced(algebra, *polys)
        if found is not None:
            return found
    return algebra.atom_of(name, *polys)


def _partial(algebra: Reducer, t: Term) -> Poly:
    k, name, *args = t.args
    return Poly.atom(Term("partial", k, name, *(algebra.normal(a).term() for a in args)))


def _sum(algebra: Reducer, t: Term) -> Poly:
    indices, summand = algebra.opened_sum(t)
    return algebra.sum_over(summand, *indices)


def _delta(algebra: Reducer, t: Term) -> Poly:
    i, j = t.args
    if i is j:
        return Poly.number(1)
    if distinct(i, j, algebra.least):
        return Poly()
    first = at(0)
    if first in (i, j):  # a variable of few values: where it is none of the others
        variable = j if i is first else i
        count = algebra.signature.values(variable)
        if count is not None and count <= _FEW:
            places = (Poly.atom(delta_atom(variable, at(k))) for k in range(1, count))
            return Poly.number(1) - Poly.sum(places)
    return Poly.atom(delta_atom(i, j))


def delta_atom(i: Term, j: Term) -> Term:
    return Term("delta", *sorted((i, j), key=lambda x: x.key))


def _case(algebra: Reducer, t: Term) -> Poly:
    condition, then, other = t.args
    op, *sides = condition.args
    test = Term("test", op, *(algebra.normal(s).term() for s in sides))
    indicator = Poly.atom(Term("case", test, rational(1), rational(0)))
    first, second = algebra.normal(then), algebra.normal(other)
    return algebra.multiply(indicator, first - second) + second


def _logdet(algebra: Reducer, t: Term) -> Poly:
    n, body = t.args
    i, j, element = algebra.opened_matrix(body, n)
    outer, rest = algebra.matrix_content(element, i, j)
    scale = algebra.multiply(algebra.normal(Term("size", n)), algebra.log(outer))
    single = rest.single()
    if single and len(single[0]) == 1:
        ((a, e),) = single[0]
        if e == 1 and is_whole_inverse(a, n, i, j):
            return scale - algebra.normal(Term("logdet", n, a.args[1]))
    diagonal = algebra.diagonal(rest, i, j)
    if diagonal is not None:
        return scale + algebra.sum_over(algebra.log(algebra.magnitude(diagonal)), i)
    written = written_out(algebra, rest, i, j, n)
    if written is not None:
        return scale + algebra.log(algebra.magnitude(written[1]))
    return scale + Poly.atom(Term("logdet", n, closed(rest.term(), (i, j))))


def is_whole_inverse(a: Term, n: Size, i: Term, j: Term) -> bool:
    """Whether the atom is the element (i, j), or (j, i), of the inverse of one matrix."""
    one = a.op == "inverse" and a.args[0] == n and {*a.args[2:]} == {i, j}
    return one and not a.args[1].free & {i, j}


def is_whole_definite(algebra: Reducer, a: Term, i: Term, j: Term) -> bool:
    """Whether the atom is the element (i, j), or (j, i), of one matrix that is declared positive
    definite: not of rows of several."""
    if a.op != "element" or {*a.args[-2:]} != {i, j}:
        return False
    kind = algebra.signature.labels[a.args[0]].domain.kind
    return kind == "positive definite" and not any(k.free & {i, j} for k in a.args[1:-2])


def _inverse(algebra: Reducer, t: Term) -> Poly:
    n, body, row, column = t.args
    i, j, element = algebra.opened_matrix(body, n, row, column)
    outer, rest = algebra.matrix_content(element, i, j)
    scale = algebra.power(outer, -1)
    diagonal = algebra.diagonal(rest, i, j)
    if diagonal is not None:
        entry = algebra.power(algebra.normal(substituted(diagonal.term(), {i: row})), -1)
        delta = algebra.normal(Term("delta", row, column))
        return algebra.multiply(scale, algebra.multiply(delta, entry))
    written = written_out(algebra, rest, i, j, n)
    if written is not None:
        matrix, determinant = written
        scale = algebra.multiply(scale, algebra.power(determinant, -1))
        return algebra.multiply(scale, adjugate_element(algebra, matrix, row, column))
    if rest == algebra.normal(substituted(rest.term(), {i: j, j: i})):
        row, column = sorted((row, column), key=lambda x: x.key)
    atom = Poly.atom(Term("inverse", n, closed(rest.term(), (i, j)), row, column))
    return algebra.multiply(scale, atom)


def _map(algebra: Reducer, t: Term) -> Poly:
    name, unit, *inputs = t.args
    return Poly.atom(Term("map", name, unit, *(_input(algebra, t, a) for a in inputs)))


def _input(algebra: Reducer, t: Term, a: Term) -> Term:
    if a.op != "vector":
        return algebra.normal(a).term()
    size, body = a.args
    i = free(level_above(t), size)
    return Term("vector", size, closed(algebra.normal(opened(body, (i,))).term(), (i,)))


def _slope(algebra: Reducer, t: Term) -> Poly:
    inner, which, component = t.args
    ((mono, _),) = algebra.normal(inner)
    ((a, _),) = mono
    return Poly.atom(Term("slope", a, which, component))


_FEW = 8  # values of a variable, of which the first is written as none of the others

Rule = Callable[["Reducer", Term], Poly]
RULES: dict[str, Rule] = {
    "rational": lambda algebra, t: Poly.number(t.args[0]),
    "constant": lambda algebra, t: Poly.atom(t),
    "size": _size,
    "element": _element,
    "index": _index,
    "add": lambda algebra, t: Poly.sum(algebra.normal(a) for a in t.args),
    "multiply": lambda algebra, t: reduce(
        algebra.multiply, map(algebra.normal, t.args), Poly.number(1)
    ),
    "power": _power,
    "apply": _apply,
    "partial": _partial,
    "sum": _sum,
    "delta": _delta,
    "case": _case,
    "logdet": _logdet,
    "inverse": _inverse,
    "map": _map,
    "slope": _slope,
}
_SPECIAL: dict[str, Callable[[Reducer, Poly], Poly]] = {
    "log": lambda algebra, p: algebra.log(p),
    "exp": lambda algebra, p: algebra.exp(p),
    "abs": lambda algebra, p: algebra.magnitude(p),
}
