"""SymPy's matrix expressions as generic elements."""

from __future__ import annotations

import sympy as sp
from sympy import (
    Expr,
    IndexedBase,
    KroneckerDelta,
    Lambda,
    MatrixBase,
    MatrixExpr,
    MatrixSymbol,
    Sum,
)

from entropy_proofs.algebra.nodes import Det, InverseElement, LogDet, index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import fresh, over
from entropy_proofs.errors import InputError


def scalar(expr: Expr, signed: bool = False) -> Expr:
    """A scalar expression with every matrix in it replaced by its elements.

    signed: determinants keep their sign, but that the logarithm of one is log |det|; else they are
    taken to be positive.
    """
    if isinstance(expr, sp.MatrixExpr | MatrixBase):
        if expr.shape != (1, 1):
            raise InputError(f"{expr} is a matrix, not a scalar")
        return at(expr, sp.Integer(0), sp.Integer(0), signed)
    if isinstance(expr, sp.Trace):
        i = fresh(symbols_in(expr), expr.arg.shape[0])
        return Sum(at(expr.arg, i, i, signed), (i, 0, expr.arg.shape[0] - 1))
    if isinstance(expr, sp.Determinant):
        logdet = _logdet(expr.arg, signed)
        return Det(*logdet.args) if signed else sp.exp(logdet)
    if isinstance(expr, sp.log) and isinstance(expr.args[0], sp.Determinant):
        return _logdet(expr.args[0].arg, signed)
    if isinstance(expr, sp.matrices.expressions.matexpr.MatrixElement):
        row, column = map(scalar, expr.indices)
        return at(expr.parent, row, column, signed)
    if not expr.args or not expr.has(MatrixExpr, MatrixBase):
        return expr
    return expr.func(*(_part(a, signed) for a in expr.args))


def _part(a: sp.Basic, signed: bool) -> sp.Basic:
    if isinstance(a, Expr):
        return scalar(a, signed)
    return sp.Tuple(*(_part(b, signed) for b in a)) if isinstance(a, sp.Tuple) else a


def _logdet(matrix: MatrixExpr, signed: bool) -> Expr:
    return LogDet(generic(matrix, signed), matrix.shape[0])


def generic(matrix: MatrixExpr, signed: bool = False) -> Lambda:
    """The matrix as a Lambda of its row and column."""
    n = matrix.shape[0]
    i, j = index("^r", n), index("^c", n)
    return over((i, j), at(matrix, i, j, signed), n)


def at(matrix: MatrixExpr, i: Expr, j: Expr, signed: bool = False) -> Expr:
    """Element (i, j).  signed: see `scalar`."""
    if isinstance(matrix, MatrixBase):
        if i.is_Integer and j.is_Integer:
            return scalar(matrix[int(i), int(j)], signed)
        entries = [
            KroneckerDelta(i, r) * KroneckerDelta(j, c) * scalar(matrix[r, c], signed)
            for r in range(matrix.rows)
            for c in range(matrix.cols)
        ]
        return sp.Add(*entries)
    if isinstance(matrix, MatrixSymbol):
        return element_of(matrix)[(i, j)[: len(shape_of_elements(matrix))]]
    if isinstance(matrix, sp.Identity):
        return KroneckerDelta(i, j)
    if isinstance(matrix, sp.ZeroMatrix):
        return sp.Integer(0)
    if isinstance(matrix, sp.Transpose):
        return at(matrix.arg, j, i, signed)
    if isinstance(matrix, sp.Inverse):
        return InverseElement(generic(matrix.arg, signed), matrix.shape[0], i, j)
    if isinstance(matrix, sp.MatPow) and matrix.exp == -1:
        return InverseElement(generic(matrix.base, signed), matrix.shape[0], i, j)
    if isinstance(matrix, sp.MatPow) and matrix.exp.is_Integer and matrix.exp > 0:
        return at(sp.MatMul(*[matrix.base] * int(matrix.exp)), i, j, signed)
    if isinstance(matrix, sp.MatAdd):
        return sp.Add(*(at(m, i, j, signed) for m in matrix.args))
    if isinstance(matrix, sp.MatMul):
        return _product(list(matrix.args), i, j, signed)
    if isinstance(matrix, sp.HadamardProduct):
        return sp.Mul(*(at(m, i, j, signed) for m in matrix.args))
    if isinstance(matrix, sp.DiagMatrix):
        return KroneckerDelta(i, j) * at(matrix.args[0], i, sp.Integer(0), signed)
    if isinstance(matrix, sp.matrices.expressions.diagonal.DiagonalMatrix):
        return KroneckerDelta(i, j) * at(matrix.arg, i, j, signed)
    if isinstance(matrix, sp.OneMatrix):
        return sp.Integer(1)
    raise InputError(f"{matrix} ({type(matrix).__name__}) is a kind of matrix not known here")


def _product(factors: list[Expr], i: Expr, j: Expr, signed: bool) -> Expr:
    matrices = [f for f in factors if getattr(f, "is_Matrix", False)]
    outer = sp.Mul(*(scalar(f, signed) for f in factors if not getattr(f, "is_Matrix", False)))
    if len(matrices) == 1:
        return outer * at(matrices[0], i, j, signed)
    first, rest = matrices[0], matrices[1:]
    avoid = symbols_in(i) | symbols_in(j)
    for m in matrices:
        avoid |= symbols_in(m)
    size = first.shape[1]
    if size == 1:
        zero = sp.Integer(0)
        return outer * at(first, i, zero, signed) * _product(rest, zero, j, signed)
    k = fresh(avoid, size)
    summand = at(first, i, k, signed) * _product(rest, k, j, signed)
    return outer * Sum(summand, (k, 0, size - 1))


def element_of(matrix: MatrixSymbol) -> IndexedBase:
    """The base whose elements stand for a matrix symbol's (one index for column vectors)."""
    return IndexedBase(sp.Symbol(matrix.name, real=True))


def shape_of_elements(matrix: MatrixSymbol) -> tuple[Expr, ...]:
    """That of its base."""
    return matrix.shape if matrix.shape[1] != 1 else matrix.shape[:1]
