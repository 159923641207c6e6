"""Entropies as numbers: -E[log p] of scalar conditionals by a double-exponential rule or a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mpmath import mp
from sympy import Expr

from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.quadrature import Nodes, rule
from entropy_proofs.evaluate.random_values import number, random_instance, random_sizes
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.declarations import ModelTerm
from entropy_proofs.model.model import Model
from entropy_proofs.refute.witness import DIGITS, Difference, differ, place, scalar, show, to_mp

_STEP = mp.mpf(1) / 64  # of the double-exponential rule
_REACH = 340  # nodes on either side
_CLOSE = {"mpmath": 1e-28, "numpy": 1e-9}  # how close to one a density must integrate
_COUNTS = 400  # terms of a sum without end
_ATTEMPTS = 3


def entropy_difference(
    model: Model, terms: Sequence[ModelTerm], claimed: Expr
) -> Difference | None:
    """A random point at which a claimed entropy of these conditionals is another number, or None.

    It is confirmed at twice the digits.
    """
    if any(t.event or t.aliases for t in terms):
        return None
    code = ModelCode(model, "mpmath")
    try:
        kernel = code.compile({"claimed": (code.batch.write(claimed), (POINT, SAMPLE))})
        entropies = [NumericEntropy(code, t) for t in terms]
    except (NotImplementedError, TypeError):
        return None  # a function without a numeric form
    rng = np.random.default_rng(4)
    for _ in range(_ATTEMPTS):
        with mp.workdps(2 * DIGITS + 20):
            sizes = {**random_sizes(model, rng, high=2), POINTS.name: 1, SAMPLES.name: 1}
            values = random_instance(code, rng, sizes, to_mp)
        seen = []
        for digits in (2 * DIGITS + 20, DIGITS + 10):
            with mp.workdps(digits):
                try:
                    derived = sum(e(sizes, values) for e in entropies)
                except ArithmeticError:
                    break
                left = mp.mpmathify(scalar(kernel(sizes, values)["claimed"]))
                if not differ(left, derived):
                    break
                seen.append(Difference(show(left), show(derived), place(model, sizes, values)))
        if len(seen) == 2 and (seen[0].left, seen[0].right) == (seen[1].left, seen[1].right):
            return seen[0]
    return None


class NumericEntropy:
    """-E[log p] of a scalar conditional, summed over its coordinates."""

    def __init__(self, code: ModelCode, term: ModelTerm):
        self.term, self.backend = term, code.backend
        self.variable = code.model.variables[term.variable]
        self.others = [v for v in code.model.variables if v != term.variable]
        indices = tuple(i for i, _ in term.plates)
        written = code.batch.write(term.log_density)
        self.kernel = code.compile(
            {"log_p": (written, (POINT, SAMPLE, *indices))}, dict(term.plates)
        )
        self.known: dict[str, Any] = {}
        self.rules: dict[tuple[float, ...], Nodes] = {}

    def __call__(self, sizes: Mapping[str, int], values: Mapping[str, Any]) -> Any:
        used = sorted(s.name for s in self.term.log_density.free_symbols if s.name in values)
        at = str(mp.dps) + str([values[n] for n in used if n != self.variable.name])
        if at not in self.known:
            self.known[at] = self._integral(sizes, values)
        return self.known[at]

    def _rule(self, known: Mapping[str, Any], step: Any, exact: bool) -> Nodes:
        bounds = [number(b, known) for b in self.term.support.bounds]
        if any(isinstance(b, np.ndarray) for b in bounds):
            raise ArithmeticError(f"{self.term.name}: no one rule for supports that differ")
        key = (mp.dps, *bounds)
        if key not in self.rules:
            self.rules[key] = rule(self.term.support, known, step, _REACH, _COUNTS, exact)
        return self.rules[key]

    def _integral(self, sizes: Mapping[str, int], values: Mapping[str, Any]) -> Any:
        exact = self.backend == "mpmath"
        step = _STEP if exact else float(_STEP)
        known = {**values, **sizes}
        nodes, weights = self._rule(known, step, exact)
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
        if self.term.support == REAL:  # from the mode on, wherever that is
            own += nodes[np.argmax(log_p, axis=0)].reshape(shape)
            log_p = log_density()
        if exact:
            mass = weights[:, None] * np.frompyfunc(mp.exp, 1, 1)(log_p)
        else:
            mass = weights[:, None] * np.exp(log_p)
            log_p = np.where(mass > 0, log_p, 0.0)
        if not np.all(abs(mass.sum(axis=0) - 1) < _CLOSE[self.backend]):
            raise ArithmeticError("the rule does not resolve the density")
        return -(mass * log_p).sum()
