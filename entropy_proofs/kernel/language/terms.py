"""The term language: immutable, interned, with nameless binders.

A term is an operator and its arguments (terms, sizes, names, fractions, tuples of sizes).

    values    rational q | constant name | size n | element label i... | index i
              add t... | multiply t... | power b e | apply function t... | partial k function t...
              sum (n, ...) body | delta i j | case condition then else
              logdet n body | inverse n body i j
              map name unit-or-None input... | slope map which component-or-None
    inputs    a value | vector n body
    tests     test less a b | test equal a b | test at-most a b
    indices   at n | bound k | free level n | plus i n | element label i...

`sum`, `logdet`, `inverse` and `vector` bind indices: in a body under m binders `bound 0..m-1` are
its own, larger ones those of the binders around it, so no name is ever captured.  A body is opened
with `free` indices (a level and the size of its range), which files can't hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar
from weakref import WeakValueDictionary

from entropy_proofs.kernel.language.sizes import ONE, ZERO, Size
from entropy_proofs.kernel.refusal import spend

BINDERS: Mapping[str, Callable[[tuple], int]] = {  # how many indices the body's binder binds
    "sum": lambda args: len(args[0]),
    "vector": lambda args: 1,
    "logdet": lambda args: 2,
    "inverse": lambda args: 2,
}
_BODY = 1  # the position of a binder's body among its arguments
_EMPTY: frozenset = frozenset()


class Term:
    """Equal terms are one object, so terms are compared and hashed by identity."""

    __slots__ = ("__weakref__", "_key", "args", "dangling", "free", "labels", "op")
    _known: ClassVar[WeakValueDictionary[tuple, Term]] = WeakValueDictionary()

    op: str
    args: tuple
    free: frozenset[Term]  # free indices
    labels: frozenset[str]
    dangling: int  # bound indices 0..dangling-1 may point outside
    _key: str | None

    def __new__(cls, op: str, *args: Any) -> Term:
        found = cls._known.get((op, args))
        if found is not None:
            return found
        spend(1)
        self = object.__new__(cls)
        self.op, self.args, self._key = op, args, None
        inner = [a for a in args if isinstance(a, Term)]
        self.free = _EMPTY.union(*(a.free for a in inner)) if inner else _EMPTY
        self.labels = _EMPTY.union(*(a.labels for a in inner)) if inner else _EMPTY
        self.dangling = max((a.dangling for a in inner), default=0)
        if op in BINDERS:
            outside = max(0, args[_BODY].dangling - BINDERS[op](args))
            rest = (a.dangling for a in args[_BODY + 1 :])
            self.dangling = max(outside, *rest, 0)
        elif op == "element":
            self.labels |= {args[0]}
        elif op == "free":
            self.free = frozenset([self])
        elif op == "bound":
            self.dangling = args[0] + 1
        cls._known[op, args] = self
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Term, (self.op, *self.args)

    @property
    def key(self) -> str:
        """A total order on terms that does not depend on the process."""
        if self._key is None:
            self._key = f"{self.op}({','.join(_key_of(a) for a in self.args)})"
            spend(len(self._key) >> 4)
        return self._key

    def __repr__(self) -> str:
        return self.key

    def subterms(self) -> Iterable[Term]:
        """All terms within, itself included, each once."""
        seen, pending = {self}, [self]
        while pending:
            t = pending.pop()
            yield t
            for a in t.args:
                if isinstance(a, Term) and a not in seen:
                    seen.add(a)
                    pending.append(a)


def _key_of(argument: Any) -> str:
    if isinstance(argument, Term):
        return argument.key
    if isinstance(argument, tuple):
        return f"[{','.join(map(str, argument))}]"
    if isinstance(argument, int):
        return f"{argument:04d}"  # so that 9 comes before 10
    return repr(argument) if isinstance(argument, str) else str(argument)


# constructors -------------------------------------------------------------------------------------
def rational(q: Fraction | int) -> Term:
    return Term("rational", Fraction(q))


def at(n: Size | int) -> Term:
    """The index that is a constant."""
    return Term("at", Size.number(n) if isinstance(n, int) else n)


def free(level: int, size: Size) -> Term:
    return Term("free", level, size)


def plus(i: Term, offset: Size) -> Term:
    """The index i + offset."""
    if i.op == "at":
        return at(i.args[0] + offset)
    if i.op == "plus":
        i, offset = i.args[0], i.args[1] + offset
    return i if offset == ZERO else Term("plus", i, offset)


def parts(i: Term) -> tuple[Term | None, Size]:
    """An index as (what varies, or None, and the offset)."""
    if i.op == "at":
        return None, i.args[0]
    return i.args if i.op == "plus" else (i, ZERO)


def distinct(i: Term, j: Term, least: Mapping[str, int]) -> bool:
    """Whether two indices are known never to be equal."""
    (a, m), (b, n) = parts(i), parts(j)
    if a is b:
        return (m - n).at_least(1, least) or (n - m).at_least(1, least)
    varying, low, high = (b, n, m) if a is None else (a, m, n)
    if (a is None or b is None) and varying is not None and varying.op == "free":
        top = low + varying.args[1]  # i + low, which is one of low..top-1, against high
        return (low - high).at_least(1, least) or (high - top).at_least(0, least)
    return False


def level_above(*terms: Term) -> int:
    """A level that no free index of these has."""
    return max((f.args[0] for t in terms for f in t.free), default=-1) + 1


# binders ------------------------------------------------------------------------------------------
def opened(body: Term, indices: Sequence[Term]) -> Term:
    """The body under len(indices) binders with these (locally closed) indices put in."""
    return _moved(body, indices, 0, {})


def _moved(t: Term, indices: Sequence[Term], depth: int, known: dict) -> Term:
    if t.dangling <= depth:
        return t
    found = known.get((t, depth))
    if found is None:
        if t.op == "bound":
            k = t.args[0] - depth
            found = indices[k] if k < len(indices) else Term("bound", t.args[0] - len(indices))
        else:
            found = _rebuilt(t, lambda a, inside: _moved(a, indices, depth + inside, known))
        known[t, depth] = found
    return found


def closed(t: Term, indices: Sequence[Term]) -> Term:
    """The body in which these free indices are bound, the first as `bound 0`."""
    return _bound(t, {f: k for k, f in enumerate(indices)}, 0, {})


def _bound(t: Term, places: Mapping[Term, int], depth: int, known: dict) -> Term:
    if t.op == "free":
        return Term("bound", places[t] + depth) if t in places else t
    if not t.free & places.keys():
        return t
    found = known.get((t, depth))
    if found is None:
        found = known[t, depth] = _rebuilt(
            t, lambda a, inside: _bound(a, places, depth + inside, known)
        )
    return found


def substituted(t: Term, values: Mapping[Term, Term]) -> Term:
    """Free indices replaced by (locally closed) indices."""
    return _replaced(t, values, {})


def _replaced(t: Term, values: Mapping[Term, Term], known: dict) -> Term:
    if t.op == "free":
        return values.get(t, t)
    if not t.free & values.keys():
        return t
    found = known.get(t)
    if found is None:
        found = known[t] = _rebuilt(t, lambda a, inside: _replaced(a, values, known))
    return found


def _rebuilt(t: Term, change: Callable[[Term, int], Term]) -> Term:
    """The term with changed arguments; `change` is told how many binders are passed."""
    inside = BINDERS[t.op](t.args) if t.op in BINDERS else 0
    args: tuple[Any, ...] = tuple(
        change(a, inside if inside and k == _BODY else 0) if isinstance(a, Term) else a
        for k, a in enumerate(t.args)
    )
    if t.op == "plus":
        return plus(args[0], args[1])
    return Term(t.op, *args)


def inner_values(t: Term) -> Iterator[tuple[Term, tuple[Term, ...]]]:
    """The values directly inside, each with the new free indices under which it stands."""
    if t.op in BINDERS:
        start, m = level_above(t), BINDERS[t.op](t.args)
        sizes = t.args[0] if t.op == "sum" else (t.args[0],) * m
        new = tuple(free(start + k, n) for k, n in enumerate(sizes))
        yield opened(t.args[_BODY], new), new
        return
    inner = t.args[0].args[1:] + t.args[1:] if t.op == "case" else t.args[_INNER.get(t.op, 99) :]
    for a in inner:
        if a.op == "vector":
            yield from inner_values(a)
        else:
            yield a, ()


_INNER = {"add": 0, "multiply": 0, "power": 0, "apply": 1, "partial": 2, "map": 2}


def product_of(sizes: Iterable[Size]) -> Size:
    total = ONE
    for n in sizes:
        total = total * n
    return total
