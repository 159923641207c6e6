"""Whatever the package answers shows itself: as a page, as mathematics, and in a line of text."""

from __future__ import annotations

import inspect
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs.arrays.array import Array
from entropy_proofs.families.family import Family
from entropy_proofs.model import catalogue
from entropy_proofs.model.paper.generative import process
from entropy_proofs.notebook.displays import Displayed, html_of as page_of, listed, table
from entropy_proofs.sweeps.sweep import ModelRuns
from notebook.pages import annotations, html_of, latex_of, parsed, tags, text

DOCUMENT = r"""\documentclass{article}
\usepackage[paperwidth=100cm,paperheight=50cm]{geometry}
\usepackage{amsmath,amssymb}
\begin{document}
%s
\end{document}
"""


@cache
def square() -> ep.Model:
    """A model with a condition, on a learned parameter."""
    model = ep.Model("One plus a square")
    w = model.parameter("w")
    x = model.observed("x", ep.Normal(mean=0, variance=1 + w**2))
    model.claim("entropy", x, ep.log(2 * ep.pi * ep.E * (1 + w**2)) / 2)
    model.claim("field", {w: w})
    return model


def fitted() -> ep.VariationalEstimator:
    options: dict[str, Any] = {"sizes": {"H": 1}, "max_iter": 5, "backend": "numpy"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = np.random.default_rng(0).normal(size=(20, 3))
        return ep.VariationalEstimator("ppca", **options).fit(data)


def families() -> dict[str, Any]:
    """One of each family, with letters for its arguments."""
    letters = iter("abcdghklmnruvwy" * 20)
    found: dict[str, Any] = {}
    for name in ep.__all__:
        family = getattr(ep, name)
        if not (inspect.isclass(family) and issubclass(family, Family)):
            continue
        if name == "Density":
            found[name] = ep.Density(lambda x: -x, ep.Interval.open(0, ep.oo))
            continue
        taken = [k for k in inspect.signature(family).parameters if k not in {"logits", "source"}]
        found[name] = family(**{k: sp.Symbol(next(letters), positive=True) for k in taken})
    return found


@cache
def audited() -> ep.Audit:
    from sklearn.decomposition import PCA

    x = np.random.default_rng(0).normal(size=(30, 3))
    return ep.audit(PCA(1).fit(x), x, quick=True)


@cache
def curve() -> ep.GapCurve:
    from torch import ones, zeros
    from torch.distributions import Normal

    found, q = ep.GapCurve(), Normal(zeros(3, 1), ones(3, 1))
    found.record(0, q=q, prior=Normal(0.0, 1.0), observable=q, x=zeros(3, 1), z=zeros(3, 1))
    return found


def answers() -> dict[str, Any]:
    """One of each type of answer."""
    proof, other = ep.prove(ep.load("ppca")), ep.prove(square())
    refuted = ep.prove(ep.load("student_t_known_dof"))
    x, a, b = sp.symbols("x a b", positive=True)
    log_gamma = a * sp.log(b) - sp.loggamma(a) + (a - 1) * sp.log(x) - b * x
    chain = ep.check_steps(["sin(w)**2 + cos(w)**2", "1", "2*w"])
    verified = ep.verify(ep.prove(ep.load("linear_regression")), points=2)
    learned = fitted()
    found = {
        "Model": square(),
        "a model with a network": ep.load("vae_1"),
        "a chain": ep.load("hmm_poisson"),
        "Proof": proof,
        "a proof with a condition": other,
        "a partial proof": ep.prove(ep.load("vae_0")),
        "a refuted proof": refuted,
        "terms": proof.terms,
        "term": refuted.terms[0],
        "steps": proof.steps,
        "step": proof.steps[0],
        "claims": other.claims,
        "claim": other.claims[0],
        "field": proof.field,
        "field of a term": proof.terms[1].field,
        "latent flow": proof.latent_flow,
        "stationarity": ep.prove(ep.load("gaussian_mixture")).stationarity,
        "conditions": other.conditions,
        "condition": other.conditions[0],
        "statement": proof.statement,
        "certificate": proof.certificate,
        "identity of a proof": proof.identity,
        "witness": refuted.witness,
        "counterexample": other.counterexample,
        "updates": proof.updates,
        "update": proof.updates.m_step[0],
        "suggestions": refuted.suggestions,
        "suggestion": refuted.suggestions[0],
        "identity of a density": ep.identity(log_gamma, x, (a, b)),
        "chain of steps": chain,
        "step of a chain": chain[1],
        "Verification": verified,
        "point": verified.stationary_points[0],
        "objective": proof.objective,
        "code": ep.compile(proof, expectation="analytic"),
        "code of an objective": proof.objective.compile(),
        "Enclosure": ep.enclose(ep.prove(ep.load("exponential_regression"))),
        "Audit": audited(),
        "SampledAudit": curve().audits[0],
        "GapCurve": curve(),
        "Sweep": ep.Sweep((ModelRuns("a model", "a source", ()),)),
        "VariationalEstimator": learned,
        "history": learned.history_,
        "Verdict": ep.Verdict.PROVED,
        "array": proof.field[next(k for k in proof.field if isinstance(k, Array))],
    }
    return found | families()


NAMES = (
    "Model", "a model with a network", "a chain", "Proof", "a proof with a condition",
    "a partial proof", "a refuted proof", "terms", "term", "steps", "step", "claims", "claim",
    "field", "field of a term", "latent flow", "stationarity", "conditions", "condition",
    "statement", "certificate", "identity of a proof", "witness", "counterexample", "suggestions",
    "suggestion", "identity of a density", "chain of steps", "step of a chain", "Verification",
    "point", "objective", "code", "code of an objective", "Enclosure", "Sweep", "Audit", "SampledAudit", "GapCurve",
    "VariationalEstimator", "history", "Verdict", "array", "updates", "update",
)  # fmt: skip


def test_all_answers_are_looked_at():
    assert set(answers()) - set(families()) == set(NAMES)


def test_every_public_class_is_among_them():
    """A class that is made public asks for a line in `answers`."""
    own = {
        name: value
        for name in ep.__all__
        if inspect.isclass(value := getattr(ep, name))
        and value.__module__.startswith("entropy_proofs")
        and not issubclass(value, (Exception, sp.Basic))
    }
    kinds = tuple(map(type, answers().values()))
    missing = [name for name, value in own.items() if not any(issubclass(k, value) for k in kinds)]
    assert not missing


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_itself(name):
    shown = answers()[name]
    page, formula = html_of(shown), latex_of(shown)
    assert page or formula
    if page:
        assert len(text(page)) > 3
    if formula:
        assert formula.startswith(r"$\displaystyle ")
        assert formula.endswith("$")
    said = repr(shown)
    assert " object at 0x" not in said
    assert "ModelTerm(" not in said  # no dump of what it is made of


def test_families_show_their_keywords():
    assert ep.Gamma(shape=2, rate=3)._repr_latex_() == (
        r"$\displaystyle \operatorname{Gamma}(\text{shape} = 2, \text{rate} = 3)$"
    )
    assert "log" in answers()["Density"]._repr_latex_()
    assert repr(answers()["Density"]) == "<Density of x in Interval.open(0, oo): log p(x) = -x>"


def test_a_model_is_shown_as_a_paper_defines_it():
    model = ep.load("ppca")
    assert [statement.latex for statement in process(model)] == [
        r"z_{h} \sim \mathcal{N}(0, 1)\quad \text{for }h = 1, \dots, H",
        r"x_{d} \mid \mathbf{z} \sim \mathcal{N}(\mu_{d} + \mathbf{z}^{\top}\mathbf{W}_{d}, \sigma^{2})"
        r"\quad \text{for }d = 1, \dots, D",
    ]
    shown = annotations(model._repr_html_())
    assert r"\mathbf{W} \in \mathbb{R}^{D \times H}" in shown
    assert r"\sigma^{2} \in \mathbb{R}_{>0}" in shown


def test_a_chain_names_the_step_before():
    shown = [statement.latex for statement in process(ep.load("linear_dynamical_system"))]
    assert shown[1].startswith(r"\mathbf{z}_{t+1} \mid \mathbf{z}_{t} \sim \mathcal{N}(\mathbf{A}")
    assert shown[2].startswith(
        r"\mathbf{x}_{t} \mid \mathbf{z} \sim \mathcal{N}(\mathbf{C}\mathbf{z}_{t}"
    )


def test_domains_say_shape_and_set():
    shown = annotations(ep.load("gaussian_mixture")._repr_html_())
    assert r"\boldsymbol{\rho} \in \Delta^{K - 1}" in shown
    assert r"\boldsymbol{\Sigma} \in (\mathbb{S}_{\text{++}}^{D})^{K}" in shown


def test_a_proof_says_verdict_conditions_and_claims():
    shown = text(ep.prove(square())._repr_html_())
    assert shown.startswith("One plus a square : partial")
    assert "Where w ≠ 0, at every stationary point the ELBO equals a sum of entropies:" in shown
    assert "refuted" in shown  # the wrong claim
    latex = ep.prove(square())._repr_latex_()
    assert r"w \neq 0" in latex
    assert r"\text{(partial)}" in latex


def test_showing_a_proof_searches_for_nothing():
    proof = ep.prove(ep.load("vae_0"))
    for name in ("suggestions", "counterexample"):
        vars(proof).pop(name, None)
    proof._repr_html_()
    assert not {"suggestions", "counterexample"} & set(vars(proof))


def test_dicts_and_tuples_stay_what_they_are():
    proof = ep.prove(ep.load("ppca"))
    assert proof.field == dict(proof.field)
    assert isinstance(proof.field, dict)
    assert proof.stationarity == dict(proof.stationarity)
    assert proof.terms == tuple(proof.terms)
    assert proof.field | {} == dict(proof.field)
    assert repr(proof.field) == repr(dict(proof.field))


def test_a_common_multiplier_on_the_simplex():
    shown = ep.prove(ep.load("gaussian_mixture")).stationarity._repr_latex_()
    assert r"\frac{\delta_{ck}}{\rho_{k}}\Bigr] = \lambda" in shown
    assert shown.count("= 0") == 2


def test_unit_columns_are_stationary_up_to_a_multiple():
    shown = ep.prove(ep.load("vae_2")).stationarity._repr_latex_()
    assert shown.count(r"\propto") == 1
    assert r"\propto \mathbf{U}^{(f)}" in shown


@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", "a & b < c", "$x$ \\input{y} `z`"])
def test_text_is_no_markup(attack):
    model = ep.Model(attack)
    s = model.parameter("s", domain="positive")
    model.observed("x", ep.Normal(mean=0, variance=s))
    for shown in (model, ep.prove(model), ep.prove(model).certificate, ep.prove(model).statement):
        page = shown._repr_html_()
        assert "script" not in tags(page)
        assert " ".join(attack.split()) in text(page)


def test_nothing_is_shown_as_none():
    assert text(page_of(())) == "none"
    assert text(ep.prove(ep.load("ppca")).conditions._repr_html_()) == "none"


def test_a_page_must_say_of_what_it_consists():
    with pytest.raises(NotImplementedError):
        Displayed()._repr_html_()


def test_lists_and_tables_of_text():
    assert listed("Title", []) == ()
    assert text(page_of(listed("Title", ["a", "b"]))) == "Title a b"
    assert text(page_of((table(("A", "B"), [("1", "2")]),))) == "A B 1 2"


def test_an_estimator_keeps_what_scikit_learn_shows():
    learned = answers()["VariationalEstimator"]
    before = ep.VariationalEstimator("ppca")
    assert "sk-" in before._repr_html_()
    assert "v·∇F" not in before._repr_html_()
    for page in (learned._repr_html_(), learned._repr_mimebundle_()["text/html"]):
        assert "sk-" in page
        assert "v·∇F" in page
    assert repr(learned).startswith("VariationalEstimator(")


def test_a_history_shows_some_iterations():
    shown = parsed(answers()["history"]._repr_html_())
    rows = " ".join(shown.text)
    assert "Iteration" in rows
    assert set(answers()["history"]) >= {"elbo", "entropy_sum", "seconds"}


def test_all_mathematics_compiles(pdflatex, tmp_path: Path):
    """Of every answer, and the definition of every model of the catalogue."""
    formulas: set[str] = set()
    for shown in answers().values():
        formulas |= {latex_of(shown) or ""} - {""}
        formulas |= {f"${f}$" for f in annotations(html_of(shown) or "")}
    for name in catalogue.names():
        formulas |= {f"${f}$" for f in annotations(ep.load(name)._repr_html_())}
    document = tmp_path / "all.tex"
    document.write_text(DOCUMENT % "\n\n".join(sorted(formulas)), encoding="utf-8")
    assert len(formulas) > 300
    pdflatex(document)
