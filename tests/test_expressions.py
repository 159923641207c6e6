"""The results' expressions are ordinary SymPy: symbols, sizes, derivatives, source, numbers."""

from __future__ import annotations

import doctest
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count

import numpy as np
import pytest
import sympy as sp
from catalogue.spread import MODELS
from sympy import Expr, Indexed

import entropy_proofs as ep
from entropy_proofs import Model, Normal, expressions
from entropy_proofs.expressions import Array, DataAverage, Expectation, VariationalEntropy
from entropy_proofs.families.spaces import POSITIVE_DEFINITE, SIMPLEX, UNIT_INTERVAL

NAMES = {**vars(sp), **{name: getattr(expressions, name) for name in expressions.__all__}}


@cache
def proof_of(name: str):
    return ep.prove(ep.load(name))


def results(proof) -> Iterator[Expr]:
    """Every expression that a proof hands out."""
    yield from (proof.elbo, proof.entropy_sum)
    yield from proof.stationarity.values()
    yield from (*proof.field.items(), *proof.latent_flow.items())
    for term in proof.terms:
        yield from (() if term.entropy is None else (term.entropy, term.log_base_measure))
        yield from term.field.values()
    for judged in proof.claims:
        stated = judged.claim.expression
        yield from stated.values() if isinstance(stated, Mapping) else sp.flatten([stated])
    if proof.objective is not None:
        yield proof.objective.expression
        yield from proof.objective.eliminated.values()


def expressions_of(proof) -> list[Expr]:
    found = (e for made in results(proof) for e in (made if isinstance(made, tuple) else (made,)))
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("name", MODELS)
def test_results_are_ordinary_expressions(name):
    proof = proof_of(name)
    model = proof.model
    sizes = model.dims_.values()
    declared = {*sizes, *(p.label for p in model.parameters.values())}
    declared |= {v.label for v in model.variables.values()}
    at = dict(zip(sizes, count(2), strict=False))
    for expr in expressions_of(proof):
        free = {s for s in expr.free_symbols if not isinstance(s, Indexed)}
        elements = expr.free_symbols - free
        assert free <= declared, f"{expr} has the symbols {free - declared}"
        for element in elements:  # SymPy counts x[0] beside x
            assert {s for s in element.free_symbols if s.is_Symbol} <= declared
        assert eval(sp.srepr(expr), dict(NAMES)) == expr
        assert not expr.subs(at).free_symbols & set(sizes)
        if not expr.has(Array):
            shown = (s.name for s in expr.atoms(sp.Symbol) - declared)
            assert all(name.isidentifier() and name[0] != "_" for name in shown if "." not in name)
        if not model.latents():
            assert all(isinstance(e, DataAverage) for e in expr.atoms(Expectation))


def drawn(model: Model, points: int, samples: int) -> tuple[dict, dict, dict]:
    """Sizes, parameters and, by data point and sample, values of the variables."""
    rng = np.random.default_rng(1)
    sizes = dict(zip(model.dims_.values(), count(2), strict=False))

    def shape(what) -> tuple[int, ...]:
        return tuple(int(sp.sympify(n).subs(sizes)) for n in what.shape)

    parameters = {}
    for p in model.parameters.values():
        value = rng.uniform(0.5, 1.5, shape(p))
        if p.domain == SIMPLEX:
            value = value / value.sum(-1, keepdims=True)
        elif p.domain == UNIT_INTERVAL:
            value = value / 2
        elif p.domain == POSITIVE_DEFINITE:
            value = value @ np.swapaxes(value, -1, -2) + np.eye(value.shape[-1])
        parameters[p.label] = value
    variables = {}
    for v in model.variables.values():
        whole = (points, 1 if v.observed else samples, *shape(v))
        if v.support.discrete:
            most = int(sp.sympify(v.support.bounds[0]).subs(sizes)) if v.support.bounds else 2
            variables[v.label] = rng.integers(0, most, whole)
        else:
            variables[v.label] = rng.uniform(0.5, 1.5, whole)
    return sizes, parameters, variables


def averages(expr: Expr, points: int, samples: int, sizes, parameters, variables) -> dict:
    """The value of every expectation, by `lambdify` of what is inside."""
    known = {**sizes, **parameters}
    found = {}
    for e in expr.atoms(Expectation):
        inside = sp.lambdify([*known, *variables], e.args[0])
        total = 0.0
        for n in range(points):
            for s in range(samples):
                at = (x[n, s if x.shape[1] > 1 else 0] for x in variables.values())
                total += inside(*known.values(), *at)
        found[e] = total / (points * samples)
    return found


