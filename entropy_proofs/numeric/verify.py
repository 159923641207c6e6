"""The numeric check of a proof: random points to high precision, stationary points on real data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.model import Model, Variable
from entropy_proofs.numeric.batch import POINTS, SAMPLES
from entropy_proofs.numeric.coordinates import Array
from entropy_proofs.numeric.datasets import real_data
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.instance import (
    number,
    parameter_value,
    random_instance,
    random_sizes,
    shape_value,
    whole_parameters,
)
from entropy_proofs.numeric.sklearn_fits import FITS
from entropy_proofs.numeric.stationary import Objective, Optimum, at, family_for, fit

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

TOLERANCE = 1e-12  # of the identity in double precision
TOLERANCE_MPMATH = 1e-40  # with 50 digits
TOLERANCE_STATIONARY = 1e-9  # of the gap at stationary points
NOT_STATIONARY = 1e-5  # gradients above this are not called zero


@dataclass(frozen=True)
class StationaryPoint:
    """F, S and the gap at one point, per data point in nats, H[q] included.

    Attributes:
        predicted_gap: v·∇F, computed from the gradient.
        gradient_norm: of F in free coordinates (logarithms of scales, logits of probabilities).
        kind: "maximum", "saddle" or "minimum", by the Hessian's signs; flat directions are neither.
        dataset: which data.
        fitted_by: what found the point, and with respect to what it is stationary.
        residual: |gap - predicted_gap| relative to |F|, |S| and the terms of v·∇F.
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

    @property
    def holds(self) -> bool:
        """Whether the point is stationary and its gap what v·∇F says."""
        return self.residual <= TOLERANCE_STATIONARY and self.gradient_norm <= NOT_STATIONARY


@dataclass(frozen=True)
class Verification:
    """What the numeric check of a proof found.

    Attributes:
        points: how many random points were tried.
        max_identity_residual: the largest |F - S - v·∇F| in double precision, relative to the
            largest of |F|, |S| and the sum of the absolute terms of v·∇F.
        max_identity_residual_mpmath: the same with 50 digits.
    """

    model: str
    points: int
    max_identity_residual: float
    max_identity_residual_mpmath: float
    stationary_points: tuple[StationaryPoint, ...]

    @property
    def passed(self) -> bool:
        """Whether something was checked and everything agreed. NaN never does."""
        return (
            self.points > 0
            and self.max_identity_residual <= TOLERANCE
            and self.max_identity_residual_mpmath <= TOLERANCE_MPMATH
            and all(point.holds for point in self.stationary_points)
        )

    def as_dict(self) -> dict[str, Any]:
        """The record that `verify --json` prints."""
        return {**asdict(self), "passed": self.passed}


