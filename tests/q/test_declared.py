"""A declared q: what may be declared, which flows it has, its entropy, its code, its fits."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp
from scipy import stats

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    E,
    Gamma,
    Laplace,
    LogNormal,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    StudentT,
    Verdict,
    exp,
    pi,
    sigmoid,
    softplus,
    tanh,
)
from entropy_proofs.evaluate.batch import AnalyticBatch
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.expressions import VariationalEntropy


def ppca(prior_mean=0):
    """p-PCA with a fixed prior, whose proof needs the flow of z; and z, x, H."""
    model = Model("p-PCA")
    D, H = model.dims("D", "H")
    W, s2 = model.parameter("W", D, H), model.parameter("s2", domain="positive")
    mu = model.parameter("mu", D)
    z = model.latent("z", Normal(mean=prior_mean, variance=1), H)
    x = model.observed("x", Normal(mean=W @ z + mu, variance=s2), D)
    return model, z, x, H


def positive(model, name, *shape):
    return model.variational(name, *shape, domain="positive")


def encoder(model, name, x, H, **options):
    return model.network(name, x, H, variational=True, **options)


# which flows a family has -------------------------------------------------------------------------
HAS = {
    "free": lambda M, x, H: Normal(mean=M.variational("m", H), variance=positive(M, "v", H)),
    "one variance": lambda M, x, H: Normal(mean=M.variational("m", H), variance=positive(M, "v")),
    "mean zero": lambda M, x, H: Normal(mean=0, variance=positive(M, "v", H)),
    "log variance": lambda M, x, H: Normal(
        mean=M.variational("m", H), variance=exp(M.variational("l", H))
    ),
    "deviation": lambda M, x, H: Normal(
        mean=M.variational("m", H), variance=positive(M, "s", H) ** 2
    ),
    "tied mean and deviation": lambda M, x, H: (lambda s: Normal(mean=s, variance=s**2))(
        positive(M, "s", H)
    ),
    "full": lambda M, x, H: MultivariateNormal(
        mean=M.variational("m", H),
        covariance=M.variational("S", H, H, domain="positive definite"),
    ),
    "linear in data": lambda M, x, H: Normal(
        mean=M.variational("A", H, x.shape[0]) @ x, variance=positive(M, "v", H)
    ),
    "amortised": lambda M, x, H: Normal(
        mean=encoder(M, "enc", x, H), variance=exp(encoder(M, "lv", x, H))
    ),
    "Laplace": lambda M, x, H: Laplace(mean=M.variational("m", H), scale=positive(M, "b", H)),
    "Student": lambda M, x, H: StudentT(
        mean=M.variational("m", H), scale2=positive(M, "v", H), degrees_of_freedom=4
    ),
    "variance above one": lambda M, x, H: Normal(
        mean=M.variational("m", H), variance=1 + positive(M, "v", H)
    ),
    "softplus": lambda M, x, H: Normal(
        mean=M.variational("m", H), variance=softplus(M.variational("l", H)) ** 2
    ),
    "bounded": lambda M, x, H: Normal(
        mean=tanh(M.variational("m", H)), variance=sigmoid(M.variational("l", H))
    ),
}
LACKS = {
    "known variance": lambda M, x, H: Normal(mean=M.variational("m", H), variance=1),
    "known mean": lambda M, x, H: Normal(mean=1, variance=positive(M, "v", H)),
    "tied mean and variance": lambda M, x, H: (lambda v: Normal(mean=v, variance=v))(
        positive(M, "v", H)
    ),
    "mean plus data": lambda M, x, H: Normal(
        mean=M.variational("m", H) + x[0], variance=positive(M, "v", H)
    ),
    "frozen last layer": lambda M, x, H: Normal(
        mean=encoder(M, "enc", x, H, fixed=("V",)), variance=exp(encoder(M, "lv", x, H))
    ),
    "frozen bias": lambda M, x, H: Normal(
        mean=encoder(M, "enc", x, H), variance=exp(encoder(M, "lv", x, H, fixed=("b",)))
    ),
    "unspecified map": lambda M, x, H: Normal(
        mean=encoder(M, "enc", x, H), variance=1 / (1 + exp(-encoder(M, "lv", x, H)))
    ),
}


@pytest.mark.parametrize("case", HAS)
def test_a_family_with_the_flow_needs_no_assumption(case):
    model, z, x, H = ppca()
    model.q(z, HAS[case](model, x, H))
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert proof.latent_flow == {z: z / 2}
    assert not [a for a in proof.assumptions if "family contains" in a]
    moved = ", ".join(c.label.name for c in proof.q_direction)
    assert f"the ELBO is stationary with respect to {moved} of q" in proof.assumptions


@pytest.mark.parametrize("case", LACKS)
def test_a_family_without_the_flow_is_not_proved(case):
    """The noise has its own field; the prior stays, with the reason."""
    model, z, x, H = ppca()
    model.q(z, LACKS[case](model, x, H))
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PARTIAL
    assert not proof.latent_flow
    assert not proof.variational_flow
    prior, noise = proof.terms
    assert not prior.holds
    why = "the flow of z that would serve it was not found to be a direction of the declared q"
    assert why in prior.reason
    assert noise.holds
    assert proof.counterexample is None


@pytest.mark.parametrize(
    "case", [c for c in HAS if c not in {"full", "linear in data", "amortised"}]
)
def test_q_moves_along_in_numbers(case):
    """Its density at moved values, under moved parameters, changes by div u alone; that of arrays
    shows in the gap identity of their code."""
    model, z, x, H = ppca()
    model.q(z, HAS[case](model, x, H))
    proof, rng = ep.prove(model), np.random.default_rng(0)
    (term,) = model.variational_.of["z"].terms
    moved = {
        c.label: (c.slots, c.element) for c in proof.q_direction
    }  # parameters along the direction, the latent along z / 2
    element = term.log_density

    def at(expr, step):
        found, indexed = {}, expr.atoms(sp.Indexed)
        for a in indexed | (expr.atoms(sp.Symbol) - {i.base.label for i in indexed}):
            label = a.base.label if isinstance(a, sp.Indexed) else a
            if label == term.value:
                found[a] = a + step * a / 2
            elif label in moved:
                slots, way = moved[label]
                places = a.indices if isinstance(a, sp.Indexed) else ()
                found[a] = a + step * way.xreplace(dict(zip(slots, places, strict=True)))
        return expr.xreplace(found)

    indexed = element.atoms(sp.Indexed)
    scalars = {s for s in element.free_symbols if isinstance(s, sp.Symbol) and not s.is_integer}
    for _ in range(5):
        drawn = sorted(indexed | scalars - {i.base.label for i in indexed}, key=str)
        values = {a: sp.Float(rng.uniform(0.5, 2), 60) for a in drawn}
        step = sp.Float("1e-20", 60)
        after, before = (at(element, way * step).xreplace(values).evalf(60) for way in (1, -1))
        assert abs((after - before) / (2 * step) + sp.Rational(1, 2)) < 1e-20


def test_a_flow_that_shifts_is_asked_of_the_mean():
    """Of a prior N(1, 1) that keeps its scale about its own mean."""
    model, z, _, H = ppca(prior_mean=1)
    model.q(z, Normal(mean=model.variational("m", H), variance=positive(model, "v", H)))
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    m, v = (model.variational_.parameters[n].value for n in "mv")
    assert {str(k): sp.expand(d.at(sp.Symbol("h"))) for k, d in proof.variational_flow.items()} == {
        str(m): sp.expand((m.at(sp.Symbol("h")) - 1) / 2), str(v): v.at(sp.Symbol("h")),
    }  # fmt: skip
    model, z, _, H = ppca(prior_mean=1)
    model.q(z, Normal(mean=0, variance=positive(model, "v", H)))
    assert ep.prove(model).verdict is Verdict.PARTIAL


@pytest.mark.parametrize("shared", [False, True])
def test_what_moves_q_of_one_latent_leaves_that_of_another_alone(shared):
    """z needs the flow, y has none: a mean that both have cannot move."""
    model = Model("two latents")
    D = model.dims("D")
    a, b, s = model.parameter("a", D), *(model.parameter(n, domain="positive") for n in "bs")
    z = model.latent("z", Normal(mean=0, variance=1))
    y = model.latent("y", Normal(mean=0, variance=b))
    model.observed("x", Normal(mean=a * z + y, variance=s), D)
    m, v, w = model.variational("m"), positive(model, "v"), positive(model, "w")
    model.q(z, Normal(mean=m, variance=v))
    model.q(y, Normal(mean=m if shared else model.variational("n"), variance=w))
    assert ep.prove(model).verdict is (Verdict.PARTIAL if shared else Verdict.PROVED)


def test_the_exact_posterior_has_every_flow():
    model, z, _, _ = ppca()
    model.q(z, "posterior")
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert "q of z is the exact posterior, where F is largest" in proof.assumptions
    assert not [a for a in proof.assumptions if "family contains" in a]


def two_views(weight=1):
    """x and y are seen through one W, from one latent; q is the exact posterior."""
    model = Model("two views")
    D, W = model.dims("D"), model.parameter("W")
    z = model.latent("z", Normal(mean=0, variance=1))
    for name in "xy":
        noise = model.parameter(f"{name}_noise", domain="positive")
        seen = model.observed(name, Normal(mean=W * z, variance=noise), D)
    model.q(z, "posterior")
    if weight != 1:
        model.weights({seen: weight})
    return model


def test_the_exact_posterior_has_no_flow_of_a_weighted_bound():
    """At a stationary point of the weighted bound E[z^2] is not 1, so F is not the sum."""
    assert ep.prove(two_views()).verdict is Verdict.PROVED
    proof = ep.prove(two_views(weight=3))
    assert proof.verdict is Verdict.PARTIAL
    assert not proof.latent_flow
    (term,) = [t for t in proof.terms if not t.holds]
    assert (term.variable, term.reason) == (
        "z",
        "q of z is exact, but not where the weighted F is largest",
    )


def test_an_exact_posterior_is_not_taken_for_the_best_q_of_a_weighted_bound():
    x = np.random.default_rng(0).normal(size=(20, 2))
    with pytest.raises(
        ep.InputError, match="q of z is exact, but not where the weighted F is large"
    ):
        ep.VariationalEstimator(two_views(weight=3)).fit(x)


@pytest.mark.parametrize("q_of_y", ["posterior", "free", "any", "apart"])
def test_the_exact_posterior_has_its_flow_where_q_of_all_that_are_linked_is_exact(q_of_y):
    model = Model("two latents")
    W, s, t = model.parameter("W"), *(model.parameter(n, domain="positive") for n in "st")
    z = model.latent("z", Normal(mean=0, variance=1))
    y = model.latent("y", Normal(mean=0, variance=1))
    mean = W * z if q_of_y == "apart" else W * (z + 2 * y)
    model.observed("x", Normal(mean=mean, variance=s))
    model.observed("w", Normal(mean=model.parameter("U") * y, variance=t))
    model.q(z, "posterior")
    if q_of_y == "posterior":
        model.q(y, "posterior")
    elif q_of_y == "free":
        model.q(y, Normal(mean=model.variational("m"), variance=positive(model, "v")))
    proof = ep.prove(model)
    if q_of_y in {"posterior", "apart"}:
        assert proof.verdict is Verdict.PROVED
    else:
        assert proof.verdict is Verdict.PARTIAL
        assert z not in proof.latent_flow
        why = "q of z is exact, but not that of y: together they need not make F largest"
        assert why in {term.reason for term in proof.terms}


@pytest.mark.parametrize("declared", [True, False])
def test_what_holds_for_the_declared_q_is_not_refuted_by_another(declared):
    """b = E[x - W z] is E[x] where E_q[z] = 0, and of no other q."""
    model = Model("q of mean zero")
    W, b, s = model.parameter("W"), model.parameter("b"), model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1))
    x = model.observed("x", Normal(mean=W * z + b, variance=s))
    if declared:
        model.q(z, Normal(mean=0, variance=positive(model, "v")))
    model.claim("optimum", b, x)
    (claim,) = ep.prove(model).claims
    assert claim.verdict is (Verdict.UNDECIDED if declared else Verdict.REFUTED)


# entropies ----------------------------------------------------------------------------------------
def entropy_of(model, **values):
    """H[q] of the sum, at values of q's parameters: each E_q is of one data point."""
    total = ep.prove(model).variational_entropy
    assert not total.atoms(VariationalEntropy)
    inside = total.replace(lambda e: isinstance(e, ep.expressions.Expectation), lambda e: e.args[0])
    return inside, values


