"""SymPy's matrix expressions, by their generic elements, against explicit matrices."""

from __future__ import annotations

import random

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings, strategies as st
from oracle.expressions import close, value
from sympy import (
    Determinant,
    HadamardProduct,
    Identity,
    Inverse,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    Trace,
    ZeroMatrix,
    exp,
    log,
)

from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.matrices import at, generic, scalar
from entropy_proofs.errors import InputError

n, m = sp.symbols("n m", integer=True, positive=True)
s = Symbol("s", positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
W = MatrixSymbol("W", n, m)
u, v = MatrixSymbol("u", n, 1), MatrixSymbol("v", n, 1)
SHAPES = {"A": (n, n), "B": (n, n), "C": (n, n), "W": (n, m), "u": (n,), "v": (n,)}


def numbers(seed: int, rows: int, columns: int) -> dict[str, np.ndarray]:
    draw = random.Random(seed)
    sizes = {n: rows, m: columns}
    return {
        name: np.reshape(
            [draw.uniform(-1, 1) for _ in range(int(np.prod([sizes[q] for q in shape])))],
            [sizes[q] for q in shape],
        ) + (2 * np.eye(rows) if shape == (n, n) else 0)
        for name, shape in SHAPES.items()
    }  # fmt: skip


def environment(arrays: dict[str, np.ndarray], rows: int, columns: int) -> dict:
    labels = {Symbol(name, real=True): array.tolist() for name, array in arrays.items()}
    return {**labels, n: rows, m: columns, s: 1.3}


def explicit(e: sp.Basic, arrays: dict[str, np.ndarray], rows: int, columns: int):
    """The matrix (array) or number, by NumPy and recursion on the matrix expression."""

    def walk(e):
        if isinstance(e, MatrixSymbol):
            return arrays[e.name].reshape(rows, -1)
        if isinstance(e, Identity):
            return np.eye(rows)
        if isinstance(e, ZeroMatrix | OneMatrix):
            shape = [int(q.subs({n: rows, m: columns})) for q in e.shape]
            return np.full(shape, float(isinstance(e, OneMatrix)))
        if isinstance(e, sp.MatrixBase):
            return np.array(e.tolist(), dtype=float)
        if isinstance(e, sp.MatAdd):
            return sum(map(walk, e.args))
        if isinstance(e, sp.MatMul | sp.Mul):
            parts = [walk(f) for f in e.args]
            result = parts[0]
            for part in parts[1:]:
                result = result @ part if np.ndim(result) and np.ndim(part) else result * part
            return result
        if isinstance(e, sp.Transpose):
            return walk(e.arg).T
        if isinstance(e, Inverse):
            return np.linalg.inv(walk(e.arg))
        if isinstance(e, sp.MatPow):
            return np.linalg.matrix_power(walk(e.base), int(e.exp))
        if isinstance(e, HadamardProduct):
            return np.prod([walk(f) for f in e.args], axis=0)
        if isinstance(e, sp.DiagMatrix):
            return np.diag(walk(e.args[0])[:, 0])
        if isinstance(e, Trace):
            return np.trace(walk(e.arg))
        if isinstance(e, Determinant):
            return np.linalg.det(walk(e.arg))
        if isinstance(e, sp.matrices.expressions.matexpr.MatrixElement):
            return walk(e.parent)[int(e.i.subs(n, rows)), int(e.j.subs(n, rows))]
        if isinstance(e, sp.Sum):
            return walk(e.subs({n: rows, m: columns}).doit())
        if not e.args:
            return float(e.subs({n: rows, m: columns, s: 1.3}))
        result = e.func(*(sp.Float(np.squeeze(walk(f))) for f in e.args))
        return float(result)

    return walk(e)


# random matrix expressions ---------------------------------------------------------------------------
def _grow(inner: st.SearchStrategy) -> st.SearchStrategy:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda t: t[0] + t[1]),
        pair.map(lambda t: t[0] * t[1]),
        pair.map(lambda t: HadamardProduct(*t)),
        inner.map(lambda e: e.T),
        inner.map(lambda e: s * e),
        inner.map(lambda e: e - Identity(n)),
    )


squares = st.recursive(
    st.sampled_from([A, B, C, Identity(n), W * W.T, u * v.T, sp.DiagMatrix(u), Inverse(A), A**-1, A**2, B**3]),
    _grow, max_leaves=4,
).filter(lambda e: not e.doit().has(sp.HadamardPower))  # fmt: skip


