"""Models made to be proved wrongly, to hang or to crash: whatever is said about them must be true."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from counting import at_most
from oracle.numbers import Numbers, gap

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Beta,
    Categorical,
    Density,
    Exponential,
    Gamma,
    Interval,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    Sum,
    VonMises,
    cos,
    diag,
    exp,
    eye,
    inv,
    log,
    logdet,
)  # fmt: skip

MOST = 20_000_000  # calls in a proof
SIZES = dict.fromkeys("DKNTn", 3) | {"H": 2, "M": 4}


def start(*names: str):
    """A model with dims K, T, D and positive scalars of these names."""
    m = Model("trap")
    m.dims("D", "K", "T")
    return m, [m.parameter(n, domain="positive") for n in names]


def proved(model: Model):
    """Its proof, the gap identity checked by numbers at two points."""
    with at_most(MOST):
        proof = ep.prove(model)
    with mp.workdps(30):
        for seed in range(2):
            left, slope = gap(proof, Numbers(model, seed, **SIZES))
            assert abs(left - slope) < mp.mpf(10) ** -12 * (1 + abs(left)), (left, slope)
    return proof


def simplex(m: Model):
    return m.parameter("rho", m.dims_["K"], domain="simplex")


# parts of a simplex are not one ----------------------------------------------------------------------------
def poisson_of_a_part():
    m, (lam,) = start("lam")
    m.observed("x", Poisson(rate=lam * simplex(m)[:-1].sum()))
    return m


def normal_of_a_part():
    m, (s,) = start("s")
    m.observed("x", Normal(mean=0, variance=s * simplex(m)[:2].sum()))
    return m


def laplace_of_the_rest():
    m, (s,) = start("s")
    rho = simplex(m)
    m.observed("x", Laplace(mean=0, scale=s * (rho.sum() - rho[0])))
    return m


def ordinal():
    """Cumulative probabilities as in ordinal regression."""
    m, () = start()
    rho = simplex(m)
    m.observed("x", Bernoulli(probability=rho[:-1].sum() / 2))
    return m


def of_two_components():
    """A part of two, of a simplex whose size is a symbol here and was two elsewhere."""
    other = Model("another model in the same process")
    other.latent("c", Categorical(probabilities=other.parameter("first", 2, domain="simplex")))
    m, (s,) = start("s")
    rho = m.parameter("first", m.dims_["K"], domain="simplex")
    m.observed("x", Exponential(rate=s * rho[:2].sum()))
    return m


def of_another_size():
    """A part whose length is a dim: in another model that dim is the whole."""
    other = Model("another model in the same process")
    other.latent(
        "c", Categorical(probabilities=other.parameter("second", other.dims("D"), domain="simplex"))
    )
    m, (s,) = start("s")
    rho = m.parameter("second", m.dims("M"), domain="simplex")
    m.observed("x", Exponential(rate=s * rho[: m.dims_["D"]].sum()))
    return m


def selected_coordinates():
    """The first H of D coordinates carry the signal."""
    m, (s,) = start("s")
    D, H = m.dims_["D"], m.dims("H")
    z = m.latent("z", Normal(mean=0, variance=m.parameter("v", H, domain="positive")), H)
    m.observed("x", Normal(mean=eye(D)[:, :H] @ z, variance=s), D)
    return m


# indices that are easy to get wrong ----------------------------------------------------------------------------
def last_step():
    m, (q, s) = start("q", "s")
    z = m.chain(
        "z",
        initial=Normal(mean=0, variance=q),
        length=m.dims_["T"],
        transition=lambda z: Normal(mean=z, variance=q),
    )
    m.observed("x", Normal(mean=z[-1], variance=s))
    return m


def neighbours():
    """Parameters at shifted indices: q[t] and q[t + 1] move as one array."""
    m, () = start()
    q = m.parameter("q", m.dims_["T"], domain="positive")
    m.latent("z", Normal(mean=0, variance=q[1:] + q[:-1]))
    m.observed("x", Normal(mean=m.variables["z"].value, variance=q[1:]))
    return m


def counts_named_like_a_plate():
    m, (s, r) = start("s", "r")
    D = m.dims_["D"]
    m.observed("x", Normal(mean=m.parameter("mu", D), variance=s), D)
    d = m.observed("d", Poisson(rate=r))
    m.observed("y", Normal(mean=d, variance=s), D)
    return m


def a_chain_beside_its_namesakes():
    """A parameter and a variable called as the engine may call a chain's slices."""
    m, (s, q) = start("s", "q")
    z = m.chain(
        "z",
        initial=Normal(mean=0, variance=q),
        length=m.dims_["T"],
        transition=lambda z: Normal(mean=z / 2, variance=q),
    )
    w = m.parameter("z_previous")
    y = m.latent("z_next", Normal(mean=w, variance=s))
    m.observed("x", Normal(mean=w * z[0] + y, variance=s))
    return m


def one_covariance_for_blocks():
    m, () = start()
    D = m.dims_["D"]
    S = m.parameter("S", D, D, domain="positive definite")
    m.observed("x", MultivariateNormal(mean=0, covariance=inv(inv(S))))
    return m


def pieces_of_a_diagonal():
    m, () = start()
    a = m.parameter("a", m.dims_["D"], domain="positive")
    m.observed("x", MultivariateNormal(mean=0, covariance=diag(a) @ eye(m.dims_["D"]) @ diag(a)))
    return m


def two_means_by_category():
    m, (s,) = start("s")
    c = m.latent("c", Bernoulli(probability=m.parameter("p", domain="unit interval")))
    a, b = m.parameter("a"), m.parameter("b")
    m.observed("x", Normal(mean=a * c + b * (1 - c), variance=s))
    return m


