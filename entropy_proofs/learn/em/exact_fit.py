"""A whole fit by EM: whether a model has one, its start, its runs and the best of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from entropy_proofs.errors import InputError
from entropy_proofs.learn.bound import Bound
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.engines import Engine, engine_for, posterior_for
from entropy_proofs.learn.em.exact import ExactUpdates, Reached, run
from entropy_proofs.learn.em.factored import Factored, FactoredSequences, factored_bound
from entropy_proofs.learn.em.maximise import MStep
from entropy_proofs.learn.em.posterior import Array, Arrays, NoPosterior, Posterior
from entropy_proofs.learn.em.running import RunningEM
from entropy_proofs.learn.em.with_q import with_q
from entropy_proofs.learn.history import History
from entropy_proofs.learn.problem import Problem
from entropy_proofs.learn.setup import bound_for, free_parameters
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.points.collapse import Spreads
from entropy_proofs.points.sequences import Sequences, count_of
from entropy_proofs.proving.proof import Proof
from entropy_proofs.q.distribution import ClosedForm
from entropy_proofs.updates.pooling import not_pooled

Start = Callable[[np.random.Generator], Arrays]
Data = Arrays | Sequences


@dataclass(frozen=True)
class Exact:
    """How a model's posterior is computed: by its states and moments, or in factors.

    Attributes:
        bound: for the batches that E-steps leave.
        posterior: exact, where the latents are states or Gaussian; None: q is in factors.
    """

    bound: Bound
    posterior: Posterior | None
    sizes: dict[str, int]
    given: Arrays

    def engine(self, data: Data, values: Arrays, weights: Array | None = None) -> Engine:
        """The E-step on data.

        Args:
            values: parameters at which it is tried.

        Raises:
            NoPosterior: it is not exact.
        """
        if isinstance(data, Sequences):
            return FactoredSequences(self.bound, self.sizes, self.given, data, values)
        if self.posterior is not None:
            return engine_for(self.posterior, data, values, weights)
        for name, x in data.items():
            if not np.isfinite(x).all():
                raise NoPosterior(f"entries of {name} are missing, whose conditional is not known")
        engine = Factored(self.bound, self.sizes, self.given, data)
        engine.e_step(values)
        return engine

    def infer(self, values: Arrays, data: Data) -> tuple[float, Arrays]:
        """F of data with the best q, and q's arrays."""
        if isinstance(data, Sequences):
            return FactoredSequences(self.bound, self.sizes, self.given, data, values).infer(values)
        if self.posterior is None:
            return Factored(self.bound, self.sizes, self.given, data).infer(values)
        engine = self.engine(data, values)
        if isinstance(engine, Condensed):
            return engine.infer(values)
        logs, q = self.posterior.infer(values, data)
        return float(logs.mean()), q


def exact_for(proof: Proof, sizes: dict[str, int], known: Arrays) -> Exact:
    """The kind of posterior that a model has.

    Raises:
        NoPosterior: none that is known, or q is declared as something else.
    """
    for name, q in proof.model.variational_.of.items():
        if not q.is_posterior:
            raise NoPosterior(f"q of {name} is declared")
    sampled = bound_for(proof, "numpy", "samples", "diagonal", "elbo")
    try:
        return Exact(sampled, posterior_for(sampled.code, sizes, known), sizes, known)
    except NoPosterior:
        return Exact(factored_bound(proof), None, sizes, known)


def exact_problem(exact: Exact, data: Data, weights: Array | None = None) -> Problem:
    """The problem in which all parameters move and q is the best.

    Raises:
        NoPosterior: no E-step takes the weights.
    """
    if weights is not None and exact.posterior is None:
        raise NoPosterior("data points with weights need states that can be counted")
    bound, sizes = exact.bound, exact.sizes
    filled = {n: _filled(x) for n, x in data.items()}
    parameters, domains = free_parameters(bound, sizes, filled, weights)
    given, none = {**exact.given, **bound.batch.rule()}, ClosedForm({})
    rows = {n: x[0] for n, x in filled.items()} if isinstance(data, Sequences) else filled
    return Problem(
        bound, sizes, filled, given, parameters, domains, none, None, {},
        spread=Spreads(bound.model, rows), points=count_of(data),
    )  # fmt: skip


def _filled(x: Array) -> Array:
    """Missing entries at their column's mean (of whole numbers: their median)."""
    if np.isfinite(np.sum(x)):
        return x
    whole = np.all(x[np.isfinite(x)] == np.round(x[np.isfinite(x)]))
    level = np.round(np.nanmedian(x, axis=0)) if whole else np.nanmean(x, axis=0)
    return np.where(np.isnan(x), level, x)


