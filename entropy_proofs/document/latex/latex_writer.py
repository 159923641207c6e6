"""Documents as LaTeX: an article, or a fragment that needs amsmath and booktabs alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from entropy_proofs.document import escape
from entropy_proofs.document.bibliography import reference
from entropy_proofs.document.blocks import (
    Block,
    Display,
    Document,
    Equation,
    Inlines,
    Items,
    Listing,
    Paragraph,
    Section,
    Table,
)
from entropy_proofs.document.fitting import aligned
from entropy_proofs.document.latex.latex_tables import table_lines
from entropy_proofs.document.latex.tex_text import TexText, width
from entropy_proofs.document.outline import depth_of_contents
from entropy_proofs.document.page import Page

_PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[textwidth=%(width)spt,textheight=%(height)spt]{geometry}
\IfFileExists{lmodern.sty}{\usepackage[T1]{fontenc}\usepackage{lmodern}}{}
\usepackage{amsmath,amssymb,booktabs,longtable}
\usepackage[hidelinks]{hyperref}
\setlength{\emergencystretch}{3em}
\setcounter{tocdepth}{%(depth)s}
\makeatletter
\newcommand\afterheading[1]{\if@noskipsec\leavevmode\else#1\fi}
\newcommand\runin[2]{\@startsection{#1}{#2}{\z@}{-1.4ex plus -.5ex}{-.8em}%%
  {\normalfont\normalsize\bfseries}}
\renewcommand\section{%(section)s}
\renewcommand\subsection{\runin{subsection}{2}}
\def\@listi{\leftmargin\leftmargini\topsep2pt\parsep0pt\itemsep0pt}
\let\@listI\@listi
\makeatother
\AtBeginDocument{\abovedisplayskip4pt plus 2pt minus 2pt \belowdisplayskip\abovedisplayskip
  \abovedisplayshortskip2pt plus 2pt \belowdisplayshortskip4pt plus 2pt minus 2pt \jot2pt}
\pdftrailerid{}
\pdfinfoomitdate=1
\pdfsuppressptexinfo=-1
"""

#: With a table of contents sections are chapters of a kind; else their headings stand in the text.
_HEADING = r"\@startsection{section}{1}{\z@}{-3ex plus -1ex}{1ex}{\normalfont\Large\bfseries}"
_RUN_IN = r"\runin{section}{1}"

#: Begins a document unless there is one, so that a fragment compiles alone and with \input.
_OPENING = r"""%% Compiles by itself, and with \input where amsmath and booktabs%(more)s are loaded.
\makeatletter
\ifx\@nodocument\relax
  \makeatother
  \let\EndFragment\relax
\else
  \makeatother
  \documentclass{article}
  \usepackage{amsmath,amssymb,booktabs%(packages)s}
  \def\EndFragment{\end{document}}
  \begin{document}
\fi
\providecommand{\mathbb}[1]{\mathbf{#1}}
"""
_CLOSING = r"\EndFragment"

_EM = 10.0  # points, of the article's type
_NUMBER = 2.5  # em, for an equation's number
_APART = 4.0  # em, what align puts between formulas and reasons at least
_LEVELS = ("section", "subsection", "subsubsection", "paragraph", "subparagraph")


def latex_document(document: Document, page: Page) -> str:
    """An article, or a fragment: that one begins a document only where there is none."""
    writer = _Writer(page)
    blocks = "\n".join(writer.blocks(document.blocks, 0))
    if page.fragment:
        more = (" and longtable", ",longtable") if page.environment == "longtable" else ("", "")
        opening = _OPENING % {"more": more[0], "packages": more[1]}
        return f"{opening}{blocks}\n{_CLOSING}\n"
    parts = [
        _PREAMBLE % _settings(document, page),
        rf"\hypersetup{{pdftitle={{{escape.tex(document.title)}}}}}",
        r"\begin{document}",
        rf"{{\centering\LARGE {escape.tex(document.title)}\par}}\bigskip",
        *([r"\tableofcontents"] if document.contents else []),
        blocks,
        *_bibliography(document, writer.text),
        r"\end{document}",
    ]
    return "\n".join(parts) + "\n"


def _settings(document: Document, page: Page) -> dict[str, str]:
    depth = depth_of_contents(document.blocks)
    size = {"width": f"{page.width:.2f}", "height": f"{page.height:.2f}"}
    return {**size, "depth": f"{depth}", "section": _HEADING if document.contents else _RUN_IN}


