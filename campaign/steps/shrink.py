"""Makes a step that fails small: a part at a time, as long as it fails in the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from campaign.steps.draw import SYMBOLS, Chain
from campaign.steps.terms import Term, num, put, var

_MATRICES = ("matrix", "transpose", "inverse", "identity", "matmul")


def shrunk(chain: Chain, fails: Callable[[Chain], bool], tries: int) -> Chain:
    """The smallest that was found by at most so many tries."""
    best, going = chain, True
    while going:
        going = False
        for smaller in _smaller(best):
            if tries == 0:
                return best
            tries -= 1
            if fails(smaller):
                best, going = smaller, True
                break
    return best


def _smaller(chain: Chain) -> Iterator[Chain]:
    parts = {p for t in chain.terms for p in t.parts()}
    seen = {chain.terms}
    for p in sorted(parts, key=lambda p: (-_size(p), str(p))):
        for q in _instead(p):
            terms = tuple(put(t, p, q) for t in chain.terms)
            if terms not in seen and terms[0] != terms[1] and all(map(_closed, terms)):
                seen.add(terms)
                if sum(map(_size, terms)) < sum(map(_size, chain.terms)):
                    yield Chain(terms, chain.rules)


def _instead(p: Term) -> Iterator[Term]:
    kind = _is_matrix(p)
    inside = [a for a in p.args if isinstance(a, Term)]
    yield from (a for a in inside if _is_matrix(a) == kind)
    if not kind and p.op not in ("gt", "true"):
        yield from (num(0), num(1), var("x"), var("k"), var("s"))
    if len(p.args) > 2 and p.op in ("add", "mul"):
        yield from (Term(p.op, p.args[:k] + p.args[k + 1 :]) for k in range(len(p.args)))


def _size(t: Term) -> int:
    return sum(2 if p.op in ("var", "matrix") else 1 if p.op == "num" else 3 for p in t.parts())


def _is_matrix(t: Term) -> bool:
    if t.op in ("add", "mul"):
        return any(isinstance(a, Term) and _is_matrix(a) for a in t.args)
    return t.op in _MATRICES


def _closed(t: Term, bound: frozenset[str] = frozenset()) -> bool:
    """Whether only declared symbols are free in it."""
    if t.op in ("sum", "prod"):
        body, name, low, high = t.args
        return _closed(body, bound | {name}) and _closed(low, bound) and _closed(high, bound)
    if t.op == "var":
        return t.args[0] in SYMBOLS or t.args[0] in bound
    return all(_closed(a, bound) for a in t.args if isinstance(a, Term))
