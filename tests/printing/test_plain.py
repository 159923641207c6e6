"""Expressions as one line of text."""

from __future__ import annotations

import re
from io import StringIO

import pytest
import sympy as sp
from rich.console import Console
from sympy import IndexedBase, Sum, Symbol, log, pi

from entropy_proofs import E, Model, MultivariateNormal, Normal, array, codegen, logdet, prove
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.export.text import proof_text
from entropy_proofs.printing.formula import formula
from entropy_proofs.printing.latex import latex
from entropy_proofs.printing.naming import at_named_indices, whole
from entropy_proofs.printing.plain import arrow, plain

D = Symbol("D", integer=True, positive=True)
K = Symbol("K", integer=True, positive=True)
i, j = sp.symbols("_1 _2", integer=True, nonnegative=True)
a, b, s = IndexedBase("a"), IndexedBase("b"), Symbol("s", positive=True)


def over(body, index=i, size=D):
    return Sum(body, (index, 0, size - 1))


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (-D * log(2 * pi * E * s) / 2, "-D*log(2*π*e*s)/2"),
        (over(a[i]), "∑_d a[d]"),
        (-over(a[i] * log(a[i])), "-∑_d a[d]*log(a[d])"),
        (over(a[i]) + over(b[i]), "∑_d (a[d] + b[d])"),
        (sp.exp(s) / (1 + sp.exp(s)), "sigmoid(s)"),
        (over(a[i]) / 2, "1/2*∑_d a[d]"),
        (s * over(a[i]), "s*∑_d a[d]"),
        (over(a[i]) / s, "1/s*∑_d a[d]"),
        (over(a[i]) ** 2, "(∑_d a[d])**2"),
        (s / over(a[i]), "s/(∑_d a[d])"),
        (over(a[i]) * over(b[i], size=K), "(∑_d a[d])*∑_k b[k]"),
        (Expectation(-over(a[i])), "-E_q[∑_d a[d]]"),
        (sp.loggamma(s) + sp.digamma(s), "log Γ(s) + ψ(s)"),
        (a[3], "a[3]"),
        (sp.Rational(-1, 2), "-1/2"),
        (-s, "-s"),
        (s**-2, "1/s**2"),
        (sp.Rational(3, 2) * s, "3*s/2"),
    ],
)
def test_plain(expr, text):
    assert plain(expr) == text


def test_nested_sums_have_indices_of_their_own():
    shown = plain(over(over(a[i, j], j, K)))
    assert sorted(shown.split()) == ["a[d,k]", "∑_d", "∑_k"]
    assert re.fullmatch(r"∑_(\S+) ∑_(?!\1 )\S+ a\[\S+,\S+\]", plain(over(over(a[i, j], j, D))))


@pytest.fixture
def model() -> Model:
    return Model("some arrays")


def test_an_array_is_shown_by_its_name(model):
    n = model.dims("N")
    w = model.parameter("W", n, n)
    assert plain(w) == "W"
    assert plain(logdet(w)) == "log det(W)"
    assert arrow(w, -w / 2) == "W ↦ -W/2"


def test_elements_are_told_apart_where_they_must_be(model):
    k = model.dims("K")
    p = model.parameter("p", k, domain="simplex")
    assert arrow(p, p * (p * p).sum()) == "p[k] ↦ p[k]*∑_i p[i]**2"


def test_a_slice_of_a_stack_is_shown_by_its_name(model):
    k, n = model.dims("K", "N")
    stack = model.parameter("S", k, n, n, domain="positive definite")
    assert plain(logdet(stack[3])) == "log det(S[3])"


def test_two_axes_of_one_size_get_two_names(model):
    n = model.dims("N")
    indices, element = at_named_indices(model.parameter("W", n, n))
    assert len(set(indices)) == 2
    assert element.indices == indices


def test_whole_refuses_what_is_more_than_a_name():
    assert whole(a[i, j], (i, j)) == Symbol("a")
    assert whole(a[j, i], (i, j)) == Symbol("a^T")
    assert whole(a[j, 0], (i, j)) is None
    assert whole(a[i] * i, (i,)) is None


