"""The best q: its family, its formula, and whether it is the posterior."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
import sympy as sp
from block_checks import derived

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Categorical, Model, Normal
from entropy_proofs.model import catalogue


def test_the_best_q_of_a_mixture_is_its_responsibilities():
    found = derived("gaussian_mixture")
    (q,) = found.e_step
    assert (q.latent, q.family, q.exact) == ("c", "categorical", True)
    assert q.formula.keys() == {"probabilities"}


def test_the_best_q_of_factor_analysis_is_the_posterior():
    """Its formula, at numbers, against the normal distribution's conditioning."""
    (q,) = derived("factor_analysis").e_step
    assert (q.family, q.exact) == ("multivariate normal", True)
    model = catalogue.load("factor_analysis")
    sizes = {model.dims_["D"]: 3, model.dims_["H"]: 2}
    rng = np.random.default_rng(0)
    w, mu, psi, x = (
        rng.normal(size=(3, 2)),
        rng.normal(size=3),
        rng.uniform(1, 2, 3),
        rng.normal(size=3),
    )
    given = {}
    for name, value in {"W": w, "mu": mu, "psi": psi}.items():
        given[model.parameters[name].label] = value
    given[model.variables["x"].label] = x
    precision = np.eye(2) + w.T / psi @ w
    mean = np.linalg.solve(precision, w.T / psi @ (x - mu))
    np.testing.assert_allclose(numbers(q.formula["mean"], sizes, given), mean, atol=1e-12)
    np.testing.assert_allclose(
        numbers(q.formula["covariance"], sizes, given), np.linalg.inv(precision), atol=1e-12
    )


@pytest.mark.parametrize("many", [False, True])
def test_the_best_q_of_a_coin_is_bayes_rule(many):
    """P(b = 1 | x) from p N(x; a, v) and (1 - p) N(x; 0, v), of one coin and of each of many."""
    model = Model("coins")
    size = [model.dims("D")] if many else []
    p, v = model.parameter("p", domain="unit interval"), model.parameter("v", domain="positive")
    a = model.parameter("a", *size)
    b = model.latent("b", Bernoulli(probability=p), *size)
    model.observed("x", Normal(mean=a * b, variance=v), *size)
    (q,) = derived(model).e_step
    assert (q.family, q.exact) == ("Bernoulli", True)
    assert repr(q) == "<q(b) Bernoulli, the exact posterior; read off its log density>"
    at = {"p": 0.3, "v": 0.8, "a": 1.2, "x": 0.4}
    found = q.formula["probability"]
    if many:
        found = found.at(sp.Integer(1))
        given = {e: at[e.base.label.name] for e in found.atoms(sp.Indexed)}
    else:
        given = {}
    given |= {s: at[s.name] for s in found.free_symbols if s.name in at}
    heads, tails = 0.3 * np.exp(-(0.8**2) / 1.6), 0.7 * np.exp(-(0.4**2) / 1.6)
    assert float(found.xreplace(given)) == pytest.approx(heads / (heads + tails))


def test_the_best_q_of_columns_is_the_posterior_of_each():
    """x = W z + noise with columns of z: M^-1 W' x with M = W'W + v I, for every column."""
    model = Model("columns")
    D, H = model.dims("D", "H")
    W, v = model.parameter("W", D, D), model.parameter("v", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), D, H)
    model.observed("x", Normal(mean=W @ z, variance=v), D, H)
    (q,) = derived(model).e_step
    assert (q.family, q.exact) == ("multivariate normal", True)
    rng = np.random.default_rng(2)
    w, data = rng.normal(size=(3, 3)), rng.normal(size=(3, 2))
    given = {model.parameters["W"].label: w, model.variables["x"].label: data}
    mean = q.formula["mean"].xreplace({v: sp.Rational(7, 10)})
    right = np.linalg.solve(w.T @ w + 0.7 * np.eye(3), w.T @ data)
    np.testing.assert_allclose(numbers(mean, {D: 3, H: 2}, given), right, atol=1e-10)


