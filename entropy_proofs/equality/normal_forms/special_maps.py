"""Functions and operators that the kernel's language lacks, as its maps, with their own rules.

A map's name starts with a dot, which no user's name does.  Each rule is an identity wherever both
sides are defined; it returns None where the map stays as it is.  What has no value in `VALUES` (see
evaluation.py) is opaque: it equals what has the same normal form, and nothing is read from it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from itertools import product

from entropy_proofs.equality.normal_forms import elementary, matrix_forms
from entropy_proofs.kernel.language.sizes import INFINITE, Size
from entropy_proofs.kernel.language.terms import (
    Term,
    at,
    closed,
    free,
    level_above,
    opened,
    rational,
)
from entropy_proofs.kernel.normal.few_rows import Entries, adjugate_element, determinant
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import UNIT, Mono, Number, Poly, mono_term, primitive, whole
from entropy_proofs.kernel.normal.rules import RULES, Rule

GAMMA, POLYGAMMA, ZETA, BESSEL = "·gamma", "·polygamma", "·zeta", "·besseli"
SIGN, FLOOR = "·sign", "·floor"
SUM, ENDLESS, PRODUCT = "·sum", "·endless sum", "·product"
DETERMINANT, EXPECTATION = "·det", "·E"
_LISTED = 12  # terms of a sum or product of a given length that is written out
_EXPLICIT = 3  # rows of a determinant that is written out

Rewriting = Callable[[Reducer, Term], Poly | None]


def applied(name: str, *inputs: Term) -> Term:
    return Term("map", name, None, *inputs)


def rules(random: frozenset[str] | None, form: str = "plain") -> Mapping[str, Rule]:
    """The kernel's rules and those of the maps.

    random: the labels over which expectations go; None where that is not known.
    form: "low rank" takes low-rank updates of any positive definite matrix apart, "plain" those of
        diagonal ones; "explicit" writes out sums of few terms, and determinants and inverses of
        few rows by their formulas.
    """
    explicit, wide = form == "explicit", form == "low rank"
    own = {**_REWRITINGS, EXPECTATION: lambda algebra, t: _expectation(algebra, t, random)}

    def of_map(algebra: Reducer, t: Term) -> Poly:
        rewriting = own.get(t.args[0])
        found = rewriting(algebra, t) if rewriting is not None else None
        return RULES["map"](algebra, t) if found is None else found

    def of_matrix(algebra: Reducer, t: Term) -> Poly:
        n = t.args[0].value
        if not explicit or n is None or not 0 < n <= _EXPLICIT:
            return matrix_forms.in_one_form(algebra, t, wide)
        matrix = _written_out(algebra, t.args[1], n)
        det = determinant(algebra, matrix)
        if t.op == "logdet":
            return algebra.log(algebra.magnitude(det))
        return algebra.multiply(
            algebra.power(det, -1), adjugate_element(algebra, matrix, *t.args[2:])
        )

    own_rules = {"map": of_map, "logdet": of_matrix, "inverse": of_matrix, **elementary.RULES}
    return {**RULES, **own_rules, "sum": _listed_sum} if explicit else {**RULES, **own_rules}


def _listed_sum(algebra: Reducer, t: Term) -> Poly:
    """A sum over few known places, written out."""
    counts = [n.value for n in t.args[0]]
    if any(n is None or not 0 <= n <= _LISTED for n in counts):
        return RULES["sum"](algebra, t)
    places = product(*(range(n or 0) for n in counts))
    return Poly.sum(algebra.normal(opened(t.args[1], [*map(at, place)])) for place in places)


# functions ----------------------------------------------------------------------------------------
def _inputs(algebra: Reducer, t: Term) -> list[Poly]:
    return [algebra.normal(a) for a in t.args[2:]]


def _gamma(algebra: Reducer, t: Term) -> Poly | None:
    (x,) = _inputs(algebra, t)
    if algebra.signs.positive(x):
        return algebra.exp(algebra.normal(Term("apply", "loggamma", x.term())))
    base, n = _shifted(algebra, x)
    if not n:
        return None
    result = algebra.normal(applied(GAMMA, base.term()))
    for k in range(n) if n > 0 else range(n, 0):
        step = algebra.power(base + Poly.number(k), 1 if n > 0 else -1)
        result = algebra.multiply(result, step)
    return result


def _shifted(algebra: Reducer, x: Poly) -> tuple[Poly, int]:
    """x = base + n, with a base that is positive or has a constant from one up to two."""
    for k in range(1, 4):
        if algebra.signs.positive(x + Poly.number(k)):
            return x + Poly.number(k), -k
    n = Fraction(x.terms.get(UNIT, 0)).__floor__() - 1
    return (x, 0) if abs(n) > 100 else (x - Poly.number(n), n)


def _polygamma(algebra: Reducer, t: Term) -> Poly | None:
    order, x = _inputs(algebra, t)
    m = order.constant()
    if m is None or not whole(m) or not 0 <= m <= 50:
        return None
    if algebra.signs.positive(x):
        return algebra.normal(Term("apply", "polygamma", order.term(), x.term()))
    base, n = _shifted(algebra, x)
    if not n:
        return None
    factor = Fraction(-1) ** int(m)
    for k in range(1, int(m) + 1):
        factor *= k
    steps = range(n) if n > 0 else range(n, 0)
    parts = [
        algebra.power(base + Poly.number(k), -int(m) - 1).scale(factor if n > 0 else -factor)
        for k in steps
    ]
    return Poly.sum([algebra.normal(applied(POLYGAMMA, order.term(), base.term())), *parts])


def _zeta(algebra: Reducer, t: Term) -> Poly | None:
    (s,) = _inputs(algebra, t)
    if not algebra.signs.positive(s - Poly.number(1)):
        return None
    return algebra.atom_of("zeta", s)


def _bessel(algebra: Reducer, t: Term) -> Poly | None:
    order, x = _inputs(algebra, t)
    return algebra.atom_of("besseli", order, x) if algebra.signs.positive(x) else None


def _sign(algebra: Reducer, t: Term) -> Poly | None:
    (p,) = _inputs(algebra, t)
    found = algebra.signs.of(p)
    if found in {"+", "-", "0"}:
        return Poly.number({"+": 1, "-": -1, "0": 0}[found])
    _, rest = algebra.content(p, positive_only=True)
    single = rest.single()
    if single and single[0] and any(e != 1 or len(single[0]) > 1 for _, e in single[0]):
        return _sign_of_factors(algebra, *single)
    unit = primitive(rest)
    direction = 1 if (unit.ordered()[0][1] > 0) == (rest.ordered()[0][1] > 0) else -1
    if found == "≠":
        size = algebra.multiply(algebra.magnitude(unit), algebra.power(unit, -1))
        return size.scale(direction)
    return Poly.atom(applied(SIGN, unit.term())).scale(direction)


def _sign_of_factors(algebra: Reducer, mono: Mono, c: Number) -> Poly | None:
    """The product of the factors' signs; those of negative powers are the same."""
    result = Poly.number(1 if c > 0 else -1)
    for a, e in mono:
        if not whole(e):
            return None
        sign = algebra.normal(applied(SIGN, a))
        result = algebra.multiply(result, algebra.whole_power(sign, abs(int(e))))
    return result


