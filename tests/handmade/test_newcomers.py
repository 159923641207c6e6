"""Models from textbooks as somebody new writes them, with the verdicts that the mathematics has.

Each was once answered wrongly, incompletely or not at all; the gap identity is held in numbers.
"""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
from oracle.numbers import Numbers, gap
from sympy import Piecewise

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Binomial,
    Categorical,
    Density,
    HurdleNegativeBinomial,
    Model,
    Multinomial,
    MultivariateNormal,
    MultivariateStudentT,
    Normal,
    OrderedCategorical,
    Poisson,
    Reals,
    Wishart,
    arange,
    array,
    exp,
    eye,
    inv,
    log,
    sigmoid,
    sin,
)


def mixture_of_multivariate_t(model):
    """With its own tails for each component (Peel & McLachlan, 2000)."""
    D, K = model.dims("D", "K")
    rho = model.parameter("rho", K, domain="simplex")
    mu, S = model.parameter("mu", K, D), model.parameter("S", K, D, D, domain="positive definite")
    nu = model.parameter("nu", K, domain="positive")
    c = model.latent("c", Categorical(probabilities=rho))
    t = MultivariateStudentT(mean=mu[c], scale_matrix=S[c], degrees_of_freedom=nu[c])
    model.observed("x", t)
    return "proved", {"D": 2, "K": 2}


def stochastic_volatility_about_a_level(model):
    """As in Stan's user's guide: no scale is learned beside exp(h), but h may shift."""
    T = model.dims("T")
    mu, phi = model.parameter("mu"), model.parameter("phi")
    s, p = model.parameter("s", domain="positive"), model.parameter("p", domain="positive")
    h = model.chain(
        "h",
        initial=Normal(mean=mu, variance=p),
        transition=lambda previous: Normal(mean=mu + phi * (previous - mu), variance=s**2),
        length=T,
    )
    model.observed("y", Normal(mean=0, variance=exp(h)), T)
    return "proved", {"T": 4}


def log_variance_about_a_known_level(model):
    """Without a level that is learned a shift of h has nothing to take it in."""
    s = model.parameter("s", domain="positive")
    h = model.latent("h", Normal(mean=0, variance=s))
    model.observed("y", Normal(mean=0, variance=exp(h)))
    return "partial", {}


def log_variance_that_shifts_something_else(model):
    """sin(h) is the mean of a variable whose variance is known."""
    mu, s = model.parameter("mu"), model.parameter("s", domain="positive")
    h = model.latent("h", Normal(mean=mu, variance=s))
    model.latent("k", Normal(mean=sin(h), variance=1))
    model.observed("y", Normal(mean=0, variance=exp(h)))
    return "partial", {}


def germinating_seeds(model):
    """Binomial counts with known trials of their own (BUGS examples; Crowder, 1978)."""
    n, P = model.dims("n", "P")
    N = model.parameter("N", n, domain="positive", fixed=True)
    X, b = model.parameter("X", n, P, fixed=True), model.parameter("b", P)
    s = model.parameter("s", domain="positive")
    e = model.latent("e", Normal(mean=0, variance=s), n)
    model.observed("y", Binomial(trials=N, probability=sigmoid(X @ b + e)), n)
    return "proved", {"n": 3, "P": 2, "N": [4, 5, 6]}


def capture_occasions(model):
    """Trials that broadcast along one axis."""
    n, T = model.dims("n", "T")
    N = model.parameter("N", n, domain="positive", fixed=True)
    p = model.parameter("p", T, domain="unit interval")
    model.observed("y", Binomial(trials=N[:, None], probability=p), n, T)
    return "proved", {"n": 3, "T": 2, "N": [4, 5, 6]}


def words_of_documents(model):
    """Multinomial counts of documents with lengths of their own."""
    n, V = model.dims("n", "V")
    N = model.parameter("N", n, domain="positive", fixed=True)
    p = model.parameter("p", V, domain="simplex")
    model.observed("y", Multinomial(trials=N, probabilities=p), n)
    return "proved", {"n": 3, "V": 2, "N": [1, 3, 5], "y": [[0, 1], [3, 0], [2, 3]]}


