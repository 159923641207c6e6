"""The M-step: blocks of parameters, each at the optimum of the ELBO over it, in order.

Candidates are proposed (`objective.solutions`), and `claims.optimum` decides: nothing is an update
that was not shown to solve its stationarity condition.  Blocks whose conditions are linear in both,
a loading matrix and an offset, are solved jointly, by eliminating one of them (the least squares
problem of the extended regressor (z, 1)).  Every block uses the newest values of the others
(conditional maximisation: Meng & Rubin 1993), so that F never falls where maxima were shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sympy import Abs, Expr, Function, Indexed, KroneckerDelta, Piecewise, Symbol, log

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import at_bound_indices, published
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.algebra.poly import Polynomial, symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.claims.linear_conditions import UNSOLVED, LeastSquares, least_squares, opened
from entropy_proofs.claims.optimum import Optimum, condition_of, put_in
from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.families.spaces import POSITIVE, POSITIVE_DEFINITE, REAL, SIMPLEX, UNIT_INTERVAL
from entropy_proofs.model.model import Model, Parameter
from entropy_proofs.notebook.displays import Displayed, displayed, latex_of
from entropy_proofs.objective.solutions import (
    Solution,
    shown_optimum,
    solve_angle,
    solve_condition,
    solve_offset,
)
from entropy_proofs.printing.formula import commas, equation
from entropy_proofs.printing.plain import plain
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.updates.curvature import Curvature, curvature
from entropy_proofs.updates.sufficient import Statistic, in_statistics

_LONG = 80  # characters of a condition
_AFTER = (POSITIVE, POSITIVE_DEFINITE)  # scales, which depend on what they measure deviations from


@dataclass(frozen=True)
class Update(Displayed):
    """A block of parameters at the optimum of the ELBO over it.

    solutions: of its parameters, in order; a later one may hold the new values of earlier ones.
    curvature: what is known of the ELBO as a function of the block.
    conditions: what must hold of the averages for the optimum to exist: "E_q[z] ≠ 0".
    """

    proof: ProofRecord
    solutions: tuple[Solution, ...]
    curvature: Curvature
    conditions: tuple[str, ...]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return tuple(s.parameter for s in self.solutions)

    @property
    def inside(self) -> bool:
        """Whether the optimum is known to be in its domain, or at its end, for all data."""
        return all(s.inside for s in self.solutions)

    @property
    def inside_where(self) -> tuple[str, ...]:
        """Of the conditions those for the optimum to be in its domain."""
        return tuple(c for s in self.solutions for c in _in_its_domain(s))

    @property
    def shown(self) -> str:
        """What was shown: "maximum" over the block, or "stationary"."""
        return "maximum" if self.curvature.is_maximum else "stationary"

    @property
    def formula(self) -> dict[Expr, Expr]:
        """{parameter: its optimum}, arrays as arrays."""
        return {s.parameter.value: self.proof.published(s.value) for s in self.solutions}

    @cached_property
    def written(self) -> dict[str, tuple[Expr, tuple[Symbol, ...]]]:
        """Parameter name -> its element in terms of arrays of statistics, and its slots."""
        model = self.proof.model
        return {
            s.parameter.name: (in_statistics(s.element, model)[0], s.slots) for s in self.solutions
        }

    @cached_property
    def needed(self) -> dict[str, Statistic]:
        """The sufficient statistics by name."""
        model = self.proof.model
        found = (in_statistics(s.element, model)[1] for s in self.solutions)
        return {statistic.name: statistic for part in found for statistic in part}

    @property
    def statistics(self) -> dict[str, Expr]:
        """Name -> what is averaged over q and the data, of one data point."""
        return {name: self.proof.published(s.value) for name, s in self.needed.items()}

    def __repr__(self) -> str:
        names = ", ".join(p.name for p in self.parameters)
        return f"<Update of {names}: {self.shown}>"

    def _repr_latex_(self) -> str:
        with self.proof.model.names().used():
            return latex_of(commas(*(equation(*pair) for pair in self.formula.items())))

    def _names(self) -> Names:
        return self.proof.model.names()

    def _blocks(self) -> tuple[Block, ...]:
        return self.displayed()

    def displayed(self) -> tuple[Block, ...]:
        """Its formulas, and below them what was shown."""
        formulas = (equation(*pair) for pair in self.formula.items())
        where = f", where {'; '.join(self.conditions)}" if self.conditions else ""
        said = f"{self.shown.capitalize()}: {self.curvature.because}{where}."
        return displayed(*formulas), Paragraph((said,))


def m_step(proof: ProofRecord) -> tuple[tuple[Update, ...], dict[Expr, str]]:
    """The updates in the order in which they are made; and why others have none."""
    model = proof.model
    left: dict[Expr, str] = {}
    solved: dict[Parameter, Solution] = {}
    for p in model.learned().values():
        solution = _solution(proof, p)
        if isinstance(solution, str):
            left[p.value] = solution
        else:
            solved[p] = solution
    blocks: list[Solved] = []
    done: set[Parameter] = set()
    linear = [p for p in solved if p.domain == REAL and not _stands_inside(model, p)]
    conditions = _Conditions(proof, linear)
    for p, solution in solved.items():
        if p in done:
            continue
        group = conditions.group(p) if p in linear else [p]
        found: Solved | str | None = conditions.jointly(group) if len(group) > 1 else None
        if found is None:
            group, found = [p], _alone(proof, solution)
        if isinstance(found, str):
            left[p.value] = found
        else:
            blocks.append(found)
        done.update(group)
    blocks.sort(key=lambda block: block[0][0].parameter.domain in _AFTER)
    return tuple(Update(proof, s, _curvature(model, s), c) for s, c in blocks), left


def _solution(proof: ProofRecord, p: Parameter) -> Solution | str:
    """The condition solved, which is to be shown; or why there is none."""
    around = _stands_inside(proof.model, p)
    if around:
        solve = _INSIDE.get(around)
        found = proof.once(solve, p) if solve else None
        return found or f"it stands inside {around}: its condition is not linear in it"
    try:
        solution = solve_condition(proof, p)
    except UNSOLVED as error:
        return f"its condition was not solved ({type(error).__name__})"
    return "its condition has no closed-form solution" if solution is None else solution


def _alone(proof: ProofRecord, solution: Solution) -> Solved | str:
    try:
        shown = shown_optimum(proof, solution)
    except UNSOLVED as error:
        return f"a solution was found, but not shown ({type(error).__name__})"
    if isinstance(shown, str):
        return f"a solution was found, but not shown: {shown}"
    if not solution.is_smooth and not curvature(proof.model, [solution.parameter]).is_maximum:
        return "a solution was found that may leave its domain"
    return (solution,), (*shown, *_above_zero(solution), *_in_its_domain(solution))


def _above_zero(solution: Solution) -> Iterator[str]:
    """Of what a logarithm is taken, that is not known to be positive."""
    if solution.parameter.domain == REAL:
        for a in solution.element.atoms(log):
            if a.has(Expectation) and not positive(a.args[0]):
                said = plain(published(a.args[0]))
                yield f"{said if len(said) < _LONG else 'what its logarithm is taken of'} > 0"


def _in_its_domain(solution: Solution) -> Iterator[str]:
    """What a solution must be to be in its parameter's domain, where it may be outside: there the
    bound has no stationary point along the parameter, and no maximum."""
    p = solution.parameter
    if p.domain in (POSITIVE, SIMPLEX, UNIT_INTERVAL) and not solution.inside:
        axes = zip(solution.slots, p.shape, strict=True)
        said = plain(at_bound_indices(published(solution.element), axes))
        said = said if len(said) < _LONG else f"what {p.name} is set to"
        yield f"0 < {said} < 1" if p.domain == UNIT_INTERVAL else f"{said} > 0"


def _stands_inside(model: Model, p: Parameter) -> str:
    """What a real parameter is an argument of that no linear condition comes from, if it is."""
    if p.domain != REAL:
        return ""
    around = (a for t in model.terms for a in t.log_density.atoms(Function, Abs, Piecewise, *_SAID))
    found = {_SAID.get(type(a), a.func.__name__) for a in around if p.label in symbols_in(a)}
    return min(found, default="")


_SAID = {
    nodes.HiddenUnit: "a network",
    nodes.InverseElement: "an inverse",
    nodes.LogDet: "a determinant",
}
_INSIDE = {"exp": solve_offset, "cos": solve_angle, "sin": solve_angle}
Solved = tuple[tuple[Solution, ...], tuple[str, ...]]


def _curvature(model: Model, solutions: Sequence[Solution]) -> Curvature:
    """By the form of the condition solved, if it says so, else of the densities."""
    if len(solutions) == 1 and solutions[0].largest:
        return Curvature(True, solutions[0].largest)
    return curvature(model, [s.parameter for s in solutions])


# joint solutions ----------------------------------------------------------------------------------
class _Conditions:
    """Linear conditions, and which of them hang together."""

    def __init__(self, proof: ProofRecord, parameters: Sequence[Parameter]):
        self.proof = proof
        self.known = {p: condition_of(proof, p) for p in parameters}
        self._factors = {p: [part.factors for part in opened(c)] for p, c in self.known.items()}
        self._labels = {p: _labels(c) for p, c in self.known.items()}
        self._systems: dict[Parameter, LeastSquares] = {}
        self._apart: list[set[Parameter]] = []  # groups that were not solved jointly

    def group(self, p: Parameter) -> list[Parameter]:
        """p and the parameters that are solved with it, those that are eliminated first."""
        group = [p]
        for other in self.known:
            linked = other not in group and any(self._linked(other, q) for q in group)
            if linked and all(self._linear([*group, other], q) for q in [*group, other]):
                group.append(other)
        indicators = [q for q in group if self._of_indicators(q)]
        if len(indicators) > 1:  # sum_k delta_ck = 1 of two labels: no unique solution
            return [p]
        return sorted(group, key=lambda q: self._system(q).axis is not None)

    def jointly(self, group: Sequence[Parameter]) -> Solved | None:
        """Each eliminated from the conditions of those after it, and solved backwards."""
        if set(group) in self._apart:
            return None
        found = self._eliminated(group)
        if found is None:
            self._apart.append(set(group))
        return found

    def _eliminated(self, group: Sequence[Parameter]) -> Solved | None:
        model = self.proof.model
        solutions: list[Solution] = []
        conditions: list[str] = []
        for p in group:
            try:
                condition = put_in(self.known[p], solutions) if solutions else self.known[p]
                slots = nodes.slots(p.shape)
                system = least_squares(condition, p.label, slots, p.shape)
                if system is None:
                    return None
                solution = Solution(p, slots, system.solution())
                if solutions:
                    shown = Optimum(model, p, solution.value, condition).shown()
                else:
                    shown = shown_optimum(self.proof, solution)
            except UNSOLVED:
                return None
            if isinstance(shown, str):
                return None
            solutions.append(solution)
            conditions += shown
        return tuple(reversed(solutions)), tuple(dict.fromkeys(conditions))

    def _linked(self, p: Parameter, q: Parameter) -> bool:
        return q.label in self._labels[p] and p.label in self._labels[q]

    def _linear(self, group: Sequence[Parameter], p: Parameter) -> bool:
        labels = {q.label for q in group}
        for factors in self._factors[p]:
            own = [a for a in factors if symbols_in(a) & labels]
            alone = all(isinstance(a, (Symbol, Indexed)) and factors[a] == 1 for a in own)
            if len(own) > 1 or not alone:
                return False
        return True

    def _system(self, p: Parameter) -> LeastSquares:
        if p not in self._systems:
            found = least_squares(self.known[p], p.label, nodes.slots(p.shape), p.shape)
            assert found is not None
            self._systems[p] = found
        return self._systems[p]

    def _of_indicators(self, p: Parameter) -> bool:
        """Whether it multiplies nothing but labels' indicators."""
        inside = {e.args[0] for e in self._system(p).matrix.expr().atoms(Expectation)}
        return bool(inside) and all(_is_indicator(e) for e in inside)


def _is_indicator(e: Expr) -> bool:
    return all(isinstance(f, KroneckerDelta) for f in e.as_ordered_factors())


def _labels(p: Polynomial) -> frozenset[Symbol]:
    return frozenset[Symbol]().union(*(symbols_in(a) for a in p.atoms()))


def stages(updates: Sequence[Update]) -> Iterator[tuple[Update, ...]]:
    """Runs of updates whose statistics hold no parameter that an earlier one of the run moves."""
    run: list[Update] = []
    moved: set[Symbol] = set()
    for update in updates:
        asked = frozenset[Symbol]().union(*(s.asks for s in update.needed.values()))
        if asked & moved:
            yield tuple(run)
            run, moved = [], set()
        run.append(update)
        moved |= {p.label for p in update.parameters}
    if run:
        yield tuple(run)
