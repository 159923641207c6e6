"""Where the optimum over all parameters, and not only over a block, has a closed form."""

from __future__ import annotations

from collections.abc import Sequence

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.model.model import Model
from entropy_proofs.updates.m_step import Update
from entropy_proofs.updates.principal_axes import PrincipalAxes

ONE_STEP = "one M-step is the global maximum of the likelihood"


def global_optimum(model: Model, updates: Sequence[Update], axes: PrincipalAxes | None) -> str:
    """What is known of it, in words; empty where nothing is."""
    if not model.latents():
        return ONE_STEP if updates and _reached_at_once(model, updates) else ""
    return axes.text if axes is not None and axes.is_global else ""


def _reached_at_once(model: Model, updates: Sequence[Update]) -> bool:
    """Maxima over all blocks, none of which asks for a parameter that is updated after it."""
    left = set(model.learned())
    for u in updates:
        asked = frozenset().union(*(symbols_in(s.element) for s in u.solutions))
        if any(s.axis is not None for s in u.solutions):
            return False  # a slice asks for the others, which are solved after it
        left -= {p.label for p in u.parameters}
        if u.shown != "maximum" or asked & left:
            return False
    return not left