# functions that are easy to get wrong -----------------------------------------------------------------------------
def powers_of_a_latent():
    m, (s,) = start("s")
    n = m.dims("n")
    z = m.latent("z", Normal(mean=0, variance=s))
    m.observed("x", Normal(mean=m.parameter("w") * z**n, variance=sp.sqrt(1 + z ** (2 * n)) * s))
    return m


def absolute_powers():
    m, (s,) = start("s")
    n = m.dims("n")
    z = m.latent("z", Normal(mean=0, variance=s))
    m.observed("x", Exponential(rate=abs(z**n)))
    return m


def log_of_a_square():
    m, (s, a) = start("s", "a")
    z = m.latent("z", Laplace(mean=0, scale=s))
    m.observed("x", Gamma(shape=a, rate=exp(log(z**2) / 2)))
    return m


def signs():
    m, (s,) = start("s")
    z = m.latent("z", Normal(mean=m.parameter("w"), variance=1))
    m.observed("x", Laplace(mean=sp.sign(z) * abs(z), scale=s))
    return m


def circular():
    m, (k, s) = start("k", "s")
    z = m.latent("z", VonMises(mean=m.parameter("mu"), concentration=k))
    m.observed("x", Normal(mean=cos(z), variance=s))
    return m


def determinant_of_a_map():
    """A learned linear map of unit Laplace noise, by its density."""
    m, (s,) = start("s")
    A = m.parameter("A", 2, 2)
    z = m.latent("z", Laplace(mean=0, scale=1), 2)
    m.observed("x", Normal(mean=A @ z, variance=s * exp(logdet(A @ A.T))), 2)
    return m


TRAPS = [v for v in dict(globals()).values() if getattr(v, "__module__", "") == __name__
         and callable(v) and v not in (start, proved, simplex)]  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS, ids=lambda t: t.__name__)
def test_whatever_is_proved_is_true(trap):
    try:
        proof = proved(trap())
    except ep.InputError as error:
        assert "\n" not in str(error)
        return
    for t in proof.terms:
        assert t.holds or t.reason


def test_the_entropy_of_a_part_of_a_simplex():
    """Refused, or E[-log p] by quadrature."""
    for trap in (normal_of_a_part, laplace_of_the_rest):
        model = trap()
        proof = ep.prove(model)
        at = Numbers(model, 3, **SIZES)
        scale = at["s"] * (at["rho"][:2].sum() if trap is normal_of_a_part else at["rho"][1:].sum())
        entropy = (
            np.log(2 * np.pi * np.e * scale) / 2
            if trap is normal_of_a_part
            else 1 + np.log(2 * scale)
        )
        if proof.verdict is ep.Verdict.PROVED:
            np.testing.assert_allclose(float(at.evaluated(proof.terms[0].entropy)), entropy)


@pytest.mark.parametrize(
    "names", [("z", "u", "v"), ("z", "z_next", "z_previous"), ("z_first", "z", "y")]
)
def test_names_of_latents_mean_nothing(names):
    """z, z_next and z_previous are three variables here, not the steps of a chain."""
    m, (s,) = start("s")
    first, second, third = names
    z = m.latent(first, Normal(mean=0, variance=1))
    y = m.latent(second, Normal(mean=m.parameter("a") * z, variance=1))
    u = m.latent(third, Normal(mean=0, variance=1))
    m.observed("x", Normal(mean=m.parameter("b") * (y + u), variance=s))
    proof = proved(m)
    assert proof.verdict is ep.Verdict.PROVED
    assert len(proof.latent_flow) == 3


def test_two_probabilities_in_a_list():
    """Categorical(probabilities=[p, 1 - p]): the log of a sum of indicators ends the search."""
    m, () = start()
    p = m.parameter("p", domain="unit interval")
    c = m.latent("c", Categorical(probabilities=[p, 1 - p]))
    m.observed("x", Normal(mean=0, variance=m.parameter("v", 2, domain="positive")[c]))
    proof = proved(m)
    assert proof.verdict is not ep.Verdict.REFUTED
    at = Numbers(m, 1, **SIZES)
    for t in proof.terms:
        if t.variable == "c" and t.holds and not t.is_pseudo:
            expected = -at["p"] * np.log(at["p"]) - (1 - at["p"]) * np.log(1 - at["p"])
            np.testing.assert_allclose(float(at.evaluated(t.entropy)), expected)


def test_a_support_that_ends_at_a_latent():
    """z flows, and with it the support of x: E[D log p] is not zero."""
    m, () = start()
    z = m.latent("z", Gamma(shape=2, rate=1))
    try:
        m.observed("x", Density(lambda x: -log(z), support=Interval(0, z)))
        proof = ep.prove(m)
    except ep.InputError as error:
        assert "x" in str(error)
        return
    for t in proof.terms:
        if t.variable == "x" and t.holds and not t.is_pseudo:
            assert sp.simplify(t.entropy - log(z)) == 0


def test_stick_breaking():
    """A sum up to an observed category."""
    m, () = start()
    v = m.latent("v", Beta(alpha=1, beta=m.parameter("a", domain="positive")), m.dims_["K"])
    j = sp.Symbol("j", integer=True, nonnegative=True)
    try:
        with at_most(MOST):
            m.observed(
                "x",
                Density(lambda x: log(v[x]) + Sum(log(1 - v[j]), (j, 0, x - 1)), sp.S.Naturals0),
            )
            proof = ep.prove(m)
    except ep.InputError as error:
        assert "\n" not in str(error)
        return
    assert [t.variable for t in proof.terms if t.holds] in (["v"], ["v", "x"])
