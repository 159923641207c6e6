"""Whether two expressions are equal at every declared value.

Equal means: wherever the preconditions hold both are defined and equal, or both undefined.  Shown
by the kernel's normal forms, with rules for what its language lacks; refuted by balls alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from flint import ctx
from sympy import Expr

from entropy_proofs.equality.evaluation import BITS, Drawn, NoValue, is_opaque, marks, text
from entropy_proofs.equality.language import Language
from entropy_proofs.equality.normal_forms import special_maps as maps
from entropy_proofs.equality.normal_forms.differences import settled
from entropy_proofs.equality.normal_forms.matrix_forms import contracted
from entropy_proofs.equality.requirements import PRECONDITIONS, Requirement, requirements, said
from entropy_proofs.errors import InputError
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.normal.zero_test import numerator
from entropy_proofs.kernel.refusal import Refused, bounded
from entropy_proofs.model.model import Model
from entropy_proofs.proof.outcome import Difference, Different, Equal, NotDecided, Outcome

_POINTS, _FIRST = 80, 8
_WORK = 150_000  # of the kernel's steps, for one form
_FORMS = ("plain", "low rank", "explicit")
_SHOWN = 4  # numbers that a line names
_LIMITS = (
    ArithmeticError, AssertionError, LookupError, RecursionError, Refused, TypeError, ValueError,
)  # fmt: skip


@dataclass
class Reading:
    """How the expressions are read.

    random: names of what expectations go over; None where nothing says.
    nonzero: labels that are declared not to be zero.
    read: of a label that stands for a user's symbol: that symbol's name, the label in the user's
        symbols, and the symbol's value from the label's.
    counted: of an array whose axes are not counted from zero: from where.
    drawn: whether points within what is declared can be drawn.
    """

    random: frozenset[str] | None = None
    nonzero: set[str] = field(default_factory=set)
    read: dict[str, tuple[str, Expr, Callable[[Any], Any]]] = field(default_factory=dict)
    counted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    drawn: bool = True


@bounded()
def compare(model: Model, left: Expr, right: Expr, reading: Reading | None = None) -> Outcome:
    """What can be said of left = right over all that the model declares (values in nats).

    left, right: scalar SymPy expressions in the model's symbols.
    """
    reading = reading or Reading()
    try:
        language = Language(model, (left, right))
        sides = language.term(left), language.term(right)
        question = _Question(language, *sides, reading, _larger(model, left, right, language))
    except InputError as error:
        return NotDecided(str(error))
    except _LIMITS as error:
        return NotDecided(f"not brought to a normal form ({_named(error)})")
    except NotImplementedError as error:
        return NotDecided(f"not read ({error})")
    return question.answer()


def _larger(model: Model, left: Expr, right: Expr, both: Language) -> dict[str, int]:
    """The sizes that must be so large for one side, and need not be for the other."""
    if not both.least:
        return {}
    sides = [Language(model, (left, right)) for _ in range(2)]
    for language, side in zip(sides, (left, right), strict=True):
        language.term(side)
    least = [language.least for language in sides]
    return {n: m for n, m in both.least.items() if any(own.get(n, 1) < m for own in least)}


def _named(error: Exception) -> str:
    return str(error) if isinstance(error, Refused) else type(error).__name__


class _Question:
    def __init__(
        self,
        language: Language,
        left: Term,
        right: Term,
        reading: Reading,
        larger: Mapping[str, int],
    ):
        self.signature = language.signature()
        self.larger = larger
        self.left, self.right = left, right
        self.marks = marks(left, right)
        self.reading = reading
        self.names = language.named({name: e for name, (_, e, _) in reading.read.items()})

    def answer(self) -> Outcome:
        reason = "not shown equal"
        with ctx.workprec(BITS):
            if not self._beyond(self.left) and not self._beyond(self.right):
                found = self._difference(range(_FIRST))  # cheaper than what shows equality
                if found is not None:
                    return Different(found)
            try:
                shown = self._shown()
            except _LIMITS as error:
                reason, shown = f"not brought to a normal form ({_named(error)})", None
            if isinstance(shown, (Equal, NotDecided)):
                return shown
            if isinstance(shown, str):
                reason = shown
            found = self._difference(range(_POINTS * (2 if self.marks else 1)))
        if found is not None:
            return Different(found)
        if not self._readable:
            return NotDecided(f"{reason}; a part of it is not read")
        return NotDecided(f"{reason}, and no point was found at which the sides differ")

    @property
    def _readable(self) -> bool:
        return all(map(_exists, self._beyond(self.left) | self._beyond(self.right)))

    # equality -------------------------------------------------------------------------------------
    def _algebra(self, form: str = "plain") -> Algebra:
        algebra = Algebra(self.signature, maps.rules(self.reading.random, form))
        for name in self.reading.nonzero & self.signature.all:
            if not self.signature.labels[name].shape:
                algebra.signs.assume(Poly.atom(Term("element", name)), "≠")
        return algebra

    def _shown(self) -> Outcome | str | None:
        """Equal, or why equality is not shown (None: the forms differ)."""
        algebra = self._algebra()
        sides = self.left, self.right
        asked = [{(r.kind, r.key): r for r in requirements(algebra, t)} for t in sides]
        preconditions = {
            key: r for side in asked for key, r in side.items() if r.kind in PRECONDITIONS
        }
        strict = [
            {key: r for key, r in side.items() if r.kind not in PRECONDITIONS} for side in asked
        ]
        if any(r.kind == "nonzero" and not r.value for r in preconditions.values()):
            return NotDecided("a division by zero")
        common = {key: r for key, r in strict[0].items() if key in strict[1]}
        for form in self._forms():
            shown = self._shown_by(self._algebra(form), preconditions, strict, common, asked)
            if shown is not None:
                return shown
        return None

    @bounded(_WORK)
    def _shown_by(
        self,
        algebra: Algebra,
        preconditions: dict[tuple, Requirement],
        strict: list[dict[tuple, Requirement]],
        common: dict[tuple, Requirement],
        asked: list[dict[tuple, Requirement]],
    ) -> Equal | str | None:
        """What one form shows: equality, what it still asks for, or nothing."""
        try:
            self._assume(algebra, preconditions, common)
            if not self._vanishes(algebra):
                return None
        except Refused:
            return None
        left = [r for side in strict for key, r in side.items() if key not in common]
        left = [r for r in left if not _met(algebra, r)]
        if left:
            return f"equal where both are defined, but {self._asks(algebra, left[0])}"
        kept = [r for r in preconditions.values() if not self._implied(r, common, asked)]
        sizes = {f"{self.names.dims_[n]} ≥ {m}" for n, m in self.larger.items()}
        return Equal(tuple(sorted({*sizes, *(said(algebra, r, self.names) for r in kept)})))

    def _asks(self, algebra: Algebra, r: Requirement) -> str:
        if r.kind == "exists":
            return "one of them holds what the other does not, and that need not exist"
        return f"only one asks for {said(algebra, r, self.names)}"

    @staticmethod
    def _implied(r: Requirement, common: dict, asked: list[dict]) -> bool:
        """Whether a logarithm on both sides asks for it: nothing to be told apart."""
        if r.kind != "nonzero" or not all(("nonzero", r.key) in side for side in asked):
            return False
        return any(key[0] == "nonnegative" and key[1][0] is r.key[0] for key in common)

    def _assume(self, algebra: Algebra, preconditions: dict, common: dict) -> None:
        zero_free = {r.key[0] for r in preconditions.values() if r.kind == "nonzero"}
        for r in preconditions.values():
            if r.kind == "nonzero" and len(r.key) == 1:
                algebra.signs.assume(r.value, "≠")
            elif r.matrix is not None and not r.matrix.free:
                inner = Term("logdet", *r.matrix.args)
                det = algebra.normal(maps.applied(maps.DETERMINANT, inner))
                if det:
                    algebra.signs.assume(det, "≠")
        for r in common.values():
            if r.kind == "nonnegative" and len(r.key) == 2:
                algebra.signs.assume(r.value, "+" if r.key[0] in zero_free else "0+")

    def _vanishes(self, algebra: Algebra) -> bool:
        difference = algebra.normal(self.left) - algebra.normal(self.right)
        if algebra.vanishes(difference):
            return True
        if algebra.vanishes(settled(algebra, difference)):
            return True
        if not any(a.op == "inverse" for b in difference.atoms() for a in b.subterms()):
            return False
        return algebra.vanishes(contracted(algebra, difference)) or algebra.vanishes(
            contracted(algebra, numerator(algebra, difference))
        )

    def _forms(self) -> list[str]:
        """Those that can make a difference."""
        parts = [a for t in (self.left, self.right) for a in t.subterms()]
        matrices = [a for a in parts if a.op in {"logdet", "inverse"}]
        few = any(a.args[0].value is not None for a in matrices)
        few |= any(n.value is not None for a in parts if a.op == "sum" for n in a.args[0])
        return [f for f, use in zip(_FORMS, (True, bool(matrices), few), strict=True) if use]

    # differences ----------------------------------------------------------------------------------
    def _difference(self, tried: range) -> Difference | None:
        if not self.reading.drawn:
            return None
        random, allowed = self._refutable()
        if not allowed:
            return None
        for k in tried:
            found = self._differing(k, random)
            if found is not None:
                return found
        return None

    @bounded(_WORK // 10)
    def _differing(self, k: int, random: frozenset[str]) -> Difference | None:
        """A drawn point, if the sides differ there."""
        drawn = Drawn(
            self.signature,
            Random(k),
            frozenset(self.reading.nonzero),
            random,
            special=k % 2 == 0,
            marks=self.marks,
        )
        try:
            left, right = drawn.side(self.left), drawn.side(self.right)
            if (left is None) is (right is None) and (left is None or left.overlaps(right)):
                return None
        except (NoValue, *_LIMITS):
            return None
        return self._witness(drawn, left, right)

    def _refutable(self) -> tuple[frozenset[str], bool]:
        """What a drawn distribution goes over, and whether drawn points can refute at all.

        Opaque parts refute nothing: they need not exist.  Constants do, where the difference is
        free of them.  For expectations a distribution is drawn.
        """
        left, right = self._beyond(self.left), self._beyond(self.right)
        if not left and not right:
            return frozenset(), True
        try:
            algebra = self._algebra()
            difference = algebra.normal(self.left) - algebra.normal(self.right)
        except _LIMITS:
            return frozenset(), False
        beyond = self._beyond(difference.term())
        if not all(map(_exists, left | right)):
            return frozenset(), False
        if not beyond:
            inside = frozenset().union(*(a.labels for a in left | right))
            return inside if self.reading.random is None else inside & self.reading.random, True
        if any(a.args[0] != maps.EXPECTATION for a in beyond):
            return frozenset(), False
        sides = [self._beyond(algebra.normal(t).term()) for t in (self.left, self.right)]
        known = self.reading.random is not None
        if not all(sides) or (not known and sides[0] != sides[1]):
            return frozenset(), False
        inside = frozenset().union(*(a.labels for side in sides for a in side))
        if self.reading.random is not None:
            inside &= self.reading.random
        outside = frozenset().union(*(_outside(t) for t in (self.left, self.right)))
        return inside, not inside & outside

    @staticmethod
    def _beyond(t: Term) -> set[Term]:
        """The outermost parts that are opaque, and expectations."""
        if t.op == "map" and t.args[0] == maps.EXPECTATION:
            return {t}
        if not is_opaque(t):
            return set()
        inner = [a for a in t.args if isinstance(a, Term)]
        if t.op == "case":
            inner += list(t.args[0].args[1:])
        found = set().union(*(_Question._beyond(a) for a in inner)) if inner else set()
        return found or {t}

    def _witness(self, drawn: Drawn, left: Any, right: Any) -> Difference:
        read = self.reading.read
        at: dict[str, Any] = {}
        for name, n in drawn.point.sizes.items():
            user, _, value = read.get(name, (name, name, lambda v: v))
            at[user] = int(value(n))
        for (name, indices, scenario), v in sorted(drawn.elements.items(), key=str):
            user, _, value = read.get(name, (name, name, lambda v: v))
            number = v if isinstance(v, int) else float(v.mid())
            first = self.reading.counted.get(name, (0,) * len(indices))
            places = [str(k + low) for k, low in zip(indices, first, strict=True)]
            place = f"[{', '.join(places)}]" if places else ""
            which = "" if scenario is None else f" ({('1/3', '2/3')[scenario]})"
            at[f"{user}{place}{which}"] = _plain(value(number))
        texts = [f"{k} = {v}" for k, v in at.items()]
        where = ", ".join(texts) if len(texts) <= _SHOWN else ""
        return Difference(text(left), text(right), at, sides=("left", "right"), where=where)


def _exists(t: Term) -> bool:
    """Whether an opaque part is an expectation, of which a distribution is drawn, or a constant."""
    if t.op != "map" or t.args[0] != maps.EXPECTATION:
        return t.op == "map" and len(t.args) == 2
    return all(map(_exists, _Question._beyond(t.args[2])))


def _outside(t: Term) -> frozenset[str]:
    """Labels that stand outside of every expectation."""
    if t.op == "map" and t.args[0] == maps.EXPECTATION:
        return frozenset()
    own = frozenset([t.args[0]]) if t.op == "element" else frozenset()
    return own.union(*(_outside(a) for a in t.args if isinstance(a, Term)))


def _plain(value: Any) -> Any:
    return (
        value if isinstance(value, float) else float(value) if value != int(value) else int(value)
    )


def _met(algebra: Algebra, r: Requirement) -> bool:
    return r.kind == "nonnegative" and algebra.signs.of(algebra.normal(r.value.term())) in {
        "+", "0+", "0",
    }  # fmt: skip
