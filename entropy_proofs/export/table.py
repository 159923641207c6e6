"""The table of entropy sums: one row per model, in every format of documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sympy import Symbol

from entropy_proofs.derivation.sources import cited, references
from entropy_proofs.document.blocks import (
    Cell,
    Cite,
    Document,
    Formula,
    Inline,
    Inlines,
    Note,
    Row,
    Table,
)
from entropy_proofs.errors import InputError
from entropy_proofs.model import catalogue
from entropy_proofs.model.paper.generative import generic_copy
from entropy_proofs.notebook.statements import law, log_density_of
from entropy_proofs.printing import plain
from entropy_proofs.printing.formula import arrow, beside, called, formula, relation
from entropy_proofs.spelling import none_of

if TYPE_CHECKING:
    from entropy_proofs.model.model import ModelTerm
    from entropy_proofs.proving.proof import Proof


@dataclass(frozen=True)
class Column:
    """cell: what stands in it, a line for each tuple; plain: the same for JSON."""

    heading: str
    cell: Callable[[Proof], Cell]
    plain: Callable[[Proof], Any]


def entropy_table(
    proofs: Iterable[Proof],
    columns: Sequence[str] = (),
    *,
    caption: str = "",
    label: str = "",
) -> Document:
    """A document that is one table: a row per model, below the headings of their groups.

    columns: names of `COLUMNS`, DEFAULT if there are none. What became a pseudo-entropy, holds
    under conditions, or is a part of the bound only, says so in a note.

    Raises:
        InputError: a column is unknown or there twice.
    """
    chosen, proofs = checked(columns or DEFAULT), list(proofs)
    groups = _grouped(proofs)
    rows = []
    for title, members in groups.items():
        if len(groups) > 1:
            rows.append(Row((((title,),),), span=True))
        rows += [_row(proof, chosen) for proof in members]
    headings = tuple(COLUMNS[name].heading for name in chosen)
    table = Table(headings, tuple(rows), caption=(caption,) if caption else (), label=label)
    keys = dict.fromkeys(key for p in proofs for key in _sources(p) if "source" in chosen)
    return Document("Entropy sums", (table,), tuple((k, references()[k].text) for k in keys))


def table_records(proofs: Iterable[Proof], columns: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of the table as plain JSON values; formulas are lines of text.

    Raises:
        InputError: as `entropy_table`.
    """
    chosen = checked(columns or (*DEFAULT, "conditions"))
    return [_record(proof, chosen) for proof in proofs]


def _record(proof: Proof, chosen: Sequence[str]) -> dict[str, Any]:
    with proof.model.names().used():
        return {name: COLUMNS[name].plain(proof) for name in chosen}


def checked(columns: Sequence[str]) -> Sequence[str]:
    """The names of columns, if all are known and none is there twice.

    Raises:
        InputError: else; the message names the culprit.

    >>> checked(["model", "verdict"])
    ['model', 'verdict']
    """
    for name in columns:
        if name not in COLUMNS:
            raise InputError(f"column {none_of(name, COLUMNS)}")
        if list(columns).count(name) > 1:
            raise InputError(f"the column {name!r} is there twice")
    return columns


def _grouped(proofs: Iterable[Proof]) -> dict[str, list[Proof]]:
    groups: dict[str, list[Proof]] = {}
    for proof in proofs:
        title = proof.model.group
        groups.setdefault(title[:1].upper() + title[1:], []).append(proof)
    return {title: groups[title] for title in sorted(groups, key=str.lower)}


def _row(proof: Proof, chosen: Sequence[str]) -> Row:
    """Notes stand at the sum, or at the model's name where there is none."""
    with proof.model.names().used():
        cells = {name: COLUMNS[name].cell(proof) for name in chosen}
        notes = tuple(map(Note, _notes(proof, "conditions" not in chosen)))
    place = "entropy_sum" if cells.get("entropy_sum") else chosen[0]
    *before, last = cells[place] or ((),)
    cells[place] = (*before, (*last, *notes))
    return Row(tuple(cells.values()))


# notes --------------------------------------------------------------------------------------------
def _notes(proof: Proof, conditions: bool) -> list[Inlines]:
    """What became no entropy, or a pseudo-entropy only, and why; what would help."""
    found: list[Inlines] = []
    if conditions and proof.conditions and _holds(proof):
        needed = _listed(condition.formula() for condition in proof.conditions)
        found.append(("Holds where ", *needed, "."))
    for term in proof.terms:
        if term.holds and term.is_pseudo and not term.fixes_scale:
            h = relation(beside(called("log"), formula("h")), "=", term.log_base_measure)
            what = f"The entropy of {term.variable} is a pseudo-entropy, E[-log p + log h], with "
            found.append((what, h, "."))
        elif term.fixes_scale:
            found.append((f"The entropy of {term.variable} is a {term.reason}.",))
        elif not term.holds:
            found.append((f"{term.variable} stays: {term.reason}.",))
    if proof.suggestions:
        found.append((f"Would hold if you {'; or '.join(map(str, proof.suggestions))}.",))
    return found


