"""Proofs of models that are not in the catalogue, against derivations by hand and by numbers."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from handmade import BUILDERS
from oracle.numbers import Numbers, gap, labels_of

import entropy_proofs as ep
from entropy_proofs import Model, Normal, Poisson, exp
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.families.spaces import POSITIVE_DEFINITE
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.proving.proof import _prove

SIZES = dict.fromkeys("DHKNT", 3)
EACH = pytest.mark.parametrize("builder", BUILDERS, ids=lambda b: b.__name__)


@cache
def proved(builder):
    model, expected = builder()
    return ep.prove(model), expected


def numbers(model, seed: int = 0) -> Numbers:
    at = Numbers(model, seed, **SIZES)
    if "n" in model.parameters:  # trials
        at.set(model.parameters["n"], 5)
    return at


@EACH
def test_the_verdict(builder):
    proof, expected = proved(builder)
    assert str(proof.verdict) == expected.verdict
    assert {t.variable for t in proof.terms if not t.holds} == set(expected.stays)
    assert {t.variable for t in proof.terms if t.is_pseudo} == set(expected.pseudo)
    for t in proof.terms:
        assert t.holds or t.reason


@EACH
def test_the_entropies_are_those_found_by_hand(builder):
    proof, expected = proved(builder)
    by_name = {t.variable: t for t in proof.terms}
    for seed in range(3):
        at = numbers(proof.model, seed)
        for name, formula in expected.entropies.items():
            found, right = at.evaluated(by_name[name].entropy), float(formula(at))
            if name in expected.pseudo:  # log h is known up to a constant of the known constants
                continue
            np.testing.assert_allclose(float(found), right, rtol=1e-9)


@EACH
def test_the_pseudo_entropies_are_those_found_by_hand(builder):
    """Up to what may be shifted between H and log h: a function of known constants."""
    proof, expected = proved(builder)
    by_name = {t.variable: t for t in proof.terms}
    for name in expected.pseudo:
        shifts = []
        for seed in range(3):
            at = numbers(proof.model, seed)
            fixed = numbers(proof.model, 0)
            for p in proof.model.parameters.values():
                if p.fixed:
                    at.set(p, fixed[p.name])
            shifts.append(
                float(at.evaluated(by_name[name].entropy)) - float(expected.entropies[name](at))
            )
        np.testing.assert_allclose(shifts, shifts[0], atol=1e-9)


@EACH
def test_the_field_is_the_one_found_by_hand(builder):
    proof, expected = proved(builder)
    labels = {label.name: key for key, label in labels_of(proof.model).items()}
    at = numbers(proof.model)
    for name, formula in expected.fields.items():
        found = at.evaluated(proof.field[labels[name]])
        np.testing.assert_allclose(np.asarray(found, dtype=float), formula(at), rtol=1e-9)
    flows = {labels_of(proof.model)[k].name: v / k for k, v in proof.latent_flow.items()}
    for name, rate in expected.flows.items():
        np.testing.assert_allclose(np.asarray(at.evaluated(flows[name]), dtype=float), rate)


@EACH
def test_the_gap_is_the_derivative_along_the_field(builder):
    """F - S = v . grad F at any point, by numerical differentiation of the log densities."""
    proof, _ = proved(builder)
    with mp.workdps(30):
        for seed in range(2):
            left, slope = gap(proof, numbers(proof.model, seed))
            assert abs(left - slope) < mp.mpf(10) ** -12 * (1 + abs(left))


@EACH
def test_the_elbo_and_the_sum_add_up(builder):
    """elbo and entropy_sum, as shown, are the totals of log densities and of entropies."""
    proof, _ = proved(builder)
    at = numbers(proof.model)
    total = sum(float(at.total(t.variable)) for t in proof.terms)
    np.testing.assert_allclose(float(at.evaluated(proof.elbo)), total, rtol=1e-9)
    right = 0.0
    for t in proof.terms:
        if t.holds:
            right += float(at.evaluated(t.log_base_measure) - at.evaluated(t.entropy))
        else:
            right += float(at.total(t.variable))
    np.testing.assert_allclose(float(at.evaluated(proof.entropy_sum)), right, rtol=1e-9)


@EACH
def test_the_stationarity_conditions_are_the_gradient(builder):
    """Each parameter's condition, against the numerical derivative of the log density."""
    proof, _ = proved(builder)
    model = proof.model
    at = numbers(model)
    with mp.workdps(30):
        for record in model.learned().values():
            found = np.asarray(at.evaluated(proof.stationarity[record.value]), dtype=object)
            place = tuple(n - 1 for n in found.shape)
            unit = np.zeros(found.shape, dtype=object)
            unit[place] = mp.mpf(1)
            if record.domain == POSITIVE_DEFINITE:
                unit[(*place[:-2], 0, 0)] = unit[place] = mp.mpf(1)

            def moved(t, unit=unit, label=record.label):
                shifted = at.moved({label: unit}, t)
                return mp.fsum(shifted.total(x.variable) for x in proof.terms)

            expected = (found * unit).sum() if found.shape else found[()]
            assert abs(mp.diff(moved, 0) - expected) < mp.mpf(10) ** -10 * (1 + abs(expected)), (
                record
            )