@pytest.mark.parametrize(
    ("family", "arguments", "law"),
    [
        (Normal, {"mean": 0.3, "variance": 2.0}, stats.norm(0.3, 2**0.5)),
        (Laplace, {"mean": 0.3, "scale": 2.0}, stats.laplace(0.3, 2)),
        (
            LogNormal,
            {"log_mean": 0.3, "log_variance": 0.5},
            stats.lognorm(0.5**0.5, scale=np.exp(0.3)),
        ),
        (Gamma, {"shape": 2.5, "rate": 3.0}, stats.gamma(2.5, scale=1 / 3)),
    ],
)
def test_entropies_are_closed_form(family, arguments, law):
    model = Model("one latent")
    prior = Gamma(shape=2, rate=1) if law.support()[0] == 0 else Normal(mean=0, variance=1)
    z = model.latent("z", prior)
    model.observed("x", Poisson(rate=z) if law.support()[0] == 0 else Normal(mean=z, variance=1))
    domains = {"mean": "real", "log_mean": "real"}
    given = {
        name: model.variational(f"q{k}", domain=domains.get(name, "positive"))
        for k, name in enumerate(arguments)
    }
    model.q(z, family(**given))
    total, _ = entropy_of(model)
    value = total.doit().subs({given[n]: v for n, v in arguments.items()})
    assert float(value) == pytest.approx(float(law.entropy()), rel=1e-10)


