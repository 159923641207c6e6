"""The site builds without a warning, fetches nothing from elsewhere, and has every public name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import entropy_proofs as ep
from docs.site import HEAVIEST, Page, findings, main, read

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def pages(manual) -> dict[Path, Page]:
    return read(manual)


pytestmark = pytest.mark.xdist_group("site")


def test_every_source_has_a_page(pages, manual):
    found = {p.relative_to(DOCS) for p in DOCS.rglob("*") if p.suffix in (".md", ".ipynb")}
    sources = {source for source in found if source.parts[0] != "atlas"}
    for source in sources:
        assert manual / source.with_suffix(".html") in pages


def test_all_holds_of_every_page(pages, manual):
    assert findings(manual, pages) == []


def test_mathematics_needs_no_script(pages, manual):
    identity = manual / "theory/identity.html"
    assert identity.read_text(encoding="utf-8").count("<math") > 20
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert r"\(" not in text, path.name
        assert r"\[" not in text, path.name


def test_every_public_name_has_an_entry(pages):
    ids = set().union(*(page.ids for page in pages.values()))
    modules = {name: getattr(getattr(ep, name), "__module__", "") for name in ep.__all__}
    without = [name for name in ep.__all__ if not {f"entropy_proofs.{name}"} & ids]
    assert not without, f"{without}: name them in docs/reference/"
    functions = (DOCS / "reference/functions.md").read_text(encoding="utf-8")
    examples = "\n".join(re.findall(r"^```pycon\n(.*?)^```", functions, flags=re.M | re.S))
    of_sympy = [name for name, module in modules.items() if not module.startswith("entropy_proofs")]
    assert len(of_sympy) > 5  # their docstrings are SymPy's: the page has their examples
    assert not [name for name in of_sympy if not re.search(rf"\b{name}\b", examples)]


@pytest.mark.parametrize("latex", [r"\nonsense{x}", r"\begin{nonsense}x\end{nonsense}"])
def test_unknown_commands_of_tex_are_refused(sphinx, latex):
    from docs.mathematics import mathml

    with pytest.raises(ValueError, match="nonsense"):
        mathml(latex)


# what the check of a site sees --------------------------------------------------------------------
FORMULA = (
    '<div class="equation" id="f-1"><div class="left"><math><annotation encoding='
    '"application/x-tex">a &lt; b</annotation></math></div><div class="reason">'
    '<a class="headerlink" href="#f-1">#</a></div></div>'
)
CHOICE = '<form><select name="verdict"><option value="proved">proved (2)</option></select></form>'
WHOLE = {
    "index.html": f'<h1 id="a">A</h1><h2>B</h2>{FORMULA}<a href="more/two.html#b">b</a>',
    "more/two.html": f'<h1 id="b">B</h1>{CHOICE}<a href="../index.html?q=1#f-1">a</a>'
    '<a href="#verdict=proved">proved</a><a href="https://example.org">elsewhere</a>'
    '<img src="data:image/png;base64,"><link rel="stylesheet" href="../style.css?v=1">',
    "style.css": "p { background: url(picture.svg); }",
}


def found(folder: Path, files: dict[str, str]) -> list[str]:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return findings(folder, read(folder))


def test_a_whole_site_has_no_findings(tmp_path):
    assert found(tmp_path, WHOLE) == []
    page = Page(WHOLE["index.html"])
    assert page.formulas == [("f-1", "a < b")]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("</h1>", "</h1>" + " " * HEAVIEST, "weighs"),
        ("</h1>", '</h1><p id="a">', "has the address 'a' twice"),
        ("<h1", "<h2>C</h2><h1", "headings of the first level"),
        ("<h2", "<h1>C</h1><h2", "headings of the first level"),
        ("<h2>B</h2>", "<h3>B</h3>", "leaves out a level of headings"),
        ("a &lt; b", "", "without LaTeX"),
        ('href="#f-1"', 'href="#f-2"', "without a link to itself"),
        (' id="f-1"', "", "without a link to itself"),
        ("two.html#b", "three.html", "links to more/three.html, which is not there"),
        ("two.html#b", "two.html#c", "links to more/two.html#c, which has no such part"),
        ("two.html#b", "two.html#verdict=true", "links to more/two.html#verdict=true, which has"),
        ("more/two.html#b", "../a.html", "links to ../a.html, which is not there"),
        ("</h1>", '</h1><button data-file="a.bib">', "links to a.bib, which is not there"),
        ("</h1>", '</h1><img src="a.png">', "links to a.png, which is not there"),
        ("</h1>", '</h1><script src="https://cdn.org/a.js"></script>', "fetches https://cdn"),
        ("</h1>", '</h1><link rel="stylesheet" href="//cdn.org/a.css">', "fetches //cdn"),
        ('<a href="more/two.html#b">b</a>', "", "more/two.html: no link leads to it"),
    ],
)
def test_a_flaw_of_one_page_is_seen(tmp_path, before, after, said):
    whole = WHOLE["index.html"]
    assert before in whole
    (tmp_path / "site").mkdir()
    (tmp_path / "a.html").write_text("outside of the site")
    flawed = found(tmp_path / "site", {**WHOLE, "index.html": whole.replace(before, after, 1)})
    assert any(said in line for line in flawed), flawed


@pytest.mark.parametrize("style", ["@import 'a.css';", "p { background: url('//cdn.org/a.png'); }"])
def test_a_style_that_fetches_from_elsewhere_is_seen(tmp_path, style):
    assert found(tmp_path, {**WHOLE, "style.css": style}) == ["style.css: fetches from elsewhere"]


def test_the_command_says_what_it_found(tmp_path, capsys):
    assert found(tmp_path, WHOLE) == []
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().err == "2 pages, 0 findings\n"
    (tmp_path / "lost.html").write_text("<h1>Lost</h1>")
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith("lost.html: no link leads to it\n")
    assert main([str(tmp_path / "nowhere")]) == 2
