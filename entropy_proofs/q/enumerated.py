"""q over the joint states of discrete latents: the best one given the rest, as in exact EM."""

from __future__ import annotations

from typing import Any

import numpy as np

from entropy_proofs.families.number_functions import is_exact, logsumexp
from entropy_proofs.families.spaces import BINARY
from entropy_proofs.model.declarations import Variable


def best_weights(by_state: Any, xp: Any = np) -> tuple[Any, Any]:
    """Weights (N, states) proportional to exp(by_state), and (1/N) sum_n H[q^(n)].

    Args:
        by_state: E_q[log p(x, z)] given each state, per weight of H[q]: floats, or balls.
        xp: NumPy, or what floats are traced by.
    """
    log_weights = _normalised(by_state, xp)
    weights = xp.exp(log_weights)
    if xp is not np or not is_exact(weights):  # 0 for a weight that underflows
        log_weights = xp.where(weights > 0, log_weights, 0.0)
    return weights, -(weights * log_weights).sum() / len(by_state)


def marginals(latent: Variable, states: Any, weights: Any) -> dict[str, Any]:
    """Of one latent with these values (states, ...), by weights (N, states) of the joint states.

    "z.probability" of bits, else "z.probabilities" along a last axis, by name.
    """
    values = np.arange(int(states.min()), int(states.max()) + 1)
    p = np.tensordot(weights, (states[..., None] == values).astype(float), axes=1)
    bits = latent.support == BINARY
    return {f"{latent.name}.{'probability' if bits else 'probabilities'}": p[..., 1] if bits else p}


def _normalised(by_state: Any, xp: Any) -> Any:
    if xp is np:
        return by_state - logsumexp(by_state, axis=1)
    shifted = by_state - by_state.max(axis=1, keepdims=True)
    return shifted - xp.log(xp.exp(shifted).sum(axis=1, keepdims=True))
