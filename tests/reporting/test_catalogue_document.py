"""The catalogue as one document: every derivation fits a page and a column."""

from __future__ import annotations

import pytest
from catalogue.spread import LONG
from document.test_latex_writer import PAPER, too_wide

import entropy_proofs as ep
from entropy_proofs.derivation.appendix import derived
from entropy_proofs.document.blocks import Section
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.document.latex.pdf_writer import compiled
from entropy_proofs.document.page import inside
from entropy_proofs.model import catalogue
from entropy_proofs.reporting.catalogue_document import catalogue_document

FEW = ["cauchy_distribution", "mixture_of_experts", "noisy_or", "ppca", "vae_0"]


@pytest.fixture(scope="module")
def document():
    names = catalogue.names() if LONG else FEW
    proofs = [ep.prove(ep.load(name)) for name in names]
    return catalogue_document(proofs, [derived(proof) for proof in proofs])


def test_it_has_an_overview_and_a_section_for_each_model(document):
    sections = [block for block in document.blocks if isinstance(block, Section)]
    assert sections[0].title == ("Overview",)
    assert "Probabilistic PCA" in [section.title[0] for section in sections]
    assert len(document.bibliography) == len(dict(document.bibliography)) > 3


def test_it_compiles_as_an_article(document, pdflatex):
    _, log = compiled(FORMATS["latex"].write(document))
    assert not too_wide(log)
    assert "undefined" not in log
    assert "multiply defined" not in log


def test_it_compiles_in_a_column(document, pdflatex, tmp_path):
    source = FORMATS["latex"].write(document, inside(221))
    paper = PAPER % ("a4paper,twocolumn", "", source)
    (tmp_path / "paper.tex").write_text(paper, encoding="utf-8")
    assert not too_wide(pdflatex(tmp_path / "paper.tex"))
