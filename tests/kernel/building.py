"""What the kernel's tests share: an algebra over some labels, and random values over them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from oracle import documents as d
from oracle.certificates import MP, Point

from entropy_proofs.kernel.certificate import read
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.normal_forms import Algebra

LABELS = [
    d.label("s", "learned", (), "positive"),
    d.label("w", "learned", ("K",)),
    d.label("p", "learned", (), "unit interval"),
    d.label("rho", "learned", ("K",), "simplex"),
    d.label("A", "learned", ("K", "K"), "simplex"),
    d.label("P", "learned", ("K", "K"), "unit interval"),
    d.label("C", "learned", ("K", "K"), "positive definite"),
    d.label("u", "given", ("K",)),
    d.label("b", "given", (), "binary"),
    d.label("n", "given", (), "natural"),
    d.label("c", "given", (), ["category", d.size("K")]),
    d.label("x", "observed"),
]
SIZES = {"K": 2, "M": 1}


def stated(value: Any, **others: Any) -> Any:
    """A document whose only density is the value."""
    return d.document(LABELS, [d.conditional("x", value)], sizes=SIZES, **others)


def algebra() -> Algebra:
    return Algebra(read(stated("0"))[0].signature())


def term(value: Any) -> Term:
    """The value as the kernel reads it."""
    return read(stated(value))[0].conditionals[0].log_density


def number(value: Any, seed: int) -> Any:
    """The value by the independent evaluator at a drawn point."""
    return Point(stated("0")["statement"], seed).value(value, ())


def json_of(t: Any) -> Any:
    """A closed term without internal operators, written back."""
    if t.op == "rational":
        return str(t.args[0])
    return [t.op, *(_argument(a) for a in t.args)]


def _argument(a: Any) -> Any:
    if isinstance(a, Term):
        return json_of(a)
    if isinstance(a, tuple):
        return [_argument(x) for x in a]
    return [[c, *names] for names, c in a] if hasattr(a, "terms") else a


def close(a: Any, b: Any) -> bool:
    return abs(a - b) <= MP.mpf(10) ** -35 * max(1, abs(a), abs(b))


def elements(*indices: Any) -> list[Any]:
    found = [d.element("s"), d.element("p"), d.element("x"), d.element("b"), d.element("n")]
    for i in (*indices, d.at(0), ["element", "c"]):
        found += [d.element("w", i), d.element("rho", i), d.element("u", i)]
    for i in indices:
        for j in indices:
            found += [d.element("C", i, j), ["delta", i, j]]
    return found


def values(depth: int = 3, bound: int = 0) -> st.SearchStrategy[Any]:
    """Values that are defined everywhere, under so many binders."""
    indices = [d.bound(k) for k in range(bound)]
    leaves = st.sampled_from([*elements(*indices), "2", "-1/3", "0", d.PI, ["size", d.size("K")]])
    if not depth:
        return leaves
    inner = values(depth - 1, bound)
    smooth = st.sampled_from(["exp", "sin", "cos", "atan", "erf", "tanh", "abs", "sech"])
    squares = inner.map(lambda t: d.add("1", d.power(d.apply("sin", t), "2")))  # positive
    choices = [
        leaves,
        st.lists(inner, min_size=2, max_size=3).map(lambda t: d.add(*t)),
        st.lists(inner, min_size=2, max_size=3).map(lambda t: d.times(*t)),
        st.tuples(smooth, inner).map(lambda t: d.apply(t[0], d.apply("sin", t[1]))),
        st.tuples(inner, st.sampled_from(["2", "3"])).map(lambda t: d.power(*t)),
        st.tuples(squares, st.sampled_from(["-1", "1/2", "-2", "-1/2"])).map(lambda t: d.power(*t)),
        squares.map(d.log),
        squares.map(lambda t: d.apply("loggamma", d.add(t, "2"))),
        squares.map(lambda t: d.apply("polygamma", "1", d.add(t, "1"))),
        st.tuples(inner, inner).map(
            lambda t: ["case", ["test", "less", d.element("x"), "0"], t[0], t[1]]
        ),
    ]
    if bound < 3:
        body = values(depth - 1, bound + 1)
        choices.append(body.map(lambda t: d.total(["K"], t)))
    return st.one_of(choices)
