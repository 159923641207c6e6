"""Judges an answer about a drawn model."""

from __future__ import annotations

import re
import time
import traceback
from typing import Any

import numpy as np

import entropy_proofs as ep
from campaign import outcome as o
from campaign.limit import Overrun, limited
from campaign.models import identity, least_squares, oracle
from campaign.models.build import build
from campaign.models.describe import (
    Chain,
    Description,
    Network,
    Op,
    Variable,
    expressions_of,
    names_in,
    to_json,
)
from campaign.models.least_squares import SOLVABLE, Question
from campaign.outcome import Outcome

_EXCLUDED = re.compile(
    r"no field(?: and no scaling or shifting flow)? with (any base measure|h = 1)(?: h)? for (.+?)"
    r"(?: while (.+?) would stand still)?(?: at ([^:]+))?: eliminating"
)
_MANY = 3  # rows of data, where the oracle asks a question of its own


def judged(description: Description, seed: int, limit: float | None) -> Outcome:
    """Proves the model, and holds the answer against the oracle."""
    start = time.process_time()
    answer, finding, reason, proof = "", "", "", None
    try:
        with limited(limit):
            proof = ep.prove(build(description))
            answer = proof.verdict.value
    except ep.InputError as error:
        finding, reason = o.REFUSED, str(error)
    except Overrun:
        finding, reason = o.HANG, f"no answer within {limit} s"
    except Exception as error:
        finding, reason = o.CRASH, _crash(error)
    seconds = time.process_time() - start
    if proof is not None:
        finding, reason = finding_of(description, proof)
    return Outcome(
        seed, tags(description), answer, finding, reason, seconds, to_json(description)
    )  # fmt: skip


