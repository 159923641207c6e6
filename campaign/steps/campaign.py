"""The campaign of chains of steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed as seeded, settings

from campaign.outcome import Outcome
from campaign.steps.draw import Chain, chains
from campaign.steps.judge import from_json, judged
from campaign.steps.shrink import shrunk

_SURPLUS = 3  # drawn for each that is judged, as many are the same
_SHRINKS = 200  # steps judged to make one small


class Steps:
    """Equations that follow from each other, and what `check_steps` says of each."""

    name = "steps"
    title = "Chains of steps"
    one = "step"

    def batch(self, seed: int, count: int, limit: float | None) -> Iterator[Outcome]:
        """The outcomes of `count` chains, one for each of their steps."""
        for chain in drawn(seed, count):
            yield from judged(chain, seed, limit)

    def smallest(self, seed: int, count: int, outcome: Outcome, limit: float | None) -> Outcome:
        best = outcome

        def fails(chain: Chain) -> bool:
            nonlocal best
            for found in judged(chain, seed, limit):
                if _essence(found) == _essence(outcome):
                    best = found
                    return True
            return False

        shrunk(from_json(outcome.described), fails, _SHRINKS)
        return best

    def again(self, described: Any) -> Outcome:
        return next(judged(from_json(described), 0, None))


def _essence(outcome: Outcome) -> tuple[str, str, str]:
    return outcome.finding, outcome.answer, outcome.reason.split(":")[0]


def drawn(seed: int, count: int) -> list[Chain]:
    """Different chains, the same for a seed and a count: the largest are drawn last."""
    found: dict[Chain, None] = {}

    @seeded(seed)
    @settings(
        max_examples=_SURPLUS * count,
        phases=(Phase.generate,),
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(chains())
    def every(chain: Chain) -> None:
        found.setdefault(chain)

    every()
    return list(found)[-count:]


__all__ = ["Steps", "drawn"]