@settings(max_examples=50, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(squares, st.integers(0, 10**6), st.sampled_from([(1, 2), (2, 1), (2, 3), (3, 2)]))
def test_generic_elements(matrix, seed, sizes):
    rows, columns = sizes
    arrays = numbers(seed, rows, columns)
    here = environment(arrays, rows, columns)
    expected = explicit(matrix, arrays, rows, columns)
    array = generic(matrix)
    for i in range(rows):
        for j in range(rows):
            where = here | dict(zip(array.variables, (i, j), strict=True))
            for form in (array.expr, canonical(array.expr)):
                assert close(value(form, where), mp.mpf(expected[i, j]), 9)
            assert close(value(at(matrix, sp.Integer(i), sp.Integer(j)), here), expected[i, j], 9)


SCALARS = {
    "trace": Trace(A * B),
    "trace of one": Trace(A),
    "trace of a product of three": Trace(A * B.T * C),
    "log det": log(Determinant(A * A.T)),
    "det": Determinant(A * A.T),
    "log det of an inverse": log(Determinant(Inverse(A * A.T + s * Identity(n)))),
    "quadratic form": (u - v).T * Inverse(A) * (u - v),
    "its log": log(1 + ((u - v).T * (u - v))[0, 0]),
    "square of a form": (u.T * A * v)[0, 0] ** 2,
    "element": A[0, n - 1] * B[n - 1, 0],
    "element of a product": (A * B)[0, n - 1],
    "Gaussian": -Trace(u.T * Inverse(A * A.T) * u) / 2 - log(Determinant(2 * sp.pi * A * A.T)) / 2,
    "exp of a trace": exp(-Trace(A.T * A) / s),
    "low rank": log(Determinant(W * W.T + s * Identity(n))),
    "Hadamard": Trace(HadamardProduct(A, B) * C),
    "ones": (OneMatrix(1, n) * A * OneMatrix(n, 1))[0, 0],
    "trace times matrix": Trace(Trace(A) * B),
    "power": Trace(A**3),
    "inverse of a product": Trace(Inverse(A * B) * A),
}


@pytest.mark.parametrize("name", SCALARS)
@pytest.mark.parametrize("sizes", [(1, 1), (2, 3), (3, 2)])
def test_scalars(name, sizes):
    arrays = numbers(5, *sizes)
    here = environment(arrays, *sizes)
    expected = np.squeeze(explicit(SCALARS[name], arrays, *sizes))
    form = scalar(SCALARS[name])
    assert close(value(form, here), mp.mpf(float(expected)), 9)
    assert close(value(canonical(form), here), mp.mpf(float(expected)), 9)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Trace(A * B), Trace(B * A)),
        (Trace(A * B * C), Trace(C * A * B)),
        (Trace(A.T * B), Trace(B.T * A)),
        (u.T * A * v, v.T * A.T * u),
        (Trace(u * v.T), v.T * u),
        (log(Determinant(Inverse(A))), -log(Determinant(A))),
        (log(Determinant(2 * s * A)), n * log(2 * s) + log(Determinant(A))),
        (Trace((A + B) * C), Trace(A * C) + Trace(C * B)),
        (Trace(A * Identity(n)), Trace(A)),
        (Trace(W * W.T), Trace(W.T * W)),
        ((A * Identity(n))[0, 1], A[0, 1]),
    ],
    ids=str,
)  # fmt: skip
def test_identities_of_matrices(left, right):
    assert is_zero(normal(scalar(left)) - normal(scalar(right)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Trace(A * B * C), Trace(A * C * B)),
        (Trace(A * B), Trace(A.T * B)),
        (u.T * A * v, u.T * A.T * v),
        (Trace(A * B), Trace(A) * Trace(B)),
        (log(Determinant(A + B)), log(Determinant(A)) + log(Determinant(B))),
        (Trace(Inverse(A)), 1 / Trace(A)),
        (Trace(HadamardProduct(A, B)), Trace(A * B)),
        (log(Determinant(HadamardProduct(Inverse(A), Inverse(A)))), -log(Determinant(A))),
        (Determinant(A), -Determinant(A)),
    ],
    ids=str,
)  # fmt: skip
def test_what_only_looks_equal(left, right):
    assert not is_zero(normal(scalar(left)) - normal(scalar(right)))


def test_explicit_matrices():
    matrix = sp.Matrix([[s, 1], [0, 2]])
    here = {s: 1.3}
    assert close(value(scalar(Trace(matrix)), here), 3.3)
    assert close(value(scalar(log(Determinant(matrix))), here), np.log(2.6))
    generic_element = generic(matrix)
    for i in range(2):
        for j in range(2):
            where = here | dict(zip(generic_element.variables, (i, j), strict=True))
            assert close(value(generic_element.expr, where), float(matrix[i, j].subs(s, 1.3)))


@pytest.mark.parametrize("matrix", [A, W, A * B, sp.Matrix([[1, 2]])], ids=str)
def test_a_matrix_is_no_scalar(matrix):
    with pytest.raises(InputError) as caught:
        scalar(matrix)
    assert "\n" not in str(caught.value)


def test_unknown_kinds_of_matrices_are_refused():
    for matrix in (sp.BlockMatrix([[A]]), sp.KroneckerProduct(A, B), A**s):
        with pytest.raises((InputError, ValueError, TypeError)):
            scalar(Trace(matrix) if matrix.shape[0] == matrix.shape[1] else matrix)