def _crash(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = next((f for f in reversed(frames) if "entropy_proofs" in f.filename), frames[-1])
    return f"{type(error).__name__} in {last.name}: {str(error)[:200]}"


def finding_of(description: Description, proof: Any) -> tuple[str, str]:
    """The finding and its reason."""
    rng = np.random.default_rng(1)
    with np.errstate(all="ignore"):
        try:
            for why in _against_the_table(proof):
                return o.CONTRADICTION, why
            for why in identity.unassumed(description, proof, rng):
                return o.CONTRADICTION, why
            if any(t.holds for t in proof.terms):
                for why in identity.contradictions(description, proof, rng):
                    return o.CONTRADICTION, why
            return _what_was_excluded(description, proof)
        except Exception as error:  # of the oracle: counted and listed, never taken for agreement
            return o.UNJUDGED, f"{type(error).__name__}: {error}"


def _against_the_table(proof: Any) -> list[str]:
    """Verdicts that theory's table does not allow."""
    holds = [t.holds for t in proof.terms]
    whole = all(holds) and not any(t.fixes_scale for t in proof.terms)
    clear = not any(c.learned for c in proof.conditions)
    found = {
        "proved": whole and clear,
        "partial": any(holds) and not (whole and clear),
        "refuted": not any(holds),
        "undecided": not any(holds),
    }
    verdict = proof.verdict.value
    return [] if found[verdict] else [f"{verdict}, but its terms say otherwise: holds = {holds}"]


# what was excluded --------------------------------------------------------------------------------
def _sizes(description: Description, stated: str, otherwise: int) -> dict[str, int]:
    """The sizes that a refutation states, "D = 4, K = 2", and others for the rest."""
    found = dict.fromkeys(description.sizes, 2) | {
        n: otherwise for n in ("D", "N") if n in description.sizes
    }
    pairs = (part.split(" = ") for part in stated.split(", ") if part)
    return found | {n: int(k) for n, k in pairs if n in found}


def _what_was_excluded(description: Description, proof: Any) -> tuple[str, str]:
    stated = (at for t in proof.terms for *_, at in _EXCLUDED.findall(t.reason) if at)
    sizes = _sizes(description, next(stated, ""), _MANY)
    names = tuple(c.name for c in oracle.conditionals(description))
    for t in proof.terms:
        for what, subject, still, at in _EXCLUDED.findall(t.reason):
            served = tuple(subject.split(", "))
            question = Question(served, tuple(filter(None, still.split(", "))), what != "h = 1")
            if question.any_h and not all(_moves(description, n) for n in served):
                continue  # with h = p, which is no answer
            if _is_solvable(description, question, _sizes(description, at, 2)):
                return o.CONTRADICTION, f"said: no field with {what} for {subject}; there is one"
    if proof.verdict.value == "refuted":
        for served in dict.fromkeys([*((n,) for n in names), names]):
            question = Question(served, tuple(n for n in names if n not in served))
            movable = all(_moves(description, n) for n in served)
            if movable and _is_solvable(description, question, sizes):
                return o.CONTRADICTION, f"refuted, but there is a field for {', '.join(served)}"
    if proof.verdict.value in {"undecided", "partial"}:
        open_ = tuple(t.variable for t in proof.terms if not t.holds)
        if open_ and all(_moves(description, n) for n in names):
            for any_h in (False, True):
                if _is_solvable(description, Question(names, (), any_h), sizes):
                    h = "some h" if any_h else "h = 1"
                    return o.MISSED, f"with {h} all conditionals have a field: {', '.join(open_)}"
    if proof.verdict.value == "partial" and not open_terms(proof):
        return _needed(description, proof, names)
    return o.AGREED, ""


def open_terms(proof: Any) -> list[Any]:
    """The terms that stay, or whose base measure fixes a scale."""
    return [t for t in proof.terms if not t.holds or t.fixes_scale]


def _needed(description: Description, proof: Any, names: tuple[str, ...]) -> tuple[str, str]:
    """Whether the identity fails where a condition on learned parameters does."""
    any_h = any(t.is_pseudo for t in proof.terms)
    sizes = dict.fromkeys(description.sizes, 2)
    found = list(identity.failing(description, identity.Answer(proof)))
    question = Question(names, (), any_h)
    if found and least_squares.answer(description, question, sizes, 1, found) == SOLVABLE:
        conditions = ", ".join(str(c) for c in proof.conditions)
        return o.MISSED, f"partial, but a field exists also where this fails: {conditions}"
    return o.AGREED, ""


def _moves(description: Description, name: str) -> bool:
    """Whether something else than its own value moves in a conditional: else h = p serves it."""
    return least_squares.moves(description, name, _sizes(description, "", 2))


def _is_solvable(description: Description, question: Question, sizes: dict[str, int]) -> bool:
    """At two draws of all numbers, so that a chance is no finding."""
    answers = (least_squares.answer(description, question, sizes, s) for s in (1, 2))
    return all(a == SOLVABLE for a in answers)


# kinds --------------------------------------------------------------------------------------------
_LINKS = {"sin", "abs", "softplus", "sigmoid", "sqrt", "**", "/", "inv", "exp"}


def tags(description: Description) -> tuple[str, ...]:
    """What the model has, for counting."""
    found: set[str] = set()
    uses: dict[str, int] = {}
    parameters = description.parameters()
    for d in description.declarations:
        names = [n for e in expressions_of(d) for n in names_in(e)]
        for n in set(names):
            uses[n] = uses.get(n, 0) + 1
        for e in expressions_of(d):
            found |= {f"link {n}" for n in _functions(e) if n in _LINKS}
            found |= {"index by category" for n in _functions(e) if n == "at"}
        if isinstance(d, Network):
            found.add("network")
        elif isinstance(d, Chain):
            found |= {"chain", d.initial.family, d.transition.family}
        elif isinstance(d, Variable):
            found.add(d.distribution.family)
            if len(d.shape) > 1:
                found.add("two plates")
        if any(n in parameters and parameters[n].fixed for n in names):
            found.add("known data")
    if any(n in parameters and k > 1 for n, k in uses.items()):
        found.add("shared parameter")
    if description.weights is not None:
        found.add("weights")
    latent = [d for d in description.variables().values() if not d.observed]
    found.add(f"{len(latent)} latent")
    return tuple(sorted(found))


def _functions(e: Any) -> set[str]:
    if not isinstance(e, Op):
        return set()
    return {e.name}.union(*(_functions(a) for a in e.args))


__all__ = ["finding_of", "judged", "tags"]
