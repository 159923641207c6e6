"""Entropies of q: derived from log q and its moments, against `identity` and against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy import stats
from sympy import IndexedBase, Symbol

import entropy_proofs as ep
from entropy_proofs.expectation.entropy import entropy
from entropy_proofs.families.spaces import BINARY, POSITIVE, REAL, SIMPLEX, UNIT_INTERVAL, Category
from entropy_proofs.model.declarations import Variable
from entropy_proofs.q.choice import FAMILIES
from entropy_proofs.q.dirichlet import BetaFactor, DirichletFactor
from entropy_proofs.q.discrete import BernoulliFactor, CategoricalFactor
from entropy_proofs.q.gamma import GammaFactor, InverseGammaFactor
from entropy_proofs.q.gaussian import FullNormalFactor, LogNormalFactor, NormalFactor

K = Symbol("K", integer=True, positive=True)
SCALE = np.array([[1.3, 0, 0], [0.4, 0.7, 0], [-0.2, 0.9, 2.1]])
ALPHA = np.array([0.7, 2.5, 1.9])
P = np.array([0.2, 0.5, 0.3])

# family, support, shape, arrays, SciPy's distribution of these arrays
CASES = {
    NormalFactor: (REAL, (), {"mean": 0.3, "deviation": 1.7}, stats.norm(0.3, 1.7)),
    LogNormalFactor: (
        POSITIVE, (), {"mean": 0.3, "deviation": 0.8}, stats.lognorm(0.8, scale=np.exp(0.3)),
    ),
    FullNormalFactor: (
        REAL, (K,), {"mean": np.zeros(3), "scale": SCALE},
        stats.multivariate_normal(np.zeros(3), SCALE @ SCALE.T),
    ),
    GammaFactor: (POSITIVE, (), {"shape": 2.2, "rate": 0.6}, stats.gamma(2.2, scale=1 / 0.6)),
    InverseGammaFactor: (
        POSITIVE, (), {"shape": 2.2, "scale": 0.6}, stats.invgamma(2.2, scale=0.6),
    ),
    BetaFactor: (UNIT_INTERVAL, (), {"alpha": 0.8, "beta": 2.3}, stats.beta(0.8, 2.3)),
    DirichletFactor: (SIMPLEX, (K,), {"concentration": ALPHA},
                      stats.dirichlet(ALPHA)),
    BernoulliFactor: (BINARY, (), {"probability": 0.3}, stats.bernoulli(0.3)),
    CategoricalFactor: (Category(K), (), {"probabilities": P},
                        stats.multinomial(1, P)),
}  # fmt: skip


def q_of(family, copies=()):
    support, shape, *_ = CASES[family]
    label = support.symbol("z", shape)
    return family(Variable("z", label, (*copies, *shape), False, support))


def put_in(expr, q, arrays, leading=()):
    """The arrays' numbers in place of q's elements."""
    values = {}
    for suffix, array in arrays.items():
        label = q.label(suffix)
        for at in np.ndindex(np.shape(array)):
            key = IndexedBase(label)[(*leading, *at)] if leading or at else label
            values[key] = np.asarray(array)[at]
    return float(expr.subs(K, 3).doit().xreplace(values))


def test_every_family_is_tried():
    assert set(CASES) == set(FAMILIES)


@pytest.mark.parametrize("family", CASES, ids=lambda f: f.__name__)
def test_entropies_are_scipys(family):
    q, (*_, arrays, oracle) = q_of(family), CASES[family]
    assert put_in(entropy(q), q, arrays) == pytest.approx(float(oracle.entropy()), rel=1e-12)


@pytest.mark.parametrize(
    "family", [f for f in CASES if f is not FullNormalFactor], ids=lambda f: f.__name__
)
def test_copies_add_up(family):
    q, one = q_of(family, (sp.Integer(2),)), CASES[family][2]
    total = entropy(q).subs(K, 3).doit()
    for n in (0, 1):
        values = {
            IndexedBase(q.label(s))[(n, *at)]: np.asarray(a)[at]
            for s, a in one.items()
            for at in np.ndindex(np.shape(a))
        }
        total = total.xreplace(values)
    single = q_of(family)
    assert float(total) == pytest.approx(2 * put_in(entropy(single), single, one), rel=1e-12)


# what `identity` finds by moving q's arrays
@pytest.mark.parametrize(
    "family",
    [GammaFactor, InverseGammaFactor, BetaFactor, BernoulliFactor, NormalFactor, LogNormalFactor],
    ids=lambda f: f.__name__,
)
def test_identity_derives_the_same(family):
    q, arrays = q_of(family), CASES[family][2]
    z, labels = q.variable.label, {s: q.label(s) for s in q.domains}
    density = {
        NormalFactor: lambda: ep.Normal(mean=labels["mean"], variance=labels["deviation"] ** 2)
        .log_density(z),
        LogNormalFactor: lambda: ep.Normal(
            mean=labels["mean"], variance=labels["deviation"] ** 2
        ).log_density(sp.log(z)) - sp.log(z),
    }.get(family, lambda: q.log_density(()))()  # fmt: skip
    found = ep.identity(density, z, list(labels.values()))
    assert not found.is_pseudo
    derived = put_in(found.entropy, q, arrays)
    assert derived == pytest.approx(put_in(entropy(q), q, arrays), rel=1e-13)


def test_identity_derives_dirichlets_too():
    q, arrays = q_of(DirichletFactor), CASES[DirichletFactor][2]
    found = ep.identity(q.log_density(()), IndexedBase(q.variable.label),
                        [IndexedBase(q.label("concentration"))])  # fmt: skip
    derived = put_in(found.entropy, q, arrays)
    assert derived == pytest.approx(put_in(entropy(q), q, arrays), rel=1e-13)


def test_derived_formulas_are_short():
    z = {s: q_of(GammaFactor).label(s) for s in ("shape", "rate")}
    a, b = z["shape"], z["rate"]
    expected = a - sp.log(b) + sp.loggamma(a) + (1 - a) * sp.digamma(a)
    assert entropy(q_of(GammaFactor)) == expected
    deviation = q_of(NormalFactor).label("deviation")
    assert str(entropy(q_of(NormalFactor))) == f"log({deviation}) + log(2*E*pi)/2"
