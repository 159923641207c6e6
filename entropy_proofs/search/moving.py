"""What may move, and what the densities say of how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, partial
from itertools import permutations

import sympy as sp
from sympy import Expr, Indexed, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.derive import Direction
from entropy_proofs.algebra.matrix_rules import open_matrix
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.families.spaces import Space
from entropy_proofs.model.pointwise import (
    ConditionalIdentity,
    GenericConditional,
    Identity,
    element,
)


@dataclass(frozen=True)
class Moving:
    """What may move: a learned parameter (one label), or a latent (all labels of its slices).

    centre: of a latent whose prior is symmetric about a known point, at its index slots.
    """

    name: str
    labels: frozenset[Symbol]
    domain: Space
    shape: tuple[Expr, ...]
    centre: Expr = sp.S.Zero


@dataclass(frozen=True)
class Setting:
    """What a search is given: conditionals, and what may move in them.

    given_up: takes the reasons why something was not searched to its end.
    """

    conditionals: Sequence[GenericConditional]
    parameters: Sequence[Moving]
    latents: Sequence[Moving] = ()
    given_up: list[str] = field(default_factory=list)

    @property
    def learned(self) -> frozenset[Symbol]:
        """The labels of the parameters."""
        return frozenset(label for p in self.parameters for label in p.labels)

    def written(self, densities: Iterable[Expr]) -> Setting:
        """With other log densities."""
        pairs = zip(self.conditionals, densities, strict=True)
        return replace(self, conditionals=[replace(c, log_density=d) for c, d in pairs])


def of_these(
    found: Identity,
    conditionals: Sequence[GenericConditional],
    shown: Callable[[Expr], Expr] = lambda expr: expr,
) -> Identity:
    """What was found of conditionals that were written otherwise, of these by the same names.

    shown: an expression as these are written.
    """
    given = {c.name: c for c in conditionals}
    terms = (
        ConditionalIdentity(given[t.conditional.name], shown(t.log_base_measure), shown(t.entropy))
        for t in found.terms
    )
    unmoved = tuple(given[c.name] for c in found.unmoved)
    return replace(found, terms=tuple(terms), unmoved=unmoved)


@cache
def elements_in(a: Expr) -> frozenset[Indexed]:
    """All elements of arrays: the same few functions stand in very many terms."""
    return frozenset(a.atoms(Indexed))


def known_directions(
    conditionals: Sequence[GenericConditional], parameters: Container[Symbol]
) -> dict[Symbol, Direction]:
    """What the density suggests: S moves as its matrix S + B does, w as the a in a.w."""
    found: dict[Symbol, Direction] = {}
    for c in conditionals:
        for a in sorted(c.log_density.atoms(nodes.LogDet, nodes.InverseElement), key=str):
            found |= _of_added(a, parameters)
        for a in sorted(c.log_density.atoms(Sum), key=str):
            factors = [f for f in sp.Mul.make_args(a.function) if isinstance(f, Indexed)]
            bound = set(a.bound_symbols)
            for f, g in permutations(factors, 2):
                moves, known = f.base.label, g.base.label
                same = f.indices == g.indices and set(f.indices) <= bound
                if (
                    same
                    and moves in parameters
                    and not (known in parameters or known in c.own | c.parents)
                ):
                    found.setdefault(moves, partial(element, known))
    return found


def _of_added(
    node: nodes.LogDet | nodes.InverseElement, parameters: Container[Symbol]
) -> dict[Symbol, Direction]:
    i, j, matrix = open_matrix(node, frozenset())
    found: dict[Symbol, Direction] = {}
    for m, c in matrix if len(matrix) > 1 else ():
        ((a, e), *others) = m or ((None, 0),)
        if isinstance(a, Indexed) and e == 1 and not others and a.indices[-2:] == (i, j):
            label = a.base.label
            if label in parameters and sum(label in symbols_in(b) for b in matrix.atoms()) == 1:
                found[label] = _elements_of(matrix.scale(1 / Fraction(c)), a.indices)
    return found


def _elements_of(matrix: Polynomial, places: Sequence[Expr]) -> Direction:
    return lambda at: normal(matrix.expr().xreplace(dict(zip(places, at, strict=True))))


def offsets(conditionals: Sequence[GenericConditional], learned: Container[Symbol]) -> set[Symbol]:
    """Known arrays that multiply nothing that moves: b in X @ (a + b), not X."""
    known: set[Symbol] = set()
    designs: set[Symbol] = set()
    for c in conditionals:
        known |= {i.base.label for i in c.log_density.atoms(Indexed)} - c.own - c.parents
        for product in c.log_density.atoms(sp.Mul):
            moving = [
                f
                for f in product.args
                if any(s in learned or s in c.parents for s in symbols_in(f))
            ]
            arrays = (f for f in product.args if isinstance(f, Indexed))
            designs |= {a.base.label for a in arrays if any(f is not a for f in moving)}
    return {s for s in known - designs if s not in learned}


def sums_of_several(
    conditionals: Sequence[GenericConditional], learned: frozenset[Symbol]
) -> set[Expr]:
    """What adds up several terms that may move, in a power or a logarithm, as s^2 + t^2; in an
    exponential, several elements of one array, as a[k + 1] - a[k]."""
    found: set[Expr] = set()
    for f in {f for c in conditionals for f in c.log_density.atoms(sp.Pow, sp.log, sp.exp)}:
        if f.args[0].is_Add:
            moving = [symbols_in(t) & learned for t in f.args[0].args]
            alike = Counter(s for labels in moving for s in labels)
            several = (
                max(alike.values(), default=0) if isinstance(f, sp.exp) else sum(map(bool, moving))
            )
            if several > 1:
                found.add(f.args[0])
    return found


def mixed(
    conditionals: Sequence[GenericConditional], parameters: Sequence[Moving]
) -> dict[Symbol, frozenset[int]]:
    """By label, the axes that are always summed over, beside a simplex or in one: k in
    sum_k w[k] p[k, d]."""
    elements = [a for c in conditionals for a in elements_in(c.log_density)]
    summed = {i for c in conditionals for a in c.log_density.atoms(Sum) for i in a.bound_symbols}
    simplexes = {label for p in parameters if p.domain.sums_to_one for label in p.labels}
    weighted = {a.indices[-1] for a in elements if a.base.label in simplexes}
    found: dict[Symbol, frozenset[int]] = {}
    for p in parameters:
        (label,) = p.labels
        axes = frozenset(range(len(p.shape) - p.domain.sums_to_one))
        along = summed if p.domain.sums_to_one else summed & weighted
        for a in elements:
            if a.base.label == label:
                axes &= {k for k, i in enumerate(a.indices) if i in along}
        if axes:
            found[label] = axes
    return found


def mixing(
    conditionals: Sequence[GenericConditional], alike: Mapping[Symbol, frozenset[int]]
) -> set[Symbol]:
    """What stands at the indices along which something else is mixed: w in sum_k w[k] p[k, d]."""
    elements = {a for c in conditionals for a in elements_in(c.log_density)}
    along = {(a.indices[k], a.base.label) for a in elements for k in alike.get(a.base.label, ())}
    return {
        a.base.label
        for a in elements
        if any(i in a.indices and label != a.base.label for i, label in along)
    }


def deciding_cases(conditionals: Sequence[GenericConditional]) -> set[Symbol]:
    """Labels that decide which case of a `Piecewise` or a step holds: they stand still."""
    found: set[Symbol] = set()
    for c in conditionals:
        for a in c.log_density.atoms(sp.Piecewise):
            for _, condition in a.args:
                found |= symbols_in(condition)
        for a in c.log_density.atoms(sp.Heaviside):
            found |= symbols_in(a.args[0])
    return found


def inside_matrices(conditionals: Sequence[GenericConditional]) -> set[Symbol]:
    """Labels that occur inside a determinant or an inverse."""
    found: set[Symbol] = set()
    for c in conditionals:
        for a in c.log_density.atoms(nodes.LogDet, nodes.InverseElement):
            found |= symbols_in(a.matrix)
    return found
