"""Documents in GitHub-flavoured Markdown: formulas as GitHub and GitLab show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

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
from entropy_proofs.document.fitting import aligned
from entropy_proofs.document.footnotes import Notes
from entropy_proofs.document.outline import addressed, depth_of_contents
from entropy_proofs.document.page import Page


def markdown(document: Document, page: Page) -> str:
    """The whole document; a fragment has no title."""
    return _Writer(document).document(page)


_WIDTH = 50.0  # em, of the lines of formulas set off from the text


class _Writer:
    """Footnotes are numbered and listed at the end, equal ones once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._numbers = {key: n for n, (key, _) in enumerate(document.bibliography, 1)}
        self._notes = Notes()

    def document(self, page: Page) -> str:
        title = self._document.title
        parts = [f"# {escape.markdown(title)}"] if title and not page.fragment else []
        if self._document.contents:
            blocks = self._document.blocks
            parts += [self._contents(blocks, depth_of_contents(blocks))]
        parts += self._blocks(self._document.blocks, 2)
        if self._document.bibliography:
            parts.append("## References")
            parts += [
                f'<a id="ref-{escape.label(key)}"></a>{n}\\. {self._inlines(reference(entry))}'
                for n, (key, entry) in enumerate(self._document.bibliography, 1)
            ]
        parts += [f"[^{mark}]: {text}" for mark, text in self._notes.written(self._inlines)]
        return "".join(f"{part}\n\n" for part in parts).rstrip("\n") + "\n"

    def _contents(
        self, blocks: tuple[Block, ...], depth: int, above: str = "section", indent: str = ""
    ) -> str:
        lines = []
        for block, address in addressed(blocks, above):
            if depth and isinstance(block, Section):
                link = f"[{self._inlines(block.title)}](#{escape.label(address)})"
                inner = self._contents(block.blocks, depth - 1, address, f"{indent}  ")
                lines += [f"{indent}- {link}", *([inner] if inner else [])]
        return "\n".join(lines)

    # blocks -------------------------------------------------------------------------------------
    def _blocks(
        self, blocks: tuple[Block, ...], level: int, above: str = "section"
    ) -> Iterator[str]:
        for block, address in addressed(blocks, above):
            if isinstance(block, Section):
                anchor = _anchor(address if self._document.contents else block.label)
                yield f"{'#' * min(level, 6)} {anchor}{self._inlines(block.title)}"
                yield from self._blocks(block.blocks, level + 1, address)
            else:
                yield from self._block(block)

    def _block(self, block: Block) -> list[str]:
        match block:
            case Paragraph():
                return [self._inlines(block.content, first=True)]
            case Display():
                return self._display(block)
            case Items():
                return ["\n".join(self._items(block))]
            case Listing():
                fence = "`" * max(3, 1 + max(map(len, re.findall("`+", block.text)), default=0))
                language = re.sub(r"[^\w+-]", "", block.language)
                lines = map(escape.printable, block.text.rstrip("\n").split("\n"))
                return ["\n".join([f"{fence}{language}", *lines, fence])]
            case Table():
                return self._table(block)
        raise TypeError(f"no block: {block!r}")

    def _display(self, display: Display) -> list[str]:
        """Neighbours without reasons in one block, since GitHub sets no text beside formulas."""
        parts: list[str] = []
        together: list[Equation] = []
        for equation in display.equations:
            together.append(equation)
            if equation.reason:
                parts += [_math(tuple(together)), self._inlines(equation.reason, first=True)]
                together = []
        return [*parts, _math(tuple(together))] if together else parts

    def _items(self, items: Items) -> list[str]:
        if not items.terms:
            return [f"- {self._inlines(item, first=True)}" for item in items.items]
        return [
            f"- {_styled('**', 'strong', self._inlines(term))}: {self._inlines(item)}"
            for term, item in zip(items.terms, items.items, strict=True)
        ]

    # tables -------------------------------------------------------------------------------------
    def _table(self, table: Table) -> list[str]:
        """A heading across all columns, for which there is no notation, stands above its rows."""
        anchor = _anchor(table.label)
        caption = self._inlines(table.caption, first=not anchor)
        parts = [f"{anchor}{caption}"] if anchor or caption else []
        heading = _row(escape.markdown(heading) for heading in table.headings)
        rule = _row("---" for _ in table.headings)
        lines: list[str] = []
        for row in table.rows:
            if row.span:
                parts += ["\n".join([heading, rule, *lines])] if lines else []
                parts.append(_styled("**", "strong", self._cell(row.cells[0])))
                lines = []
            else:
                lines.append(self._row(row))
        parts += ["\n".join([heading, rule, *lines])] if lines or not table.rows else []
        return [*parts, *(self._inlines(note, first=True) for note in table.notes)]

    def _row(self, row: Row) -> str:
        return _row(map(self._cell, row.cells))

    def _cell(self, cell: Cell) -> str:
        return "<br>".join(map(self._inlines, cell))

    # text ---------------------------------------------------------------------------------------
    def _inlines(self, content: Inlines, *, first: bool = False) -> str:
        return "".join(self._inline(inline, first and k == 0) for k, inline in enumerate(content))

    def _inline(self, inline: object, first: bool) -> str:
        match inline:
            case str():
                return escape.markdown(inline, first=first)
            case Formula():
                return f"$`{_safe(inline.latex)}`$"
            case Code():
                return f"<code>{_entities(inline.text)}</code>"
            case Emphasis():
                return _styled("*", "em", escape.markdown(inline.text))
            case Link(text, address):
                inside = f"#{escape.label(address[1:])}" if address[:1] == "#" else address
                return f"[{escape.markdown(text)}](<{_address(inside)}>)"
            case Cite(key, detail):
                number = self._numbers.get(key)
                shown = escape.markdown(f"{number or key}{', ' if detail else ''}{detail}")
                link = f"[{shown}](#ref-{escape.label(key)})" if number else shown
                return rf"\[{link}\]"
            case Note(content):
                return f"[^{self._notes.mark(content)}]"
        raise TypeError(f"no part of a text: {inline!r}")


def _styled(mark: str, tag: str, shown: str) -> str:
    """Between marks; by tags where Markdown reads marks for something else, beside signs."""
    shown = shown.strip()
    if not shown:
        return ""
    if shown[0].isalnum() and shown[-1].isalnum():
        return f"{mark}{shown}{mark}"
    return f"<{tag}>{shown}</{tag}>"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _anchor(label: str) -> str:
    return f'<a id="{escape.label(label)}"></a>' if label else ""


def _math(equations: tuple[Equation, ...]) -> str:
    shown = [_safe(line.latex) for lines in aligned(equations, _WIDTH) for line in lines]
    if len(shown) == 1:
        return f"```math\n{_safe(equations[0].formula.latex)}\n```"
    lines = " \\\\\n".join(shown)
    return f"```math\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n```"


def _safe(latex: str) -> str:
    """Without what would end the code or the cell that a formula stands in."""
    return latex.replace(r"\|", r"\Vert ").replace("|", r"\vert ").replace("`", r"\lq ")


def _entities(text: str) -> str:
    """Text between HTML tags, of which no letter means anything to Markdown."""
    return re.sub(r"[^\w .,-]|_", lambda m: f"&#{ord(m[0])};", escape.printable(text))


def _address(address: str) -> str:
    """Of a link; whatever is no web page leads nowhere."""
    safe = address.startswith(("https:", "#"))
    return re.sub(r"[\s<>\\|]", lambda m: f"%{ord(m[0]):02X}", address) if safe else "#"