def _rounded(algebra: Reducer, t: Term) -> Poly | None:
    """floor of a whole number and a rest."""
    (p,) = _inputs(algebra, t)
    kept = Poly({m: c for m, c in p if algebra.signs.whole(Poly({m: c}))})
    rest = p - kept
    c = rest.constant()
    if c is not None:
        return kept + Poly.number(Fraction(c).__floor__())
    return kept + Poly.atom(applied(t.args[0], rest.term())) if kept else None


# sums and products --------------------------------------------------------------------------------
def _parts(mono: Mono, c: Number, i: Term) -> tuple[Poly, Term]:
    """A monomial as what does not hold the index, and what does."""
    inside = frozenset(f for f in mono if i in f[0].free)
    return Poly({mono - inside: c}), mono_term(inside)


def _opened(algebra: Reducer, t: Term) -> tuple[Poly, Term, Poly]:
    """The length, the index, and the summand (or factor) there."""
    length, vector = t.args[2], t.args[3]
    i = free(level_above(t), vector.args[0])
    return algebra.normal(length), i, algebra.normal(opened(vector.args[1], (i,)))


def _listed(algebra: Reducer, t: Term, length: Poly) -> list[Poly] | None:
    n = length.constant()
    if n is None or not whole(n) or n > _LISTED:
        return None
    return [algebra.normal(opened(t.args[3].args[1], (at(k),))) for k in range(int(n))]


