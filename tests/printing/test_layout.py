"""Laid out for print, an expression stays equal: decided by the normal form."""

from __future__ import annotations

from functools import cache
from itertools import product

import pytest
import sympy as sp
from catalogue.spread import MODELS
from sympy import Expr, IndexedBase, Integer, Sum, Symbol

import entropy_proofs as ep
from entropy_proofs.algebra.nodes import Expectation, HiddenUnit, LogDet
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import at_places
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.array import Array
from entropy_proofs.printing.layout import _apart, _at_slots, arranged, index_for
from entropy_proofs.printing.notation import NetworkValue, Sigmoid

WITH_GRADIENTS = {
    "ppca", "gaussian_mixture", "sigmoid_belief_network", "vae_3", "hmm_gaussian",
    "linear_dynamical_system", "mixture_of_experts", "stochastic_block_model", "robust_ppca",
    "weibull_distribution", "ica_generalised_normal", "vae_categorical",
}  # fmt: skip


@cache
def proof_of(name: str) -> ep.Proof:
    return ep.prove(ep.load(name))


def spelled_out(expr: Expr) -> Expr:
    """Without the names that the layout introduces; expectations are linear."""
    expr = expr.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])
    expr = expr.replace(
        lambda e: isinstance(e, Sigmoid), lambda e: sp.exp(e.args[0]) / (1 + sp.exp(e.args[0]))
    )
    return expr.replace(lambda e: isinstance(e, NetworkValue), _output)


def _output(value: NetworkValue) -> Expr:
    j = Symbol("~99", integer=True, nonnegative=True)
    width = Symbol(f"J_{value.name}", integer=True, positive=True)
    weight, bias = (IndexedBase(Symbol(f"{value.name}.{s}", real=True)) for s in "Vb")
    place = tuple(value.place)
    unit = HiddenUnit(Symbol(f"phi_{value.name}"), j, value.inputs)
    total = Sum(weight[(*place, j)] * unit, (j, 0, width - 1))
    return total + (bias[place] if place else bias.label)


def assert_equal(value: Expr) -> None:
    slots = [axis[0] for axis in value.args[1:]] if isinstance(value, Array) else []
    element = value.args[0] if slots else value
    laid = arranged(element, tuple(slots))
    expected = _at_slots(element, set(slots))
    sizes = [axis[1] for axis in value.args[1:]] if slots else []
    written = all(n.is_Integer for n in sizes)  # delta_0i + delta_1i is one of two places
    for at in product(*map(range, map(int, sizes))) if written else [slots]:
        place = dict(zip(slots, at, strict=True))
        sides = (at_places(spelled_out(side), place) for side in (laid, expected))
        assert is_zero(normal(next(sides)) - normal(next(sides))), f"{element} became {laid}"


@pytest.mark.parametrize("name", MODELS)
def test_what_a_proof_shows_stays_equal(name):
    proof = proof_of(name)
    shown = [proof.entropy_sum, proof.elbo, *proof.field.values()]
    shown += [t.entropy for t in proof.terms if t.entropy is not None]
    for value in shown:
        assert_equal(value)


@pytest.mark.parametrize("name", sorted(WITH_GRADIENTS))
def test_stationarity_conditions_stay_equal(name):
    for gradient in proof_of(name).stationarity.values():
        assert_equal(gradient)


D = Symbol("D", integer=True, positive=True)
T = Symbol("T", integer=True, positive=True)
i, j = sp.symbols("_1 _2", integer=True, nonnegative=True)
a, b = IndexedBase(Symbol("a", positive=True)), IndexedBase(Symbol("b", real=True))
s, t = sp.symbols("s t", positive=True)


def over(body, index=i, size=D):
    return Sum(body, (index, 0, size - 1))


@pytest.mark.parametrize(
    "expr",
    [
        over(sp.log(a[i])) / 2 + D * sp.log(2 * sp.pi) / 2,
        over(sp.log(a[i])) / 2 + D * sp.log(2 * sp.pi),
        over(sp.log(a[i])) / 2 - D * sp.log(2 * sp.pi) / 2,
        over(sp.log(a[i])) / 2 + T * sp.log(2 * sp.pi) / 2,
        (1 - T) * sp.log(2 * sp.pi * s) / 2 - T / 2 + Integer(1) / 2,
        T * sp.log(2 * sp.pi * s) / 2 - D * sp.log(2 * sp.pi * sp.E) / 2 - T / 2,
        over(b[i]) * over(b[i]),
        over(b[i]) ** 2 + over(b[i] ** 2),
        over(over(b[i] * b[j], j)),
        over(b[i] * over(b[j], j)) - over(b[j], j) ** 2 + over(b[i]),
        sp.exp(s) * sp.exp(-2 * s) / (1 + sp.exp(s)),
        s * sp.exp(s * sp.log(t)) + sp.exp(s * sp.log(t) - s * sp.log(s)),
        (s - t) ** 2 / (t - s) + (s - t) ** 3,
        (s + 1) * sp.digamma(s) - (s + 1) * sp.digamma(t) + sp.digamma(s + 1),
        -s * sp.log((1 - s) / s),
        sp.Abs(b[0] - b[1]) / (b[1] - b[0]),
        over(sp.exp(b[i] - b[0]) * b[i]) / over(sp.exp(b[i])),
    ],
)
def test_layout_keeps_the_value(expr):
    assert_equal(expr)


def test_constants_go_where_they_belong():
    laid = arranged(over(sp.log(a[i])) / 2 + D * sp.log(2 * sp.pi * sp.E) / 2)
    (inner,) = laid.atoms(sp.log)
    assert inner.args[0].has(sp.pi, sp.E)
    untouched = arranged(over(sp.log(a[i])) / 2 + T * sp.log(2 * sp.pi * sp.E) / 2)
    assert len(untouched.atoms(sp.log)) == 2


def test_a_log_det_takes_its_constants():
    matrix = sp.Lambda((i, j), IndexedBase(Symbol("S", symmetric=True))[i, j])
    laid = arranged(LogDet(matrix, D) / 2 + D * sp.log(2 * sp.pi) / 2)
    (found,) = laid.atoms(LogDet)
    assert found.matrix.expr.has(sp.pi)
    assert not laid.has(sp.log)


def test_index_names():
    assert index_for(D, set()).name == "d"
    assert index_for(D, {"d"}).name == "i"
    assert index_for(D, set(), {"d"}).name == "d'"
    assert index_for(D - 1, set()).name == "d"
    assert index_for(Symbol("n"), set()).name == "i"
    assert index_for(Symbol("J_f"), set()).name == "j"
    assert index_for(Integer(3), set()).name == "i"


def test_equal_sums_get_equal_indices_whenever_they_are_laid_out():
    """So that what is known of them is known again."""
    i, j = sp.symbols("i j", integer=True)
    x, n = IndexedBase("x"), Symbol("n", integer=True, positive=True)
    nested = Sum(x[i] * Sum(x[j], (j, 0, n - 1)), (i, 0, n - 1))
    first = _apart(nested)
    _apart.cache_clear()
    assert _apart(nested) == first == _apart(nested.xreplace({i: j, j: i}))
