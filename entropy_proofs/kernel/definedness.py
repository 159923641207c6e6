"""What must hold for a value to be defined: divisors, logarithms, roots, arguments of functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term, inner_values
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Poly, whole
from entropy_proofs.kernel.normal.rules import is_whole_definite, is_whole_inverse


@dataclass(frozen=True)
class Need:
    """Something that must hold: of a value to be "nonzero", "positive", "nonnegative" or "whole"
    (a natural number), of a matrix body to be "invertible"."""

    what: str
    value: Poly
    matrix: Term | None = None


def needs(algebra: Algebra, t: Term, always: bool = False) -> Iterator[Need]:
    """Everything that must hold for a value (its binders opened) to be defined.

    always: leave out what must hold in one case only.
    """
    if t.op == "power":
        base, exponent = (algebra.normal(a) for a in t.args)
        e = exponent.constant()
        if e is None:
            yield Need("positive", base)
        elif not whole(e):
            yield Need("positive" if e < 0 else "nonnegative", base)
        elif e < 0:
            yield Need("nonzero", base)
    elif t.op in {"apply", "partial"}:
        name, *args = t.args if t.op == "apply" else t.args[1:]
        for what, a in zip(FUNCTIONS[name].needs, args, strict=True):
            if what == "above one":
                yield Need("positive", algebra.normal(a) - Poly.number(1))
            elif what == "cosine nonzero":
                yield Need("nonzero", algebra.normal(Term("apply", "cos", a)))
            elif what != "any":
                yield Need(what, algebra.normal(a))
    elif t.op in {"logdet", "inverse"}:
        yield Need("invertible", Poly(), Term("matrix", *t.args[:2]))
    if not (always and t.op == "case"):
        for value, _ in inner_values(t):
            yield from needs(algebra, value, always)


def holds(algebra: Algebra, need: Need) -> bool:
    """Whether a need is known to be met everywhere (almost everywhere in continuous variables)."""
    if need.matrix is not None:
        return _invertible(algebra, *need.matrix.args)
    sign = algebra.signs.of(need.value)
    if need.what == "nonzero":
        return sign in {"+", "-", "≠"} or algebra.signs.almost_everywhere_nonzero(need.value)
    if need.what == "positive":
        return sign == "+" or (sign == "0+" and algebra.signs.almost_everywhere_nonzero(need.value))
    if need.what == "whole":
        c = need.value.constant()
        natural = c is not None and whole(c) and c >= 0
        return natural or (sign in {"+", "0+"} and algebra.signs.whole(need.value))
    return sign in {"+", "0+", "0"}


def _invertible(algebra: Algebra, n: Size, body: Term) -> bool:
    """A scaled positive definite parameter, or a diagonal that is nowhere zero."""
    i, j, element = algebra.opened_matrix(body, n)
    _, rest = algebra.matrix_content(element, i, j)
    single = rest.single()
    if single and len(single[0]) == 1:
        ((a, e),) = single[0]
        if e == 1 and (is_whole_definite(algebra, a, i, j) or is_whole_inverse(a, n, i, j)):
            return True
    diagonal = algebra.diagonal(rest, i, j)
    return diagonal is not None and algebra.signs.nonzero(diagonal)


def met(algebra: Algebra, need: Need, given: Sequence[Need]) -> bool:
    """Whether a need is met wherever the given ones are."""
    if any(_same(algebra, need, g) for g in given):
        return True
    nonnegative = need.what == "positive" and algebra.signs.of(need.value) == "0+"
    if not need.value or not (nonnegative or need.what == "nonzero"):
        return False
    divisors = (g.value for g in given if g.what in {"nonzero", "positive"} and g.value)
    known = {algebra.signs.pattern(q)[0] for p in divisors for q in factors(algebra, p)}
    return all(algebra.signs.pattern(q)[0] in known for q in factors(algebra, need.value))


def _same(algebra: Algebra, first: Need, second: Need) -> bool:
    """Whether the second need says all that the first asks for."""
    if first.what == "invertible" or second.what == "invertible":
        return first.what == second.what and _body(algebra, first) is _body(algebra, second)
    stronger = {
        "nonzero": {"nonzero", "positive"},
        "positive": {"positive"},
        "nonnegative": {"nonnegative", "positive"},
        "whole": {"whole"},
    }[first.what]
    if second.what not in stronger or not first.value or not second.value:
        return False
    (p, s), (q, t) = (
        algebra.signs.pattern(algebra.content(need.value, positive_only=True)[1])
        for need in (first, second)
    )
    return p is q and (s == t or first.what == "nonzero")


def _body(algebra: Algebra, need: Need) -> Term:
    assert need.matrix is not None
    n, body = need.matrix.args
    i, j, element = algebra.opened_matrix(body, n)
    return algebra.atom_of("exp", algebra.matrix_content(element, i, j)[1]).term()


def factors(algebra: Algebra, p: Poly) -> list[Poly]:
    """The factors of a divisor that are not known to be nonzero: the conditions it asks for."""
    mono, rest = algebra.content(p, positive_only=False)
    found: list[Poly] = []
    for q in [*(Poly.atom(a) for a, _ in mono), rest]:
        if q.constant() is None and not algebra.signs.nonzero(q):
            inside = _magnitude_of(q)
            found += [q] if inside is None else factors(algebra, algebra.normal(inside))
    return found


def _magnitude_of(p: Poly) -> Term | None:
    """What this is |...| of."""
    single = p.single()
    a = next(iter(single[0]))[0] if single and len(single[0]) == 1 else None
    return a.args[1] if a is not None and a.op == "apply" and a.args[0] == "abs" else None
