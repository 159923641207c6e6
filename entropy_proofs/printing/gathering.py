"""Weights and functions: collecting, factoring and gathering the terms of an expression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import cache, reduce
from typing import Any

import sympy as sp
from sympy import Add, Dummy, Expr, Indexed, Integer, Mul, Pow, Rational, Sum, Symbol, Tuple

from entropy_proofs.algebra.nodes import ArrayNode, Expectation, LogDet
from entropy_proofs.algebra.poly import built, holds, key, nodes_in, product, summation, symbols_in

_LONGEST = 30  # more terms than this are not factored
_LARGEST = 120  # nodes of what has denominators: as a product, some sums of more are endless
_LEAVE_OUT = 12  # more terms than this are factored as a whole only


def is_plain(expr: Expr) -> bool:
    """Whether only symbols, elements, numbers, sums, products and powers occur."""
    if isinstance(expr, (Add, Mul, Pow)) and not isinstance(expr, sp.exp):
        return all(is_plain(a) for a in expr.args)
    return isinstance(expr, (Symbol, Indexed, sp.Number, sp.NumberSymbol))


def parts(expr: Expr) -> dict[Expr, Expr]:
    """{function: weight}: their products add up to the expression."""
    found: dict[Expr, Expr] = {}
    for term in opened(expr):
        factors = Mul.make_args(term)
        functions = [f for f in factors if not is_plain(f)]
        digammas = [f for f in functions if isinstance(f, sp.polygamma)]
        function = digammas[0] if len(digammas) == 1 else Mul(*functions)
        weight = Mul(*[f for f in factors if f not in Mul.make_args(function)])
        found[function] = found.get(function, Integer(0)) + weight
    return {f: w for f, w in found.items() if w != 0}


def opened(expr: Expr) -> list[Expr]:
    """The terms, with products multiplied out where a bracket holds logarithms and the like."""
    terms: list[Expr] = []
    for term in Add.make_args(expr):
        factors = Mul.make_args(term)
        brackets = [f for f in factors if f.is_Add and holds(f, sp.log, LogDet, sp.polygamma)]
        rest = [f for f in factors if f not in brackets]
        if len(brackets) == 1 and rest and all(is_plain(f) for f in rest):
            terms += [Mul(*rest, a) for a in opened(brackets[0])]
        else:
            terms.append(term)
    return terms


def total(found: Iterable[tuple[Expr, Expr]], gather: bool = True) -> Expr:
    """The expression again; gather: logarithms and digammas of like weight become one term."""
    terms, logs, digammas = [], {}, {}
    for function, weight in found:
        weight = _weight(weight)
        if function == 1:
            terms.append(weight)
        elif gather and isinstance(function, sp.log) and is_plain(function.args[0]):
            logs[function] = weight
        elif gather and isinstance(function, sp.polygamma):
            digammas[function] = weight
        elif isinstance(function, sp.log) and weight.is_Add and not is_mixed(weight):
            terms += [a * function for a in weight.args]
        else:
            terms.append(weight * function)
    return Add(*terms, *_gathered_logs(logs), *_gathered_digammas(digammas))


def _weight(weight: Expr) -> Expr:
    """(T - 1)/2 for T/2 - 1/2."""
    short = factored(weight)
    if not short.is_Add or not (is_mixed(short) or any(a.is_Number for a in short.args)):
        return short
    number, rest = short.primitive()
    if rest.could_extract_minus_sign():
        number, rest = -number, -rest
    return Mul(number, rest, evaluate=False) if number != 1 else rest


def is_negative(term: Expr) -> bool:
    """Whether a term is written with a minus."""
    return bool(term.as_coeff_Mul()[0].is_negative)


def is_mixed(total: Expr) -> bool:
    """Whether a sum has both signs."""
    return len({is_negative(a) for a in total.args}) > 1


def _gathered_digammas(found: dict[Expr, Expr]) -> list[Expr]:
    terms: dict[Expr, Expr] = {}
    for function, weight in found.items():
        unit = sp.expand(weight)
        sign = -1 if unit.could_extract_minus_sign() else 1
        terms[sign * unit] = terms.get(sign * unit, Integer(0)) + sign * function
    return [Mul(_weight(weight), function) for weight, function in terms.items()]


def _gathered_logs(logs: dict[Expr, Expr]) -> list[Expr]:
    groups: list[tuple[Expr, list[tuple[Expr, Expr]]]] = []
    for function, weight in logs.items():
        argument = function.args[0]
        for unit, members in groups:
            ratio = sp.cancel(weight / unit)
            if ratio.is_Integer and not argument.has(sp.E):
                members.append((argument, ratio))
                break
        else:
            groups.append((weight, [(argument, Integer(1))]))
    terms = []
    for weight, members in groups:
        inside = Mul(*[a**r for a, r in members])
        top, bottom = inside.as_numer_denom()
        if weight.could_extract_minus_sign() and bottom != 1:
            weight, inside = -weight, bottom / top
        terms.append(Mul(weight, sp.log(inside, evaluate=False)))
    return terms


def scale_of(expr: Expr) -> tuple[Expr, Expr]:
    """Numbers, sizes and a minus sign taken out."""
    scale = [f for f in Mul.make_args(expr) if f.is_Rational or is_size(f)]
    rest = product(*[f for f in Mul.make_args(expr) if f not in scale])
    if rest.is_Add:
        coefficients = [a.as_coeff_Mul()[0] for a in rest.args]
        number = sp.gcd_list([abs(c) for c in coefficients if c.is_Rational])
        alike = len({getattr(c, "q", 0) for c in coefficients}) == 1 or is_plain(rest)
        if alike and number not in (0, 1):
            scale.append(number)
            rest = Add(*[a / number for a in rest.args])
        if all(is_negative(a) for a in rest.args):
            scale, rest = [*scale, Integer(-1)], -rest
    return Mul(*scale), rest


def repeated(factor: Expr) -> list[Expr]:
    """A square as two factors."""
    return [factor.base] * 2 if isinstance(factor, Pow) and factor.exp == 2 else [factor]


def is_size(expr: Expr) -> bool:
    return bool(expr.is_Symbol and expr.is_integer and expr.is_positive)


def sum_of(body: Expr, limit: Tuple) -> Expr:
    """The sum, with whatever does not depend on its index outside."""
    scale, body = scale_of(body)
    free = [f for f in Mul.make_args(body) if limit[0] not in symbols_in(f)]
    bound = [f for f in Mul.make_args(body) if limit[0] in symbols_in(f)]
    inner = summation(Mul(*bound), limit) if bound else limit[2] - limit[1] + 1
    return Mul(scale, *free, inner)


@cache
def factored(expr: Expr) -> Expr:
    """A shorter form: factored as a whole or but for one term, or collected by functions."""
    if not expr.is_Add or len(expr.args) > _LONGEST or holds(expr, Expectation):
        return expr
    common, rest = _common(expr)
    whole = _product(rest)
    if common or whole != expr:
        return Mul(*common, *[_factor(f) for f in Mul.make_args(whole)])
    options = [expr, _collected(expr)]
    if 2 < len(expr.args) <= _LEAVE_OUT:
        for term in expr.args:
            rest = _product(expr - term)
            if rest.is_Mul or rest.is_Pow:
                options.append(term + Mul(*[_factor(f) for f in Mul.make_args(rest)]))
    return min(options, key=_length)


def _factor(factor: Expr) -> Expr:
    if isinstance(factor, Pow) and factor.exp.is_Integer:
        return factored(factor.base) ** factor.exp
    return factored(factor)


def _common(expr: Expr) -> tuple[list[Expr], Expr]:
    """Factors that all terms share, and the rest."""
    first, *others = [Mul.make_args(a) for a in expr.args]
    shared = [f for f in first if not f.is_Rational and all(f in other for other in others)]
    rest = [Mul(*[f for f in Mul.make_args(a) if f not in shared]) for a in expr.args]
    return shared, Add(*rest) if shared else expr


def _collected(expr: Expr) -> Expr:
    found = parts(expr)
    logs = {f: w for f, w in found.items() if isinstance(f, (sp.log, sp.polygamma))}
    if not logs:
        return expr
    rest = Add(*[w * f for f, w in found.items() if f not in logs])
    return total(logs.items()) + factored(rest)


@cache
def _length(expr: Expr) -> int:
    """The number of signs to write; what a sum is over costs nothing."""
    if isinstance(expr, Sum):
        return 2 + _length(expr.function)
    if isinstance(expr, (Indexed, ArrayNode)) or not expr.args:
        return 1
    return len(expr.args) + sum(map(_length, expr.args))


@cache
def _product(expr: Expr) -> Expr:
    """The sum as a product if that is no longer; functions and elements count as symbols."""
    if _is_irreducible(expr):
        return expr
    opaque: dict[Expr, Dummy] = {}

    def closed(e: Expr) -> Expr:
        if _is_arithmetic(e):
            return built(e.func, *(closed(a) for a in e.args))
        return e if e.is_Rational else opaque.setdefault(e, Dummy(key(e)))

    total = closed(expr)
    if not opaque or (nodes_in(total) > _LARGEST and not _is_whole(total)):
        return expr
    result = _factors(total, opaque.values())
    if not (result.is_Mul or result.is_Pow):
        return expr
    back = result.xreplace({dummy: e for e, dummy in opaque.items()})
    return back if _length(back) < _length(expr) else expr


def _is_arithmetic(e: Expr) -> bool:
    return isinstance(e, (Add, Mul)) or (isinstance(e, Pow) and e.exp.is_Integer)


def _is_irreducible(total: Expr) -> bool:
    """Whether a letter that stands alone, and only once, shows that this has no factors: x + y*z.

    (One factor would have the letter, and the others would divide what it is multiplied with.)
    """
    if not total.is_Add:
        return False
    letters = [_letters(a) for a in total.args]
    if None in letters:
        return False
    times = Counter(letter for own in letters for letter in own or ())
    return any(times[a] == 1 or times[-a] == 1 for a in total.args)


def _is_whole(total: Expr) -> bool:
    """A polynomial with whole coefficients."""
    powers = total.atoms(Pow)
    return all(a.is_Integer for a in total.atoms(sp.Number)) and all(a.exp > 0 for a in powers)


def _factors(total: Expr, letters: Collection[Dummy]) -> Expr:
    """A rational function, factored, for which SymPy takes far longer.

    As SymPy writes it: the letters in its order, so that first coefficients are positive.
    """
    from flint import fmpz_mpoly_ctx  # the second evaluation, which prints, does without it

    gens = sp.Poly(Add(*letters)).gens
    context = fmpz_mpoly_ctx.get([f"x{k}" for k in range(len(gens))], "lex")
    place = dict(zip(gens, context.gens(), strict=True))

    def ratio(e: Expr) -> tuple[Any, Any]:
        """What is above, and what is below."""
        if e.is_Rational:
            return context.constant(int(e.p)), context.constant(int(e.q))
        if e in place:
            return place[e], context.constant(1)
        if e.is_Pow:
            above, below = ratio(e.base)
            n = int(e.exp)
            return (above**n, below**n) if n > 0 else (below**-n, above**-n)
        first, *others = map(ratio, e.args)
        return reduce(_times if e.is_Mul else _plus, others, first)

    def factored(p: Any) -> tuple[int, Expr]:
        content, found = p.factor()
        return int(content), Mul(*(_raised(f, gens, int(n)) for f, n in found))

    above, below = ratio(total)
    shared = above.gcd(below)
    (p, top), (q, bottom) = factored(above / shared), factored(below / shared)
    scale, whole = Rational(p, q), top / bottom
    return scale * whole if abs(scale) == 1 else Mul(scale, whole, evaluate=False)


def _times(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    return one[0] * other[0], one[1] * other[1]


def _plus(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    (a, b), (c, d) = one, other
    shared = b.gcd(d)
    return a * (d / shared) + c * (b / shared), b * (d / shared)


def _raised(factor: Any, gens: Sequence[Expr], n: int) -> Expr:
    terms = factor.to_dict().items()
    return Add(*(_term(gens, map(int, m), int(c)) for m, c in terms)) ** n


def _term(gens: Sequence[Expr], powers: Iterable[int], number: int) -> Expr:
    return product(number, *(g**e for g, e in zip(gens, powers, strict=True) if e))


@cache
def _letters(expr: Expr) -> frozenset[Expr] | None:
    """What counts as a symbol in a polynomial with whole numbers; None of anything else."""
    if isinstance(expr, Pow) and expr.exp.is_Integer:
        return _letters(expr.base) if expr.exp > 0 else None
    if not _is_arithmetic(expr):
        return frozenset() if expr.is_Integer else None if expr.is_Rational else frozenset([expr])
    found = [_letters(a) for a in expr.args]
    return None if None in found else frozenset().union(*(f for f in found if f is not None))
