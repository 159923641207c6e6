"""The table of entropy sums: one row per model, in LaTeX and in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, Any

from sympy import IndexedBase, Symbol

from entropy_proofs.arrays.array import broadcast_at
from entropy_proofs.printing import latex, plain
from entropy_proofs.printing.typeset.alphabet import escaped
from entropy_proofs.proof.conditions import where
from entropy_proofs.proof.term_results import shown_plates

if TYPE_CHECKING:
    from entropy_proofs.model.model import ModelTerm
    from entropy_proofs.proving.proof import Proof

HEADINGS = ("Model", "Prior", "Observable", "Entropy sum", "Field", "Verdict")

#: Begins a document unless there is one, so that the table compiles alone and with \\input.
OPENING = r"""% Compiles by itself, and with \input where amsmath and booktabs are loaded.
\makeatletter
\ifx\@nodocument\relax
  \makeatother
  \let\EndEntropySums\relax
\else
  \makeatother
  \documentclass{article}
  \usepackage[paperwidth=420mm,paperheight=420mm,margin=15mm]{geometry}
  \usepackage{amsmath,amssymb,booktabs}
  \pagestyle{empty}
  \def\EndEntropySums{\end{document}}
  \begin{document}
\fi
\providecommand{\mathbb}[1]{\mathbf{#1}}
"""
CLOSING = "\\EndEntropySums\n"

#: Shares of the text width; cells break inside formulas at + and -.
WIDTHS = (0.11, 0.13, 0.22, 0.27, 0.15, 0.06)

#: Names of families on paper, where they differ from those in Python.
FAMILIES = {"Normal": r"\mathcal{N}", "MultivariateNormal": r"\mathcal{N}"}


@dataclass(frozen=True)
class Row:
    """One model: its name and verdict are plain text, each cell between is a list of formulas."""

    model: str
    prior: tuple[str, ...]
    observable: tuple[str, ...]
    entropy_sum: tuple[str, ...]
    field: tuple[str, ...]
    verdict: str


@dataclass(frozen=True)
class Record(Row):
    """A row, and the conditions under which its sum holds."""

    conditions: tuple[str, ...]


def table_records(proofs: Iterable[Proof]) -> list[dict[str, Any]]:
    """The rows of the table as plain JSON values; formulas are lines of text."""
    return [
        vars(
            Record(
                model=proof.model.name,
                prior=_cell(proof, False, _plain_conditional, plain.plain),
                observable=_cell(proof, True, _plain_conditional, plain.plain),
                entropy_sum=tuple(map(plain.plain, _entropy_sums(proof))),
                field=tuple(plain.arrow(*pair) for pair in _moves(proof)),
                verdict=proof.verdict.value,
                conditions=tuple(map(str, proof.conditions)),
            )
        )
        for proof in proofs
    ]


def markdown_table(proofs: Iterable[Proof]) -> str:
    """A Markdown table per group of models; formulas are LaTeX as GitHub and GitLab show it."""
    groups = _grouped(proofs)
    parts = []
    for title, members in groups.items():
        notes = "".join(f"\n* {note}" for proof in members for note in _notes(proof))
        lines = [HEADINGS, ("---",) * len(HEADINGS)]
        lines += [tuple(map(markdown_cell, astuple(_latex_row(proof)))) for proof in members]
        table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
        table += f"{notes}\n" if notes else ""
        parts.append(f"## {title}\n\n{table}" if len(groups) > 1 else table)
    return "\n".join(parts)


def latex_table(proofs: Iterable[Proof]) -> str:
    """A booktabs table per group of models, which compiles by itself and in another document."""
    groups = _grouped(proofs)
    tables = [
        _tabular(members, title if len(groups) > 1 else "") for title, members in groups.items()
    ]
    return OPENING + "\n".join(tables) + CLOSING


def _grouped(proofs: Iterable[Proof]) -> dict[str, list[Proof]]:
    groups: dict[str, list[Proof]] = {}
    for proof in proofs:
        title = proof.model.group
        groups.setdefault(title[:1].upper() + title[1:], []).append(proof)
    return groups


def _tabular(proofs: Iterable[Proof], title: str) -> str:
    columns = "".join(rf"p{{{width}\linewidth}}" for width in WIDTHS)
    lines = [
        rf"\noindent\begin{{tabular}}{{@{{}}{columns}@{{}}}}",
        r"\toprule",
        " & ".join(HEADINGS) + r" \tabularnewline",
        r"\midrule",
    ]
    if title:
        heading = rf"\multicolumn{{{len(HEADINGS)}}}{{@{{}}l}}{{\emph{{{_latex_cell(title)}}}}}"
        lines.append(heading + r" \tabularnewline \addlinespace")
    for proof in proofs:
        cells = [rf"\raggedright {_latex_cell(cell)}" for cell in astuple(_latex_row(proof))]
        lines.append(" &\n  ".join(cells) + r" \tabularnewline \addlinespace")
    notes = [
        rf"\par\smallskip\noindent {{\footnotesize {_latex_cell(note)}\par}}"
        for proof in proofs
        for note in _notes(proof)
    ]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", *notes, ""])


def _notes(proof: Proof) -> list[str]:
    """What became no entropy, or a pseudo-entropy only, and why; what would help."""
    found = []
    pseudo = [t.variable for t in proof.terms if t.is_pseudo and not t.fixes_scale]
    if pseudo:
        what = f"the entropy of {', '.join(pseudo)} is a pseudo-entropy, E[-log p + log h]"
        found.append(f"{proof.model.name}: {what} with h not 1.")
    for term in proof.terms:
        if not term.holds:
            found.append(f"{proof.model.name}: {term.variable} stays, {term.reason}.")
        elif term.fixes_scale:
            found.append(f"{proof.model.name}: {term.variable} is a {term.reason}.")
    if proof.suggestions:
        ways = "; or ".join(map(str, proof.suggestions))
        found.append(f"{proof.model.name} would hold if you {ways}.")
    return found


def _latex_row(proof: Proof) -> Row:
    with proof.model.names().used():
        return Row(
            model=proof.model.name,
            prior=_cell(proof, False, _latex_conditional, latex.latex),
            observable=_cell(proof, True, _latex_conditional, latex.latex),
            entropy_sum=_latex_sums(proof),
            field=tuple(latex.arrow(*pair) for pair in _moves(proof)),
            verdict=proof.verdict.value,
        )


def _cell(
    proof: Proof,
    observed: bool,
    conditional: Callable[[ModelTerm], str],
    shown: Callable[[Any], str],
) -> tuple[str, ...]:
    """The conditionals, then the weights of the bound that are not 1."""
    variables = proof.model.variables
    terms = [t for t in proof.model.terms if variables[t.variable].observed == observed]
    weights = {t.variable: t.weight for t in terms}
    if not observed:
        weights["q"] = proof.model.q_weight
    named = [(Symbol(f"weight.{name}"), w) for name, w in weights.items() if w != 1]
    return (*map(conditional, terms), *(f"{shown(name)} = {shown(w)}" for name, w in named))


def _entropy_sums(proof: Proof) -> list[Any]:
    """The sum, unless nothing became an entropy."""
    return [proof.entropy_sum] if any(term.holds for term in proof.terms) else []


def _latex_sums(proof: Proof) -> tuple[str, ...]:
    """The sum, and below it where it holds."""
    sums = tuple(map(latex.latex, _entropy_sums(proof)))
    return (*sums, where(proof.conditions)) if sums and proof.conditions else sums


def _moves(proof: Proof) -> list[tuple[Any, Any]]:
    return [*proof.field.items(), *proof.latent_flow.items()]


def _plain_conditional(term: ModelTerm) -> str:
    value, arguments, density = _at_plates(term)
    if not arguments:
        return f"log p({plain.plain(value)}) = {plain.plain(density)}"
    shown = ", ".join(map(plain.plain, arguments))
    return f"{plain.plain(value)} ~ {type(term.family).__name__}({shown})"


def _latex_conditional(term: ModelTerm) -> str:
    value, arguments, density = _at_plates(term)
    if not arguments:
        return rf"\log p({latex.latex(value)}) = {latex.latex(density)}"
    name = type(term.family).__name__
    shown = ", ".join(map(latex.latex, arguments))
    family = FAMILIES.get(name, rf"\mathrm{{{name}}}")
    return rf"{latex.latex(value)} \sim {family}({shown})"


def _at_plates(term: ModelTerm) -> tuple[Any, list[Any], Any]:
    """The variable, its family's arguments and its log density, for one generic copy."""
    shown = shown_plates(term, term.log_density)
    axes = term.family.event_axes
    given = {name: v.xreplace(shown) for name, v in term.family.arguments().items()}
    indices = tuple(shown.values())
    value = IndexedBase(term.value)[indices] if indices else term.value
    arguments = [
        argument if axes.get(name) else broadcast_at(argument, indices)
        for name, argument in given.items()
    ]
    return value, arguments, term.log_density.xreplace(shown)


def markdown_cell(cell: str | tuple[str, ...]) -> str:
    """Plain text, or formulas one below the other."""
    if isinstance(cell, str):
        return cell.replace("|", r"\|")
    formulas = (formula.replace("|", r"\vert ") for formula in cell)
    return "<br>".join(f"$`{formula}`$" for formula in formulas)


def _latex_cell(cell: str | tuple[str, ...]) -> str:
    if isinstance(cell, str):
        return escaped(cell)
    return r" \newline ".join(f"${formula}$" for formula in cell)
