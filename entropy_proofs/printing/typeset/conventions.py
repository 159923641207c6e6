"""How papers differ: bold letters or arrows, one average over data and q or a mean of many."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from entropy_proofs.printing.typeset.alphabet import GREEK
from entropy_proofs.printing.typeset.tree import (
    Accent,
    Application,
    BigOperator,
    Bracket,
    Fraction,
    Letter,
    Node,
    Number,
    Phrase,
    Script,
    Sign,
    bracketed,
    phrase,
    raised,
    rebuilt,
    walk,
)

Q = Letter("q")


def average(over: Node | None) -> Node:
    """The sign of an expectation under q, or of one over the data alone."""
    letter = Letter("E", "blackboard")
    return Script(letter, sub=over) if over else letter


def expectation(inside: Node, over: Node | None) -> Node:
    """E_q[...], averaged over the data, or E[...] over the data alone."""
    return Application(average(over), bracketed(inside, "[", "]"))


def entropy(of: Node) -> Node:
    """H[q(z)]."""
    return Application(Letter("H", "calligraphic"), Bracket("[", of, "]"))


@dataclass(frozen=True)
class Notation:
    r"""What a writer is told about the reader's habits.

    vectors: bold, or with arrows (matrices in capitals are plain letters then).
    data: one average over the data and q, or 1/N times a sum over data points n, with q and what is
        observed at each.
    observed: the names of the observed letters, for `data="points"`.

    >>> from entropy_proofs.printing.typeset.tex import tex
    >>> mean = Application(average(Q), Bracket("[", Number("1"), "]"))
    >>> print(tex(Notation(data="points").applied(mean)))
    \frac{1}{N}\sum_{n} \mathbb{E}_{q^{(n)}}[1]
    """

    vectors: Literal["bold", "arrow"] = "bold"
    data: Literal["average", "points"] = "average"
    observed: frozenset[str] = frozenset()

    def applied(self, node: Node) -> Node:
        """The same mathematics in this notation."""
        if self.data == "points":
            node = self._at_points(node)
        return _with_arrows(node) if self.vectors == "arrow" else node

    def _at_points(self, node: Node) -> Node:
        match node:
            case Application(head, argument) if head in (average(Q), average(None)):
                each = self._at_point(argument)
                if head == average(None):
                    return phrase(_MEAN, each)
                return phrase(_MEAN, Application(average(Script(Q, sup=_POINT)), each))
            case Application(Letter("H", "calligraphic"), Bracket(_, inside)) if Q in walk(inside):
                return phrase(_MEAN, entropy(self._at_point(inside)))
            case Bracket():
                return _refitted(node, self._at_points(node.inside))
            case Phrase(parts):
                return phrase(*map(self._part_at_points, parts, (*parts[1:], None)))
        return rebuilt(node, self._at_points)

    def _part_at_points(self, part: Node, after: Node | None) -> Node:
        """In brackets where the sum over data points would reach too far."""
        changed = self._at_points(part)
        last = after is None or isinstance(after, Sign)
        return changed if last or changed == part else bracketed(changed)

    def _at_point(self, node: Node) -> Node:
        """With (n) at q and at what is observed."""
        if isinstance(node, Letter):
            own = node == Q or node.name in self.observed
            return Script(node, sup=_POINT) if own else node
        if isinstance(node, Script) and isinstance(node.base, Letter):
            base, power = self._at_point(node.base), node.sup and self._at_point(node.sup)
            sub = node.sub and self._at_point(node.sub)
            if base == node.base:
                return Script(base, sub, power)
            shown = Script(node.base, sub, _POINT)
            if power == Letter(r"\top"):
                return replace(shown, sup=phrase(_POINT, power))
            return raised(bracketed(shown), power) if power else shown
        if isinstance(node, Bracket):
            return _refitted(node, self._at_point(node.inside))
        return rebuilt(node, self._at_point)


_POINT = Bracket("(", Letter("n"), ")")
_MEAN = phrase(Fraction(Number("1"), Letter("N")), BigOperator(r"\sum", Letter("n")))


def _refitted(bracket: Bracket, inside: Node) -> Bracket:
    same = inside == bracket.inside
    return bracket if same else bracketed(inside, bracket.left, bracket.right)


def _with_arrows(node: Node) -> Node:
    if not isinstance(node, Letter) or node.style not in ("vector", "matrix"):
        return rebuilt(node, _with_arrows)
    capital = node.name.strip("\\")[:1].isupper() or not node.name.strip("\\").isalpha()
    plain = replace(node, style="italic" if len(node.name) == 1 or node.name in GREEK else "roman")
    return plain if node.style == "matrix" and capital else Accent(r"\vec", plain)
