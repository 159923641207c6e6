"""A declared q in a proof: whether its family has the flows that were found, and its entropies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.poly import linked, symbols_in
from entropy_proofs.judge.family_entropies import family_entropies
from entropy_proofs.judge.q_flow import direction_of_q
from entropy_proofs.judge.vouching import Judged, ModelKernel, vouched
from entropy_proofs.model.declarations import ModelTerm
from entropy_proofs.model.model import Model
from entropy_proofs.model.pointwise import FieldComponent
from entropy_proofs.model.variational.declared_q import model_of_q


@dataclass(frozen=True)
class OfQ:
    """What was found of a declared q.

    direction: how its parameters move along the latents' flows.
    missing: {conditional: why not} of those that a flow would serve which q's family has not.
    """

    direction: tuple[FieldComponent, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)


def vouched_with_q(model: Model) -> tuple[ModelKernel, Judged | None, OfQ]:
    """The kernel, and the best identity whose flows are directions of q where it is declared.

    The exact posterior has all of them where no distribution has a larger F.
    """
    declared = {name for name, q in model.variational_.of.items() if not q.is_posterior}
    held = exact_but_not_best(model)
    still: set[str] = set()
    missing: dict[str, str] = {}
    while True:
        kernel, judged = vouched(model, still=still)
        flows = judged.identity.flows if judged else ()
        stuck = {f.variable for f in flows if f.variable in held}
        moving = [f for f in flows if f.variable in declared]
        direction = direction_of_q(model, moving) if moving and not stuck else ()
        if judged is None or (direction is not None and not stuck):
            return kernel, judged, OfQ(direction or (), missing)
        apart = stuck or {f.variable for f in moving if direction_of_q(model, [f]) is None}
        still |= apart or {f.variable for f in moving}
        reasons = [held[name] for name in sorted(still) if name in held]
        lacking = ", ".join(name for name in sorted(still) if name not in held)
        if lacking:
            why = (
                f"the flow of {lacking} that would serve it was not found to be a direction of the "
                "declared q"
            )
            reasons.insert(0, why)
        named = (t.conditional.name for t in judged.identity.terms)
        missing |= dict.fromkeys(named, "; ".join(reasons))


def exact_but_not_best(model: Model) -> dict[str, str]:
    """{latent whose q is the exact posterior: why F need not be largest there}.

    log p(x) - F is the divergence of q to the posterior of all latents together, so F is largest
    where q of all that are linked is exact, and their conditionals weigh what H[q] does.
    """
    exact = {name for name, q in model.variational_.of.items() if q.is_posterior}
    of_label = {v.label: v.name for v in model.latents()}

    def latents(t: ModelTerm) -> set[str]:
        labels = {t.value, *symbols_in(t.log_density)}
        named = {t.aliases[s].variable if s in t.aliases else of_label.get(s, "") for s in labels}
        return named & set(of_label.values())

    named = list(map(latents, model.terms))
    found: dict[str, str] = {}
    for ks in linked(named):
        names = set[str]().union(*(named[k] for k in ks))
        weights = {model.terms[k].weight for k in ks}
        others = ", ".join(sorted(names - exact))
        if others:
            why = f"is exact, but not that of {others}: together they need not make F largest"
        elif any(sp.expand(w - model.q_weight) != 0 for w in weights):
            why = "is exact, but not where the weighted F is largest"
        else:
            continue
        found |= {name: f"q of {name} {why}" for name in names & exact}
    return found


def entropies_of_q(model: Model) -> dict[str, Expr]:
    """{latent: H of its declared q for one data point, in nats}, where it is closed form."""
    found: dict[str, Expr] = {}
    for name, q in model.variational_.of.items():
        inner = model_of_q(model, name)
        parts = family_entropies(inner, q.terms) if q.terms else None
        if parts is not None:
            found[name] = sp.Add(*parts)
    return found
