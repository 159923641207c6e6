"""Strategies that draw chains: an expression with holes, and a rule that rewrites each of them.

Choices are listed from simple to involved, so that hypothesis shrinks towards the simple ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hypothesis import strategies as st

from campaign.steps.points import Declared
from campaign.steps.rules import MATRICES, RULES, SCALAR, SUMS, Rule
from campaign.steps.terms import Term, call, entry, num, put, total, var

V = TypeVar("V")
SYMBOLS: Mapping[str, Declared] = {
    "x": Declared("real"),
    "y": Declared("real"),
    "z": Declared("real"),
    "a": Declared("real"),
    "s": Declared("positive"),
    "t": Declared("positive"),
    "r": Declared("negative"),
    "h": Declared("nonnegative"),
    "p": Declared("unit interval"),
    "k": Declared("integer"),
    "l": Declared("integer"),
    "c": Declared("natural"),
    "n": Declared("size"),
    "m": Declared("size"),
    "d": Declared("size"),
    "f": Declared("array of real"),
    "g": Declared("array of real"),
    "q": Declared("array of positive"),
    "w": Declared("simplex", ("n",)),
    "A": Declared("matrix", ("d", "d")),
    "B": Declared("matrix", ("d", "d")),
    "C": Declared("matrix", ("d", "d")),
    "S": Declared("symmetric", ("d", "d")),
    "P": Declared("positive definite", ("d", "d")),
    "Q": Declared("positive definite", ("d", "d")),
    "W": Declared("matrix", ("d", "m")),
    "V": Declared("matrix", ("d", "m")),
    "u": Declared("matrix", ("d", 1)),
    "v": Declared("matrix", ("d", 1)),
}
I = var("i")
_DEPTH = 2


@dataclass(frozen=True)
class Chain:
    """`terms`: said to be equal, each to the next; `rules`: what made each of the others."""

    terms: tuple[Term, ...]
    rules: tuple[str, ...]

    @property
    def declared(self) -> dict[str, Declared]:
        """Of the symbols that occur, and of their sizes."""
        names: set[str] = set()
        for t in self.terms:
            for part in t.parts():
                if part.op in ("var", "matrix", "entry"):
                    names.add(part.args[0])
        sizes = {n for s in names if s in SYMBOLS for n in SYMBOLS[s].shape if isinstance(n, str)}
        return {n: SYMBOLS[n] for n in sorted(names | sizes) if n in SYMBOLS}


class _Drawing:
    """Draws terms of a sort."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.depth = 0

    def choose(self, options: Sequence[V]) -> V:
        return options[self._draw(st.integers(0, len(options) - 1))]

    def of(self, sort: str) -> Term:
        """Of a rule's sort: a letter."""
        if sort in "ABCPQS":
            return self.matrix(sort)
        if sort in "WVuv":
            return Term("matrix", (sort,))
        return _SORTS[sort](self)

    def deeper(self, simple: Callable[[], Term], *involved: Callable[[], Term]) -> Term:
        """The first, or one of the others while there is depth left."""
        if self.depth >= _DEPTH:
            return simple()
        self.depth += 1
        made = self.choose([simple, *involved])()
        self.depth -= 1
        return made

    # scalars --------------------------------------------------------------------------------------
    def any(self) -> Term:
        return self.deeper(
            self.leaf,
            lambda: self.any() + self.any(),
            lambda: self.any() * self.any(),
            lambda: -self.any(),
            lambda: self.any() ** self.choose((2, 3)),
            lambda: call(self.choose(("sin", "cos", "tanh", "exp", "abs", "sign")), self.any()),
            lambda: call(self.choose(("log", "digamma", "loggamma", "gamma")), self.positive()),
            lambda: self.any() / self.positive(),
            lambda: self.positive() ** self.choose((num(1, 2), num(-1, 2), num(1, 3), var("a"))),
            lambda: call(self.choose(("max", "min")), self.any(), self.any()),
            lambda: Term(
                "piecewise", (call("gt", var("x"), 0), self.any(), Term("true"), self.any())
            ),
            lambda: total(self.body(), "i", 0, var("n") - 1),
            lambda: self.any() / self.any(),
            lambda: self.any() ** self.whole(),
            lambda: call(self.choose(("log", "gamma", "digamma", "factorial")), self.any()),
            lambda: self.any() ** self.choose((num(1, 2), num(1, 3), num(-1, 2), num(3, 2))),
            lambda: call("delta", self.whole(), self.whole()),
            lambda: call(self.choose(("tan", "cosh", "sinh", "floor", "atan")), self.any()),
            lambda: total(self.body(), "i", self.whole(), self.whole()),
            lambda: Term("prod", (self.body(), "i", num(0), var("n") - 1)),
            lambda: call("trace", self.matrix("A")),
            lambda: call("det", self.matrix("A")),
        )

    def leaf(self) -> Term:
        return self.choose([*map(var, "xyszhkprcn"), num(1), num(2), num(-1), num(1, 2), num(0)])

    def positive(self) -> Term:
        return self.deeper(
            lambda: self.choose([*map(var, "stpn"), num(2), num(1, 2)]),
            lambda: self.positive() * self.positive(),
            lambda: self.positive() + self.positive(),
            lambda: call("exp", self.any()),
            lambda: self.any() ** 2 + 1,
            lambda: 1 - var("p"),
            lambda: 1 / self.positive(),
        )

    def nonnegative(self) -> Term:
        return self.deeper(
            lambda: self.choose([*map(var, "hcs")]),
            lambda: call("abs", self.any()),
            lambda: self.any() ** 2,
        )

    def whole(self) -> Term:
        return self.deeper(
            lambda: self.choose([*map(var, "klcn"), num(2), num(3)]),
            lambda: self.whole() + self.whole(),
            lambda: self.whole() * self.whole(),
            lambda: -self.whole(),
        )

    def count(self) -> Term:
        return self.deeper(
            lambda: self.choose([var("c"), var("n")]), lambda: self.count() + self.count()
        )

    def body(self) -> Term:
        """Depends on the index i."""
        return self.deeper(
            lambda: self.choose([entry("f", I), entry("g", I), entry("q", I), I]),
            lambda: self.body() * self.body(),
            lambda: self.body() + self.leaf(),
            lambda: self.leaf() * self.body(),
            lambda: call(self.choose(("exp", "abs", "sign")), self.body()),
            lambda: self.body() ** 2,
        )

    def weight(self) -> Term:
        """Positive, and depends on the index i."""
        return self.deeper(
            lambda: entry("q", I),
            lambda: self.positive() * entry("q", I),
            lambda: call("exp", self.body()),
        )

    # matrices -------------------------------------------------------------------------------------
    def matrix(self, sort: str) -> Term:
        own = Term("matrix", (sort,))
        if sort in "PQ":
            return self.deeper(lambda: own, lambda: own + call("identity", var("d")))
        if sort == "S":
            return self.deeper(lambda: own, lambda: Term("matrix", ("P",)))
        return self.deeper(
            lambda: own,
            lambda: call("transpose", own),
            lambda: own + call("identity", var("d")),
            lambda: own @ Term("matrix", (self.choose("BAP"),)),
            lambda: self.leaf() * own,
            lambda: call("inverse", Term("matrix", ("P",))),
        )

    # steps ----------------------------------------------------------------------------------------
    def context(self, holes: Sequence[str]) -> Term:
        """A term in which every hole occurs once."""
        first, *rest = map(var, holes)
        made = self.around(first)
        for hole in rest:
            made = self.choose([made + hole, made * hole, made - hole])
        return made

    def around(self, hole: Term) -> Term:
        return self.choose([
            hole,
            hole + self.leaf(),
            self.leaf() * hole,
            2 - hole,
            call("exp", -hole),
            hole**2,
            call("abs", hole),
            hole / var("s"),
        ])  # fmt: skip

    def rule(self) -> Rule:
        return self.choose(self.choose([SCALAR, SCALAR, SUMS, MATRICES]))

    def mutated(self, t: Term) -> Term:
        """With one slip somewhere."""
        places = [p for p in t.parts() if _slips(p)]
        if not places:
            return -t
        place = self.choose(places)
        return put(t, place, self.choose(_slips(place)))


