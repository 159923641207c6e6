"""What to change so that a model's entropy sum holds: found by trying, and checked."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, islice

from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array, lift
from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import POSITIVE, REAL, Space
from entropy_proofs.judge.vouching import find
from entropy_proofs.model.declarations import ModelTerm
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, table
from entropy_proofs.notebook.statements import BOUND
from entropy_proofs.printing.formula import Formula, relation
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proving.latent_parts import parts_apart

_AT_ONCE = 2  # changes tried together
_TRIED = 40  # at most, of each count: each is a search
#: Of computing, not of waiting, so that a busy machine finds the same; the next is not begun if it
#: could end later.
_SECONDS = 30.0


@dataclass(frozen=True)
class Change:
    """One edit of a model: free a constant, weigh alike, or put a new parameter into an argument.

    put: (an argument's value, the parameter) -> the new value.
    q_weight: a new weight of H[q].
    """

    text: str
    parameter: str | None = None
    term: str | None = None
    argument: str | None = None
    domain: Space = REAL
    put: Callable[[Expr, Expr], Expr] | None = None
    q_weight: Expr | None = None


@dataclass(frozen=True)
class Suggestion(Displayed):
    """Changes that make the entropy sum hold, and the sum that then holds."""

    changes: tuple[str, ...]
    entropy_sum: Expr

    def __str__(self) -> str:
        return " and ".join(self.changes)

    def __repr__(self) -> str:
        return f"<{self}: F = {self.entropy_sum}>"

    def row(self) -> tuple[str | Formula, ...]:
        """What to change, and what then holds."""
        return str(self), relation(BOUND, "=", self.entropy_sum)

    def _blocks(self) -> tuple[Block, ...]:
        return (table(_HEADINGS, [self.row()]),)


_HEADINGS = "If you", "At stationary points"


class Suggestions(Displayed, tuple[Suggestion, ...]):
    """The suggestions; `stopped` says why there may be others, '' if all were tried."""

    stopped: str = ""

    def _blocks(self) -> tuple[Block, ...]:
        found = [table(_HEADINGS, [s.row() for s in self])] if self else []
        return (*found, *([Paragraph((self.stopped,))] if self.stopped else []))


def suggest(proof: ProofRecord, prove: Callable[[Model], ProofRecord]) -> Suggestions:
    """The smallest changes under which every conditional becomes an entropy, tried by `prove`.

    What is not found within half a minute of computing is not sought further, and `stopped` says
    so.
    """
    failing = {t.variable for t in proof.terms if not t.holds or t.fixes_scale}
    if not failing:
        return Suggestions()
    changes = [c for c in _changes(proof.model) if c.term in failing or not c.term]
    start, longest = time.process_time(), 0.0
    found = [
        Suggestion(
            (f"declare {apart.shown} as latents of their own",), prove(apart.model).entropy_sum
        )
        for apart in parts_apart(proof.model)
        if _holds(apart.model)
    ]
    for count in range(1, _AT_ONCE + 1):
        for chosen in islice(combinations(changes, count), _TRIED):
            before = time.process_time()
            if before - start + longest > _SECONDS:
                stopped = Suggestions(found)
                stopped.stopped = f"the search for changes was stopped after {before - start:.0f} s"
                return stopped
            try:
                changed = _changed(proof.model, chosen)
            except InputError:
                continue
            if _holds(changed):
                entropy_sum = prove(changed).entropy_sum
                found.append(Suggestion(tuple(c.text for c in chosen), entropy_sum))
            longest = max(longest, time.process_time() - before)
        if found:
            break
    return Suggestions(found)


def _holds(model: Model) -> bool:
    judged = find(model)
    return judged is not None and judged.outcome.verdict == "proved"


def _changes(model: Model) -> Iterator[Change]:
    for p in model.parameters.values():
        if p.fixed:
            yield Change(f"learn {p.name}", parameter=p.name)
    for t in model.terms:
        if not model.variables[t.variable].observed and t.weight != model.q_weight:
            text = f"give H[q] the weight of {t.variable}, {t.weight}"
            yield Change(text, q_weight=t.weight)
    moving = {*model.learned(), *(v.label for v in model.variables.values())}
    for t in model.terms:
        for name, value in t.family.arguments().items():
            if t.aliases or t.family.event_axes.get(name):
                continue
            domain, what = t.family.domain_of(name), f"the {name} of {t.variable}"
            edit = partial(Change, term=t.name, argument=name)
            if _is_constant(model, value):
                yield edit(f"learn {what} (now {value})", domain=domain, put=lambda _, new: new)
            elif not symbols_in(value) & moving:
                continue  # known constants: learning them says more
            elif domain == POSITIVE:
                yield edit(f"give {what} a learned factor", domain=domain, put=operator.mul)
            elif domain == REAL:
                yield edit(f"give {what} a learned bias", put=operator.add)
                yield edit(f"give {what} a learned factor", domain=POSITIVE, put=operator.mul)


def _is_constant(model: Model, value: Expr) -> bool:
    return not isinstance(value, Array) and symbols_in(value).isdisjoint(model.shapes())


def _changed(model: Model, changes: tuple[Change, ...]) -> Model:
    """A copy of the model with the changes made."""
    result = copy(model)
    result.parameters, result.terms = dict(model.parameters), list(model.terms)
    result.claims = []
    for change in changes:
        if change.q_weight is not None:
            result.q_weight = change.q_weight
            continue
        if change.parameter is not None:
            old = result.parameters[change.parameter]
            result.parameters[change.parameter] = replace(old, fixed=False)
            continue
        k = next(i for i, t in enumerate(result.terms) if t.name == change.term)
        result.terms[k] = _with_parameter(result, result.terms[k], change)
    return result


def _with_parameter(model: Model, term: ModelTerm, change: Change) -> ModelTerm:
    """The term with a new scalar parameter in an argument."""
    assert change.argument is not None
    assert change.put is not None
    made = model.declare_parameter(f"{term.variable}.{change.argument}", (), change.domain, False)
    value = change.put(lift(getattr(term.family, change.argument)), made)
    return model.rebuilt(term, replace(term.family, **{change.argument: value}))
