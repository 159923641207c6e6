"""Stationary points on real data: fitted by scikit-learn where it has the model, else by scipy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from entropy_proofs.document.blocks import Block, Table
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS, AnalyticBatch
from entropy_proofs.evaluate.model_code import IdentityParts, ModelCode, ProofCode
from entropy_proofs.evaluate.random_values import apart, shape_value, whole_parameters
from entropy_proofs.families.coordinates import Array
from entropy_proofs.families.space_values import parameter_value
from entropy_proofs.families.spaces import REAL, WHOLE
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, table
from entropy_proofs.points.along_field import settle
from entropy_proofs.points.ancestral import drawn_from_model
from entropy_proofs.points.collapse import Spreads, collapsed
from entropy_proofs.points.observations import (
    check_bounds,
    check_room,
    chosen_data,
    default_sizes,
    observed_names,
    random_data,
    sizes_of,
)
from entropy_proofs.points.sklearn_fits import FITS
from entropy_proofs.points.stationary import (
    MOST_BRANCHES,
    FoundPoint,
    FreeObjective,
    StationaryIn,
    at,
    fit,
    in_everything,
    joint_states,
    q_for,
)

TOLERANCE = 1e-9  # of the gap at stationary points
NOT_STATIONARY = 1e-5  # gradients above this are not called zero
CLOSED = 1e-4  # gaps beside |F|
ATTEMPTS = 3
GIVEN = "given data"
ROUNDING = 1e-11  # residuals above this are computed again with more digits


class FitFailed(ArithmeticError):
    """No attempt at a fit ended at a point, for a numeric reason that the message states."""


class Collapsed(FitFailed):
    """A scale went to zero, where F grows without bound."""


@dataclass(frozen=True)
class StationaryPoint(Displayed):
    """F, S and the gap at one point, per data point in nats, H[q] included.

    Attributes:
        predicted_gap: v·∇F, computed from the gradient.
        gradient_norm: of F in free coordinates (logarithms of scales, logits of probabilities), of
            those that `fitted_by` says it is stationary in.
        kind: "maximum", "saddle" or "minimum", by the Hessian's signs; flat directions fit either.
        dataset: which data.
        fitted_by: what found the point, and with respect to what it is stationary.
        residual: |gap - predicted_gap| relative to |F|, |S| and the terms of v·∇F.
        signs: how many of the Hessian's eigenvalues in free coordinates are positive, negative and
            zero (along a continuous symmetry, say); None if they were not asked for.
    """

    elbo: float
    entropy_sum: float
    gap: float
    predicted_gap: float
    gradient_norm: float
    kind: str
    dataset: str
    fitted_by: str
    residual: float
    signs: tuple[int, int, int] | None = None

    @property
    def holds(self) -> bool:
        """Whether the point is stationary, F is S, and the gap what v·∇F says. NaN never does."""
        stationary = self.gradient_norm <= NOT_STATIONARY
        return self.residual <= TOLERANCE and stationary and self._is_closed

    @property
    def _is_closed(self) -> bool:
        return abs(self.gap) <= CLOSED * max(1.0, abs(self.elbo))

    @property
    def reason(self) -> str:
        """Why it does not hold, in one line; empty if it does."""
        if self.holds:
            return ""
        if not np.isfinite([self.elbo, self.entropy_sum, self.gradient_norm]).all():
            return f"the fit to {self.dataset} left the finite numbers"
        if not self.gradient_norm <= NOT_STATIONARY:
            return (
                f"the optimiser did not converge on {self.dataset}: |∇F| = {self.gradient_norm:.1e}"
            )
        if not self._is_closed:  # v, which divides by it, is without bound there
            return (
                f"F - S is {self.gap:.1e} on {self.dataset} where the gradient vanishes: a"
                " condition of the proof fails there"
            )
        return f"F - S differs from v·∇F by {self.residual:.1e}, relatively, on {self.dataset}"

    def __repr__(self) -> str:
        return f"<{self.kind} on {self.dataset}: F = {self.elbo:.6f}, F - S = {self.gap:.1e}>"

    def _blocks(self) -> tuple[Block, ...]:
        return (points_table([self]),)


def points_table(points: Iterable[StationaryPoint]) -> Table:
    """A row for each, in nats per data point."""
    headings = "Point", "Data", "F", "S", "F - S", "v·∇F", "|∇F|", "Found by"
    rows = (
        (
            p.kind,
            p.dataset,
            *(f"{value:.6f}" for value in (p.elbo, p.entropy_sum)),
            *(f"{value:.1e}" for value in (p.gap, p.predicted_gap, p.gradient_norm)),
            p.fitted_by,
        )
        for p in points
    )
    return table(headings, rows)


def fitted_by_sklearn(
    code: ProofCode, stem: str, restart: np.random.Generator | None = None
) -> StationaryPoint:
    """What scikit-learn's estimator finds; with a restart, what scipy's finds on the same data.

    Raises:
        FitFailed: the estimator gave up, e.g. as a component had no points left.
    """
    try:
        found = FITS[stem]()
    except ValueError as error:
        raise FitFailed(str(error)) from error
    (name,) = (v.name for v in code.model.variables.values() if v.observed)
    given = {name: found.data}
    if restart is not None:
        point = fitted(code, given, found.sizes, np.random.default_rng(0), restart)
        return replace(point, dataset=point.dataset.replace(GIVEN, found.dataset))
    sizes = sizes_of(code.model, given, found.sizes)
    _, optimum = sklearn_point(code, sizes, given, found.values)
    return report(code, optimum, found.dataset, found.estimator)


def sklearn_point(
    code: ProofCode, sizes: dict[str, int], given: dict[str, Any], values: Mapping[str, Any]
) -> tuple[FreeObjective, FoundPoint]:
    """The point with given parameters, where q is the exact posterior."""
    objective = in_everything(code, sizes, given, dict(values), np.random.default_rng(0))
    return objective, at(objective, objective.start(dict(values)))


def fitted(
    code: ProofCode,
    data: dict[str, Array] | None,
    sizes: dict[str, int],
    rng: np.random.Generator,
    restart: np.random.Generator | None = None,
    named: str | None = None,
) -> StationaryPoint:
    """A fit by scipy's optimisers on the generated gradients.

    Args:
        restart: draws the optimiser's initial points in place of `rng`, which draws all the rest.
        named: which data set of scikit-learn to fit where there are no data.

    Raises:
        FitFailed: no attempt ended at a point, e.g. as all covariances became singular.
    """
    point, failure, whole = None, "", False
    turns: list[int | None] = [*range(ATTEMPTS)]
    if data is None and named is None:
        turns += [None, None]  # draws of the model, where no columns of real data have a point
    for turn in turns:
        try:
            found = _attempt(code, data, sizes, rng, restart, named, turn, whole)
        except InputError:
            raise
        except FitFailed as error:
            failure = str(error)
            # Where data are chosen, the next attempt is at other columns.
            whole |= isinstance(error, Collapsed) and data is not None
            continue
        except (ValueError, ArithmeticError) as error:  # LinAlgError is a ValueError
            failure = f"the optimiser left the numbers it can compute with: {error}"
            continue
        if found.holds:
            return found
        point = found
    if point is None:
        raise FitFailed(failure)
    return point


def _attempt(
    code: ProofCode,
    data: dict[str, Array] | None,
    known: dict[str, int],
    rng: np.random.Generator,
    restart: np.random.Generator | None,
    named: str | None,
    turn: int | None,
    whole: bool,
) -> StationaryPoint:
    """A point that holds if one is found, else where the optimiser stopped.

    whole: accept only what is stationary in everything, as F was seen to be unbounded elsewhere.
    """
    problem = set_up(code, data, known, rng, turn, restart=restart, named=named)
    sizes, dataset = problem.sizes, problem.dataset
    essential = essential_parameters(code)
    shifted, latents = shifted_latents(code), problem.latents
    optimum, said = fit(code, sizes, problem.given, problem.start, essential, rng, shifted, latents)
    if said is not StationaryIn.EVERYTHING:
        if name := _collapsed(code, optimum):
            raise Collapsed(f"{name} went to zero on {dataset}, so F has no maximum there")
        if whole:
            raise FitFailed(f"F grows without bound on {dataset} as a scale goes to zero")
    point = report(
        code, optimum, dataset, f"scipy, stationary in {said}{optimum.objective.on_states}"
    )
    if point.holds or point.gradient_norm <= NOT_STATIONARY:
        return point
    along = _along_field(
        code, optimum, dataset, f"scipy, stationary along the field{optimum.objective.on_states}"
    )
    return along if along is not None and along.holds else point


def check_data(model: Model, data: dict[str, Array] | None, named: str | None = None) -> None:
    """Raise the InputError that a fit to these data, or to a named data set, would."""
    code = ModelCode(model)
    given, sizes = constants(code, data, {}, np.random.default_rng(0))
    if data is None:
        given.update(chosen_data(model, sizes, given, named=named)[0])
    sizes_of(model, {n: given[n] for n in observed_names(model)}, sizes)


@dataclass(frozen=True)
class FitProblem:
    """Sizes, data and constants of a fit, and parameters to start from.

    latents: (N, ...) to start q around, of data that were drawn with them.
    """

    sizes: dict[str, int]
    given: dict[str, Any]
    start: dict[str, Any]
    dataset: str
    latents: dict[str, Any] = field(default_factory=dict)


def set_up(
    code: ProofCode,
    data: dict[str, Array] | None,
    sizes: dict[str, int],
    rng: np.random.Generator,
    turn: int | None = 0,
    most: tuple[int, int] | None = None,
    restart: np.random.Generator | None = None,
    named: str | None = None,
) -> FitProblem:
    """Data, the given or scikit-learn's, and a random start.

    Args:
        turn: which columns of scikit-learn's data to take; None makes random numbers.
        most: how many data points to keep, at random, where q has no coordinates for each, and
            where it has; None keeps as many as a fit can take.
        restart: draws the initial points in place of `rng`, which draws all the rest.
        named: which data set of scikit-learn to take where there are no data.
    """
    model = code.model
    given, sizes = constants(code, data, sizes, rng)
    dataset, drawn, truth = GIVEN, dict[str, Any](), dict[str, Any]()
    if data is None and turn is not None:
        chosen, dataset = chosen_data(model, sizes, given, turn, named)
        given.update(chosen)
    elif data is None:
        sizes = {**sizes, POINTS.name: max(most or (100,))}
        truth = start_values(model, sizes, rng)
        drawn = drawn_from_model(code, sizes, {**given, **truth}, rng)
        shown = {name: drawn[name] for name in observed_names(model) if drawn}
        given.update(shown or random_data(model, sizes, given, rng))
        dataset = "draws of the model" if drawn else "random numbers"
    observed = {n: given[n] for n in observed_names(model)}
    sizes = sizes_of(model, observed, sizes)
    check_bounds(model, observed, {**sizes, **given})
    start = truth if drawn else start_values(model, sizes, rng)
    if restart is not None:  # after the other was drawn, so that what `rng` draws next is the same
        start = start_values(model, sizes, restart)
    total = sizes[POINTS.name]
    rows = _rows(code, sizes, {**given, **start}, rng, most)
    if rows < total:
        kept = np.sort(rng.choice(total, rows, replace=False))
        given.update({name: given[name][kept] for name in observed_names(model)})
        drawn = {name: x[kept] for name, x in drawn.items()}
        sizes[POINTS.name] = rows
        dataset = f"{dataset}, {rows} of {total} rows"
    return FitProblem(sizes, given, start, dataset, {} if restart is not None else drawn)


def essential_parameters(code: ProofCode) -> set[str]:
    """The names of the parameters that the field moves."""
    identity = code.proof.identity
    return {c.label.name for c in identity.field} if identity else set()


def shifted_latents(code: ProofCode) -> set[str]:
    """The names of the latents whose flow shifts them, beside scaling them."""
    identity = code.proof.identity
    return {f.variable for f in identity.flows if f.shift != 0} if identity else set()


def constants(
    code: ModelCode, data: dict[str, Array] | None, sizes: dict[str, int], rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, int]]:
    """Fixed parameters, hidden weights and the data, with all sizes."""
    model = code.model
    if data is not None:
        sizes = sizes_of(model, data, sizes)
    else:
        sizes = {**default_sizes(model), **sizes}
    sizes = {**dict.fromkeys(model.variational_.dims, 1), **sizes}
    check_room(model, sizes)
    given: dict[str, Any] = dict(data or {})
    whole = whole_parameters(model)
    highest = max((float(np.max(x)) for n, x in (data or {}).items()
                   if isinstance(model.variables[n].support, WHOLE)), default=0.0)  # fmt: skip
    for p in (*model.parameters.values(), *model.variational_.weights.values()):
        if p.fixed:
            shape = shape_value(p.shape, sizes)
            value = parameter_value(p.domain, shape, rng)
            given[p.name] = np.full(shape, max(5.0, highest)) if p.name in whole else value
    for label, shape in code.batch.hidden_shapes().items():
        weights = rng.normal(size=shape_value(shape, sizes))
        given[label.name] = weights if weights.ndim < 2 else apart(weights)
    return given, sizes


def start_values(model: Model, sizes: dict[str, int], rng: np.random.Generator) -> dict[str, Any]:
    """Random parameters to start from."""
    start = {}
    weights = (p for p in model.variational_.weights.values() if not p.fixed)
    for p in (*model.learned().values(), *weights):
        value = parameter_value(p.domain, shape_value(p.shape, sizes), rng)
        start[p.name] = 0.5 * value if p.domain == REAL else value
    return start


def _rows(
    code: ProofCode,
    sizes: dict[str, int],
    arrays: dict[str, Any],
    rng: np.random.Generator,
    most: tuple[int, int] | None,
) -> int:
    """How many data points a fit may take: few where q has coordinates for each."""
    total = sizes[POINTS.name]
    q = q_for(code, sizes, arrays, rng)
    blocks = q.start(total, rng)
    per_point = sum(block.size for block in blocks.values()) // total
    discrete = all(v.support.discrete for v in code.model.latents())
    most_rows = max(10, 80 // per_point) if per_point else 200 if discrete else 80
    if most is not None:
        most_rows = most[per_point > 0]
    closed = isinstance(code.batch, AnalyticBatch)
    states = 1 if closed else joint_states(code, sizes, arrays)
    return min(total, most_rows, max(10, MOST_BRANCHES // (states * q.count)))


def _collapsed(code: ProofCode, optimum: FoundPoint) -> str:
    """The scale parameter that went to zero against the data, if any.

    F is then unbounded, as for a covariance on data in a plane, and what looks stationary along the
    field is rounding errors.  A density with kinks has its maximum far from there.
    """
    arrays, _ = optimum.objective.arrays(optimum.x)
    return collapsed(code.model, arrays, Spreads(code.model, arrays))


def _with_more_digits(
    code: ProofCode, sizes: dict[str, int], arrays: dict[str, Any]
) -> IdentityParts:
    """Both sides at a point where differences of large numbers leave doubles too few digits."""
    from mpmath import mp

    with mp.workdps(40):
        exact = {name: np.frompyfunc(mp.mpmathify, 1, 1)(a) for name, a in arrays.items()}
        return ProofCode(code.proof, "mpmath", code.batch).identity(sizes, exact)


def report(code: ProofCode, optimum: FoundPoint, dataset: str, fitted_by: str) -> StationaryPoint:
    """The record of an optimum."""
    return _point(
        code, optimum.objective.sizes, *optimum.objective.arrays(optimum.x),
        gradient_norm=optimum.gradient_norm, kind=optimum.kind, signs=optimum.signs,
        dataset=dataset, fitted_by=fitted_by,
    )  # fmt: skip


def _along_field(
    code: ProofCode, optimum: FoundPoint, dataset: str, fitted_by: str
) -> StationaryPoint | None:
    """The point that the field's curve through an optimum's whereabouts leads to."""
    sizes = optimum.objective.sizes
    found = settle(code, sizes, *optimum.objective.arrays(optimum.x))
    if found is None:
        return None
    arrays, entropy, kind = found
    slope = abs(float(code.directional_derivative(sizes, arrays)))
    return _point(
        code, sizes, arrays, entropy,
        gradient_norm=slope, kind=kind, dataset=dataset, fitted_by=fitted_by,
    )  # fmt: skip


def _point(
    code: ProofCode, sizes: dict[str, int], arrays: dict[str, Any], entropy: float, **known: Any
) -> StationaryPoint:
    """With F, S and both sides of the identity; known: what a record says besides."""
    sides = code.identity(sizes, arrays)
    if float(sides.residual) > ROUNDING:
        sides = _with_more_digits(code, sizes, arrays)
    return StationaryPoint(
        elbo=float(sides.elbo) + entropy,
        entropy_sum=float(sides.entropy_sum) + entropy,
        gap=float(sides.gap),
        predicted_gap=float(sides.predicted_gap),
        residual=float(sides.residual),
        **known,
    )
