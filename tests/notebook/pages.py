"""What is asked of whatever a notebook shows."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

VOID = {"br", "hr", "img", "input", "meta", "link", "wbr"}


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: set[str] = set()
        self.annotations: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another"

    def handle_data(self, data: str) -> None:
        if "annotation" in self.open:
            self.annotations.append(data)
        elif "style" not in self.open:
            self.text.append(data)


def parsed(html: str) -> _Balance:
    """The page, whose tags must be balanced."""
    parser = _Balance()
    parser.feed(html)
    parser.close()
    assert not parser.open, f"{parser.open} are not closed"
    return parser


def annotations(html: str) -> list[str]:
    """The TeX of its formulas, as readers copy it."""
    return [formula.strip() for formula in parsed(html).annotations]


def tags(html: str) -> set[str]:
    return parsed(html).tags


def text(html: str) -> str:
    """What a reader sees, without the TeX behind its formulas."""
    return " ".join(" ".join(parsed(html).text).split())


def html_of(shown: Any) -> str | None:
    """What an object says of itself, by either way that scikit-learn and IPython know."""
    method = getattr(shown, "_repr_html_", None)
    return None if method is None else method()


def latex_of(shown: Any) -> str | None:
    method = getattr(shown, "_repr_latex_", None)
    return None if method is None else method()