# what a proof says ---------------------------------------------------------------------------------------
def test_that_a_formula_is_a_density_for_all_parameters_is_assumed():
    """Numbers near one do not show that exp((s / 1000)^40) is no factor of it."""
    for off in (0, lambda s: (s / 1000) ** 40):
        model = ep.Model("a formula")
        n = model.dims("N")
        s = model.parameter("s", domain="positive")
        more = off(s) if callable(off) else off
        model.observed("x", ep.Density(lambda x, s=s, more=more: -abs(x) / s - ep.log(2 * s) + more), n)  # fmt: skip
        model.observed("y", ep.Laplace(mean=0, scale=s), n)
        said = "the density of x integrates to one for all parameters and sizes"
        assert said in ep.prove(model).assumptions
    assert not any("integrates" in a for a in ep.prove("laplace_mixture").assumptions)


def test_that_a_formula_is_a_density_is_assumed_for_all_parents():
    model = ep.Model("a regression and a walk")
    n, T = model.dims("N", "T")
    s = model.parameter("s", domain="positive")

    def laplace(mean):
        return ep.Density(lambda x: -abs(x - mean) / s - ep.log(2 * s))

    z = model.latent("z", ep.Normal(mean=0, variance=1), n)
    model.observed("y", laplace(0), n)
    model.observed("x", laplace(z), n)
    model.chain("w", initial=laplace(0), transition=laplace, length=T, observed=True)
    said = [a for a in ep.prove(model).assumptions if "integrates to one" in a]
    about = [a.removeprefix("the density of ").split(" integrates")[0] for a in said]
    assert about == ["y, w[0]", "x given z", "w[t] given w"]


def test_assumptions_name_the_flow_only_where_there_is_one():
    for builder in BUILDERS:
        proof, _ = proved(builder)
        text = " ".join(proof.assumptions)
        for latent in proof.latent_flow:
            assert labels_of(proof.model)[latent].name in text
        assert ("flow" in text) == bool(proof.latent_flow)


def test_expectations_hold_what_is_random():
    """Entropies of parameters stand outside E_q, functions of latents inside."""
    for builder in BUILDERS:
        proof, _ = proved(builder)
        data = proof.data_labels
        for part in sp.Add.make_args(proof.entropy_sum):
            bare = part.replace(lambda e: isinstance(e, Expectation), lambda e: sp.Integer(1))
            latents = {v.label for v in proof.model.latents()}
            assert not (bare.atoms(sp.Symbol) & data) - latents, part


def test_the_same_model_with_other_names_and_orders():
    """Nothing is recognised by a name, a dim's name or the order of declarations."""

    def build(names: str, late: bool):
        m = Model("m")
        d, h, w, s, z, x = names.split()
        D, H = (m.dims(d, h)) if not late else reversed(m.dims(h, d))
        sigma = m.parameter(s, domain="positive") if late else None
        W = m.parameter(w, D, H)
        sigma = sigma if late else m.parameter(s, domain="positive")
        latent = m.latent(z, Normal(mean=0, variance=1), H)
        m.observed(x, Normal(mean=W @ latent, variance=sigma), D)
        return ep.prove(m)

    plain, other = build("D H W s z x", False), build("a zz q r l b", True)
    assert plain.verdict is other.verdict is ep.Verdict.PROVED
    renamed = dict(
        zip(["a", "zz", "q", "r", "l", "b"], ["D", "H", "W", "s", "z", "x"], strict=True)
    )
    swap = {s: sp.Symbol(renamed[s.name], **s.assumptions0) for s in other.entropy_sum.atoms(sp.Symbol)
            if s.name in renamed}  # fmt: skip
    assert other.entropy_sum.xreplace(swap) == plain.entropy_sum


