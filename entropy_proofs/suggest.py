"""What to change so that a model's entropy sum holds: found by trying, and checked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from sympy import Expr

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays import Array, lift
from entropy_proofs.declarations import Term
from entropy_proofs.errors import InputError
from entropy_proofs.model import Model
from entropy_proofs.results import conditional, term_result

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

_AT_ONCE = 2  # changes tried together


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
    domain: str = "real"
    put: Callable[[Expr, Expr], Expr] | None = None
    q_weight: Expr | None = None


@dataclass(frozen=True)
class Suggestion:
    """Changes that make the entropy sum hold, and the sum that then holds."""

    changes: tuple[str, ...]
    entropy_sum: Expr

    def __str__(self) -> str:
        return " and ".join(self.changes)


def suggest(proof: Proof) -> tuple[Suggestion, ...]:
    """The smallest changes under which every conditional becomes an entropy."""
    from entropy_proofs.proof import prove

    failing = {t.variable for t in proof.terms if not t.holds or t.fixes_scale}
    if not failing:
        return ()
    changes = [c for c in _changes(proof.model) if c.term in failing or not c.term]
    for count in range(1, _AT_ONCE + 1):
        found = []
        for chosen in combinations(changes, count):
            try:
                changed = _changed(proof.model, chosen)
            except InputError:
                continue
            if _holds(changed):
                entropy_sum = prove(changed).entropy_sum
                found.append(Suggestion(tuple(c.text for c in chosen), entropy_sum))
        if found:
            return tuple(found)
    return ()


def _holds(model: Model) -> bool:
    from entropy_proofs.proof import find

    identity = find(model, [conditional(model, t) for t in model.terms])
    results = [term_result(model, t, identity) for t in model.terms]
    return all(r.holds and not r.fixes_scale for r in results)


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
            domain, what = t.family.domains.get(name, "real"), f"the {name} of {t.variable}"
            edit = partial(Change, term=t.name, argument=name)
            if _is_constant(model, value):
                yield edit(f"learn {what} (now {value})", domain=domain, put=_second)
            elif not symbols_in(value) & moving:
                continue  # known constants: learning them says more
            elif domain == "positive":
                yield edit(f"give {what} a learned factor", domain=domain, put=operator.mul)
            elif domain == "real":
                yield edit(f"give {what} a learned bias", put=operator.add)
                yield edit(f"give {what} a learned factor", domain="positive", put=operator.mul)


def _is_constant(model: Model, value: Expr) -> bool:
    labels = {p.label for p in model.parameters.values()}
    labels |= {v.label for v in model.variables.values()}
    return not isinstance(value, Array) and not symbols_in(value) & labels


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


def _with_parameter(model: Model, term: Term, change: Change) -> Term:
    """The term with a new scalar parameter in an argument."""
    assert change.argument is not None
    assert change.put is not None
    made = model.parameter(f"{term.variable}.{change.argument}", domain=change.domain)
    value = change.put(lift(getattr(term.family, change.argument)), made)
    return model.rebuilt(term, replace(term.family, **{change.argument: value}))


def _second(_: Expr, new: Expr) -> Expr:
    return new
