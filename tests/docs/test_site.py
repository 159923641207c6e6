"""The site builds without a warning, fetches nothing from elsewhere, and has every public name."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

import entropy_proofs as ep

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


class Page(HTMLParser):
    """What a page names, links to and fetches."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids |= {given[key] for key in ("id", "name") if given.get(key)}
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        elif tag == "link" and given.get("rel") not in (
            "index",
            "search",
            "next",
            "prev",
            "author",
        ):
            self.fetched.append(given["href"])
        elif given.get("src"):
            self.fetched.append(given["src"])


@pytest.fixture(scope="module")
def site(tmp_path_factory, sphinx) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    done = subprocess.run(
        [*command, "--doctree-dir", folder / "doctrees", DOCS, folder / "html"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site) -> dict[Path, Page]:
    return {path: Page(path) for path in sorted(site.rglob("*.html"))}


pytestmark = pytest.mark.xdist_group("site")


def test_every_source_has_a_page(pages, site):
    sources = {p for p in DOCS.rglob("*") if p.suffix in (".md", ".ipynb")}
    for source in sources:
        assert site / source.relative_to(DOCS).with_suffix(".html") in pages


def test_nothing_is_fetched_from_elsewhere(pages, site):
    for path, page in pages.items():
        for target in page.fetched:
            local = unquote(target.partition("?")[0].partition("#")[0])
            assert not re.match(r"(\w+:)?//", local), f"{path.name} fetches {target}"
            if not local.startswith("data:"):
                assert (path.parent / local).is_file(), f"{path.name} lacks {target}"
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*['\"]?(https?:)?//|@import", text), style.name


def test_links_lead_somewhere(pages, site):
    for path, page in pages.items():
        for link in page.links:
            if re.match(r"\w+:", link):
                continue
            target, _, fragment = unquote(link).partition("#")
            to = (path.parent / target).resolve() if target else path
            assert to.is_file(), f"{path.relative_to(site)}: {link}"
            if fragment and to in pages:
                assert fragment in pages[to].ids, f"{path.relative_to(site)}: {link}"


def test_mathematics_needs_no_script(pages, site):
    identity = site / "theory/identity.html"
    assert pages[identity].tags.count("math") > 20
    for path in pages:
        if "atlas" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert r"\(" not in text, path.name
            assert r"\[" not in text, path.name


def test_every_public_name_has_an_entry(site, pages):
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
