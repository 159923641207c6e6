"""Reports as files: formats by name or suffix, whole or not at all."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs.derivation.report_files import chosen_format
from entropy_proofs.document.formats import of_documents
from entropy_proofs.model import catalogue


@pytest.fixture(scope="module")
def proof():
    return ep.prove(catalogue.load("linear_regression"))


@pytest.mark.parametrize("suffix", [".md", ".tex", ".html"])
def test_a_suffix_says_the_format(proof, tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    assert proof.report(path) is None
    text = path.read_text(encoding="utf-8")
    assert text == proof.report(format=chosen_format(None, path).name)
    assert "Linear regression" in text


def test_a_format_outdoes_the_suffix(proof, tmp_path):
    path = tmp_path / "report.txt"
    proof.report(path, format="latex")
    assert r"\begin{document}" in path.read_text(encoding="utf-8")


def test_pdf(proof, tmp_path, pdflatex):
    path = tmp_path / "report.pdf"
    proof.report(path)
    assert path.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ({"format": "docx"}, "'docx'"),
        ({"format": "csv"}, "'csv'"),
        ({"format": "pdf"}, "name a file"),
        ({"vectors": "italic"}, "'italic'"),
        ({"path": "/nowhere/report.md"}, "/nowhere"),
    ],
)
def test_what_can_not_be_written_is_named(proof, arguments, culprit):
    with pytest.raises(ep.InputError, match=culprit):
        proof.report(**arguments)


def test_the_formats():
    assert of_documents() == ("markdown", "latex", "html", "pdf")