def test_a_proof_is_the_same_twice():
    for builder in BUILDERS[:6]:
        first, second = (Proofs().get(builder()[0], _prove) for _ in range(2))
        assert second is not first
        assert str(first.entropy_sum) == str(second.entropy_sum)
        assert str(first.field) == str(second.field)


@pytest.mark.parametrize("copies", [1, 2, 5])
def test_plates_multiply_an_entropy(copies):
    """Several plates of one conditional: same identity, entropies multiplied by the plates."""
    m = Model("m")
    sizes = [m.dims(f"N{k}") for k in range(copies)]
    r = m.parameter("r", domain="positive")
    m.observed("x", Poisson(rate=exp(r)), *sizes)
    proof = ep.prove(m)
    assert proof.verdict is ep.Verdict.PROVED
    single = sp.exp(r) - r * sp.exp(r)
    assert sp.simplify(proof.terms[0].entropy - sp.Mul(*sizes) * single) == 0


@pytest.mark.parametrize(
    ("mean", "named"),
    [
        (sp.airyai, "the kernel's language has no airyai"),
        (lambda w: sp.Piecewise((w, w > 0)), "a Piecewise that does not cover all cases"),
    ],
    ids=["airyai", "no last case"],
)
def test_what_the_kernel_cannot_say_is_left_open(mean, named):
    m = Model("beyond the kernel's language")
    w, s = m.parameter("w"), m.parameter("s", domain="positive")
    m.observed("x", Normal(mean=mean(w), variance=s))
    proof = ep.prove(m)
    assert proof.verdict is ep.Verdict.UNDECIDED
    assert proof.terms[0].reason.startswith(named)
    assert proof.certificate is None


# jumps --------------------------------------------------------------------------------------------
def two_pieces(log_height=lambda scale: 0):
    """Exponentials to both sides of a learned location; with 0 as high at it from either."""
    m = Model("two pieces")
    mu = m.parameter("mu")
    a, b = m.parameter("a", domain="positive"), m.parameter("b", domain="positive")
    total = a * sp.exp(log_height(a)) + b * sp.exp(log_height(b))

    def log_p(x):
        left, right = (x - mu) / a + log_height(a), (mu - x) / b + log_height(b)
        return sp.Piecewise((left, x < mu), (right, True)) - sp.log(total)

    m.observed("x", ep.Density(log_p))
    return m, mu


def test_what_kinks_at_a_parameter_has_its_condition():
    model, mu = two_pieces()
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert "mu" not in proof.field
    inside = proof.stationarity[mu].args[0]
    for x, slope in ((0, -sp.Rational(1, 2)), (2, sp.Rational(1, 3))):
        values = {"mu": 1, "a": 2, "b": 3, "x": x}
        assert inside.subs({s: values[s.name] for s in inside.free_symbols}) == slope
    assert "dELBO/dmu = E[" in ep.codegen(proof)


def test_what_jumps_at_a_parameter_has_no_condition():
    """Its derivative almost everywhere, that of the two sides, lacks what their difference adds."""
    model, mu = two_pieces(lambda scale: -sp.log(scale))
    model.claim("optimum", mu, 0)
    proof = ep.prove(model)
    assert {p.name for p in proof.stationarity} == {"a", "b"}
    assert [c.verdict for c in proof.claims] == [ep.Verdict.UNDECIDED]
    assert "dELBO/dmu = " not in ep.codegen(proof)
    assert "log p may jump as they move: mu." in proof.report()


def test_that_a_formula_for_q_is_a_density_is_assumed():
    model = ep.Model("a Laplace q")
    z = model.latent("z", ep.Normal(mean=0, variance=model.parameter("s", domain="positive")))
    model.observed("x", ep.Normal(mean=z, variance=1))
    v = model.variational("v", domain="positive")
    model.q(z, ep.Density(lambda z: -abs(z) / v - ep.log(2 * v)))
    said = "the density of q of z integrates to one for all parameters and sizes"
    assert said in ep.prove(model).assumptions
