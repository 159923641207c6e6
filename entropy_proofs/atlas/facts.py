"""What tells a model from others: the facets of the atlas, and which models are alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entropy_proofs.derivation.sources import cited, references
from entropy_proofs.document.bibliography import fields
from entropy_proofs.model import catalogue


@dataclass(frozen=True)
class Facts:
    """Of one model; what may have several values is a tuple of them.

    stem: the name in the catalogue.  summary: the first line of its file.
    learned: the domains of its learned parameters, and whether a network is among them.
    entropies: "entropy" or "pseudo-entropy", of each kind that its conditionals become.
    em: which blocks of parameters have an optimum in closed form: "all", "some" or "none".
    flow: whether the proof moves latents.  condition: whether it holds under conditions only.
    """

    stem: str
    title: str
    summary: str
    verdict: str
    group: str
    families: tuple[str, ...]
    papers: tuple[str, ...]
    learned: tuple[str, ...]
    entropies: tuple[str, ...]
    em: str
    flow: str
    condition: str

    def values(self, facet: str) -> tuple[str, ...]:
        """Of one facet.

        >>> Facts("a", "A", "", "proved", "", (), (), (), (), "all", "no", "no").values("em")
        ('all',)
        """
        found = getattr(self, facet)
        return found if isinstance(found, tuple) else (found,)


#: In the order in which they are shown, with their names on the page.
FACETS: Mapping[str, str] = {
    "verdict": "Verdict",
    "families": "Family",
    "papers": "Paper",
    "group": "Kind of model",
    "learned": "Learned",
    "entropies": "Entropies",
    "em": "EM in closed form",
    "flow": "Needs a flow",
    "condition": "Has a condition",
}


def facts_of(proof: Any, em: str) -> Facts:
    """Of a catalogue model's proof.

    >>> import entropy_proofs as ep
    >>> facts = facts_of(ep.prove("ppca"), "all")
    >>> facts.families, facts.flow, facts.papers[0]
    (('Normal',), 'yes', 'tipping1999')
    """
    model, docstring = proof.model, catalogue.source(proof.model.stem)
    domains = sorted({p.domain.name for p in model.learned().values()})
    kinds = {"pseudo-entropy" if t.is_pseudo else "entropy" for t in proof.terms if t.holds}
    return Facts(
        stem=model.stem,
        title=model.name,
        summary=docstring.partition("\n")[0].strip(),
        verdict=proof.verdict.value,
        group=model.group,
        families=tuple(sorted({type(t.family).__name__ for t in model.terms})),
        papers=cited(docstring),
        learned=(*domains, *(("network",) if model.networks else ())),
        entropies=tuple(sorted(kinds)),
        em=em,
        flow="yes" if len(proof.latent_flow) else "no",
        condition="yes" if len(proof.conditions) else "no",
    )  # fmt: skip


def paper(key: str) -> str:
    """A reference as text cites it.

    >>> paper("tipping1999")
    'Tipping & Bishop (1999)'
    """
    known = fields(references()[key].text)
    names = [name.partition(",")[0] for name in known.get("author", key).split(" and ")]
    shown = " & ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{shown} ({references()[key].year})"


def alike(facts: Facts, others: Iterable[Facts]) -> list[tuple[Facts, str]]:
    """The five models that share most with one, and what they share.

    What few models have says more than what many have; the kind of model counts like a family.
    """
    others = [o for o in others if o.stem != facts.stem]
    own = _features(facts)
    common = {f: sum(f in _features(o) for o in others) for f in own}
    found = []
    for other in others:
        theirs = _features(other)
        shared = own & theirs
        weight = sum(1 / (1 + common[f]) for f in shared)
        found.append((-weight / (1 + len(theirs - own)) ** 0.5, other.stem, other))
    return [(o, _shared(facts, o)) for weight, _, o in sorted(found)[:5] if weight < 0]


def _features(facts: Facts) -> set[tuple[str, str]]:
    facets = ("families", "papers", "group", "learned", "entropies", "flow", "condition", "em")
    return {(facet, value) for facet in facets for value in facts.values(facet)}


def _shared(one: Facts, other: Facts) -> str:
    """In words: the kind, the families, the papers."""
    said = [one.group] if one.group == other.group else []
    said += _both(one.families, other.families)
    said += [paper(key) for key in _both(one.papers, other.papers)]
    return ", ".join(said)


def _both(one: Sequence[str], other: Sequence[str]) -> list[str]:
    return [value for value in one if value in other]
