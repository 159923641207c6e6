"""What the copy buttons give, of models and families: Python runs, LaTeX compiles."""

from __future__ import annotations

import re
from html import unescape

from catalogue.spread import MODELS

import entropy_proofs as ep
from entropy_proofs import families
from entropy_proofs.atlas import family_page, model_page
from entropy_proofs.atlas.facts import facts_of
from entropy_proofs.atlas.family_models import model_of
from entropy_proofs.atlas.pages import family_names
from entropy_proofs.atlas.parts import html
from entropy_proofs.document.blocks import Display, Equation
from entropy_proofs.printing.formula import formula

_ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">([^<]*)</annotation>')


def latex_of(expression, names) -> str:
    """A displayed formula's LaTeX as the button finds it: of its pieces, in their order."""
    with names.used():
        shown = html((Display((Equation(formula(expression)),)),), (), "sum")
    parts = _ANNOTATION.findall(shown)
    assert parts
    return unescape(" ".join(parts))


def compiles(formulas, pdflatex, folder) -> bool:
    document = folder / "formulas.tex"
    lines = "\n".join(rf"$\displaystyle {latex}$\par" for latex in formulas)
    head = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
    document.write_text(f"{head}\n{lines}\n\\end{{document}}\n", encoding="utf-8")
    return "undefined" not in pdflatex(document)


def test_python_and_latex_of_sums(pdflatex, tmp_path, capsys):
    found = []
    for name in MODELS:
        proof = ep.prove(name)
        exec(model_page.snippet(facts_of(proof, "")), {})
        assert str(proof.entropy_sum) in capsys.readouterr().out
        found.append(latex_of(proof.entropy_sum, proof.model.names()))
    assert compiles(found, pdflatex, tmp_path)


def test_python_and_latex_of_every_family(pdflatex, tmp_path, capsys):
    found = []
    for name in family_names():
        cls = getattr(families, name)
        proof = ep.prove(model_of(cls))
        (term,) = proof.terms
        if term.holds:
            exec(family_page.snippet(cls), {})
            assert str(term.entropy) in capsys.readouterr().out, name
            found.append(latex_of(term.entropy, proof.model.names()))
    assert len(found) > 25
    assert compiles(found, pdflatex, tmp_path)
