"""The parts that pages of the atlas are made of, as HTML or as Markdown around it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Block, Display, Document, Paragraph, Section
from entropy_proofs.document.html_writer import html_page, html_part
from entropy_proofs.document.page import Page

#: What a page's parts may weigh in bytes: a page has at most 100,000, of which the theme's lists
#: of pages and of headings take 20,000, and titles and models like this one some; a listing's
#: colours take up to eight times its bytes.
ROOM = 78_000
_COLOURED = 8
_PAGE = Page(width=400.0)  # points of text at 10 pt
_FENCE = "`" * 10
_LISTING = '<details class="code">'


@dataclass(frozen=True)
class Fold:
    """A step of a derivation: folded, with an address of its own."""

    address: str
    title: str
    body: str

    def html(self) -> str:
        """Closed at first."""
        return (
            f'<details id="{self.address}"><summary>{self.title}</summary>\n{self.body}'
            f'<p class="step"><a href="#{self.address}">Link to this step</a></p></details>'
        )


@dataclass(frozen=True)
class Source:
    """One page as Sphinx reads it: its path without suffix, and its text."""

    path: str
    text: str


def raw(*parts: str) -> str:
    """HTML inside Markdown, as it is."""
    return f"{_FENCE}{{raw}} html\n{chr(10).join(parts)}\n{_FENCE}\n"


def page(path: str, title: str, *parts: str) -> Source:
    """A page that no table of contents lists.

    >>> page("a", "A", "text").text.splitlines()[:3]
    ['---', 'orphan: true', '---']
    """
    head = f"---\norphan: true\n---\n\n# {markdown(title)}\n"
    return Source(path, "\n".join([head, *parts]) + "\n")


def markdown(text: str) -> str:
    """Plain text as Markdown."""
    return re.sub(r"([\\`*_{}\[\]<>#|$~])", r"\\\1", text)


def address(text: str) -> str:
    """What a title or name is addressed by.

    >>> address("p(z[t])")
    'p-z-t'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def html(blocks: Iterable[Block], cited: Sequence[str], name: str) -> str:
    """Blocks with an address for each displayed formula, which begins with a name."""
    count = iter(range(1, 10_000))
    labelled = tuple(_labelled(b, name, count) for b in blocks)
    return html_part(labelled, _PAGE, tuple(cited), f"{name}-note")


def fold(section: Section, cited: Sequence[str], name: str) -> Fold:
    """A section of a derivation, to be unfolded."""
    title = html_part((Paragraph(section.title),), _PAGE, tuple(cited))
    return Fold(name, re.sub(r"^<p>|</p>$", "", title), html(section.blocks, cited, name))


def _labelled(block: Block, name: str, count: Iterator[int]) -> Block:
    if isinstance(block, Display):
        return Display(tuple(replace(e, label=f"{name}-{next(count)}") for e in block.equations))
    if isinstance(block, Section):
        return replace(block, blocks=tuple(_labelled(b, name, count) for b in block.blocks))
    return block


def listed_references(bibliography: tuple[tuple[str, str], ...]) -> list[str]:
    """The list of references, where there are any."""
    document = Document("", (), bibliography)
    return [raw(html_page(document, Page(fragment=True)))] if bibliography else []


def badge(kind: str, text: str) -> str:
    """A word or two that stand out; kind: a class of the style sheet."""
    return f'<span class="badge {kind}">{escape.html(text)}</span>'


def link(target: str, text: str) -> str:
    """To another page or file, by an address relative to this one."""
    return f'<a href="{escape.html(target)}">{escape.html(text)}</a>'


def copied_code(text: str) -> str:
    """A button that copies code, hidden where no script runs."""
    return _button("copy", text, "Python")


def copied_formula(name: str) -> str:
    """The same of the LaTeX of a formula with this address."""
    return _button("formula", name, "LaTeX")


def copied_file(target: str, label: str) -> str:
    """The same of a file of the site."""
    return _button("file", target, label)


def _button(kind: str, what: str, label: str) -> str:
    return (
        f'<button type="button" class="copy" hidden data-{kind}="{escape.html(what)}">'
        f"Copy {escape.html(label)}</button>"
    )


def unfolded(listing: str) -> str:
    """A model file, to be unfolded, as Markdown."""
    fence = "`" * 8
    begin = raw(f"{_LISTING}<summary>The model file</summary>")
    return f"{begin}\n{fence}python\n{listing.rstrip()}\n{fence}\n\n{raw('</details>')}"


def weight(parts: Iterable[str]) -> int:
    """In bytes of HTML.

    >>> weight(["ab", "é"])
    4
    """
    return sum(len(part.encode()) * (_COLOURED if _LISTING in part else 1) for part in parts)


def shared_out(folds: Sequence[Fold], first: int, other: int = ROOM) -> list[list[Fold]]:
    """Steps by page: those of the first page, which has so much room, then of others.

    All stand on the first page if they fit, else none.
    """
    if weight(f.html() for f in folds) <= first:
        return [list(folds)]
    pages: list[list[Fold]] = [[], []]
    for f in folds:
        if pages[-1] and weight(g.html() for g in (*pages[-1], f)) > other:
            pages.append([])
        pages[-1].append(f)
    return pages


def names_of(proof: Any) -> list[str]:
    """Addresses of a proof's conditionals, no two alike."""
    found: list[str] = []
    for t in proof.terms:
        own = f"p-{address(t.variable)}"
        found.append(own if own not in found else f"{own}-{found.count(own) + len(found)}")
    return found
