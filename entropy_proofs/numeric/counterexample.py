"""F differs from the sum of entropies: a stationary point that shows it, to 30 digits.

Where a conditional has no identity its entropy is computed numerically, by a double-exponential
rule (or a sum), so that the plain sum of entropies has a value to compare the ELBO with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from mpmath import mp

from entropy_proofs.declarations import Term
from entropy_proofs.numeric.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.numeric.constructed import Sides, stationary_point
from entropy_proofs.numeric.evaluate import ModelCode
from entropy_proofs.numeric.quadrature import rule
from entropy_proofs.numeric.witness import Difference, scalar
from entropy_proofs.results import latent_motions, weighed_alike

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof
    from entropy_proofs.results import TermResult

_STEP = mp.mpf(1) / 64  # of the double-exponential rule
_REACH = 340  # nodes on either side
_CLOSE = {"mpmath": 1e-28, "numpy": 1e-9}  # how close to one a density must integrate
_COUNTS = 400  # terms of a sum without end


def counterexample(proof: Proof) -> Difference | None:
    """A stationary point at which F differs from the plain sum of entropies, or None.

    Left is F and right the sum, both without H[q].
    """
    failing = [t for t in proof.terms if not t.holds or t.fixes_scale]
    if not failing or any(t.term.event or t.term.aliases for t in failing):
        return None
    exact, rough = (_sides(proof, failing, backend) for backend in ("mpmath", "numpy"))
    flows = {f.variable for f in proof.identity.flows} if proof.identity else set()
    flows |= {m.name for m in latent_motions(proof.model) if not weighed_alike(proof.model, m)}
    try:
        found = stationary_point(proof.model, flows, exact, rough)
    except ArithmeticError:
        return None
    return found and replace(found, sides=("F is", "the sum of entropies"))


def _sides(proof: Proof, failing: list[TermResult], backend: str) -> Sides:
    """F and the sum of entropies at one data point, without H[q]."""
    code = ModelCode(proof.model, backend)
    batch = code.batch
    numeric = [_NumericEntropy(code, t.term) for t in failing]
    weights = code.compile({t.variable: (batch.write(t.weight), ()) for t in failing})
    names = {t.variable for t in failing}
    holding = [
        t.weight * batch.over_plates(t.term, t.identity.log_base_measure - t.identity.entropy)
        for t in proof.terms
        if t.identity is not None and t.variable not in names
    ]
    outputs = {"F": batch.log_joint, "S": sp.Add(*holding)}
    kernel = code.compile({name: (e, (POINT, SAMPLE)) for name, e in outputs.items()})

    def sides(sizes: Mapping[str, int], values: Mapping[str, Any]) -> tuple[Any, Any]:
        if backend == "numpy":
            values = {k: np.asarray(v, dtype=float) for k, v in values.items()}
        with np.errstate(all="ignore"):
            found = kernel(sizes, values)
            weight = weights(sizes, values)
            entropies = sum(weight[e.term.name] * e(sizes, values) for e in numeric)
        return scalar(found["F"]), scalar(found["S"]) - entropies

    return sides


class _NumericEntropy:
    """-E[log p] of a scalar conditional, summed over its coordinates."""

    def __init__(self, code: ModelCode, term: Term):
        self.term, self.backend = term, code.backend
        self.variable = code.model.variables[term.variable]
        self.others = [v for v in code.model.variables if v != term.variable]
        indices = tuple(i for i, _ in term.plates)
        written = code.batch.write(term.log_density)
        self.kernel = code.compile(
            {"log_p": (written, (POINT, SAMPLE, *indices))}, dict(term.plates)
        )
        self.known: dict[str, Any] = {}

    def __call__(self, sizes: Mapping[str, int], values: Mapping[str, Any]) -> Any:
        used = sorted(s.name for s in self.term.log_density.free_symbols if s.name in values)
        at = str([values[n] for n in used if n != self.variable.name])
        if at not in self.known:
            self.known[at] = self._integral(sizes, values)
        return self.known[at]

    def _integral(self, sizes: Mapping[str, int], values: Mapping[str, Any]) -> Any:
        exact = self.backend == "mpmath"
        step = _STEP if exact else float(_STEP)
        known = {**values, **sizes}
        nodes, weights = rule(self.term.support, known, step, _REACH, _COUNTS, exact)
        shape = np.shape(values[self.variable.name])[1:]
        batch = {n: np.repeat(values[n], len(nodes), axis=0) for n in self.others}
        own = np.empty((len(nodes), *shape), dtype=nodes.dtype)
        own[...] = nodes.reshape(-1, *[1] * len(shape))

        def log_density() -> Any:
            point = {**values, **batch, self.variable.name: own}
            kernel_sizes = {**sizes, POINTS.name: len(nodes), SAMPLES.name: 1}
            found = np.asarray(self.kernel(kernel_sizes, point)["log_p"], dtype=nodes.dtype)
            return found.reshape(len(nodes), -1)

        log_p = log_density()
        if self.term.support.kind == "real":  # from the mode on, wherever that is
            own += nodes[np.argmax(log_p, axis=0)].reshape(shape)
            log_p = log_density()
        mass = weights[:, None] * np.frompyfunc(mp.exp, 1, 1)(log_p)
        if self.backend == "numpy":
            mass = weights[:, None] * np.exp(log_p)
            log_p = np.where(mass > 0, log_p, 0.0)
        if not np.all(abs(mass.sum(axis=0) - 1) < _CLOSE[self.backend]):
            raise ArithmeticError("the rule does not resolve the density")
        return -(mass * log_p).sum()
