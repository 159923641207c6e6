"""Stationary points of the ELBO: F on data as a function of free coordinates, and its optima."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations_with_replacement, product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch
from entropy_proofs.evaluate.model_code import ELBO, ModelCode
from entropy_proofs.evaluate.random_values import number, shape_value
from entropy_proofs.families.coordinates import Array, in_shapes
from entropy_proofs.families.space_values import coordinates
from entropy_proofs.families.spaces import REAL, Counts, Scalars, Space
from entropy_proofs.model.model import Parameter
from entropy_proofs.optimise.lbfgs import LBFGS
from entropy_proofs.optimise.newton import Newton, signs
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.truncated import LARGE, TruncatedNewton, extreme_signs
from entropy_proofs.points.collapse import Spreads, collapsed
from entropy_proofs.points.exact_posterior import BestInClosedForm, GaussianPosterior
from entropy_proofs.q.distribution import Arrays, BestAlready, ClosedForm, Distribution, FreeArray
from entropy_proofs.q.enumerated import best_weights
from entropy_proofs.q.sampled import Cloud, Normals, scalable

MOST_STATES = 4096
MOST_BRANCHES = 2**12  # joint states times samples, over all data points of a fit
_KEPT_BRANCHES = 2**11  # of them, where there are more: few states are as good as half of all
_COSTLY = 2**16  # branches in a Hessian by differences
_FLAT = 1e-7  # gradient norm of a stationary point
_LEAST_BRANCHES = 16  # of each data point, however many these are


class StationaryIn(StrEnum):
    """With respect to what a fit is stationary."""

    EVERYTHING = "all parameters and q"
    SCALES = "all parameters and q's scales"
    FIELD = "the field"
    NOTHING = "nothing: the optimiser did not converge"


class FreeObjective:
    """F with H[q], per data point, as a function of the free coordinates of q and parameters.

    Discrete latents are enumerated; q over them is the best one given the rest, so their weights
    are no coordinates (the gradient is the same by the envelope theorem).  Where they have too many
    joint states, q is the best one on some of them.

    Attributes:
        given: observed variables (N, ...), fixed parameters and hidden weights, and the values of
            parameters that are not in `moving`.
        moving: the names of the parameters that may change.
        q: of the continuous latents.
        rng: draws where q starts.
        held: log weights (N, states) of q over the discrete latents, if it is not the best one.
    """

    held: Array | None = None

    def __init__(
        self,
        code: ModelCode,
        sizes: dict[str, int],
        given: Arrays,
        moving: set[str],
        q: Distribution,
        rng: np.random.Generator,
    ):
        self.code, self.given, self.q, self._rng = code, given, q, rng
        self.closed = isinstance(code.batch, AnalyticBatch)
        self.states = {} if self.closed else kept_states(code, sizes, given, q.count, rng)
        self.branches = next((s.shape[1] for s in self.states.values()), 1)
        self.all_states = joint_states(code, sizes, given) if self.states else 1
        self.sizes = {**sizes, SAMPLES.name: self.branches * q.count}
        self.parameters = {
            p.name: FreeArray(shape_value(p.shape, sizes), coordinates(p.domain))
            for p in moving_parameters(code).values()
            if p.name in moving
        }
        self._q_shapes = {name: u.shape for name, u in self._start().items()}

    def lifted(self, code: ModelCode) -> FreeObjective:
        """The same objective in the numbers of another backend."""
        result = copy(self)
        result.code, result.q = code, self.q.lifted(code)
        result.given = {name: code.lift(value) for name, value in self.given.items()}
        result.held = None if self.held is None else code.lift(self.held)
        return result

    # coordinates ------------------------------------------------------------------------------
    def _start(self) -> Arrays:
        return self.q.start(self.sizes[POINTS.name], self._rng)

    def start(self, values: Arrays, blocks: Arrays | None = None) -> Array:
        """The coordinates of parameter values and of q."""
        parts = [
            p.coordinates.inverse(np.asarray(values[name])) for name, p in self.parameters.items()
        ]
        parts += list((self._start() if blocks is None else blocks).values())
        return _joined(parts)

    def around(self, latents: Mapping[str, Array]) -> Arrays:
        """Where q starts, its means at values of the latents (N, ...) where it has means."""
        blocks = self._start()
        own = self.q.latents if isinstance(self.q, Normals) else {}
        means = {f"{n}.mean": z.coordinates.inverse(latents[n]) for n, z in own.items() if latents}
        return blocks | means

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of all blocks of coordinates, in order: the parameters' by name, then q's."""
        return {**{name: p.free for name, p in self.parameters.items()}, **self._q_shapes}

    def blocks(self, x: Array) -> Arrays:
        """The coordinates by block."""
        return in_shapes(x, self.shapes)

    @property
    def places(self) -> dict[str, NDArray[np.intp]]:
        """Which coordinates each block has."""
        return in_shapes(np.arange(sum(map(prod, self.shapes.values()))), self.shapes)

    def _split(self, x: Array) -> tuple[Arrays, Arrays]:
        """Coordinates of the parameters, and the blocks of q."""
        found = self.blocks(x)
        return {n: found[n] for n in self.parameters}, {n: found[n] for n in self._q_shapes}

    @property
    def q_blocks(self) -> list[str]:
        """The names of q's blocks of coordinates."""
        return list(self._q_shapes)

    def values(self, x: Array) -> Arrays:
        """The parameters' values, and the coordinates of q by block."""
        free, blocks = self._split(x)
        moved = {n: self.parameters[n].coordinates.forward(u) for n, u in free.items()}
        return {**moved, **blocks}

    def names(self) -> list[str]:
        """The coordinates by name and place, such as "W[0, 1]"."""
        called = {name: self.q.called(name) for name in self._q_shapes}
        return [
            f"{called.get(name, name)}[{', '.join(map(str, at))}]" if at else name
            for name, shape in self.shapes.items()
            for at in np.ndindex(shape)
        ]

    @property
    def truncated(self) -> bool:
        """Whether q is zero on some of the discrete latents' joint states."""
        return self.branches < self.all_states

    @property
    def costly(self) -> bool:
        """Whether a Hessian takes so many branches that few can be had."""
        common, groups = self.independent()
        branches = self.sizes[POINTS.name] * self.sizes[SAMPLES.name]
        return 2 * (common + groups.shape[1]) * branches > _COSTLY

    @property
    def on_states(self) -> str:
        """What is said of a truncated q, after what a point is stationary in."""
        if not self.truncated:
            return ""
        return f", q on {self.branches} of {self.all_states} joint states of each data point"

    @property
    def eliminates_q(self) -> bool:
        """Whether a part of q is the best one given the rest, and no coordinate."""
        return bool(self.states) or isinstance(self.q, BestAlready)

    def independent(self) -> tuple[int, NDArray[np.intp]]:
        """How many coordinates are common, and those of q: one row for each data point."""
        common = sum(int(np.prod(p.free)) for p in self.parameters.values())
        columns = [self.places[n].reshape(shape[0], -1) for n, shape in self._q_shapes.items()]
        none = np.zeros((0, 0), dtype=np.intp)
        return common, np.concatenate(columns, axis=1) if columns else none

    # values -----------------------------------------------------------------------------------
    def samples(self, x: Array) -> tuple[Arrays, Any]:
        """The continuous latents' samples, and (1/N) sum_n H[q] of theirs."""
        return self.q.arrays(self.blocks(x), {**self.given, **self.values(x)})

    def arrays(self, x: Array) -> tuple[Arrays, Any]:
        """All arrays of the batch at a point, and (1/N) sum_n H[q^(n)] with its weight."""
        free, blocks = self._split(x)
        arrays = dict(self.given)
        for name, u in free.items():
            arrays[name] = self.parameters[name].coordinates.forward(u)
        points, branches = self.sizes[POINTS.name], self.branches
        for name, states in self.states.items():
            repeated = np.repeat(states, self.q.count, axis=1)
            arrays[name] = np.broadcast_to(repeated, (points, *repeated.shape[1:]))
        samples, entropy = self.q.arrays(blocks, arrays)
        if self.closed:  # F has H[q]
            return {**arrays, **samples}, entropy
        for name, z in samples.items():
            arrays[name] = np.concatenate([z] * branches, axis=1) if branches > 1 else z
        if branches == 1:
            ones = self.code.lift(np.ones((points, self.q.count)))
            arrays[WEIGHTS.name] = ones / self.q.count
            return arrays, self.code.times_q_weight(entropy, self.sizes, arrays)
        by_branch = self.held
        if by_branch is None:
            log_joint = self.code.log_joint(self.sizes, arrays)
            log_joint = self.code.per_q_weight(log_joint, self.sizes, arrays)
            by_branch = log_joint.reshape(points, branches, -1).mean(axis=2)
        weights, of_states = best_weights(by_branch)
        entropy += of_states
        arrays[WEIGHTS.name] = np.repeat(weights / self.q.count, self.q.count, axis=1)
        return arrays, self.code.times_q_weight(entropy, self.sizes, arrays)

    def __call__(self, x: Array) -> tuple[float, Array]:
        """F and its gradient; not finite where F has no value, as with singular covariances."""
        try:
            with np.errstate(all="ignore"):
                value, gradient = self.evaluate(x)
        except np.linalg.LinAlgError:
            return -np.inf, np.full_like(x, np.nan)
        return float(value), gradient

    def evaluate(self, x: Array) -> tuple[Any, Array]:
        """F and its gradient in the numbers of the point."""
        free, blocks = self._split(x)
        arrays, entropy = self.arrays(x)
        gradients = self.code.gradients(self.sizes, arrays)
        parts = [
            self.parameters[name].coordinates.pullback(u, gradients[name])
            for name, u in free.items()
        ]
        if self.closed:
            parts += self.q.pullback(blocks, gradients).values()
            return gradients[ELBO], _joined(parts)
        at_point = self.sizes, arrays
        by_sample = {
            v.name: self.code.per_q_weight(self._over_branches(gradients[v.name]), *at_point)
            for v in self.code.model.latents()
            if not v.support.discrete and self._q_shapes
        }
        by_block = self.q.pullback(blocks, by_sample)  # of F / w_q
        parts += [self.code.times_q_weight(g, *at_point) for g in by_block.values()]
        return gradients[ELBO] + entropy, _joined(parts)

    def _over_branches(self, gradient: Array) -> Array:
        shape = self.sizes[POINTS.name], self.branches, self.q.count, *gradient.shape[2:]
        return gradient.reshape(shape).sum(axis=1)