def numbers(array, sizes, given):
    """An array expression at numbers, by SymPy alone."""
    done = array.xreplace(sizes).doit()
    flat = {
        a: sp.Float(float(given[a.base.label][tuple(int(i) for i in a.indices)]))
        for a in done.atoms(sp.Indexed)
    }
    return np.array(done.xreplace(flat).tolist(), dtype=float)


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("gamma_poisson", {"z": ("gamma", True)}),
        ("student_t_scale_mixture", {"w": ("gamma", True)}),
        ("latent_dirichlet_allocation", {"theta": ("Dirichlet", False), "z": ("categorical", False)}),
        ("linear_dynamical_system", {"z": ("Gaussian Markov", True)}),
        ("hmm_categorical", {"z": ("Markov", True)}),
        ("mixture_of_factor_analysers", {"c": ("categorical", False), "z": ("multivariate normal", False)}),
        ("sigmoid_belief_network", {"z": ("Bernoulli", False)}),
        ("stochastic_volatility", {"h": ("", False)}),
    ],
)  # fmt: skip
def test_what_q_is(name, kinds):
    found = derived(name).e_step
    assert {q.latent: (q.family, q.exact) for q in found} == kinds


def chain(latent, observed, *, order=1):
    """A chain of T steps, and what is seen of it."""
    model = Model("a chain")
    t, k = model.dims("T", "K")
    s = model.parameter("s", domain="positive")
    if latent == "labels":
        p = model.parameter("p", k, domain="simplex")
        a = model.parameter("A", *[k] * (order + 1), domain="simplex")
        first, b = Categorical(probabilities=p), model.parameter("b", k)

        def following(past):
            return Categorical(probabilities=a[past])

    else:
        first, b = Normal(mean=0, variance=s), None

        def following(past):
            return Normal(mean=sum(past) if order > 1 else past, variance=s)

    z = model.chain("z", initial=first if order == 1 else (first,) * order, transition=following, length=t)  # fmt: skip
    model.observed("x", Normal(mean=observed(z if b is None else b[z], t), variance=s))
    return model


ALL, ENDS, FIRST = (lambda z, t: z.sum()), (lambda z, t: z[0] - z[t - 1]), (lambda z, t: z[0])


@pytest.mark.parametrize(
    ("latent", "observed", "kind"),
    [
        ("labels", ALL, ("categorical", False)),
        ("labels", ENDS, ("categorical", False)),
        ("labels", FIRST, ("Markov", True)),
        ("numbers", ALL, ("multivariate normal", True)),
        ("numbers", ENDS, ("multivariate normal", True)),
        ("numbers", FIRST, ("Gaussian Markov", True)),
    ],
)
def test_q_of_a_chain_is_markov_where_nothing_joins_steps_that_are_apart(latent, observed, kind):
    (q,) = derived(chain(latent, observed)).e_step
    assert (q.family, q.exact) == kind
    assert ("forward-backward" in q.how or "Kalman" in q.how) == ("Markov" in q.family)


def test_a_transition_of_two_steps_joins_three():
    (q,) = derived(chain("labels", FIRST, order=2)).e_step
    assert (q.family, q.exact) == ("Markov of order 2", True)
    assert "each 3 steps'" in q.how


@pytest.mark.parametrize("weighted", [{"z": 3}, {"x": 3}, {"z": 3, "x": 3}])
def test_the_best_q_of_a_weighted_bound_is_no_posterior(weighted):
    model = Model("a weighted bound")
    n = model.dims("N")
    a = model.parameter("a", domain="positive")
    z = model.latent("z", ep.Beta(alpha=a, beta=a), n)
    x = model.observed("x", ep.Bernoulli(probability=z), n)
    model.weights({{"z": z, "x": x}[name]: w for name, w in weighted.items()})
    (q,) = derived(model).e_step
    assert not q.exact
    assert "weighted" in q.text
    assert ("where alpha and beta > 0" in q.how) == ("z" in weighted)  # 3 a - 2 + x may be negative


