"""The families of distributions: their keywords and domains, support, event and source.

Everything is read from the classes, by an instance with symbols for arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields
from typing import Any

from sympy import Symbol, oo

from entropy_proofs import families
from entropy_proofs.arrays.array import variable_array
from entropy_proofs.errors import InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.scalar import Density
from entropy_proofs.families.spaces import (
    REAL,
    Bit,
    Category,
    Counts,
    IntegerRange,
    NaturalNumbers,
    OpenInterval,
    Space,
)
from entropy_proofs.printing.plain import plain

HEADINGS = ("Family", "Keywords", "Support", "Event", "Source")


@dataclass(frozen=True)
class Keyword:
    """One argument of a family.

    axes: how many last axes one value has.  shown: its domain and what has that many axes.
    instead_of: the keywords that it may replace.
    """

    name: str
    domain: str
    axes: int = 0
    shown: str = ""
    instead_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class FamilyRecord:
    """What one family says of itself; log_density of one value x, in nats."""

    name: str
    summary: str
    keywords: tuple[Keyword, ...]
    log_density: str
    support: str
    event: str
    source: str


def family_records() -> list[FamilyRecord]:
    """One record a family, in alphabetical order.

    >>> normal = next(r for r in family_records() if r.name == "Normal")
    >>> [(a.name, a.domain) for a in normal.keywords], normal.support, normal.event
    ([('mean', 'real'), ('variance', 'positive')], 'real', 'scalar')
    """
    return [record_of(cls) for cls in family_classes()]


def family_classes() -> Iterator[type[Family]]:
    """The families that a model may use."""
    for name in sorted(families.__all__):
        cls = getattr(families, name)
        if cls is not Family:
            yield cls


def record_of(cls: type[Family]) -> FamilyRecord:
    """What a family says of itself."""
    summary = " ".join((cls.__doc__ or "").partition("\n\n")[0].split())
    if cls is Density:
        own = (
            Keyword("log_density", "a function", shown="a function of the value"),
            Keyword("support", "a SymPy set", shown="a SymPy set"),
        )
        return FamilyRecord(
            cls.__name__, summary, own, "log_density(x)", "support", "scalar", cls.source
        )
    choices = tuple(f.name for f in fields(cls) if f.default is None)
    keywords = tuple(
        _keyword(cls, f.name, choices if f.default is None else ()) for f in fields(cls)
    )
    example = _with_symbols(cls)
    event = " x ".join(map(str, example.event_shape())) or "scalar"
    log_density = plain(_log_density(cls))
    support = _support(example.support())
    return FamilyRecord(cls.__name__, summary, keywords, log_density, support, event, cls.source)


def _log_density(cls: type[Family]) -> Any:
    """Of a value x; a Wishart's degrees of freedom must be above K - 1 by their form."""
    example = _with_symbols(cls)
    event = example.event_shape()
    x = variable_array(example.support().symbol("x", event), event)
    try:
        return example.log_density(x)
    except InputError:
        nu = Symbol("degrees_of_freedom", positive=True)
        more = cls(**{**vars(example), "degrees_of_freedom": event[0] - 1 + nu})
        return more.log_density(x).xreplace({nu: nu - event[0] + 1})


def _keyword(cls: type[Family], name: str, choices: tuple[str, ...]) -> Keyword:
    domain, axes = cls.domains.get(name, REAL), cls.event_axes.get(name, 0)
    array = "" if domain.axes else ("", " vector", " matrix")[axes]
    others = tuple(c for c in choices if c != name)
    return Keyword(name, domain.name, axes, f"{domain.name}{array}", others)


def _with_symbols(cls: type[Family]) -> Family:
    """The family of symbols."""
    given: dict[str, Any] = {}
    for name in arguments(cls):
        sizes = cls.event_sizes.get(name, ("K",) * cls.event_axes.get(name, 0))
        shape = tuple(Symbol(n, integer=True, positive=True) for n in sizes)
        domain = cls.domains.get(name)
        label = domain.symbol(name, shape) if domain else Symbol(name, real=True)
        given[name] = variable_array(label, shape)
    return cls(**given)


def arguments(cls: type[Family]) -> list[str]:
    """The names of a family's arguments, the first of those that replace one another."""
    found, chosen = [], False
    for f in fields(cls):
        optional = f.default is not MISSING
        if not (optional and chosen):
            found.append(f.name)
        chosen |= optional
    return found


def _support(space: Space) -> str:
    """The space in words."""
    match space:
        case OpenInterval(low, high) if high == oo:
            return f"real numbers above {low}"
        case OpenInterval(low, high):
            return f"real numbers between {low} and {high}"
        case Category(size):
            return f"0, ..., {size - 1}"
        case IntegerRange(low, high):
            return f"{low}, {low + 1}, ..." if high == oo else f"{low}, ..., {high}"
        case Counts(total):
            return f"whole numbers that sum to {total}"
        case Bit():
            return "0, 1"
        case NaturalNumbers():
            return "0, 1, ..."
        case _:
            return space.name


def shown_keywords(record: FamilyRecord) -> list[str]:
    """Each keyword with its domain, the ones that replace one another in one entry."""
    found: dict[tuple[str, ...], list[str]] = {}
    for a in record.keywords:
        group = tuple(sorted((a.name, *a.instead_of)))
        found.setdefault(group, []).append(f"{a.name}= ({a.shown})")
    return [" or ".join(group) for group in found.values()]


def family_json(record: FamilyRecord) -> dict[str, Any]:
    """A record as plain JSON values."""
    return {
        "name": record.name,
        "summary": record.summary,
        "keywords": [k.name for k in record.keywords],
        "domains": {k.name: k.domain for k in record.keywords},
        "axes": {k.name: k.axes for k in record.keywords},
        "one_of": sorted(k.name for k in record.keywords if k.instead_of),
        "log_density": record.log_density,
        "support": record.support,
        "event": record.event,
        "source": record.source,
    }


def families_text(records: list[FamilyRecord]) -> str:
    """A paragraph a family."""
    parts = []
    for r in records:
        rows = {
            "keywords": ", ".join(shown_keywords(r)),
            "log p(x)": r.log_density,
            "support": r.support,
            "event": r.event,
            "source": r.source,
        }
        lines = [r.name, f"  {r.summary}", *(f"  {k:<8}  {text}" for k, text in rows.items())]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def families_markdown(records: list[FamilyRecord]) -> str:
    """A table, as the manual has it."""
    rows = [HEADINGS, ("---",) * len(HEADINGS)]
    rows += [
        (f"`{r.name}`", "<br>".join(shown_keywords(r)), r.support, r.event, r.source)
        for r in records
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