@pytest.mark.parametrize(
    "name",
    [
        "ppca",
        "factor_analysis_learned_prior",
        "gaussian_mixture",
        "gaussian_mixture_tied",
        "poisson_mixture",
        "hmm_gaussian",
        "sparse_coding",
        "sigmoid_belief_network",
        "gamma_poisson",
        "linear_regression",
        "weibull_distribution",
    ],
)
@pytest.mark.parametrize("which", ["entropy_sum", "elbo"])
def test_lambdified_sums_agree_with_compiled_ones(name, which):
    proof, points, samples = proof_of(name), 3, 2
    expr = getattr(proof, which)
    sizes, parameters, variables = drawn(proof.model, points, samples)
    means = averages(expr, points, samples, sizes, parameters, variables)
    means |= dict.fromkeys(expr.atoms(VariationalEntropy), 0.0)  # which samples don't show
    function = sp.lambdify([*sizes, *parameters, *means], expr)
    value = function(*sizes.values(), *parameters.values(), *means.values())
    observed = {v.label for v in proof.model.variables.values() if v.observed}
    arrays = {s.name: x[:, 0] if s in observed else x for s, x in variables.items()}
    arrays |= {s.name: x for s, x in parameters.items()}
    given = {n: a for n, a in arrays.items() if n in ep.compile(proof).arguments}
    compiled = getattr(ep.compile(proof), which)(given)
    assert np.isclose(value, compiled, rtol=1e-10)


@pytest.mark.parametrize("name", ["ppca", "gaussian_mixture", "poisson_mixture", "vae_1"])
def test_the_elbo_differentiates_to_its_stationarity_conditions(name):
    proof = proof_of(name)
    at = dict.fromkeys(proof.model.dims_.values(), 2)
    elbo = proof.elbo.subs(at).doit()
    for p in proof.model.learned().values():
        if p.domain in {SIMPLEX, POSITIVE_DEFINITE}:  # they move in some of the directions
            continue
        place = (1,) * len(p.shape)
        derived = proof.stationarity[p.value].subs(at).doit()
        derived = derived[place] if place else derived
        by_hand = elbo.diff(p.value[place] if place else p.label)
        difference = symmetric(averaged(by_hand.doit()) - averaged(derived))
        assert sp.expand(sp.numer(sp.together(difference))) == 0


def averaged(expr: Expr) -> Expr:
    """What a sum of expectations is the expectation of."""
    parts = (part.as_independent(Expectation) for part in sp.Add.make_args(sp.expand(expr)))
    return sp.Add(*(weight * e.args[0] for weight, e in parts))


def symmetric(expr: Expr) -> Expr:
    """With one name for the elements (i, j) and (j, i) of what is symmetric."""
    return expr.replace(
        lambda e: isinstance(e, Indexed) and e.base.label.assumptions0.get("symmetric"),
        lambda e: e.base[(*e.indices[:-2], *sorted(e.indices[-2:], key=str))],
    )


def test_substitution_reaches_no_bound_index():
    proof = proof_of("gaussian_mixture")
    (inside,) = (e.args[0] for e in proof.entropy_sum.atoms(Expectation))
    (i1,) = (s for s in inside.atoms(sp.Symbol) if s.name == "i1")
    assert inside.subs(i1, 0) == inside
    assert proof.entropy_sum.subs(i1, 0) == proof.entropy_sum


def test_a_result_can_be_claimed():
    proof = proof_of("gaussian_mixture")
    model = ep.load("gaussian_mixture")
    model.claims.clear()
    (h,) = proof.entropy_sum.atoms(VariationalEntropy)
    model.claim("entropy sum", proof.entropy_sum.subs(h, 0))
    model.claim("field", proof.field)
    for parameter, optimum in proof.objective.eliminated.items():
        model.claim("optimum", parameter, optimum)
    verdicts = [judged.verdict for judged in ep.prove(model).claims]
    assert len(verdicts) == 4
    assert set(verdicts) == {ep.Verdict.PROVED}


def test_names_of_bound_indices_are_apart_from_the_users():
    model = Model("d is a parameter")
    D = model.dims("D")
    d = model.parameter("d", D, domain="positive")
    model.observed("x", Normal(mean=0, variance=d), D)
    (total,) = ep.prove(model).entropy_sum.atoms(sp.Sum)
    assert str(total) == "Sum(log(d[i]), (i, 0, D - 1))"
    user = sp.Symbol("i", integer=True, nonnegative=True)
    assert total.subs(user, 3) == total


def test_the_examples_of_the_module_run():
    assert doctest.testmod(expressions).attempted > 5
    assert doctest.testmod(expressions).failed == 0


@pytest.mark.parametrize("name", ["ppca", "hmm_gaussian", "gaussian_mixture", "vae_3"])
def test_the_lines_of_a_derivation_hold_no_internal_index(name):
    for step in proof_of(name).steps:
        assert not set("#~^") & set(sp.srepr(step.right)), step.text
