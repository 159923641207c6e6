"""What F is compared with at a proved point: the proved sum, and the plain sum of entropies.

Where a conditional has no entropy identity, or only one with a base measure, its own entropy is
still a number: a finite sum, or what the identity of its family gives when all arguments are free.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from sympy import Expr

from entropy_proofs.algebra.nodes import element, index
from entropy_proofs.code.backends.dual import whole_or_dual
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.families.spaces import BINARY
from entropy_proofs.judge.family_entropies import coordinate_entropies
from entropy_proofs.model.declarations import ModelTerm
from entropy_proofs.model.model import Model
from entropy_proofs.proof.term_results import TermResult


class Comparison:
    """F - S on enclosures of all arrays.

    Args:
        code: the proof's functions on duals.
        entropy_sum: what to compare F without H[q] with instead, averaged over data and q.
    """

    def __init__(self, code: ProofCode, entropy_sum: Expr | None = None):
        self.code, self.given = code, entropy_sum

    def gaps(
        self, sizes: Mapping[str, int], arrays: Mapping[str, Any], elbo: arb
    ) -> tuple[arb | None, arb | None]:
        """F minus the given or proved sum, and minus the plain one where that is another."""

        def minus(kernel: Kernel | None) -> arb | None:
            return None if kernel is None else elbo - number(kernel(sizes, arrays)["sum"])

        if self.given is not None:
            return minus(self._compiled(self.code.batch.write(self.given))), None
        if self.code.proof.identity is None:
            return None, minus(self._plain)
        return elbo - number(self.code.entropy_sum(sizes, arrays)), minus(self._plain)

    @cached_property
    def _plain(self) -> Kernel | None:
        terms = self.code.proof.terms
        if all(t.holds and not t.fixes_scale for t in terms):
            return None
        total = sp.Integer(0)
        for t in terms:
            entropy = plain_entropy(self.code.model, t)
            if entropy is None:
                return None
            total -= t.weight * self.code.batch.over_plates(t.term, entropy)
        return self._compiled(total)

    def _compiled(self, expr: Expr) -> Kernel:
        return self.code.compile({"sum": (self.code.batch.average(expr), ())})


def plain_entropy(model: Model, result: TermResult) -> Expr | None:
    """H of one coordinate, as a function of parents and parameters; None if it isn't known."""
    term, identity = result.term, result.identity
    if identity is not None and not result.fixes_scale:
        return identity.entropy - identity.log_base_measure
    if term.event or term.aliases:
        return None
    if term.support.few:
        return _finite(term)
    found = None if term.support.discrete else coordinate_entropies(model, [term])
    return found and found[0]


def _finite(term: ModelTerm) -> Expr:
    """-sum_v p(v) log p(v)."""
    own = element(term.value, [i for i, _ in term.plates])
    if term.support == BINARY:
        logs = [term.log_density.xreplace({own: sp.Integer(v)}) for v in (0, 1)]
        return -sp.Add(*(sp.exp(p) * p for p in logs))
    (count,) = term.support.bounds
    v = index("v@", count)
    p = term.log_density.xreplace({own: v})
    return -sp.Sum(sp.exp(p) * p, (v, 0, count - 1))


def number(value: Any) -> arb:
    """The ball of a dual, maybe in an array without axes."""
    return whole_or_dual(np.asarray(value, dtype=object).item()).value
