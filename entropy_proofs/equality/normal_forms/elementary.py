"""Elementary functions as they are written: logarithms and powers of products, cases, angles.

The kernel multiplies products out first and keeps what it then can't tell apart.  Each rule is an
identity wherever both sides are defined.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from flint import Ordering, fmpz_mpoly_ctx

from entropy_proofs.kernel.language.terms import Term, at, distinct, parts, plus, rational
from entropy_proofs.kernel.normal.questions import Reducer
from entropy_proofs.kernel.normal.ring import UNIT, Mono, Number, Poly, primitive, whole
from entropy_proofs.kernel.normal.rules import RULES as KERNEL, Rule, delta_atom

_LARGEST, _HIGHEST = 60, 48  # terms, and powers, of a sum that is factored
_ANGLES = 5  # parts of an angle that is drawn apart


# logarithms and powers of products ----------------------------------------------------------------
def _apply(algebra: Reducer, t: Term) -> Poly:
    name, *args = t.args
    if name == "abs":
        return _absolute(algebra, args[0])
    if name in {"sin", "cos"}:
        return _angle(algebra, name, algebra.normal(args[0]))
    if name != "log":
        return KERNEL["apply"](algebra, t)
    known, rest = _factors(algebra, args[0])
    logs = [algebra.multiply(e, _logdets(algebra, algebra.log(a))) for a, e in known]
    if rest.constant() != 1:
        logs.append(_logdets(algebra, algebra.log(rest)))
    return Poly.sum(logs)


def _logdets(algebra: Reducer, p: Poly) -> Poly:
    """log |det| by its own name."""
    found = []
    for m, c in p:
        dets = [(a, inner) for a, e in m if e == 1 and (inner := _inside(a)) is not None]
        if len(dets) == 1:
            ((a, inner),) = dets
            rest = Poly({m - {(a, 1)}: c})
            found.append(algebra.multiply(rest, algebra.normal(inner)))
        else:
            found.append(Poly({m: c}))
    return Poly.sum(found)


def _inside(a: Term) -> Term | None:
    """The term logdet, of log det or log |det|."""
    if a.op != "apply" or a.args[0] != "log":
        return None
    inner = a.args[1]
    if inner.op == "apply" and inner.args[0] == "abs":
        inner = inner.args[1]
    is_det = inner.op == "map" and inner.args[0] == "·det"
    return inner.args[2] if is_det else None


def _absolute(algebra: Reducer, t: Term) -> Poly:
    value = algebra.normal(t)
    if _never_negative(algebra, value):
        return value
    return _magnitude(algebra, t) if t.op in {"multiply", "power"} else algebra.magnitude(value)


def _never_negative(algebra: Reducer, p: Poly) -> bool:
    """A square polynomial c b^2 + d b + e of a whole number b that is >= 0 beside its vertex."""
    atoms = p.atoms()
    if len(atoms) != 1 or len(p) > 3:
        return False
    (b,) = atoms
    c, d, e = (Fraction(p.terms.get(m, 0)) for m in (_mono(b, 2), _mono(b, 1), UNIT))
    known = {_mono(b, 2), _mono(b, 1), UNIT}
    if not p.terms.keys() <= known or c <= 0 or not algebra.signs.whole(Poly.atom(b)):
        return False
    vertex = (-d / (2 * c)).__floor__()
    return all(c * v * v + d * v + e >= 0 for v in (vertex, vertex + 1))


def _mono(a: Term, e: Number) -> Mono:
    return frozenset([(a, e)])


def _angle(algebra: Reducer, name: str, p: Poly) -> Poly:
    """sin and cos of sums and whole multiples, drawn apart."""
    pieces: list[Poly] = []
    for m, c in p.ordered():
        n = abs(int(c)) if whole(c) and m != UNIT else 1
        pieces += [Poly({m: Fraction(c) / n})] * min(n, _ANGLES + 1)
    if not 1 < len(pieces) <= _ANGLES:
        return KERNEL["apply"](algebra, Term("apply", name, p.term()))
    sine, cosine = Poly(), Poly.number(1)
    for piece in pieces:
        of_sine, of_cosine = (
            KERNEL["apply"](algebra, Term("apply", f, piece.term())) for f in ("sin", "cos")
        )
        sine, cosine = (
            algebra.multiply(sine, of_cosine) + algebra.multiply(cosine, of_sine),
            algebra.multiply(cosine, of_cosine) - algebra.multiply(sine, of_sine),
        )
    return sine if name == "sin" else cosine


def _magnitude(algebra: Reducer, t: Term) -> Poly:
    """|a b| = |a| |b|, and |a^n| = |a|^n for whole n."""
    result = Poly.number(1)
    for f in t.args if t.op == "multiply" else (t,):
        e = algebra.normal(f.args[1]).constant() if f.op == "power" else None
        if e is not None and whole(e):
            size = algebra.normal(Term("apply", "abs", f.args[0]))
            result = algebra.multiply(result, algebra.power(size, e))
        elif f.op == "multiply":
            result = algebra.multiply(result, _magnitude(algebra, f))
        else:
            result = algebra.multiply(result, algebra.magnitude(algebra.normal(f)))
    return result


def _power(algebra: Reducer, t: Term) -> Poly:
    """A power of a product as it is written, where the exponent is no whole number."""
    exponent = algebra.normal(t.args[1])
    e = exponent.constant()
    if e is not None and whole(e):
        return KERNEL["power"](algebra, t)
    if e is None and algebra.signs.whole(exponent):
        return _whole_power(algebra, algebra.normal(t.args[0]), exponent)
    known, rest = _factors(algebra, t.args[0])
    result = Poly.number(1)
    if rest.constant() != 1:
        result = KERNEL["power"](algebra, Term("power", rest.term(), t.args[1]))
    for a, k in known:
        total = algebra.multiply(k, exponent)
        one = KERNEL["power"](algebra, Term("power", a.term(), total.term()))
        result = algebra.multiply(result, one)
    return result


def _whole_power(algebra: Reducer, base: Poly, exponent: Poly) -> Poly:
    """Factor by factor, and (-1)^e by what is even in e."""
    single = base.single()
    if single is None or algebra.signs.positive(base):
        return KERNEL["power"](algebra, Term("power", base.term(), exponent.term()))
    mono, c = single
    result = KERNEL["power"](algebra, Term("power", rational(abs(Fraction(c))), exponent.term()))
    if c < 0:
        odd = Poly({m: Fraction(k) % 2 for m, k in exponent if Fraction(k) % 2})
        constant = odd.terms.get(UNIT, 0)
        sign = Poly.number(-1 if constant % 2 else 1)
        left = odd - Poly.number(constant)
        if left:
            sign = algebra.multiply(sign, Poly.atom(Term("power", rational(-1), left.term())))
        result = algebra.multiply(result, sign)
    for a, k in mono:
        if not whole(k):
            return KERNEL["power"](algebra, Term("power", base.term(), exponent.term()))
        total = exponent.scale(k)
        factor = KERNEL["power"](algebra, Term("power", a, total.term()))
        result = algebra.multiply(result, factor)
    return result


def _factors(algebra: Reducer, t: Term) -> tuple[list[tuple[Poly, Poly]], Poly]:
    """Bases that are not negative with their exponents (|a| for a^2), and what else is there."""
    known: list[tuple[Poly, Poly]] = []
    rest = Poly.number(1)
    for f in t.args if t.op == "multiply" else (t,):
        if f.op == "multiply":
            inner, left = _factors(algebra, f)
            known += inner
            rest = algebra.multiply(rest, left)
            continue
        base, exponent = f.args if f.op == "power" else (f, rational(1))
        value, power = algebra.normal(base), algebra.normal(exponent)
        e = power.constant()
        pieces, left = _factored(algebra, value)
        if pieces and left.constant() == 1:
            known += [(q, algebra.multiply(k, power)) for q, k in pieces]
        elif algebra.signs.positive(value):
            known.append((value, power))
        elif e is not None and whole(e) and e % 2 == 0:
            known.append((algebra.normal(Term("apply", "abs", base)), power))
        elif e is not None and algebra.signs.of(value) == "0+":
            known.append((value, power))
        else:
            rest = algebra.multiply(rest, algebra.normal(f))
    more, rest = _factored(algebra, rest)
    return known + more, rest


def _factored(algebra: Reducer, p: Poly) -> tuple[list[tuple[Poly, Poly]], Poly]:
    """The same of a sum, by the factors of its polynomial: squares, and what has a sign."""
    powers = [e for m, _ in p for _, e in m]
    if not 1 < len(p) <= _LARGEST or not all(whole(e) and 0 <= e <= _HIGHEST for e in powers):
        return [], p
    unit = primitive(p)
    scale = Fraction(p.ordered()[0][1]) / Fraction(unit.ordered()[0][1])
    atoms = sorted(p.atoms(), key=lambda a: a.key)
    if len(atoms) > 12:
        return [], p
    ring = fmpz_mpoly_ctx.get([f"a{k}" for k in range(len(atoms))], Ordering.lex)
    as_dict = {tuple(int(dict(m).get(a, 0)) for a in atoms): int(c) for m, c in unit}
    content, found = ring.from_dict(as_dict).factor()
    if len(found) == 1 and found[0][1] == 1:
        return [], p
    known: list[tuple[Poly, Poly]] = []
    rest = Poly.number(scale * int(content))
    for factor, k in found:
        q = Poly({
            frozenset((a, e) for a, e in zip(atoms, map(int, powers), strict=True) if e): int(c)
            for powers, c in factor.to_dict().items()
        })  # fmt: skip
        q = Poly.sum(algebra.monomial(dict(m), c) for m, c in q)
        sign = algebra.signs.of(q)
        if sign in {"-", "0-"}:
            q, rest = -q, rest.scale((-1) ** int(k))
        if sign in {"+", "-", "0+", "0-"}:
            known.append((q, Poly.number(int(k))))
            continue
        if k > 1:
            known.append((algebra.magnitude(q), Poly.number(int(k) - int(k) % 2)))
        if k % 2:
            rest = algebra.multiply(rest, q)
    lead = rest.constant()
    if lead is not None and lead > 0 and lead != 1:
        return [*known, (rest, Poly.number(1))], Poly.number(1)
    return known, rest


def factored_sign(algebra: Reducer, p: Poly) -> str:
    """The sign by the factors."""
    known, rest = _factored(algebra, p)
    c = rest.constant()
    if not known or not c:
        return "?"
    strict = all(algebra.signs.positive(q) for q, _ in known)
    return ("" if strict else "0") + ("+" if c > 0 else "-")


# cases and places ---------------------------------------------------------------------------------
def _case(algebra: Reducer, t: Term) -> Poly:
    """[a < b] as [0 < b - a], or as one minus what is left."""
    condition, then, other = t.args
    op, left, right = condition.args
    gap = algebra.normal(right) - algebra.normal(left)
    first, second = algebra.normal(then), algebra.normal(other)
    sign = algebra.signs.of(gap)
    chosen = _decided(op, sign)
    if chosen is not None:
        return first if chosen else second
    _, gap = algebra.content(gap, positive_only=True)
    lead = next(m for m, _ in gap.ordered() if m != UNIT)
    unit = primitive(gap)
    unit = unit if unit.terms[lead] > 0 else -unit
    if op != "equal" and gap.terms[lead] < 0:  # [0 < -u] = 1 - [0 <= u]
        op = "at-most" if op == "less" else "less"
        first, second = second, first
    test = Term("test", op, rational(0), unit.term())
    indicator = Poly.atom(Term("case", test, rational(1), rational(0)))
    return algebra.multiply(indicator, first - second) + second


def _decided(op: str, sign: str) -> bool | None:
    known = {
        "less": ({"+"}, {"-", "0", "0-"}),
        "at-most": ({"+", "0", "0+"}, {"-"}),
        "equal": ({"0"}, {"+", "-", "≠"}),
    }[op]
    return True if sign in known[0] else False if sign in known[1] else None


def _delta(algebra: Reducer, t: Term) -> Poly:
    """delta of places that are shifted alike."""
    (a, m), (b, n) = map(parts, t.args)
    if a is None and b is None:
        return KERNEL["delta"](algebra, t)
    if a is None:
        (a, m), (b, n) = (b, n), (a, m)
    assert a is not None
    shift = n - m
    i, j = (a, at(shift)) if b is None else (a, plus(b, shift))
    if b is not None and not shift.at_least(0, algebra.least):
        i, j = plus(a, m - n), b
    if i is j:
        return Poly.number(1)
    if distinct(t.args[0], t.args[1], algebra.least) or distinct(i, j, algebra.least):
        return Poly()
    if b is None and a.op == "free" and not shift.at_least(0, algebra.least):
        return KERNEL["delta"](algebra, t)
    return Poly.atom(delta_atom(i, j))


RULES: Mapping[str, Rule] = {"apply": _apply, "power": _power, "case": _case, "delta": _delta}
