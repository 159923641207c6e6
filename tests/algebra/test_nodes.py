"""The nodes as SymPy expressions, against explicit matrices."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from sympy import IndexedBase, Lambda, Symbol, Tuple

from entropy_proofs.algebra.nodes import (
    Det,
    Expectation,
    HiddenUnit,
    HiddenUnitDerivative,
    InverseElement,
    LogDet,
    Sum,
    VariationalEntropy,
    index,
)

n = Symbol("n", integer=True, positive=True)
t = Symbol("t", positive=True)
i, j, k = index("i", n), index("j", n), index("k", n)
A, b = IndexedBase(Symbol("A", real=True)), IndexedBase(Symbol("b", real=True))
MATRIX = Lambda((i, j), A[i, j] + t * b[i] * b[j])
NUMBERS = {"A": np.array([[2.0, 0.5, 0.1], [0.3, 1.5, 0.2], [0.0, 0.4, 3.0]]), "b": np.arange(3.0)}


def explicit(size: int) -> sp.Matrix:
    return sp.Matrix(size, size, lambda r, c: MATRIX(r, c))


def inverse(matrix: sp.Matrix) -> sp.Matrix:
    return matrix.adjugate() / matrix.det()


def same(left, right) -> bool:
    """Equal at a point of the elements."""
    difference = left - right
    elements = sorted(difference.atoms(sp.Indexed), key=str)
    at = {e: sp.Rational(3 * place + 7, 5) ** 2 for place, e in enumerate(elements)}
    return abs(sp.N(difference.subs({**at, t: sp.Rational(2, 3)}), 30)) < 1e-20


@pytest.mark.parametrize("size", [1, 2, 3])
def test_doit_computes_from_the_elements(size):
    matrix = explicit(size)
    at = {n: size}
    assert same(Det(MATRIX, n).subs(at).doit(), matrix.det())
    assert same(LogDet(MATRIX, n).subs(at).doit(), sp.log(sp.Abs(matrix.det())))
    corner = InverseElement(MATRIX, n, sp.Integer(0), sp.Integer(size - 1))
    assert same(corner.subs(at).doit(), inverse(matrix)[0, size - 1])
    trace = Sum(InverseElement(MATRIX, n, k, k), (k, 0, n - 1))
    assert same(trace.subs(at).doit(), inverse(matrix).trace())


@pytest.mark.parametrize("x", [t, A[0, 1], b[1]])
def test_derivatives_are_those_of_the_explicit_matrix(x):
    at, matrix = {n: 2}, explicit(2)
    assert same(LogDet(MATRIX, n).diff(x).subs(at).doit(), sp.log(matrix.det()).diff(x))
    assert same(Det(MATRIX, n).diff(x).subs(at).doit(), matrix.det().diff(x))
    element = InverseElement(MATRIX, n, sp.Integer(1), sp.Integer(0))
    assert same(element.diff(x).subs(at).doit(), inverse(matrix)[1, 0].diff(x))
    assert LogDet(MATRIX, n).diff(Symbol("other")) == 0


def test_lambdify_writes_numpy():
    matrix = NUMBERS["A"] + 0.5 * np.outer(NUMBERS["b"], NUMBERS["b"])
    given = (3, 0.5, NUMBERS["A"], NUMBERS["b"])

    def value(node):
        return sp.lambdify([n, t, A.label, b.label], node)(*given)

    assert np.isclose(value(LogDet(MATRIX, n)), np.log(np.linalg.det(matrix)))
    assert np.isclose(value(Det(MATRIX, n)), np.linalg.det(matrix))
    total = Sum(InverseElement(MATRIX, n, k, k), (k, 0, n - 1))
    assert np.isclose(value(total), np.trace(np.linalg.inv(matrix)))


def test_bound_indices_are_not_free():
    for node in (LogDet(MATRIX, n), Sum(MATRIX(k, k), (k, 0, n - 1))):
        assert node.free_symbols == {n, t, A.label, b.label}
    assert LogDet(MATRIX, n).subs(i, 2) == LogDet(MATRIX, n)
    element = InverseElement(MATRIX, n, i, k)
    assert element.free_symbols - LogDet(MATRIX, n).free_symbols == {i, k}
    assert element.subs(i, 2) == InverseElement(MATRIX, n, sp.Integer(2), k)


def test_hidden_units_follow_the_chain_rule():
    z, U = IndexedBase("z"), IndexedBase("U")
    m = index("m", n)
    inputs = Tuple(Tuple(Lambda(m, U[m] * z[0] * t), n))
    unit = HiddenUnit(Symbol("phi"), k, inputs)
    assert Symbol("phi") not in unit.free_symbols
    assert unit.free_symbols == {k, n, t, z[0], *z.free_symbols, *U.free_symbols}
    slopes = [HiddenUnitDerivative(*unit.args, 0, sp.Integer(s)).subs(n, 2) for s in range(2)]
    by_hand = sum(slope * U[s] * z[0] for s, slope in enumerate(slopes))
    assert sp.expand(unit.diff(t).subs(n, 2).doit() - by_hand) == 0
    assert isinstance(slopes[0].diff(t), sp.Derivative)


def test_averages_are_linear_and_entropies_of_q_stand_still():
    z = Symbol("z", real=True)
    mean, entropy = Expectation(t * z**2), VariationalEntropy(z)
    assert mean.diff(t) == Expectation(z**2)
    assert mean.diff(Symbol("other")) == 0
    assert entropy.diff(z) == 0
    function = sp.lambdify([t, mean, entropy], t * mean + entropy)
    assert function(2.0, 3.0, 0.5) == 6.5


def test_every_size_is_spelled_in_its_own_way():
    from entropy_proofs.algebra.nodes import size_of_range, spelled

    K, K_1 = (Symbol(name, integer=True, positive=True) for name in ("K", "K_1"))
    sizes = [K, K + 1, K - 1, 2 * K, K**2, K_1, sp.Integer(3)]
    spellings = {spelled(size) for size in sizes}
    assert len(spellings) == len(sizes)
    assert all(f"below_{spelling}".isidentifier() for spelling in spellings)
    assert [size_of_range(index("i", size)) for size in sizes] == sizes
