"""A conditional as an exponential family, read off its normalised log density.

    log p(v | a; theta) = sum_i eta_i(a; theta) T_i(v) - A(a; theta) + log h(v)

Nothing is typed per family: the log density is expanded into products, what holds v is taken apart
from what holds parameters and parents, and the result is expanded back and compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Mono, Polynomial, is_integer, length, symbols_in
from entropy_proofs.algebra.sums import fresh, open_sum, sum_over_all
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.arrays.display import pretty
from entropy_proofs.families.spaces import Category, Counts
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.proof.term_results import conditional

Axes = tuple[tuple[Symbol, Expr], ...]
_TRIGONOMETRIC = (sp.cos, sp.sin)


@dataclass(frozen=True)
class Block:
    """Natural parameters and sufficient statistics at the generic place of an array.

    axes: the array's indices with their sizes, none for a number.
    minimal: the last component is zero (there are K - 1 natural parameters for K categories).
    """

    axes: Axes
    natural: Expr
    statistic: Expr
    minimal: bool = False


@dataclass(frozen=True)
class ExponentialFamily:
    """One generic coordinate of a conditional; all expressions in nats.

    log_base_measure: a function of v and known constants.
    log_partition: A, a function of parents and parameters.
    """

    blocks: tuple[Block, ...]
    log_base_measure: Expr
    log_partition: Expr

    def expanded(self) -> Polynomial:
        """sum eta T - A + log h."""
        total = normal(self.log_base_measure) - normal(self.log_partition)
        for b in self.blocks:
            part = normal(b.natural * b.statistic)
            total = total + sum_over_all(part, reversed(b.axes))
        return total


@dataclass(frozen=True)
class NoExponentialFamily:
    """Why a conditional is none in its declared arguments: what does not come apart."""

    part: Expr


def exponential_family(
    model: Model, term: ModelTerm, log_base_measure: Expr | None = None
) -> ExponentialFamily | NoExponentialFamily:
    """The conditional's exponential form, checked by expanding it back.

    log_base_measure: log h of a generic coordinate where it is known, as from an identity; else it
        is what holds v and no parameter or parent, and shares no statistic with what does.

    >>> import entropy_proofs as ep
    >>> model = ep.load("gamma_gamma")
    >>> found = exponential_family(model, model.terms[0])
    >>> [(b.statistic, b.natural) for b in found.blocks], found.log_partition
    ([(r, -b), (log(r), a - 1)], -a*log(b) + loggamma(a))
    """
    stated = conditional(model, term)
    varying = frozenset(model.learned()) | stated.parents
    log_h = normal(log_base_measure) if log_base_measure is not None else None
    density = normal(_without_angles(term.log_density, stated.own, varying))
    rest = stated.applied(density - log_h) if log_h is not None else density
    if isinstance(term.support, Category):
        found = _of_categories(term, rest, log_h, varying)
    else:
        try:
            found = _Separation(stated.own, varying).of(rest, log_h)
        except _Mixed as mixed:
            return NoExponentialFamily(mixed.part)
        if isinstance(term.support, Counts):
            found = _of_counts(found, term)
    if not is_zero(stated.applied(found.expanded() - density)):
        return NoExponentialFamily(term.log_density)
    return found


class _Mixed(Exception):
    """A factor that holds v and what varies besides, and does not come apart."""

    def __init__(self, part: Expr):
        self.part = part


class _Separation:
    """own: labels of v.  varying: of learned parameters and parents."""

    def __init__(self, own: frozenset[Symbol], varying: frozenset[Symbol]):
        self.own, self.varying = own, varying

    def of(self, p: Polynomial, log_h: Polynomial | None) -> ExponentialFamily:
        """With v alone left to log h, where that is not given."""
        blocks: dict[tuple[Expr, tuple[Expr, ...]], Block] = {}
        alone: list[tuple[tuple[Expr, tuple[Expr, ...]], Block]] = []
        partition = []
        for mono, c in p:
            for factors, axes, scale in self._opened(mono, c):
                statistic, others = self._apart(factors)
                if statistic == 1:
                    partition.append(sum_over_all(others.scale(scale), axes))
                    continue
                kept = tuple(a for a in axes if a[0] in symbols_in(statistic))
                natural = sum_over_all(others.scale(scale), tuple(a for a in axes if a not in kept))
                block, key = _canonical(kept, natural, statistic)
                if log_h is None and not symbols_in(natural.expr()) & self.varying:
                    alone.append((key, block))
                else:
                    blocks[key] = _added(blocks.get(key), block)
        base = [] if log_h is None else [log_h]
        for key, block in alone:
            if key in blocks:
                blocks[key] = _added(blocks[key], block)
            else:
                base.append(sum_over_all(normal(block.natural * block.statistic), block.axes))
        ordered = sorted(map(_shown, blocks.values()), key=_rank)
        return ExponentialFamily(
            tuple(ordered),
            pretty(Polynomial.sum(base).expr()),
            pretty((-Polynomial.sum(partition)).expr()),
        )

    def _opened(
        self, mono: Mono, c: Fraction | int
    ) -> Iterator[tuple[list[tuple[Expr, Fraction | int]], Axes, Fraction | int]]:
        """The factors with sums over v opened, and the indices of these."""
        for a, e in mono:
            if isinstance(a, Sum) and self._own(a) and is_integer(e) and e > 0:
                rest = Polynomial({mono - {(a, e)} | ({(a, e - 1)} if e > 1 else frozenset()): c})
                avoid = frozenset().union(*(symbols_in(b) for b, _ in mono))
                indices, summand = open_sum(a, avoid)
                for m, k in rest * summand:
                    for factors, axes, scale in self._opened(m, k):
                        yield factors, (*indices, *axes), scale
                return
        yield sorted(mono, key=lambda f: str(f[0])), (), c

    def _apart(self, factors: Iterable[tuple[Expr, Fraction | int]]) -> tuple[Expr, Polynomial]:
        """T(v), and what is free of v.  Raises _Mixed."""
        statistic: Expr = sp.Integer(1)
        others = Polynomial.number(1)
        for a, e in factors:
            power = sp.Rational(e.numerator, e.denominator)
            if not self._own(a):
                others = others * Polynomial.atom(a, e)
            elif not symbols_in(a) & self.varying:
                statistic *= a**power
            elif isinstance(a, sp.exp):
                inside, outside = self._exponent(a.args[0])
                statistic *= sp.exp(power * inside)
                others = others * normal(sp.exp(power * outside))
            else:
                raise _Mixed(a)
        return statistic, others

    def _exponent(self, exponent: Expr) -> tuple[Expr, Expr]:
        """exp(g(v) + f(a; theta)) is a product."""
        inside: list[Expr] = []
        outside: list[Expr] = []
        for m, k in normal(exponent):
            part = Polynomial({m: k}).expr()
            if self._own(part) and symbols_in(part) & self.varying:
                raise _Mixed(sp.exp(exponent))
            (inside if self._own(part) else outside).append(part)
        return sp.Add(*inside), sp.Add(*outside)

    def _own(self, a: Expr) -> bool:
        return bool(symbols_in(a) & self.own)


def _canonical(
    axes: Axes, natural: Polynomial, statistic: Expr
) -> tuple[Block, tuple[Expr, tuple[Expr, ...]]]:
    """The block with its indices named by their order, and what tells it from others."""
    avoid = symbols_in(natural.expr()) | symbols_in(statistic)
    named: dict[Expr, Symbol] = {}
    for i, n in axes:
        named[i] = fresh(avoid | set(named.values()), n)
    shown = statistic.xreplace(named)
    ordered = tuple((named[i], n) for i, n in axes)
    marks = {i: Symbol(f"*{k}") for k, (i, _) in enumerate(ordered)}
    key = shown.xreplace(marks), tuple(n for _, n in ordered)
    return Block(ordered, natural.expr().xreplace(named), shown), key


def _added(first: Block | None, second: Block) -> Block:
    if first is None:
        return second
    renamed = dict(zip((i for i, _ in second.axes), (i for i, _ in first.axes), strict=True))
    total = normal(first.natural) + normal(second.natural.xreplace(renamed))
    return Block(first.axes, total.expr(), first.statistic)


def _shown(b: Block) -> Block:
    """With its natural parameter in the shorter form."""
    return Block(b.axes, min(b.natural, pretty(b.natural), key=length), b.statistic)


def _rank(b: Block) -> tuple[int, int, str]:
    return len(b.axes), len(str(b.statistic)), str(b.statistic)


def _of_categories(
    term: ModelTerm, p: Polynomial, log_h: Polynomial | None, varying: frozenset[Symbol]
) -> ExponentialFamily:
    """T_k = delta_vk and eta_k = f(k) - f(K), for log p = f(v)."""
    indices = tuple(i for i, _ in term.plates)
    own = nodes.element(term.value, indices)
    size = term.support.bounds[0]
    whole = p.expr()
    if log_h is None and not symbols_in(whole) & varying:
        return ExponentialFamily((), whole, sp.Integer(0))
    k = fresh(symbols_in(whole), size)
    last = normal(whole.xreplace({own: size - 1}))
    natural = normal(whole.xreplace({own: k})) - last
    shown = _turned(pretty(natural.expr()))
    block = Block(((k, size),), shown, KroneckerDelta(k, own), minimal=True)
    base = log_h.expr() if log_h is not None else sp.Integer(0)
    return ExponentialFamily((block,) if natural else (), base, pretty((-last).expr()))


def _turned(expr: Expr) -> Expr:
    """log(b / a) for -log(a / b)."""
    if isinstance(-expr, sp.log):
        return sp.log(1 / (-expr).args[0])
    return expr


def _of_counts(found: ExponentialFamily, term: ModelTerm) -> ExponentialFamily:
    """sum_k v_k = n leaves K - 1 natural parameters: eta_k - eta_K, and n eta_K to A."""
    blocks, partition = [], normal(found.log_partition)
    for b in found.blocks:
        linear = isinstance(b.statistic, Indexed) and b.statistic.base.label == term.value
        if not linear or len(b.axes) != 1:
            blocks.append(b)
            continue
        ((i, size),) = b.axes
        last = normal(b.natural.xreplace({i: size - 1}))
        natural = normal(b.natural) - last
        blocks.append(Block(b.axes, _turned(pretty(natural.expr())), b.statistic, minimal=True))
        own = term.support.at([i for i, _ in term.plates])
        partition = partition - normal(own.bounds[0]) * last
    return ExponentialFamily(tuple(blocks), found.log_base_measure, pretty(partition.expr()))


def _without_angles(expr: Expr, own: frozenset[Symbol], varying: frozenset[Symbol]) -> Expr:
    """cos(v - m) = cos v cos m + sin v sin m."""

    def mixed(e: Expr) -> bool:
        names = symbols_in(e)
        return isinstance(e, _TRIGONOMETRIC) and bool(names & own) and bool(names & varying)

    return expr.replace(mixed, lambda e: sp.expand_trig(e))