def _bibliography(document: Document, text: TexText) -> Iterator[str]:
    if document.bibliography:
        yield r"\begin{thebibliography}{99}\small\setlength{\itemsep}{1pt}\setlength{\parskip}{0pt}"
        for key, entry in document.bibliography:
            yield rf"\bibitem{{{escape.label(key)}}} {text.inlines(reference(entry))}"
        yield r"\end{thebibliography}"


class _Writer:
    def __init__(self, page: Page) -> None:
        self._page = page
        self.text = TexText(linked=not page.fragment)

    def blocks(self, blocks: Iterable[Block], level: int) -> Iterator[str]:
        for block in blocks:
            yield from self._block(block, level)

    def _block(self, block: Block, level: int) -> Iterator[str]:
        match block:
            case Section(title, inner, label, small):
                command = _LEVELS[min(level, len(_LEVELS) - 1)]
                yield from [r"{\small"] if small else []
                yield f"\n\\{command}{{{self._title(title)}}}{_label(label)}"
                if inner and not isinstance(inner[0], (Paragraph, Section)):
                    yield self._below_heading(inner[0])
                yield from self.blocks(inner, level + 1)
                yield from [r"\par}"] if small else []
            case Paragraph(content):
                yield f"\n{self.text.inlines(content)}"
            case Display(equations):
                yield from self._display(equations)
            case Items(items, terms):
                yield from self._items(items, terms)
            case Listing(text):
                yield from _listing(text)
            case Table():
                yield from table_lines(block, self._page, self.text)
            case _:
                raise TypeError(f"no block: {block!r}")

    def _below_heading(self, first: Block) -> str:
        """Ends a line that the heading stands in; a display below one begins with an empty line."""
        closer = r"\vspace{-.5\baselineskip}" if isinstance(first, Display) else ""
        return closer if self._page.fragment else rf"\afterheading{{{closer}}}"

    def _title(self, title: Inlines) -> str:
        """With words alone for the outline that PDF readers show."""
        shown = self.text.inlines(title)
        if self._page.fragment or all(isinstance(inline, str) for inline in title):
            return shown
        words = escape.tex("".join(i for i in title if isinstance(i, str)))
        return rf"\texorpdfstring{{{shown}}}{{{words}}}"

    def _items(self, items: tuple[Inlines, ...], terms: tuple[Inlines, ...]) -> Iterator[str]:
        kind = "description" if terms else "itemize"
        yield rf"\begin{{{kind}}}\setlength{{\itemsep}}{{0pt}}\setlength{{\parskip}}{{0pt}}"
        heads = [rf"[]\textbf{{{self.text.inlines(term)}}}\enskip" for term in terms]
        heads = heads or [""] * len(items)  # labels proper could not be broken
        for head, item in zip(heads, items, strict=True):
            yield rf"\item{head} {self.text.inlines(item)}"
        yield rf"\end{{{kind}}}"

    def _display(self, equations: tuple[Equation, ...]) -> Iterator[str]:
        """Aligned at their relations; reasons stand beside where all fit there, else below."""
        whole = self._page.width / _EM
        found = aligned(equations, whole - _NUMBER)
        left = max(line.left.width for lines in found for line in lines)
        right = max(line.right.width for lines in found for line in lines)
        reasons = max(width(equation.reason) for equation in equations)
        beside = left + right + reasons + _APART <= whole
        rows = []
        for equation, lines in zip(equations, found, strict=True):
            shown = [f"{line.latex} \\notag" for line in lines]
            if equation.label:
                shown[-1] = lines[-1].latex + _label(equation.label)
            if reason := self.text.inlines(equation.reason):
                if beside:
                    shown[-1] += rf" && \text{{{reason}}}"
                else:
                    box = rf"\parbox[t]{{{whole - left - _NUMBER:.1f}em}}"
                    shown.append(rf"& {box}{{\raggedright\small {reason}}} \notag")
            rows += shown
        yield r"\begingroup\allowdisplaybreaks"
        yield r"\begin{align}"
        yield " \\\\\n".join(rows)
        yield r"\end{align}"
        yield r"\endgroup"


def _listing(text: str) -> Iterator[str]:
    """Line by line in a typewriter face: no verbatim, which a line of the text could end."""
    yield r"\par\medskip{\ttfamily\small\raggedright\parindent0pt"
    for line in text.rstrip("\n").split("\n"):
        shown = escape.tex(line).replace(" ", r"\ ")
        yield rf"\strut {shown}\par"
    yield r"}\medskip"


def _label(label: str) -> str:
    return rf"\label{{{escape.label(label)}}}" if label else ""