@dataclass(frozen=True)
class ExactFit:
    """A finished fit.

    Attributes:
        climbed: the names of the parameters that took gradient steps.
    """

    exact: Exact
    problem: Problem
    reached: Reached
    history: History
    climbed: tuple[str, ...]
    engine: Engine

    def q(self, data: Data) -> Arrays:
        """q's arrays, of the data that it was fitted to or of some of them."""
        whole = self.problem.points == len(next(iter(data.values())))
        if whole and isinstance(self.engine, Condensed):
            return self.engine.posteriors(self.reached.values)
        return self.exact.infer(self.reached.values, data)[1]


def fit_exactly(
    exact: Exact,
    problem: Problem,
    proof: Proof,
    data: Data,
    weights: Array | None,
    values: Arrays,
    history: History,
    *,
    max_iter: int,
    tol: float,
) -> ExactFit:
    """EM from one start.

    Args:
        data: with missing entries, which the problem's are without.
        weights: of the data points, of mean one.
        values: of the parameters, to start from.

    Raises:
        NoPosterior: there is no E-step in closed form.
    """
    if isinstance(data, Sequences):
        check_pooled(proof, data)
    engine = exact.engine(data, values, weights)
    solved = with_q(proof, engine, exact.sizes)
    updates = ExactUpdates(problem, engine, MStep(problem, proof), solved)
    reached = run(updates, values, history, max_iter, tol)
    return ExactFit(exact, problem, reached, history, tuple(updates.m_step.climbed), engine)


def check_pooled(proof: Proof, data: Sequences) -> None:
    """Raises NoPosterior where an update is not known to be that of all lengths together."""
    for name in not_pooled(proof.updates.m_step, proof.model.dims_[data.time]):
        raise NoPosterior(f"the optimum of {name} for sequences of several lengths is not known")


def fit_in_batches(
    exact: Exact,
    problem: Problem,
    proof: Proof,
    data: Data,
    weights: Array | None,
    values: Arrays,
    history: History,
    *,
    size: int,
    max_iter: int,
    tol: float,
    rng: np.random.Generator,
) -> ExactFit:
    """EM by running averages, from one start; at the end F is that of all data points.

    Raises:
        NoPosterior: no features stand for the data, or entries are missing.
    """
    engine = exact.engine(data, values, weights)
    if not isinstance(engine, Condensed) or engine.gaps is not None:
        raise NoPosterior("mini-batches need statistics that do not grow with the data")
    engine.keeps = False
    updates = ExactUpdates(problem, engine, MStep(problem, proof))
    ended = solve(RunningEM(updates, size, tol, rng, history), values, max_iter)
    x = updates.layout().vector(updates.coordinates(ended.x))
    updates.arrive(x)
    last, found = updates.evaluated()
    history.add(found, float("nan"), float("nan"))
    reached = Reached(last, ended.stop, found, ended.steps)
    return ExactFit(exact, problem, reached, history, (), engine)


def best_of(
    fitted: Callable[[Arrays, History], ExactFit],
    start: Start,
    history: History,
    rng: np.random.Generator,
    count: int,
    jobs: int | None,
) -> ExactFit:
    """The best end of several starts; those that did not fail come first.

    The first start draws from `rng` itself, the others from its children, so that more of them
    change nothing of those before.

    Args:
        history: of the first run; the others have their own, with nothing shown.
    """
    children = rng.spawn(count - 1)
    starts = [(start(rng), history), *((start(child), History()) for child in children)]
    if count == 1:
        return fitted(*starts[0])
    runs = Parallel(n_jobs=jobs, prefer="threads")(delayed(fitted)(*one) for one in starts)
    return max(runs, key=lambda run: (not run.reached.stop.failed, run.reached.found.elbo))


def has_exact_steps(
    exact: Exact, problem: Problem, proof: Proof, data: Data, values: Arrays
) -> bool:
    """Whether every block of q and of the parameters is solved in closed form.

    Where a formula may leave its domain, whether it stays in it at the start is looked at.
    """
    few = {n: x[:100] for n, x in data.items()}
    try:
        engine = exact.engine(few, values)
        if not proof.updates.complete:
            return False
        if all(update.inside for update in proof.updates.m_step):
            return True
        m_step = MStep(problem, proof)
        with np.errstate(all="ignore"):
            m_step(values, engine.e_step(values))
        return not m_step.left
    except (NoPosterior, InputError, np.linalg.LinAlgError, FloatingPointError):
        return False
