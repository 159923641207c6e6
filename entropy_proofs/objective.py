"""The entropy objective: what is left of the ELBO once the parameters with closed-form optima are.

A scale, covariance or mixing weight whose stationarity condition can be solved is put back into the
ELBO.  Where the identity holds along the eliminated parameters alone, the terms that they serve are
entropies then, at every value of what remains (arXiv:2311.01888 does it for one model).
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.nodes import Expectation, InverseElement
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.arrays import generate
from entropy_proofs.model import Parameter
from entropy_proofs.numeric.differentiate import derivative
from entropy_proofs.numeric.moments import collapsed_sum
from entropy_proofs.results import conditional, summed, term_result

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

Powers = dict[Any, Expr]  # exponent(s) -> coefficient


@dataclass(frozen=True)
class Solution:
    """A parameter's stationarity condition, solved.

    element: the optimum of the element at `slots`, in expectations under q and what remains.
    """

    parameter: Parameter
    slots: tuple[Symbol, ...]
    element: Expr

    @property
    def value(self) -> Expr:
        """The optimum as a scalar or an array."""
        if not self.slots:
            return self.element
        return generate(
            lambda *i: self.element.xreplace(dict(zip(self.slots, i, strict=True))),
            self.parameter.shape,
        )


@dataclass(frozen=True)
class Objective:
    """The ELBO at the optimal values of the eliminated parameters, in nats per data point.

    original: the model's proof.
    proof: its proof along the eliminated parameters alone: which terms are entropies then.
    solutions: of the eliminated parameters, functions of q and of the remaining parameters only.
    """

    original: Proof
    proof: Proof
    solutions: tuple[Solution, ...]

    @property
    def eliminated(self) -> dict[Expr, Expr]:
        """{parameter: its optimum}, arrays as arrays."""
        return {s.parameter.value: s.value for s in self.solutions}

    @property
    def remaining(self) -> tuple[Expr, ...]:
        """The learned parameters that stay."""
        gone = {s.parameter.label for s in self.solutions}
        return tuple(p.value for k, p in self.original.model.learned().items() if k not in gone)

    @cached_property
    def entropy_sum(self) -> Expr:
        """The objective in terms of the eliminated parameters, which stand for their optima."""
        return self.proof.entropy_sum

    @cached_property
    def expression(self) -> Expr:
        """The objective with the optima put in."""
        by_label = {s.parameter.label: s for s in self.solutions}

        def put(expr: Expr) -> Expr:
            found: dict[Expr, Expr] = {
                a: by_label[a.base.label].element.xreplace(
                    dict(zip(by_label[a.base.label].slots, a.indices, strict=True))
                )
                for a in expr.atoms(Indexed)
                if a.base.label in by_label
            }
            found |= {s: by_label[s].element for s in expr.atoms(Symbol) if s in by_label}
            return expr.xreplace(found)

        return put(self.entropy_sum)

    def compile(self, backend: str = "numpy", **options: Any) -> Any:
        """The objective, the optima and the gradient as functions; see `entropy_proofs.compile`."""
        from entropy_proofs.numeric.objectives import compile_objective

        return compile_objective(self, backend, **options)

    def __repr__(self) -> str:
        return f"<Objective of {self.proof.model.name!r}: {self.expression}>"

    def _repr_latex_(self) -> str:
        from entropy_proofs.export.latex import latex

        return f"$\\displaystyle {latex(self.expression)}$"


def objective(proof: Proof) -> Objective | None:
    """The entropy objective of a proved model, or None if no parameter can be eliminated."""
    found: list[Solution] = []
    for p in proof.model.learned().values():
        solution = solve_condition(proof, p)
        if solution is not None and not _entangled(solution, found):
            found.append(solution)
    while found:
        kept = {s.parameter.label for s in found}
        alone = _along(proof, kept)
        moving = {c.label for c in alone.identity.field} if alone.identity else set()
        if moving == kept:
            return Objective(proof, alone, tuple(found))
        found = [s for s in found if s.parameter.label in moving]
    return None


def _along(proof: Proof, kept: set[Symbol]) -> Proof:
    """The proof with nothing but these parameters moving: no flow, all others known."""
    from entropy_proofs.proof import Verdict, find

    model = copy(proof.model)
    model.claims = []
    model.parameters = {
        name: p if p.label in kept else replace(p, fixed=True)
        for name, p in proof.model.parameters.items()
    }
    identity = find(model, [conditional(model, t) for t in model.terms], flows=False)
    terms = tuple(term_result(model, t, identity) for t in model.terms)
    verdict = Verdict.PROVED if all(t.holds for t in terms) else Verdict.PARTIAL
    return replace(proof, model=model, identity=identity, terms=terms, verdict=verdict)


def _entangled(new: Solution, others: list[Solution]) -> bool:
    """Whether an optimum depends on another parameter that is eliminated."""
    labels = {s.parameter.label for s in others}
    depends = any(new.parameter.label in symbols_in(s.element) for s in others)
    return depends or bool(symbols_in(new.element) & labels)


# stationarity conditions --------------------------------------------------------------------------
def solve_condition(proof: Proof, p: Parameter) -> Solution | None:
    """The parameter's stationarity condition solved for it, where that has a closed form."""
    model = proof.model
    terms = [t for t in model.terms if p.label in symbols_in(t.log_density)]
    scale = terms[0].weight if terms else 1  # a weight that all share cancels
    log_joint = sp.Add(*(t.weight / scale * summed(model, t, t.log_density) for t in terms))
    try:
        gradient, slots = derivative(log_joint, p.label, p.shape)
    except TypeError:
        return None
    own = IndexedBase(p.label)[slots] if slots else p.label
    solver = _SOLVERS.get(p.domain)
    element = solver(gradient, own, p, slots) if solver else None
    if element is None or p.label in symbols_in(element):
        return None
    return Solution(p, slots, _averaged(element, proof.data_labels))


