"""One option for each of many places, the best first, past what is known to conflict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush

Chosen = tuple[int, ...]
Badness = tuple[int, int]  # how many places have not their best option, the sum of all options


def combinations(
    options: Sequence[Sequence[int]],
    conflict: Callable[[Chosen], frozenset[int] | None],
    most: int,
) -> Iterator[tuple[Badness, Chosen]]:
    """Combinations without a conflict in the order of their badness; `most` are looked at.

    options: of each place, increasing.
    conflict: places of which one at least must change, or None.  It says where to go from a
    combination that fails, so that all others are passed over.
    """

    def ranked(chosen: Chosen) -> tuple[Badness, Chosen]:
        changed = sum(c != own[0] for c, own in zip(chosen, options, strict=True))
        return (changed, sum(chosen)), chosen

    first = tuple(own[0] for own in options)
    waiting, seen = [ranked(first)], {first}
    for _ in range(most):
        if not waiting:
            return
        badness, chosen = heappop(waiting)
        places = conflict(chosen)
        if places is None:
            yield badness, chosen
        for k in range(len(options)) if places is None else sorted(places):
            if chosen[k] != options[k][0]:
                continue
            for option in options[k][1:]:
                other = (*chosen[:k], option, *chosen[k + 1 :])
                if other not in seen:
                    seen.add(other)
                    heappush(waiting, ranked(other))
