"""An audit of a large Gaussian mixture against scikit-learn's `score` of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from benchmarks.timing import Ratio

SIZES = {"N": 1_000_000, "D": 20, "K": 10}
TINY = {"N": 200, "D": 3, "K": 2}
ROUNDS = 3
TARGET = 1.5


def audits(tiny: bool = False) -> list[Ratio]:
    """F, S, gap, shares and regularisers; and with them what is left to gain, by ten updates."""
    sizes = TINY if tiny else SIZES
    N, D, K = sizes.values()
    rng = np.random.default_rng(0)
    centres = 3 * rng.normal(size=(K, D))
    x = rng.normal(size=(N, D))
    x += centres[rng.integers(0, K, N)]
    with warnings.catch_warnings(action="ignore"):  # three steps are no fit
        fitted = GaussianMixture(K, max_iter=3, random_state=0, init_params="random_from_data")
        fitted.fit(x[:20_000])
    sides = {
        "score": lambda: fitted.score(x),
        "audit without to_gain": lambda: ep.audit(fitted, x, quick=True),
        "audit with to_gain": lambda: ep.audit(fitted, x),
    }
    seconds = _raced(sides)
    title = f"Audit of a Gaussian mixture, N={N}, D={D}, K={K}, full covariances"
    targets = {"audit without to_gain": TARGET, "audit with to_gain": None}
    return [
        Ratio(
            title,
            f"{name} / scikit-learn's score",
            median(a / b for a, b in zip(seconds[name], seconds["score"], strict=True)),
            min(seconds[name]) / min(seconds["score"]),
            target,
        )
        for name, target in targets.items()
    ]


def _raced(sides: Mapping[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Seconds by side; a round runs every side, after one run that does not count."""
    for run in sides.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, run in sides.items():
            start = perf_counter()
            run()
            seconds[name].append(perf_counter() - start)
    return seconds


__all__ = ["audits"]
