"""Documents as one HTML page that needs nothing from outside: formulas are MathML."""

from __future__ import annotations

from collections.abc import Iterator

from entropy_proofs.document import escape
from entropy_proofs.document.bibliography import reference
from entropy_proofs.document.blocks import (
    Block,
    Cell,
    Cite,
    Code,
    Display,
    Document,
    Emphasis,
    Equation,
    Formula,
    Inlines,
    Items,
    Link,
    Listing,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
)
from entropy_proofs.document.fitting import aligned, flowing, pieces
from entropy_proofs.document.footnotes import Notes
from entropy_proofs.document.outline import addressed, depth_of_contents
from entropy_proofs.document.page import Page
from entropy_proofs.printing.formula import Line

STYLE = """
:root { color-scheme: light dark; --text: #1a1a1a; --faint: #5c5c5c; --line: #c9c9c9;
  --back: #ffffff; --link: #0b57a4; --code: #f3f3f1; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e4e0; --faint: #a3a39c; --line: #4a4a46;
  --back: #161614; --link: #8ab8f0; --code: #262623; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--back);
  color: var(--text); font: 1rem/1.5 "Latin Modern Roman", Georgia, "Times New Roman", serif;
  overflow-wrap: anywhere; }
h1, h2, h3, h4, h5, h6 { line-height: 1.25; margin: 2rem 0 .5rem; }
h1 { margin-top: 0; }
p, ul, ol, dl, pre, figure { margin: .6rem 0; }
a { color: var(--link); }
code, pre { font-family: "Latin Modern Mono", Menlo, Consolas, monospace; font-size: .85em; }
pre { padding: .6rem; background: var(--code); overflow-x: auto; overflow-wrap: normal; }
dt { font-weight: bold; }
dd { margin: 0 0 .4rem 1.5rem; }
nav ul { list-style: none; padding-left: 1.2rem; }
nav > ul { padding-left: 0; }
.small { font-size: .9em; }
.wide { display: inline-block; max-width: 100%; overflow-x: auto; overflow-y: hidden;
  vertical-align: middle; padding: .1rem 0; }
.display { display: grid; grid-template-columns: max-content minmax(0, max-content) 1fr;
  gap: .5rem 0; align-items: baseline; margin: .8rem 0; padding: .2rem 0 .3rem 1.5rem;
  overflow-x: auto; overflow-y: hidden; }
.equation { display: grid; grid-column: 1 / -1; grid-template-columns: subgrid;
  align-items: baseline; gap: .5rem 0; }
.display math { math-style: normal; }
.left { grid-column: 1; text-align: right; }
.right { grid-column: 2; }
.reason { grid-column: 3; color: var(--faint); font-size: .92em; padding-left: 1.5rem; }
figure { overflow-x: auto; }
figcaption, .notes { color: var(--faint); font-size: .92em; }
table { font-size: .92em; overflow-wrap: break-word; border-collapse: collapse;
  border-top: 2px solid; border-bottom: 2px solid; }
thead th { border-bottom: 1px solid; text-align: left; }
th, td { padding: .35rem .9rem .35rem 0; vertical-align: top; text-align: left; }
tbody tr + tr > td { border-top: 1px solid var(--line); }
th[colspan] { padding-top: .8rem; font-style: italic; font-weight: normal; }
td > div + div { margin-top: .3rem; }
sup + sup::before { content: ", "; }
@media screen and (max-width: 50rem) {
  .display { display: block; padding-left: 0; }
  .equation { display: block; margin-bottom: .8rem; }
  .left, .right { display: inline; }
  .equation math { margin-block: .22em; }
  .reason { padding-left: 0; }
  table, tbody, tr, td, th[colspan] { display: block; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  tbody tr + tr > td { border-top: 0; }
  tbody tr { border-top: 1px solid var(--line); padding: .4rem 0; }
  td { padding: .1rem 0; }
  td:empty, td:first-child::before { display: none; }
  td:first-child { font-weight: bold; }
  td::before { content: attr(data-label); display: block; color: var(--faint); font-size: .85em; }
}
@page { size: A4; margin: 20mm; }
@media print {
  :root { --text: #000; --faint: #333; --line: #999; --back: #fff; --link: #000; --code: #fff; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  tr, .display, pre { break-inside: avoid; }
  h1, h2, h3, h4, h5, h6 { break-after: avoid; }
  a { text-decoration: none; }
}
"""

