"""What is said of a chain, judged by numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from mpmath import mp

import entropy_proofs as ep
from campaign.limit import Overrun, limited
from campaign.outcome import (
    AGREED,
    CONTRADICTION,
    CRASH,
    HANG,
    MISSED,
    REFUSED,
    UNJUDGED,
    Outcome,
)
from campaign.steps.draw import TRUE, Chain
from campaign.steps.oracle import LOG_OF_ZERO, PRECONDITIONS, agree, is_rough, outcome
from campaign.steps.points import Declared, Point, is_inside, points, stated
from campaign.steps.sympy_terms import domains, from_sympy, to_sympy
from campaign.steps.terms import Term, read, written

_PROVED, _REFUTED = 40, 200  # points for a verdict
_CLEAR = 10  # points that must tell, to call an undecided step missed
_WITNESS = 1e-7  # its values and the point's are rounded
_TINY = mp.mpf(10) ** -40  # what 60 digits still tell apart
_SLIP = "a slip at random"


def to_json(chain: Chain) -> Any:
    return {"terms": [written(t) for t in chain.terms], "rules": list(chain.rules)}


def from_json(given: Any) -> Chain:
    return Chain(tuple(read(t) for t in given["terms"]), tuple(given["rules"]))


def judged(chain: Chain, seed: int, limit: float | None) -> Iterator[Outcome]:
    """An outcome for every "=" of the chain, or one for the chain if there is no answer."""
    begun = time.process_time()

    def made(k: int | None, answer: str, finding: str, reason: str) -> Outcome:
        seconds = time.process_time() - begun if k is None else spent / len(steps)
        part = chain if k is None else Chain(chain.terms[k : k + 2], (chain.rules[k],))
        kinds = tuple(f"{_truth(r)}: {r}" for r in part.rules)
        return Outcome(seed, kinds, answer, finding, reason, seconds, to_json(part))

    try:
        expressions = [to_sympy(t, chain.declared) for t in chain.terms]
    except (TypeError, ValueError, NotImplementedError) as error:
        yield made(None, "", UNJUDGED, f"SymPy does not write it: {type(error).__name__}")
        return
    try:
        with limited(limit):
            steps = ep.check_steps(expressions, domains=domains(chain.declared))
    except ep.InputError as error:
        yield made(None, "", REFUSED, str(error))
        return
    except Overrun:
        yield made(None, "", HANG, _shown(chain))
        return
    except Exception as error:  # whatever it is, it is a crash
        yield made(None, "", CRASH, f"{type(error).__name__}: {error}: {_shown(chain)}"[:400])
        return
    spent = time.process_time() - begun
    for k, step in enumerate(steps):
        part = Chain(chain.terms[k : k + 2], (chain.rules[k],))
        answer = step.verdict.value
        conditions = bool(getattr(step, "conditions", ()))
        finding, reason = _finding(part, answer, conditions)
        if answer == "refuted":
            fault, shows = _at_witness(part, step.witness)
            if fault and finding == AGREED:
                finding, reason = CONTRADICTION, f"refuted, but {fault}: {_shown(part)}"
            elif shows and not fault and finding == CONTRADICTION:
                finding, reason = AGREED, ""  # a rare point, or a tiny difference
        yield made(k, answer, finding, reason)


def _at_witness(chain: Chain, witness: Any) -> tuple[str, bool]:
    """What is wrong with the point at which the sides are said to differ, and if they do there."""
    known = chain.declared
    try:
        point = stated(known, witness.at)
    except (AttributeError, KeyError):
        return "", False  # it does not say every value
    if set(point.values) | {name for name, *_ in point.drawn} < set(known):
        return "", False
    if not is_inside(point):
        return f"its witness is not what is declared: {witness}", False
    found = [outcome(side, point) for side in chain.terms]
    for side, (kind, seen), said in zip(
        chain.terms, found, (witness.left, witness.right), strict=True
    ):
        if kind == "unclear" or not _kept(side, known, point):
            return "", False
        if (kind == "undefined") != (said == "undefined"):
            return f"its witness has {said} for {seen}: {witness}", False
        if kind == "value" and abs(seen - mp.mpf(said)) > _WITNESS * max(1, abs(seen)):
            return f"its witness has {said} for {float(seen):.8g}: {witness}", False
    (kind, a), (other, b) = found
    return "", kind != other or (kind == "value" and abs(a - b) > _TINY * max(abs(a), abs(b)))


def _truth(rule: str) -> str:
    return "slip" if rule == _SLIP else "true" if rule in TRUE else "false"


def _shown(chain: Chain) -> str:
    return " = ".join(map(str, chain.terms))


def _finding(chain: Chain, answer: str, has_conditions: bool) -> tuple[str, str]:
    known = chain.declared
    count = _REFUTED if answer == "refuted" else _PROVED
    clear, equal, lost = 0, 0, 0
    for point, how in _compared(chain, known, count):
        if how == "equal":
            equal += 1
        elif how == "precondition":
            if answer == "proved" and not has_conditions:
                return CONTRADICTION, f"proved without a precondition: {_shown(chain)}{_at(point)}"
        elif how == "lost":
            lost += 1
        elif how == LOG_OF_ZERO and (answer != "proved" or has_conditions):
            clear += answer != "proved"
        elif answer == "proved":
            return CONTRADICTION, f"proved: {_shown(chain)}, but {how}{_at(point)}"
        else:
            clear += 1
            break
    if answer == "proved":
        return (AGREED, "") if equal else (UNJUDGED, "no point tells")
    if answer == "refuted":
        if clear:
            return AGREED, ""
        if lost or not _unchanged(chain, known, count):
            return UNJUDGED, "SymPy made something else of it"
        if equal < _CLEAR:
            return UNJUDGED, "too few points tell"
        return CONTRADICTION, f"refuted, but equal at {equal} points: {_shown(chain)}"
    if clear or equal >= _CLEAR:
        return MISSED, f"undecided: {_truth(chain.rules[0])}: {chain.rules[0]}"
    return UNJUDGED, "too few points tell"


def _compared(chain: Chain, known: dict[str, Declared], count: int) -> Iterator[tuple[Point, str]]:
    """The points that tell, each with "equal", "precondition", "lost" (what SymPy makes of
    it on its own is something else there), LOG_OF_ZERO or what is different there."""
    left, right = chain.terms
    rough = is_rough(left) or is_rough(right)
    for point in points(known, 0, count):
        how = _difference(left, right, point, rough)
        if how not in ("", "equal") and not all(_kept(t, known, point) for t in (left, right)):
            how = "lost"
        if how:
            yield point, how


def _difference(left: Term, right: Term, point: Point, rough: bool) -> str:
    (kind, a), (other, b) = outcome(left, point), outcome(right, point)
    if "unclear" in (kind, other):
        return ""
    if kind != other:
        what = a if kind == "undefined" else b
        if what == LOG_OF_ZERO:
            return LOG_OF_ZERO
        return "precondition" if what in PRECONDITIONS else f"only one side is defined ({what})"
    same = kind == "undefined" or agree(a, b, rough)
    if same or same is None:
        return "equal" if same else ""
    return f"{float(a):.6g} is not {float(b):.6g}"


def _unchanged(chain: Chain, known: dict[str, Declared], count: int) -> bool:
    """Whether SymPy left both sides what they are, at all points."""
    return all(_kept(t, known, p) for p in points(known, 0, count) for t in chain.terms)


def _kept(term: Term, known: dict[str, Declared], point: Point) -> bool:
    """Whether SymPy, which evaluates on its own, left the term what it is here."""
    kind, value = outcome(term, point)
    try:
        seen, other = outcome(from_sympy(to_sympy(term, known)), point)
    except NotImplementedError:
        return False
    return kind == seen and (kind != "value" or agree(value, other) is not False)


def _at(point: Point) -> str:
    elements = {f"{name}{list(at)}": v for (name, *at), v in point.drawn.items()}
    shown = {
        n: str(v.tolist()) if hasattr(v, "rows") else f"{float(v):.4g}"
        for n, v in {**point.values, **elements}.items()
    }
    return " at " + ", ".join(f"{n} = {v}" for n, v in shown.items())
