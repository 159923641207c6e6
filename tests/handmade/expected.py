"""What a hand derivation gives for a model, and the entropies of textbook distributions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import digamma, gammaln

Formula = Callable[[Any], Any]
NORMAL = np.log(2 * np.pi * np.e) / 2


@dataclass(frozen=True)
class Expected:
    """entropies and fields: by term and parameter name.  pseudo: terms with a base measure."""

    entropies: dict[str, Formula]
    fields: dict[str, Formula] = field(default_factory=dict)
    flows: dict[str, float] = field(default_factory=dict)
    pseudo: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    verdict: str = "proved"


def normal_entropy(variance: Any) -> Any:
    return np.sum(NORMAL + np.log(variance) / 2)


def gamma_entropy(a: Any, b: Any) -> Any:
    return np.sum(a - np.log(b) + gammaln(a) + (1 - a) * digamma(a))


def beta_entropy(a: Any, b: Any) -> Any:
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    return log_beta - (a - 1) * digamma(a) - (b - 1) * digamma(b) + (a + b - 2) * digamma(a + b)


def bernoulli_entropy(p: Any) -> Any:
    return np.sum(-p * np.log(p) - (1 - p) * np.log(1 - p))


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def poisson_pseudo(log_rate: Any) -> Any:
    return np.sum(np.exp(log_rate) - log_rate * np.exp(log_rate))
