"""The first page of the atlas: all models, to be searched and narrowed down by facets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from entropy_proofs.atlas.facts import FACETS, Facts, paper
from entropy_proofs.atlas.family_page import FamilyPage
from entropy_proofs.atlas.parts import Source, badge, link, raw
from entropy_proofs.document import escape

_FIRST = ("proved", "partial", "refuted", "undecided", "all", "some", "none")


def index_page(models: Sequence[Facts], families: Sequence[FamilyPage]) -> Source:
    """A list of all, which a script narrows down where one runs."""
    verdicts = Counter(f.verdict for f in models)
    said = ", ".join(f"{verdicts[v]} {v}" for v in _FIRST if verdicts[v])
    intro = (
        f"The {len(models)} models of the catalogue ({said}) and {len(families)} families of "
        "distributions. Each has a page with its sum of entropies, the proof step by step, the "
        "certificate that the kernel checks, numbers, code and sources.\n"
    )
    groups = sorted({f.group for f in models})
    parts = [raw(_form(models))]
    for group in groups:
        own = sorted((f for f in models if f.group == group), key=lambda f: f.title.lower())
        entries = "".join(map(_entry, own))
        heading = escape.html(group[:1].upper() + group[1:])
        parts.append(
            raw(
                f'<section class="group"><h3>{heading}</h3>'
                f'<ul class="models">{entries}</ul></section>'
            )
        )
    items = "".join(
        f"<li>{link(f'{f.path}.html', f.name)} {badge(f.verdict, f.verdict)}</li>" for f in families
    )
    text = "\n".join(
        [
            "# Atlas\n",
            intro,
            "## Models\n",
            *parts,
            "## Families of distributions\n",
            raw(f'<ul class="columns">{items}</ul>'),
        ]
    )
    return Source("index", text + "\n")


def _entry(facts: Facts) -> str:
    data = "".join(
        f' data-{facet}="{escape.html("|".join(facts.values(facet)))}"' for facet in FACETS
    )
    return (
        f"<li{data}>{link(f'{facts.stem}.html', facts.title)} "
        f"{badge(facts.verdict, facts.verdict)}"
        f"<span>{escape.html(facts.summary.rstrip('.'))}</span></li>"
    )


def _form(models: Sequence[Facts]) -> str:
    """A search field and a choice for each facet, with how many models have each value."""
    choices = "".join(_choice(facet, title, models) for facet, title in FACETS.items())
    return (
        '<form class="narrow" role="search" aria-label="Models" hidden>'
        '<label class="text">Search <input type="search" name="text" '
        'placeholder="a name, an author, a family"></label>'
        f"{choices}"
        '<p><output aria-live="polite"></output> <button type="reset">Show all</button></p></form>'
    )


def _choice(facet: str, title: str, models: Sequence[Facts]) -> str:
    counts = Counter(v for f in models for v in f.values(facet))
    names = {v: paper(v) if facet == "papers" else v for v in counts}

    def place(value: str) -> tuple[int, str]:
        return (_FIRST.index(value) if value in _FIRST else len(_FIRST), names[value].lower())

    options = "".join(
        f'<option value="{escape.html(v)}">{escape.html(names[v])} ({counts[v]})</option>'
        for v in sorted(counts, key=place)
    )
    return (
        f'<label>{escape.html(title)} <select name="{facet}"><option value="">any</option>'
        f"{options}</select></label>"
    )
