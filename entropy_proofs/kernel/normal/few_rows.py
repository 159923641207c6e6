"""Determinants and inverses of matrices whose few elements are written down one by one."""

from __future__ import annotations

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term, at, substituted
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import Poly

Entries = list[list[Poly]]
MOST_ROWS = 4


def written_out(
    algebra: Reducer, element: Poly, i: Term, j: Term, n: Size
) -> tuple[Entries, Poly] | None:
    """The elements and their determinant, if that at i, j tells apart rows and columns by their
    numbers alone, is no sum over indices, of which products would be longer than the matrix, and
    the determinant does not vanish."""
    if n.value is None or n.value > MOST_ROWS or any(a.op == "sum" for a in element.atoms()):
        return None
    inside = [a for a in element.atoms() if a.free & {i, j}]
    if not all(a.op == "delta" and {k.op for k in a.args} == {"at", "free"} for a in inside):
        return None
    body, places = element.term(), [at(k) for k in range(n.value)]
    matrix = [[algebra.normal(substituted(body, {i: r, j: c})) for c in places] for r in places]
    det = determinant(algebra, matrix)
    return (matrix, det) if det else None


def adjugate_element(algebra: Reducer, matrix: Entries, row: Term, column: Term) -> Poly:
    """The transposed cofactors, where row and column are not numbers yet."""
    places = range(len(matrix))

    def is_at(r: int, c: int) -> Poly:
        at_row, at_column = Term("delta", row, at(r)), Term("delta", column, at(c))
        return algebra.multiply(algebra.normal(at_row), algebra.normal(at_column))

    return Poly.sum(
        algebra.multiply(_cofactor(algebra, matrix, c, r), is_at(r, c))
        for r in places
        for c in places
    )


def determinant(algebra: Reducer, matrix: Entries) -> Poly:
    """By the first row; that of no rows is one."""
    if not matrix:
        return Poly.number(1)
    first = [(k, a) for k, a in enumerate(matrix[0]) if a]
    return Poly.sum(algebra.multiply(a, _cofactor(algebra, matrix, 0, k)) for k, a in first)


def _cofactor(algebra: Reducer, matrix: Entries, row: int, column: int) -> Poly:
    """The determinant without this row and column, signed."""
    rows = [[a for k, a in enumerate(r) if k != column] for m, r in enumerate(matrix) if m != row]
    return determinant(algebra, rows).scale((-1) ** (row + column))
