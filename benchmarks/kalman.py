"""EM for linear dynamical systems, written by hand in NumPy: a peer of the generated one.

Sequences of one length share their covariances, so that these are made once for all sequences.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Arrays = dict[str, Any]


def linear_dynamical_system(values: Arrays, x: Any) -> tuple[Arrays, float]:
    """Parameters and sequences (N, T, D) -> the next parameters, and F: PRML, section 13.3."""
    m, P, A, Q, C, R = (values[n] for n in ("m", "P", "A", "Q", "C", "R"))
    N, T, D = x.shape
    H = len(m)
    means, spreads = np.empty((T, N, H)), np.empty((T, H, H))
    before, predicted = np.empty((T, N, H)), np.empty((T, H, H))
    mean, spread, value = np.broadcast_to(m, (N, H)), P, 0.0
    for t in range(T):
        before[t], predicted[t] = mean, spread
        S = C @ spread @ C.T + R
        gain = np.linalg.solve(S, C @ spread).T
        away = x[:, t] - mean @ C.T
        square = (away * np.linalg.solve(S, away.T).T).sum(axis=1)
        value -= (square.mean() + np.linalg.slogdet(2 * np.pi * S)[1]) / 2
        means[t] = mean + away @ gain.T
        spreads[t] = spread - gain @ C @ spread
        mean, spread = means[t] @ A.T, A @ spreads[t] @ A.T + Q
    lags = np.empty((T - 1, H, H))
    for t in range(T - 2, -1, -1):
        back = np.linalg.solve(predicted[t + 1], A @ spreads[t]).T
        means[t] += (means[t + 1] - before[t + 1]) @ back.T
        lags[t] = spreads[t + 1] @ back.T
        spreads[t] += back @ (spreads[t + 1] - predicted[t + 1]) @ back.T
    moment = np.einsum("tni,tnj->tij", means, means) / N + spreads
    lagged = (np.einsum("tni,tnj->tij", means[1:], means[:-1]) / N + lags).sum(axis=0)
    early, late, whole = moment[:-1].sum(axis=0), moment[1:].sum(axis=0), moment.sum(axis=0)
    seen = np.einsum("ntd,tnh->dh", x, means) / N
    new_m, new_a = means[0].mean(axis=0), np.linalg.solve(early, lagged.T).T
    new_c = np.linalg.solve(whole, seen.T).T
    flat = x.reshape(-1, D)
    noise = flat.T @ flat / N - new_c @ seen.T
    return {
        "m": new_m, "P": moment[0] - np.outer(new_m, new_m), "A": new_a,
        "Q": _even(late - new_a @ lagged.T) / (T - 1), "C": new_c, "R": _even(noise) / T,
    }, float(value)  # fmt: skip


def _even(a: Any) -> Any:
    """Symmetric to the last bit."""
    return (a + a.T) / 2
