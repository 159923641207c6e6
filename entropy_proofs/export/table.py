"""The table of entropy sums: one row per model, in LaTeX and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from entropy_proofs.arrays import broadcast_at, lift
from entropy_proofs.export.latex import latex

if TYPE_CHECKING:
    from entropy_proofs.model import Term
    from entropy_proofs.proof import Proof

HEADINGS = ("Model", "Prior", "Observable", "Entropy sum", "Field", "Verdict")

#: Begins a document unless there is one, so that the table compiles alone and with \input.
OPENING = r"""% Compiles by itself, and with \input where amsmath and booktabs are loaded.
\makeatletter
\ifx\@nodocument\relax
  \makeatother
  \let\EndEntropySums\relax
\else
  \makeatother
  \documentclass[9pt]{extarticle}
  \usepackage[a3paper,landscape,margin=15mm]{geometry}
  \usepackage{amsmath,booktabs}
  \pagestyle{empty}
  \def\EndEntropySums{\end{document}}
  \begin{document}
\fi
"""
CLOSING = "\\EndEntropySums\n"

#: Shares of the text width; cells break inside formulas at + and -.
WIDTHS = (0.11, 0.12, 0.21, 0.27, 0.16, 0.06)


@dataclass(frozen=True)
class Row:
    """One model: its name and verdict are plain text, each cell between is a list of formulas."""

    model: str
    prior: tuple[str, ...]
    observable: tuple[str, ...]
    entropy_sum: tuple[str, ...]
    field: tuple[str, ...]
    verdict: str


def table_records(proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """The rows of the table as plain JSON values; formulas are strings that Python reads."""
    return [vars(_row(proof, str, "{} ~ {}({})".format, "{} -> {}".format)) for proof in proofs]


def markdown_table(proofs: Iterable[Proof]) -> str:
    """A Markdown table; formulas are LaTeX as GitHub and GitLab show it."""
    lines = [HEADINGS, ("---",) * len(HEADINGS)]
    for proof in proofs:
        row = _latex_row(proof)
        lines.append(tuple(_markdown_cell(cell) for cell in astuple(row)))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def latex_table(proofs: Iterable[Proof]) -> str:
    """A booktabs table, which compiles by itself and inside another document."""
    columns = "".join(rf"p{{{width}\linewidth}}" for width in WIDTHS)
    lines = [
        rf"\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"\toprule",
        " & ".join(HEADINGS) + r" \tabularnewline",
        r"\midrule",
    ]
    for proof in proofs:
        cells = [rf"\raggedright {_latex_cell(cell)}" for cell in astuple(_latex_row(proof))]
        lines.append(" &\n  ".join(cells) + r" \tabularnewline \addlinespace")
    lines += [r"\bottomrule", r"\end{tabular}"]
    return OPENING + "\n".join(lines) + "\n" + CLOSING


def _latex_row(proof: Proof) -> Row:
    return _row(
        proof,
        latex,
        r"{} \sim \operatorname{{{}}}\left({}\right)".format,
        r"{} \mapsto {}".format,
    )


def _row(
    proof: Proof,
    show: Callable[[Any], str],
    distribution: Callable[[str, str, str], str],
    arrow: Callable[[str, str], str],
) -> Row:
    observed = {name for name, variable in proof.model.variables.items() if variable.observed}
    terms = proof.model.terms
    directions = {**proof.field, **proof.latent_flow}
    return Row(
        model=proof.model.name,
        prior=tuple(
            _conditional(term, show, distribution)
            for term in terms
            if term.variable not in observed
        ),
        observable=tuple(
            _conditional(term, show, distribution) for term in terms if term.variable in observed
        ),
        entropy_sum=() if proof.entropy_sum is None else (show(proof.entropy_sum),),
        field=tuple(arrow(show(name), show(direction)) for name, direction in directions.items()),
        verdict=proof.verdict.value,
    )


def _conditional(
    term: Term, show: Callable[[Any], str], distribution: Callable[[str, str, str], str]
) -> str:
    indices = [i for i, _ in term.plates]
    arguments = [
        broadcast_at(lift(value), indices) if not term.family.event_axes.get(name) else value
        for name, value in term.family.arguments().items()
    ]
    name = type(term.family).__name__
    return distribution(show(term.value), name, ", ".join(show(value) for value in arguments))


def _markdown_cell(cell: str | tuple[str, ...]) -> str:
    if isinstance(cell, str):
        return cell.replace("|", r"\|")
    formulas = (formula.replace("|", r"\vert ") for formula in cell)
    return "<br>".join(f"$`{formula}`$" for formula in formulas)


def _latex_cell(cell: str | tuple[str, ...]) -> str:
    if isinstance(cell, str):
        return "".join(rf"\{c}" if c in "&%$#_{}" else c for c in cell)
    return r" \newline ".join(f"${formula}$" for formula in cell)