def test_the_sum_has_the_entropies_of_q_in_closed_form():
    model, z, x, H = ppca()
    v = positive(model, "v", H)
    model.q(z, Normal(mean=model.variational("m", H), variance=v))
    D = x.shape[0]
    proof = ep.prove(model)
    plain = ep.prove(ppca()[0]).entropy_sum
    (unknown,) = plain.atoms(VariationalEntropy)
    wanted = H * sp.log(2 * pi * E) / 2 + ep.expressions.Expectation(
        sp.Sum(
            sp.log(sp.IndexedBase(v.args[0].base.label)[sp.Symbol("h")]), (sp.Symbol("h"), 0, H - 1)
        )
        / 2
    )
    difference = proof.entropy_sum - plain.xreplace({unknown: wanted})
    given = {H: 2, D: 3}
    assert sp.simplify(difference.subs(given).doit()) == 0


# declarations that are refused --------------------------------------------------------------------
def test_mistakes_are_named_in_a_line():
    model, z, x, H = ppca()
    m, v = model.variational("m", H), positive(model, "v", H)
    s2, W = model.parameters["s2"].value, model.parameters["W"].value
    y = model.latent("y", Normal(mean=0, variance=1), H)
    wrong = {
        r"z: q depends on s2, a learned parameter of the model": lambda: Normal(
            mean=m, variance=s2
        ),
        r"z: q depends on W, a learned": lambda: Normal(mean=W[0], variance=v),
        r"z: q depends on the latent y": lambda: Normal(mean=y, variance=v),
        r"z: q has the support positive, but its values are real": lambda: Gamma(shape=v, rate=v),
        r"z: variance must be in the domain 'positive', but m is 'real'": lambda: Normal(
            mean=m, variance=m
        ),
        r"z: mean: unknown symbol t": lambda: Normal(mean=sp.Symbol("t"), variance=v),
        r"z: .*shapes.*do not match": lambda: Normal(mean=W[:, 0], variance=v),
        r"z: q is a family or 'posterior', not 'posteriour'": lambda: "posteriour",
        r"z: .* is not a distribution": lambda: 3,
    }
    for message, family in wrong.items():
        with pytest.raises(ep.InputError, match=message):
            model.q(z, family())
        assert "z" not in model.variational_.of
    with pytest.raises(ep.InputError, match="x is observed; q is of latents"):
        model.q(x, Normal(mean=m, variance=v))
    with pytest.raises(ep.InputError, match="is not a latent of this model"):
        model.q(sp.Symbol("nothing"), Normal(mean=m, variance=v))
    with pytest.raises(ep.InputError, match="z: q takes a family, 'posterior', or initial="):
        model.q(z)
    with pytest.raises(ep.InputError, match="enc: q depends on the latent z"):
        model.network("enc", z, H, variational=True)
    with pytest.raises(ep.InputError, match="m: declared twice"):
        model.parameter("m")
    with pytest.raises(
        ep.InputError, match="w: mean: m is a parameter of q, and none of the model"
    ):
        model.observed("w", Normal(mean=m[0], variance=1))
    model.q(z, Normal(mean=m, variance=v))
    with pytest.raises(ep.InputError, match="z: q is declared twice"):
        model.q(z, "posterior")