def _sum(algebra: Reducer, t: Term) -> Poly | None:
    """A sum of `length` terms, none if that is negative: linear, whatever the length."""
    length, i, body = _opened(algebra, t)
    listed = _listed(algebra, t, length)
    if listed is not None:
        return Poly.sum(listed)
    parts = []
    for m, c in body:
        outside, inside = _parts(m, c, i)
        vector = Term("vector", INFINITE, closed(inside, (i,)))
        parts.append(algebra.multiply(outside, Poly.atom(applied(SUM, length.term(), vector))))
    return Poly.sum(parts)


def _endless(algebra: Reducer, t: Term) -> Poly:
    """Numbers alone come out: a sum of zeros converges where the sum may not."""
    i = free(level_above(t), INFINITE)
    body = algebra.normal(opened(t.args[2].args[1], (i,)))
    if not body:
        return body
    lead = body.ordered()[0][1]
    inside = closed(body.scale(1 / Fraction(lead)).term(), (i,))
    return Poly.atom(applied(ENDLESS, Term("vector", INFINITE, inside))).scale(lead)


def _product(algebra: Reducer, t: Term) -> Poly | None:
    length, i, body = _opened(algebra, t)
    listed = _listed(algebra, t, length)
    if listed is not None:
        return reduce(algebra.multiply, listed, Poly.number(1))
    if not algebra.signs.positive(body):
        return None
    logs = algebra.log(body)
    if i.args[1] == INFINITE:
        vector = Term("vector", INFINITE, closed(logs.term(), (i,)))
        return algebra.exp(algebra.normal(applied(SUM, length.term(), vector)))
    return algebra.exp(algebra.sum_over(logs, i))


# determinants -------------------------------------------------------------------------------------
def _determinant(algebra: Reducer, t: Term) -> Poly:
    """det, with its sign; its matrix stands in a term `logdet`."""
    n, body = t.args[2].args
    if n.value is not None and 0 < n.value <= _EXPLICIT:
        return determinant(algebra, _written_out(algebra, body, n.value))
    if matrix_forms.positive_definite(algebra, n, body):
        return algebra.exp(algebra.normal(t.args[2]))
    i, j, element = algebra.opened_matrix(body, n)
    if not element:
        return Poly()
    size = Term("size", n)
    mono, _ = algebra.content(element, positive_only=False)
    outer = {a: e for a, e in mono if not a.free & {i, j} and whole(e)}
    inverse = Poly({frozenset((a, -e) for a, e in outer.items()): 1})
    rest = algebra.multiply(element, inverse)
    lead = Fraction(rest.ordered()[0][1])
    rest = rest.scale(1 / lead)
    scale = algebra.normal(Term("power", rational(lead), size))
    for a, e in outer.items():
        exponent = Term("multiply", rational(e), size)
        scale = algebra.multiply(scale, algebra.normal(Term("power", a, exponent)))
    return algebra.multiply(scale, _of_matrix(algebra, n, i, j, rest))


