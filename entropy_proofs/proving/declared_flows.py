"""A declared q in a proof: whether its family has the flows that were found, and its entropies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import sympy as sp
from sympy import Expr

from entropy_proofs.claims.entropies import family_entropies
from entropy_proofs.judge.q_flow import direction_of_q
from entropy_proofs.judge.vouching import Judged, ModelKernel, vouched
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

    The exact posterior has all of them: no distribution has a larger F.
    """
    declared = {name for name, q in model.variational_.of.items() if not q.is_posterior}
    still: set[str] = set()
    missing: dict[str, str] = {}
    while True:
        kernel, judged = vouched(model, still=still)
        flows = [f for f in judged.identity.flows if f.variable in declared] if judged else []
        direction = direction_of_q(model, flows) if flows else ()
        if judged is None or direction is not None:
            return kernel, judged, OfQ(direction or (), missing)
        apart = {f.variable for f in flows if direction_of_q(model, [f]) is None}
        still |= apart or {f.variable for f in flows}
        lacking = ", ".join(sorted(still))
        why = f"the flow of {lacking} that would serve it is no direction of the declared q"
        missing |= dict.fromkeys((t.conditional.name for t in judged.identity.terms), why)


def entropies_of_q(model: Model) -> dict[str, Expr]:
    """{latent: H of its declared q for one data point, in nats}, where it is closed form."""
    found: dict[str, Expr] = {}
    for name, q in model.variational_.of.items():
        inner = model_of_q(model, name)
        parts = family_entropies(inner, q.terms) if q.terms else None
        if parts is not None:
            found[name] = sp.Add(*parts)
    return found


__all__ = ["OfQ", "entropies_of_q", "vouched_with_q"]