def test_a_model_with_another_q_is_another_model():
    """Proofs are kept by content; and the page shows q."""
    proofs = []
    for variance in (1, 2):
        model, z, _, H = ppca()
        model.q(z, Normal(mean=model.variational("m", H), variance=sp.Integer(variance)))
        proofs.append(ep.prove(model))
        page = model._repr_html_()
        assert r"q(z_{h})" in page
        assert rf"\mathcal{{N}}(m_{{h}}, {variance})" in page
    assert proofs[0] is not proofs[1]


# code ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("case", ["free", "log variance", "full", "linear in data", "amortised"])
def test_the_gap_identity_is_exact_for_a_declared_q(case):
    model, z, x, H = ppca()
    model.q(z, HAS[case](model, x, H))
    proof, rng = ep.prove(model), np.random.default_rng(0)
    code = ProofCode(proof, batch=AnalyticBatch(proof.model))
    for _ in range(2):
        sizes = random_sizes(proof.model, rng)
        assert code.identity(sizes, random_instance(code, rng, sizes)).residual < 1e-13


def test_the_bound_of_a_free_q_is_that_of_its_arrays():
    """And the best full covariance makes it the log evidence."""
    model, z, x, H = ppca()
    model.q(z, HAS["free"](model, x, H))
    rng, N, D = np.random.default_rng(0), 5, 3
    given = {"W": rng.normal(size=(D, 2)), "s2": 0.7, "mu": rng.normal(size=D)}
    given["x"] = rng.normal(size=(N, D))
    q = {"m": rng.normal(size=(N, 2)), "v": rng.uniform(0.5, 2, size=(N, 2))}
    found = ep.compile(ep.prove(model), expectation="analytic").elbo({**given, **q})
    plain = ep.compile(ep.prove(ppca()[0]), expectation="analytic")
    arrays = {"z.mean": q["m"], "z.deviation": np.sqrt(q["v"])}
    assert found == pytest.approx(plain.elbo({**given, **arrays}), rel=1e-13)
    model, z, x, H = ppca()
    model.q(z, HAS["full"](model, x, H))
    code = ep.compile(ep.prove(model), expectation="analytic")
    best = code.optimal_q(given)
    evidence = stats.multivariate_normal(
        given["mu"], given["W"] @ given["W"].T + 0.7 * np.eye(D)
    ).logpdf(given["x"])
    assert code.elbo({**given, **best}) == pytest.approx(evidence.mean(), rel=1e-12)


