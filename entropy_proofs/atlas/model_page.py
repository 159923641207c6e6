"""The page of one model: what its proof says, and the files behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from entropy_proofs.atlas.curve_picture import picture
from entropy_proofs.atlas.facts import Facts, facts_of, paper
from entropy_proofs.atlas.gap_curve import gap_curve
from entropy_proofs.atlas.parts import (
    ROOM,
    Fold,
    Source,
    badge,
    copied_code,
    copied_file,
    copied_formula,
    fold,
    html,
    link,
    listed_references,
    names_of,
    page,
    raw,
    shared_out,
    unfolded,
    weight,
)
from entropy_proofs.atlas.recorded import Recorded
from entropy_proofs.derivation.appendix import ModelDerivation, derivations, derived
from entropy_proofs.derivation.sources import references
from entropy_proofs.document import escape
from entropy_proofs.document.blocks import Display, Items, Paragraph, Section
from entropy_proofs.document.formats import format_of
from entropy_proofs.model import catalogue
from entropy_proofs.standalone.codegen import codegen

FILES = "files"  # beside the pages, on the site

_VERDICTS = {
    "proved": "proved: F = S at every stationary point",
    "partial": "partial: only a part, or under a condition",
    "refuted": "refuted: no such sum, with a witness",
    "undecided": "undecided",
}


@dataclass(frozen=True)
class ModelPage:
    """A model's page but for its last part, which the other models make.

    parts: of the page, as Markdown.  more: pages that hold the derivation where it is long.
    files: by name, what stands beside the pages.
    """

    facts: Facts
    parts: tuple[str, ...]
    more: tuple[Source, ...]
    files: Mapping[str, str]

    def source(self, like: Sequence[tuple[Facts, str]]) -> Source:
        """The whole page, given the models that are like this one and why."""
        items = "".join(
            f"<li>{link(f'{other.stem}.html', other.title)} <span>{escape.html(why)}</span></li>"
            for other, why in like
        )
        similar = ("## Models like this\n", raw(f'<ul class="alike">{items}</ul>')) if like else ()
        return page(self.facts.stem, self.facts.title, *self.parts, *similar)


def model_page(proof: Any, reports: Recorded) -> ModelPage:
    """The page of a catalogue model."""
    part = derived(proof)
    facts = facts_of(proof, _em(proof))
    files = _files(proof, part, facts)
    bibliography = derivations([part]).bibliography
    cited, listed = tuple(key for key, _ in bibliography), listed_references(bibliography)
    by_kind = dict(part.sections)

    def shown(kind: str, title: str, name: str) -> list[str]:
        section = by_kind.get(kind)
        return [f"## {title}\n", raw(html(section.blocks, cited, name))] if section else []

    evidence = [*_evidence(proof, by_kind["evidence"], reports, facts), *_curve(proof)]
    before = [
        raw(_head(proof, facts, reports)),
        "## Sum of entropies\n",
        raw(html(part.result, cited, "sum"), _copies(part, facts)),
        *shown("model", "Definition", "definition"),
        *shown("field", "Field", "field"),
    ]
    after = [
        *shown("em", "Expectation maximisation", "em"),
        *shown("assumptions", "Assumptions", "assumptions"),
        *shown("rest", "What stays, and why", "rest"),
        "## Evidence\n",
        *evidence,
        "## Files\n",
        *_listed(facts, files),
        *_sources(facts),
        *listed,
    ]
    room, more_room = ROOM - weight([*before, *after]), ROOM - weight(listed)
    here, *elsewhere = shared_out(_folds(proof, part, cited), room, more_room)
    steps, more = _derivation(facts, here, elsewhere, listed)
    return ModelPage(facts, (*before, *steps, *after), more, files)


# derivation -----------------------------------------------------------------------------------
#: Sections that are folded, beside the conditionals, by what their addresses begin with.
_FOLDED = {
    "bound": "bound",
    "stationarity": "stationarity",
    "sum": "steps",
    "claims": "claims",
}


def _folds(proof: Any, part: ModelDerivation, cited: Sequence[str]) -> list[Fold]:
    names = iter(names_of(proof))
    found = []
    for kind, section in part.sections:
        if kind in _FOLDED:
            found.append(fold(section, cited, _FOLDED[kind]))
        elif kind == "conditional":
            found.append(fold(section, cited, next(names)))
    return found


def _derivation(
    facts: Facts,
    here: Sequence[Fold],
    elsewhere: Sequence[Sequence[Fold]],
    listed: Sequence[str],
) -> tuple[list[str], tuple[Source, ...]]:
    """The steps, or links to them, and the pages that these lead to."""
    text = (
        "Each equality was checked as this page was written, by the kernel unless something else "
        "stands beside it."
    )
    heading = ["## Derivation, step by step\n", text + "\n"]
    if not elsewhere:
        return [*heading, raw(*(f.html() for f in here))], ()
    pages, items = [], []
    for k, folds in enumerate(elsewhere, 1):
        path = f"{facts.stem}-derivation" + (f"-{k}" if k > 1 else "")
        title = f"{facts.title}: derivation" + (f" ({k})" if k > 1 else "")
        back = raw(f"<p>A part of {link(f'{facts.stem}.html', facts.title)}.</p>")
        steps = raw(*(f.html() for f in folds))
        pages.append(page(path, title, back, text + "\n", steps, *listed))
        items += [f'<li><a href="{path}.html#{f.address}">{f.title}</a></li>' for f in folds]
    return [*heading, raw(f'<ul class="steps">{"".join(items)}</ul>')], tuple(pages)


# what a page says beside its derivation --------------------------------------------------------
def _head(proof: Any, facts: Facts, reports: Recorded) -> str:
    """What it is, in one line, and badges that lead to all models that have the same."""
    badges = [badge(facts.verdict, _VERDICTS[facts.verdict])]
    if proof.certificate is not None and proof.certificate.check().accepted:
        badges.append(badge("kernel", "certificate verified by the kernel"))
    badges += [badge("number", text) for text in reports.badge(facts.stem, proof)]
    said = [
        ("group", facts.group, facts.group),
        *(("families", f, f) for f in facts.families),
        *(("papers", key, paper(key)) for key in facts.papers),
    ]
    links = ", ".join(
        f'<a href="index.html#{facet}={escape.html(value)}">{escape.html(text)}</a>'
        for facet, value, text in said
    )
    return (
        f'<p class="badges">{" ".join(badges)}</p>'
        f'<p class="facets"><span>{escape.html(facts.summary)}</span> In: {links}.</p>'
    )


def _copies(part: ModelDerivation, facts: Facts) -> str:
    has_sum = any(isinstance(block, Display) for block in part.result)
    buttons = [copied_formula("sum-1")] if has_sum else []
    return f'<p class="copies">{" ".join([*buttons, copied_code(snippet(facts))])}</p>'


def snippet(facts: Facts) -> str:
    """Python that proves the model again and has its sum as a SymPy expression.

    >>> facts = Facts("a", "A", "", "proved", "", (), (), (), (), "all", "no", "no")
    >>> snippet(facts).splitlines()[0]
    'import entropy_proofs as ep'
    """
    return (
        "import entropy_proofs as ep\n\n"
        f'proof = ep.prove("{facts.stem}")  # {facts.title}\n'
        f'assert proof.verdict.value == "{facts.verdict}"\n'
        "print(proof.entropy_sum)\n"
    )


def _em(proof: Any) -> str:
    """How many of the learned parameters have an update in closed form."""
    if not proof.updates.m_step:
        return "none"
    return "all" if proof.updates.complete else "some"


def _evidence(proof: Any, section: Section, reports: Recorded, facts: Facts) -> list[str]:
    """What was checked just now, and what the reports have."""
    recorded = tuple((line,) for line in reports.lines(facts.stem, proof))
    items = tuple(item for b in section.blocks if isinstance(b, Items) for item in b.items)
    text = tuple(b for b in section.blocks if not isinstance(b, Items))
    listed = (Items((*items, *recorded)),) if items or recorded else ()
    return [raw(html((*text, *listed), (), "evidence"))]


def _curve(proof: Any) -> list[str]:
    curve = gap_curve(proof)
    if curve is None:
        return []
    title = "The ELBO F and its entropy sum S along the field"
    caption = (
        '<span class="key elbo">F</span>, the ELBO, and <span class="key sum">S</span>, its sum of '
        "entropies, along the field through a random point: F grows at the rate F − S, so both "
        "meet where F is flat (dot). F − S = v·∇F holds at all points of the curve with a relative "
        f"residual below {_above(curve.residual)}."
    )
    figure = f"<figure>{picture(curve, title)}<figcaption>{caption}</figcaption></figure>"
    return [raw(figure)]


def _above(residual: float) -> str:
    """A round number above a rounding error, the same on all processors."""
    return next(f"10{sup}" for bound, sup in ((1e-12, "⁻¹²"), (1e-8, "⁻⁸")) if residual < bound)


# files ------------------------------------------------------------------------------------------
def _files(proof: Any, part: ModelDerivation, facts: Facts) -> dict[str, str]:
    """By name: the model, generated code, the certificate, the derivation, the references."""
    found = {f"{facts.stem}.py": catalogue.path_of(facts.stem).read_text(encoding="utf-8")}
    found[f"{facts.stem}_numpy.py"] = codegen(proof)
    if proof.certificate is not None:
        found[f"{facts.stem}.json"] = proof.certificate.to_json()
    document = derivations([part])
    tex = format_of("latex").write(document)
    assert isinstance(tex, str)
    found[f"{facts.stem}.tex"] = tex
    if facts.papers:
        entries = [references()[key].text for key in facts.papers]
        found[f"{facts.stem}.bib"] = "\n\n".join(entries) + "\n"
    return found


_CALLED = (
    (".py", "model file", "the declaration, with the claims of its papers"),
    ("_numpy.py", "generated code", "F, S, gradient and gap for NumPy, a module of its own"),
    (".json", "certificate", "for the kernel: entropy-proofs check FILE"),
    (".tex", "derivation in LaTeX", "all of this page as the appendix of a paper"),
    (".bib", "BibTeX", "its sources"),
)


def _listed(facts: Facts, files: Mapping[str, str]) -> list[str]:
    rows = []
    for ending, name, text in _CALLED:
        file = f"{facts.stem}{ending}"
        if file in files:
            target = f"{FILES}/{file}"
            rows.append(
                f'<li><a href="{target}" download>{file}</a> <span>{escape.html(text)}</span> '
                f"{copied_file(target, name)}</li>"
            )
    shown = unfolded(files[f"{facts.stem}.py"])
    return [raw(f'<ul class="files">{"".join(rows)}</ul>'), shown]


def _sources(facts: Facts) -> list[str]:
    """What the model's file says below its first line, which stands at the top of the page."""
    rest = catalogue.source(facts.stem).partition("\n")[2]
    paragraphs = [Paragraph((" ".join(p.split()),)) for p in rest.split("\n\n") if p.strip()]
    return ["## Sources\n", raw(html(paragraphs, (), "sources"))] if paragraphs else []