_SORTS: Mapping[str, Callable[[_Drawing], Term]] = {
    **dict.fromkeys("xyz", _Drawing.any),
    **dict.fromkeys("st", _Drawing.positive),
    "h": _Drawing.nonnegative,
    "a": lambda d: d.choose([var("a"), var("s"), num(1, 2), num(3, 2), num(1, 3)]),
    "k": _Drawing.whole,
    "l": _Drawing.whole,
    "c": _Drawing.count,
    "f": _Drawing.body,
    "g": _Drawing.body,
    "q": _Drawing.weight,
}


def _slips(t: Term) -> list[Term]:
    """What a hand makes of this term by mistake."""
    a = t.args
    match t.op:
        case "add":
            dropped = [Term("add", a[:k] + a[k + 1 :]) if len(a) > 2 else a[1 - k] for k in (0, 1)]
            return [Term("add", (-a[0], *a[1:])), *dropped]
        case "matmul":
            square = all(f.op == "matrix" and f.args[0] in "ABCPQS" for f in a)
            return [Term("matmul", a[::-1])] if square else []
        case "abs" | "sign" | "exp":
            return [a[0]]
        case "transpose":
            return [a[0]] if a[0].op == "matrix" and a[0].args[0] in "ABCPQS" else []
        case "mul":
            return [2 * t, Term("mul", a[1:]) if len(a) > 2 else a[1]]
        case "pow" if a[1].op == "num":
            return [a[0] ** (a[1] + 1), a[0] ** -a[1]]
        case "sum" if Term("entry", ("w", I)) not in t.parts():  # the sum says w's size
            body, index, low, high = a
            return [Term("sum", (body, index, low + 1, high)), total(body, index, low, high + 1)]
        case "gamma" | "digamma" | "loggamma" | "factorial":
            return [Term(t.op, (a[0] + 1,))]
        case "log":
            return [-t]
        case "max":
            return [Term("min", a)]
    return []


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """One to three steps."""
    d = _Drawing(draw)
    rules = [d.rule() for _ in range(d.choose((1, 1, 2, 3)))]
    holes = [f"hole{k}" for k in range(len(rules))]
    context = d.context(holes)
    pairs = [rule.sides(*map(d.of, rule.takes)) for rule in rules]
    terms, names = [], []
    for done in range(len(rules) + 1):
        made = context
        for k, (hole, sides) in enumerate(zip(holes, pairs, strict=True)):
            made = made.put(hole, sides[k < done])
        terms.append(made)
    names = [r.name for r in rules]
    if d.choose((False, False, False, True)):
        terms.append(d.mutated(terms[-1]))
        names.append("a slip at random")
    return Chain(tuple(terms), tuple(names))


TRUE = frozenset(r.name for r in RULES if r.true)
