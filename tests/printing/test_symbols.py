"""Names in formulas: the digit rule, names that look alike, and every admissible name in a table."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest
import sympy as sp
from hypothesis import HealthCheck, given as over, settings, strategies as st

import entropy_proofs as ep
from entropy_proofs import Model, Normal, exp, log, sqrt
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.export.table import entropy_table, table_records
from entropy_proofs.model.paper.generative import process
from entropy_proofs.printing.latex import latex
from entropy_proofs.printing.symbols import Names


def table(proofs, form: str) -> str:
    return FORMATS[form].write(entropy_table(proofs))


def shown(model: Model, *expressions) -> list[str]:
    with model.names().used():
        return [latex(e) for e in expressions]


def test_a_final_two_of_a_positive_parameter_that_stands_alone_is_a_square():
    m = Model("m")
    D2 = m.dims("D2")
    sigma2 = m.parameter("sigma2", domain="positive")
    taus = [m.parameter(f"tau{k}", domain="positive") for k in (1, 2, 3)]
    w2, p2 = m.parameter("w2"), m.parameter("p2", domain="unit interval")
    s22, a_2 = m.parameter("s22", domain="positive"), m.parameter("a_2", domain="positive")
    y2 = m.latent("y2", ep.Gamma(shape=1, rate=1))
    assert shown(m, sigma2, *taus, D2, w2, p2, s22, a_2, y2) == [
        r"\sigma^{2}", r"\tau_{1}", r"\tau_{2}", r"\tau_{3}", "D_{2}", "w_{2}", "p_{2}", "s_{22}",
        "a_{2}", "y_{2}",
    ]  # fmt: skip
    assert shown(m, taus[1] ** 2, sigma2**2, sqrt(sigma2)) == [
        r"\tau_{2}^{2}",
        r"\sigma^{4}",
        r"\sigma",
    ]


def test_the_rule_needs_all_names_of_the_model():
    m = Model("m")
    tau2 = m.parameter("tau2", domain="positive")
    assert shown(m, tau2) == [r"\tau^{2}"]
    m.parameter("tau1")
    assert shown(m, tau2) == [r"\tau_{2}"]
    assert latex(tau2) == r"\tau^{2}"  # of an expression by itself


def test_a_root_is_shown_by_its_letter_unless_that_is_another_name():
    m = Model("m")
    sigma2 = m.parameter("sigma2", domain="positive")
    m.parameter("sigma")
    assert shown(m, sigma2, sqrt(sigma2), sigma2**2) == [
        r"\sigma^{2}", r"\sqrt{\sigma^{2}}", r"\bigl(\sigma^{2}\bigr)^{2}",
    ]  # fmt: skip


def test_names_that_would_look_alike_are_shown_letter_by_letter():
    m = Model("m")
    lam, lambda_, x1, x_1 = (m.parameter(n) for n in ("lam", "lambda_", "x1", "x_1"))
    assert shown(m, lam, lambda_, x1, x_1) == [
        r"\lambda", r"\mathrm{lambda\_}", "x_{1}", r"\mathrm{x\_1}",
    ]  # fmt: skip


def test_latex_is_shown_with_indices_powers_and_in_bold():
    m = Model("m")
    D, K = m.dims("D", "K", latex=(r"\mathrm{dim}", "K"))
    s = m.parameter("s", D, domain="positive", latex=r"\hat{\sigma}_x^2")
    W = m.parameter("W", D, K, latex=r"\Lambda")
    z = m.latent("z", Normal(mean=0, variance=1), K, latex="u'")
    f = m.network("enc", z, D, latex=r"\mu_\theta")
    assert shown(m, s, W @ z, s[0], s[0] ** 2, sqrt(s[0]), D * log(D), f.U, f) == [
        r"\hat{\boldsymbol{\sigma}}_{x}^{2}", r"\boldsymbol{\Lambda}\mathbf{u}'",
        r"\hat{\sigma}_{x1}^{2}", r"\hat{\sigma}_{x1}^{4}", r"\hat{\sigma}_{x1}",
        r"\mathrm{dim}\log \mathrm{dim}", r"\mathbf{U}^{(\mu_{\theta})}",
        r"\boldsymbol{\mu}_{\theta}(\mathbf{u}')",
    ]  # fmt: skip


def test_every_door_takes_latex_and_the_proof_shows_it():
    m = Model("m")
    T = m.dims("T", latex=r"\tau")
    s = m.parameter("s", domain="positive", latex=r"\sigma_0^2")
    y = m.chain("y", initial=Normal(mean=0, variance=1), length=T, latex=r"\eta",
                transition=lambda y: Normal(mean=y, variance=1))  # fmt: skip
    m.observed("x", Normal(mean=y, variance=s), T, latex=r"\xi")
    proof = ep.prove(m)
    for text in (
        proof._repr_latex_(),
        *(table([proof], form) for form in ("markdown", "latex", "html")),
    ):
        assert r"\sigma_{0}^{2}" in text
        assert r"\eta" in text
        assert r"\tau" in text
    assert r"\xi" in table([proof], "markdown")
    assert "sigma" not in str(proof.entropy_sum)
    other = Model("m")
    other.dims("T")
    assert ep.prove(m) is proof


def test_a_proof_is_found_anew_when_its_names_are_shown_otherwise():
    def model(latex):
        m = Model("m")
        s = m.parameter("s", domain="positive", latex=latex)
        m.observed("x", Normal(mean=0, variance=s))
        return m

    assert r"\alpha" in ep.prove(model(r"\alpha"))._repr_latex_()
    assert r"\beta" in ep.prove(model(r"\beta"))._repr_latex_()


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (lambda m: m.parameter("a", latex="x^"), "a: latex='x^'"),
        (lambda m: m.dims("a", "b", latex="x"), "dims: latex='x' is not one for each of a, b"),
        (lambda m: m.dims("a", latex=("x", "y")), "is not one for each"),
        (lambda m: m.dims("a", "b", latex=("x", "x")), "b: latex='x' shows a already"),
        (lambda m: m.dims("a", latex=5), "dims: latex=5 is not one for each of a"),
        (lambda m: m.dims("a", "a"), "a: declared twice"),
        (lambda m: m.latent("a", Normal(mean=0, variance=1), latex=3), "a: latex=3"),
        (
            lambda m: (m.parameter("a", latex="x"), m.parameter("b", latex="x")),
            "b: latex='x' shows a",
        ),
    ],
)
def test_a_wrong_latex_is_refused_and_leaves_nothing(declare, said):
    m = Model("m")
    with pytest.raises(ep.InputError, match=re.escape(said)):
        declare(m)
    assert "b" not in m.parameters
    assert not m.dims_
    assert not m.variables


def test_what_was_refused_can_be_declared_again():
    m = Model("m")
    with pytest.raises(ep.InputError):
        m.latent("z", 3, latex=r"\zeta")
    z = m.latent("z", Normal(mean=0, variance=1))
    assert shown(m, z) == ["z"]


def test_symbols_of_any_name_are_shown_as_they_are():
    for name in (r"\input{a}", "a b", "50%", "x#1", "<b>", "a\nb", "名"):
        text = latex(sp.Symbol(name, real=True))
        assert r"\input" not in text
        assert "\n" not in text


NAMES = st.lists(
    st.builds(
        lambda a, b: a + b,
        st.sampled_from(string.ascii_letters + "_"),
        st.text(string.ascii_letters + string.digits + "_", max_size=12),
    ),
    min_size=4, max_size=4, unique=True,
)  # fmt: skip


def model_called(names: list[str]) -> Model:
    m = Model(f"Names {' '.join(names)} & 50 % #1 <b> $x$ ^ ~ \\")
    scale, mean, latent, observed = names
    s, w = m.parameter(scale, domain="positive"), m.parameter(mean, 2)
    z = m.latent(latent, Normal(mean=0, variance=1), 2)
    m.observed(observed, Normal(mean=w @ z, variance=s))
    return m


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@over(NAMES)
def test_no_two_names_of_a_model_look_alike(names):
    m = model_called(names)
    with m.names().used():
        seen = [latex(sp.Symbol(n)) for n in names]
    assert len(set(seen)) == len(seen)


def test_every_name_compiles_in_a_table(pdflatex, tmp_path: Path):
    proofs = []

    @settings(
        max_examples=6,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @over(NAMES)
    def collect(names: list[str]) -> None:
        proofs.append(ep.prove(model_called(names)))

    collect()
    assert all(proof.verdict is ep.Verdict.PROVED for proof in proofs)
    document = tmp_path / "table.tex"
    document.write_text(table(proofs, "latex"), encoding="utf-8")
    assert "! " not in pdflatex(document)
    for form in ("markdown", "html", "csv"):
        assert table(proofs, form)
    for proof in proofs:
        compile(ep.codegen(proof), "generated", "exec")
        assert proof.certificate.check().accepted


def coupled(**options) -> Model:
    m = Model("two chains")
    T = m.dims("T")
    start = Normal(mean=0, variance=1)
    y, z = m.chains(
        ("y", "z"), initial=((start, start), (start, start)), length=T,
        transition=lambda past: (Normal(mean=past[0][0], variance=1),
                                 Normal(mean=past[0][1] + past[1][0], variance=1)), **options,
    )  # fmt: skip
    m.observed("x", Normal(mean=y + z, variance=m.parameter("s", domain="positive")), T)
    return m


def test_chains_take_latex_and_their_steps_are_elements_of_them():
    m = coupled(latex=(r"\eta", r"\hat{\zeta}_0"))
    shown = [statement.latex for statement in process(m)]
    assert shown[0].startswith(r"\eta_{1} \sim")
    assert shown[1].startswith(r"\eta_{2} \sim")
    assert shown[2].startswith(r"\eta_{t+2} \mid \eta_{t+1} \sim \mathcal{N}(\eta_{t+1}, 1)")
    assert shown[5].startswith(
        r"\hat{\zeta}_{0,t+2} \mid \eta_{t}, \hat{\zeta}_{0,t+1} \sim"
        r" \mathcal{N}(\eta_{t} + \hat{\zeta}_{0,t+1}, 1)"
    )
    proof = ep.prove(m)
    pages = [proof.report(format=form) for form in ("markdown", "latex")]
    for page in (*pages, *(table([proof], form) for form in ("markdown", "latex", "html"))):
        assert r"\eta_{t+2}" in page
        assert "t-1]" not in page
        assert not re.search(r"text\{[yz]\[", page)
    prior = table_records([proof])[0]["prior"]
    assert prior[2] == "y[t + 2] ~ Normal(y[t + 1], 1)"
    assert prior[5] == "z[t + 2] ~ Normal(y[t] + z[t + 1], 1)"


def test_chains_take_one_latex_each():
    with pytest.raises(ep.InputError, match="y, z: latex='q' is not one for each of y, z"):
        coupled(latex="q")
    with pytest.raises(ep.InputError, match="z: latex='q' shows y already"):
        coupled(latex=("q", "q"))


def test_every_answer_shows_names_as_its_model_says():
    m = Model("shown")
    s = m.parameter("s", domain="positive", latex=r"\varsigma_0^2")
    w, D = m.parameter("w", latex=r"\varpi"), m.dims("D", latex=r"\Delta")
    z = m.latent("z", Normal(mean=0, variance=exp(w**2)), D, latex=r"\xi")
    x = m.observed("x", Normal(mean=z, variance=s), D)
    m.claim("entropy", x, D * log(2 * ep.pi * ep.E * s) / 2)
    proof = ep.prove(m)
    answers = [
        m, proof, proof.field, proof.stationarity, proof.terms, proof.terms[-1],
        proof.terms[-1].field, proof.steps, proof.steps[0], proof.claims, proof.claims[0],
        proof.identity, proof.objective, ep.compile(proof),
    ]  # fmt: skip
    for answer in answers:
        assert r"\varsigma_{0}^{2}" in answer._repr_html_(), type(answer)
    for answer in (proof.conditions, proof.conditions[0]):
        assert r"\varpi" in answer._repr_html_(), type(answer)
    for answer in (proof, proof.field, proof.stationarity):
        assert r"\varsigma_{0}^{2}" in answer._repr_latex_(), type(answer)
    for answer in (proof.objective, proof.conditions[0]):
        assert r"\varpi" in answer._repr_latex_()
    assert r"\varsigma_{0}^{2}" in proof.report()


def test_names_of_expressions():
    a2, b1, b2 = sp.symbols("a2 b1 b2", positive=True)
    n2 = sp.Symbol("n2", integer=True, positive=True)
    names = Names.in_itself(a2 + b1 * b2 * n2)
    assert names.squares == {"a2"}
    assert latex(a2 + b1 + b2) == "a^{2} + b_{1} + b_{2}"