def verify(
    proof: Proof,
    data: Any = None,
    points: int = 8,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
) -> Verification:
    """Check a proof's gap identity at random points, and at stationary points on real data.

    Args:
        data: an array (N, ...) for the only observed variable or {variable: array}; None takes
            data of scikit-learn that fit the observed variables' supports.
        points: how many random points to try, each with its own sizes.
        sizes: dims that the data leave open, e.g. the number of latents; 2 if not given.

    Raises:
        InputError: the data do not fit; the message names the variable.
    """
    rng = np.random.default_rng(seed)
    code = ProofCode(proof)
    given = None if data is None else observed_data(proof.model, data)
    if proof.identity is None or not proof.identity.terms:
        return Verification(proof.model.name, 0, float("nan"), float("nan"), ())
    exact = ProofCode(proof, "mpmath")
    residual = max(_random_residual(code, rng) for _ in range(points))
    residual_exact = max(_exact_residual(exact, rng) for _ in range(max(1, points // 4)))
    stem = getattr(proof.model, "stem", None)
    if given is None and stem in FITS:
        found = _fitted_by_sklearn(code, stem)
    else:
        found = _fitted(code, given, dict(sizes or {}), rng)
    return Verification(proof.model.name, points, residual, residual_exact, (found,))


# random points ------------------------------------------------------------------------------------
def _random_residual(code: ProofCode, rng: np.random.Generator) -> float:
    sizes = random_sizes(code.model, rng)
    residual = float(code.identity(sizes, random_instance(code, rng, sizes)).residual)
    return residual if np.isfinite(residual) else float("inf")


def _exact_residual(code: ProofCode, rng: np.random.Generator, digits: int = 50) -> float:
    from mpmath import mp

    with mp.workdps(digits):
        sizes = random_sizes(code.model, rng, high=2)
        lift = np.frompyfunc(mp.mpmathify, 1, 1)
        residual = code.identity(sizes, random_instance(code, rng, sizes, lift)).residual
        return float(residual) if mp.isfinite(residual) else float("inf")


# stationary points --------------------------------------------------------------------------------
def _fitted_by_sklearn(code: ProofCode, stem: str) -> StationaryPoint:
    found = FITS[stem]()
    (name,) = (v.name for v in code.model.variables.values() if v.observed)
    given = {name: found.data}
    sizes = sizes_of(code.model, given, found.sizes)
    _, optimum = sklearn_point(code, sizes, given, found.values)
    return _report(code, optimum, found.dataset, found.estimator)


def sklearn_point(
    code: ProofCode, sizes: dict[str, int], given: dict[str, Any], values: Mapping[str, Any]
) -> tuple[Objective, Optimum]:
    """The point with given parameters, where q is the exact posterior."""
    rng = np.random.default_rng(0)
    family = family_for(code, sizes, {**given, **values}, rng)
    objective = Objective(code, sizes, given, set(values), family)
    return objective, at(objective, objective.start(dict(values)))


def _fitted(
    code: ProofCode,
    data: dict[str, Array] | None,
    sizes: dict[str, int],
    rng: np.random.Generator,
) -> StationaryPoint:
    """A fit by scipy's optimisers on the generated gradients."""
    model, dataset = code.model, "given data"
    given, sizes = _known(code, data, sizes, rng)
    if data is None:
        chosen, dataset = _real_data(model, sizes, given)
        given.update(chosen)
    sizes = sizes_of(model, {n: given[n] for n in _observed(model)}, sizes)
    rows = _rows(code, sizes)
    if rows < sizes[POINTS.name]:
        kept = np.sort(rng.choice(sizes[POINTS.name], rows, replace=False))
        given.update({name: given[name][kept] for name in _observed(model)})
        dataset = f"{dataset}, {rows} of {sizes[POINTS.name]} rows"
        sizes[POINTS.name] = rows
    essential = {c.label.name for c in code.proof.identity.field} if code.proof.identity else set()
    best: tuple[Optimum, str] | None = None
    for _ in range(3):
        start = _start(model, sizes, rng)
        best = fit(code, sizes, given, start, essential, rng)
        if best[0].gradient_norm <= NOT_STATIONARY:
            break
    assert best is not None
    return _report(code, best[0], dataset, f"scipy, stationary in {best[1]}")


def _known(
    code: ProofCode, data: dict[str, Array] | None, sizes: dict[str, int], rng: np.random.Generator
) -> tuple[dict[str, Any], dict[str, int]]:
    """Fixed parameters, hidden weights and the data, with all sizes."""
    model = code.model
    if data is not None:
        sizes = sizes_of(model, data, sizes)
    else:
        sizes = {**_default_sizes(model), **sizes}
    given: dict[str, Any] = dict(data or {})
    whole = whole_parameters(model)
    for p in model.parameters.values():
        if p.fixed:
            shape = shape_value(p.shape, sizes)
            value = parameter_value(p.domain, shape, rng)
            given[p.name] = np.full(shape, 5.0) if p.name in whole else value
    for label, shape in code.batch.hidden_shapes().items():
        given[label.name] = _spread(rng.normal(size=shape_value(shape, sizes)))
    return given, sizes


def _spread(weights: Array) -> Array:
    """Weights with singular values of one, so that no hidden unit repeats another."""
    if weights.ndim < 2:
        return weights
    u, _, v = np.linalg.svd(weights, full_matrices=False)
    return u @ v


def _start(model: Model, sizes: dict[str, int], rng: np.random.Generator) -> dict[str, Any]:
    start = {}
    for p in model.learned().values():
        value = parameter_value(p.domain, shape_value(p.shape, sizes), rng)
        start[p.name] = 0.5 * value if p.domain == "real" else value
    return start


def _rows(code: ProofCode, sizes: dict[str, int]) -> int:
    """How many data points a fit may take: few where q has coordinates for each."""
    continuous = [v for v in code.model.latents() if not v.support.discrete]
    width = sum(int(np.prod(shape_value(v.shape, sizes))) for v in continuous)
    return min(sizes[POINTS.name], 200 if not width else max(10, 40 // width))


def _report(code: ProofCode, optimum: Optimum, dataset: str, fitted_by: str) -> StationaryPoint:
    arrays, entropy = optimum.objective.arrays(optimum.x)
    sides = code.identity(optimum.objective.sizes, arrays)
    return StationaryPoint(
        elbo=float(sides.elbo) + entropy,
        entropy_sum=float(sides.entropy_sum) + entropy,
        gap=float(sides.gap),
        predicted_gap=float(sides.predicted_gap),
        gradient_norm=optimum.gradient_norm,
        kind=optimum.kind,
        dataset=dataset,
        fitted_by=fitted_by,
        residual=float(sides.residual),
    )


# data ---------------------------------------------------------------------------------------------
def _observed(model: Model) -> list[str]:
    return [v.name for v in model.variables.values() if v.observed]


def _default_sizes(model: Model) -> dict[str, int]:
    """2 for all dims but those of observed arrays, 4, or 3 by 2, and the widths of networks, 1.

    Wider networks have no maximum to find: their units come to cancel each other at infinity.
    """
    sizes = dict.fromkeys(model.dims_, 2)
    sizes.update({name: 1 for name in model.dims_ if name.startswith(("J_", "M_"))})
    for v in model.variables.values():
        if v.observed:
            wanted = {1: (4,), 2: (3, 2)}.get(len(v.shape), (2,) * len(v.shape))
            sizes.update({str(n): k for n, k in zip(v.shape, wanted, strict=True) if n.is_Symbol})
    return sizes


def _real_data(
    model: Model, sizes: Mapping[str, int], given: Mapping[str, Any]
) -> tuple[dict[str, Array], str]:
    found, names = {}, []
    known = {**sizes, **given}
    for name in _observed(model):
        v = model.variables[name]
        bounds = tuple(number(b, known) for b in v.support.bounds)
        dataset, found[name] = real_data(v.support.kind, bounds, shape_value(v.shape, sizes))
        names.append(dataset)
    rows = min(len(x) for x in found.values())
    return {n: x[:rows] for n, x in found.items()}, " and ".join(dict.fromkeys(names))


def observed_data(model: Model, data: Any) -> dict[str, Array]:
    """The data by variable, checked.

    Raises:
        InputError: NaN, a wrong width, values outside the support, or a missing variable.
    """
    names = _observed(model)
    if not isinstance(data, Mapping):
        if len(names) != 1:
            raise InputError(f"data: give a dict with arrays for {', '.join(names) or 'nothing'}")
        data = {names[0]: data}
    for name in sorted(set(map(str, data)) ^ set(names)):
        raise InputError(f"{name}: {'no data given' if name in names else 'no such observed'}")
    found = {}
    for name in names:
        v = model.variables[name]
        try:
            x = np.asarray(data[name], dtype=float)
        except (TypeError, ValueError):
            raise InputError(f"{name}: the data are not an array of numbers") from None
        if not v.shape and x.ndim == 2 and x.shape[1] == 1:
            x = x[:, 0]
        if x.ndim != len(v.shape) + 1 or not len(x):
            shape = ", ".join(["N", *map(str, v.shape)])
            raise InputError(f"{name}: the data have shape {x.shape}, not ({shape})")
        if not np.all(np.isfinite(x)):
            raise InputError(f"{name}: the data contain NaN or infinity")
        _check_support(v, x)
        found[name] = x
    return found


def _check_support(v: Variable, x: Array) -> None:
    kind = v.support.kind
    if v.support.discrete and np.any(x != np.round(x)):
        raise InputError(f"{v.name}: the data must be whole numbers ({kind})")
    outside = {
        "positive": x <= 0,
        "unit interval": (x <= 0) | (x >= 1),
        "simplex": x <= 0,
        "binary": (x != 0) & (x != 1),
        "category": x < 0,
        "counts": x < 0,
        "nonnegative integer": x < 0,
    }.get(kind)
    if outside is not None and np.any(outside):
        raise InputError(f"{v.name}: the value {x[outside][0]:g} is outside its support ({kind})")
    if kind == "simplex" and np.any(np.abs(x.sum(axis=-1) - 1) > 1e-9):
        raise InputError(f"{v.name}: the data do not sum to one")
    if kind in {"interval", "integer range", "category"} and all(
        b.is_number for b in v.support.bounds
    ):
        bounds = [float(b) for b in v.support.bounds]
        low, high = bounds if len(bounds) == 2 else (0.0, bounds[0] - 1)
        if x.min() < low or x.max() > high:
            raise InputError(f"{v.name}: the data leave the support, {low:g} to {high:g}")


def sizes_of(model: Model, data: Mapping[str, Any], sizes: Mapping[str, int]) -> dict[str, int]:
    """The sizes that the data fix, then the given ones, then 2.

    Raises:
        InputError: widths contradict each other or the model.
    """
    found: dict[str, int] = {}
    for name, x in data.items():
        v = model.variables[name]
        rows = found.setdefault(POINTS.name, len(x))
        if rows != len(x):
            raise InputError(f"{name}: {len(x)} data points, but {rows} of another variable")
        for n, width in zip(v.shape, x.shape[1:], strict=True):
            expected = found.setdefault(str(n), width) if n.is_Symbol else int(n)
            if expected != width:
                raise InputError(f"{name}: the data are {width} wide, but {n} is {expected}")
    return {**dict.fromkeys(model.dims_, 2), **sizes, **found, SAMPLES.name: 1}
