"""Mistakes in a model: one line each, that names the culprit."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Bernoulli,
    Categorical,
    Density,
    Dirichlet,
    Exponential,
    FiniteSet,
    Gamma,
    InputError,
    Interval,
    Laplace,
    Model,
    Multinomial,
    MultivariateNormal,
    Normal,
    Poisson,
    Reals,
    StudentT,
    exp,
    eye,
    log,
    oo,
)  # fmt: skip


class Start:
    """A model with some parameters, to go wrong with."""

    def __init__(self):
        m = self.model = Model("some model")
        self.D, self.H, self.K = m.dims("D", "H", "K")
        self.mu, self.w = m.parameter("mu", self.D), m.parameter("w", self.H)
        self.W = m.parameter("W", self.D, self.H)
        self.s, self.r = m.parameter("s", domain="positive"), m.parameter("r")
        self.p = m.parameter("p", domain="unit interval")
        self.rho = m.parameter("rho", self.K, domain="simplex")
        self.alpha = m.parameter("alpha", self.K, domain="positive")
        self.S = m.parameter("S", self.D, self.D, domain="positive definite")
        self.z = m.latent("z", Normal(mean=0, variance=1), self.H)
        self.c = m.latent("c", Categorical(probabilities=self.rho))

    def observe(self, family, *sizes):
        return self.model.observed("x", family, *sizes)


T = sp.Symbol("t")
J = sp.Symbol("j", integer=True)

MISTAKES = {
    # shapes
    "mean of another size": (lambda m: m.observe(Normal(mean=m.mu, variance=1), m.H), "x"),
    "mean without room": (lambda m: m.observe(Normal(mean=m.W, variance=1), m.H), "x"),
    "arguments that do not match": (lambda m: m.observe(Normal(mean=m.mu, variance=exp(m.w))), "x"),
    "product of wrong shapes": (lambda m: m.W @ m.mu, "W"),
    "covariance of a vector": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.mu)), "x"),
    "covariance of a scalar": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.s)), "x"),
    "covariance not square": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.W)), "x"),
    "mean and covariance": (lambda m: m.observe(MultivariateNormal(mean=m.w, covariance=m.S)), "x"),
    "probabilities of a scalar": (lambda m: m.observe(Categorical(probabilities=m.p)), "x"),
    "concentration of a scalar": (lambda m: m.observe(Dirichlet(concentration=m.s)), "x"),
    "density of an array": (lambda m: m.observe(Density(lambda x: -(x - m.mu) ** 2)), "x"),
    # symbols
    "unknown symbol": (lambda m: m.observe(Normal(mean=T, variance=1)), "t"),
    "unknown symbol in an array": (lambda m: m.observe(Normal(mean=m.mu * T, variance=1)), "t"),
    "unknown symbol in a density": (lambda m: m.observe(Density(lambda x: -x * T, Interval(0, oo))), "t"),
    "a name without its assumptions": (lambda m: m.observe(Normal(mean=sp.Symbol("r"), variance=1)), "r"),
    "a name that ends like a chain's": (lambda m: m.observe(Normal(mean=sp.Symbol("a_previous"), variance=1)), "a_previous"),
    "another model's parameter": (lambda m: m.observe(Normal(mean=Model("n").parameter("q"), variance=1)), "q"),
    "text": (lambda m: m.observe(Normal(mean="mu", variance=1)), "x"),
    "nothing": (lambda m: m.observe(Normal(mean=None, variance=1)), "x"),
    "an imaginary number": (lambda m: m.observe(Normal(mean=sp.I, variance=1)), "x"),
    "not a number": (lambda m: m.observe(Normal(mean=sp.nan, variance=1)), "x"),
    "infinity": (lambda m: m.observe(Normal(mean=0, variance=sp.oo)), "x"),
    "a real index": (lambda m: m.mu[m.r], "mu"),
    "a latent index": (lambda m: m.mu[m.z], "mu"),
    # domains
    "real variance": (lambda m: m.observe(Normal(mean=0, variance=m.r)), "r"),
    "real variances": (lambda m: m.observe(Normal(mean=0, variance=m.mu), m.D), "mu"),
    "positive probability": (lambda m: m.observe(Bernoulli(probability=m.s)), "s"),
    "positive probabilities": (lambda m: m.observe(Categorical(probabilities=m.alpha)), "alpha"),
    "probability of a unit interval array": (lambda m: m.observe(Categorical(probabilities=m.mu)), "mu"),
    "real covariance": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.model.parameter("R", m.D, m.D))), "R"),
    "real rate": (lambda m: m.observe(Poisson(rate=m.r)), "r"),
    "real scale": (lambda m: m.observe(Laplace(mean=0, scale=m.r)), "r"),
    "real concentration": (lambda m: m.observe(Dirichlet(concentration=m.mu)), "mu"),
    "latent variance": (lambda m: m.observe(Normal(mean=0, variance=m.z), m.H), "x"),
    "variance zero": (lambda m: m.observe(Normal(mean=0, variance=0)), "variance"),
    "negative variance": (lambda m: m.observe(Normal(mean=0, variance=-1.5)), "variance"),
    "probability above one": (lambda m: m.observe(Bernoulli(probability=1.5)), "probability"),
    "probability one": (lambda m: m.observe(Bernoulli(probability=1)), "probability"),
    "rate zero": (lambda m: m.observe(Poisson(rate=0)), "rate"),
    "variance that may be negative": (lambda m: m.observe(Normal(mean=0, variance=m.s - 1)), "x"),
    "variance of a square minus": (lambda m: m.observe(Normal(mean=0, variance=-(m.r**2))), "x"),
    "probability above one at times": (lambda m: m.observe(Bernoulli(probability=2 * m.p)), "x"),
    "probabilities that do not sum": (lambda m: m.observe(Categorical(probabilities=m.rho / 2)), "x"),
    "numbers that do not sum": (lambda m: m.observe(Categorical(probabilities=[0.5, 0.2])), "x"),
    "covariance that is none": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.S - 9 * eye(m.D))), "x"),
    "covariance that is not symmetric": (lambda m: m.observe(MultivariateNormal(mean=0, covariance=m.S + m.mu[:, None])), "x"),
    "rate of a latent": (lambda m: m.observe(Exponential(rate=m.z[0])), "x"),
    # densities
    "not normalised": (lambda m: m.observe(Density(lambda x: -(x**2) / m.s)), "x"),
    "normalised for another support": (lambda m: m.observe(Density(lambda x: log(m.s) - m.s * x, Interval(1, oo))), "x"),
    "does not decay": (lambda m: m.observe(Density(lambda x: m.s * x)), "x"),
    "not normalised, discrete": (lambda m: m.observe(Density(lambda x: -m.s * x, sp.S.Naturals0)), "x"),
    "forgotten Jacobian": (lambda m: m.observe(Density(lambda x: -(log(x) ** 2) / 2 - log(2 * sp.pi) / 2, Interval.open(0, oo))), "x"),
    "support that moves": (lambda m: m.observe(Density(lambda x: -log(m.s), Interval(0, m.s))), "s"),
    "support that starts to move": (lambda m: m.observe(Density(lambda x: m.r - x, Interval(m.r, oo))), "r"),
    "support of a few numbers": (lambda m: m.observe(Density(lambda x: 0 * x, FiniteSet(1, 2, 3))), "x"),
    "trials that are learned": (lambda m: m.observe(ep.Binomial(trials=m.s, probability=m.p)), "s"),
    # families
    "no family": (lambda m: m.observe(3), "x"),
    "a class of families": (lambda m: m.observe(Normal), "x"),
    "neither probability nor logits": (lambda m: m.observe(Bernoulli()), "x"),
    "both probability and logits": (lambda m: m.observe(Bernoulli(probability=m.p, logits=m.r)), "x"),
    "both for counts": (lambda m: m.observe(Multinomial(trials=3, probabilities=m.rho, logits=m.alpha)), "x"),
    "a density that is wrong at one coordinate": (lambda m: m.observe(Density(lambda x: log(m.s) - m.s * x + (m.mu - m.mu[0]) ** 2, Interval(0, oo)), m.D), "x"),
    "a density that is wrong at the last of many": (lambda m: m.observe(Density(lambda x: log(m.s) - m.s * x + eye(200)[199], Interval(0, oo)), 200), "x"),
    "an undeclared support that moves": (lambda m: m.observe(Density(lambda x: log(x - m.r) - (x - m.r))), "x"),
    "a support of an unknown symbol": (lambda m: m.observe(Density(lambda x: -log(T), Interval(0, sp.Symbol("t", positive=True)))), "t"),
    "a support in words": (lambda m: m.observe(Density(lambda x: -(x**2), "real")), "real"),
    "a derivative that is not carried out": (lambda m: m.observe(Normal(mean=sp.Derivative(m.r**2, m.r), variance=1)), "x"),
    "a density that divides by zero": (lambda m: m.observe(Density(lambda x: x / 0 + 1 // 0)), "x"),
    # indices
    "a count as an index": (lambda m: m.observe(Normal(mean=m.mu[m.model.latent("n", Poisson(rate=1))], variance=1)), "mu"),
    "a coin as an index of any table": (lambda m: m.mu[m.model.latent("b", Bernoulli(probability=m.p))], "mu"),
    "a sum beyond its axis": (lambda m: m.observe(Normal(mean=sp.Sum(m.mu[J], (J, 0, m.D)), variance=1)), "mu"),
    "an index without a sum": (lambda m: m.observe(Normal(mean=m.mu[J], variance=1)), "x"),
    "an index outside its sum": (lambda m: m.observe(Normal(mean=J + sp.Sum(m.mu[J], (J, 0, m.D - 1)), variance=1)), "j"),
    "a sum over a parameter": (lambda m: m.observe(Normal(mean=sp.Sum(m.r, (m.r, 0, 3)), variance=1)), "r"),
    "an element with an index too many": (lambda m: m.observe(Normal(mean=sp.IndexedBase(m.mu.at(0).base.label)[0, 0], variance=1)), "mu"),
    # arguments
    "True": (lambda m: m.observe(Normal(mean=True, variance=1)), "mean"),
    "a number as text": (lambda m: m.observe(Normal(mean="1", variance=1)), "mean"),
    "a function as an argument": (lambda m: m.observe(Normal(mean=lambda x: x, variance=1)), "mean"),
    "a comparison": (lambda m: m.observe(Normal(mean=m.r > 0, variance=1)), "mean"),
    "half a trial": (lambda m: m.observe(ep.Binomial(trials=2.5, probability=m.p)), "trials"),
    # names
    "no name": (lambda m: m.model.parameter(""), "name"),
    "a name of two lines": (lambda m: m.model.parameter("a\nb"), "name"),
    "a number as a name": (lambda m: m.model.latent(3, Normal(mean=0, variance=1)), "3"),
    "a network that owns a parameter's name": (lambda m: (m.model.parameter("J_f"), m.model.network("f", m.z, m.D)), "J_f"),
    "a network whose weights are declared": (lambda m: (m.model.parameter("f.U"), m.model.network("f", m.z, m.D)), "f.U"),
    "a parameter called like a network's weight": (lambda m: (m.model.network("f", m.z, m.D), m.model.parameter("phi_f.R0")), "phi_f.R0"),
    "a dim called like the batch's own": (lambda m: m.model.dims("samples"), "samples"),
    # names and sizes
    "declared twice": (lambda m: (m.observe(Poisson(rate=m.s)), m.observe(Poisson(rate=m.s))), "x"),
    "a variable like a parameter": (lambda m: m.model.latent("s", Normal(mean=0, variance=1)), "s"),
    "a parameter like a dim": (lambda m: m.model.parameter("D"), "D"),
    "a dim like a variable": (lambda m: m.model.dims("z"), "z"),
    "a network like a parameter": (lambda m: m.model.network("mu", m.z, m.D), "mu"),
    "size zero": (lambda m: m.model.parameter("v", 0), "v"),
    "negative size": (lambda m: m.model.parameter("v", -2), "v"),
    "half a size": (lambda m: m.model.parameter("v", 2.5), "v"),
    "size in words": (lambda m: m.model.parameter("v", "many"), "v"),
    "size of nothing": (lambda m: m.model.parameter("v", None), "v"),
    "a parameter as a size": (lambda m: m.model.parameter("v", m.s), "v"),
    "an array as a size": (lambda m: m.model.parameter("v", m.mu), "v"),
    "a foreign dim": (lambda m: m.observe(Poisson(rate=m.s), sp.Symbol("L", integer=True, positive=True)), "x"),
    "simplex without an axis": (lambda m: m.model.parameter("v", domain="simplex"), "v"),
    "matrix without two axes": (lambda m: m.model.parameter("v", m.D, domain="positive definite"), "v"),
    "matrix that is not square": (lambda m: m.model.parameter("v", m.D, m.H, domain="positive definite"), "v"),
    "columns of a vector": (lambda m: m.model.parameter("v", m.D, domain="unit columns"), "v"),
    "unknown domain": (lambda m: m.model.parameter("v", domain="complex"), "v"),
    # chains and networks
    "chain of two supports": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Gamma(shape=1, rate=1), length=m.D), "y"),
    "chain of two sizes": (lambda m: m.model.chain("y", initial=MultivariateNormal(mean=0, covariance=m.S), transition=lambda y: MultivariateNormal(mean=0, covariance=eye(m.H)), length=m.D), "y"),
    "chain of many": (lambda m: m.model.chain("y", initial=Normal(mean=m.mu, variance=1), transition=lambda y: Normal(mean=y, variance=1), length=m.D), "y"),
    "chain of no distribution": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: y, length=m.D), "y"),
    "chain of half a length": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Normal(mean=y, variance=1), length=1.5), "y"),
    "unknown weights": (lambda m: m.model.network("f", m.z, m.D, fixed=("Q",)), "Q"),
    "unknown first layer": (lambda m: m.model.network("f", m.z, m.D, first="orthogonal"), "orthogonal"),
    "network of a bad size": (lambda m: m.model.network("f", m.z, 0), "f"),
    "chain of no function": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=None, length=m.D), "y"),
    "chain of vectors that are none": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Normal(mean=y[0], variance=1), length=m.D), "y"),
    "chain with a density that is none": (lambda m: m.model.chain("y", initial=Normal(mean=0, variance=1), transition=lambda y: Density(lambda x: -((x - y) ** 2)), length=m.D), "y"),
    "network of nothing": (lambda m: m.model.network("f", [], m.D), "f"),
    # claims
    "unknown claim": (lambda m: m.model.claim("entropi", m.z, 1), "entropi"),
    "claim with too little": (lambda m: m.model.claim("entropy", m.z), "entropy"),
    "claim about a parameter": (lambda m: m.model.claim("entropy", m.s, 1), "s"),
    "optimum of a variable": (lambda m: m.model.claim("optimum", m.z, 1), "z"),
    "claim of an unknown symbol": (lambda m: m.model.claim("entropy sum", T), "t"),
    "field of an unknown": (lambda m: m.model.claim("field", {T: 1}), "t"),
    "field of no mapping": (lambda m: m.model.claim("field", m.s), "{parameter: direction}, not s"),
    "derivation of one expression": (lambda m: m.model.derivation(m.s), "at least two"),
    "derivation of an array": (lambda m: m.model.derivation(m.mu, 2 * m.mu), "derivation: mu is an array"),
    # weights and q
    "weights that are a number": (lambda m: m.model.weights(2), "weights: 2"),
    "q of another shape": (lambda m: m.model.q(m.z, MultivariateNormal(mean=m.model.variational("n", m.D), covariance=eye(m.D))), "z: q has the shape (D,), not (H,)"),
    "a chain as q of what is no chain": (lambda m: m.model.q(m.model.latent("y", Normal(mean=0, variance=1)), initial=Normal(mean=0, variance=1), transition=lambda y: Normal(mean=y, variance=1)), "y: is no chain"),
    "a range that moves with the value": (lambda m: m.observe(Density(lambda x: -m.s - sp.Sum(log(J), (J, 1, x)) + x * log(m.s), sp.S.Naturals0)), "the range of"),
    "ends of a chain that differ": (lambda m: m.model.chain("y", initial=ep.Binomial(trials=m.model.parameter("n", m.D, domain="positive", fixed=True), probability=m.p), transition=lambda y: ep.Binomial(trials=3, probability=m.p), length=m.D), "y"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_that_names_the_culprit(name):
    """At declaration, or when the model is to be proved."""
    make, culprit = MISTAKES[name]
    start = Start()
    with pytest.raises(InputError) as caught:
        make(start)
        ep.prove(start.model)
    message = str(caught.value)
    assert message.strip()
    assert "\n" not in message
    assert culprit in message


AT_ONCE = [n for n in MISTAKES if "at times" not in n and "may be" not in n][:24]


@pytest.mark.parametrize("name", AT_ONCE)
def test_shapes_and_symbols_are_checked_at_declaration(name):
    start = Start()
    with pytest.raises(InputError):
        MISTAKES[name][0](start)


def test_a_refused_declaration_leaves_the_model_usable():
    """In a notebook one corrects the cell and runs it again."""
    start = Start()
    for wrong in (
        lambda: start.observe(Normal(mean=T, variance=1)),
        lambda: start.observe(Density(lambda x: -(x**2))),
        lambda: start.observe(Normal(mean=start.mu, variance=1), start.H),
        lambda: start.observe(Density(lambda x: -((x - start.mu) ** 2))),
    ):
        with pytest.raises(InputError):
            wrong()
    start.observe(Normal(mean=start.mu, variance=start.s), start.D)
    assert [t.name for t in start.model.terms] == ["z", "c", "x"]
    assert set(start.model.variables) == {"z", "c", "x"}


def test_a_refused_chain_leaves_the_model_usable():
    start = Start()
    with pytest.raises(InputError):
        start.model.chain(
            "y",
            initial=Normal(mean=0, variance=1),
            length=start.D,
            transition=lambda y: Normal(mean=y * T, variance=1),
        )
    start.model.chain(
        "y",
        initial=Normal(mean=0, variance=1),
        length=start.D,
        transition=lambda y: Normal(mean=y, variance=1),
    )
    assert [t.name for t in start.model.terms] == ["z", "c", "y[0]", "y[t]"]


@pytest.mark.parametrize("mark", "~^#@*!()[]")
def test_no_name_can_be_one_of_the_packages_own(mark):
    for name in (f"a{mark}", f"{mark}1"):
        with pytest.raises(InputError) as caught:
            Model("m").parameter(name)
        assert name in str(caught.value)


NAMESAKES = [
    ("z_first", "i0", "z_next"), ("_1", "_x", "i1"), ("k", "z_previous", "_2"),
    ("n", "c", "weights"), ("beta", "h", "u0"),
]  # fmt: skip


@pytest.mark.parametrize("names", NAMESAKES)
def test_names_that_look_like_the_packages_own_mean_nothing(names):
    """The same model under any names has the same entropy sum."""

    def proved(a: str, b: str, c: str) -> ep.Verdict:
        m = Model("m")
        K, L = m.dims("K", "L")
        rho = m.parameter("rho", K, domain="simplex")
        A = m.parameter("A", K, K, domain="simplex")
        mean, s = m.parameter(a, K), m.parameter("s", domain="positive")
        category = m.latent(b, Categorical(probabilities=rho))
        z = m.chain("z", initial=Categorical(probabilities=rho), length=L,
                    transition=lambda z: Categorical(probabilities=A[z]))  # fmt: skip
        offset = m.parameter(c, K)
        x = m.observed("x", Normal(mean=mean[category] + offset[z[0]], variance=s))
        m.claim("entropy", x, log(2 * sp.pi * sp.E * s) / 2)
        m.claim("entropy", category, -(rho * log(rho)).sum())
        proof = ep.prove(m)
        return proof.verdict, [c.verdict for c in proof.claims]

    assert proved(*names) == proved("mean", "category", "offset")


CASES = {
    "a rectifier": lambda m: Normal(mean=sp.Piecewise((m.z, m.z > 0), (0, True)), variance=m.s),
    "a rectifier of weights": lambda m: Normal(mean=sp.Piecewise((m.mu, m.mu > 0), (0, True)), variance=m.s),
    "a literal row": lambda m: Normal(mean=m.mu[4] * m.z[0], variance=m.s),
    "a literal row, not proved": lambda m: Normal(mean=m.mu[2] * m.z[2], variance=1),
    "a far slice": lambda m: Normal(mean=m.mu[5:].sum(), variance=m.s),
    "a list of lists": lambda m: Normal(mean=[[m.r, 1], [0, m.r]], variance=m.s),
    "a density of arrays": lambda m: Density(lambda x: -((x - m.mu) ** 2) / (2 * m.s) - log(2 * sp.pi * m.s) / 2),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_odd_models_have_an_answer(name):
    start = Start()
    sizes = {"a density of arrays": (start.D,)}.get(name, ())
    start.observe(CASES[name](start), *sizes)
    assert ep.prove(start.model).verdict in ep.Verdict


def test_a_chain_of_densities_has_an_answer():
    m = Model("m")
    L, s, a = m.dims("L"), m.parameter("s", domain="positive"), m.parameter("a")

    def step(mean):
        return Density(lambda x: -((x - mean) ** 2) / (2 * s) - log(2 * sp.pi * s) / 2)

    m.chain("y", initial=step(0), transition=lambda y: step(a * y), length=L)
    assert ep.prove(m).verdict is ep.Verdict.PROVED


def test_whole_numbers_may_be_negative_where_the_support_says_so():
    m = Model("m")
    x = m.observed("x", Density(lambda x: -log(sp.Integer(7)), sp.Range(-3, 4)))
    assert abs(x) != x


def test_an_empty_model():
    with pytest.raises(InputError, match="nothing at all"):
        ep.prove(Model("nothing at all"))


@pytest.mark.parametrize(
    "mean",
    [np.zeros(3), np.float64(0.5), np.int64(2), np.array(1.0)],
    ids=["array", "float", "int", "0-d array"],
)
def test_numpys_numbers_are_numbers(mean):
    """Or refused in one line: a traceback from inside the algebra is neither."""
    model = Model("m")
    s = model.parameter("s", domain="positive")
    try:
        model.observed("x", Normal(mean=mean, variance=s), 3)
        proof = ep.prove(model)
    except InputError as error:
        assert "x" in str(error)
        return
    assert proof.verdict is ep.Verdict.PROVED


@pytest.mark.parametrize(
    "log_density",
    [
        lambda x, s: sp.Piecewise((-x / s, x > 0), (x / s, True)) - log(2 * s),
        lambda x, s: -sp.Max(x, -x) / s - log(2 * s),
        lambda x, s: -sp.Abs(sp.Function("f")(x)) / s - log(2 * s),
        lambda x, s: sp.log(sp.sech(x / s)) - log(sp.pi * s),
        lambda x, s: -sp.Heaviside(x) * x / s + (1 - sp.Heaviside(x)) * x / s - log(2 * s),
        lambda x, s: -sp.sqrt(x**2) / s - log(2 * s),
        lambda x, s: log(sp.Derivative(1 / (1 + exp(-x / s)), x).doit()),
        lambda x, s: log(sp.Integral(sp.exp(-(T - x) ** 2), (T, 0, 1))) - s,
    ],
    ids=["Piecewise", "Max", "undefined function", "sech", "Heaviside", "sqrt", "Derivative", "Integral"],
)  # fmt: skip
def test_unusual_functions_give_a_verdict_or_one_line(log_density):
    model = Model("m")
    s = model.parameter("s", domain="positive")
    try:
        model.observed("x", Density(lambda x: log_density(x, s), support=Reals))
        proof = ep.prove(model)
    except InputError as error:
        assert "x" in str(error)
        assert "\n" not in str(error)
        return
    assert proof.verdict in ep.Verdict


def test_a_family_with_its_arguments_missing():
    with pytest.raises((TypeError, InputError)):
        Start().observe(StudentT(mean=0, scale2=1))


def normal(x, s):
    return -(x**2) / (2 * s) - log(2 * sp.pi * s) / 2


def laplace(x, s):
    return -abs(x) / s - log(2 * s)


def poisson(x, s):
    return x * log(s) - s - sp.loggamma(x + 1)


def cut(x, s):
    """A normal plus an exponential: log(1 - erf) is rounded far out."""
    return (s - 2 * x) / 2 - log(2) + log(1 - sp.erf((s - x) / sp.sqrt(2 * s)))


def lost(x, size):
    """0, but for rounding."""
    return (x + size) ** 2 - x**2 - 2 * size * x - size**2


NORMALISED = {
    "a kink": lambda x, s, t, c: laplace(x - t, s),
    "a jump": lambda x, s, t, c: laplace(x - t, s) + log(1 + c * sp.sign(x - t)),
    "a jump at a flat mode": lambda x, s, t, c: normal(x - t, s) + log(1 + c * sp.sign(x - t)),
    "many jumps": lambda x, s, t, c: normal(x, s) + log(1 + c * sp.sign(sp.sin(x))),
    "a pole": lambda x, s, t, c: laplace(x - t, s) - log(abs(x - t) * sp.pi / s) / 2,
    "narrow": lambda x, s, t, c: normal(x - t, s / 10**12),
    "far": lambda x, s, t, c: laplace(x - t - 10**5, s),
    "rounded": lambda x, s, t, c: cut(x, s),
    "digits lost": lambda x, s, t, c: poisson(x, s) + lost(x, 10**6),
    "whole numbers": lambda x, s, t, c: poisson(x, s * 10**5),
    "a heavy tail": lambda x, s, t, c: -log(x + 1) - log(x + 2),
}  # fmt: skip
NOT_NORMALISED = {
    "3.14": lambda x, s, t, c: normal(x, s) - log(sp.Rational(157, 50) / sp.pi) / 2,
    "a factor that is learned": lambda x, s, t, c: normal(x, s) + sp.sin(t) / 2000,
    "a jump, and a factor": lambda x, s, t, c: NORMALISED["a jump"](x, s, t, c) + c / 10**6,
    "a jump elsewhere": lambda x, s, t, c: laplace(x, s) + log(1 + c * sp.sign(x - s / 1000)),
    "narrow, and a factor": lambda x, s, t, c: normal(x - t, s / 10**12) + c / 10**6,
    "a factor of whole numbers": lambda x, s, t, c: poisson(x, s) + c / 10**6,
    "a factor far from 0": lambda x, s, t, c: poisson(x, s * 10**5) + c / 10**6,
    "a factor, and digits lost": lambda x, s, t, c: (
        poisson(x, s * 5000) + lost(x, 10**4) + c / 10**5
    ),
}


COUNTS = {"digits lost", "whole numbers", "a heavy tail", "a factor of whole numbers",
          "a factor far from 0", "a factor, and digits lost"}  # fmt: skip


def declare(case, log_density, *sizes):
    model = Model("m")
    s, t = model.parameter("s", domain="positive"), model.parameter("t")
    c = model.parameter("c", domain="unit interval")
    support = sp.S.Naturals0 if case in COUNTS else Reals
    of_each = [n if isinstance(n, int) else model.dims(n) for n in sizes]
    model.observed("x", Density(lambda x: log_density(x, s, t, c), support), *of_each)


@pytest.mark.parametrize("case", NORMALISED)
def test_a_density_is_not_refused_for_the_errors_of_the_rule(case):
    declare(case, NORMALISED[case])


@pytest.mark.parametrize("case", NOT_NORMALISED)
def test_a_density_that_is_hardly_not_normalised_is_refused(case):
    with pytest.raises(InputError, match=r"(integrates|sums) to (1\.0000*[1-9]|0\.999)"):
        declare(case, NOT_NORMALISED[case])


def test_so_is_one_of_many_coordinates_and_none_for_rounding():
    for case, size in (("3.14", "N"), ("3.14", 12), ("a factor far from 0", "N")):
        with pytest.raises(InputError, match=r"(integrates|sums) to (1\.0000*[1-9]|0\.999)"):
            declare(case, NOT_NORMALISED[case], size)
    for size in ("N", 12):
        declare("digits lost", NORMALISED["digits lost"], size)


@pytest.mark.parametrize("off", [0, 11])
def test_so_is_the_first_and_the_last_of_many_coordinates(off):
    model = Model("m")
    s = model.parameter("s", domain="positive")
    factor = eye(12)[off] / 1000
    with pytest.raises(InputError, match=r"integrates to 1\.001,"):
        model.observed("x", Density(lambda x: normal(x, s) + factor), 12)
