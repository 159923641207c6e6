"""What the copy buttons give, of every model: Python runs, LaTeX compiles."""

from __future__ import annotations

import re
from html import unescape

import entropy_proofs as ep
from entropy_proofs.atlas.facts import facts_of
from entropy_proofs.atlas.model_page import snippet
from entropy_proofs.atlas.parts import html
from entropy_proofs.document.blocks import Display, Equation
from entropy_proofs.model import catalogue
from entropy_proofs.printing.formula import formula

_ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">([^<]*)</annotation>')


def test_python_and_latex_of_every_sum(pdflatex, tmp_path, capsys):
    lines = []
    for name in catalogue.names():
        proof = ep.prove(name)
        exec(snippet(facts_of(proof, "")), {})
        assert str(proof.entropy_sum) in capsys.readouterr().out
        with proof.model.names().used():
            shown = html((Display((Equation(formula(proof.entropy_sum)),)),), (), "sum")
        parts = _ANNOTATION.findall(shown)
        assert parts, name
        text = unescape(" ".join(parts))
        lines.append(rf"$\displaystyle {text}$\par")
    document = tmp_path / "sums.tex"
    head = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
    document.write_text(f"{head}\n{chr(10).join(lines)}\n\\end{{document}}\n", encoding="utf-8")
    assert "undefined" not in pdflatex(document)