def chain_of_states(declare):
    model = Model("hidden Markov")
    K, T = model.dims("K", "T")
    rho, A = (
        model.parameter("rho", K, domain="simplex"),
        model.parameter("A", K, K, domain="simplex"),
    )
    lam = model.parameter("lam", K, domain="positive")
    s = model.chain(
        "s",
        initial=Categorical(probabilities=rho),
        transition=lambda previous: Categorical(probabilities=A[previous]),
        length=T,
    )
    model.observed("x", Poisson(rate=lam[s]), T)
    declare(model, s, K, T)
    return model


def free_markov(model, s, K, T):
    r, R = (
        model.variational(n, *shape, domain="simplex")
        for n, shape in (("r", (K,)), ("R", (T, K, K)))
    )
    model.q(
        s,
        initial=Categorical(probabilities=r),
        transition=lambda previous, t: Categorical(probabilities=R[t, previous]),
    )


def tied_markov(model, s, K, T):
    r, R = (
        model.variational(n, *shape, domain="simplex") for n, shape in (("r", (K,)), ("R", (K, K)))
    )
    model.q(
        s,
        initial=Categorical(probabilities=r),
        transition=lambda previous: Categorical(probabilities=R[previous]),
    )


def one_row_for_all(model, s, K, T):
    """Of an array with a place for every step, the same one at each."""
    r, R = (
        model.variational(n, *shape, domain="simplex")
        for n, shape in (("r", (K,)), ("R", (T, K, K)))
    )
    model.q(
        s,
        initial=Categorical(probabilities=r),
        transition=lambda previous: Categorical(probabilities=R[0, previous]),
    )


