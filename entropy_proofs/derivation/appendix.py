"""Proofs as the appendix of a paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from entropy_proofs.derivation.checked.equalities import Equality, Judge
from entropy_proofs.derivation.conditional_section import ConditionalSection
from entropy_proofs.derivation.em_section import em_section
from entropy_proofs.derivation.evidence_section import (
    assumptions_section,
    claims_section,
    evidence_section,
    rest_section,
)
from entropy_proofs.derivation.model_section import (
    bound,
    bound_section,
    model_section,
    stationarity_section,
)
from entropy_proofs.derivation.sources import cited, references
from entropy_proofs.derivation.sum_section import (
    confirmed_optima,
    field_section,
    optima_section,
    sum_section,
)
from entropy_proofs.derivation.typesetting import chain, tree
from entropy_proofs.document.blocks import (
    Block,
    Cite,
    Document,
    Emphasis,
    Inline,
    Paragraph,
    Section,
)
from entropy_proofs.model import catalogue
from entropy_proofs.notebook.displays import displayed
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.conventions import Notation
from entropy_proofs.printing.typeset.tree import Letter, walk
from entropy_proofs.proof.verdict import Verdict


@dataclass(frozen=True)
class ModelDerivation:
    """One model's derivation: its parts, and the equalities that they display, each checked.

    result: the verdict and the sum.  sections: what follows, each with the name of its kind.
    asked: how many equalities were asked for.
    """

    title: str
    result: tuple[Block, ...]
    sections: tuple[tuple[str, Section], ...]
    equalities: tuple[Equality, ...]
    asked: int

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of it, in order."""
        return (*self.result, *(section for _, section in self.sections))


def derivation(
    proof: Any, *, notation: Notation | None = None, verification: Any = None, source: str = ""
) -> Document:
    """The derivation of one model's entropy sum as a document; in nats, per data point.

    Args:
        proof: a `Proof`.
        notation: vectors bold or with arrows, one average over data and q or a sum of data points.
        verification: the result of `verify`, to be reported as evidence.
        source: the model file's docstring; that of a catalogue model is known.

    Source of the form: the appendices of arXiv:2209.03077 and arXiv:2501.09022.

    >>> import entropy_proofs as ep
    >>> document = derivation(ep.prove(ep.load("linear_regression")))
    >>> [block.title[0] for block in document.blocks[2:5]]
    ['Generative model', 'Evidence lower bound', 'Stationarity conditions']
    """
    return derivations([derived(proof, notation, verification, source)])


def derivations(parts: Sequence[ModelDerivation]) -> Document:
    """Several models' derivations as one document, with a table of contents."""
    if len(parts) == 1:
        return Document(parts[0].title, parts[0].blocks, _bibliography(parts[0].blocks))
    sections = tuple(Section((p.title,), p.blocks) for p in parts)
    return Document("Derivations of entropy sums", sections, _bibliography(sections), contents=True)


def derived(
    proof: Any, notation: Notation | None = None, verification: Any = None, source: str = ""
) -> ModelDerivation:
    """The derivation with its equalities, to be put into a document."""
    with proof.model.names().used():
        return _derived(proof, notation, verification, source)


def _derived(
    proof: Any, notation: Notation | None, verification: Any, source: str
) -> ModelDerivation:
    judge = Judge(proof)
    conditionals = [ConditionalSection(proof, t, judge) for t in proof.terms]
    optima = confirmed_optima(proof)
    stationarity, derivatives = stationarity_section(proof, judge)
    equalities = (*derivatives, *(e for c in conditionals for e in c.equalities))
    found: list[tuple[str, Section | None]] = [
        ("model", model_section(proof)),
        ("bound", bound_section(proof)),
        ("stationarity", stationarity),
        ("field", field_section(proof)),
        *(("conditional", c.section()) for c in conditionals),
        ("sum", sum_section(proof, judge, optima)),
        ("optima", optima_section(proof, optima)),
        ("em", em_section(proof)),
        ("assumptions", assumptions_section(proof)),
        ("claims", claims_section(proof)),
        ("rest", rest_section(proof)),
        ("evidence", evidence_section(proof, equalities, verification)),
        ("sources", _sources(source or _docstring(proof))),
    ]
    result: tuple[Block, ...] = tuple(_result(proof))
    sections = tuple((kind, section) for kind, section in found if section is not None)
    if notation is not None:
        own = frozenset(_observed_letters(proof))
        result, sections = _noted((result, sections), replace(notation, observed=own))
    return ModelDerivation(proof.model.name, result, sections, equalities, judge.asked)


def _result(proof: Any) -> Iterator[Block]:
    """The verdict, and what holds at stationary points."""
    verdict: list[Inline] = ["Verdict: ", Emphasis(str(proof.verdict)), "."]
    if not any(t.holds for t in proof.terms):
        yield Paragraph((*verdict, " ", _SAID[proof.verdict]))
        return
    where: list[Inline] = []
    for c in proof.conditions:
        where += [" and " if where else " where ", c.formula()]
    said = "" if proof.verdict is Verdict.PROVED else f" {_SAID[proof.verdict]}"
    yield Paragraph((*verdict, said, " At every stationary point", *where))
    yield displayed(Formula(chain(bound(proof), tree(proof.entropy_sum))))


_SAID = {
    Verdict.PARTIAL: "Only a part of the bound becomes entropies.",
    Verdict.REFUTED: "No conditional becomes an entropy that the criterion yields.",
    Verdict.UNDECIDED: "That the bound is a sum of entropies was neither shown nor refuted.",
}


def _docstring(proof: Any) -> str:
    stem = proof.model.stem
    return catalogue.source(stem) if stem else ""


def _sources(docstring: str) -> Section | None:
    """What the model's file says of where it comes from, and what it cites."""
    if not docstring:
        return None
    text: list[Inline] = [" ".join(docstring.split())]
    for k, key in enumerate(cited(docstring)):
        text += [", " if k else " References: ", Cite(key)]
    text += ["."] * (len(text) > 1)
    return Section(("Sources",), (Paragraph(tuple(text)),), small=True)


def _bibliography(blocks: tuple[Block, ...]) -> tuple[tuple[str, str], ...]:
    """The entries of all that is cited, in the order of their keys."""
    keys = sorted({node.key for node in _nodes(blocks) if isinstance(node, Cite)})
    return tuple((key, references()[key].text) for key in keys)


def _nodes(node: Any) -> Iterator[Any]:
    """All nodes of a document."""
    if isinstance(node, tuple):
        for part in node:
            yield from _nodes(part)
    elif is_dataclass(node):
        yield node
        if not isinstance(node, Formula):
            for f in fields(node):
                yield from _nodes(getattr(node, f.name))


def _noted(node: Any, notation: Notation) -> Any:
    """The same with every formula in this notation."""
    if isinstance(node, Formula):
        return node.noted(notation)
    if isinstance(node, tuple):
        return tuple(_noted(part, notation) for part in node)
    if not is_dataclass(node) or isinstance(node, type):
        return node
    changed = {f.name: _noted(getattr(node, f.name), notation) for f in fields(node)}
    return replace(node, **changed)


def _observed_letters(proof: Any) -> Iterator[str]:
    for v in proof.model.variables.values():
        if v.observed:
            yield from (part.name for part in walk(tree(v.value)) if isinstance(part, Letter))
