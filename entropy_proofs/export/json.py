"""The records that `--json` prints. Their keys are public and stay as they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from entropy_proofs.model.weights import weights_of
from entropy_proofs.printing.latex import latex

if TYPE_CHECKING:
    from entropy_proofs.points.fits import StationaryPoint
    from entropy_proofs.points.verify import Verification
    from entropy_proofs.proof.outcome import Difference
    from entropy_proofs.proving.proof import Proof


def proof_record(
    proof: Proof, *, counterexample: bool = False, updates: bool = False
) -> dict[str, Any]:
    """A proof as plain JSON values; expressions are strings.

    counterexample: search for a stationary point at which the plain sum fails, too.
    updates: derive EM, too.
    """
    shown = {"counterexample": _difference(proof.counterexample)} if counterexample else {}
    weights = weights_of(proof.model)
    weighted = {"weights": _texts(weights)} if weights else {}
    return {
        "model": proof.model.name,
        "verdict": proof.verdict.value,
        "entropy_sum": _text(proof.entropy_sum),
        "entropy_sum_latex": _latex_sum(proof),
        "terms": [
            {
                "variable": term.variable,
                "holds": term.holds,
                "entropy": _text(term.entropy),
                "pseudo": term.is_pseudo,
                "field": _texts(term.field),
                "status": term.status,
                "reason": term.reason,
                "witness": _text(term.witness),
            }
            for term in proof.terms
        ],
        "field": _texts(proof.field),
        "latent_flow": _texts(proof.latent_flow),
        **({"variational_flow": _texts(moved)} if (moved := proof.variational_flow) else {}),
        "conditions": [str(condition) for condition in proof.conditions],
        **weighted,
        "assumptions": list(proof.assumptions),
        "witness": _text(proof.witness),
        **shown,
        "suggestions": [str(suggestion) for suggestion in proof.suggestions],
        **({"suggestions_stopped": stopped} if (stopped := proof.suggestions.stopped) else {}),
        "claims": [
            {
                "statement": claim.statement,
                "verdict": claim.verdict.value,
                "witness": _text(claim.witness),
                **({"conditions": list(claim.conditions)} if claim.conditions else {}),
            }
            for claim in proof.claims
        ],
        **({"updates": proof.updates.record()} if updates else {}),
        "seconds": round(proof.seconds, 3),
    }


def _latex_sum(proof: Proof) -> str | None:
    with proof.model.names().used():
        return None if proof.entropy_sum is None else latex(proof.entropy_sum)


def verification_record(proof: Proof, verification: Verification) -> dict[str, Any]:
    """A numeric check as plain JSON values; numbers are in nats per data point."""
    return {
        "model": proof.model.name,
        "points": verification.points,
        "max_identity_residual": number(verification.max_identity_residual),
        "max_identity_residual_mpmath": number(verification.max_identity_residual_mpmath),
        "stationary_points": [point_record(point) for point in verification.stationary_points],
        "passed": verification.passed,
    }


def point_record(point: StationaryPoint) -> dict[str, Any]:
    """A stationary point as plain JSON values, in nats per data point."""
    return {
        "dataset": point.dataset,
        "fitted_by": point.fitted_by,
        "elbo": number(point.elbo),
        "entropy_sum": number(point.entropy_sum),
        "gap": number(point.gap),
        "predicted_gap": number(point.predicted_gap),
        "gradient_norm": number(point.gradient_norm),
        "kind": point.kind,
    }


def _difference(found: Difference | None) -> dict[str, Any] | None:
    """F and the sum in nats at a stationary point (`gradient_norm`), and the point itself."""
    if found is None:
        return None
    return {
        "elbo": found.left,
        "entropy_sum": found.right,
        "gradient_norm": found.gradient_norm,
        **({"where": found.where} if found.where else {}),
        "at": dict(found.at),
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in values.items()}


def number(value: float) -> float | None:
    """JSON has no NaN and no infinity: they become null."""
    return float(value) if math.isfinite(value) else None