def two_state_chain_written_out(model):
    """Transitions as a table with one probability for each row."""
    T = model.dims("T")
    p = model.parameter("p", 2, domain="unit interval")
    mu, v = model.parameter("mu", 2), model.parameter("v", 2, domain="positive")
    A = array([[p[0], 1 - p[0]], [p[1], 1 - p[1]]])
    s = model.chain(
        "s",
        initial=Categorical(probabilities=[0.5, 0.5]),
        transition=lambda previous: Categorical(probabilities=A[previous]),
        length=T,
    )
    model.observed("x", Normal(mean=mu[s], variance=array([v[0], v[1]])[s]), T)
    return "proved", {"T": 4}


def conjunctive_diagnosis(model):
    """DINA: who has both skills answers with another probability (Junker & Sijtsma, 2001)."""
    J = model.dims("J")
    has = model.parameter("has", 2, domain="unit interval")
    guess = model.parameter("guess", J, domain="unit interval")
    slip = model.parameter("slip", J, domain="unit interval")
    a = model.latent("a", Bernoulli(probability=has), 2)
    both = array([[0, 0], [0, 1]])[a[0], a[1]]
    model.observed("y", Bernoulli(probability=(1 - both) * guess + both * (1 - slip)), J)
    return "proved", {"J": 3}


def stick_breaking_in_a_list(model):
    a, b = (
        model.parameter("a", domain="unit interval"),
        model.parameter("b", domain="unit interval"),
    )
    rest = 1 - a
    model.observed("c", Categorical(probabilities=[a, rest * b, rest * (1 - b)]))
    return "proved", {}


def coal_mining_disasters(model):
    """A change point, as PyMC's tutorial has it: a rate before and another after."""
    T = model.dims("T")
    early = model.parameter("early", domain="positive")
    late = model.parameter("late", domain="positive")
    t = model.parameter("t", T, fixed=True)
    s = model.latent("s", Categorical(probabilities=eye(T).sum(0) / T))
    model.observed("y", Poisson(rate=Piecewise((early, t < s), (late, True))), T)
    return "proved", {"T": 3}


def scales_on_both_sides(model):
    """A density in two pieces, over copies."""
    D = model.dims("D")
    a, b = model.parameter("a", D, domain="positive"), model.parameter("b", D, domain="positive")
    model.observed(
        "x",
        Density(lambda x: Piecewise((-x / a, x > 0), (x / b, True)) - log(a + b), support=Reals),
        D,
    )
    return "proved", {"D": 2}


def record_linkage(model):
    """Agreement of fields, as mixed by whether records match (Fellegi & Sunter, 1969)."""
    N, J = model.dims("N", "J")
    share = model.parameter("share", domain="unit interval")
    m = model.parameter("m", J, domain="unit interval")
    u = model.parameter("u", J, domain="unit interval")
    z = model.latent("z", Bernoulli(probability=share), N)
    agree = z[:, None] * m + (1 - z[:, None]) * u
    model.observed("y", Bernoulli(probability=agree), N, J)
    return "proved", {"N": 2, "J": 2}


def counts_that_a_state_raises(model):
    """A rate that adds what the state is worth, and a chain of probabilities that it mixes."""
    T = model.dims("T")
    start, stay, come = (model.parameter(n, domain="unit interval") for n in ("s", "p", "q"))
    low, more = model.parameter("low", domain="positive"), model.parameter("b", domain="positive")
    z = model.chain(
        "z",
        initial=Bernoulli(probability=start),
        transition=lambda previous: Bernoulli(probability=stay * previous + come * (1 - previous)),
        length=T,
    )
    model.observed("y", Poisson(rate=low + more * z), T)
    return "proved", {"T": 3}


def noise_or_the_truth(model):
    """Powers of a bit, and one bit's flip by another's state."""
    a, b, e = (model.parameter(n, domain="unit interval") for n in ("a", "b", "e"))
    z = model.latent("z", Bernoulli(probability=0.5))
    c = model.latent("c", Bernoulli(probability=a**z * b ** (1 - z)))
    model.observed("x", Bernoulli(probability=c * (1 - e) + (1 - c) * e))
    return "proved", {}