def _joined(parts: Sequence[Any]) -> Array:
    """As one vector, which is empty where nothing is free."""
    return np.concatenate([np.ravel(p) for p in parts]) if parts else np.zeros(0)


def own_arrays(batch: AnalyticBatch, sizes: dict[str, int]) -> dict[str, FreeArray]:
    """The arrays of q of each data point, by name."""
    own = {n: of for n, of in batch.variational().items() if n not in batch.shared}
    shapes = {n: shape_value(batch.shape(label)[1:], sizes) for n, (label, _) in own.items()}
    return {n: FreeArray(shapes[n], coordinates(domain)) for n, (_, domain) in own.items()}


def moving_parameters(code: ModelCode) -> dict[str, Parameter]:
    """What a fit may move besides q of each data point: learned parameters, weights of q."""
    shared = code.batch.shared if isinstance(code.batch, AnalyticBatch) else {}
    weights = {name: p for name, p in shared.items() if not p.fixed}
    return {**{p.name: p for p in code.model.learned().values()}, **weights}


def continuous_latents(
    code: ModelCode, sizes: dict[str, int], values: Arrays
) -> dict[str, FreeArray]:
    """The continuous latents of one data point."""
    known = {**sizes, **values}
    return {
        v.name: FreeArray(
            shape_value(v.shape, sizes),
            coordinates(v.support.mapped(partial(number, values=known))),
        )
        for v in code.model.latents()
        if not v.support.discrete
    }


