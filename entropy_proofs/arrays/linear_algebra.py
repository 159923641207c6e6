"""Functions of square matrices and stacks of them, and matrices of given diagonals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sympy import Expr, KroneckerDelta, Lambda, Sum

from entropy_proofs.algebra.matrix_rules import determinant
from entropy_proofs.algebra.nodes import InverseElement, LogDet, index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import fresh, over
from entropy_proofs.arrays.array import Array, generate, lift
from entropy_proofs.arrays.ranges import is_size
from entropy_proofs.errors import InputError


def _generic_matrix(value: Any) -> tuple[Array, Callable[[Sequence[Expr]], Lambda]]:
    matrix = lift(value)
    if not isinstance(matrix, Array) or matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise InputError(f"{matrix} is not a square matrix")

    def element(batch: Sequence[Expr]) -> Lambda:
        n = matrix.shape[-1]
        i, j = index("^r", n), index("^c", n)
        return over((i, j), matrix.at(*batch, i, j), n)

    return matrix, element


def logdet(value: Any) -> Expr:
    """log |det| of a square matrix, or of each in a stack.

    >>> from entropy_proofs import Model
    >>> S = Model("m").parameter("S", 5, 2, 2, domain="positive definite")
    >>> logdet(S).shape
    (5,)
    """
    m, element = _generic_matrix(value)
    return generate(lambda *b: LogDet(element(b), m.shape[-1]), m.shape[:-2])


def det(value: Any) -> Expr:
    """The determinant of a square matrix, or of each in a stack.

    Raises InputError where its sign is not known: of a matrix of symbolic size that may have
    negative eigenvalues. `logdet` is log |det| of any.

    >>> import sympy as sp
    >>> from entropy_proofs import Model
    >>> S = Model("m").parameter("S", 2, 2, domain="positive definite")
    >>> sp.log(det(S)) - logdet(S)
    0
    """
    m, element = _generic_matrix(value)
    return generate(lambda *batch: determinant(element(batch), m.shape[-1]), m.shape[:-2])


def inv(value: Any) -> Expr:
    """The inverse of a square matrix, or of each in a stack.

    >>> from entropy_proofs import Model
    >>> model = Model("m")
    >>> D = model.dims("D")
    >>> inv(model.parameter("S", D, D, domain="positive definite")).shape
    (D, D)
    """
    m, element = _generic_matrix(value)
    n = m.shape[-1]
    return generate(lambda *i: InverseElement(element(i[:-2]), n, i[-2], i[-1]), m.shape)


def trace(value: Any) -> Expr:
    """The trace of a square matrix, or of each in a stack.

    >>> from entropy_proofs import Model
    >>> trace(eye(Model("m").dims("D"))).doit()
    D
    """
    m, _ = _generic_matrix(value)

    def element(*batch: Expr) -> Expr:
        j = fresh(symbols_in(m).union(*map(symbols_in, batch)), m.shape[-1])
        return Sum(m.at(*batch, j, j), (j, 0, m.shape[-1] - 1))

    return generate(element, m.shape[:-2])


def eye(n: Any) -> Expr:
    """The identity matrix with n rows.

    >>> eye(2).at(0, 0), eye(2).at(0, 1)
    (1, 0)
    """
    n = lift(n)
    if not is_size(n) or not n.is_positive:
        raise InputError(f"eye needs a size, not {n}")
    return generate(KroneckerDelta, (n, n))


def diag(value: Any) -> Expr:
    """The diagonal matrix of a vector.

    >>> diag([2, 3]).at(1, 1)
    3
    """
    v = lift(value)
    if not isinstance(v, Array) or v.ndim != 1:
        raise InputError(f"diag needs a vector, not {v}")
    return generate(lambda i, j: KroneckerDelta(i, j) * v.at(i), (v.shape[0], v.shape[0]))
