"""Expressions laid out as in a paper: equal ones, with nested sums, gathered terms, short names.

`arranged` names bound indices after their sizes, opens sums over several indices into products of
inner sums, adds up sums over the same index, factors, and gathers constants in logarithms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

import sympy as sp
from sympy import (
    Add,
    Dummy,
    Expr,
    Indexed,
    KroneckerDelta,
    Mul,
    Sum,
    Symbol,
    Tuple,
)  # fmt: skip

from entropy_proofs.algebra.binding import SPARE, letter
from entropy_proofs.algebra.nodes import (
    ArrayNode,
    Expectation,
    LogDet,
    VariationalEntropy,
    index,
    is_bound,
)  # fmt: skip
from entropy_proofs.algebra.poly import (
    at_places,
    exponential,
    holds,
    product,
    replaced,
    summation,
    symbols_in,
)
from entropy_proofs.algebra.sums import level
from entropy_proofs.arrays.written_out import as_one
from entropy_proofs.printing.constants import absorbed
from entropy_proofs.printing.gathering import factored, repeated, scale_of, sum_of
from entropy_proofs.printing.notation import (
    with_absolute_signs,
    with_networks,
    with_powers,
    with_sigmoids,
    with_sums_in_exponents,
)
from entropy_proofs.printing.sign_order import oriented, with_arguments


@cache
def arranged(expr: Expr, slots: tuple[Symbol, ...] = ()) -> Expr:
    """An equal expression, laid out for print.

    slots: the indices that stand for all elements of an array.
    """
    own = _apart(_at_slots(with_sums_in_exponents(as_one(expr, slots)), set(slots)))
    around = frozenset(s.name for s in slots)
    names = names_in(own) - around
    laid = _tidy(absorbed(own), names, around)
    laid = replaced(laid, Mul, lambda e: _one_exp(e.args)) if holds(laid, sp.exp) else laid
    laid = with_absolute_signs(with_sigmoids(with_powers(laid)))
    return oriented(with_networks(laid))


def names_in(expr: Expr) -> frozenset[str]:
    """The names that mean something, which are not those of the package's own indices."""
    own = (s for s in symbols_in(expr) if not isinstance(s, Dummy) and not is_bound(s))
    return frozenset(s.name for s in own)


def index_for(size: Expr, taken: Iterable[str], outer: Iterable[str] = ()) -> Symbol:
    """An index named after a size: d for D, d' inside a sum over d, i where d means something."""
    base = letter(size)
    free = [o for o in (base, *SPARE) if o not in taken]
    stem = base if base in outer else (free or [base])[0]
    while stem in taken or stem in outer:
        stem += "'"
    return index(stem, size)


def indices_for(sizes: Iterable[Expr], taken: Iterable[str]) -> tuple[Symbol, ...]:
    """Indices named after these sizes, each by a name of its own."""
    found: list[Symbol] = []
    for n in sizes:
        found.append(index_for(n, taken, {i.name for i in found}))
    return tuple(found)


# indices ------------------------------------------------------------------------------------------
@lru_cache(maxsize=2**12)
def _apart(expr: Expr) -> Expr:
    """Every sum with its indices named by depth, so that nothing is captured."""
    if isinstance(expr, Sum):
        body = _apart(expr.function)
        limits: list[Tuple] = []
        for k, (i, low, high) in enumerate(expr.limits, level(body) + 1):
            own = index(f"_{k}", high + 1)
            body, place = at_places(body, {i: own}), {i: own}
            limits = [Tuple(j, at_places(a, place), at_places(b, place)) for j, a, b in limits]
            limits.append(Tuple(own, low, high))
        return summation(body, *limits)
    if not holds(expr, Sum) or (isinstance(expr, ArrayNode) and not isinstance(expr, Expectation)):
        return expr
    args = [_apart(a) for a in expr.args]
    return _one_exp(args) if expr.is_Mul else with_arguments(expr, args)


def _one_exp(factors: Sequence[Expr]) -> Expr:
    """A product with its exponentials made one."""
    powers = [f.args[0] for f in factors if isinstance(f, sp.exp)]
    rest = [f for f in factors if not isinstance(f, sp.exp)]
    return product(*rest, exponential(Add(*powers))) if powers else Mul(*rest)


def _at_slots(expr: Expr, slots: set[Symbol]) -> Expr:
    """delta_kc f(c) becomes delta_kc f(k) for an element k."""
    if not holds(expr, KroneckerDelta) or not slots:
        return expr

    def known(product: Expr) -> Expr:
        deltas = [f for f in product.args if isinstance(f, KroneckerDelta)]
        known = {b: a for d in deltas for a, b in (d.args, d.args[::-1]) if a in slots}
        rest = Mul(*[f for f in product.args if f not in deltas]).xreplace(known)
        return Mul(*deltas, rest)

    return expr.replace(lambda e: e.is_Mul and e.has(KroneckerDelta), known)