def _of_matrix(algebra: Reducer, n: Size, i: Term, j: Term, rest: Poly) -> Poly:
    diagonal = algebra.diagonal(rest, i, j)
    if diagonal is not None:
        return _diagonal(algebra, n, i, diagonal)
    split = matrix_forms.low_rank(algebra, rest, n, i, j, wide=True)
    if split is not None and split.smaller(n):
        small = split.small(algebra, i, j)
        outside = algebra.normal(applied(DETERMINANT, Term("logdet", n, split.body(i, j))))
        return algebra.multiply(outside, _det(algebra, split.rank, small))
    inner = matrix_forms.whole_inverse(rest, n, i, j)
    if inner is not None:
        return algebra.power(_det(algebra, n, inner), -1)
    factors = matrix_forms.square_factors(algebra, rest, n, i, j)
    if factors is not None:
        return algebra.multiply(*(_det(algebra, n, f) for f in factors))
    body = matrix_forms.upright(algebra, rest, i, j)
    return Poly.atom(applied(DETERMINANT, Term("logdet", n, body)))


def _diagonal(algebra: Reducer, n: Size, i: Term, diagonal: Poly) -> Poly:
    vector = Term("vector", n, closed(diagonal.term(), (i,)))
    return algebra.normal(applied(PRODUCT, Term("size", n), vector))


def _det(algebra: Reducer, n: Size, body: Term) -> Poly:
    return algebra.normal(applied(DETERMINANT, Term("logdet", n, body)))


def _written_out(algebra: Reducer, body: Term, n: int) -> Entries:
    """A matrix of few rows by its elements."""
    places = [at(k) for k in range(n)]
    return [[algebra.normal(opened(body, (r, c))) for c in places] for r in places]


# expectations -------------------------------------------------------------------------------------
def _expectation(algebra: Reducer, t: Term, random: frozenset[str] | None) -> Poly:
    """Linear: numbers, sizes and what is known not to be random come out, finite sums too."""
    return Poly.sum(_average(algebra, m, c, random) for m, c in algebra.normal(t.args[2]))


def _average(algebra: Reducer, mono: Mono, c: Number, random: frozenset[str] | None) -> Poly:
    inside = frozenset(f for f in mono if varies(f[0], random))
    outside = Poly({mono - inside: c})
    if not inside:
        return outside
    for a, e in sorted(inside, key=lambda f: f[0].key):
        if a.op != "sum" or not whole(e) or e < 1:
            continue
        new, opened_body = algebra.opened_sum(a, *(b for b, _ in mono))
        others = dict(inside)
        others[a] = e - 1
        rest = Poly({frozenset((b, k) for b, k in others.items() if k): 1})
        summand = algebra.multiply(rest, opened_body)
        total = Poly.sum(_average(algebra, m, d, random) for m, d in summand)
        return algebra.multiply(outside, algebra.sum_over(total, *new))
    atom = Poly.atom(applied(EXPECTATION, mono_term(inside)))
    return algebra.multiply(outside, atom)


def varies(t: Term, random: frozenset[str] | None) -> bool:
    """Whether a value is random, or may be."""
    if t.op == "map" and t.args[0] == EXPECTATION:
        return False
    if t.op == "element" and (random is None or t.args[0] in random):
        return True
    if t.op == "map" and (random is None or t.args[0].startswith("·opaque")):
        return True
    return any(varies(a, random) for a in t.args if isinstance(a, Term))


_REWRITINGS: Mapping[str, Rewriting] = {
    GAMMA: _gamma,
    POLYGAMMA: _polygamma,
    ZETA: _zeta,
    BESSEL: _bessel,
    SIGN: _sign,
    FLOOR: _rounded,
    SUM: _sum,
    ENDLESS: _endless,
    PRODUCT: _product,
    DETERMINANT: _determinant,
}