def _positive(gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]) -> Expr | None:
    """A own^a + B own^b = 0."""
    powers = _powers(gradient, [own])
    if powers is None or len(powers) != 2:
        return None
    ((a,), left), ((b,), right) = sorted(powers.items(), key=str)
    return (-_Mean(left) / _Mean(right)) ** (1 / sp.expand(b - a))


def _unit_interval(
    gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]
) -> Expr | None:
    """A / own + B / (1 - own) = 0."""
    powers = _powers(gradient, [own, 1 - own])
    if powers is None or set(powers) != {(-1, 0), (0, -1)}:
        return None
    yes, no = powers[-1, 0], powers[0, -1]
    return _Mean(yes) / _Mean(normal(yes - no).expr())


def _simplex(gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]) -> Expr | None:
    """A_k / own_k is one number for all k."""
    powers = _powers(gradient, [own])
    if powers is None or set(powers) != {(-1,)}:
        return None
    weight = powers[(-1,)]
    total = sum_over(normal(weight), slots[-1], p.shape[-1]).expr()
    return _Mean(weight) / _Mean(total)


def _positive_definite(
    gradient: Expr, own: Expr, p: Parameter, slots: tuple[Symbol, ...]
) -> Expr | None:
    """B inv(S) + inv(S) A inv(S) = 0: without the inverses, B S + A = 0."""
    i, j = slots[-2:]
    mark = Symbol("inverse", positive=True)
    unmarked: dict[Expr, Expr] = {}
    for a in gradient.atoms(InverseElement):
        scale = a.matrix(i, j) / own
        if symbols_in(scale) & {p.label, *slots}:
            continue
        unmarked[a] = mark / scale * KroneckerDelta(a.row, a.column)
    powers = _powers(gradient.xreplace(unmarked), [mark])
    if powers is None or set(powers) != {(1,), (2,)}:
        return None
    count = powers[(1,)] / KroneckerDelta(i, j)
    return -_Mean(_without_deltas(powers[(2,)])) / _Mean(count)


_SOLVERS = {
    "positive": _positive,
    "unit interval": _unit_interval,
    "simplex": _simplex,
    "positive definite": _positive_definite,
}


class _Mean(sp.Function):
    """An average to be split into what is random and what is not."""


def _averaged(element: Expr, data: frozenset[Symbol]) -> Expr:
    def split(x: Expr) -> Expr:
        fixed: list[Expr] = []
        random: list[Expr] = []
        for part in sp.Add.make_args(x):
            (random if symbols_in(part) & data else fixed).append(part)
        number, inside = sp.Add(*random).as_coeff_Mul()
        known = normal(sp.Add(*fixed)).expr()
        return known + (number * Expectation(inside) if random else 0)

    return sp.factor_terms(element.replace(_Mean, split))


def _without_deltas(expr: Expr) -> Expr:
    """Every sum over an index that a delta fixes carried out."""
    return expr.replace(
        lambda e: isinstance(e, Sum),
        lambda e: collapsed_sum(
            e.function, [i for i, *_ in e.limits], [high + 1 for *_, high in e.limits]
        ),
    )


def _powers(expr: Expr, atoms: list[Expr]) -> dict[tuple, Expr] | None:
    """expr as a sum of products of powers of the atoms with coefficients free of them."""
    labels = frozenset().union(*map(symbols_in, atoms)) - {
        s for a in atoms for i in a.atoms(Indexed) for n in i.indices for s in symbols_in(n)
    }
    none = (sp.S.Zero,) * len(atoms)

    def walk(e: Expr) -> dict[tuple, Expr] | None:
        if not symbols_in(e) & labels:
            return {none: e}
        for k, atom in enumerate(atoms):
            base, power = e.as_base_exp()
            if base == atom and not symbols_in(power) & labels:
                return {(*none[:k], power, *none[k + 1 :]): sp.S.One}
        if isinstance(e, sp.Add):
            return _merged([walk(a) for a in e.args])
        if isinstance(e, sp.Mul):
            found: dict[tuple, Expr] | None = {none: sp.S.One}
            for a in e.args:
                own = walk(a)
                if own is None or found is None:
                    return None
                found = _merged(
                    [
                        {tuple(map(sp.Add, x, y)): c * d}
                        for x, c in found.items()
                        for y, d in own.items()
                    ]
                )
            return found
        if isinstance(e, sp.Pow) and not symbols_in(e.exp) & labels:
            own = walk(e.base)
            if own is not None and len(own) == 1:
                ((x, c),) = own.items()
                return {tuple(n * e.exp for n in x): c**e.exp}
            return None
        if isinstance(e, Sum):
            own = walk(e.function)
            return own and {x: _summed(c, e) for x, c in own.items()}
        return None

    found = walk(expr)
    return None if found is None else {x: c for x, c in found.items() if c != 0}


def _merged(parts: list[dict[tuple, Expr] | None]) -> dict[tuple, Expr] | None:
    total: dict[tuple, Expr] = {}
    for part in parts:
        if part is None:
            return None
        for x, c in part.items():
            total[x] = total.get(x, sp.S.Zero) + c
    return total


def _summed(coefficient: Expr, total: Sum) -> Expr:
    number, rest = coefficient.as_coeff_Mul()
    return number * Sum(rest, *total.limits)
