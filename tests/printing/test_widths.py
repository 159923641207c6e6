"""Widths: what pdflatex measures, to 5 % and a tenth of an em."""

from __future__ import annotations

import re

from hypothesis import given, settings

from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.tree import Letter, phrase
from entropy_proofs.printing.typeset.widths import width
from printing.trees import catalogue_formulas, trees

DOCUMENT = r"""\documentclass[10pt]{article}
\usepackage{amsmath,amssymb}
\begin{document}
Widths.
%s
\end{document}
"""


def measured(pdflatex, document, bodies):
    """In em, what boxes with these formulas take."""
    lines = [rf"\setbox0\hbox{{${body}$}}\typeout{{width: \the\wd0}}" for body in bodies]
    document.write_text(DOCUMENT % "\n".join(lines), encoding="utf-8")
    found = re.findall(r"^width: ([\d.]+)pt", pdflatex(document), re.MULTILINE)
    assert len(found) == len(bodies)
    return [float(points) / 10 for points in found]


def test_pdflatex_measures_the_same(pdflatex, tmp_path):
    shown = catalogue_formulas()
    bodies = [*(rf"\displaystyle {f.latex}" for f in shown), *(f.latex for f in shown)]
    widths = [*(f.width for f in shown), *(f.inline_width for f in shown)]
    found = measured(pdflatex, tmp_path / "document.tex", bodies)
    for body, estimate, em in zip(bodies, widths, found, strict=True):
        assert abs(estimate - em) < 0.05 * em + 0.1, body


def test_broken_formulas_fit_their_columns(pdflatex, tmp_path):
    cases = []
    for within in (20.0, 34.5):
        for shown in catalogue_formulas():
            rows = r" \\ ".join(line.latex for line in shown.lines(within))
            cases.append((within, rf"\begin{{aligned}}{rows}\end{{aligned}}"))
            for line in shown.lines(within, display=False):
                cases.append((within, f"{line.left.latex}{{}}{line.right.latex}"))
    found = measured(pdflatex, tmp_path / "document.tex", [body for _, body in cases])
    for (within, body), em in zip(cases, found, strict=True):
        assert em <= within + 0.2, body


@settings(max_examples=50, deadline=None)
@given(trees, trees)
def test_parts_are_no_wider_than_wholes(left, right):
    whole = width(phrase(left, Letter("x"), right))
    assert whole >= width(left) + width(right)
    assert Formula(left).width == width(left) >= 0