def an_index_of_two_bits(model):
    p = model.parameter("p", 4, domain="unit interval")
    a = model.latent("a", Bernoulli(probability=0.5), 2)
    model.observed("y", Bernoulli(probability=p[a[0] + 2 * a[1]]))
    return "proved", {}


def one_probability_for_three_states(model):
    """Three probabilities in one line have no field for one number."""
    q = model.parameter("q", domain="unit interval")
    z = model.latent("z", Bernoulli(probability=model.parameter("p", domain="unit interval")), 2)
    model.observed("x", Bernoulli(probability=q * (1 + z[0] + z[1]) / 4))
    return "partial", {}


def rates_that_add_up(model):
    """Four rates of three numbers: the fourth would have to be free."""
    a, b, c = (model.parameter(n, domain="positive") for n in ("a", "b", "c"))
    z = model.latent("z", Bernoulli(probability=model.parameter("p", domain="unit interval")), 2)
    model.observed("x", Poisson(rate=a + b * z[0] + c * z[1]))
    return "partial", {}


def choices_with_an_alternative_outside(model):
    """Logits in a list, one of them for all (Davidson's ties, 1970)."""
    K = model.dims("K")
    s, nu = model.parameter("s", K), model.parameter("nu")
    d = s[:, None] - s[None, :]
    model.observed("y", Categorical(logits=np.stack([d, nu + 0 * d, -d], axis=-1)), K, K)
    return "proved", {"K": 3}


def hurdle_of_known_dispersion(model):
    """(r + mu)^r exceeds r^r, so that no condition is on mu."""
    D = model.dims("D")
    p, mu = (
        model.parameter("p", D, domain="unit interval"),
        model.parameter("mu", D, domain="positive"),
    )
    r = model.parameter("r", domain="positive", fixed=True)
    model.observed("x", HurdleNegativeBinomial(mean=mu, shape=r, probability=p), D)
    return "proved", {"D": 2}


def before_and_after(model):
    """A chain of two steps has one transition, whose time is a number."""
    w, s = model.parameter("w"), model.parameter("s", domain="positive")
    model.chain(
        "x",
        initial=Normal(mean=0, variance=s),
        transition=lambda previous, t: Normal(mean=previous, variance=exp(w * t)),
        length=2,
        observed=True,
    )
    return "proved", {}


def _sticky(model, rows):
    """A chain of K states with these transitions, and what is seen of it."""
    K, T = model.dims("K", "T")
    k = model.parameter("k", domain="unit interval")
    table, start = rows(K, k), model.parameter("rho", K, domain="simplex")
    s = model.chain(
        "s",
        initial=Categorical(probabilities=start),
        transition=lambda previous: Categorical(probabilities=table[previous]),
        length=T,
    )
    mu, v = model.parameter("mu", K), model.parameter("v", domain="positive")
    model.observed("x", Normal(mean=mu[s], variance=v), T)


def sticky_states(model):
    """Something is added to the diagonal (Fox et al., 2011): k is free besides, and stands still."""

    def rows(K, k):
        A = model.parameter("A", K, K, domain="simplex")
        return (1 - k) * A + k * eye(K)

    _sticky(model, rows)
    return "proved", {"K": 3, "T": 4}


def states_that_stay_or_move_anywhere(model):
    """Two probabilities by one number, wherever the chain is."""
    _sticky(model, lambda K, k: (1 - k) * eye(K) + k / K)
    return "proved", {"K": 3, "T": 4}


def sticky_states_of_known_moves(model):
    """One number has no field for K - 1 known ratios."""

    def rows(K, k):
        return (1 - k) * model.parameter("A", K, K, domain="simplex", fixed=True) + k * eye(K)

    _sticky(model, rows)
    return "partial", {"K": 3, "T": 4}


def _communities(model, edges):
    N, K = model.dims("N", "K")
    share = model.parameter("share", K, domain="simplex")
    c = model.latent("c", Categorical(probabilities=share), N)
    model.observed("y", edges(c, eye(K)[c[:, None], c]), N, N)


