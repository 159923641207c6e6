"""Stationary points of every kind: maxima by climbing, saddles and minima as zeros of the gradient.

Saddles are where symmetries say: components that have merged, columns that are dead.  So besides
random starts there are those that a maximum leads to when two of its components are made equal, or
one is set to zero; climbing and Newton's method keep such a symmetry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.spaces import REAL
from entropy_proofs.optimise.newton import LevenbergMarquardt, SmoothFunction, signs
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.points.fits import (
    FitProblem,
    StationaryPoint,
    essential_parameters,
    report,
    set_up,
    start_values,
)
from entropy_proofs.points.observations import observed_data
from entropy_proofs.points.stationary import (
    FoundPoint,
    FreeObjective,
    StationaryIn,
    climb,
    fit,
    in_everything,
    kind_of,
    top_near,
)
from entropy_proofs.proof.record import check_proof

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof

KINDS = ("maximum", "saddle", "minimum")
_ZERO = 1e-10  # gradient norm of a stationary point
_SAME = 1e-7  # F and S of one point found twice, relative


def stationary_points(
    proof: Proof,
    data: Any = None,
    sizes: Mapping[str, int] | None = None,
    starts: int = 20,
    seed: int = 0,
    kinds: Collection[str] = KINDS,
) -> tuple[StationaryPoint, ...]:
    """Distinct stationary points of the ELBO, the highest first.

    Args:
        data: an array (N, ...) for the only observed variable or {variable: array}; None takes
            data of scikit-learn.
        sizes: dims that the data leave open; 2 if not given.
        starts: how many random starts to climb from, and to look for zeros of the gradient from.
        kinds: which to return.  A point is a "saddle" if F rises in some directions and falls in
            others; directions of a continuous symmetry are flat and make nothing a saddle.

    Returns:
        One record for each point up to symmetries (points with the same F, S and signs of the
        Hessian are one).  All have vanishing gradients; where the optimum is on a kink, these are
        the ones that `fitted_by` states.

    Raises:
        InputError: the data do not fit, or no such kind exists.

    The maximum of p-PCA with one latent, and that F is the sum of entropies there:

    >>> import entropy_proofs as ep
    >>> proof = ep.prove(ep.load("ppca"))
    >>> best = ep.stationary_points(proof, sizes={"D": 3, "H": 1}, starts=3, kinds=["maximum"])[0]
    >>> best.kind, bool(abs(best.elbo - best.entropy_sum) < 1e-8)
    ('maximum', True)
    """
    check_proof("stationary_points", proof)
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"no kind {kind!r}: choose from {', '.join(KINDS)}")
    given = None if data is None else observed_data(proof.model, data)
    code, rng = ProofCode(proof), np.random.default_rng(seed)
    problem = set_up(code, given, dict(sizes or {}), rng)
    found: list[StationaryPoint] = []
    with np.errstate(all="ignore"):  # what is not finite is looked at, not warned of
        for optimum, method in _candidates(code, problem, starts, set(kinds), rng):
            point = report(code, optimum, problem.dataset, method)
            if point.kind in kinds and point.holds and not any(_same(point, p) for p in found):
                found.append(point)
    return tuple(sorted(found, key=lambda p: -p.elbo))


def _same(a: StationaryPoint, b: StationaryPoint) -> bool:
    def near(x: float, y: float) -> bool:
        return abs(x - y) <= _SAME * (1 + abs(x))

    return a.signs == b.signs and near(a.elbo, b.elbo) and near(a.entropy_sum, b.entropy_sum)


# the search ---------------------------------------------------------------------------------------
def _candidates(
    code: ProofCode, problem: FitProblem, starts: int, kinds: set[str], rng: np.random.Generator
) -> Iterator[tuple[FoundPoint, str]]:
    """Points at which the gradient vanishes, and how each was found."""
    sizes = problem.sizes
    objective = in_everything(code, sizes, problem.given, problem.start, rng)
    maxima: list[Array] = []
    for _ in range(starts):
        x = objective.start(start_values(code.model, sizes, rng))
        top = top_near(objective, x)
        if _gradient_norm(objective, top) <= _ZERO:
            maxima.append(top)
            said = f"scipy, stationary in {StationaryIn.EVERYTHING}{objective.on_states}"
            yield classified(objective, top), said
        if kinds - {"maximum"}:
            yield from _roots(objective, x)
    if kinds - {"maximum"}:
        for start in symmetric_starts(objective, maxima[:2] or [x]):
            yield from _roots(objective, climb(objective, start, iterations=100))
    if not maxima and "maximum" in kinds:
        essential = essential_parameters(code)
        optimum, said = fit(code, sizes, problem.given, problem.start, essential, rng)
        moved = optimum.objective
        yield classified(moved, optimum.x), f"scipy, stationary in {said}{moved.on_states}"


def _roots(objective: FreeObjective, x: Array) -> Iterator[tuple[FoundPoint, str]]:
    root = gradient_root(objective, x)
    if _gradient_norm(objective, root) <= _ZERO:
        said = f"stationary in {StationaryIn.EVERYTHING}{objective.on_states}"
        yield classified(objective, root), f"Newton's method on the gradient, {said}"


def _gradient_norm(objective: FreeObjective, x: Array) -> float:
    norm = float(np.linalg.norm(objective(x)[1]))
    return norm if np.isfinite(norm) else np.inf


def gradient_root(objective: SmoothFunction, x: Array) -> Array:
    """A zero of the gradient, of whatever kind."""
    return solve(LevenbergMarquardt(objective), x, most=40).x


def symmetric_starts(objective: FreeObjective, points: list[Array]) -> Iterator[Array]:
    """Points with the first two places along a dim made equal, or with places along it dead."""
    for x in points:
        for dim, axes in _axes(objective).items():
            size = objective.sizes[str(dim)]
            yield _changed(objective, x, axes, 0, min(1, size - 1))
            yield _changed(objective, x, axes, None, None)
            for place in range(min(size, 4)):
                yield _changed(objective, x, axes, place, None)


def _axes(objective: FreeObjective) -> dict[Expr, dict[str, int]]:
    """Dims -> the parameters and blocks of q that have one axis of this size, and which."""
    model, found = objective.code.model, dict[Expr, dict[str, int]]()
    shapes = {name: model.parameters[name].shape for name in objective.parameters}
    for block in objective.q_blocks:
        shapes[block] = (None, *model.variables[block.rpartition(".")[0]].shape)
    for name, shape in shapes.items():
        for dim in dict.fromkeys(n for n in shape if n is not None and n.is_Symbol):
            if shape.count(dim) == 1:
                found.setdefault(dim, {})[name] = shape.index(dim)
    return found


def _changed(
    objective: FreeObjective, x: Array, axes: dict[str, int], place: int | None, other: int | None
) -> Array:
    """One place (all, if None) along an axis of each real array set to zero, or to another's mean.

    Parameters are changed as they are, not in coordinates, so that equal places stay equal.
    """
    values = {name: np.array(a) for name, a in objective.values(x).items()}
    for name, axis in axes.items():
        block = np.moveaxis(values[name], axis, 0)
        if place is not None and other is not None and max(place, other) < len(block):
            block[[place, other]] = (block[place] + block[other]) / 2
        elif other is None and _may_be_zero(objective, name):
            block[slice(None) if place is None else slice(place, place + 1)] = 0
    return objective.start(values, {name: values[name] for name in objective.q_blocks})


def _may_be_zero(objective: FreeObjective, name: str) -> bool:
    parameters = objective.code.model.parameters
    return parameters[name].domain == REAL if name in parameters else name.endswith(".mean")


# what kind of point -------------------------------------------------------------------------------
def classified(objective: FreeObjective, x: Array) -> FoundPoint:
    """The kind by the Hessian's signs, q's directions included.

    Where q is eliminated (discrete latents, exact posteriors), F falls in all of q's directions:
    the Hessian in the coordinates is its Schur complement.
    """
    norm = float(np.linalg.norm(objective(x)[1]))
    found = signs(objective, x)
    return FoundPoint(objective, x, norm, kind_of(found, objective.eliminates_q), found)
