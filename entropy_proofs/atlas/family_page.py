"""The page of one family of distributions: its density, its entropy and the identity behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entropy_proofs.atlas.facts import Facts
from entropy_proofs.atlas.family_models import BOUNDS, letter_of, model_of
from entropy_proofs.atlas.parts import (
    Source,
    address,
    badge,
    copied_code,
    copied_formula,
    fold,
    html,
    link,
    listed_references,
    names_of,
    page,
    raw,
)
from entropy_proofs.derivation.appendix import derivations, derived
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import (
    Code,
    Display,
    Equation,
    Formula,
    Items,
    Paragraph,
    Row,
    Table,
)
from entropy_proofs.export.family_table import FamilyRecord, arguments, record_of
from entropy_proofs.families.family import Family
from entropy_proofs.printing.formula import formula, relation
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.proving.proof import prove

FOLDER = "families"


@dataclass(frozen=True)
class FamilyPage:
    """A family's page but for the models that use it."""

    name: str
    summary: str
    verdict: str
    parts: tuple[str, ...]

    @property
    def path(self) -> str:
        return f"{FOLDER}/{address(self.name)}"

    def source(self, users: Sequence[Facts]) -> Source:
        """The whole page, given the models that use the family."""
        items = "".join(f"<li>{link(f'../{f.stem}.html', f.title)}</li>" for f in users)
        used = ("## Models with it\n", raw(f'<ul class="columns">{items}</ul>')) if users else ()
        return page(self.path, self.name, *self.parts, *used)


def family_page(cls: type[Family]) -> FamilyPage:
    """The page of a family whose arguments are all learned, but those that bound the support."""
    record, model = record_of(cls), model_of(cls)
    proof = prove(model)
    part = derived(proof)
    by_kind = {kind: section for kind, section in part.sections if kind != "conditional"}
    bibliography = derivations([part]).bibliography
    cited = tuple(key for key, _ in bibliography)
    (name,), (term,) = names_of(proof), proof.terms
    (conditional,) = (s for kind, s in part.sections if kind == "conditional")
    said = "pseudo-entropy" if term.is_pseudo else "entropy"
    badges = [badge(proof.verdict.value, _said(proof, said))]
    parts = [
        raw(f'<p class="badges">{" ".join(badges)}</p><p>{escape.html(record.summary)}</p>'),
        "## Density\n",
        raw(html(conditional.blocks[:1], cited, "density"), _keywords(cls, record)),
    ]
    if term.holds:
        with model.names().used():
            blocks = _entropy(proof, term, said)
            parts += [
                f"## {said.capitalize()}\n",
                raw(html(blocks, cited, "entropy"), _copies(cls)),
                "## Identity\n",
                raw(html(by_kind["field"].blocks[:2], cited, "field")),
            ]
    parts += ["## Step by step\n", raw(fold(conditional, cited, name).html())]
    if "rest" in by_kind:
        parts += ["## Why not\n", raw(html(by_kind["rest"].blocks, cited, "rest"))]
        parts += _with_known(cls)
    if term.holds and by_kind.get("assumptions"):
        parts += ["## Assumptions\n", raw(html(by_kind["assumptions"].blocks, cited, "assumes"))]
    parts += ["## Source\n", f"{escape.html(record.source)}\n", *listed_references(bibliography)]
    return FamilyPage(cls.__name__, record.summary, proof.verdict.value, tuple(parts))


def _said(proof: Any, kind: str) -> str:
    match proof.verdict:
        case Verdict.PROVED:
            article = "an" if kind == "entropy" else "a"
            return f"proved: it becomes {article} {kind}"
        case Verdict.PARTIAL:
            return "partial"
        case Verdict.REFUTED:
            return "refuted: no field makes it an entropy"
        case _:
            return "undecided"


def _entropy(proof: Any, term: Any, said: str) -> tuple[Any, ...]:
    """H, and log h where it is not zero."""
    head = "E[−log p + log h]" if term.is_pseudo else "H, in nats"
    shown = [Equation(relation("H", "=", term.entropy))]
    if term.is_pseudo:
        shown.append(Equation(relation(formula("log_h"), "=", term.log_base_measure)))
    where = [Paragraph((str(c),)) for c in proof.conditions]
    text = Paragraph((f"The {said}, {head}, which needs no integral:",))
    return (text, Display(tuple(shown)), *where)


def _copies(cls: type[Family]) -> str:
    python = copied_code(snippet(cls))
    return f'<p class="copies">{copied_formula("entropy-1")} {python}</p>'


def snippet(cls: type[Family]) -> str:
    """Python that proves the family's model again.

    >>> from entropy_proofs import Gamma
    >>> print(snippet(Gamma).splitlines()[3])
    proof = prove(model_of(Gamma))
    """
    return (
        f"from entropy_proofs import {cls.__name__}, prove\n"
        "from entropy_proofs.atlas.family_models import model_of\n\n"
        f"proof = prove(model_of({cls.__name__}))\n"
        "print(proof.terms[0].entropy, proof.field)\n"
    )


def _keywords(cls: type[Family], record: FamilyRecord) -> str:
    """Its arguments, their domains and letters."""
    own = set(arguments(cls))
    rows = []
    for k in record.keywords:
        letter = (formula(letter_of(cls, k.name)),) if k.name in own else ("",)
        known = "known, as it bounds the support" if k.name in BOUNDS else ""
        rest = known or (f"instead of {', '.join(k.instead_of)}" if k.instead_of else "")
        rows.append(Row((((Code(f"{k.name}="),),), (letter,), ((k.shown,),), ((rest,),))))
    table = Table(("Keyword", "Here", "Domain", "Note"), tuple(rows))
    items = Items(((record.support,), (record.event,)), (("Support",), ("Event",)))
    return html((table, items), (), "keywords")


def _with_known(cls: type[Family]) -> list[str]:
    """What becomes of it with one argument known, where that helps."""
    found = []
    for name in arguments(cls):
        if name in BOUNDS or len(arguments(cls)) == 1:
            continue
        proof = prove(model_of(cls, (name,)))
        (term,) = proof.terms
        if term.holds:
            with proof.model.names().used():
                kind = "pseudo-entropy" if term.is_pseudo else "entropy"
                shown: tuple[str | Formula, ...] = (
                    f"With {name}= known it becomes ",
                    f"its {kind}: H = ",
                    formula(term.entropy),
                    ".",
                )
                found.append(Paragraph(shown))
    return [raw(html(found, (), "known"))] if found else []
