"""Bad declarations in a model file: one line with file and line, the culprit and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

import entropy_proofs as ep

START = """\
import sympy
import entropy_proofs as ep
from entropy_proofs import *
model = Model("some model")
D, H, K = model.dims("D", "H", "K")
W = model.parameter("W", D, H)
s, p = model.parameter("s", domain="positive"), model.parameter("p", domain="unit interval")
rho = model.parameter("rho", K, domain="simplex")
S = model.parameter("S", D, D, domain="positive definite")
z = model.latent("z", Normal(mean=0, variance=1), H)
"""
LINE = START.count("\n") + 1
FUNCTION = "this tool is for densities, and a function of other variables has none"
NORMALISED = "this tool is for densities that are normalised"
DIRECTED = "this tool is for directed models"

KEYWORDS = {
    "Normal(mean=0, std=1)": ("Normal takes mean= and variance=, not std=", "variance=, which is its square"),
    "Normal(mean=0, sd=1)": ("sd=", "variance=, which is its square"),
    "Normal(mean=0, sigma=1)": ("sigma=", "variance=, which is its square"),
    "Normal(mean=0, stddev=1)": ("stddev=", "variance=, which is its square"),
    "Normal(loc=0, scale=1)": ("loc=", "mean="),
    "Normal(mean=0, scale=1)": ("scale=", "variance=, which is its square"),
    "Normal(mean=0, precision=1)": ("precision=", "variance=, which is its inverse"),
    "Normal(mean=0, varience=1)": ("varience=", "did you mean variance=?"),
    "Normal(mu=0, variance=1)": ("mu=", "mean="),
    "Normal(0, 1)": ("Normal takes mean= and variance=, by keyword", "Normal(mean=0, variance=1)"),
    "Normal(0, variance=1)": ("by keyword", "mean=0"),
    "Normal()": ("Normal takes mean= and variance=", "mean and variance missing"),
    "Normal(mean=0)": ("Normal takes mean= and variance=", "variance missing"),
    "Normal": ("Normal without arguments", "Normal(mean=..., variance=...)"),
    "Normal(mean=0, variance=1, size=H)": ("size=", "sizes belong to the variable"),
    "Laplace(mean=0, b=1)": ("b=", "scale="),
    "Laplace(mean=0, rate=1)": ("rate=", "scale=, which is its inverse"),
    "StudentT(mean=0, scale=1, degrees_of_freedom=3)": ("scale=", "scale2=, which is its square"),
    "StudentT(mean=0, scale2=1, df=3)": ("df=", "degrees_of_freedom="),
    "VonMises(mean=0, kappa=1)": ("kappa=", "concentration="),
    "Gamma(a=1, rate=1)": ("a=", "shape="),
    "Gamma(shape=1, scale=1)": ("scale=", "rate=, which is its inverse"),
    "InverseGamma(shape=1, beta=1)": ("beta=", "scale="),
    "Exponential(scale=1)": ("scale=", "rate=, which is its inverse"),
    "Poisson(lam=1)": ("Poisson takes rate=, not lam=", "did you mean rate=?"),
    "Poisson(lambda_=1)": ("lambda_=", "rate="),
    "Poisson(mu=1)": ("mu=", "rate="),
    "Poisson(3)": ("Poisson takes rate=, by keyword", "Poisson(rate=3)"),
    "Bernoulli(p=p)": ("Bernoulli takes probability= or logits=, not p=", "probability="),
    "Bernoulli(probs=p)": ("probs=", "probability="),
    "Bernoulli(logit=0)": ("logit=", "logits="),
    "Bernoulli(p)": ("by keyword", "Bernoulli(probability=p)"),
    "Binomial(n=3, probability=p)": ("n=", "trials="),
    "Beta(a=1, b=1)": ("a=", "alpha="),
    "Categorical(p=rho)": ("p=", "probabilities="),
    "Categorical(probs=rho)": ("probs=", "probabilities="),
    "Dirichlet(alpha=rho)": ("alpha=", "concentration="),
    "MultivariateNormal(mean=0, cov=S)": ("cov=", "covariance="),
    "MultivariateNormal(mean=0, scale_tril=S)": ("scale_tril=", "covariance=, which is L @ L.T"),
    "Density(lambda x: x, Reals, 3)": ("Density takes log_density= and support=", "3 arguments"),
    "Density(lambda x: x, suport=Reals)": ("suport=", "did you mean support=?"),
    "Density()": ("Density takes log_density= and support=", "log_density missing"),
}  # fmt: skip

FAMILIES = {
    "Nromal(mean=0, variance=1)": ("Nromal", "did you mean 'Normal'?"),
    "normal(mean=0, variance=1)": ("normal", "did you mean 'Normal'?"),
    "ep.Nromal(mean=0, variance=1)": ("Nromal", "did you mean 'Normal'?"),
    "ep.Bernouli(probability=p)": ("Bernouli", "did you mean 'Bernoulli'?"),
    "TruncatedNormal(mean=0, variance=1)": ("TruncatedNormal", "Density(...) takes any"),
    "Mixture(rho, z)": ("Mixture", "and index with it, as in mu[c]"),
    "ep.BetaBinomial(trials=3)": ("BetaBinomial", "and Binomial(...) given it"),
    "Categorical(probabilities=softmax(z))": ("softmax", "Categorical(logits=w)"),
    "Deterministic(W @ z)": ("Deterministic", FUNCTION),
    "y": ("y", "is not defined"),
    "W @ z": ("x: ", FUNCTION),
    "sympy.Min(z[0], 1)": ("x: ", FUNCTION),
    "3": ("x: 3 is not a distribution", ""),
}

NO_DENSITIES = {
    "Normal(mean=W @ z, variance=0)": ("variance must be in the domain 'positive', not 0", FUNCTION),
    "Laplace(mean=0, scale=0)": ("scale must be in the domain 'positive', not 0", FUNCTION),
    "Poisson(rate=0)": ("rate must be in the domain 'positive', not 0", FUNCTION),
    "Poisson(rate=sympy.Max(0, z[0]))": ("rate must be in the domain 'positive'", FUNCTION),
    "Poisson(rate=sympy.Piecewise((z[0], z[0] > 0), (0, True)))": ("x: rate", FUNCTION),
    "Bernoulli(probability=1)": ("probability must be in the domain 'unit interval'", FUNCTION),
    "Bernoulli(probability=sympy.Heaviside(z[0]))": ("Heaviside(z[0]) can be", FUNCTION),
    "Density(lambda x: log(sympy.DiracDelta(x - z[0])))": ("x: ", FUNCTION),
    "Density(lambda x: -(x**4) + s * x * z[0])": ("x: its density integrates to", NORMALISED),
    "Density(lambda x: x * z[0], FiniteSet(0, 1))": ("x: its density sums to", NORMALISED),
    "Density(lambda x: -(x**2) / 2 - log(2 * pi) / 2, Interval(-oo, 1))": ("x: its density", NORMALISED),
    "Normal(mean=sympy.Symbol('y'), variance=s)": ("unknown symbol y", DIRECTED),
    "Normal(mean=sympy.Symbol('Ww'), variance=s)": ("unknown symbol Ww", DIRECTED),
}  # fmt: skip

STATEMENTS = {
    # before it is declared
    'h = model.latent("h", Bernoulli(logits=v))\nv = model.observed("v", Bernoulli(logits=h))':
        ("name 'v' is not defined, which the file defines only later", DIRECTED),
    # what other tools have
    'model.factor(z, z)': ("a Model has no 'factor'", DIRECTED),
    'model.potential("e", z)': ("potential", DIRECTED),
    'model.deterministic("y", W @ z)': ("a Model has no 'deterministic'", FUNCTION),
    'model.censored("y", z)': ("censored", NORMALISED),
    'model.param("y")': ("param", "model.parameter(name, ...)"),
    'model.parametr("y")': ("parametr", "did you mean 'parameter'?"),
    'model.observe("y", z)': ("observe", "model.observed(name, family, ...)"),
    'model.dim("y")': ("dim", "model.dims("),
    'model.laten("y", z)': ("laten", "did you mean 'latent'?"),
    # domains
    'model.parameter("y", domain="postive")': ("y: domain 'postive'", "did you mean 'positive'?"),
    'model.parameter("y", domain="psd")': ("y: domain 'psd'", "did you mean 'positive definite'?"),
    'model.parameter("y", domain="probability")': ("'probability'", "did you mean 'unit interval'?"),
    'model.parameter("y", K, domain="simplexx")': ("'simplexx'", "did you mean 'simplex'?"),
    'model.parameter("y", domain=Reals)': ("y: domain", "did you mean 'real'?"),
    # arguments
    'model.parameter("y", domian="positive")': ("domian", "did you mean 'domain'?"),
    'model.parameter("y", positive=True)': ("positive", 'write domain="positive"'),
    'model.parameter("y", trainable=False)': ("trainable", "fixed=True"),
    'model.latent("y", Normal(mean=0, variance=1), size=H)': ("size", "sizes go by place"),
    'model.latent("y")': ("latent()", "family"),
    'model.chain("y", Normal(mean=0, variance=1), lambda y: y, K)': ("chain()", "length=T"),
    'sum(z[k] for k in range(H))': ("Symbol", "no loop runs to it: write w.sum()"),
    'import numpy\nnumpy.zeros(H)': ("sequence of integers", "a number alone broadcasts"),
    # sizes
    'model.parameter("y", sympy.Symbol("L", integer=True, positive=True))': ("size L", ""),
    'model.parameter("y", sympy.Symbol("DD", integer=True, positive=True))': ("size DD", ""),
    'model.parameter("y", 0)': ("y: size 0", ""),
    'model.dims("E", "E")': ("E: declared twice", ""),
    'model.dims("samples")': ("samples: ", "rename it"),
    # names
    'model.parameter("")': ("'' is not a name", "letters a-z"),
    'model.parameter(3)': ("3 is not a name", "a text is wanted"),
    'model.parameter("2x")': ("'2x' is not a name", "no digit first"),
    'model.parameter("a b")': ("'a b' is not a name", "letters a-z"),
    'model.parameter("x\\n")': ("is not a name", "letters a-z"),
    'model.parameter("f.U")': ("'f.U' is not a name", "latex="),
    'model.parameter("w^2")': ("'w^2' is not a name", "latex="),
    'model.parameter("<script>")': ("'<script>' is not a name", "latex="),
    'model.parameter("50%")': ("'50%' is not a name", "latex="),
    'model.parameter("$x$")': ("'$x$' is not a name", "latex="),
    'model.parameter("x|y")': ("'x|y' is not a name", "latex="),
    'model.parameter(r"\\input{/etc/passwd}")': ("is not a name", "latex="),
    'model.parameter("σ²", domain="positive")': ("'σ²' is not a name", "write 'sigma2'"),
    'model.parameter("größe")': ("'größe' is not a name", "letters a-z"),
    'model.parameter("y" * 200)': ("'yyyyyyyyyyyyyyyyyyyy'... is not a name", "200 characters"),
    'model.latent("a-b", Normal(mean=0, variance=1))': ("'a-b' is not a name", "latex="),
    'model.observed("x,y", Normal(mean=0, variance=1))': ("'x,y' is not a name", "latex="),
    'model.network("f(z)", z)': ("'f(z)' is not a name", "latex="),
    'model.dims("E", "#")': ("'#' is not a name", "latex="),
    'model.chain("a:b", initial=Normal(mean=0, variance=1), length=D, transition=lambda y: Normal(mean=y, variance=s))':
        ("'a:b' is not a name", "latex="),
    'model.parameter("W")': ("W: declared twice", ""),
    'model.network("f", z)\nmodel.parameter("phi_f")': ("phi_f: belongs to f", "rename it"),
    'model.network("weight", z)': ("weight: ", "rename it"),
    # formulas
    'model.parameter("y", latex=r"\\input{x}")': ("y: latex=", "\\input may not occur"),
    'model.parameter("y", latex=r"\\write18{ls}")': ("y: latex=", "\\write may not occur"),
    'model.parameter("y", latex=r"\\def\\a{b}")': ("y: latex=", "\\def may not occur"),
    'model.parameter("y", latex="$y$")': ("y: latex=", "'$' may not occur"),
    'model.parameter("y", latex="y%")': ("y: latex=", "'%' may not occur"),
    'model.parameter("y", latex="{y")': ("y: latex=", "} is missing"),
    'model.latent("y", Normal(mean=0, variance=1), latex="y^1^2")': ("y: latex=", "a second ^"),
    'model.network("f", z, latex="f_")': ("f: latex=", "argument in braces is missing"),
    'model.dims("E", "F", latex="e")': ("dims: latex='e'", "one for each of E, F"),
    'model.parameter("y", latex="W")\nmodel.parameter("v", latex="W")': ("v: latex='W'", "shows y"),
    # titles
    'Model("")': ("model: ''", "a line of text"),
    'Model("two\\nlines")': ("model: ", "a line of text"),
    'Model(3)': ("model: 3", "is not a text"),
    'Model("t" * 201)': ("model: ", "201 characters"),
    'Model("a", group=" ")': ("a: group: ' '", "a line of text"),
    # claims
    'model.claim("entropi", z, 1)': ("'entropi'", "did you mean 'entropy'?"),
    'model.claim("entropy sum", sympy.Symbol("t"))': ("unknown symbol t", ""),
}  # fmt: skip

CASES = {
    **{f'model.observed("x", {given})': said for given, said in (KEYWORDS | FAMILIES | NO_DENSITIES).items()},
    **STATEMENTS,
}  # fmt: skip


@pytest.mark.parametrize("statement", CASES, ids=lambda s: s[:60])
def test_a_bad_declaration_is_one_line_that_says_where_and_what(statement, tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text(START + statement + "\n", encoding="utf-8")
    with pytest.raises(ep.InputError) as caught:
        ep.load(file)
    message = str(caught.value)
    assert message.startswith(f"{file}:{LINE}") or message.startswith(f"{file}:{LINE + 1}")
    assert "\n" not in message
    for part in CASES[statement]:
        assert part in message


FILES = {
    "from entropy_proofs import Nromal": ("Nromal", "did you mean 'Normal'?"),
    "from entropy_proofs import Model\nmodel = Model('m')\nNormal(mean=0)": (
        "Normal", "from entropy_proofs import Normal"),
    "from entropy_proofs import Model\nmodle = Model('m')": ("defines no `model`", "call modle so"),
    "model = 3": ("`model` is a int", ""),
    "model = (": ("SyntaxError", ""),
    "import no_such_library": ("no_such_library", ""),
}  # fmt: skip


@pytest.mark.parametrize("text", FILES, ids=lambda s: s[-40:])
def test_a_bad_file_is_one_line(text, tmp_path: Path):
    file = tmp_path / "mine.py"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ep.InputError) as caught:
        ep.load(file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)
    for part in FILES[text]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: ep.prove("pcpa"), ("'pcpa'", "did you mean 'ppca'?")),
        (lambda: ep.prove("no/such/model.py"), ("no/such/model.py", "no such file")),
        (lambda: ep.prove(3), ("prove takes a Model", "3")),
        (lambda: ep.compile("ppca"), ("compile takes a proof", "ep.prove(model)")),
        (lambda: ep.verify(ep.load("ppca")), ("verify takes a proof", "Model")),
        (lambda: ep.codegen(None), ("codegen takes a proof", "NoneType")),
        (lambda: ep.compile(ep.prove("ppca"), backend="numpi"), ("numpi", "did you mean 'numpy'?")),
    ],
)
def test_a_wrong_argument_of_a_public_function_is_one_line(call, parts):
    with pytest.raises(ep.InputError) as caught:
        call()
    for part in parts:
        assert part in str(caught.value)


def test_a_name_that_the_package_lacks_is_answered_with_the_closest():
    with pytest.raises(AttributeError, match=r"'Nromal'; did you mean 'Normal'\?"):
        ep.Nromal  # noqa: B018
