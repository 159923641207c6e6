"""The statement: everything that is known before any search, and whether it is well formed.

A statement is a directed model in the term language: named sizes, labels with role, shape and
domain, and for each conditional its plates, its own variable, its log density and its weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from entropy_proofs.kernel.language.labels import (
    DOMAINS,
    ROLES,
    VARIABLE,
    Conditional,
    Domain,
    Label,
)
from entropy_proofs.kernel.language.show import statement_text
from entropy_proofs.kernel.language.sizes import INFINITE, INFINITE_NAME, ONE, Size
from entropy_proofs.kernel.language.terms import (
    Term,
    distinct,
    free,
    inner_values,
    opened,
    parts,
    product_of,
    rational,
)
from entropy_proofs.kernel.refusal import Refused, spend


@dataclass(frozen=True)
class Statement:
    """A model.  sizes: {name: least value}.  q_weight: of H[q] in the bound."""

    title: str
    sizes: Mapping[str, int]
    labels: tuple[Label, ...]
    conditionals: tuple[Conditional, ...]
    q_weight: Term = field(default_factory=lambda: rational(1))

    def __str__(self) -> str:
        return statement_text(self.title, self.sizes, self.labels, self.conditionals, self.q_weight)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def signature(self) -> Signature:
        """Raises Refused unless the statement is well formed."""
        signature = Signature(self)
        signature.check()
        return signature


class Signature:
    """What may occur where: positive lists, looked up in the statement and nowhere else."""

    def __init__(self, statement: Statement):
        self.statement = statement
        self.least = dict(statement.sizes)
        self.labels = {label.name: label for label in statement.labels}
        self.all = frozenset(self.labels)
        self._of_role = {
            role: frozenset(n for n, label in self.labels.items() if label.role == role)
            for role in ROLES
        }

    # questions ------------------------------------------------------------------------------------
    def names(self, *roles: str) -> frozenset[str]:
        return frozenset().union(*(self._of_role[role] for role in roles))

    def is_continuous(self, a: Term) -> bool:
        """Whether the atom is an element of a continuous variable."""
        return (
            a.op == "element"
            and self.labels[a.args[0]].role in VARIABLE
            and (self.labels[a.args[0]].kind.continuous)
        )

    def is_coordinate(self, a: Term) -> bool:
        """Whether the atom is an element that varies freely, whatever the others are."""
        kinds = {"real", "positive", "unit interval", "interval"}
        return self.is_continuous(a) and self.labels[a.args[0]].domain.kind in kinds

    def is_whole(self, a: Term) -> bool:
        """Whether the atom is a whole number."""
        if a.op == "element":
            return not self.labels[a.args[0]].kind.continuous
        return a.op in {"size", "index", "delta"}

    def fits(self, i: Term, size: Size) -> bool:
        """Whether an index is known to be one of 0..size-1."""
        varying, offset = parts(i)
        top = ONE if varying is None else self._range(varying)
        if top is None or not offset.at_least(0, self.least):
            return False
        return (size - top - offset).at_least(0, self.least)

    def _range(self, i: Term) -> Size | None:
        """n, if the index is known to be one of 0..n-1."""
        if i.op == "free":
            return i.args[1]
        domain = self.labels[i.args[0]].domain if i.op == "element" else Domain("real")
        if domain.kind == "category":
            return domain.args[0]
        return Size.number(2) if domain.kind == "binary" else None

    def values(self, i: Term) -> int | None:
        """How many values the index takes, if it is a variable with a known number of them."""
        range_ = self._range(i) if i.op == "element" else None
        return None if range_ is None else range_.value

    def own(self, c: Conditional, t: Term) -> tuple[bool, bool]:
        """Whether a term (with the plates opened) holds the own value, and whether it holds another
        element of the own variable; raises Refused where that can't be told."""
        place = [opened(i, c.indices()) for i in c.place]
        mine = other = False
        for a in t.subterms():
            if a.op != "element" or a.args[0] != c.variable:
                continue
            leading = a.args[1 : 1 + len(place)]
            if all(i is j for i, j in zip(leading, place, strict=True)):
                mine = True
            elif any(distinct(i, j, self.least) for i, j in zip(leading, place, strict=True)):
                other = True
            else:
                raise Refused(f"{c.name}: {a.args[0]} stands at a place that may be its own or not")
        return mine, other

    # well-formedness ------------------------------------------------------------------------------
    def check(self) -> None:
        s = self.statement
        self._check_names(s)
        for label in s.labels:
            self._check_label(label)
        if not s.conditionals:
            raise Refused("no conditional")
        constants = self.names("constant")
        self.check_term(s.q_weight, (), constants, "the weight of H[q]")
        for c in s.conditionals:
            self._check_conditional(c, constants)
        self._check_cover(s.conditionals)
        self._check_order(s.conditionals)

    def _check_names(self, s: Statement) -> None:
        for name, least in s.sizes.items():
            if name == INFINITE_NAME or not name or least < 1:
                raise Refused(f"{name!r} is no size")
        for names in ([label.name for label in s.labels], [c.name for c in s.conditionals]):
            if len(set(names)) < len(names):
                raise Refused("a label or a conditional stands twice")

    def _check_label(self, label: Label) -> None:
        kind = DOMAINS.get(label.domain.kind)
        if kind is None or label.role not in ROLES:
            raise Refused(f"{label.name}: unknown role or domain")
        if not (kind.variable if label.role in VARIABLE else kind.parameter):
            raise Refused(f"{label.name}: a {label.role} can't have the domain {label.domain.kind}")
        for n in label.shape:
            self._check_size(n, label.name, 0)
        if len(label.shape) < kind.axes:
            raise Refused(f"{label.name}: too few axes for {label.domain.kind}")
        if label.domain.kind == "positive definite" and label.shape[-1] != label.shape[-2]:
            raise Refused(f"{label.name}: positive definite, but not square")
        if len(label.domain.args) != len(kind.takes):
            raise Refused(f"{label.name}: wrong arguments of its domain")
        for what, a in zip(kind.takes, label.domain.args, strict=True):
            if what == "size":
                self._check_size(a, label.name, 1)
            elif a is not None or label.domain.kind == "counts":  # the support does not move
                where = f"the support of {label.name}"
                self.check_term(a, label.copies, self.names("constant"), where)

    def _check_size(self, n: Size, where: str, least: int) -> None:
        if n.infinite or not n.names <= self.least.keys() or not n.at_least(least, self.least):
            raise Refused(f"{where}: {n} is no size")

    def _check_conditional(self, c: Conditional, constants: frozenset[str]) -> None:
        label = self.labels.get(c.variable)
        if label is None or label.role not in {"latent", "observed"}:
            raise Refused(f"{c.name}: {c.variable} is no variable")
        for n in c.plates:
            self._check_size(n, c.name, 0)
        if len(c.place) > len(label.shape) - label.kind.axes:
            raise Refused(f"{c.name}: its place has too many indices")
        for i, n in zip(c.place, label.shape, strict=False):
            here = frozenset(c.indices())
            self._check_index(opened(i, c.indices()), n, here, frozenset(), c.name)
        used = [b for i in c.place if (b := parts(i)[0]) is not None]
        if used != [Term("bound", k) for k in range(len(c.plates))]:
            raise Refused(f"{c.name}: its place does not name each plate once, in order")
        self.check_term(c.weight, (), constants, f"the weight of {c.name}")
        self.check_term(c.log_density, c.plates, self.all, c.name)
        self.own(c, opened(c.log_density, c.indices()))

    def _check_cover(self, conditionals: Sequence[Conditional]) -> None:
        """Every coordinate of every variable is the own value of exactly one conditional."""
        of: dict[str, list[Conditional]] = {n: [] for n in self.names("latent", "observed")}
        for c in conditionals:
            of[c.variable].append(c)
        for name, mine in of.items():
            spend(len(mine) ** 2)
            events = [self.labels[name].shape[len(c.place) :] for c in mine]
            if len(set(events)) > 1:
                raise Refused(f"{name}: its conditionals have different events")
            total = sum((product_of(c.plates) for c in mine), Size.number(0))
            places = self.labels[name].shape[: len(mine[0].place)] if mine else (ONE,)
            if total != product_of(places):
                raise Refused(f"{name}: its conditionals do not cover it")
            for k, c in enumerate(mine):
                for d in mine[:k]:
                    if not self._apart(c, d):
                        raise Refused(f"{name}: two conditionals for one coordinate")

    def _apart(self, c: Conditional, d: Conditional) -> bool:
        first = [opened(i, c.indices()) for i in c.place]
        shifted = tuple(free(len(c.plates) + k, n) for k, n in enumerate(d.plates))
        second = [opened(i, shifted) for i in d.place]
        return any(distinct(i, j, self.least) for i, j in zip(first, second, strict=True))

    def _check_order(self, conditionals: Sequence[Conditional]) -> None:
        """No value depends on itself: variables in a circle see earlier steps only, or what is
        declared before them at the same step."""
        densities = {c.name: opened(c.log_density, c.indices()) for c in conditionals}
        behind: dict[str, set[str]] = {c.variable: set() for c in conditionals}
        for c in conditionals:
            behind[c.variable] |= densities[c.name].labels & behind.keys()
        growing = True
        while growing:  # what each depends on, through others too
            growing = False
            for name, on in behind.items():
                spend(1 + len(on))
                more = on.union(*(behind[other] for other in on))
                growing |= len(more) > len(on)
                behind[name] = more
        rank = {name: k for k, name in enumerate(behind)}
        for c in conditionals:
            for a in densities[c.name].subterms():
                if a.op == "element" and a.args[0] in behind and c.variable in behind[a.args[0]]:
                    self._check_earlier(c, a, rank[a.args[0]] < rank[c.variable])

    def _check_earlier(self, c: Conditional, a: Term, declared_before: bool) -> None:
        place = [opened(i, c.indices()) for i in c.place]
        shared = a.args[1 : 1 + len(place)]
        if a.args[0] == c.variable and all(i is j for i, j in zip(shared, place, strict=True)):
            return  # the own value
        if place and len(a.args) > 1:
            (i, m), (j, n) = parts(place[0]), parts(a.args[1])
            if i is j and ((m - n).at_least(1, self.least) or (m == n and declared_before)):
                return
        raise Refused(f"{c.name}: {a.args[0]} may depend on it in turn")

    def check_term(
        self, t: Term, binders: Sequence[Size], allowed: frozenset[str], where: str
    ) -> None:
        """A value whose only indices are those of the binders and whose labels are allowed."""
        if t.dangling > len(binders) or t.free:
            raise Refused(f"{where}: an index that nothing binds")
        indices = tuple(free(k, n) for k, n in enumerate(binders))
        self._check_value(opened(t, indices), frozenset(indices), allowed, where)

    def _check_value(
        self, t: Term, indices: frozenset[Term], allowed: frozenset[str], where: str
    ) -> None:
        spend(1)
        if t.op == "element":
            self._check_element(t, indices, allowed, where)
        elif t.op == "size":
            self._check_names_of(t.args[0], where)
        elif t.op == "index":
            self._check_index(t.args[0], None, indices, allowed, where)
        elif t.op == "delta":
            for i in t.args:
                self._check_index(i, None, indices, allowed, where)
        elif t.op == "inverse":
            for i in t.args[2:]:
                self._check_index(i, t.args[0], indices, allowed, where)
        elif t.op == "map" and t.args[1] is not None:
            self._check_index(t.args[1], None, indices, allowed, where)
        for value, new in inner_values(t):
            for i in new:
                if t.op != "sum" or i.args[1] != INFINITE:
                    self.check_range(i.args[1], where)
            self._check_value(value, indices | frozenset(new), allowed, where)

    def check_range(self, n: Size, where: str, bound: int = 0) -> None:
        """The size of an index's range: known to be at least the bound."""
        self._check_names_of(n, where)
        if not n.at_least(bound, self.least):
            raise Refused(f"{where}: {n} may be less than {bound}")

    def _check_names_of(self, n: Size, where: str) -> None:
        if not n.names <= self.least.keys():
            raise Refused(f"{where}: {n} is no size of the statement")

    def _check_element(
        self, t: Term, indices: frozenset[Term], allowed: frozenset[str], where: str
    ) -> None:
        name, *places = t.args
        if name not in allowed or name not in self.labels:
            raise Refused(f"{where}: {name} may not stand there")
        shape = self.labels[name].shape
        if len(places) != len(shape):
            raise Refused(f"{where}: {name} has {len(shape)} axes, not {len(places)}")
        for i, n in zip(places, shape, strict=True):
            self._check_index(i, n, indices, allowed, where)

    def _check_index(
        self,
        i: Term,
        size: Size | None,
        indices: frozenset[Term],
        allowed: frozenset[str],
        where: str,
    ) -> None:
        varying, offset = parts(i)
        self._check_names_of(offset, where)
        if varying is not None:
            if varying.op == "element":
                self._check_element(varying, indices, allowed, where)
                if self.labels[varying.args[0]].kind.continuous:
                    raise Refused(f"{where}: {varying.args[0]} is no whole number")
            elif varying not in indices:
                raise Refused(f"{where}: an index that nothing binds")
        if size is not None and not self.fits(i, size):
            raise Refused(f"{where}: an index may leave its range of {size}")
