"""Whether a log joint is quadratic in its continuous latents, so that sigma points are exact."""

from __future__ import annotations

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.evaluate.model_code import ModelCode


def is_quadratic(code: ModelCode, observed: bool = False) -> bool:
    """Whether no second derivative by the latents contains a latent (proved) or not (open).

    observed: the same of latents and observed variables together.
    """
    batch = code.batch
    variables = code.model.variables.values()
    labels = {v.label for v in variables if observed or not v.observed}
    for label in labels:
        slope, _ = derivative(batch.log_joint, label, batch.shape(label))
        for other in labels:
            marked = derivative(slope, other, batch.shape(other))[0]
            if symbols_in(marked) & labels:
                return False
    return True
