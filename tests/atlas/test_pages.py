"""The pages as files: their weight, their links, their formulas, and what the command says."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.conftest import FAMILIES, MODELS
from docs.site import Page, findings, read
from entropy_proofs.atlas.pages import main
from entropy_proofs.kernel.__main__ import main as kernel

pytestmark = pytest.mark.xdist_group("site")


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return read(site)


def test_every_model_and_family_has_a_page(site, pages):
    for stem in MODELS:
        assert site / f"atlas/{stem}.html" in pages
    for name in FAMILIES:
        assert site / f"atlas/families/{name.lower()}.html" in pages
    assert site / "atlas/vae_1-derivation.html" in pages


def test_all_holds_of_every_page(site, pages):
    assert findings(site, pages) == []
    assert sum(len(page.formulas) for page in pages.values()) > 100


def test_latex_of_every_formula_compiles(pages, pdflatex, tmp_path):
    found = [latex for page in pages.values() for _, latex in page.formulas]
    body = "\n".join(rf"$\displaystyle {latex}$\par" for latex in found)
    document = tmp_path / "formulas.tex"
    head = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
    document.write_text(f"{head}\n{body}\n\\end{{document}}\n", encoding="utf-8")
    assert "undefined" not in pdflatex(document)


def test_files_are_what_they_say(site, capsys):
    files = site / "atlas/files"
    assert kernel([str(files / "ppca.json")]) == 0
    assert "verified, proved" in capsys.readouterr().out
    for stem in MODELS:
        compile((files / f"{stem}_numpy.py").read_text(), stem, "exec")
        assert (files / f"{stem}.tex").read_text().rstrip().endswith(r"\end{document}")
    assert not (files / "student_t_known_dof.json").exists()


def test_pages_say_what_was_found(site):
    proved = (site / "atlas/ppca.html").read_text()
    for said in ("proved: F = S at every stationary point", "certificate verified by the kernel"):
        assert said in proved
    refuted = (site / "atlas/student_t_known_dof.html").read_text()
    assert "refuted: no such sum" in refuted
    assert "Counterexample" in refuted
    assert "certificate verified" not in refuted
    assert 'class="curve"' not in refuted
    weibull = (site / "atlas/families/weibull.html").read_text()
    assert "With shape= known it becomes its pseudo-entropy" in weibull


@pytest.mark.parametrize("arguments", [["--reports", "nowhere"], ["--models", "pca"]])
def test_unusable_input_is_one_line_and_leaves_the_folder_alone(arguments, tmp_path, capsys):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "page.md").write_text("here")
    assert main([str(kept), *arguments]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert (kept / "page.md").read_text() == "here"
