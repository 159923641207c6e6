"""Functions of tables and cases are taken entry by entry, each within the sums that it stands in."""

from __future__ import annotations

import math

import pytest
import sympy as sp
from sympy import KroneckerDelta

from entropy_proofs import (
    Categorical,
    Dirichlet,
    Model,
    Multinomial,
    Normal,
    array,
    exp,
    log,
    prove,
)
from entropy_proofs.algebra.nodes import Expectation, index
from entropy_proofs.arrays.entries import by_entry

A, B = sp.symbols("a b", positive=True)
I, J = index("i", sp.Integer(2)), index("j", sp.Integer(2))
TABLE = A * KroneckerDelta(I, 0) + B * KroneckerDelta(I, 1)
CASES = sp.Piecewise((A, I > 0), (B, True))


@pytest.mark.parametrize("inside", [TABLE, CASES, TABLE * KroneckerDelta(J, 1), TABLE + J])
@pytest.mark.parametrize("function", [sp.log, sp.exp, sp.loggamma, lambda x: 1 / x])
def test_no_index_leaves_the_sum_that_binds_it(function, inside):
    total = sp.Sum(1 + inside, (I, 0, 1))
    found = by_entry(function(total))
    assert I not in found.free_symbols
    given = {A: sp.Rational(2, 3), B: sp.Rational(5, 7)}
    for j in (0, 1):
        at = {**given, J: sp.Integer(j)}
        wanted = sum(1 + inside.subs({I: i, **at}) for i in (0, 1))
        assert sp.N(found.subs(at).doit() - function(wanted)) == pytest.approx(0, abs=1e-12)


def test_logits_in_a_table_give_probabilities_that_sum_to_one():
    model = Model("a table of logits")
    w = model.parameter("w")
    x = model.observed("x", Categorical(logits=array([w, 0, 2 * w])))
    (term,) = model.terms
    total = sum(
        math.exp(term.log_density.subs({x: k, w: sp.Rational(3, 4)}).doit()) for k in range(3)
    )
    assert total == pytest.approx(1, rel=1e-12)
    assert str(prove(model).verdict) == "proved"


def test_tables_as_arguments_of_vectors_are_proved():
    model = Model("tables")
    a, w = model.parameter("a", domain="positive"), model.parameter("w")
    model.observed("p", Dirichlet(concentration=a * array([1, 2, 3])))
    model.observed("n", Multinomial(trials=3, logits=w * array([1, 2, 3])))
    assert str(prove(model).verdict) == "proved"


def test_a_function_of_a_sum_over_a_table_stands_under_another_sum():
    """softmax, whose denominator is a sum, within a sum."""
    model = Model("an average")
    w, b = model.parameter("w"), model.parameter("b", 3)
    odds = exp(array([w, 2 * w, 0]))
    spread = exp((log(odds.sum()) * b).sum())
    x = model.observed("x", Normal(mean=(odds / odds.sum() * b).sum(), variance=spread))
    (term,) = model.terms
    label = next(p.label for p in model.parameters.values() if p.name == "b")
    given = {sp.IndexedBase(label)[k]: sp.Rational(k + 1, 5) for k in range(3)}
    found = float(term.log_density.doit().subs({**given, x: 1, w: sp.Rational(1, 2)}))
    odd = [math.exp(0.5), math.exp(1), 1.0]
    mean = sum(o * (k + 1) / 5 for k, o in enumerate(odd)) / sum(odd)
    variance = math.exp(math.log(sum(odd)) * 1.2)
    wanted = -((1 - mean) ** 2) / (2 * variance) - math.log(2 * math.pi * variance) / 2
    assert found == pytest.approx(wanted, rel=1e-12)


def test_what_an_average_is_of_is_in_no_case_outside_of_it():
    chosen = Expectation(KroneckerDelta(I, J) * A) / Expectation(KroneckerDelta(I, J))
    assert by_entry(chosen) == chosen
    inside = Expectation(log(TABLE))
    assert by_entry(1 / inside) == 1 / Expectation(by_entry(log(TABLE)))


def test_a_long_table_is_no_question_of_whether_variables_agree():
    """Twenty logits in a list were split into 2^20 cases, one for each subset of them."""
    c, w = index("c", sp.Integer(20)), sp.symbols("w:20", positive=True)
    e = sp.log(sum(w[k] * KroneckerDelta(c, k) for k in range(20)))
    assert by_entry(e) == e


@pytest.mark.parametrize(("many", "split"), [(2, True), (5, True), (7, False)])
def test_agreements_are_told_apart_where_these_are_few(many, split):
    c = [index(f"c{k}", sp.Symbol("K", integer=True, positive=True)) for k in range(many + 1)]
    w = sp.symbols(f"w:{many}", positive=True)
    agree = [w[k] * KroneckerDelta(c[k], c[k + 1]) for k in range(many)]
    e = sp.log(1 + sum(agree))
    found = by_entry(e)
    assert (found != e) == split
    assert not split or not any(a.has(KroneckerDelta) for a in found.atoms(sp.log))