# sums ---------------------------------------------------------------------------------------------
def _tidy(expr: Expr, taken: frozenset[str], outer: frozenset[str]) -> Expr:
    """taken: names with a meaning; outer: indices of the sums around."""
    if isinstance(expr, Sum):
        return _tidy_sum(expr, taken, outer)
    if isinstance(expr, Expectation):
        scale, inside = scale_of(_tidy(absorbed(expr.args[0]), taken, outer))
        return scale * expr.func(inside)
    if not expr.args or isinstance(expr, (ArrayNode, Indexed)):
        return expr
    args = [_tidy(a, taken, outer) for a in expr.args]
    if expr.is_Add:
        return _simplest(Add(*args))
    if expr.is_Mul:
        return _one_exp(args)
    if isinstance(expr, sp.log) and args[0].is_Mul and holds(args[0], sp.exp):
        powers = [f.args[0] for f in args[0].args if isinstance(f, sp.exp)]
        rest = [f for f in args[0].args if not isinstance(f, sp.exp)]
        return Add(sp.log(Mul(*rest), evaluate=False), *powers)
    return with_arguments(expr, args)


def _simplest(expr: Expr) -> Expr:
    """Sums over the same index made one, then factored."""
    expr = Add(*_added_sums(Add.make_args(expr)))
    if not expr.is_Add or holds(expr, Expectation, VariationalEntropy):
        return expr
    short = factored(expr)
    if short == expr:
        return expr
    return replaced(short, Add, lambda e: Add(*_added_sums(e.args)))


def _tidy_sum(expr: Sum, taken: frozenset[str], outer: frozenset[str]) -> Expr:
    (i, low, high), body = _outermost(expr)
    name = index_for(high + 1, taken, outer)
    body = _tidy(at_places(body, {i: name}), taken, outer | {name.name})
    return sum_of(body, Tuple(name, low, high))


def _outermost(expr: Sum) -> tuple[Tuple, Expr]:
    """One limit, and the rest as a product of inner sums."""
    limits = list(expr.limits)
    if len(limits) == 1:
        return limits[0], expr.function
    factors = [g for f in Mul.make_args(expr.function) for g in repeated(f)]

    def rank(limit: Tuple) -> tuple:
        others = [other for other in limits if other != limit]
        groups = _components(factors, others)
        batch = sum(_weight_as_batch(f, limit[0]) for f in factors)
        hidden = any(s.name[:2] in {"J_", "M_"} for s in symbols_in(limit[2]))
        return hidden, -batch, max(len(g[0]) for g in groups), limits.index(limit)

    chosen = min(limits, key=rank)
    groups = _components(factors, [other for other in limits if other != chosen])
    return chosen, Mul(*[summation(Mul(*f), *own) if own else Mul(*f) for f, own in groups])


def _weight_as_batch(factor: Expr, i: Symbol) -> int:
    """How much a factor speaks for an index that counts copies, such as time."""
    if isinstance(factor, KroneckerDelta):
        return 2 * (i in symbols_in(factor))
    rows = [e for e in factor.atoms(Indexed) if len(e.indices) > 1]
    return max((int(i in symbols_in(e.indices[0])) for e in rows), default=0)


def _components(factors: Sequence[Expr], limits: Sequence[Tuple]) -> list[tuple[list, list]]:
    """Factors that share indices of these limits, together with those limits."""
    groups: list[tuple[list, list]] = []
    for f in factors:
        own = [limit for limit in limits if limit[0] in symbols_in(f)]
        touching = [g for g in groups if any(limit in g[1] for limit in own)]
        groups = [g for g in groups if g not in touching]
        members = [*(m for g in touching for m in g[0]), f]
        seen = [limit for g in touching for limit in g[1]] + own
        groups.append((members, [limit for limit in limits if limit in seen]))
    return groups


def _added_sums(terms: Iterable[Expr]) -> list[Expr]:
    """Sums over the same index made one, unless one is a whole entropy by itself."""
    terms = list(terms)
    uses = [f.limits[-1] for t in terms for f in _summands(t)]
    groups: dict[Tuple, list[tuple[Expr, Expr]]] = {}
    rest = []
    for term in terms:
        sums = _summands(term)
        chosen = max(sums, key=lambda f: uses.count(f.limits[-1]), default=None)
        if chosen is None or _is_whole(_body(chosen)):
            rest.append(term)
        else:
            weight = Mul(*_others(term, chosen))
            groups.setdefault(chosen.limits[-1], []).append((weight, _body(chosen)))
    for limit, members in groups.items():
        if len(members) == 1:
            ((weight, body),) = members
            rest.append(weight * summation(body, limit))
        else:
            body = _simplest(Add(*[w * b for w, b in members]))
            rest.append(sum_of(body, limit))
    return rest


def _summands(term: Expr) -> list[Sum]:
    """The sums in a product under which the rest of it can go, if nothing else holds a sum."""
    factors = Mul.make_args(term)
    sums = [f for f in factors if isinstance(f, Sum)]
    if any(holds(f, Sum, Expectation) for f in factors if f not in sums):
        return []
    return [f for f in sums if not any(f.limits[-1][0] in symbols_in(g) for g in _others(term, f))]


def _others(term: Expr, factor: Expr) -> list[Expr]:
    return [f for f in Mul.make_args(term) if f != factor]


def _body(expr: Sum) -> Expr:
    inner = expr.limits[:-1]
    return summation(expr.function, *inner) if inner else expr.function


def _is_whole(body: Expr) -> bool:
    """The log of a whole entropy, such as log(2 pi e s)."""
    return (isinstance(body, sp.log) and body.has(sp.E)) or isinstance(body, LogDet)
