"""What holds of a built site, page by page; `python -m docs.site FOLDER` says where it does not.

What needs a browser (axe, a phone, search) is not here: tests/atlas/test_browser.py.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

FIRST = "index.html"
HEAVIEST = 100_000  # bytes of a page, with the pictures that are drawn inside it
_MATH = re.compile(r"<math\b.*?</math>", re.DOTALL)
_LATEX = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
_STYLE = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import")  # what style sheets fetch elsewhere
_WAYS = {"index", "search", "next", "prev", "author"}  # links in a page's head that fetch nothing


class Page(HTMLParser):
    """What a page has.

    ids: its addresses.  links: to pages and files.  fetched: what a browser loads with it.
    formulas: the displayed ones, each with its address and LaTeX.  headings: their levels.
    choices: `name=value` of its forms' lists, which the part of a link behind # may choose.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.formulas: list[tuple[str, str]] = []
        self.headings: list[int] = []
        self.choices: set[str] = set()
        self._displayed = self._in_math = False
        self._select = ""
        # Formulas are most of a page and hold neither links nor addresses: their LaTeX is enough.
        self.feed(_MATH.sub(lambda math: f"<math>{' '.join(_LATEX.findall(math[0]))}</math>", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids += [given["id"]] if "id" in given else []
        self.fetched += [given[name] for name in ("src", "poster") if name in given]
        self.links += [given["data-file"]] if "data-file" in given else []
        match tag, given.get("class"):
            case "a", _ if "href" in given:
                self.links.append(given["href"])
            case "link", _:
                found = self.links if given.get("rel") in _WAYS else self.fetched
                found.append(given["href"])
            case "div", "equation":
                self.formulas.append((given.get("id", ""), ""))
            case "div", str(of) if of.split()[:1] == ["math"]:
                self.formulas.append((given.get("id", ""), ""))
                self._displayed = True
            case "div", "left" | "right":
                self._displayed = True
            case "math", _:
                self._in_math = True
            case "select", _:
                self._select = given.get("name", "")
            case "option", _:
                self.choices.add(f"{self._select}={given.get('value', '')}")
            case (("h1" | "h2" | "h3" | "h4" | "h5" | "h6"), _):
                self.headings.append(int(tag[1]))

    def handle_endtag(self, tag: str) -> None:
        self._in_math = False
        self._displayed = self._displayed and tag != "div"  # holds none inside

    def handle_data(self, data: str) -> None:
        if self._displayed and self._in_math:
            address, latex = self.formulas[-1]
            self.formulas[-1] = address, f"{latex} {data}".strip()


def read(site: Path) -> dict[Path, Page]:
    """All pages of a built site."""
    return {p: Page(p.read_text(encoding="utf-8")) for p in sorted(site.resolve().rglob("*.html"))}


def findings(site: Path, pages: Mapping[Path, Page]) -> list[str]:
    """What does not hold, a line each, which begins with the page."""
    site = site.resolve()
    found = [
        f"{path.relative_to(site)}: {text}"
        for path, page in pages.items()
        for text in (*_alone(path, page), *_linked(site, path, pages))
    ]
    reached = _reached(site / FIRST, pages)
    found += [f"{p.relative_to(site)}: no link leads to it" for p in pages if p not in reached]
    for style in sorted(site.rglob("*.css")):
        if _STYLE.search(style.read_text(encoding="utf-8")):
            found.append(f"{style.relative_to(site)}: fetches from elsewhere")
    return found


def _alone(path: Path, page: Page) -> Iterator[str]:
    """What a page is in itself."""
    if (size := path.stat().st_size) > HEAVIEST:
        yield f"weighs {size:,} bytes, more than {HEAVIEST:,}"
    for address in sorted({i for i in page.ids if page.ids.count(i) > 1}):
        yield f"has the address {address!r} twice"
    levels = page.headings
    if levels.count(1) != 1 or levels[0] != 1:
        yield f"has {levels.count(1)} headings of the first level, or one of another before it"
    if any(below - above > 1 for above, below in pairwise(levels)):
        yield f"leaves out a level of headings: {levels}"
    for address, latex in page.formulas:
        if not latex:
            yield f"has a formula without LaTeX, {address!r}"
        if f"#{address}" not in page.links or address not in page.ids:
            yield f"has a formula without a link to itself: {latex!r}"


def _linked(site: Path, path: Path, pages: Mapping[Path, Page]) -> Iterator[str]:
    """Where a page's links lead, and where what it fetches comes from."""
    for target in dict.fromkeys((*pages[path].links, *pages[path].fetched)):
        if re.match(r"(\w+:)?//|mailto:|data:", target):
            if target in pages[path].fetched and not target.startswith("data:"):
                yield f"fetches {target}"
            continue
        to, fragment = _place(path, target)
        if not (to.is_file() and to.is_relative_to(site)):
            yield f"links to {target}, which is not there"
        elif fragment and to in pages:
            known = pages[to].choices if "=" in fragment else pages[to].ids
            if fragment not in known:
                yield f"links to {target}, which has no such part"


def _place(path: Path, target: str) -> tuple[Path, str]:
    """The file that a link on a page leads to, and what stands behind its #."""
    address, _, fragment = target.partition("#")
    name = unquote(address.partition("?")[0])
    return ((path.parent / name).resolve() if name else path), unquote(fragment)


def _reached(first: Path, pages: Mapping[Path, Page]) -> set[Path]:
    found, ahead = {first}, [first]
    while ahead:
        path = ahead.pop()
        for target in pages[path].links:
            to, _ = _place(path, target)
            if to in pages and to not in found:
                found.add(to)
                ahead.append(to)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 where all holds, 1 where something does not, 2 where there is no site."""
    (folder,) = map(Path, sys.argv[1:] if arguments is None else arguments)
    if not (folder / FIRST).is_file():
        print(f"{folder}: holds no site", file=sys.stderr)
        return 2
    pages = read(folder)
    found = findings(folder, pages)
    print(*found, f"{len(pages)} pages, {len(found)} findings", sep="\n", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