def test_where_all_weigh_the_same_it_is():
    model = Model("weights that cancel")
    z = model.latent("z", Normal(mean=0, variance=1), model.dims("N"))
    x = model.observed("x", Normal(mean=z, variance=model.parameter("s", domain="positive")))
    model.weights({z: 3, x: 3}, q=3)
    (q,) = derived(model).e_step
    assert q.exact


def test_a_prior_that_jumps_is_not_read_off_its_slope():
    """Almost everywhere its slope is that of a normal."""
    model = Model("more to one side")
    v, times = model.parameter("v", domain="positive"), sp.Rational(3, 2)

    def log_p(z):
        return (
            -(z**2) / 2
            + sp.sign(z) * sp.log(times)
            - sp.log(sp.pi / 2 * (times + 1 / times) ** 2) / 2
        )

    z = model.latent("z", ep.Density(log_p))
    model.observed("x", Normal(mean=z, variance=v))
    (q,) = ep.prove(model).updates.e_step
    assert (q.family, q.exact) == ("", False)


def declared(q):
    """p-PCA, or a mixture where q is of its label, with q declared so; its q(z) or q(c)."""
    model = Model("declared")
    H = model.dims("H")
    if q in ("label", "known label"):
        r, m = model.parameter("r", H, domain="simplex"), model.parameter("m", H)
        c = model.latent("c", Categorical(probabilities=r))
        model.observed("x", Normal(mean=m[c], variance=1))
        free = model.variational if q == "label" else partial(model.parameter, fixed=True)
        model.q(c, Categorical(probabilities=free("R", H, domain="simplex")))
        return model
    D = model.dims("D")
    W, mu = model.parameter("W", D, H), model.parameter("mu", D)
    s = model.parameter("s", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    x = model.observed("x", Normal(mean=W @ z + mu, variance=s), D)
    if q == "posterior":
        model.q(z, "posterior")
    elif q == "amortised":
        model.q(z, Normal(mean=model.network("enc", x, H, variational=True), variance=1))
    else:
        mean = model.variational("n", H)
        free = {"free": (H,), "shared": ()}.get(q)
        variance = 1 if free is None else model.variational("v", *free, domain="positive")
        model.q(z, Normal(mean=mean, variance=variance))
    return model


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("free", "Normal; gradient steps on n, v"),
        ("shared", "Normal; gradient steps on n, v"),
        ("unit variance", "Normal; gradient steps on n"),
        ("amortised", "Normal; gradient steps on enc.U, enc.a, enc.V, enc.b"),
        ("label", "Categorical; gradient steps on R"),
        ("known label", "Categorical; nothing of it is learned"),
    ],
)
def test_a_declared_q_stays_what_it_is(q, said):
    """No formula outside of its family, no optimum that only another q reaches, and no EM."""
    model = declared(q)
    found = derived(model)
    (best,) = found.e_step
    assert (best.family, best.exact, best.formula) == ("", False, {})
    assert best.text.endswith(f": as declared, {said}")
    assert not found.global_optimum
    assert found.axes is None
    assert found.m_step
    assert "posterior" not in str(found)
    known = {"R": np.array([0.3, 0.7])} if q == "known label" else None
    data = np.ones((5, 3) if best.latent == "z" else 5)
    with pytest.raises(ep.InputError, match=f"q of {best.latent} is declared"):
        ep.fit(model, data, sizes={"H": 2}, optimizer="em", init=known)


def test_a_declared_chain_stays_what_it_is():
    model = chain("labels", FIRST)
    (z,), (t, k) = model.latents(), model.dims_.values()
    r = model.variational("r", k, domain="simplex")
    R = model.variational("R", t, k, k, domain="simplex")
    model.q(
        z.value,
        initial=Categorical(probabilities=r),
        transition=lambda past, t: Categorical(probabilities=R[t, past]),
    )
    (q,) = derived(model).e_step
    assert q.text == "q(z): as declared, Categorical; gradient steps on r, R"


def test_a_q_that_is_declared_as_the_posterior_is_the_posterior():
    found = derived(declared("posterior"))
    assert found.e_step[0].exact
    assert "eigenvalues" in found.global_optimum