def test_a_markov_q_of_states():
    """Its entropy is closed form; where it is free its code takes marginals, else it says so."""
    model = chain_of_states(free_markov)
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert not proof.entropy_sum.atoms(VariationalEntropy)
    code = ep.compile(proof, expectation="analytic")
    rng = np.random.default_rng(0)
    given = {"rho": np.full(2, 0.5), "A": np.array([[0.9, 0.1], [0.2, 0.8]])}
    given |= {"lam": np.array([1.0, 4.0]), "x": rng.poisson(3, (3, 6))}
    exact = ep.compile(
        ep.prove(chain_of_states(lambda m, s, K, T: m.q(s, "posterior"))), expectation="analytic"
    )
    best = code.optimal_q(given)
    assert best.keys() == exact.optimal_q(given).keys() == {"s.probabilities", "s.pairs"}
    assert code.elbo({**given, **best}) == exact.elbo({**given, **exact.optimal_q(given)})
    tied = ep.prove(chain_of_states(tied_markov))
    assert tied.verdict is Verdict.PROVED
    assert not tied.entropy_sum.atoms(VariationalEntropy)
    with pytest.raises(
        ep.InputError,
        match=r"^s: code takes a Markov q of first order that has parameters of its own for every "
        r"step: transition=lambda previous, t: Categorical\(probabilities=R\[t, previous\]\) with "
        r'R = model.variational\("R", T, K, K, domain="simplex"\)$',
    ):
        ep.compile(tied, expectation="analytic")
    with pytest.raises(ep.InputError, match=r"^s: code takes a Markov q of first order"):
        ep.compile(ep.prove(chain_of_states(one_row_for_all)), expectation="analytic")


def gaussian_chain():
    model = Model("autoregressive state")
    T = model.dims("T")
    a, w, s2 = model.parameter("a"), model.parameter("w"), model.parameter("s2", domain="positive")
    z = model.chain(
        "z",
        initial=Normal(mean=0, variance=1),
        transition=lambda previous: Normal(mean=a * previous, variance=1),
        length=T,
    )
    model.observed("x", Normal(mean=w * z, variance=s2), T)
    return model, z, T


def test_a_markov_q_of_numbers_flows_through_its_noise():
    model, z, T = gaussian_chain()
    b, c = model.variational("b", T - 1), model.variational("c", T - 1)
    v, m0, v0 = positive(model, "v", T - 1), model.variational("m0"), positive(model, "v0")
    model.q(
        z,
        initial=Normal(mean=m0, variance=v0),
        transition=lambda previous, t: Normal(
            mean=b[t - 1] * previous + c[t - 1], variance=v[t - 1]
        ),
    )
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert not proof.entropy_sum.atoms(VariationalEntropy)
    moved = {c.label.name for c in proof.q_direction}
    assert moved == {"m0", "v0", "c", "v"}
    rng = np.random.default_rng(0)
    given = {"a": 0.8, "w": 1.5, "s2": 0.6, "x": rng.normal(size=(2, 5))}
    free, exact = ep.compile(proof, expectation="analytic"), gaussian_chain()
    exact[0].q(exact[1], "posterior")
    best = ep.compile(ep.prove(exact[0]), expectation="analytic")
    found = free.elbo({**given, **free.optimal_q(given)})
    assert found == best.elbo({**given, **best.optimal_q(given)})
    model, z, T = gaussian_chain()
    model.q(
        z,
        initial=Normal(mean=model.variational("m0"), variance=positive(model, "v0")),
        transition=lambda previous: Normal(mean=previous, variance=1),
    )
    assert ep.prove(model).verdict is Verdict.PARTIAL


