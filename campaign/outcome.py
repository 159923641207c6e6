"""What became of one drawn input, and what a campaign is: the seam that new campaigns fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

AGREED = "agreed"  # judged, and nothing speaks against the answer
CONTRADICTION = "contradiction"  # the oracle's numbers speak against the answer
CRASH = "crash"  # another exception than InputError
HANG = "hang"  # no answer within the limit
REFUSED = "refused"  # InputError
MISSED = "missed"  # undecided, though the oracle's numbers suggest an answer
UNJUDGED = "not judged"  # the oracle cannot tell
FINDINGS = (AGREED, CONTRADICTION, CRASH, HANG, REFUSED, MISSED, UNJUDGED)
FAILURES = (CONTRADICTION, CRASH, HANG)


@dataclass(frozen=True)
class Outcome:
    """One drawn input.

    seed: of the batch that drew it.  kinds: what it has (tags that are counted).  answer: the
    verdict, "" if there was none.  finding: one of FINDINGS.  reason: of the finding, "" if it
    needs none.  seconds: of processor time, for the answer.  described: the input, as JSON.
    """

    seed: int
    kinds: tuple[str, ...]
    answer: str
    finding: str
    reason: str
    seconds: float
    described: Any


class Campaign(Protocol):
    """A kind of input that is drawn and judged; list one in campaign/registry.py."""

    name: str  # one word, for --only and file names
    title: str  # for the report
    one: str  # what an input is called, e.g. "model"

    def batch(self, seed: int, count: int, limit: float | None) -> Iterator[Outcome]:
        """Draws and judges `count` inputs; the same for the same seed and count.

        limit: seconds of processor time per answer, None for no limit.
        """
        ...

    def smallest(self, seed: int, count: int, outcome: Outcome, limit: float | None) -> Outcome:
        """The smallest input with the same failure as this outcome of that batch."""
        ...

    def again(self, described: Any) -> Outcome:
        """Judges a saved input once more, without a limit."""
        ...
