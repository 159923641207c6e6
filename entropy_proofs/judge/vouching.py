"""Asks the kernel: the statement of a model, and which candidate of the search it accepts.

Only the kernel's yes makes an identity hold.  Where a candidate is right but for what must not be
zero, the kernel says what, and is asked again with that as its conditions.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.kernel.certificate import check_document, document
from entropy_proofs.kernel.checker import Outcome
from entropy_proofs.kernel.found import Condition
from entropy_proofs.kernel.refusal import Refused, bounded
from entropy_proofs.model.declarations import ModelTerm, Parameter
from entropy_proofs.model.lowering import Lowering, Unsupported
from entropy_proofs.model.model import Model
from entropy_proofs.model.pointwise import GenericConditional, Identity
from entropy_proofs.proof.term_results import (
    conditional,
    latent_motions,
    learned_motions,
    weighed_alike,
)
from entropy_proofs.search.moving import Moving, Setting
from entropy_proofs.search.search import (
    search,
    search_about_centres,
    search_by_products,
    search_by_shares,
    search_with_shifts,
    search_worked_out,
)

GIVES_UP = (
    ArithmeticError, LookupError, NotImplementedError, RecursionError, TypeError, ValueError,
)  # fmt: skip
_SEARCHES = (
    search_by_shares, search_by_products, search_worked_out, search, search_about_centres,
    search_with_shifts,
)  # fmt: skip
_ROUNDS = 3  # of asking for conditions: with some assumed, others can come up


@dataclass(frozen=True)
class Judged:
    """A candidate and what the kernel said of it.

    document: what it was given, as JSON values; None where the candidate has no form there.
    """

    identity: Identity
    outcome: Outcome
    document: dict[str, Any] | None
    conditions: tuple[Condition, ...] = ()

    @property
    def holds(self) -> bool:
        return self.outcome.accepted

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Of accepted candidates the least is the best: what stays, what is assumed, what is no
        entropy but a pseudo-entropy, how much is assumed."""
        kinds = self.outcome.terms.values()
        fixes = any("fixes" in kind for kind in kinds)
        assumed = 3 if self.outcome.learned else 2 if fixes else 1 if self.conditions else 0
        pseudo = sum(kind != "entropy" for kind in kinds)
        return len(self.identity.unmoved), assumed, pseudo, len(self.conditions)


class ModelKernel:
    """The kernel, with one model's statement before it."""

    def __init__(
        self, model: Model, terms: Sequence[ModelTerm] | None = None, joint: Sequence[Symbol] = ()
    ):
        self.terms = tuple(terms or model.terms)
        self.lowering = Lowering(model, joint)
        self.unsupported: str | None = None
        self.gave_up = ""  # what ended the search before its time
        try:
            with bounded():
                self.statement = self.lowering.statement(self.terms)
        except (Unsupported, Refused) as reason:
            self.unsupported = str(reason)

    def judge(self, identity: Identity) -> Judged:
        """What the kernel says of a candidate, under the conditions that it asks for."""
        if self.unsupported is not None:
            return Judged(identity, Outcome(self.unsupported), None)
        conditions: tuple[Condition, ...] = ()
        for _ in range(_ROUNDS):
            try:
                with bounded():
                    made = self.lowering.certificate(identity, self.terms, conditions)
            except (Unsupported, Refused) as reason:
                return Judged(identity, Outcome(str(reason)), None)
            given = document(self.statement, made)
            outcome = check_document(given)
            if not outcome.missing:
                break
            conditions = (*conditions, *outcome.missing)
        return Judged(identity, outcome, given, conditions)

    def searched(
        self,
        conditionals: Sequence[GenericConditional],
        parameters: Sequence[Moving],
        latents: Sequence[Moving] = (),
    ) -> Judged | None:
        """The best candidate of the search; where that fails it costs an answer, never makes a
        wrong one, and `gave_up` says why."""
        setting = Setting(conditionals, parameters, latents)
        reasons = setting.given_up

        def proposed(by: Callable[..., Iterator[Identity]]) -> Iterator[Identity]:
            try:
                for found in by(setting):
                    candidate = replace(found, q_weight=self.lowering.model.q_weight)
                    if _whole(candidate, conditionals):
                        yield candidate
            except GIVES_UP as error:
                reasons.append(f"{type(error).__name__}: {error}")

        best: Judged | None = None
        for by in _SEARCHES:
            if best is None or best.identity.unmoved:
                found = self.best(proposed(by))
                best = min((j for j in (best, found) if j), key=lambda j: j.rank, default=None)
        first = list(dict.fromkeys(reasons))[:3]
        self.gave_up = f"the search gave up ({'; '.join(first)})" if first else ""
        return best

    def best(self, candidates: Iterable[Identity]) -> Judged | None:
        """The best candidate that the kernel accepts, where candidates come with those first that
        leave the fewest conditionals as they are."""
        best: Judged | None = None
        for candidate in candidates:
            if best is not None and len(candidate.unmoved) > len(best.identity.unmoved):
                break
            judged = self.judge(candidate)
            if judged.holds and (best is None or judged.rank < best.rank):
                best = judged
                if not judged.rank[1]:
                    break
        return best


def vouched(
    model: Model, flows: bool = True, still: Container[str] = ()
) -> tuple[ModelKernel, Judged | None]:
    """The kernel, and the best identity of the model that was found and accepted.

    flows: whether latents may move too.  still: those that may not.
    """
    conditionals = [conditional(model, t) for t in model.terms]
    parameters = learned_motions(model.learned().values())
    latents = [
        m
        for m in latent_motions(model)
        if flows and weighed_alike(model, m) and m.name not in still
    ]
    kernel = ModelKernel(model)
    if kernel.unsupported is not None:
        return kernel, None
    return kernel, kernel.searched(conditionals, parameters, latents)


def find(model: Model, flows: bool = True) -> Judged | None:
    """The best identity of the model that was found and accepted."""
    return vouched(model, flows)[1]


def entropies_alone(
    model: Model, terms: Sequence[ModelTerm], moving: Iterable[Parameter], kind: str = "entropy"
) -> list[Expr] | None:
    """The entropies of generic coordinates of some conditionals, by one identity of theirs along
    these parameters.

    A chain's conditionals are asked for together.  None where one has none of this kind, or
    conditions are needed.
    """
    parameters, kernel = learned_motions(moving), ModelKernel(model, terms)
    if not parameters or kernel.unsupported is not None:
        return None
    judged = kernel.searched([conditional(model, t) for t in terms], parameters)
    if judged is None or judged.conditions or {*judged.outcome.terms.values()} != {kind}:
        return None
    found = {t.conditional.name: t.entropy for t in judged.identity.terms}
    return [found[t.name] for t in terms] if len(found) == len(terms) else None


def _whole(candidate: Identity, conditionals: Sequence[GenericConditional]) -> bool:
    """Whether it speaks of every conditional, as it was stated."""
    found = candidate.conditionals
    return len(found) == len(conditionals) and all(c in found for c in conditionals)
