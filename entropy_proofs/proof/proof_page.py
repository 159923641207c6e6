"""A proof as a page: the verdict, the sum and of what it is, each term, the field, assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.notebook.displays import displayed, headed, listed, titled
from entropy_proofs.notebook.statements import BOUND
from entropy_proofs.printing.formula import relation
from entropy_proofs.proof.directions import Directions
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import terms_table

HEADLINES = {
    "partial": "Only a part of the ELBO becomes entropies at every stationary point:",
    "refuted": "The ELBO is no sum of entropies that the criterion yields.",
    "undecided": "Not decided: neither proved nor refuted.",
}


def headline(proof: ProofRecord) -> str:
    """What the verdict says of the ELBO, up to the sum itself where there is one."""
    if proof.whole:
        where = " and ".join(str(c) for c in proof.conditions)
        start = f"Where {where}, at" if where else "At"
        return f"{start} every stationary point the ELBO equals a sum of {_kinds(proof)}:"
    open_ = [t.variable for t in proof.terms if t.undecided]
    if proof.verdict.value == "partial" and open_:
        rest = f"of {', '.join(open_)} it is not decided"
        return f"A part of the ELBO becomes entropies at every stationary point; {rest}:"
    return HEADLINES[proof.verdict.value]


def _kinds(proof: ProofRecord) -> str:
    """Of what the whole sum is: entropies, q's among them, or pseudo-entropies, and whose."""
    pseudo = f"pseudo-entropies (of {', '.join(proof.pseudo)})" if proof.pseudo else ""
    plain = len(proof.pseudo) < len(proof.terms) or proof.model.latents()
    return " and ".join(filter(None, ["entropies" if plain else "", pseudo]))


def meaning_of_pseudo(proof: ProofRecord) -> str:
    """Whose pseudo-entropies stand in the sum, and what that is; empty without any."""
    if not proof.pseudo:
        return ""
    has = "has a pseudo-entropy" if len(proof.pseudo) == 1 else "have pseudo-entropies"
    return f"where {', '.join(proof.pseudo)} {has}, E[-log p + log h]"


def witnesses(proof: ProofRecord) -> list[str]:
    """What excludes terms, each once."""
    return list(dict.fromkeys(str(t.witness) for t in proof.terms if t.witness is not None))


def proof_blocks(proof: ProofRecord) -> tuple[Block, ...]:
    """All but what takes a search of its own: claims, suggestions, counterexamples."""
    return tuple(_blocks(proof))


def _blocks(proof: ProofRecord) -> Iterator[Block]:
    yield headed(proof.model.name, f": {proof.verdict}")
    yield Paragraph((headline(proof),))
    if any(t.holds for t in proof.terms):
        yield displayed(relation(BOUND, "=", proof.entropy_sum))
    if proof.pseudo:
        yield Paragraph((meaning_of_pseudo(proof),))
    yield terms_table(proof.terms)
    directions = {"Field": proof.field, "Latent flow": proof.latent_flow}
    for title, found in {**directions, "Flow of q": proof.variational_flow}.items():
        yield from _directions(title, found)
    conditions = [str(c) for c in proof.conditions]
    if not proof.whole:
        yield from listed("Holds where", conditions)
    yield from listed("Assumes", [a for a in proof.assumptions if a not in conditions])
    yield from listed("Witness", witnesses(proof))


def _directions(title: str, found: Directions) -> Iterator[Block]:
    if found:
        yield titled(title)
        yield displayed(*found.formulas())