def test_a_family_is_shown_with_its_mean(model):
    m = model.parameter("m")
    model.observed("x", Normal(mean=m, variance=1))
    (term,) = model.terms
    assert "m" in plain(term.log_density)


def test_no_index_of_the_package_is_shown():
    model = Model("matrices")
    m, n = model.dims("M", "N")
    W = model.parameter("W", m, n)
    S = model.parameter("S", m, m, domain="positive definite")
    ones = model.parameter("ones", m, fixed=True)
    assert plain(W.T) == "W^T"
    assert plain(-W.T / 2) == "-W^T/2"
    assert str(W.T) == "W.T"
    assert plain(S.T) == "S"
    assert plain(logdet(S + W @ W.T)) == "log det(S[m,m'] + ∑_n W[m',n]*W[m,n])"
    assert plain(ones @ W @ W.T @ ones) == "∑_m ones[m]*∑_n W[m,n]*∑_m' W[m',n]*ones[m']"


def test_a_product_of_exponentials_is_one_of_a_sum():
    expanded = sp.expand(sp.exp(over(a[i])))
    assert expanded.func is sp.Product
    assert plain(expanded) == "exp(∑_d a[d])"
    assert latex(expanded) == latex(sp.exp(over(a[i])))


def test_without_latents_there_is_no_q():
    model = Model("no latents")
    s = model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=0, variance=s))
    proof = prove(model)
    for expr in (proof.elbo, *proof.stationarity.values(), proof.objective.expression):
        assert "E[" in plain(expr)
        assert r"\mathbb{E}" in latex(expr)
        assert "q" not in plain(expr) + str(expr) + latex(expr).replace(r"\sqrt", "")


def test_what_was_written_down_row_by_row_is_shown_so():
    rows = array([[s, -1], [0, s]])
    assert plain(rows) == "[[s, -1], [0, s]]"
    assert plain(logdet(rows)) == "log det([[s, -1], [0, s]])"
    assert plain(array([s, 1])) == "[s, 1]"
    assert arrow(array([a[0], a[1]]), array([s, 1])) == "a ↦ [s, 1]"
    assert plain(array([[[s, 0]]])) == "s*δ[0, l]"


def test_elements_that_are_alike_are_one_array():
    w = Model("m").parameter("w", 2)
    assert plain(array([-w[0], -w[1]])) == "-w"
    assert arrow(w, array([-w[0], -w[1]])) == "w ↦ -w"
    assert plain(array([w[0], 2 * w[1]])) == "[w[0], 2*w[1]]"
    assert plain(array([w[1], w[0]])) == "[w[1], w[0]]"


def test_proofs_and_modules_show_slices():
    model = Model("slices")
    D = model.dims("D")
    S = model.parameter("S", D + 1, D + 1, domain="positive definite")
    model.observed("x", MultivariateNormal(mean=0, covariance=S[:-1, :-1]))
    proof = prove(model)
    console = Console(width=100, file=StringIO())
    console.print(proof_text(proof))
    for shown in (console.file.getvalue(), codegen(proof)):
        assert "log det(2*π*e*S[:D, :D])/2" in shown
        assert "S)" not in shown.replace("stationary", "")


def test_a_slice_is_not_shown_as_the_whole():
    model = Model("slices")
    D, K = model.dims("D", "K")
    mu, W = model.parameter("mu", D + 1), model.parameter("W", D + 1, K + 1)
    with model.names().used():
        shown = [plain(a) for a in (mu, mu[:-1], W[:-1, :-1], W[:-1, :-1].T, W[:-1])]
        assert shown == ["mu", "mu[:D]", "W[:D, :K]", "W[:D, :K]^T", "W[:D, :K + 1]"]
        assert formula(W[:-1, :-1] @ W[0, :-1]).latex == r"\mathbf{W}_{1:D,1:K}\mathbf{W}_{1,1:K}"


def test_a_sum_over_a_part_says_so():
    x, t = IndexedBase("x"), Symbol("t", integer=True)
    T = Symbol("T", integer=True, positive=True)
    assert plain(over(x[i], i, T)) == "∑_t x[t]"
    assert plain(over(x[i], i, T - 1)) == "∑_{t<T - 1} x[t]"
    assert plain(Sum(x[t], (t, 1, T))) == "∑_{t=1..T} x[t]"
