"""What pages lack for keyboards, screen readers and links, put in as the site is finished."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

#: What scrolls is reached by the keyboard, landmarks have names, headings levels.
_MENDED = {
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<div class="math': '<div tabindex="0" class="math',
    '<div class="display">': '<div tabindex="0" class="display">',
    '<div class="output': '<div tabindex="0" class="output',
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    '<th scope="col"></th>': "<td></td>",
    '<th class="head"><p></p></th>': '<td class="head"></td>',
    '<div id="search-results">': '<h1>Search</h1><div id="search-results" >',
}
_LACKING = re.compile("|".join(map(re.escape, _MENDED)))
#: A formula that a notebook's cell displayed, which knows of no page that it will stand on.
_DISPLAYED = re.compile(
    r'<div class="equation">((?:<div class="(?:left|right)">.*?</div>)+)'
    r'(?:<div class="reason">(.*?)</div>)?</div>',
    re.DOTALL,
)


def mended(page: str) -> str:
    """The page with these; one that has them stays as it is.

    >>> mended(mended("<pre>a</pre>"))
    '<pre tabindex="0">a</pre>'
    """
    return _DISPLAYED.sub(_addressed(count(1)), _LACKING.sub(lambda m: _MENDED[m[0]], page))


def _addressed(numbers: Iterator[int]) -> Callable[[re.Match[str]], str]:
    """Gives formulas addresses in their order, as those of the atlas have."""

    def replaced(found: re.Match[str]) -> str:
        address = f"shown-{next(numbers)}"
        link = f'<a class="headerlink" href="#{address}">#</a>'
        reason = f'<div class="reason">{found[2] or ""}{link}</div>'
        return f'<div class="equation" id="{address}">{found[1]}{reason}</div>'

    return replaced


def _finish(app: Any, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            before = path.read_text(encoding="utf-8")
            if (after := mended(before)) != before:
                path.write_text(after, encoding="utf-8")


def setup(app: Any) -> dict[str, bool]:
    """Registers it with Sphinx."""
    app.connect("build-finished", _finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