def planted_partition(model):
    """One probability inside communities and another between (Condon & Karp, 2001)."""
    p, q = (model.parameter(n, domain="unit interval") for n in "pq")
    _communities(model, lambda c, same: Bernoulli(probability=p * same + q * (1 - same)))
    return "proved", {"N": 3, "K": 2}


def communities_of_their_own_density(model):
    """As assortative mixed membership has it (Gopalan & Blei, 2013), with counts."""
    b = model.parameter("b", domain="positive")

    def edges(c, same):
        a = model.parameter("a", model.dims_["K"], domain="positive")
        return Poisson(rate=a[c] * same + b * (1 - same))

    _communities(model, edges)
    return "proved", {"N": 3, "K": 2}


def thresholds_of_many_questions(model):
    """Three answers by two thresholds each: any probabilities, in other coordinates."""
    n = model.dims("n")
    t = model.parameter("t", n, 2, domain="increasing")
    model.observed("y", OrderedCategorical(location=0, thresholds=t), n)
    return "proved", {"n": 2}


def ordinal_latent_classes(model):
    """Four answers by three thresholds for each class and question (Lazarsfeld & Henry, 1968)."""
    n, K = model.dims("n", "K")
    rho = model.parameter("rho", K, domain="simplex")
    t = model.parameter("t", K, n, 3, domain="increasing")
    c = model.latent("c", Categorical(probabilities=rho))
    model.observed("y", OrderedCategorical(location=0, thresholds=t[c]), n)
    return "proved", {"n": 2, "K": 2}


def ordinal_answers_of_a_trait(model):
    """Beside a trait thresholds are no probabilities in other coordinates (Samejima, 1969)."""
    t, a = model.parameter("t", 3, domain="increasing"), model.parameter("a", domain="positive")
    z = model.latent("z", Normal(mean=0, variance=1))
    model.observed("y", OrderedCategorical(location=a * z, thresholds=t))
    return "partial", {}


def independent_factor_analysis(model):
    """Each source is a mixture of its own (Attias, 1999)."""
    D, H, K = model.dims("D", "H", "K")
    w, mu = model.parameter("w", H, K, domain="simplex"), model.parameter("mu", H, K)
    v, A = model.parameter("v", H, K, domain="positive"), model.parameter("A", D, H)
    s2, rows = model.parameter("s2", D, domain="positive"), arange(H)
    c = model.latent("c", Categorical(probabilities=w), H)
    s = model.latent("s", Normal(mean=mu[rows, c], variance=v[rows, c]), H)
    model.observed("x", Normal(mean=A @ s, variance=s2), D)
    return "proved", {"D": 3, "H": 2, "K": 2}


def a_trend(model):
    """Intercepts and slopes of individuals over time (Laird & Ware, 1982)."""
    n, T = model.dims("n", "T")
    m, S = model.parameter("m", 2), model.parameter("S", 2, 2, domain="positive definite")
    s2 = model.parameter("s2", domain="positive")
    b = model.latent("b", MultivariateNormal(mean=m, covariance=S), n)
    line = b[:, 0, None] + b[:, 1, None] * arange(T)
    model.observed("y", Normal(mean=line, variance=s2), n, T)
    return "proved", {"n": 2, "T": 3}


def thresholds_with_one_spread(model):
    """One number for three answers has no field."""
    w = model.parameter("w", domain="positive")
    model.latent("z", Bernoulli(probability=model.parameter("p", domain="unit interval")))
    model.observed("y", OrderedCategorical(location=0, thresholds=array([-1, w])))
    return "partial", {}


MODELS = (
    sticky_states,
    states_that_stay_or_move_anywhere,
    sticky_states_of_known_moves,
    planted_partition,
    communities_of_their_own_density,
    thresholds_of_many_questions,
    independent_factor_analysis,
    a_trend,
    ordinal_latent_classes,
    ordinal_answers_of_a_trait,
    thresholds_with_one_spread,
    before_and_after,
    hurdle_of_known_dispersion,
    choices_with_an_alternative_outside,
    record_linkage,
    counts_that_a_state_raises,
    noise_or_the_truth,
    an_index_of_two_bits,
    one_probability_for_three_states,
    rates_that_add_up,
    coal_mining_disasters,
    scales_on_both_sides,
    two_state_chain_written_out,
    conjunctive_diagnosis,
    stick_breaking_in_a_list,
    germinating_seeds,
    capture_occasions,
    words_of_documents,
    mixture_of_multivariate_t,
    stochastic_volatility_about_a_level,
    log_variance_about_a_known_level,
    log_variance_that_shifts_something_else,
)


