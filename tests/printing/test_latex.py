"""Expressions as LaTeX: golden strings, and a document of the whole catalogue."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    E,
    Model,
    MultivariateNormal,
    Normal,
    Rational,
    diag,
    exp,
    eye,
    gamma,
    inv,
    log,
    logdet,
    loggamma,
    pi,
    sqrt,
    trace,
)
from entropy_proofs.arrays.array import Array
from entropy_proofs.printing.latex import arrow, equation, latex

GOLDEN = Path(__file__).with_name("entropy_sums.txt").read_text(encoding="utf-8")
ENTROPY_SUMS = dict(entry.split("\n", 1) for entry in GOLDEN.strip().split("\n\n"))

DOCUMENT = r"""\documentclass[10pt]{article}
\usepackage[paperwidth=60cm,paperheight=30cm,margin=22mm]{geometry}
\usepackage{amsmath,amssymb}
\allowdisplaybreaks
\begin{document}
%s
\end{document}
"""


@cache
def proof_of(name: str) -> ep.Proof:
    return ep.prove(ep.load(name))


@pytest.mark.parametrize("name", ENTROPY_SUMS)
def test_entropy_sum(name):
    assert latex(proof_of(name).entropy_sum) == ENTROPY_SUMS[name]


model = Model("everything")
D, H, K, T, n = model.dims("D", "H", "K", "T", "n")
W = model.parameter("W", D, H)
A = model.parameter("A", D, D)
mu = model.parameter("mu", K, D)
sigma2 = model.parameter("sigma2", domain="positive")
psi = model.parameter("psi", D, domain="positive")
rho = model.parameter("rho", K, domain="simplex")
Sigma = model.parameter("Sigma", K, D, D, domain="positive definite")
S = model.parameter("S", D, D, domain="positive definite")
u = model.parameter("u", n, H)
v = model.parameter("v", T, H)
c = model.latent("c", ep.Categorical(probabilities=rho))
z = model.latent("z", Normal(mean=0, variance=1), H)
y = model.latent("y", ep.Poisson(rate=psi), D)
f = model.network("f", z, D)
x = model.observed("x", Normal(mean=f, variance=sigma2), D)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("lam", r"\lambda"),
        ("lambda_", r"\lambda"),
        ("sigma", r"\sigma"),
        ("x1", "x_{1}"),
        ("x2", "x_{2}"),
        ("tau_0", r"\tau_{0}"),
        ("D_x", "D_{x}"),
        ("rate", r"\mathrm{rate}"),
        ("alpha_beta_gamma", r"\alpha_{\beta\gamma}"),
        ("Alpha", r"\mathrm{A}"),
        ("f.U1", "U_{1}^{(f)}"),
        ("z_first", r"z_{\mathrm{first}}"),
        ("z_previous", r"z_{\mathrm{previous}}"),
        ("z_2", "z_{2}"),
        ("_x", r"\mathrm{\_x}"),
        ("x1y", r"\mathrm{x1y}"),
        ("σ", r"\sigma"),
        ("x_{1}^{*}", "x_{1}^{*}"),
        (r"\theta", r"\theta"),
        (r"\input{a}", r"\text{\textbackslash{}input\{a\}}"),
        ("50%", r"\mathrm{50\%}"),
    ],
)
def test_names(name, shown):
    assert latex(sp.Symbol(name)) == shown


@pytest.mark.parametrize(
    ("power", "shown"),
    [
        (sigma2, r"\sigma^{2}"),
        (sigma2**2, r"\sigma^{4}"),
        (sigma2**-2, r"\frac{1}{\sigma^{4}}"),
        (sqrt(sigma2), r"\sigma"),
        (sigma2 ** Rational(1, 3), r"\bigl(\sigma^{2}\bigr)^{\frac{1}{3}}"),
        (sp.IndexedBase(sp.Symbol("sigma2", positive=True))[1] ** 2, r"\sigma_{2}^{4}"),
        (sp.IndexedBase("f.V")[0, 1] ** 2, r"\bigl(V_{12}^{(f)}\bigr)^{2}"),
    ],
)
def test_squares_by_name(power, shown):
    assert latex(power) == shown


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        (W, r"\mathbf{W}"),
        (W.T, r"\mathbf{W}^{\top}"),
        (-W / 2, r"-\frac{1}{2}\mathbf{W}"),
        (mu, r"\boldsymbol{\mu}"),
        (mu[c], r"\boldsymbol{\mu}_{c}"),
        (Sigma[c], r"\boldsymbol{\Sigma}_{c}"),
        (W[0, 1], "W_{12}"),
        (W[0], r"\mathbf{W}_{1}"),
        (psi + 1, r"\boldsymbol{\psi} + \mathbf{1}"),
        (psi - psi, r"\mathbf{0}"),
        (log(psi), r"\log \psi_{d}"),
        (1 / psi, r"\frac{1}{\psi_{d}}"),
        (eye(D), r"\mathbf{I}"),
        (diag(psi), r"\operatorname{diag}(\boldsymbol{\psi})"),
        (W @ z, r"\mathbf{W}\mathbf{z}"),
        (W.T @ W, r"\mathbf{W}^{\top}\mathbf{W}"),
        (W @ W.T, r"\mathbf{W}\mathbf{W}^{\top}"),
        (A.T @ S, r"\mathbf{A}^{\top}\mathbf{S}"),
        (S @ A @ W @ z, r"\mathbf{S}\mathbf{A}\mathbf{W}\mathbf{z}"),
        (W.T @ diag(psi) @ W,
         r"\mathbf{W}^{\top}\operatorname{diag}(\boldsymbol{\psi})\mathbf{W}"),
        (psi @ psi, r"\lVert \boldsymbol{\psi}\rVert^{2}"),
        (psi @ (W @ z), r"\boldsymbol{\psi}^{\top}\mathbf{W}\mathbf{z}"),
        ((x - mu[c]) @ inv(Sigma[c]) @ (x - mu[c]),
         r"(\mathbf{x} - \boldsymbol{\mu}_{c})^{\top}\boldsymbol{\Sigma}_{c}^{-1}"
         r"(\mathbf{x} - \boldsymbol{\mu}_{c})"),
        (inv(A), r"\mathbf{A}^{-1}"),
        (inv(A).T, r"\mathbf{A}^{-\top}"),
        (inv(S).T, r"\mathbf{S}^{-1}"),
        (inv(A)[0, 1], r"\bigl(\mathbf{A}^{-1}\bigr)_{12}"),
        (inv(W @ W.T + sigma2 * eye(D)),
         r"(\sigma^{2}\mathbf{I} + \mathbf{W}\mathbf{W}^{\top})^{-1}"),
        (trace(S), r"\operatorname{tr}(\mathbf{S})"),
        (logdet(S), r"\log\det \mathbf{S}"),
        (logdet(2 * pi * E * Sigma[c]), r"\log\det(2\pi e\boldsymbol{\Sigma}_{c})"),
        (logdet(W.T @ W + eye(H)), r"\log\det(\mathbf{I} + \mathbf{W}^{\top}\mathbf{W})"),
        (x - f, r"\mathbf{x} - \mathbf{f}(\mathbf{z})"),
        (f[0], r"f_{1}(\mathbf{z})"),
        (f.V, r"\mathbf{V}^{(f)}"),
        (f.V.T, r"\mathbf{V}^{(f)\top}"),
    ],
)  # fmt: skip
def test_whole_arrays(expr, shown):
    assert latex(expr) == shown


@pytest.mark.parametrize(
    ("expr", "shown"),
    [
        ((rho * log(rho)).sum(), r"\sum_{k=1}^{K} \rho_{k}\log \rho_{k}"),
        (log(psi).sum() / 2 + D * log(2 * pi * E) / 2,
         r"\frac{1}{2}\sum_{d=1}^{D} \log(2\pi e\psi_{d})"),
        (-log(psi).sum() / 2 + D * log(2 * pi * E) / 2,
         r"\frac{1}{2}\sum_{d=1}^{D} \log\Bigl(\frac{2\pi e}{\psi_{d}}\Bigr)"),
        (logdet(S) / 2 + D * log(2 * pi) / 2, r"\frac{1}{2}\log\det(2\pi\mathbf{S})"),
        (exp(W @ z).sum(), r"\sum_{d=1}^{D} \exp\bigl((\mathbf{W}\mathbf{z})_{d}\bigr)"),
        (log(u @ v.T).sum(),
         r"\sum_{t=1}^{T} \sum_{i=1}^{n} \log(\mathbf{u}_{i}^{\top}\mathbf{v}_{t})"),
        (loggamma(y + 1).sum(), r"\sum_{d=1}^{D} \log y_{d}!"),
        (gamma(psi[0]), r"\Gamma(\psi_{1})"),
        (sp.digamma(sigma2), r"\psi(\sigma^{2})"),
        (sp.polygamma(1, sigma2), r"\psi'(\sigma^{2})"),
        (sp.loggamma(sigma2 / 2), r"\log\Gamma\Bigl(\frac{\sigma^{2}}{2}\Bigr)"),
        (exp(sigma2) / (1 + exp(sigma2)), r"\operatorname{sigmoid}(\sigma^{2})"),
        ((n + 1) / sp.Integer(2), r"\frac{n + 1}{2}"),
        (sp.Float("0.25") * sigma2, r"\frac{\sigma^{2}}{4}"),
        (sp.Abs(psi[0]) + sp.sin(z[0]), r"\sin(z_{1}) + \psi_{1}"),
        (sp.Sum(sp.Symbol("j") * rho[0], (sp.Symbol("j"), 0, K - 1)),
         r"\rho_{1}\sum_{k=1}^{K} (k - 1)"),
    ],
)  # fmt: skip
def test_scalars(expr, shown):
    assert latex(expr) == shown


def test_an_index_avoids_names_in_use():
    d, size = sp.Symbol("d"), sp.Symbol("D", integer=True, positive=True)
    j = sp.Symbol("_1", integer=True, nonnegative=True)
    a = sp.IndexedBase("a")
    assert latex(sp.Sum(d * sp.log(a[j]), (j, 0, size - 1))) == r"d\sum_{i=1}^{D} \log a_{i}"


def test_nested_sums_over_one_size_have_indices_of_their_own():
    assert latex((psi * log(A).sum(1)).sum()) == (
        r"\sum_{d=1}^{D} \psi_{d}\sum_{d'=1}^{D} \log A_{dd'}"
    )


def test_arrow_tells_elements_apart_where_it_must():
    assert arrow(W, -W / 2) == r"\mathbf{W} \mapsto -\frac{1}{2}\mathbf{W}"
    assert arrow(rho, rho * log(rho)) == r"\rho_{k} \mapsto \rho_{k}\log \rho_{k}"
    assert arrow(mu, mu + 1) == (r"\boldsymbol{\mu}_{k} \mapsto \boldsymbol{\mu}_{k} + \mathbf{1}")
    assert latex({sigma2: -sigma2, W: W}) == (
        r"\sigma^{2} \mapsto -\sigma^{2},\qquad \mathbf{W} \mapsto \mathbf{W}"
    )


def test_conditions_are_those_of_the_textbooks():
    shown = [equation(k, g).partition(" = ")[2] for k, g in proof_of("ppca").stationarity.items()]
    assert shown == [
        r"\mathbb{E}_{q}\Bigl[\frac{1}{\sigma^{2}}"
        r"(\mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{z})\mathbf{z}^{\top}\Bigr]",
        r"\mathbb{E}_{q}\Bigl[\frac{1}{\sigma^{2}}"
        r"(\mathbf{x} - \boldsymbol{\mu} - \mathbf{W}\mathbf{z})\Bigr]",
        r"\frac{1}{2}\mathbb{E}_{q}\Bigl[\frac{\lVert \mathbf{x} - \boldsymbol{\mu} - "
        r"\mathbf{W}\mathbf{z}\rVert^{2} - D\sigma^{2}}{\sigma^{4}}\Bigr]",
    ]
    weights, means, _ = proof_of("gaussian_mixture").stationarity.items()
    assert equation(*weights) == (
        r"\rho_{k} = "
        r"\mathbb{E}_{q}\Bigl[\frac{\delta_{ck}}{\rho_{k}}\Bigr]"
    )
    assert equation(*means).endswith(
        r"\bigl[\delta_{ck}\boldsymbol{\Sigma}_{k}^{-1}(\mathbf{x} - \boldsymbol{\mu}_{k})\bigr]"
    )


def test_the_elbo_of_a_gaussian_model():
    joint = Model("Gaussian")
    size = joint.dims("D")
    m = joint.parameter("m", size)
    covariance = joint.parameter("C", size, size, domain="positive definite")
    joint.observed("x", MultivariateNormal(mean=m, covariance=covariance))
    assert latex(ep.prove(joint).elbo) == (
        r"-\frac{1}{2}\mathbb{E}\bigl[\log\det(2\pi\mathbf{C}) + "
        r"(\mathbf{x} - \mathbf{m})^{\top}\mathbf{C}^{-1}(\mathbf{x} - \mathbf{m})\bigr]"
    )


def test_hidden_units_and_their_derivatives():
    shown = equation(f.U, proof_of("vae_1").stationarity[proof_of("vae_1").model.networks["f"].U])
    assert r"V_{dj}^{(f)}\partial_{m}\varphi_{j}^{(f)}" in shown
    shown = equation(f.V, proof_of("vae_1").stationarity[proof_of("vae_1").model.networks["f"].V])
    assert shown.endswith(
        r"\bigl(\mathbf{x} - \mathbf{f}(\mathbf{z})\bigr)\boldsymbol{\varphi}^{(f)\top}\Bigr]"
    )


# documents ----------------------------------------------------------------------------------------
@pytest.fixture
def compiled(pdflatex, tmp_path) -> Callable[[str], str]:
    """Compiles a document with this body; its log."""

    def compile_(body: str) -> str:
        document = tmp_path / "document.tex"
        document.write_text(DOCUMENT % body, encoding="utf-8")
        return pdflatex(document)

    return compile_


@pytest.mark.usefixtures("pdflatex")  # without which nothing need be proved
def test_the_catalogue_compiles(compiled, every_proof):
    lines = []
    for name in every_proof:
        proof = proof_of(name)
        lines.append(rf"\subsection*{{{name.replace('_', ' ')}}}")
        shown = [r"\mathcal{F} = " + latex(proof.entropy_sum), latex(proof.field)]
        lines += [rf"\[{text}\]" for text in shown if text]
    assert "Overfull" not in compiled("\n".join(lines))


def test_everything_a_proof_shows_compiles(compiled):
    lines = []
    for name in ("hmm_gaussian", "linear_dynamical_system", "ppca", "vae_3", "student_t_mixture"):
        proof = proof_of(name)
        shown = [latex(proof.elbo), latex({**proof.field, **proof.latent_flow})]
        shown += [equation(k, g) for k, g in proof.stationarity.items()]
        shown += [latex(t.entropy) for t in proof.terms if t.entropy is not None]
        shown += [_claim(claim.expression) for claim in proof.model.claims]
        lines += [rf"\[{text}\]" for text in shown]
    assert "Overfull" not in compiled("\n".join(lines))


def _claim(expression: object) -> str:
    return latex(expression)


def test_arrays_compile_inside_running_text(compiled):
    body = "\n\n".join(f"${latex(v)}$" for v in (W, Sigma[c], inv(A), f, x - f, log(psi)))
    compiled(body)
    assert isinstance(W, Array)


def test_counts_are_no_places():
    """A label's first value is shown as 1, a count of none as 0."""
    model = ep.Model("m")
    K, D = model.dims("K", "D")
    rho = model.parameter("rho", K, domain="simplex")
    c = model.latent("c", ep.Categorical(probabilities=rho))
    x = model.observed("x", ep.Poisson(rate=1), D)
    assert latex(ep.Expectation(ep.KroneckerDelta(0, c))) == r"\mathbb{E}_{q}[\delta_{1c}]"
    assert latex(ep.Expectation(ep.KroneckerDelta(0, x[1]))) == r"\mathbb{E}_{q}[\delta_{0,x_{2}}]"


def test_time_counts_from_one():
    """The value of an index is shown as its place is: from 1."""
    model = ep.Model("m")
    T, s = model.dims("T"), model.parameter("s", domain="positive")
    model.chain(
        "x", observed=True, initial=ep.Exponential(rate=s), length=T,
        transition=lambda previous, t: ep.Exponential(rate=s * t / previous),
    )  # fmt: skip
    shown = latex(ep.prove(model).entropy_sum)
    assert r"\sum_{t=1}^{T-1} \log t" in shown
    assert r"\sum_{t=1}^{T-1} \log x_{t}" in shown
