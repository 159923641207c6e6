"""What stands beside known arrays: intercepts, networks of covariates, offsets, learned factors."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    Exponential,
    Gamma,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    Verdict,
    erf,
    exp,
    eye,
    inv,
    tanh,
)
from entropy_proofs.refute.exclusion import refute


def regression(family, offsets=False):
    """family(Phi @ v + c) on n rows of a known design; c is learned, or known for each row."""

    def build():
        model = Model("m")
        n, H = model.dims("n", "H")
        Phi = model.parameter("Phi", n, H, fixed=True)
        v = model.parameter("v", H)
        c = model.parameter("c", n, fixed=True) if offsets else model.parameter("c")
        model.observed("x", family(Phi @ v + c), n)
        return model

    return build


def network(family):
    """family(f(u)) with a network of known covariates."""

    def build():
        model = Model("m")
        D, H = model.dims("D", "H")
        u = model.parameter("u", H, fixed=True)
        model.observed("x", family(model.network("f", u, D)), D)
        return model

    return build


def added_loadings(*domains):
    """x around the sum of loading matrices of these domains, of a known one, and z."""

    def build():
        model = Model("m")
        D, H = model.dims("D", "H")
        loadings = [model.parameter(f"W{k}", D, H, domain=d) for k, d in enumerate(domains)]
        known = model.parameter("V", H, D, fixed=True)
        z = model.latent("z", Normal(mean=0, variance=1), H)
        noise = model.parameter("s", domain="positive")
        mean = sum(loadings, known.T) @ z + model.parameter("b", D)
        model.observed("x", Normal(mean=mean, variance=noise), D)
        return model

    return build


def known_weights(family, labels=False):
    """family(Phi @ (v - w / 2)) with known weights w: the field is v - w / 2."""

    def build():
        model = Model("m")
        n, H, *K = model.dims("n", "H", "K")[: 3 if labels else 2]
        Phi = model.parameter("Phi", n, H, fixed=True)
        v, w = model.parameter("v", H, *K), model.parameter("w", H, *K, fixed=True)
        model.observed("x", family(Phi @ (v - w / 2)), n)
        return model

    return build


def learned_factors():
    model = Model("m")
    D, H = model.dims("D", "H")
    A, w = model.parameter("A", D, H, domain="positive"), model.parameter("w", H, domain="positive")
    model.observed("x", Poisson(rate=A @ w), D)
    return model


def exposures():
    model = Model("m")
    n = model.dims("n")
    e = model.parameter("e", n, domain="positive", fixed=True)
    model.observed("x", Poisson(rate=e * model.parameter("lam", domain="positive")), n)
    return model


def variance_of_inputs():
    model = Model("m")
    n, H = model.dims("n", "H")
    X = model.parameter("X", n, H, domain="positive", fixed=True)
    w, b = model.parameter("w", H, domain="positive"), model.parameter("b", domain="positive")
    model.observed("x", Normal(mean=0, variance=X @ w + b), n)
    return model


def identity_link():
    model = Model("m")
    n = model.dims("n")
    X = model.parameter("X", n, domain="positive", fixed=True)
    a, w, b = (model.parameter(name, domain="positive") for name in "awb")
    model.observed("x", Gamma(shape=a, rate=a / (X * w + b)), n)
    return model


def stationary_start():
    model = Model("m")
    T = model.dims("T")
    phi, s = model.parameter("phi", domain="unit interval"), model.parameter("s", domain="positive")
    model.chain(
        "x", initial=Normal(mean=0, variance=s / (1 - phi**2)), length=T, observed=True,
        transition=lambda previous: Normal(mean=phi * previous, variance=s),
    )  # fmt: skip
    return model


def probit_rate():
    model = Model("m")
    b = model.parameter("b")
    model.observed("x", Bernoulli(probability=(1 + erf(b)) / 2))
    return model


def experts():
    model = Model("m")
    H, K = model.dims("H", "K")
    u = model.parameter("u", H, fixed=True)
    f, g, h = (model.network(name, u, K) for name in "fgh")
    c = model.latent("c", Categorical(logits=f))
    model.observed("x", Normal(mean=g[c], variance=exp(h[c])))
    return model


def binary_autoregression():
    model = Model("m")
    T = model.dims("T")
    c, g = model.parameter("c"), model.parameter("g")
    rho = model.parameter("rho", 2, domain="simplex")

    def transition(previous):
        low = 1 / (1 + exp(c + g * previous))
        return Categorical(probabilities=[low, 1 - low])

    initial = Categorical(probabilities=rho)
    model.chain("x", initial=initial, transition=transition, length=T, observed=True)
    return model


def gamma_chain():
    model = Model("m")
    T = model.dims("T")
    a, b, tau = (model.parameter(name, domain="positive") for name in ("a", "b", "tau"))
    model.chain(
        "x", initial=Gamma(shape=a, rate=b), length=T, observed=True,
        transition=lambda previous: Gamma(shape=tau * previous, rate=tau),
    )  # fmt: skip
    return model


def simplex_sum(family):
    def build():
        model = Model("m")
        p = model.parameter("p", 3, domain="simplex")
        model.observed("x", family(rate=p[0] + p[2]))
        return model

    return build


def named_share(count):
    """Of two or more shares each is below one; one share alone is one."""

    def build():
        model = Model("m")
        p = model.parameter("p", count, domain="simplex")
        model.observed("x", Bernoulli(probability=p[0]))
        return model

    return build


def fixed_noise():
    return regression(lambda eta: Normal(mean=eta, variance=1))()


PROVED = {
    "logistic regression": (regression(lambda eta: Bernoulli(logits=eta)), False),
    "Poisson regression": (regression(lambda eta: Poisson(rate=exp(eta))), True),
    "exponential regression": (regression(lambda eta: Exponential(rate=exp(eta))), False),
    "logits of a network": (network(lambda f: Bernoulli(logits=f)), False),
    "log rates of a network": (network(lambda f: Poisson(rate=exp(f))), True),
    "learned factors": (learned_factors, True),
    "loadings beside known ones": (added_loadings("real"), False),
    "positive loadings beside known ones": (added_loadings("positive"), False),
    "three loadings": (added_loadings("real", "real"), False),
    "exposures": (exposures, True),
    "logits of known weights too": (known_weights(lambda eta: Bernoulli(logits=eta)), False),
    "labels of known weights too": (
        known_weights(lambda eta: Categorical(logits=eta), True),
        False,
    ),
    "counts of known weights too": (known_weights(lambda eta: Poisson(rate=exp(eta))), True),
    "logits with offsets": (regression(lambda eta: Bernoulli(logits=eta), True), True),
    "mixture density network": (experts, False),
    "binary autoregression": (binary_autoregression, False),
    "gamma chain": (gamma_chain, True),
    "part of a simplex": (simplex_sum(Exponential), False),
    "counts by a part of a simplex": (simplex_sum(Poisson), True),
    "a variance linear in inputs": (variance_of_inputs, False),
    "a mean linear in inputs": (identity_link, False),
    "a stationary start": (stationary_start, False),
    "a bounded function of a real number": (probit_rate, False),
    "one of two shares": (named_share(2), False),
    "one of five shares": (named_share(5), False),
}


@pytest.mark.parametrize(("build", "pseudo"), PROVED.values(), ids=PROVED)
def test_what_has_a_field_is_proved_and_not_refuted(build, pseudo):
    model = build()
    proof = ep.prove(model)
    assert (proof.verdict, proof.conditions) == (Verdict.PROVED, ())
    assert bool(proof.pseudo) is pseudo
    for term in model.terms:
        assert refute(model, [term], base_measure=True) is None
        assert pseudo or refute(model, [term], base_measure=False) is None


def test_a_share_that_may_be_the_only_one_is_not_below_one():
    model = Model("m")
    p = model.parameter("p", model.dims("K"), domain="simplex")
    model.observed("x", Bernoulli(probability=p[0]))
    assert ep.prove(model).verdict is not Verdict.PROVED
    with pytest.raises(ep.InputError, match="must be in the unit interval"):
        ep.prove(named_share(1)())


def test_a_base_measure_that_fixes_a_scale_leaves_a_part():
    proof = ep.prove(fixed_noise())
    assert proof.verdict is Verdict.PARTIAL
    assert proof.terms[0].fixes_scale


def test_more_rows_than_weights_refute():
    """Poisson(Phi @ w) with a known design: D equations log (Phi w)_d for H < D components."""
    model = Model("m")
    D, H = model.dims("D", "H")
    Phi = model.parameter("Phi", D, H, domain="positive", fixed=True)
    model.observed("x", Poisson(rate=Phi @ model.parameter("w", H, domain="positive")), D)
    proof = ep.prove(model)
    assert proof.verdict is Verdict.REFUTED
    assert "any base measure h for x at D = 6, H = 2" in proof.witness.summary


def hardy_weinberg():
    model = Model("m")
    t = model.parameter("t", domain="unit interval")
    model.observed("x", Categorical(probabilities=[t**2, 2 * t * (1 - t), (1 - t) ** 2]))
    return model


def linked_multinomial():
    """Rao's linkage data: no exponential family in one parameter."""
    model = Model("m")
    t = model.parameter("t", domain="unit interval")
    model.observed("x", Categorical(probabilities=[(2 + t) / 4, (1 - t) / 4, (1 - t) / 4, t / 4]))
    return model


