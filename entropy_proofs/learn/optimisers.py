"""L-BFGS on all data, and optax's optimisers on mini-batches."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from scipy.optimize import minimize

from entropy_proofs.errors import InputError
from entropy_proofs.learn.bound import Evaluation
from entropy_proofs.learn.history import History, Run
from entropy_proofs.learn.problem import Arrays, Problem
from entropy_proofs.learn.stopping import GapRule, trouble
from entropy_proofs.numeric.backends import backend
from entropy_proofs.numeric.coordinates import Array

LARGE = 100_000  # coordinates, from which on L-BFGS remembers fewer steps
RESTARTS = 5  # of L-BFGS where its memory leads nowhere
HELD = 10  # iterations of L-BFGS with the same weights
OPTAX = ("adam", "nadam", "rmsprop", "adagrad", "sgd")
OPTIMIZERS = ("l-bfgs", *OPTAX)


def norm(*gradients: Arrays) -> float:
    """Of all blocks together."""
    return float(np.sqrt(sum(np.sum(np.square(g)) for found in gradients for g in found.values())))


# L-BFGS -------------------------------------------------------------------------------------------
class Layout:
    """Blocks as one vector; the local ones scaled so that each point's curvature is of order one.

    F is an average, so its curvature along one data point's own coordinates is 1/N of the
    parameters'; multiplied by sqrt(N), all are alike.
    """

    def __init__(self, common: Arrays, local: Arrays):
        blocks = [*common.items(), *local.items()]
        self.common, self.local = list(common), list(local)
        self.shapes = {name: np.shape(block) for name, block in blocks}
        points = len(next(iter(local.values()))) if local else 1
        self.scales = {name: np.sqrt(points) if name in local else 1.0 for name, _ in blocks}

    def vector(self, common: Arrays, local: Arrays, power: int = -1) -> Array:
        """Coordinates (power -1) or a gradient (power 1)."""
        blocks = {**common, **local}
        parts = [np.ravel(blocks[n]) * self.scales[n] ** power for n in self.shapes]
        return np.concatenate(parts) if parts else np.zeros(0)

    def blocks(self, x: Array) -> tuple[Arrays, Arrays]:
        found, start = {}, 0
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            found[name] = (x[start:stop] * self.scales[name]).reshape(shape)
            start = stop
        return {n: found[n] for n in self.common}, {n: found[n] for n in self.local}


class _Climb:
    """What scipy calls: minus F, which remembers its last point, so that nothing is done twice."""

    def __init__(self, problem: Problem, layout: Layout, noise: Arrays):
        self.problem, self.layout, self.noise = problem, layout, noise
        self.worst = 1.0
        self.last: tuple[Array, Evaluation, float] | None = None

    def __call__(self, x: Array) -> tuple[float, Array]:
        common, local = self.layout.blocks(x)
        try:
            with np.errstate(all="ignore"):
                found, by_common, by_local = self.problem.evaluate(common, local, self.noise)
            gradient = self.layout.vector(by_common, by_local, power=1)
            finite = np.isfinite(found.elbo) and np.isfinite(gradient).all()
        except np.linalg.LinAlgError:
            finite = False
        if not finite:  # a step too far: the line search comes back
            return self.worst, np.zeros_like(x)
        self.last = x.copy(), found, norm(by_common, by_local)
        self.worst = max(self.worst, 1e3 + 10 * abs(found.elbo))
        return -found.elbo, -gradient

    def evaluated(self, x: Array) -> tuple[Evaluation, float]:
        """The evaluation at a point and the gradient's norm."""
        if self.last is None or not np.array_equal(self.last[0], x):
            self(x)
        assert self.last is not None
        return self.last[1:]


def climb(
    problem: Problem,
    common: Arrays,
    local: Arrays,
    noise: Arrays,
    history: History,
    max_iter: int,
    tol: float,
) -> Run:
    """scipy's L-BFGS on all data with fixed noise, stopped by the gap.

    Weights that change keep their values for `HELD` iterations each, as L-BFGS learns the
    curvature of one function.
    """
    moving = min(problem.settled, max_iter)
    for start in range(0, moving, HELD):
        steps = min(HELD, moving - start)
        run = _stage(problem.at(start), common, local, noise, history, steps, None)
        if run.failed:
            return run
        common, local = run.common, run.local
    run = Run(common, local, False, f"max_iter = {max_iter} iterations")
    for _ in range(1 + RESTARTS):
        done, steps = len(history), max_iter - max(len(history), moving)
        if run.converged or run.failed or steps <= 0:
            break
        run = _stage(problem.at(moving), run.common, run.local, noise, history, steps, tol)
        if len(history) == done:
            break
    return run


