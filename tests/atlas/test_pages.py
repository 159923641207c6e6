"""The pages as files: their weight, their links, their formulas, and what the command says."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

from atlas.conftest import FAMILIES, MODELS
from entropy_proofs.atlas.pages import main
from entropy_proofs.kernel.__main__ import main as kernel

pytestmark = pytest.mark.xdist_group("atlas")

HEAVIEST = 100_000  # bytes


class Page(HTMLParser):
    """What a page has: addresses, links, what it fetches, formulas by address."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.formulas: dict[str, list[str]] = {}
        self.headings: list[int] = []
        self._annotation = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if given.get("id") else []
        self.links += [given["href"]] if tag == "a" and given.get("href") else []
        self.links += [given["data-file"]] if given.get("data-file") else []
        self.fetched += [given[k] for k in ("src", "srcset", "poster") if given.get(k)]
        self.fetched += [given["href"]] if tag == "link" else []
        if given.get("class") == "equation":
            self.formulas[given["id"]] = []
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self._annotation = tag == "annotation"

    def handle_endtag(self, tag):
        self._annotation = False

    def handle_data(self, data):
        if self._annotation and self.formulas:
            self.formulas[[*self.formulas][-1]].append(data)


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted((site / "atlas").rglob("*.html"))}


def test_every_model_and_family_has_a_page(site, pages):
    for stem in MODELS:
        assert site / f"atlas/{stem}.html" in pages
    for name in FAMILIES:
        assert site / f"atlas/families/{name.lower()}.html" in pages
    assert site / "atlas/linear_dynamical_system_inputs-derivation.html" in pages


def test_no_page_is_heavy(pages):
    sizes = {path.name: path.stat().st_size for path in pages}
    assert {name: n for name, n in sizes.items() if n > HEAVIEST} == {}


def test_every_link_leads_somewhere(site, pages):
    lost = []
    for path, page in pages.items():
        for target in page.links:
            file, _, fragment = unquote(target).partition("#")
            if file.startswith(("https:", "mailto:")):
                continue
            found = (path.parent / file).resolve() if file else path
            named = fragment and "=" not in fragment  # not facets
            if not found.is_file() or (named and fragment not in Page(found).ids):
                lost.append((path.name, target))
    assert lost == []


def test_nothing_comes_from_elsewhere(pages):
    for path, page in pages.items():
        assert not [t for t in page.fetched if re.match("[a-z]*:?//", t)], path


def test_addresses_are_single_and_headings_in_order(pages):
    for path, page in pages.items():
        assert len(set(page.ids)) == len(page.ids), path
        assert page.headings[0] == 1, path
        assert page.headings.count(1) == 1, path
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(b - a <= 1 for a, b in steps), path


def test_every_formula_has_an_address_and_latex(pages):
    for path, page in pages.items():
        text = path.read_text(encoding="utf-8")
        assert len(page.formulas) == text.count('class="equation"'), path
        assert all(page.formulas.values()), path
    assert sum(len(page.formulas) for page in pages.values()) > 100


def test_latex_of_every_formula_compiles(pages, pdflatex, tmp_path):
    lines = [" ".join(parts) for page in pages.values() for parts in page.formulas.values()]
    body = "\n".join(rf"$\displaystyle {line}$\par" for line in lines)
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
