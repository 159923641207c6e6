"""Normal forms of determinants, inverses and networks, by their generic elements."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Lambda, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.poly import Polynomial, at_places, key, symbols_in
from entropy_proofs.algebra.positivity import is_whole_definite, nonnegative, rarely_zero
from entropy_proofs.algebra.scalar_rules import content, log_of, magnitude, power, shift
from entropy_proofs.algebra.sums import bind, fresh, sum_over
from entropy_proofs.errors import InputError

_MOST_MINORS = 4


def open_matrix(
    node: nodes.LogDet | nodes.InverseElement, avoid: frozenset[Symbol]
) -> tuple[Symbol, Symbol, Polynomial]:
    """Fresh row and column indices, and the generic element."""
    matrix, size = node.matrix, canonical(node.size)
    i = fresh(symbols_in(matrix) | avoid, size)
    j = fresh(symbols_in(matrix) | avoid | {i}, size)
    old_i, old_j = matrix.variables
    return i, j, normal(at_places(matrix.expr, {old_i: i, old_j: j}))


def _logdet(expr: nodes.LogDet) -> Polynomial:
    n = canonical(expr.size)
    i, j, element = open_matrix(expr, frozenset())
    outer, rest = _matrix_content(element, {i, j})
    result = normal(n) * log_of(outer)
    term = rest.single()
    if term and len(term[0]) == 1:
        ((a, e),) = term[0]
        whole = isinstance(a, nodes.InverseElement) and canonical(a.size) == n and e == 1
        if whole and {a.row, a.column} == {i, j}:
            return result - normal(nodes.LogDet(a.matrix, a.size))
    diagonal = _diagonal(rest, i, j)
    if diagonal is not None:
        return result + sum_over(log_of(magnitude(diagonal)), i, n)
    return result + Polynomial.atom(nodes.LogDet(bind((i, j), rest, n), n))


def _inverse(expr: nodes.InverseElement) -> Polynomial:
    row, column = canonical(expr.row), canonical(expr.column)
    i, j, element = open_matrix(expr, symbols_in(expr))
    outer, rest = _matrix_content(element, {i, j})
    scale = power(outer, -1)
    diagonal = _diagonal(rest, i, j)
    if diagonal is not None:
        entry = power(normal(at_places(diagonal.expr(), {i: row})), -1)
        return scale * normal(KroneckerDelta(row, column)) * entry
    if rest == normal(at_places(rest.expr(), {i: j, j: i})):
        row, column = sorted((row, column), key=key)
    n = canonical(expr.size)
    return scale * Polynomial.atom(nodes.InverseElement(bind((i, j), rest, n), n, row, column))


def _matrix_content(element: Polynomial, indices: set[Symbol]) -> tuple[Polynomial, Polynomial]:
    """The positive factor that all elements share, and the rest."""
    mono, _ = content(element, only_positive=True)
    outer = frozenset((a, e) for a, e in mono if not symbols_in(a) & indices)
    rest = element
    for a, e in outer:
        rest = shift(rest, a, -e)
    lead = abs(Fraction(rest.ordered()[0][1]))
    return Polynomial({outer: lead}), rest.scale(1 / lead)


def _diagonal(element: Polynomial, i: Symbol, j: Symbol) -> Polynomial | None:
    """g(i) if the element is delta_ij g(i)."""
    delta = KroneckerDelta(i, j)
    if any((delta, 1) not in m for m in element.terms):
        return None
    without = Polynomial({m - {(delta, 1)}: c for m, c in element})
    return normal(at_places(without.expr(), {j: i}))


def worked_out(expr: Expr, most_rows: int) -> Expr:
    """The same with determinants and inverses of so few rows, which are written down element by
    element and hold no sums, as formulas of the elements."""
    found = expr.atoms(nodes.LogDet, nodes.InverseElement)
    few = (node for node in found if node.size.is_Integer and node.size <= most_rows)
    return expr.xreplace({node: _by_elements(node) for node in few})


def _by_elements(node: nodes.LogDet | nodes.InverseElement) -> Expr:
    """A formula, if the element at i, j tells apart rows and columns by their numbers alone, and
    the determinant does not vanish; else the node."""
    n = node.size
    i, j, element = open_matrix(node, symbols_in(node))
    inside = [a for a in element.atoms() if symbols_in(a) & {i, j}]
    told_apart = all(
        isinstance(a, KroneckerDelta) and any(k.is_Integer for k in a.args) for a in inside
    )
    if not told_apart or any(a.has(sp.Sum) for a in element.atoms()):
        return node
    each, found = sp.IndexedBase("A"), _elements(element, i, j, n)
    matrix, places = Lambda((i, j), each[i, j]), list(found)
    elements = {each[place]: value for place, value in found.items()}
    if not normal(nodes.Det(matrix, n).doit().xreplace(elements)):
        return node
    if isinstance(node, nodes.LogDet):
        return nodes.LogDet(matrix, n).doit().xreplace(elements)
    at_place = (KroneckerDelta(node.row, r) * KroneckerDelta(node.column, c) for r, c in places)
    of_place = (nodes.InverseElement(matrix, n, r, c).doit() for r, c in places)
    return sp.Add(*(d * f.xreplace(elements) for d, f in zip(at_place, of_place, strict=True)))


def _elements(
    element: Polynomial, i: Symbol, j: Symbol, n: Expr
) -> dict[tuple[sp.Integer, sp.Integer], Expr]:
    """Row by row, in normal form."""
    body, places = element.expr(), product(map(sp.Integer, range(int(n))), repeat=2)
    return {(r, c): canonical(at_places(body, {i: r, j: c})) for r, c in places}


# definite matrices --------------------------------------------------------------------------------
def never_indefinite(matrix: Lambda, n: Expr) -> bool:
    """Whether it is known to be symmetric, without negative eigenvalues, at all values."""
    i, j, element = open_matrix(nodes.LogDet(matrix, n), frozenset())
    terms = _terms(element)
    return all(_is_semidefinite(t, i, j) for t in terms) or _has_positive_minors(element, i, j, n)


def rarely_singular(matrix: Lambda, n: Expr) -> bool:
    """Whether what is never indefinite is singular at values of continuous symbols alone, if at
    all: not at sizes, as W W^T is that has more rows than columns."""
    i, j, element = open_matrix(nodes.LogDet(matrix, n), frozenset())
    terms = _terms(element)
    return any(_has_full_rank(t, i, j, n) for t in terms) or _has_positive_minors(element, i, j, n)


def _terms(element: Polynomial) -> list[Expr]:
    return [Polynomial({m: c}).expr() for m, c in element]


def determinant(matrix: Lambda, n: Expr) -> Expr:
    """det, with its sign; raises InputError where that is not known."""
    if never_indefinite(matrix, n):
        return sp.exp(nodes.LogDet(matrix, n))
    if n.is_Integer:
        return nodes.Det(matrix, n).doit()
    raise InputError(
        "det: the matrix is not known to be positive definite, so that its determinant may be "
        "negative; logdet is log |det|"
    )


def _is_semidefinite(term: Expr, i: Symbol, j: Symbol) -> bool:
    """Whether c f(i) f(j), c f(i) M_ij f(j) or c sum_kl f(i, k) M_kl f(j, l) is, with a definite M,
    or a diagonal of what is not negative."""
    rest, left, right, middle = _sides(term, i, j)
    if len(middle) == 1 and isinstance(middle[0], Sum) and left == right == 1:
        (total,) = middle
        return nonnegative(rest) and _is_semidefinite_sum(total, i, j)
    diagonal = middle == [KroneckerDelta(i, j)]
    if diagonal:
        return nonnegative(rest * left * at_places(right, {j: i}))
    alike = at_places(left, {i: j}) == right
    return nonnegative(rest) and alike and all(_is_definite(m, i, j) for m in middle)


def _is_semidefinite_sum(total: Sum, i: Symbol, j: Symbol) -> bool:
    summed = [k for k, *_ in total.limits]
    if len(summed) > 2:
        return False
    k, l = (*summed, *summed)[:2]
    rest, left, right, both = _sides(total.function, i, j)
    inner = [f for f in sp.Mul.make_args(rest) if symbols_in(f) & {k, l}]
    outer = sp.Mul(*(f for f in sp.Mul.make_args(rest) if f not in inner))
    if both or not nonnegative(outer):
        return False
    if k == l:
        return nonnegative(sp.Mul(*inner)) and at_places(left, {i: j}) == right
    if len(inner) > 1 or not all(_is_definite(m, k, l) for m in inner):
        return False
    return any(
        at_places(left, {i: j, a: b}) == right and b not in symbols_in(left)
        for a, b in ((k, l), (l, k))
    )


def _has_full_rank(term: Expr, i: Symbol, j: Symbol, n: Expr) -> bool:
    """Whether what `_is_semidefinite` knows does, but for single values."""
    rest, left, right, middle = _sides(term, i, j)
    if not rarely_zero(rest):
        return False
    if len(middle) == 1 and isinstance(middle[0], Sum):
        (total,) = middle
        inner, rows, _, _ = _sides(total.function, i, j)
        summed = {k for k, *_ in total.limits}
        known = (symbols_in(f) >= summed or rarely_zero(f) for f in sp.Mul.make_args(inner))
        return (
            all(known)
            and isinstance(rows, Indexed)
            and any(
                {i, k} <= {*rows.indices} and bool((high - low + 1 - n).is_nonnegative)
                for k, low, high in total.limits
            )
        )
    if middle == [KroneckerDelta(i, j)]:
        return rarely_zero(left * at_places(right, {j: i}))
    inverses = (m for m in middle if isinstance(m, nodes.InverseElement))
    regular = all(rarely_singular(m.matrix, m.size) for m in inverses)
    return rarely_zero(left) and regular and (bool(middle) or n == 1)


def _sides(term: Expr, i: Symbol, j: Symbol) -> tuple[Expr, Expr, Expr, list[Expr]]:
    """The factors with neither index, with the one, with the other, and with both."""
    found: dict[frozenset[Symbol], list[Expr]] = {}
    for f in sp.Mul.make_args(term):
        found.setdefault(symbols_in(f) & {i, j}, []).append(f)
    rest, left, right = (sp.Mul(*found.get(frozenset(s), ())) for s in ((), (i,), (j,)))
    return rest, left, right, found.get(frozenset((i, j)), [])


def _is_definite(m: Expr, i: Symbol, j: Symbol) -> bool:
    """Element i, j of a matrix that is declared positive definite, or of the inverse of one."""
    if isinstance(m, nodes.InverseElement):
        return {m.row, m.column} == {i, j} and never_indefinite(m.matrix, m.size)
    return is_whole_definite(m, i, j)


def _has_positive_minors(element: Polynomial, i: Symbol, j: Symbol, n: Expr) -> bool:
    """Of few rows that are written out: where no minor vanishes it is positive definite."""
    if not n.is_Integer or n > _MOST_MINORS:
        return False
    matrix = sp.Matrix(n, n, [*_elements(element, i, j, n).values()])
    if matrix != matrix.T:
        return False
    minors = (matrix[:k, :k].det(method="berkowitz") for k in range(1, int(n) + 1))
    return all(nonnegative(sp.factor(m)) and normal(m) for m in minors)


def _hidden_unit(expr: nodes.HiddenUnit) -> Polynomial:
    name, unit, inputs, *rest = expr.args
    closed = []
    for argument in inputs:
        if isinstance(argument, sp.Tuple):
            vector, size = argument
            size = canonical(size)
            i = fresh(symbols_in(expr), size)
            element = normal(at_places(vector.expr, {vector.variables[0]: i}))
            closed.append(sp.Tuple(bind((i,), element, size), size))
        else:
            closed.append(canonical(argument))
    return Polynomial.atom(expr.func(name, canonical(unit), sp.Tuple(*closed), *rest))


RULES: dict[type, Callable[..., Polynomial]] = {
    nodes.LogDet: _logdet,
    nodes.InverseElement: _inverse,
    nodes.HiddenUnit: _hidden_unit,
}
