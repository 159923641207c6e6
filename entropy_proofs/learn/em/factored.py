"""The E-step where q has arrays of its own: chains, and conjugate models beyond Gaussians.

q is a product over the latents of factors whose expectations have a closed form, Markov over time
for chains; each is the best given the others, by a step of length one along the natural gradient
(`q/best.py`), which for a chain is forward-backward or the smoother.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, AnalyticBatch
from entropy_proofs.evaluate.compiled import batch_for
from entropy_proofs.evaluate.random_values import shape_value
from entropy_proofs.learn.bound import Bound
from entropy_proofs.learn.em.posterior import Arrays, EStep, ESteps, NoPosterior
from entropy_proofs.points.sequences import Sequences
from entropy_proofs.proving.proof import Proof
from entropy_proofs.q.best import best, start
from entropy_proofs.q.factor import NotAnalytic


@lru_cache(maxsize=16)
def factored_bound(proof: Proof) -> Bound:
    """The bound in closed form, with Markov q of chains; those made last are kept compiled.

    Raises:
        NoPosterior: an expectation has no closed form.
    """
    try:
        batch = batch_for(proof.model, "numpy", "analytic", "full", chains="markov")
        return Bound(proof, "numpy", batch, None)
    except NotAnalytic as error:
        raise NoPosterior(str(error)) from None


class Factored:
    """The best q of some data points, each factor given the others.

    Args:
        bound: of `factored_bound`.
        data: observed variables (N, ...).

    Raises:
        NoPosterior: a factor's posterior is not of its family.
    """

    def __init__(self, bound: Bound, sizes: dict[str, int], given: Arrays, data: Arrays):
        assert isinstance(bound.batch, AnalyticBatch)
        self.bound, self.given, self.data = bound, {**given, **data}, data
        points = len(next(iter(data.values())))
        self.sizes = {**sizes, POINTS.name: points, SAMPLES.name: 1}
        self.factors = bound.batch.factors
        shapes = {s.name: shape_value(n, self.sizes) for s, n in bound.batch.shapes().items()}
        self._q = start(self.factors, shapes)
        self._conjugate = False

    def e_step(self, values: Arrays) -> EStep:
        """The best q of all data points, from the last one, and F."""
        arrays = {**self.given, **values}
        code = self.bound.code

        def slopes(q: Any, names: set[str]) -> Arrays:
            return code.slopes_of_q(self.sizes, {**arrays, **q}, names)

        if self.factors:
            try:
                self._q = best(self.factors, self._q, slopes, self._conjugate)
            except InputError as error:
                if self._conjugate:
                    raise FloatingPointError(str(error)) from None
                raise NoPosterior(str(error)) from None
            self._conjugate = True
        value = float(code.elbo(self.sizes, {**arrays, **self._q}))
        return EStep(self.sizes, {**self.data, **self._q}, value, value)

    def infer(self, values: Arrays) -> tuple[float, Arrays]:
        """F, and q's arrays, with the latents' means."""
        found = self.e_step(values)
        q = {n: found.arrays[n] for n in self._q}
        means = self.bound.means(self.sizes, {**self.given, **values, **q})
        return found.value, {**{f"{n}.mean": np.asarray(m) for n, m in means.items()}, **q}


class FactoredSequences:
    """The best q of sequences of different lengths; those of one length are a batch.

    Args:
        values: parameters at which it is tried.

    Raises:
        NoPosterior: a factor's posterior is not of its family.
    """

    def __init__(
        self, bound: Bound, sizes: dict[str, int], given: Arrays, data: Sequences, values: Arrays
    ):
        self.bound, self.data = bound, data
        self.groups = [
            (which, Factored(bound, {**sizes, data.time: length}, given, own))
            for length, which, own in data.groups()
        ]
        self.e_step(values)

    def e_step(self, values: Arrays) -> ESteps:
        """The best q of all sequences, from the last one, and F."""
        count = self.data.count
        return ESteps(tuple((len(which) / count, own.e_step(values)) for which, own in self.groups))

    def infer(self, values: Arrays) -> tuple[float, Arrays]:
        """F, and q's arrays with the latents' means, in the order of the sequences."""
        found = [(which, *own.infer(values)) for which, own in self.groups]
        value = sum(len(which) * own for which, own, _ in found) / self.data.count
        arrays = {
            name: self.data.joined([(which, q[name]) for which, _, q in found], over_time)
            for name, over_time in self._over_time(found[0][2]).items()
        }
        return float(value), arrays

    def _over_time(self, q: Arrays) -> dict[str, bool]:
        """Whether an array of q, or a latent's mean, has an axis for the steps, which is first."""
        variables = self.bound.model.variables
        shapes = {s.name: n[1:] for s, n in self.bound.batch.shapes().items()}
        shapes |= {f"{v.name}.mean": v.shape for v in variables.values()}
        return {
            name: any(self.data.time == s.name for n in shapes[name][:1] for s in symbols_in(n))
            for name in q
        }
