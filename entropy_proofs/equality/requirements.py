"""What must hold for a side to be defined, and how that reads.

Divisors, determinants of inverses and poles may be left as preconditions.  What must be positive or
has a root must be so on both sides, or on neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from entropy_proofs.equality.evaluation import Drawn, NoValue
from entropy_proofs.equality.normal_forms import special_maps as maps
from entropy_proofs.equality.normal_forms.elementary import factored_sign
from entropy_proofs.equality.normal_forms.matrix_forms import (
    positive_definite,
    square_factors,
    upright,
)
from entropy_proofs.equality.normal_forms.matrix_text import matrix_text
from entropy_proofs.kernel.definedness import Need as KernelNeed, holds
from entropy_proofs.kernel.found import Condition
from entropy_proofs.kernel.language.show import term_text
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term, closed, inner_values, substituted
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Poly, primitive, whole
from entropy_proofs.model.model import Model
from entropy_proofs.printing.plain import plain
from entropy_proofs.proof.conditions import stated

PRECONDITIONS = ("nonzero", "invertible", "no pole")


@dataclass(frozen=True)
class Requirement:
    """kind: "nonzero", "no pole" or "nonnegative" of `value`, "invertible", or "exists" (what only
    the same on the other side grants).  key: the same for the same requirement."""

    kind: str
    key: tuple
    value: Poly
    matrix: Term | None = None


def requirements(algebra: Algebra, t: Term, case: tuple = ()) -> Iterator[Requirement]:
    """Everything that is not known to hold and must, for a value to be defined."""
    op = t.op
    if op == "power":
        yield from _power(algebra, t, case)
    elif op == "apply":
        name, *args = t.args
        for what, a in zip(FUNCTIONS[name].needs, args, strict=True):
            if what == "positive":
                yield from positive(algebra, algebra.normal(a), case)
            elif what == "cosine nonzero":
                yield from nonzero(algebra, algebra.normal(Term("apply", "cos", a)), case)
    elif op in {"logdet", "inverse"}:
        yield from invertible(algebra, t.args[0], t.args[1], case)
    elif op == "map" and t.args[0].startswith("·opaque"):
        yield Requirement("exists", (algebra.normal(t).term(), *case), Poly())
        return
    elif op == "map":
        yield from _map(algebra, t, case)
    if op == "case":
        test = t.args[0]
        for a in test.args[1:]:
            yield from requirements(algebra, a, case)
        key = tuple(algebra.normal(a).term() for a in test.args[1:])
        for branch, a in enumerate(t.args[1:]):
            yield from requirements(algebra, a, (*case, test.args[0], *key, branch))
        return
    is_det = op == "map" and t.args[0] == maps.DETERMINANT
    unless = _unless_empty(algebra, t)
    for value, _ in inner_values(t.args[2] if is_det else t):
        for r in requirements(algebra, value, case):
            yield r if r.kind in PRECONDITIONS else replace(r, key=(*r.key, *unless))


def _unless_empty(algebra: Algebra, t: Term) -> tuple:
    """Of a sum or product that may have no terms: then its terms need not be defined."""
    if t.op == "map" and t.args[0] in {maps.SUM, maps.PRODUCT}:
        length = algebra.normal(t.args[2])
        return () if algebra.signs.positive(length) else ("unless empty", length.term())
    if t.op == "sum" and not all(n.at_least(1, algebra.least) for n in t.args[0]):
        return ("unless empty", t.args[0])
    return ()


def _power(algebra: Algebra, t: Term, case: tuple) -> Iterator[Requirement]:
    base, exponent = map(algebra.normal, t.args)
    e = exponent.constant()
    if e is not None:
        if not whole(e):
            yield from nonnegative(algebra, base, case)
        if e < 0:
            yield from nonzero(algebra, base, case)
        return
    signs = algebra.signs
    if sign_of(algebra, base) == "+":
        return
    if signs.whole(exponent):
        if signs.of(exponent) not in {"+", "0+"}:
            yield from nonzero(algebra, base, case)
        return
    if signs.of(base) == "0+" and signs.of(exponent) == "+":
        return
    yield Requirement("exists", ("power", base.term(), exponent.term(), *case), Poly())


def _map(algebra: Algebra, t: Term, case: tuple) -> Iterator[Requirement]:
    name = t.args[0]
    if name == maps.ENDLESS:
        ((mono, _),) = algebra.normal(t) if algebra.normal(t) else Poly.number(1)
        yield Requirement("exists", (tuple(sorted(a.key for a, _ in mono)), *case), Poly())
    elif name in {maps.GAMMA, maps.POLYGAMMA}:
        x = algebra.normal(t.args[-1])
        if sign_of(algebra, x) != "+":
            yield Requirement("no pole", (x.term(), *case), x)
    elif name == maps.ZETA:
        yield from nonzero(algebra, algebra.normal(t.args[2]) - Poly.number(1), case)
    elif name == maps.BESSEL:
        order, x = (algebra.normal(a) for a in t.args[2:])
        if sign_of(algebra, x) != "+" and not algebra.signs.whole(order):
            yield Requirement("exists", (name, order.term(), x.term(), *case), Poly())


# of values ----------------------------------------------------------------------------------------
def sign_of(algebra: Algebra, p: Poly) -> str:
    """The sign, by a ball where the value is a number."""
    found = algebra.signs.of(p)
    if found == "?" and len(p) > 1:
        found = factored_sign(algebra, p)
    if found != "?" or p.free() or p.labels():
        return found
    t = p.term()
    if any(a.op in {"size", "map", "free"} for a in t.subterms()):
        return found
    try:
        value = Drawn(algebra.signature, Random(0)).value(t, ())
    except (NoValue, LookupError, ValueError):
        return found
    return "+" if value > 0 else "-" if value < 0 else found


def positive(algebra: Algebra, p: Poly, case: tuple) -> Iterator[Requirement]:
    """Not negative and not zero."""
    if sign_of(algebra, p) == "+":
        return
    if p:
        mono, rest = algebra.content(p, positive_only=False)
        kept = [a for a, e in mono if whole(e) and e % 2 and not algebra.signs.nonnegative_atom(a)]
        for a, _ in mono:
            yield from nonzero(algebra, Poly.atom(a), case)
        left = algebra.multiply(rest, Poly({frozenset((a, 1) for a in kept): 1}))
        yield from nonnegative(algebra, left, case)
        yield from nonzero(algebra, rest, case)
        return
    yield from nonzero(algebra, p, case)


def nonnegative(algebra: Algebra, p: Poly, case: tuple) -> Iterator[Requirement]:
    if not p or sign_of(algebra, p) in {"+", "0+", "0"}:
        return
    _, rest = algebra.content(p, positive_only=True)
    pattern, sign = algebra.signs.pattern(rest)
    yield Requirement("nonnegative", (pattern, sign, *case), rest)


def nonzero(algebra: Algebra, p: Poly, case: tuple) -> Iterator[Requirement]:
    """The factors that are not known to be nonzero."""
    if not p:
        yield Requirement("nonzero", ("zero", *case), p)
        return
    if sign_of(algebra, p) in {"+", "-", "≠"}:
        return
    mono, rest = algebra.content(p, positive_only=False)
    for a, _ in sorted(mono, key=lambda f: f[0].key):
        yield from _nonzero_atom(algebra, a, case)
    single = rest.single()
    if single is not None:
        for a, _ in sorted(single[0], key=lambda f: f[0].key):
            yield from _nonzero_atom(algebra, a, case)
    elif sign_of(algebra, rest) not in {"+", "-", "≠"}:
        pattern, _ = algebra.signs.pattern(rest)
        yield Requirement("nonzero", (pattern, *case), primitive(rest))


def _nonzero_atom(algebra: Algebra, a: Term, case: tuple) -> Iterator[Requirement]:
    if sign_of(algebra, Poly.atom(a)) in {"+", "-", "≠"}:
        return
    if a.op == "apply" and a.args[0] == "abs":
        yield from nonzero(algebra, algebra.normal(a.args[1]), case)
    elif a.op == "power" and a.args[1].op == "rational":
        yield from nonzero(algebra, algebra.normal(a.args[0]), case)
    elif a.op == "add":
        yield from nonzero(algebra, algebra.summands(a), case)
    elif a.op == "map" and a.args[0] == maps.DETERMINANT:
        yield from invertible(algebra, a.args[2].args[0], a.args[2].args[1], case)
    elif a.op == "map" and a.args[0] == maps.SIGN:
        yield from nonzero(algebra, algebra.normal(a.args[2]), case)
    elif a.op == "map" and a.args[0] == maps.GAMMA:
        return  # no zeros
    else:
        pattern, _ = algebra.signs.pattern(Poly.atom(a))
        yield Requirement("nonzero", (pattern, *case), Poly.atom(a))


def invertible(algebra: Algebra, n: Size, body: Term, case: tuple) -> Iterator[Requirement]:
    need = KernelNeed("invertible", Poly(), Term("matrix", n, body))
    if positive_definite(algebra, n, body) or holds(algebra, need):
        return
    i, j, element = algebra.opened_matrix(body, n)
    if not element:
        yield Requirement("nonzero", ("zero", *case), element)
        return
    factors = square_factors(algebra, element, n, i, j)
    if factors is not None:
        for f in factors:
            yield from invertible(algebra, n, f, case)
        return
    mono, rest = algebra.content(element, positive_only=False)
    outer = {a: e for a, e in mono if not a.free & {i, j}}
    for a in outer:
        yield from _nonzero_atom(algebra, a, case)
    scale = Poly({frozenset((a, -e) for a, e in outer.items()): 1})
    rest = primitive(algebra.multiply(element, scale))
    diagonal = algebra.diagonal(rest, i, j)
    if diagonal is not None:
        yield from nonzero(algebra, diagonal, case)
        return
    single = rest.single()
    if single and len(single[0]) == 1:
        ((a, e),) = single[0]
        if a.op == "inverse" and e == 1:
            yield from invertible(algebra, a.args[0], a.args[1], case)
            return
    body = upright(algebra, rest, i, j)
    yield Requirement("invertible", (n, body, *case), Poly(), Term("matrix", n, body))


# in words -----------------------------------------------------------------------------------------
def said(algebra: Algebra, r: Requirement, shown: Model) -> str:
    """In one line.  shown: what the kernel's names are called (its dims and parameters)."""
    if r.matrix is not None:
        n, body = r.matrix.args
        name = matrix_text(algebra, n, body)
        return f"{name or _text(algebra.opened_matrix(body, n)[2])} invertible"
    p = r.value
    if r.kind == "no pole" and algebra.signs.whole(p):
        return f"{_raised(p - Poly.number(1), shown)} ≥ 0"
    if r.kind == "no pole":
        return f"{_raised(p, shown)} ∉ {{0, -1, -2, ...}}"
    if r.kind == "nonnegative":
        return f"{_raised(p, shown)} ≥ 0"
    try:
        return str(stated(shown, _condition(p)))
    except _NO_TEXT:
        return f"{_text(p)} ≠ 0"


_NO_TEXT = (TypeError, LookupError, AttributeError, ValueError)


def _condition(p: Poly) -> Condition:
    indices = sorted(p.free(), key=lambda f: f.args[0])
    over = tuple(f.args[1] for f in indices)
    return Condition("nonzero", over, closed(p.term(), indices))


def _raised(p: Poly, shown: Model) -> str:
    try:
        return plain(stated(shown, _condition(p)).value)
    except _NO_TEXT:
        return _text(p)


def _text(p: Poly) -> str:
    letters = (letter for letter in "ijklmn" if letter not in p.labels())
    names = dict(zip(sorted(p.free(), key=lambda f: f.args[0]), letters, strict=False))
    return term_text(substituted(p.term(), {f: Term("shown", c) for f, c in names.items()}))
