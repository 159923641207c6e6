"""Stationary points of every kind: maxima by climbing, saddles and minima as zeros of the gradient.

Saddles are where symmetries say: components that have merged, columns that are dead.  So besides
random starts there are those that a maximum leads to when two of its components are made equal, or
one is set to zero; climbing and Newton's method keep such a symmetry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from sympy import Expr

from entropy_proofs.errors import InputError
from entropy_proofs.numeric.coordinates import Array
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.fits import (
    Problem,
    StationaryPoint,
    essential_parameters,
    report,
    set_up,
    start_values,
)
from entropy_proofs.numeric.observations import observed_data
from entropy_proofs.numeric.stationary import (
    Objective,
    Optimum,
    climb,
    family_for,
    fit,
    hessian,
    newton,
)

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

KINDS = ("maximum", "saddle", "minimum")
_ZERO = 1e-10  # gradient norm of a stationary point
_FLAT = 1e-6  # eigenvalues of the Hessian, relative to the largest
_SAME = 1e-7  # F and S of one point found twice, relative
_ROUNDS, _PATIENCE = 40, 6  # Newton steps, and how many may pass before the gradient halves


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
    """
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
    code: ProofCode, problem: Problem, starts: int, kinds: set[str], rng: np.random.Generator
) -> Iterator[tuple[Optimum, str]]:
    """Points at which the gradient vanishes, and how each was found."""
    sizes, learned = problem.sizes, {p.name for p in code.model.learned().values()}
    family = family_for(code, sizes, {**problem.given, **problem.start}, rng)
    objective = Objective(code, sizes, problem.given, learned, family)
    maxima: list[Array] = []
    for _ in range(starts):
        x = objective.start(start_values(code.model, sizes, rng))
        top = newton(objective, climb(objective, x))
        if _gradient_norm(objective, top) <= _ZERO:
            maxima.append(top)
            yield classified(objective, top), "scipy, stationary in all parameters and q"
        if kinds - {"maximum"}:
            yield from _roots(objective, x)
    if kinds - {"maximum"}:
        for start in symmetric_starts(objective, maxima[:2] or [x]):
            yield from _roots(objective, climb(objective, start, iterations=100))
    if not maxima and "maximum" in kinds:
        essential = essential_parameters(code)
        optimum, said = fit(code, sizes, problem.given, problem.start, essential, rng)
        yield classified(optimum.objective, optimum.x), f"scipy, stationary in {said}"


def _roots(objective: Objective, x: Array) -> Iterator[tuple[Optimum, str]]:
    root = gradient_root(objective, x)
    if _gradient_norm(objective, root) <= _ZERO:
        method = "Newton's method on the gradient, stationary in all parameters and q"
        yield classified(objective, root), method


def _gradient_norm(objective: Objective, x: Array) -> float:
    norm = float(np.linalg.norm(objective(x)[1]))
    return norm if np.isfinite(norm) else np.inf


def gradient_root(objective: Objective, x: Array) -> Array:
    """A zero of the gradient, of whatever kind, by Levenberg and Marquardt's method."""
    gradient = objective(x)[1]
    norm, damping = np.linalg.norm(gradient), 1e-3
    norms = [norm]
    for _ in range(_ROUNDS):
        curved = hessian(objective, x)
        stuck = len(norms) > _PATIENCE and norm > norms[-1 - _PATIENCE] / 2
        if stuck or norm <= _ZERO / 1e3 or not np.all(np.isfinite(curved)):
            break
        curvatures, vectors = np.linalg.eigh(curved)
        largest = np.abs(curvatures).max(initial=0)
        curvatures[np.abs(curvatures) <= 1e-9 * largest] = 0  # flat
        along = curvatures * (vectors.T @ gradient)
        for _ in range(12):
            step = vectors @ (along / (curvatures**2 + damping * largest**2 + 1e-300))
            new_gradient = objective(x - step)[1]
            new_norm = np.linalg.norm(new_gradient)
            if new_norm < norm:
                break
            damping = max(10 * damping, 1e-15)
        else:
            break
        x, gradient, norm = x - step, new_gradient, new_norm
        norms.append(norm)
        damping = damping / 30 if damping > 1e-18 else 0.0
    return x


def symmetric_starts(objective: Objective, points: list[Array]) -> Iterator[Array]:
    """Points with the first two places along a dim made equal, or with places along it dead."""
    for x in points:
        for dim, axes in _axes(objective).items():
            size = objective.sizes[str(dim)]
            yield _changed(objective, x, axes, 0, min(1, size - 1))
            yield _changed(objective, x, axes, None, None)
            for place in range(min(size, 4)):
                yield _changed(objective, x, axes, place, None)


def _axes(objective: Objective) -> dict[Expr, dict[str, int]]:
    """Dims -> the parameters and blocks of q that have one axis of this size, and which."""
    model, found = objective.code.model, dict[Expr, dict[str, int]]()
    shapes = {name: model.parameters[name].shape for name in objective.parameters}
    for block in objective.q_blocks:
        shapes[block] = (None, *model.variables[block.rpartition(" ")[2]].shape)
    for name, shape in shapes.items():
        for dim in dict.fromkeys(n for n in shape if n is not None and n.is_Symbol):
            if shape.count(dim) == 1:
                found.setdefault(dim, {})[name] = shape.index(dim)
    return found


def _changed(
    objective: Objective, x: Array, axes: dict[str, int], place: int | None, other: int | None
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


def _may_be_zero(objective: Objective, name: str) -> bool:
    parameters = objective.code.model.parameters
    return parameters[name].domain == "real" if name in parameters else name.startswith("mean ")


# what kind of point -------------------------------------------------------------------------------
def classified(objective: Objective, x: Array) -> Optimum:
    """The kind by the Hessian's signs, q's directions included.

    Where q is eliminated (discrete latents, exact posteriors), F falls in all of q's directions:
    the Hessian in the coordinates is its Schur complement.
    """
    curved = hessian(objective, x)
    norm = float(np.linalg.norm(objective(x)[1]))
    if not np.all(np.isfinite(curved)):
        return Optimum(objective, x, norm, "unknown")
    values = np.linalg.eigvalsh(curved)
    flat = _FLAT * np.abs(values).max(initial=0)
    rising, falling = int((values > flat).sum()), int((values < -flat).sum())
    signs = rising, falling, len(values) - rising - falling
    if not rising:
        kind = "maximum"
    else:
        kind = "saddle" if falling or objective.eliminates_q else "minimum"
    return replace(Optimum(objective, x, norm, kind), signs=signs)
