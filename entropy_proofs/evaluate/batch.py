"""A model's expressions over a batch: data points n, and samples s of the latents for each.

An observed variable gets the leading index n, a latent one (n, s); q is a set of weights w[n, s].
That is all there is to a batch: the averages are ordinary sums over n and s.  Where q is given by
its moments instead (`AnalyticBatch`), E_q is taken in closed form, and there are no samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, IndexedBase, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import built, symbols_in
from entropy_proofs.algebra.sums import fresh
from entropy_proofs.expectation.entropy import entropy
from entropy_proofs.expectation.gauss_hermite import NODE_WEIGHTS, NODES, normal_nodes
from entropy_proofs.expectation.moments import Moments, exponents_of, reach_of
from entropy_proofs.families.spaces import POSITIVE, REAL, Space
from entropy_proofs.model.model import Model, ModelTerm, Parameter, Variable
from entropy_proofs.model.pointwise import LatentFlow
from entropy_proofs.proof.term_results import dealiased
from entropy_proofs.q.choice import factor_of, markov_factor
from entropy_proofs.q.declared_factor import DeclaredFactor, check_free, declared_factor, put_in
from entropy_proofs.q.factor import At, Factor, NotAnalytic

POINT, SAMPLE = index("n@"), index("s@")
POINTS = Symbol("data points", integer=True, positive=True)
SAMPLES = Symbol("samples", integer=True, positive=True)
WEIGHTS = Symbol("weights", positive=True)

Shape = tuple[Expr, ...]


class Batch:
    """Writes a model's expressions for a batch.

    The unspecified hidden map of a network becomes t + tanh(t), t = R s + r, with given weights R
    and r, so that it has a value.  Nothing that is checked depends on the choice; this one does not
    saturate, so fits do not run off to infinite weights.

    Args:
        weighted: q weighs its samples by an array; otherwise all count alike.
    """

    def __init__(self, model: Model, weighted: bool = True):
        self.model = model
        self.weighted = weighted
        declared = {*model.parameters, *model.variables}
        self.weights_label = Symbol("weights@") if WEIGHTS.name in declared else WEIGHTS
        self._hidden: dict[Symbol, Shape] = {}  # weights R and r that were called for
        self._memo: dict[tuple[Expr, str], Expr] = {}
        self._aliases = {a: to for term in model.terms for a, to in term.aliases.items()}
        self._by_label = {v.label: v for v in model.variables.values()}
        self._shapes = model.shapes()
        self._widths = {
            f"phi_{name}": model.parameters[f"{name}.V"].shape[-1] for name in model.networks
        }

    # expressions ------------------------------------------------------------------------------
    def total(self, of_term: Callable[[ModelTerm], Expr]) -> Expr:
        """The weighted sum over conditionals and their coordinates, for data point n, sample s."""
        return sp.Add(*(t.weight * self.over_plates(t, of_term(t)) for t in self.model.terms))

    def over_plates(self, term: ModelTerm, expr: Expr) -> Expr:
        written = self.written(term, expr)
        limits = [(i, 0, size - 1) for i, size in term.plates]
        return Sum(written, *limits) if limits else written

    def written(self, term: ModelTerm, expr: Expr) -> Expr:
        """What is added up over a term's plates."""
        return self.write(expr)

    def expected(self, expr: Expr) -> Expr:
        """What is averaged for an expectation under q."""
        return self.write(expr)

    def average(self, expr: Expr) -> Expr:
        """(1/N) sum_n sum_s w[n, s] expr."""
        weight = IndexedBase(self.weights_label)[POINT, SAMPLE] if self.weighted else 1 / SAMPLES
        limits = (POINT, 0, POINTS - 1), (SAMPLE, 0, SAMPLES - 1)
        return Sum(weight * expr, *limits) / POINTS

    def write(self, expr: Expr) -> Expr:
        """An expression of the model, with batch indices on its variables."""
        found = self._memo.get(expr)
        if found is None:
            found = self._memo[expr] = self._write(expr)
        return found

    def _write(self, expr: Expr) -> Expr:
        if isinstance(expr, Symbol):
            return self._element(expr, ())
        if isinstance(expr, Indexed):
            return self._element(expr.base.label, tuple(map(self.write, expr.indices)))
        if isinstance(expr, nodes.HiddenUnit):
            return self.write(self._unit(expr))
        if isinstance(expr, sp.Piecewise):
            pairs = (sp.Tuple(*map(self.write, pair)) for pair in expr.args)
            return nodes.Cases(*pairs)
        return built(expr.func, *map(self.write, expr.args)) if expr.args else expr

    def _element(self, label: Symbol, indices: tuple[Expr, ...]) -> Expr:
        if label in self._aliases:
            part = self._aliases[label]
            label, indices = self.model.variables[part.variable].label, part.at(indices)
        if label in self._shapes:
            pairs = zip(indices, self._shapes[label], strict=True)  # z[-1] is the last element
            indices = tuple(i + n if i.is_Integer and i < 0 else i for i, n in pairs)
        if label in self._by_label:
            observed = self._by_label[label].observed
            indices = (POINT, *(() if observed else (SAMPLE,)), *indices)
        return nodes.element(label, indices)

    def _unit(self, expr: nodes.HiddenUnit) -> Expr:
        """t_j + tanh(t_j), t = r + sum_k R_k s_k, or its derivative."""
        name, width = expr.name.name, self._widths[expr.name.name]
        bias = self._weight(f"{name}.r", (width,))
        total = bias[expr.unit]
        for k, argument in enumerate(expr.inputs):
            if isinstance(argument, sp.Tuple):
                vector, size = argument
                m = fresh(symbols_in(vector) | symbols_in(expr.unit))
                weight = self._weight(f"{name}.R{k}", (width, size))[expr.unit, m]
                total += Sum(weight * vector(m), (m, 0, size - 1))
            else:
                total += self._weight(f"{name}.R{k}", (width,))[expr.unit] * argument
        if not isinstance(expr, nodes.HiddenUnitDerivative):
            return total + sp.tanh(total)
        slope = IndexedBase(Symbol(f"{name}.R{expr.which}"))[expr.unit, expr.component]
        return (2 - sp.tanh(total) ** 2) * slope

    def _weight(self, name: str, shape: Shape) -> IndexedBase:
        label = Symbol(name, real=True)
        self._hidden[label] = shape
        return IndexedBase(label)

    # q ----------------------------------------------------------------------------------------
    @property
    def variational_entropy(self) -> Expr | None:
        """(1/N) sum_n H[q^(n)] with its weight, if the arrays of q tell it."""
        return None

    def variational(self) -> dict[str, tuple[Symbol, Space]]:
        """The arrays of q that may move, by name: label and domain."""
        return {
            v.name: (v.label, v.support) for v in self.model.latents() if not v.support.discrete
        }

    def flowing(self, flow: LatentFlow) -> dict[Symbol, Callable[[At], Expr]]:
        """The arrays of q that move along a latent's flow, each with how its element does."""
        label = self.model.variables[flow.variable].label

        def moved(at: At) -> Expr:
            return flow.rate * IndexedBase(label)[at] + flow.shift_at(at[2:])

        return {label: moved}

    # shapes -----------------------------------------------------------------------------------
    def shape(self, label: Symbol) -> Shape:
        """The shape of a variable's array over the batch."""
        variable = self._by_label[label]
        return (POINTS, *(() if variable.observed else (SAMPLES,)), *variable.shape)

    @cached_property
    def log_joint(self) -> Expr:
        """log p(x, z) at (n, s), its conditionals weighted."""
        return self.total(lambda term: term.log_density)

    def hidden_shapes(self) -> dict[Symbol, Shape]:
        """The shapes of the hidden weights that log p(x, z) calls for."""
        assert self.log_joint is not None
        return dict(self._hidden)

    def shapes(self) -> dict[Symbol, Shape]:
        """The shapes of all inputs."""
        return {
            **{p.label: p.shape for p in self.model.parameters.values()},
            **{label: self.shape(label) for label in self._by_label},
            **self.hidden_shapes(),
            **self.weights(),
        }

    def known_weights(self) -> list[Parameter]:
        """Of q's networks, those that do not move."""
        return []

    def weights(self) -> dict[Symbol, Shape]:
        return {self.weights_label: (POINTS, SAMPLES)} if self.weighted else {}

    def tied(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Arrays of q that have to hang together; none where it is known by samples."""
        return {}

    def rule(self, exact: bool = False) -> dict[str, Any]:
        """The arrays of a quadrature rule by name, which are no arguments.

        exact: mpmath numbers at the working precision instead of floats.
        """
        return {}


class AnalyticBatch(Batch):
    """A batch without samples: q is a product of `factors`, and E_q taken in closed form.

    The arrays of q take the latents' place: "z.mean", "z.deviation" and so on, (N, ...).

    Args:
        covariance: of real latents, "diagonal" or "full".
        nodes: how many Gauss-Hermite nodes replace a closed form that is not known; None for none.
        chains: of latents over time, "independent" steps or "markov".
        declared: whether q that the model declares is given by what it is declared with, or by the
            arrays of its family.  The exact posterior of a chain is Markov, that of a vector has a
            full covariance.

    Raises:
        NotAnalytic: q has no closed form for a latent; for an expectation, when it is asked for.
    """

    def __init__(
        self,
        model: Model,
        covariance: str = "diagonal",
        nodes: int | None = None,
        chains: str = "independent",
        declared: bool = True,
    ):
        super().__init__(model)
        self.options = covariance, nodes, chains
        self.declared: dict[Symbol, DeclaredFactor] = {}
        self._put: dict[Symbol, tuple[DeclaredFactor, str]] = {}
        self.factors = {v.label: self._factor(v, declared) for v in model.latents()}
        self._moments = Moments(self.factors, nodes)
        self._nodes = nodes
        for label, factor in self.factors.items():
            del self._by_label[label]
            if label in self.declared:
                own = self.declared[label]
                self._put |= {factor.label(s): (own, s) for s in factor.domains}
                continue
            for suffix, shape in factor.shapes().items():
                self._file(factor.label(suffix), shape)
        used = frozenset().union(*(own.symbols() for own in self.declared.values()))
        of_q = model.variational_
        self._own = {p.name: p for p in of_q.all.values() if p.label in used}
        self.shared = {n: p for n, p in self._own.items() if n in of_q.weights}
        for p in self._own.values():
            if p.name in of_q.weights:
                self._shapes[p.label] = p.shape
            else:
                self._file(p.label, p.shape)
        self._widths |= {
            f"phi_{name}": of_q.weights[f"{name}.V"].shape[-1] for name in of_q.networks
        }

    def _file(self, label: Symbol, shape: Shape) -> None:
        """An array of q, for each data point."""
        self._by_label[label] = Variable(label.name, label, shape, True, REAL)
        self._shapes[label] = shape

    def _factor(self, v: Variable, declared: bool) -> Factor:
        covariance, _, chains = self.options
        q = self.model.variational_.of.get(v.name)
        if q is not None and len(q.terms) == 1:
            own = declared_factor(v, q)
            if declared:
                self.declared[v.label] = own
            return own.factor
        over_time = any(part.variable == v.name for part in self._aliases.values())
        if q is not None:
            chains = "markov"
            if v.support == REAL and len(v.shape) == 1:
                covariance = "full"
            if q.terms:
                check_free(v, q, self.model.variational_.parameters)
        markov = markov_factor(v, self._reach(v)) if over_time and chains == "markov" else None
        return markov or factor_of(v, covariance, self._exponents(v))

    def _exponents(self, variable: Variable) -> set[Expr]:
        if variable.support != POSITIVE:
            return set()
        return {e for expr in self._dealiased for e in exponents_of(variable.label, expr)}

    def _reach(self, variable: Variable) -> int:
        return max((reach_of(variable.label, expr) for expr in self._dealiased), default=0)

    @cached_property
    def _dealiased(self) -> list[Expr]:
        """The terms' log densities."""
        return [dealiased(self.model, t, t.log_density) for t in self.model.terms]

    def expected(self, expr: Expr) -> Expr:
        return self.of_q(self._moments(expr))

    def of_q(self, expr: Expr) -> Expr:
        """An expression in the arrays of q, written for a batch."""
        return self.write(put_in(expr, self._put) if self._put else expr)

    def written(self, term: ModelTerm, expr: Expr) -> Expr:
        try:
            return self.expected(dealiased(self.model, term, expr))
        except NotAnalytic as error:
            raise NotAnalytic(f"{term.variable}: {error}") from None

    def average(self, expr: Expr) -> Expr:
        """(1/N) sum_n expr."""
        return Sum(expr, (POINT, 0, POINTS - 1)) / POINTS

    def weights(self) -> dict[Symbol, Shape]:
        if self._nodes is None:
            return {}
        return dict.fromkeys((NODES, NODE_WEIGHTS), (sp.Integer(self._nodes),))

    def rule(self, exact: bool = False) -> dict[str, Any]:
        if self._nodes is None:
            return {}
        nodes, weights = normal_nodes(self._nodes, exact)
        return {NODES.name: nodes, NODE_WEIGHTS.name: weights}

    @property
    def variational_entropy(self) -> Expr | None:
        entropies = sp.Add(*(self.of_q(entropy(q)) for q in self.factors.values()))
        return self.model.q_weight * self.average(entropies)

    def tied(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """q's arrays that were drawn one by one, made those of distributions."""
        found: dict[str, Any] = {}
        for q in self.undeclared.values():
            names = {suffix: q.label(suffix).name for suffix in q.domains}
            tied = q.tied({suffix: values[name] for suffix, name in names.items()})
            found |= {names[suffix]: array for suffix, array in tied.items()}
        return found

    def variational(self) -> dict[str, tuple[Symbol, Space]]:
        labelled = {q.label(s): d for q in self.undeclared.values() for s, d in q.domains.items()}
        labelled |= {p.label: p.domain for p in self._own.values() if not p.fixed}
        return {label.name: (label, domain) for label, domain in labelled.items()}

    @property
    def undeclared(self) -> dict[Symbol, Factor]:
        """The factors whose arrays are given as they are."""
        return {label: q for label, q in self.factors.items() if label not in self.declared}

    def known_weights(self) -> list[Parameter]:
        return [p for p in self.shared.values() if p.fixed]

    def shape(self, label: Symbol) -> Shape:
        shared = {p.label: p.shape for p in self.shared.values()}
        return shared[label] if label in shared else super().shape(label)

    def shapes(self) -> dict[Symbol, Shape]:
        return {**super().shapes(), **{p.label: p.shape for p in self.shared.values()}}

    def flowing(self, flow: LatentFlow) -> dict[Symbol, Callable[[At], Expr]]:
        if self.model.variables[flow.variable].label in self.declared:
            return {}
        q = self.factors[self.model.variables[flow.variable].label]

        def moved(suffix: str, at: At) -> Expr:
            element = IndexedBase(q.label(suffix))[at]
            return q.flow(suffix, element, flow.rate, flow.shift_at(at[1:]))

        return {
            q.label(s): partial(moved, s)
            for s in q.domains
            if q.flow(s, sp.S.One, sp.S.One, sp.S.Zero) != 0
        }