def test_probabilities_that_are_polynomials():
    assert ep.prove(hardy_weinberg()).verdict is Verdict.PROVED
    assert ep.prove(linked_multinomial()).verdict is Verdict.REFUTED


def test_a_bounded_link_of_a_design_is_refuted():
    """tanh(Phi w): more rows than weights, each with two values and an h of its own."""
    proof = ep.prove(regression(lambda eta: Bernoulli(logits=tanh(eta)))())
    assert proof.verdict is Verdict.REFUTED


def test_probabilities_that_are_mixed():
    """P = t a + (1 - t) p lies between two positive numbers, wherever t is."""
    model = Model("m")
    K = model.dims("K")
    a = model.parameter("a", K, domain="simplex", fixed=True)
    p, t = model.parameter("p", K, domain="simplex"), model.parameter("t", domain="unit interval")
    model.observed("x", Categorical(probabilities=t * a + (1 - t) * p))
    assert ep.prove(model).verdict is Verdict.PROVED


ADDED = {
    "the identity": lambda S, B: S + eye(B.shape[0]),
    "a known matrix": lambda S, B: 2 * S + B,
    "inverted": lambda S, B: inv(S + B),
}


@pytest.mark.parametrize("covariance", ADDED.values(), ids=ADDED)
def test_a_covariance_with_something_added(covariance):
    model = Model("m")
    D = model.dims("D")
    S = model.parameter("S", D, D, domain="positive definite")
    B = model.parameter("B", D, D, domain="positive definite", fixed=True)
    model.observed("x", MultivariateNormal(mean=0, covariance=covariance(S, B)))
    assert ep.prove(model).verdict is Verdict.PROVED


def test_weights_move_along_the_known_array():
    """exp(a.w): w -> -a / a.a needs a alone to be known as not zero, w -> -w / a.w would need w."""
    model = Model("m")
    H = model.dims("H")
    a, w = model.parameter("a", H, fixed=True), model.parameter("w", H)
    model.observed("x", Normal(mean=0, variance=exp(a @ w)))
    proof = ep.prove(model)
    assert proof.verdict is Verdict.PROVED
    assert [c.learned for c in proof.conditions] == [False]


@pytest.mark.parametrize("labels", [False, True])
def test_weights_move_with_the_known_ones_beside_them(labels):
    family = (lambda eta: Categorical(logits=eta)) if labels else lambda eta: Bernoulli(logits=eta)
    model = known_weights(family, labels)()
    assert {str(k): str(f) for k, f in ep.prove(model).field.items()} == {"v": "v - w/2"}