_DISPLAY = 44.0  # em, of the lines of formulas set off from the text, where the page is that wide
_EM = 10.0  # points
_CELL = 20.0  # em: what fits a narrow screen, in a cell
_PIECE = 17.0  # em: the same where formulas are set off, in larger type
_WIDE = 20.0  # em: a formula in running text that a narrow screen may have to scroll
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_page(document: Document, page: Page) -> str:
    """The whole page, or a fragment's blocks alone."""
    writer = _Writer(document, page)
    body = "\n".join(writer.body(page))
    if page.fragment:
        return body + "\n"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape.html(document.title)}</title>",
            f"<style>{STYLE}</style>",
            "</head>",
            "<body>",
            body,
            "</body>",
            "</html>",
            "",
        ]
    )


def html_part(
    blocks: tuple[Block, ...], page: Page, cited: tuple[str, ...] = (), place: str = "note"
) -> str:
    """Blocks for a place inside a page that lists its references elsewhere.

    cited: the keys of that list, in its order; place: what the addresses of footnotes begin with.

    >>> html_part((Paragraph((Cite("doe"),)),), Page(), ("doe",))
    '<p>[<a href="#ref-doe">1</a>]</p>'
    """
    writer = _Writer(Document("", blocks, tuple((key, "") for key in cited)), page, place)
    return "\n".join(writer.part())


