"""What a result holds under: asked for by the kernel, written as one would write it."""

from __future__ import annotations

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import Exponential, Model, Normal, exp
from entropy_proofs.algebra.nodes import index
from entropy_proofs.proof.conditions import StatedCondition

w, u = sp.symbols("w u", real=True)
t = sp.Symbol("t", positive=True)
D, K = sp.symbols("D K", integer=True, positive=True)
i, j, k = index("i0", D), index("i1", K), index("k", K)
a = sp.IndexedBase(sp.Symbol("a", real=True))
tau = sp.IndexedBase(sp.Symbol("tau", positive=True))

NONZERO = [
    (-w, (), "w ≠ 0", r"w \neq 0"),
    (3 * w**2, (), "w ≠ 0", r"w \neq 0"),
    (D * w, (), "w ≠ 0", r"w \neq 0"),
    (1 - w**2, (), "w**2 ≠ 1", r"w^{2} \neq 1"),
    (1 - t**2, (), "t ≠ 1", r"t \neq 1"),
    (2 - 2 * t, (), "t ≠ 1", r"t \neq 1"),
    (1 - sp.log(t), (), "log(t) ≠ 1", r"\log t \neq 1"),
    (-sp.cos(w), (), "cos(w) ≠ 0", r"\cos(w) \neq 0"),
    (sp.sin(w) / 2 - w * u, (), "2*u*w - sin(w) ≠ 0", r"2uw - \sin(w) \neq 0"),
    (1 - D, (), "D ≥ 2", r"D \geq 2"),
    (K - D, (), "D - K ≠ 0", r"D - K \neq 0"),
    (a[i], ((i, D),), "a[d] ≠ 0 for all d", r"a_{d} \neq 0\ \forall\,d"),
    (1 - tau[i] ** 2, ((i, D),), "tau[d] ≠ 1 for all d", r"\tau_{d} \neq 1\ \forall\,d"),
    (
        a[i] - a[j],
        ((i, D), (j, K)),
        "a[d] - a[k] ≠ 0 for all d, k",
        r"a_{d} - a_{k} \neq 0\ \forall\,d, k",
    ),
    (sp.Sum(a[k], (k, 0, K - 1)), (), "∑_k a[k] ≠ 0", r"\sum_{k=1}^{K} a_{k} \neq 0"),
]


@pytest.mark.parametrize(("value", "over", "text", "latex"), NONZERO, ids=lambda v: str(v)[:30])
def test_what_must_not_vanish_is_written_shortly(value, over, text, latex):
    condition = StatedCondition(value, False, over, True)
    assert str(condition) == text
    assert condition.latex() == latex


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 - w, "w < 1"),
        (w / 2 - 1, "w > 2"),
        (1 - t**2, "t < 1"),
        (u * w / 2 + 1, "u*w > -2"),
        (-(w**3), "w**3 < 0"),
        (w**2 - u, "u - w**2 < 0"),
    ],
)
def test_what_must_be_positive_keeps_its_sign(value, text):
    condition = StatedCondition(value, True, (), True)
    assert str(condition) == text
    relation = condition.relation()
    for point in ({w: 0.5, u: 0.1, t: 0.5}, {w: -3, u: 2, t: 5}, {w: 3, u: 20, t: 1.5}):
        assert (value.subs(point) > 0) == bool(relation.subs(point))


def _one_plus_square(model):
    parameter = model.parameter("w")
    model.observed("x", Normal(mean=0, variance=1 + parameter**2))


def _sine(model):
    model.observed("x", Exponential(rate=2 + sp.sin(model.parameter("w"))))


def _known_factor(model):
    factor = model.parameter("a", fixed=True)
    model.observed("x", Normal(mean=0, variance=exp(factor * model.parameter("w"))))


def _size(model):
    size = model.dims("D")
    model.observed("x", Normal(mean=0, variance=exp((size - 1) * model.parameter("w"))))


def test_no_field_knows_a_row_of_the_data():
    """w is one for all rows: -1/A[n] is no direction for it."""
    model = Model("scales of rows")
    size = model.dims("N")
    known = model.parameter("A", size, fixed=True)
    model.observed("x", Normal(mean=0, variance=exp(known * model.parameter("w"))), size)
    assert ep.prove(model).verdict not in {ep.Verdict.PROVED, ep.Verdict.PARTIAL}


def test_sizes_that_literal_indices_need_are_assumed():
    model = Model("third of K")
    mu = model.parameter("mu", model.dims("K"))
    model.observed("x", Normal(mean=mu[2], variance=model.parameter("s", domain="positive")))
    proof = ep.prove(model)
    assert proof.statement.sizes == {"K": 3}
    assert "K ≥ 3, as the model's indices need" in proof.assumptions
    assert proof.conditions == ()


def _elements(model):
    size = model.dims("D")
    parameter = model.parameter("w", size)
    model.observed("x", Normal(mean=0, variance=1 + parameter**2), size)


def _known_factors(model):
    size = model.dims("D")
    factor = model.parameter("a", size, fixed=True)
    model.observed("x", Normal(mean=0, variance=exp(factor * model.parameter("w", size))), size)


def _sum_of_known_factors(model):
    factor = model.parameter("a", model.dims("D"), fixed=True)
    model.observed("x", Normal(mean=0, variance=exp(factor.sum() * model.parameter("w"))))


@pytest.mark.parametrize(
    ("declare", "text", "verdict"),
    [
        (_one_plus_square, "w ≠ 0", ep.Verdict.PARTIAL),
        (_sine, "cos(w) ≠ 0", ep.Verdict.PARTIAL),
        (_elements, "w[d] ≠ 0 for all d", ep.Verdict.PARTIAL),
        (_known_factor, "a ≠ 0", ep.Verdict.PROVED),
        (_known_factors, "a[d] ≠ 0 for all d", ep.Verdict.PROVED),
        (_sum_of_known_factors, "∑_d a[d] ≠ 0", ep.Verdict.PROVED),
        (_size, "D ≥ 2", ep.Verdict.PROVED),
    ],
)
def test_a_condition_on_a_learned_parameter_alone_makes_a_proof_partial(declare, text, verdict):
    model = Model("conditional")
    declare(model)
    proof = ep.prove(model)
    assert [str(c) for c in proof.conditions] == [text]
    assert proof.verdict is verdict
    assert text in proof.assumptions
    assert proof.witness is None
    assert proof.suggestions == ()
    assert any(text in step.text for step in proof.steps)
