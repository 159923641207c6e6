"""PDF: the same bytes each time, or one line that says why not."""

from __future__ import annotations

import pytest

from document.samples import MALICE, document
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.document.latex.pdf_writer import compiled
from entropy_proofs.errors import InputError, MissingLibrary

PAPER = r"\documentclass{article}\begin{document}%s\end{document}"


def test_the_same_document_is_the_same_file(pdflatex):
    one, two = (FORMATS["pdf"].write(document(MALICE)) for _ in range(2))
    assert one.startswith(b"%PDF-")
    assert one == two


def test_references_settle(pdflatex):
    _, log = compiled(PAPER % r"\tableofcontents\section{A}\label{a}\newpage See \pageref{a}.")
    assert "undefined" not in log
    assert "Rerun" not in log


def test_without_latex_one_line_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingLibrary, match="PDF needs pdflatex, which is not installed"):
        FORMATS["pdf"].write(document())


def test_a_missing_package_is_named(pdflatex):
    with pytest.raises(MissingLibrary, match=r"PDF needs nosuchpackage.sty of LaTeX"):
        compiled(PAPER.replace(r"\begin", r"\usepackage{nosuchpackage}\begin"))


def test_what_tex_stops_at_is_one_line(pdflatex):
    with pytest.raises(InputError, match=r"LaTeX stops: Undefined control sequence. l.1 .*nosuch"):
        compiled(PAPER % r"\nosuch")


@pytest.mark.parametrize("source", [r"\input{/etc/hostname}", r"\input{../x}"])
def test_no_file_outside_is_read(source, pdflatex):
    with pytest.raises((InputError, MissingLibrary)):
        compiled(PAPER % source)


def test_no_program_is_run(pdflatex, tmp_path):
    compiled(PAPER % rf"x\immediate\write18{{touch {tmp_path}/made}}")
    assert not list(tmp_path.iterdir())