class _Writer:
    """Footnotes are numbered and listed at the end, those of a table below it."""

    def __init__(self, document: Document, page: Page, place: str = "note") -> None:
        self._document = document
        self._numbers = {key: n for n, (key, _) in enumerate(document.bibliography, 1)}
        self._notes, self._place = Notes(), place
        self._tables = 0
        self._room = min(_DISPLAY, page.width / _EM)

    def body(self, page: Page) -> Iterator[str]:
        document = self._document
        if document.title and not page.fragment:
            yield f"<h1>{escape.html(document.title)}</h1>"
        if document.contents:
            depth = depth_of_contents(document.blocks)
            yield f'<nav aria-label="Contents">{self._contents(document.blocks, depth)}</nav>'
        yield from self.part()
        if document.bibliography:
            yield "<h2>References</h2>"
            yield "<ol>"
            for key, entry in document.bibliography:
                shown = self._inlines(reference(entry))
                yield f'<li id="ref-{escape.label(key)}">{shown}</li>'
            yield "</ol>"

    def part(self) -> Iterator[str]:
        """The blocks and their footnotes alone."""
        yield from self._blocks(self._document.blocks, 2)
        yield from self._listed()

    def _contents(self, blocks: tuple[Block, ...], depth: int, above: str = "section") -> str:
        items = []
        for block, address in addressed(blocks, above):
            if depth and isinstance(block, Section):
                link = f'<a href="#{escape.label(address)}">{self._inlines(block.title)}</a>'
                items.append(f"<li>{link}{self._contents(block.blocks, depth - 1, address)}</li>")
        return f"<ul>{''.join(items)}</ul>" if items else ""

    # blocks -------------------------------------------------------------------------------------
    def _blocks(
        self, blocks: tuple[Block, ...], level: int, above: str = "section"
    ) -> Iterator[str]:
        for block, address in addressed(blocks, above):
            if isinstance(block, Section):
                heading = f"h{min(level, 6)}"
                small = ' class="small"' if block.small else ""
                yield f"<section{_id(address)}{small}>"
                yield f"<{heading}>{self._inlines(block.title)}</{heading}>"
                yield from self._blocks(block.blocks, level + 1, address)
                yield "</section>"
            else:
                yield from self._block(block)

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph(content):
                yield f"<p>{self._inlines(content)}</p>"
            case Display(equations):
                shown = "".join(map(self._equation, equations, aligned(equations, self._room)))
                yield f'<div class="display">{shown}</div>'
            case Items(items, ()):
                yield f"<ul>{''.join(f'<li>{self._inlines(item)}</li>' for item in items)}</ul>"
            case Items(items, terms):
                pairs = zip(map(self._inlines, terms), map(self._inlines, items), strict=True)
                yield f"<dl>{''.join(f'<dt>{t}</dt><dd>{i}</dd>' for t, i in pairs)}</dl>"
            case Listing(text):
                lines = "\n".join(map(escape.html, text.rstrip("\n").split("\n")))
                yield f"<pre><code>{lines}</code></pre>"
            case Table():
                yield from self._table(block)
            case _:
                raise TypeError(f"no block: {block!r}")

    def _equation(self, equation: Equation, lines: tuple[Line, ...]) -> str:
        """Its lines in two columns, so that neighbours align, and the reason beside or below."""
        shown = "".join(
            f'<div class="{side}">{self._wrapped(formula)}</div>'
            for line in lines
            for side, formula in (("left", line.left), ("right", line.right))
            if formula.width
        )
        reason = self._inlines(equation.reason)
        if equation.label:
            address = escape.label(equation.label)
            reason += f'<a class="headerlink" href="#{address}">#</a>'
        beside = f'<div class="reason">{reason}</div>' if reason else ""
        return f'<div class="equation"{_id(equation.label)}>{shown}{beside}</div>'

    def _wrapped(self, formula: Formula) -> str:
        """A line in pieces, between which a narrow screen may end it."""
        return "".join(piece.mathml() for piece in flowing(formula, _PIECE))

    # tables -------------------------------------------------------------------------------------
    def _table(self, table: Table) -> Iterator[str]:
        self._tables += 1
        outer = self._notes, self._place
        self._notes, self._place = Notes(letters=True), f"table{self._tables}-note"
        yield f"<figure{_id(table.label)}>"
        if table.caption:
            yield f"<figcaption>{self._inlines(table.caption)}</figcaption>"
        headings = "".join(f'<th scope="col">{escape.html(h)}</th>' for h in table.headings)
        yield f"<table><thead><tr>{headings}</tr></thead><tbody>"
        for row in table.rows:
            yield self._row(row, table.headings)
        yield "</tbody></table>"
        yield from self._listed()
        for note in table.notes:
            yield f'<p class="notes">{self._inlines(note)}</p>'
        yield "</figure>"
        self._notes, self._place = outer

    def _row(self, row: Row, headings: tuple[str, ...]) -> str:
        if row.span:
            title = self._cell(row.cells[0])
            return f'<tr><th colspan="{len(headings)}" scope="rowgroup">{title}</th></tr>'
        cells = "".join(
            f'<td data-label="{escape.html(heading)}">{self._cell(cell)}</td>'
            for heading, cell in zip(headings, row.cells, strict=True)
        )
        return f"<tr>{cells}</tr>"

    def _cell(self, cell: Cell) -> str:
        lines = [shown for line in cell for shown in self._lines(line)]
        return "".join(lines) if len(lines) > 1 else "".join(map(self._inlines, cell))

    def _lines(self, line: Inlines) -> Iterator[str]:
        """A formula that begins a line in pieces, so that narrow screens hold it."""
        first, *rest = line or ("",)
        *front, last = pieces(first, _CELL) if isinstance(first, Formula) else (first,)
        for shown in [*((piece,) for piece in front), (last, *rest)]:
            yield f"<div>{self._inlines(shown)}</div>"

    # text ---------------------------------------------------------------------------------------
    def _inlines(self, content: Inlines) -> str:
        return "".join(map(self._inline, content))

    def _inline(self, inline: object) -> str:
        match inline:
            case str():
                return escape.html(inline)
            case Formula():
                shown = inline.mathml(display=False)
                return (
                    f'<span class="wide">{shown}</span>' if inline.inline_width > _WIDE else shown
                )
            case Code(text):
                return f"<code>{escape.html(text)}</code>"
            case Emphasis(text):
                return f"<em>{escape.html(text)}</em>"
            case Link(text, address):
                return f'<a href="{_address(address)}">{escape.html(text)}</a>'
            case Cite(key, detail):
                number = self._numbers.get(key)
                after = f", {escape.html(detail)}" if detail else ""
                if number is None:
                    return f"[{escape.html(key)}{after}]"
                return f'[<a href="#ref-{escape.label(key)}">{number}</a>{after}]'
            case Note(content):
                mark = self._notes.mark(content)
                return f'<sup><a href="#{self._place}-{mark}">{mark}</a></sup>'
        raise TypeError(f"no part of a text: {inline!r}")

    def _listed(self) -> Iterator[str]:
        """The notes of this place."""
        for mark, text in self._notes.written(self._inlines):
            yield f'<p class="notes" id="{self._place}-{mark}"><sup>{mark}</sup> {text}</p>'


def _id(label: str) -> str:
    return f' id="{escape.label(label)}"' if label else ""


def _address(address: str) -> str:
    """Of a link; whatever is no web page leads nowhere."""
    if address.startswith("https:"):
        return escape.html(address)
    return f"#{escape.label(address[1:])}" if address.startswith("#") else "#"
