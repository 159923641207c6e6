"""Expectations of what a random index picks out, as sums over the index's values.

E_q[f(theta_c)] = sum_k E_q[delta_kc] f(theta_k): theta is then looked up at places that are not
random, so that its optimum, an expectation over c itself, can be put in for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.algebra.poly import at_places, replaced, symbols_in
from entropy_proofs.algebra.sums import fresh
from entropy_proofs.arrays.array import Shape

Shapes = Mapping[Symbol, Shape]
Limit = tuple[Symbol, Expr, Expr]


def by_category(expr: Expr, shapes: Shapes, data: frozenset[Symbol]) -> Expr:
    """The expression with no element of these arrays picked by a variable under an expectation.

    Args:
        shapes: of the arrays.
        data: the labels that are random.
    """

    def written_out(total: Expr) -> Expr:
        left, done = [], []
        for part in sp.Add.make_args(total.args[0]):
            if any(_random_places(part, shapes, data)):
                done += [_category_sum(*term, shapes, data) for term in _spread(part)]
            else:
                left.append(part)
        return sp.Add(*done, Expectation(sp.Add(*left)) if left else sp.S.Zero)

    return replaced(expr, Expectation, written_out)


def _spread(expr: Expr) -> Iterator[tuple[tuple[Limit, ...], Expr]]:
    """The summands: what is added up, and over which indices."""
    if isinstance(expr, sp.Add):
        for a in expr.args:
            yield from _spread(a)
    elif isinstance(expr, Sum):
        for limits, summand in _spread(expr.function):
            yield (*limits, *expr.limits), summand
    elif isinstance(expr, sp.Mul) and expr.has(Sum, sp.Add):
        inner = next((a for a in expr.args if isinstance(a, (Sum, sp.Add))), None)
        if inner is None:
            yield (), expr
            return
        rest = sp.Mul(*(a for a in expr.args if a != inner))
        for limits, summand in _spread(apart(inner, symbols_in(rest))):
            for more, product in _spread(rest * summand):
                yield (*limits, *more), product
    else:
        yield (), expr


def _category_sum(
    limits: tuple[Limit, ...], summand: Expr, shapes: Shapes, data: frozenset[Symbol]
) -> Expr:
    """sum_k fixed(k) E_q[sum random(k)] of E_q[sum summand]."""
    while (picked := next(_random_places(summand, shapes, data), None)) is not None:
        place, size = picked
        k = fresh(symbols_in(summand) | {i for i, *_ in limits}, size)
        summand = KroneckerDelta(k, place) * summand.xreplace({place: k})
        limits = ((k, sp.S.Zero, size - 1), *limits)
    factors = sp.Mul.make_args(summand)
    fixed = sp.Mul(*(f for f in factors if not symbols_in(f) & data))
    random = sp.Mul(*(f for f in factors if symbols_in(f) & data))
    inside = [l for l in limits if l[0] in symbols_in(random) - symbols_in(fixed)]
    outside = [l for l in limits if l not in inside]
    expected = Expectation(Sum(random, *inside) if inside else random)
    return Sum(fixed * expected, *outside) if outside else fixed * expected


def gathered(expr: Expr) -> Expr:
    """Sums over the same indices as one sum of a product: sum_t a_t x - sum_t a_t y."""
    if not any(isinstance(factor, sp.Add) for factor in sp.Mul.make_args(expr)):
        return expr
    collected: dict[tuple[Limit, ...], list[Expr]] = {}
    for limits, summand in _spread(sp.expand_mul(expr)):
        same = next((known for known in collected if _sizes(known) == _sizes(limits)), limits)
        renaming = {i: j for (i, *_), (j, *_) in zip(limits, same, strict=True)}
        collected.setdefault(same, []).append(at_places(summand, renaming))
    if len(collected) > 1:
        return _gathered_outside(expr)
    ((limits, summands),) = collected.items()
    number, product = _factored(sp.Add(*summands)).as_coeff_Mul()
    return number * (Sum(product, *limits) if limits else product)


def _gathered_outside(expr: Expr) -> Expr:
    """The same where only the outermost sums are over the same indices."""
    number, inside = sp.expand_mul(expr).as_coeff_Mul()
    collected: dict[tuple[Limit, ...], list[Expr]] = {}
    for part in sp.Add.make_args(inside):
        scale, total = part.as_coeff_Mul()
        if not isinstance(total, Sum):
            return _factored(expr)
        same = next((l for l in collected if _sizes(l) == _sizes(total.limits)), total.limits)
        renaming = {i: j for (i, *_), (j, *_) in zip(total.limits, same, strict=True)}
        collected.setdefault(same, []).append(scale * at_places(total.function, renaming))
    if len(collected) > 1:
        return _factored(expr)
    ((limits, summands),) = collected.items()
    more, product = _factored(sp.Add(*summands)).as_coeff_Mul()
    return number * more * Sum(product, *limits)


def _factored(expr: Expr) -> Expr:
    """A product, if the expression is one whose factors are linear in sums and elements."""
    names = {total: sp.Dummy() for total in expr.atoms(Sum)}
    product = sp.factor(expr.xreplace(names))
    return product.xreplace({name: total for total, name in names.items()})


def _sizes(limits: tuple[Limit, ...]) -> list[tuple[Expr, Expr]]:
    return [(low, high) for _, low, high in limits]


def apart(expr: Expr, taken: frozenset[Symbol]) -> Expr:
    """The expression with other names for the indices of its sums that are taken elsewhere."""
    for total in sorted(expr.atoms(Sum), key=lambda e: e.count_ops()):
        for i, _, high in total.limits:
            if i in taken:
                own = fresh(symbols_in(expr) | taken, high + 1)
                expr = expr.replace(
                    lambda e, i=i: isinstance(e, Sum) and i in e.bound_symbols,
                    lambda e, i=i, own=own: e.func(*(a.xreplace({i: own}) for a in e.args)),
                )
    return expr


def _random_places(
    expr: Expr, shapes: Shapes, data: frozenset[Symbol]
) -> Iterator[tuple[Expr, Expr]]:
    """(index, its range) wherever a variable picks an element of one of the arrays."""
    for a in sorted(expr.atoms(Indexed), key=str):
        for place, size in zip(a.indices, shapes.get(a.base.label, ()), strict=False):
            if symbols_in(place) & data:
                yield place, size


def collapsed_sum(expr: Expr, slots: Sequence[Symbol], shape: Sequence[Expr]) -> Expr:
    """The sum over the slots; a delta that fixes one replaces it."""
    if expr.has(KroneckerDelta):
        expr = sp.expand_mul(expr)
    if isinstance(expr, sp.Add):
        return sp.Add(*(collapsed_sum(a, slots, shape) for a in expr.args))
    limits = []
    for i, n in zip(slots, shape, strict=True):
        delta = next(
            (
                f
                for f in sp.Mul.make_args(sp.powdenest(expr))
                for base in [f.base if isinstance(f, sp.Pow) else f]
                if isinstance(base, KroneckerDelta) and i in base.args
            ),
            None,
        )
        if delta is None:
            limits.append((i, 0, n - 1))
            continue
        base = delta.base if isinstance(delta, sp.Pow) else delta
        (other,) = (a for a in base.args if a != i)
        expr = (expr / delta).xreplace({i: other})
    return Sum(expr, *limits) if limits else expr
