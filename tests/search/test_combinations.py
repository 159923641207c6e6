"""The best combinations come first, and none without a conflict is passed over."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings, strategies as st

from entropy_proofs.search.combinations import combinations

OPTIONS = st.lists(
    st.sampled_from([(0, 1, 10), (0, 10), (1, 10), (10,)]), min_size=1, max_size=4
)  # fmt: skip


@st.composite
def cases(draw):
    options = draw(OPTIONS)
    places = range(len(options))
    pairs = [(k, option) for k in places for option in options[k]]
    conflicts = st.lists(st.sets(st.sampled_from(pairs), min_size=1, max_size=3), max_size=5)
    return options, draw(conflicts)


def ranked(options, chosen):
    return sum(c != own[0] for c, own in zip(chosen, options, strict=True)), sum(chosen)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(cases())
def test_all_without_a_conflict_come_in_order(case):
    options, conflicts = case

    def conflict(chosen):
        pairs = set(enumerate(chosen))
        return next((frozenset(k for k, _ in c) for c in conflicts if c <= pairs), None)

    found = [chosen for _, chosen in combinations(options, conflict, 10_000)]
    expected = [c for c in product(*options) if conflict(c) is None]
    assert sorted(found) == sorted(expected)
    assert found == sorted(expected, key=lambda c: (ranked(options, c), c))


def test_many_places_that_fail_apart_are_few_steps():
    """30 places, two of which cannot come out best: 2^30 combinations, a handful looked at."""
    looked = []

    def conflict(chosen):
        looked.append(chosen)
        return next((frozenset([k]) for k in (3, 17) if chosen[k] == 0), None)

    _, best = next(combinations([(0, 10)] * 30, conflict, 200))
    assert [k for k, c in enumerate(best) if c] == [3, 17]
    assert len(looked) == 3


def test_no_more_are_looked_at_than_allowed():
    looked = []
    none = combinations([(0, 1)] * 20, lambda c: looked.append(c) or frozenset(range(20)), 50)
    assert list(none) == []
    assert len(looked) == 50
