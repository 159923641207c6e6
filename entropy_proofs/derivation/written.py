"""The signs of a derivation: p(x | z), its entropy, derivatives along a field, averages under q."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sympy import Expr, Indexed, IndexedBase, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import at_places, symbols_in
from entropy_proofs.arrays.array import generate
from entropy_proofs.derivation.checked.equalities import Axes
from entropy_proofs.derivation.typesetting import EQUALS, alike, tree, tree_at
from entropy_proofs.model.declarations import at_coordinate, own_value, shown_plates
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.printing.typeset.conventions import expectation
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    Accent,
    Application,
    BigOperator,
    Bracket,
    Fraction,
    Letter,
    Node,
    Script,
    Sign,
    bracketed,
    phrase,
    separated,
)
from entropy_proofs.proof.term_results import data_labels

P, H, ELBO = Letter("p"), Letter("H", "calligraphic"), Letter("F", "calligraphic")
THETA, PHI = Letter(r"\Theta"), Letter(r"\Phi")
PARTIAL, D = Letter(r"\partial"), Letter("D", "calligraphic")
#: Names of families on paper, where they differ from those in Python.
_FAMILIES = {"Normal": "N", "MultivariateNormal": "N"}


class WrittenConditional:
    """One conditional p(v | a; theta) as it is written, for one generic coordinate of its plates.

    shown: its plate indices as they are named on paper.
    """

    def __init__(self, model: Model, term: ModelTerm):
        self.model, self.term = model, term
        self.shown = shown_plates(term, term.log_density)

    def at(self, expr: Expr) -> Node:
        """An expression of this coordinate."""
        return tree_at(at_places(expr, self.shown), self.indices)

    def arrays(self, exprs: Sequence[Expr], axes: Axes) -> tuple[tuple[Node, ...], list[Node]]:
        """The arrays with these generic elements, alike: all whole, or all at the same indices.

        The indices that are shown come first, none where whole arrays are.
        """
        own = [i for i, _ in axes]
        shape = tuple(n for _, n in axes)

        def array(named: Expr) -> Expr:
            return generate(lambda *at: at_places(named, dict(zip(own, at, strict=True))), shape)

        return alike([array(at_places(e, self.shown)) for e in exprs], self.indices)

    def _shown(self, value: Expr) -> Node:
        return alike([value], self.indices)[1][0]

    @property
    def indices(self) -> tuple[Symbol, ...]:
        """Its plate indices as they are shown."""
        return tuple(self.shown[i] for i, _ in self.term.plates)

    @cached_property
    def value(self) -> Node:
        """v at this coordinate."""
        return tree(own_value(self.term.value, self.indices, self.term.event))

    @cached_property
    def whole(self) -> Node:
        """v as a whole; of a chain, this coordinate."""
        if self.term.aliases or not self.term.plates:
            return self.value
        return tree(self.model.variables[self.term.variable].value)

    @cached_property
    def parents(self) -> tuple[Node, ...]:
        """a at this coordinate: the slice that it sees where it sees only one."""
        own = {self.term.value}
        names = data_labels(self.model) & symbols_in(self.term.log_density)
        return tuple(self._parent(label) for label in sorted(names - own, key=str))

    def _parent(self, label: Symbol) -> Node:
        plates = [i for i, _ in self.term.plates]
        elements = [e for e in self.term.log_density.atoms(Indexed) if e.base.label == label]
        shape = self._shape(label)
        leading = {self._leading(e, plates) for e in elements}
        if len(leading) == 1 and (first := leading.pop()):
            rest = shape[len(first) :]
            shown = tuple(i.xreplace(self.shown) for i in first)
            return tree(generate(lambda *i: IndexedBase(label)[(*shown, *i)], rest))
        return tree(generate(lambda *i: nodes.element(label, i), shape))

    def _leading(self, element: Indexed, plates: Sequence[Symbol]) -> tuple[Expr, ...]:
        found = []
        for i in element.indices:
            if not symbols_in(i) <= {*plates, *self.model.dims_.values()}:
                break
            found.append(i)
        return tuple(found)

    def _shape(self, label: Symbol) -> tuple[Expr, ...]:
        for t in self.model.terms:
            if label in t.aliases:
                part = t.aliases[label]
                return part.shape(self.model.variables[part.variable].shape)
        return next(v.shape for v in self.model.variables.values() if v.label == label)

    # densities ------------------------------------------------------------------------------------
    def density(self, whole: bool = False) -> Node:
        """p_Theta(v | a)."""
        inside = self.whole if whole else self.value
        given = [*self.parents] if not whole else [*self.whole_parents]
        if given:
            inside = phrase(inside, Sign(r"\mid"), separated(given, COMMA))
        return Application(Script(P, THETA), bracketed(inside))

    @cached_property
    def whole_parents(self) -> tuple[Node, ...]:
        """a as wholes; of a chain, this coordinate's."""
        if self.term.aliases:
            return self.parents
        names = data_labels(self.model) & symbols_in(self.term.log_density) - {self.term.value}
        of = {v.label: v for v in self.model.variables.values()}
        return tuple(tree(of[s].value) for s in sorted(names, key=str) if s in of)

    def log_density(self) -> Node:
        return log(self.density())

    def family(self) -> Node | None:
        """N(z_h; 0, 1); None for a density that is given by its formula."""
        bound = at_coordinate(self.term.family, tuple(i for i, _ in self.term.plates))
        arguments = [self._shown(at_places(v, self.shown)) for v in bound.arguments().values()]
        if not arguments:
            return None
        name = type(self.term.family).__name__
        short = _FAMILIES.get(name)
        head = Letter(short, "calligraphic") if short else Letter(name, "roman")
        inside = phrase(self.value, Sign(";"), separated(arguments, COMMA))
        return Application(head, bracketed(inside))

    def plates(self, sign: str) -> Node | None:
        """The signs of a product or a sum over its coordinates."""
        if not self.term.plates:
            return None
        found = []
        for i, n in self.term.plates:
            below = phrase(tree(self.shown[i]), EQUALS, Letter("1"))
            found.append(BigOperator(sign, below, tree(n)))
        return phrase(*found)

    def steps(self) -> Node | None:
        """The sign of a sum over a chain's steps, which have densities of their own."""
        return self.plates(r"\sum") if self.term.aliases else None

    def entropy(self, pseudo: bool, whole: bool = True) -> Node:
        """H[p(v | a)], with a tilde for a pseudo-entropy."""
        head = Accent(r"\widetilde", H) if pseudo else H
        return Application(head, Bracket("[", self.density(whole), "]"))


def mean(*parts: Node) -> Node:
    """E[...], of what is distributed as the conditional says."""
    return expectation(phrase(*parts), None)


def partial(of: Node | None, by: Node) -> Node:
    """The sign of a partial derivative."""
    return Fraction(phrase(PARTIAL, of), phrase(PARTIAL, by))


def log(argument: Node) -> Node:
    """log p(x)."""
    return Application(Letter("log", "function"), argument)


def div() -> Node:
    """div u, of a flow u."""
    return Application(Letter("div", "function"), Letter("u"))
