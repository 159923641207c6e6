"""The campaign of models: hypothesis draws, repeats and shrinks them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed as seeded, settings
from hypothesis.errors import HypothesisException

from campaign.models.describe import Description, from_json
from campaign.models.draw import descriptions
from campaign.models.judge import judged
from campaign.outcome import Outcome

_EXAMPLES = 15  # of a run, which begins with the smallest ones; the last is judged
_OWN = 1000  # seeds of inputs to a seed of a batch
_SHRINKS = 250  # models judged to make one small
_SECONDS = 200  # of processor time, for the answers among these


class Models:
    """Directed latent-variable models and what is proved of them."""

    name = "models"
    title = "Models"
    one = "model"

    def batch(self, seed: int, count: int, limit: float | None) -> Iterator[Outcome]:
        for own, d in drawn(seed, count):
            yield judged(d, own, limit)

    def smallest(self, seed: int, count: int, outcome: Outcome, limit: float | None) -> Outcome:
        first = from_json(outcome.described)
        found = {first: outcome}
        best = outcome
        reached, calls, seconds = False, 0, 0.0

        def fails(d: Description) -> bool:
            nonlocal best, calls, seconds
            if d not in found:
                calls += 1
                if calls > _SHRINKS or seconds > _SECONDS:
                    return False
                found[d] = judged(d, outcome.seed, limit)
                seconds += found[d].seconds
            if same(found[d], outcome):
                best = found[d]
                return True
            return False

        def visit(d: Description) -> None:
            nonlocal reached
            reached = reached or d == first
            if reached and fails(d):
                raise _Failed

        with suppress(_Failed, HypothesisException):  # the smallest is kept
            _run(outcome.seed, visit, Phase.generate, Phase.shrink)
        return best

    def again(self, described: Any) -> Outcome:
        return judged(from_json(described), 0, None)


class _Failed(Exception):
    """Raised for hypothesis, to shrink what raises it."""


def drawn(seed: int, count: int) -> list[tuple[int, Description]]:
    """Descriptions with their own seeds, the same for a seed and a count.

    Each is drawn by a run of its own: within one, hypothesis varies what it has drawn.
    """
    found: dict[Description, int] = {}
    for k in range(count):
        own, last = _OWN * seed + k, None
        for d in _examples(own):
            last = d
        if last is not None:
            found.setdefault(last, own)
    return [(own, d) for d, own in found.items()]


def _examples(seed: int) -> list[Description]:
    found: list[Description] = []
    _run(seed, found.append, Phase.generate)
    return found


def _run(seed: int, visit: Callable[[Description], None], *phases: Phase) -> None:
    @seeded(seed)
    @settings(
        max_examples=_EXAMPLES,
        phases=phases,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(descriptions())
    def every(d: Description) -> None:
        visit(d)

    every()


def same(a: Outcome, b: Outcome) -> bool:
    """Whether two outcomes are one failure: its reason but for names and numbers."""
    return (a.finding, a.answer, _essence(a.reason)) == (b.finding, b.answer, _essence(b.reason))


def _essence(reason: str) -> str:
    return re.sub(r"\b[a-z]\d+\S*|[\d.e+-]+|\{.*?\}", "#", reason)


__all__ = ["Models", "drawn", "same"]
