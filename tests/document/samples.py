"""Documents with something of everything, and text that is markup somewhere."""

from __future__ import annotations

from sympy import Symbol

from entropy_proofs.document.blocks import (
    Cite,
    Code,
    Display,
    Document,
    Emphasis,
    Equation,
    Items,
    Link,
    Listing,
    Note,
    Paragraph,
    Row,
    Section,
    Table,
)
from entropy_proofs.printing.formula import formula, relation

A, B = Symbol("a"), Symbol("b")
SUM = formula(A + B**2 / 2)
EQUATION = relation(A, "=", SUM, "=", B)

#: In one piece of text what ends it, begins something, or is read by TeX, HTML, Markdown, a sheet.
MALICE = (
    r"\input{/etc/passwd} \write18{ls} $x$ 50% #1 {a} }{ ~^_& -- ``'' "
    '<script>alert(1)</script> &amp; **b** [l](javascript:x) `c` | "q" \n\n# h\n= 日本 é σ² \x07\u202e'
)
ENTRY = (
    "@article{k, title = {On {x}}, author = {Doe, J.}, journal = {J. X}, volume = 3, year = 2020}"
)


def table(text: str = "m | n", rows: int = 1) -> Table:
    row = Row((((text, Note(("why ", SUM))),), ((SUM,), (EQUATION,)), ()))
    return Table(
        ("Model", "Sum", "Verdict"),
        (Row((((text,),),), span=True), *[row] * rows),
        caption=("Sums of ", text),
        label="tab:sums",
        notes=((text,),),
    )


def document(text: str = "some text") -> Document:
    blocks = (
        Paragraph((text, " ", Emphasis(text), Code(text), Note((text, SUM)), Cite("k", text))),
        Paragraph((Link(text, "https://example.org/a b%?c=d&e#f"), Link("up", "#sec:one"), SUM)),
        Display((Equation(SUM), Equation(EQUATION, ("by ", text), "eq:one"))),
        Items(((text,), (SUM,))),
        Items(((text,), (SUM,)), ((text,), ("b",))),
        Listing(f"{text}\n  x = 1  # \\end{{verbatim}} ```` </code>", "python"),
        table(text),
    )
    section = Section((text, SUM), (Section((text,), blocks, "sec:two"),), "sec:one")
    return Document(text, (section,), (("k", ENTRY),), contents=True)