# fits ---------------------------------------------------------------------------------------------
def test_verify_finds_stationary_points_of_what_is_declared():
    model, z, x, H = ppca()
    model.q(z, HAS["free"](model, x, H))
    free = ep.verify(ep.prove(model), "iris", points=2)
    model, z, x, H = ppca()
    model.q(z, "posterior")
    exact = ep.verify(ep.prove(model), "iris", points=2)
    assert free.passed, free.reason
    assert exact.passed, exact.reason


@pytest.mark.parametrize("declare", [free_markov, lambda m, s, K, T: m.q(s, "posterior")])
def test_verify_passes_with_a_structured_q(declare):
    found = ep.verify(ep.prove(chain_of_states(declare)), points=2)
    assert found.passed, found.reason


@pytest.mark.parametrize("case", ["free", "amortised"])
def test_learning_takes_the_declared_q(case):
    from sklearn.datasets import load_iris

    model, z, x, H = ppca()
    model.q(z, HAS[case](model, x, H))
    data = load_iris().data[::3]
    found = ep.VariationalEstimator(model, sizes={"H": 1}, max_iter=60, random_state=0).fit(data)
    assert found.history_["residual"].max() < 1e-12
    assert found.elbo_ > found.history_["elbo"][0]
    names = set(found.parameters_) | set(found.q_)
    assert names >= ({"m", "v"} if case == "free" else {"enc.V", "lv.b"})
    with pytest.raises(ep.InputError, match="q: p-PCA declares it, so 'full' can't be chosen"):
        ep.VariationalEstimator(model, q="full").fit(data)


def test_bits_by_logits():
    """A declared sigmoid of data."""
    model = Model("bits")
    D = model.dims("D")
    w, b = model.parameter("w", D), model.parameter("b", domain="unit interval")
    s = model.latent("s", Bernoulli(probability=b))
    x = model.observed("x", Normal(mean=w * s, variance=1), D)
    model.q(s, Bernoulli(logits=model.variational("l") + x[0]))
    proof, rng = ep.prove(model), np.random.default_rng(0)
    code = ep.compile(proof, expectation="analytic")
    given = {
        "w": rng.normal(size=2),
        "b": 0.3,
        "x": rng.normal(size=(4, 2)),
        "l": rng.normal(size=4),
    }
    p = 1 / (1 + np.exp(-given["l"] - given["x"][:, 0]))
    plain = Model("bits")
    D = plain.dims("D")
    w, b = plain.parameter("w", D), plain.parameter("b", domain="unit interval")
    s = plain.latent("s", Bernoulli(probability=b))
    plain.observed("x", Normal(mean=w * s, variance=1), D)
    arrays = {n: given[n] for n in ("w", "b", "x")} | {"s.probability": p}
    wanted = ep.compile(ep.prove(plain), expectation="analytic").elbo(arrays)
    assert code.elbo(given) == pytest.approx(wanted, rel=1e-13)


@pytest.mark.parametrize("case", ["free", "amortised"])
def test_modules_take_the_declared_q(case):
    """Generated code of its own, against the engine."""
    model, z, x, H = ppca()
    model.q(z, HAS[case](model, x, H))
    proof, rng = ep.prove(model), np.random.default_rng(0)
    source = ep.codegen(proof, backend="numpy", expectation="analytic")
    module: dict = {}
    exec(source, module)
    code = ProofCode(proof, batch=AnalyticBatch(proof.model))
    values = random_instance(code, rng, random_sizes(proof.model, rng))
    given = {name.replace(".", "_"): a for name, a in values.items() if name != "weights"}
    found = ep.compile(proof, expectation="analytic")
    assert module["elbo"](**given) == pytest.approx(found.elbo(values), rel=1e-12)
    assert module["gap"](**given) == pytest.approx(
        module["directional_derivative"](**given), rel=1e-10
    )


def test_reports_say_what_q_is():
    model, z, x, H = ppca()
    model.q(z, HAS["free"](model, x, H))
    text = ep.prove(model).report()
    assert "The variational distribution is declared:" in text
    assert r"q(z_{h}) = \mathcal{N}(m_{h}, v_{h})" in text
