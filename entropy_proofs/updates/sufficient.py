"""Sufficient statistics: which averages a solved condition asks of the data and of q.

The optimum of E_q[(x - mu_c)(x - mu_c)^T delta_ck] needs E_q[delta_ck x x^T] and two more averages
that hold no parameter.  They are taken once for a whole M-step, and add up over data points, chunks
and mini-batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import sympy as sp
from sympy import Expr, Lambda, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import at_bound_indices
from entropy_proofs.algebra.nodes import Expectation, index, is_variable, size_of_range
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import replaced, symbols_in
from entropy_proofs.arrays.array import Shape, array_with
from entropy_proofs.claims.optimum import separated
from entropy_proofs.model.model import Model


@dataclass(frozen=True)
class Statistic:
    """(1/N) sum_n E_q[inside], an array with an axis for each of the indices.

    inside: of one data point.  asks: labels of the learned parameters in it, as a rule none.
    """

    inside: Expr
    indices: tuple[Symbol, ...]
    asks: frozenset[Symbol]

    @property
    def shape(self) -> Shape:
        return tuple(_size(i) for i in self.indices)

    @property
    def name(self) -> str:
        """What is averaged, with an index for each axis: E[x[d]*z[h]]."""
        axes = list(zip(self.indices, self.shape, strict=True))
        return f"E[{at_bound_indices(self.inside, axes)}]"

    @property
    def label(self) -> Symbol:
        return Symbol(self.name, real=True)

    @property
    def value(self) -> Expr:
        """What is averaged, a scalar or an array."""
        return array_with(self.inside, self.indices, self.shape)


def in_statistics(element: Expr, model: Model) -> tuple[Expr, tuple[Statistic, ...]]:
    """A solution's element with arrays of statistics in place of its expectations."""
    learned = frozenset(model.learned())
    found: dict[Statistic, None] = {}

    def named(e: Expectation) -> Expr:
        statistic, places = _canonical(e.args[0], learned)
        found[statistic] = None
        return nodes.element(statistic.label, places)

    apart = replaced(element, Expectation, lambda e: _separated(e, model, learned))
    inside = replaced(apart, Sum, _inward)
    written = replaced(inside, Expectation, named)
    return written, tuple(found)


def _separated(e: Expectation, model: Model, learned: frozenset[Symbol]) -> Expr:
    """The expectation in terms of some that hold no parameter; itself if it is no such sum."""
    found = separated(normal(e.args[0]), model).expr()
    if any(symbols_in(a) & learned for a in found.atoms(Expectation)):
        return e
    return found


def _inward(total: Sum) -> Expr:
    """Sums that go over nothing but an expectation are averaged with it."""
    factors = list(sp.Mul.make_args(total.function))
    left = []
    for limit in total.limits:
        own = [f for f in factors if limit[0] in symbols_in(f)]
        if len(own) == 1 and isinstance(own[0], Expectation):
            factors[factors.index(own[0])] = Expectation(Sum(own[0].args[0], limit))
        else:
            left.append(limit)
    product = sp.Mul(*factors)
    return Sum(product, *left) if left else product


# names --------------------------------------------------------------------------------------------
def _canonical(inside: Expr, learned: frozenset[Symbol]) -> tuple[Statistic, tuple[Symbol, ...]]:
    """The statistic whose element it is, the same for all names of indices; and its place there."""
    if inside.has(Sum):  # so that the names of its indices do not depend on what stands around
        inside = normal(inside).expr()
    free = sorted(_free_indices(inside), key=str)
    tried = []
    for order in permutations(free):
        names = tuple(index(f"k{n}", _size(i)) for n, i in enumerate(order))
        tried.append((inside.xreplace(dict(zip(order, names, strict=True))), names, order))
    found, names, order = min(tried, key=lambda t: (str(t[0]), str([_size(i) for i in t[1]])))
    return Statistic(found, names, symbols_in(found) & learned), tuple(order)


def _free_indices(expr: Expr) -> Iterator[Symbol]:
    bound = {i for s in expr.atoms(Sum) for i, *_ in s.limits}
    bound |= {i for a in expr.atoms(Lambda) for i in a.variables}
    for s in symbols_in(expr) - bound:
        if size_of_range(s) is not None and not is_variable(s):
            yield s


def _size(i: Symbol) -> Expr:
    size = size_of_range(i)
    assert size is not None
    return size