def _stage(
    problem: Problem,
    common: Arrays,
    local: Arrays,
    noise: Arrays,
    history: History,
    steps: int,
    tol: float | None,
) -> Run:
    """One run of L-BFGS; without a tolerance, so many steps."""
    layout, rule = Layout(common, local), GapRule(tol or 0.0)
    objective = _Climb(problem, layout, noise)
    best = layout.vector(common, local)
    objective(best)
    if objective.last is None:
        return Run(common, local, False, "F is not finite at the start", failed=True)
    said, converged, failed = "", False, False

    def after(intermediate_result: Any) -> None:
        nonlocal best, said, converged, failed
        x = intermediate_result.x
        found, length = objective.evaluated(x)
        history.add(found, length)
        said = trouble(problem, problem.values(layout.blocks(x)[0]), found)
        if said:
            failed = True
            raise StopIteration
        best = x.copy()
        if tol is not None and rule.reached(found.predicted_gap, found.elbo):
            said, converged = rule.reason, True
            raise StopIteration

    options: dict[str, Any] = {
        "maxiter": steps, "maxfun": 50 * steps, "maxcor": 20 if best.size < LARGE else 8,
        "maxls": 40, "ftol": 0.0, "gtol": 1e-12,
    }  # fmt: skip
    result = minimize(objective, best, jac=True, method="L-BFGS-B", callback=after, options=options)
    if not said and result.nit >= steps:
        said = f"max_iter = {len(history)} iterations"
    elif not said:
        found, _ = objective.evaluated(best)
        converged = abs(found.predicted_gap) <= (tol or 0.0)
        said = f"no step raises F to rounding, with |v·∇F| = {abs(found.predicted_gap):.1e}"
    return Run(*layout.blocks(best), converged, said, failed)


# mini-batches -------------------------------------------------------------------------------------
def descend(
    problem: Problem,
    common: Arrays,
    local: Arrays,
    history: History,
    rng: np.random.Generator,
    optimizer: str,
    learning_rate: float,
    batch_size: int | None,
    max_iter: int,
    tol: float,
) -> Run:
    """One of optax's optimisers on mini-batches, with fresh noise for each.

    Each data point's own coordinates have an optimiser state of their own and climb their own
    point's bound.  The gap is averaged over an epoch before it is compared with the tolerance.
    """
    step = _Steps(optimizer, learning_rate)
    size = min(batch_size or problem.points, problem.points)
    rule, state = GapRule(tol), step.start(common, local)
    epoch: list[tuple[float, float]] = []
    order = np.zeros(0, dtype=np.intp)
    last: tuple[Arrays, Arrays, Any] = common, {}, order

    def before() -> tuple[Arrays, Arrays]:
        """The state before the last step."""
        for name, values in last[1].items():
            local[name][last[2]] = values
        return last[0], local

    while len(history) < max_iter:
        if not len(order):
            order = rng.permutation(problem.points) if size < problem.points else np.arange(size)
        rows, order = order[:size], order[size:]
        batch = problem if len(rows) == problem.points else problem.only(rows)
        batch = batch.at(len(history))
        mine = {name: block[rows] for name, block in local.items()}
        noise = problem.posterior.noise(len(rows), rng)
        try:
            with np.errstate(all="ignore"):
                found, by_common, by_local = batch.evaluate(common, mine, noise)
                said = trouble(batch, problem.values(common), found)
        except np.linalg.LinAlgError:
            said = "F left the finite numbers"
        if said:
            return Run(*before(), False, said, failed=True)
        length = norm(by_common, by_local)
        if not np.isfinite(length):
            return Run(*before(), False, "the gradient left the finite numbers", failed=True)
        history.add(found, length)
        if len(history) > problem.settled:
            epoch.append((found.predicted_gap, found.elbo))
        last = common, {name: block[rows] for name, block in local.items()}, rows
        common, local, state = step(common, local, state, rows, by_common, by_local)
        if epoch and not len(order):
            means = np.mean(epoch, axis=0)
            epoch = []
            if rule.reached(*means):
                said = rule.reason if size == problem.points else f"{rule.reason} over the data"
                return Run(common, local, True, said)
    return Run(common, local, False, f"max_iter = {max_iter} iterations")


@cache
def _compiled(name: str, learning_rate: float) -> tuple[Any, Any, Any]:
    """An optax optimiser, its step uphill, and that of many data points apart."""
    try:
        import jax
        import optax
    except ImportError:
        raise InputError(f"optimizer {name!r} needs: pip install 'entropy-proofs[learn]'") from None
    backend("jax").load()  # float64
    optimiser = getattr(optax, name)(learning_rate)

    def update(gradients: Any, state: Any) -> Any:
        downhill = jax.tree.map(lambda g: -g, gradients)
        return optimiser.update(downhill, state)

    return optimiser, jax.jit(update), jax.jit(jax.vmap(update))


class _Steps:
    """An optax optimiser of the common blocks, and one for each data point's own."""

    def __init__(self, name: str, learning_rate: float):
        self._optimiser, self._common, self._local = _compiled(name, learning_rate)
        import jax

        self._tree, self._vmap = jax.tree, jax.vmap

    def start(self, common: Arrays, local: Arrays) -> tuple[Any, Any]:
        own = self._vmap(self._optimiser.init)(local) if local else None
        return self._optimiser.init(common), self._tree.map(np.array, own)

    def __call__(
        self,
        common: Arrays,
        local: Arrays,
        state: tuple[Any, Any],
        rows: Any,
        by_common: Arrays,
        by_local: Arrays,
    ) -> tuple[Arrays, Arrays, tuple[Any, Any]]:
        shared, own = state
        moves, shared = self._common(by_common, shared)
        common = {n: block + np.asarray(moves[n]) for n, block in common.items()}
        if local:
            mine = self._tree.map(lambda leaf: leaf[rows], own)
            by_point = {n: g * len(rows) for n, g in by_local.items()}
            moves, mine = self._local(by_point, mine)
            for name, block in local.items():
                block[rows] += np.asarray(moves[name])

            def put(leaf: Any, new: Any) -> None:
                leaf[rows] = np.asarray(new)

            self._tree.map(put, own, mine)
        return common, local, (shared, own)