@pytest.mark.parametrize("build", MODELS, ids=lambda build: build.__name__)
def test_the_verdict_is_that_of_the_mathematics(build):
    model = Model(build.__name__)
    verdict, known = build(model)
    proof = ep.prove(model)
    assert proof.verdict.value == verdict, proof
    with mp.workdps(25):
        at = Numbers(model, 0, **{n: k for n, k in known.items() if n in model.dims_})
        for name in known.keys() - model.dims_.keys():
            at.set((model.parameters | model.variables)[name], known[name])
        left, slope = gap(proof, at)
        assert abs(left - slope) < mp.mpf(10) ** -10 * (1 + abs(left))


def test_supports_that_differ_between_elements():
    """Each number is held against its own end: in data, arrays and the certificate's reader."""
    model = Model("seeds")
    words_of_documents(model)
    proof = ep.prove(model)
    assert ep.verify(proof, points=2).passed
    code = ep.compile(proof)
    at = {"N": np.array([2.0, 3.0]), "p": np.array([0.5, 0.5]), "y": np.array([[[2, 0], [1, 2]]])}
    assert abs(code.gap(at) - code.directional_derivative(at)) < 1e-12
    with pytest.raises(ep.InputError, match=r"y\[1\]: sums to 2"):
        code.gap(at | {"y": np.array([[[2, 0], [1, 1]]])})
    assert "counts that sum to N[i]" in str(proof.statement)


def test_what_cannot_happen_is_refused_with_what_to_write():
    model = Model("left to right")
    p = model.parameter("p", domain="unit interval")
    A = array([[p, 1 - p], [0, 1]])
    with pytest.raises(ep.InputError, match="s: an entry of a table is 0; this tool is for"):
        model.chain(
            "s",
            initial=Categorical(probabilities=[0.5, 0.5]),
            transition=lambda previous: Categorical(probabilities=A[previous]),
            length=4,
        )
    with pytest.raises(ep.InputError, match=r"a table that a variable indexes is an array"):
        model.chain(
            "s",
            initial=Categorical(probabilities=[0.5, 0.5]),
            transition=lambda previous: Categorical(probabilities=[[p, 1 - p]][previous]),
            length=4,
        )


def test_a_state_in_which_nothing_is_seen_is_refused_with_what_to_write():
    model = Model("occupancy")
    p, q = (model.parameter(n, domain="unit interval") for n in ("p", "q"))
    z = model.latent("z", Bernoulli(probability=p))
    with pytest.raises(ep.InputError, match="x: log 0 where z is 0; this tool is for densities"):
        model.observed("x", Bernoulli(probability=q * z))


@pytest.mark.parametrize("build", [coal_mining_disasters, scales_on_both_sides])
def test_cases_are_verified_coordinate_by_coordinate(build):
    model = Model("cases")
    build(model)
    assert ep.verify(ep.prove(model), points=2).passed


def test_a_flow_of_a_symmetric_matrix_counts_its_free_elements():
    model = Model("precision")
    D, n = model.dims("D", "n")
    nu = model.parameter("nu", domain="positive")
    V = model.parameter("V", D, D, domain="positive definite")
    L = model.latent("L", Wishart(degrees_of_freedom=D - 1 + nu, scale_matrix=V))
    m = model.parameter("m", D)
    model.observed("x", MultivariateNormal(mean=m, covariance=inv(L)), n)
    assert ep.verify(ep.prove(model), points=2).max_identity_residual < 1e-12


def test_trials_that_are_learned_or_change_along_a_chain_are_refused():
    model = Model("trials")
    N = model.parameter("N", model.dims("n"), domain="positive")
    with pytest.raises(ep.InputError, match="its support moves with the parameter N"):
        model.observed("y", Binomial(trials=N, probability=0.5), N.shape[0])