def discrete_states(code: ModelCode, sizes: dict[str, int], values: Arrays) -> Arrays:
    """All joint states of the discrete latents: name -> (states, ...)."""
    latents = _discrete_latents(code, sizes, values)
    if joint_states(code, sizes, values) > MOST_STATES:
        names = ", ".join(latent.name for latent in latents)
        raise InputError(f"{names}: more than {MOST_STATES} joint states")
    return _at_choices(latents, _all_choices(latents))


def joint_states(code: ModelCode, sizes: dict[str, int], values: Arrays) -> int:
    """How many joint states the discrete latents have."""
    return prod(len(c) for v in _discrete_latents(code, sizes, values) for c in v.choices)


def kept_states(
    code: ModelCode, sizes: dict[str, int], values: Arrays, samples: int, rng: np.random.Generator
) -> Arrays:
    """Joint states that q may have: name -> (1, states, ...), or (N, states, ...) where there is
    room for some only, at random for each data point.

    A q that is zero elsewhere is one as any other, and its best weights have the same closed form
    (a truncated distribution: Luecke & Eggert, Journal of Machine Learning Research 11, 2010).

    samples: of the continuous latents, for each state.
    """
    latents, points = _discrete_latents(code, sizes, values), sizes[POINTS.name]
    room = max(_LEAST_BRANCHES // samples, _KEPT_BRANCHES // (points * samples), 4)
    every = joint_states(code, sizes, values)
    if every <= room or points * samples * every <= MOST_BRANCHES:
        return _at_choices(latents, _all_choices(latents)[None])
    lengths = [len(c) for latent in latents for c in latent.choices]

    def some() -> list[tuple[int, ...]]:
        chosen: dict[tuple[int, ...], None] = {}  # in the order of drawing
        while len(chosen) < room:
            chosen[tuple(map(int, rng.integers(lengths)))] = None
        return list(chosen)

    return _at_choices(latents, np.array([some() for _ in range(points)]))


@dataclass(frozen=True)
class _DiscreteLatent:
    """What a discrete latent of one data point may be.

    choices: of each independent event, the values (choices, its size).
    """

    name: str
    shape: tuple[int, ...]
    choices: list[Array]


def _discrete_latents(
    code: ModelCode, sizes: dict[str, int], values: Arrays
) -> list[_DiscreteLatent]:
    known, found = {**sizes, **values}, []
    for v in code.model.latents():
        if v.support.discrete:
            shape = shape_value(v.shape, sizes)
            support = v.support.mapped(partial(number, values=known))
            found.append(_DiscreteLatent(v.name, shape, _choices(support, shape)))
    return found


def _choices(support: Space, shape: tuple[int, ...]) -> list[Array]:
    """Unbounded numbers are cut off: q need not cover all."""
    if isinstance(support, Counts):
        total, parts = int(support.total), range(int(shape[-1]))
        ways = combinations_with_replacement(parts, total)
        counted = np.array([[way.count(k) for k in parts] for way in ways])
        return prod(shape[:-1]) * [counted]
    assert isinstance(support, Scalars)
    ends = np.broadcast_arrays(*(np.asarray(b, dtype=float) for b in support.ends), np.empty(shape))
    low, high, _ = (np.ravel(end) for end in ends)
    last = high if support.few else np.minimum(high, low + 7)
    return [np.arange(a, b + 1).astype(int)[:, None] for a, b in zip(low, last, strict=True)]


def _all_choices(latents: list[_DiscreteLatent]) -> NDArray[np.intp]:
    """Of every event, (states, events)."""
    axes = (range(len(c)) for latent in latents for c in latent.choices)
    return np.array(list(product(*axes)), dtype=np.intp)


def _at_choices(latents: list[_DiscreteLatent], chosen: NDArray[np.intp]) -> Arrays:
    """The latents' values where of each event that choice (..., events) is made."""
    found, start = {}, 0
    for latent in latents:
        stop = start + len(latent.choices)
        events = zip(latent.choices, np.moveaxis(chosen[..., start:stop], -1, 0), strict=True)
        parts = [values[place] for values, place in events]
        flat = np.concatenate(parts, axis=-1) if parts else np.zeros((*chosen.shape[:-1], 0))
        found[latent.name] = flat.reshape(*chosen.shape[:-1], *latent.shape)
        start = stop
    return found


# optima -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class FoundPoint:
    """A point and what the objective says there.

    Attributes:
        signs: how many of the Hessian's eigenvalues are positive, negative and (nearly) zero.
    """

    objective: FreeObjective
    x: Array
    gradient_norm: float
    kind: str
    signs: tuple[int, int, int] | None = None


def climb(objective: FreeObjective, x: Array, iterations: int = 200) -> Array:
    """Some steps of L-BFGS: cheap, but slow where F is curved unevenly."""

    def negative(u: Array) -> tuple[float, Array]:
        value, gradient = objective(u)
        if not np.isfinite(value) or not np.all(np.isfinite(gradient)):
            return 1e100, np.zeros_like(u)
        return -value, -gradient

    options = {"maxiter": iterations, "maxcor": 30, "ftol": 1e-13, "gtol": 1e-7}
    return solve(LBFGS(negative, options), x).x


def top_near(objective: FreeObjective, x: Array) -> Array:
    """Where climbing ends, then made sharp by Newton's method."""
    if not len(x):
        return x
    found = climb(objective, x, 200 if len(x) < LARGE else 400)
    if len(x) < LARGE:
        return solve(Newton(objective), found, most=10 if objective.costly else 40).x
    return solve(TruncatedNewton(objective), found, most=12).x


def kind_of(found: tuple[int, int, int] | None, falls: bool = False) -> str:
    """By a Hessian's signs: "maximum", "saddle" or "minimum"; flat directions fit either.

    falls: whether F falls in some direction besides.
    """
    if found is None:
        return "unknown"
    rising, falling, _ = found
    if not rising:
        return "maximum"
    return "saddle" if falling or falls else "minimum"


def at(objective: FreeObjective, x: Array) -> FoundPoint:
    """What kind of point this is."""
    norm = float(np.linalg.norm(objective(x)[1]))
    large, rng = len(x) >= LARGE, np.random.default_rng(0)
    found = extreme_signs(objective, x, rng) if large else signs(objective, x)
    return FoundPoint(objective, x, norm, kind_of(found))


def q_for(
    code: ModelCode, sizes: dict[str, int], arrays: Arrays, rng: np.random.Generator
) -> Distribution:
    """The exact posterior where the latents are linear and Gaussian, else free Gaussians; what is
    declared where the code is of that."""
    if isinstance(code.batch, AnalyticBatch):
        if code.batch.undeclared:
            return BestInClosedForm(code, sizes)
        return ClosedForm(own_arrays(code.batch, sizes))
    latents = continuous_latents(code, sizes, arrays)
    real = all(code.model.variables[name].support == REAL for name in latents)
    if latents and real and len(latents) == len(code.model.latents()):
        exact = GaussianPosterior(code, sizes, latents)
        if exact.is_exact(arrays, rng):
            return exact
    return Normals.shared(latents, rng)


def in_everything(
    code: ModelCode,
    sizes: dict[str, int],
    given: Arrays,
    start: Arrays,
    rng: np.random.Generator,
) -> FreeObjective:
    """F as a function of all that may move, with q for these values of the parameters."""
    q = q_for(code, sizes, {**given, **start}, rng)
    return FreeObjective(code, sizes, given, set(moving_parameters(code)), q, rng)


def fit(
    code: ModelCode,
    sizes: dict[str, int],
    given: Arrays,
    start: Arrays,
    essential: set[str],
    rng: np.random.Generator,
    shifted: Collection[str] = (),
    latents: Mapping[str, Array] | None = None,
) -> tuple[FoundPoint, StationaryIn]:
    """A stationary point near an optimum, and with respect to what it is stationary.

    Densities with kinks (|z|, |x - Wz|) have optima that sit on a kink.  There q's samples are then
    kept and only scaled (those of the `shifted` latents shifted too), and, if need be, only the
    `essential` parameters (the field's) moved further: the theorem asks for no more.  What is
    `costly` stays where it came to, from where the field's own curve leads on.

    latents: (N, ...) of the continuous ones, to start free Gaussians around.
    """
    objective = in_everything(code, sizes, given, start, rng)
    learned, q = set(objective.parameters), objective.q
    x = top_near(objective, objective.start(start, objective.around(latents or {})))
    if np.linalg.norm(objective(x)[1]) <= _FLAT:
        return at(objective, x), StationaryIn.EVERYTHING
    if objective.closed or objective.costly:
        return at(objective, x), StationaryIn.NOTHING
    arrays, _ = objective.arrays(x)
    smooth = len(x) >= LARGE or isinstance(q, GaussianPosterior)
    if smooth and collapsed(code.model, arrays, Spreads(code.model, arrays)):
        return at(objective, x), StationaryIn.NOTHING  # what follows would not find it either
    scaled = scalable(continuous_latents(code, sizes, arrays))
    kept, entropy = objective.samples(x)
    parameters = {name: arrays[name] for name in learned}
    for moving, said in ((learned, StationaryIn.SCALES), (essential, StationaryIn.FIELD)):
        cloud = Cloud(kept, entropy, scaled, shifted)
        rest = {**given, **{n: parameters[n] for n in learned - moving}}
        restricted = FreeObjective(code, sizes, rest, moving, cloud, rng)
        y = top_near(restricted, restricted.start(parameters))
        if np.linalg.norm(restricted(y)[1]) <= _FLAT:
            return at(restricted, y), said
    return at(objective, x), StationaryIn.NOTHING