def _holds(proof: Proof) -> bool:
    return any(term.holds for term in proof.terms)


# cells --------------------------------------------------------------------------------------------
def _text(text: str) -> Cell:
    return ((text,),) if text else ()


def _text_of(found: Sequence[Inline]) -> Cell:
    """On one line, with spaces between."""
    line = [part for inline in found for part in (" ", inline)][1:]
    return (tuple(line),) if line else ()


def _formulas(found: Iterable[Formula]) -> Cell:
    return tuple((shown,) for shown in found)


def _listed(found: Iterable[Formula]) -> Inlines:
    """Side by side, with commas."""
    parts: list[Inline] = []
    for shown in found:
        parts += [", ", shown] if parts else [shown]
    return tuple(parts)


def _side(observed: bool) -> Column:
    """The conditionals of latents or of what is observed, then the weights that are not 1."""

    def terms(proof: Proof) -> list[ModelTerm]:
        variables = proof.model.variables
        return [t for t in proof.model.terms if variables[t.variable].observed == observed]

    def weights(proof: Proof) -> list[tuple[Symbol, Any]]:
        found = {t.variable: t.weight for t in terms(proof)}
        if not observed:
            found["q"] = proof.model.q_weight
        return [(Symbol(f"weight.{name}"), w) for name, w in found.items() if w != 1]

    def cell(proof: Proof) -> Cell:
        shown = [relation(name, "=", w) for name, w in weights(proof)]
        return _formulas([*map(_conditional, terms(proof)), *shown])

    def lines(proof: Proof) -> tuple[str, ...]:
        shown = (f"{plain.plain(name)} = {plain.plain(w)}" for name, w in weights(proof))
        return (*map(_plain_conditional, terms(proof)), *shown)

    return Column("Observable" if observed else "Prior", cell, lines)


def _entropy_sums(proof: Proof) -> list[Any]:
    """The sum, unless nothing became an entropy."""
    return [proof.entropy_sum] if _holds(proof) else []


def _moves(proof: Proof) -> list[tuple[Any, Any]]:
    return [*proof.field.items(), *proof.latent_flow.items()]


def _sources(proof: Proof) -> tuple[str, ...]:
    """The BibTeX keys of what a catalogue model's docstring cites."""
    stem = proof.model.stem
    return cited(catalogue.source(stem)) if stem in catalogue.names() else ()


COLUMNS = {
    "model": Column("Model", lambda proof: _text(proof.model.name), lambda proof: proof.model.name),
    "prior": _side(observed=False),
    "observable": _side(observed=True),
    "entropy_sum": Column(
        "Entropy sum",
        lambda proof: _formulas(map(formula, _entropy_sums(proof))),
        lambda proof: tuple(map(plain.plain, _entropy_sums(proof))),
    ),
    "field": Column(
        "Field",
        lambda proof: _formulas(arrow(*pair) for pair in _moves(proof)),
        lambda proof: tuple(plain.arrow(*pair) for pair in _moves(proof)),
    ),
    "verdict": Column(
        "Verdict", lambda proof: _text(proof.verdict.value), lambda proof: proof.verdict.value
    ),
    "conditions": Column(
        "Conditions",
        lambda proof: _formulas(condition.formula() for condition in proof.conditions),
        lambda proof: tuple(map(str, proof.conditions)),
    ),
    "source": Column(
        "Source",
        lambda proof: _text_of([Cite(key) for key in _sources(proof)]),
        _sources,
    ),
}
DEFAULT = ("model", "prior", "observable", "entropy_sum", "field", "verdict")


# conditionals -------------------------------------------------------------------------------------
def _conditional(term: ModelTerm) -> Formula:
    r"""x \sim \mathcal{N}(\mu, \sigma^{2}), or a density of the user by its logarithm."""
    copy = generic_copy(term)
    if not copy.arguments:
        return relation(log_density_of(copy.value), "=", copy.log_density)
    return relation(copy.value, r"\sim", law(type(term.family).__name__, copy.arguments))


def _plain_conditional(term: ModelTerm) -> str:
    copy = generic_copy(term)
    if not copy.arguments:
        return f"log p({plain.plain(copy.value)}) = {plain.plain(copy.log_density)}"
    shown = ", ".join(map(plain.plain, copy.arguments.values()))
    return f"{plain.plain(copy.value)} ~ {type(term.family).__name__}({shown})"
