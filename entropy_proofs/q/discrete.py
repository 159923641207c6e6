"""Probabilities as q of discrete latents."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy import ndarray
from scipy import special
from sympy import Expr

from entropy_proofs.arrays.array import generate
from entropy_proofs.families.multivariate import Categorical
from entropy_proofs.families.scalar import Bernoulli
from entropy_proofs.families.spaces import SIMPLEX, UNIT_INTERVAL
from entropy_proofs.q.factor import Arrays, At, Factor, NotAnalytic, Shape


class BernoulliFactor(Factor):
    """A binary latent, by the probability of 1."""

    family: ClassVar = "Bernoulli"
    domains: ClassVar = {"probability": UNIT_INTERVAL}

    def mean(self, at: At) -> Expr:
        return self.element("probability", at)

    def variance(self, at: At) -> Expr:
        return self.mean(at) * (1 - self.mean(at))

    def log_density(self, at: At) -> Expr:
        return Bernoulli(probability=self.mean(at)).log_density(self.value(at))

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        moved = special.logit(q["probability"]) + slope["probability"]
        return {"probability": special.expit(moved)}


class CategoricalFactor(Factor):
    """A category, by its probabilities along a last axis; it is summed over, not averaged."""

    family: ClassVar = "categorical"
    domains: ClassVar = {"probabilities": SIMPLEX}

    def shapes(self) -> dict[str, Shape]:
        return {"probabilities": (*self.variable.shape, *self.variable.support.bounds)}

    def mean(self, at: At) -> Expr:
        raise NotAnalytic(f"no closed form is known for the mean of {self.variable.name}")

    def variance(self, at: At) -> Expr:
        return self.mean(at)

    def log_density(self, at: At) -> Expr:
        sizes = self.variable.support.bounds
        probabilities = generate(lambda k: self.element("probabilities", (*at, k)), sizes)
        return Categorical(probabilities=probabilities).log_density(self.value(at))

    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        weights = slope["probabilities"] + np.log(q["probabilities"])
        return {"probabilities": special.softmax(weights, axis=-1)}
