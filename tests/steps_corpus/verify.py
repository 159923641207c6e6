"""Whether a fact's truth is what numbers say: 60 digits, special and random points, empty reason."""

from __future__ import annotations

from campaign.steps.oracle import PRECONDITIONS, agree, is_rough, outcome
from campaign.steps.points import Point, points
from campaign.steps.sympy_terms import from_sympy
from steps_corpus.fact import Fact, declared

_POINTS, _MATRICES, _ROUGH = 60, 20, 6


def verified(fact: Fact) -> str:
    """Why the label does not stand; empty if it does."""
    left, right = from_sympy(fact.left), from_sympy(fact.right)
    rough = is_rough(left) or is_rough(right)
    equal, differing = 0, ""
    known = declared(fact)
    matrices = any(len(d.shape) == 2 for d in known.values())
    count = _ROUGH if rough else _MATRICES if matrices else _POINTS
    for point in points(known, fact.name, count):
        point.averaged = fact.random
        (kind, a), (other, b) = outcome(left, point), outcome(right, point)
        if "unclear" in (kind, other):
            continue
        if kind == other == "value":
            same = agree(a, b, rough)
            if same:
                equal += 1
            elif same is False:
                differing = differing or f"{a} and {b} at {_shown(point)}"
        elif kind != other and not {a, b} & set(PRECONDITIONS):
            differing = differing or f"{a} and {b} at {_shown(point)}"
    if fact.truth and differing:
        return f"differ: {differing}"
    if fact.truth and equal < 2:
        return f"only {equal} points"
    if not fact.truth and not differing:
        return "no point shows it wrong"
    return ""


def _shown(point: Point) -> str:
    values = {**point.values, **point.drawn}
    return ", ".join(
        f"{k}={float(v) if not hasattr(v, 'rows') else v.tolist()}" for k, v in values.items()
    )
