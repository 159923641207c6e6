"""Chains of equations: a verdict on every "=", and the first wrong one named with its numbers."""

from __future__ import annotations

import pytest
import sympy as sp
from sympy import (
    Determinant,
    Identity,
    IndexedBase,
    Inverse,
    Matrix,
    MatrixSymbol,
    Sum,
    Trace,
    log,
    symbols,
)

import entropy_proofs as ep

PROVED, REFUTED, UNDECIDED = ep.Verdict.PROVED, ep.Verdict.REFUTED, ep.Verdict.UNDECIDED
x = sp.Symbol("x", real=True)
a, b, s2 = symbols("a b s2", positive=True)
n, D, H, N = symbols("n D H N", integer=True, positive=True)
A, B, C = (MatrixSymbol(name, n, n) for name in "ABC")
W, v = MatrixSymbol("W", D, H), MatrixSymbol("v", D, 1)
i, mu, y = sp.Symbol("i", integer=True), sp.Symbol("mu", real=True), IndexedBase("y")

low_rank = log(Determinant(W * W.T + s2 * Identity(D)))
squares = Sum((y[i] - mu) ** 2, (i, 1, N))
expanded = Sum(y[i] ** 2, (i, 1, N)) - 2 * mu * Sum(y[i], (i, 1, N)) + N * mu**2
form = (v.T * Inverse(W * W.T + s2 * Identity(D)) * v)[0, 0]
woodbury = (v.T * v)[0, 0] / s2 - (v.T * W * Inverse(s2 * Identity(H) + W.T * W) * W.T * v)[
    0, 0
] / s2

EQUAL = {
    "trace cyclicity": (Trace(A * B * C), Trace(C * A * B)),
    "determinant of a product": (
        log(Determinant(A * B)),
        log(Determinant(A)) + log(Determinant(B)),
    ),
    "Sylvester": (low_rank, D * log(s2) + log(Determinant(Identity(H) + W.T * W / s2))),
    "Woodbury": (form, woodbury),
    "inverse": (Trace(Inverse(A) * A), n),
    "sum over data": (squares, expanded),
    "digamma recurrence": (sp.digamma(a + 2), sp.digamma(a) + 1 / a + 1 / (a + 1)),
    "gamma": (log(sp.gamma(a + 1)), sp.loggamma(a) + log(a)),
}
DIFFERENT = {
    "trace order": (Trace(A * B * C), Trace(B * A * C)),
    "determinant": (log(Determinant(A * B)), log(Determinant(A)) - log(Determinant(B))),
    "Sylvester without its factor": (low_rank, log(Determinant(Identity(H) + W.T * W / s2))),
    "Woodbury with a sign": (form, 2 * (v.T * v)[0, 0] / s2 - woodbury),
    "inverse": (Trace(Inverse(A) * A), n + 1),
    "sum over data": (squares, expanded + mu * Sum(y[i], (i, 1, N))),
    "digamma recurrence": (sp.digamma(a + 2), sp.digamma(a) + 1 / a),
    "one factor": (a * log(b), a * log(2 * b)),
}


@pytest.mark.parametrize("sides", EQUAL.values(), ids=EQUAL)
def test_equal(sides):
    assert ep.check_steps(sides).verdict is PROVED


@pytest.mark.parametrize("sides", DIFFERENT.values(), ids=DIFFERENT)
def test_different(sides):
    (step,) = ep.check_steps(sides)
    assert step.verdict is REFUTED
    assert step.witness.left != step.witness.right


def test_a_published_statement_that_contradicts_its_proof():
    """StatProofBook's gamma entropy: the proof ends in -log b, the statement says +log b."""
    psi, tail = sp.digamma(a), a + sp.loggamma(a) + (1 - a) * sp.digamma(a)
    start = -a * log(b) + sp.loggamma(a) - (a - 1) * (psi - log(b)) + a
    steps = ep.check_steps([start, tail - log(b), tail + log(b)])
    assert [s.verdict for s in steps] == [PROVED, REFUTED]
    assert steps.first_wrong.number == 2


def test_domains_are_used():
    p = sp.Symbol("p")
    sides = [log(p * (1 - p) ** 2), log(p) + 2 * log(1 - p)]
    assert ep.check_steps(sides, domains={"p": "unit interval"}).verdict is PROVED


def test_one_expression_is_no_chain():
    with pytest.raises(ep.InputError, match="two expressions"):
        ep.check_steps([a])


def test_a_derivation_in_a_model_file():
    model = ep.Model("m")
    size = model.dims("D")
    m, s = model.parameter("m", size), model.parameter("s", domain="positive")
    x = model.observed("x", ep.Normal(mean=m, variance=s), size)
    model.derivation(((x - m) ** 2).sum() / s, (x @ x - 2 * m @ x + m @ m) / s, (x @ x) / s)
    assert [c.verdict for c in ep.prove(model).claims] == [PROVED, REFUTED]


@pytest.mark.parametrize(
    "wrong", [sp.nan, sp.zoo, sp.oo, sp.I * x, sp.Eq(x, 1), Matrix([[x, 1]]), None, True, [x]]
)
def test_what_is_no_real_number_is_one_line(wrong):
    with pytest.raises(ep.InputError) as error:
        ep.check_steps([wrong, x])
    assert "\n" not in str(error.value)


def test_a_models_array_is_no_scalar():
    model = ep.Model("m")
    w = model.parameter("w", model.dims("D"))
    with pytest.raises(ep.InputError, match="w is an array, not a scalar"):
        ep.check_steps([w, 2 * w])


def test_expectations_of_sympys_random_variables():
    """What is known of their distribution is not used: only that they are averaged."""
    from sympy.stats import Expectation as TheirExpectation, Normal as TheirNormal

    z = TheirNormal("Z", 0, 1)
    mean = TheirExpectation(z)
    assert ep.check_steps([TheirExpectation(2 * z + 1), 2 * mean + 1]).verdict is PROVED
    assert ep.check_steps([TheirExpectation(2 * z + 1), 2 * mean + 2]).verdict is REFUTED
    assert ep.check_steps([TheirExpectation(z**2), mean**2]).verdict is UNDECIDED
