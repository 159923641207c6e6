"""From a model and data to a problem: which expectations, which q, which sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import AnalyticBatch, Batch
from entropy_proofs.evaluate.compiled import batch_for
from entropy_proofs.evaluate.random_values import shape_value
from entropy_proofs.families.coordinates import Array, InUnits
from entropy_proofs.families.space_values import coordinates
from entropy_proofs.families.spaces import PROBABILITY_TABLE, Space
from entropy_proofs.learn.annealing import PREFIX, Schedule
from entropy_proofs.learn.bound import Bound, dims_in, moving_shapes
from entropy_proofs.learn.encoder import Encoder
from entropy_proofs.learn.problem import Arrays, Problem, inputs
from entropy_proofs.learn.starts import data_units, given_values
from entropy_proofs.model.model import Model
from entropy_proofs.points.collapse import Spreads
from entropy_proofs.points.observations import sizes_of
from entropy_proofs.points.stationary import continuous_latents, discrete_states, own_arrays
from entropy_proofs.proving.proof import Proof
from entropy_proofs.q.distribution import ClosedForm, FreeArray
from entropy_proofs.q.factor import NotAnalytic
from entropy_proofs.q.sampled import Normals
from entropy_proofs.spelling import none_of

NETWORK_WIDTH = 16  # of a decoder's layers, where no size is given
Q = ("diagonal", "full", "amortised")
EXPECTATIONS = ("auto", "analytic", "quadrature", "samples")


@lru_cache(maxsize=16)
def bound_for(proof: Proof, backend: str, expectation: str, q: str, objective: str) -> Bound:
    """The bound, with expectations and q of these kinds; those made last are kept compiled.

    Raises:
        InputError: an option is unknown, or there is no such expectation or objective.
    """
    if q not in Q:
        raise InputError(f"q: {none_of(q, Q)}")
    declared = bool(proof.model.variational_.of)
    if declared and q != Q[0]:
        raise InputError(f"q: {proof.model.name} declares it, so {q!r} can't be chosen")
    eliminated = None
    if objective == "entropy":
        eliminated = proof.objective
        if eliminated is None:
            raise InputError(
                f"objective: no parameter of {proof.model.name} has an optimum in closed form"
            )
    elif objective != "elbo":
        raise InputError(f"objective: {none_of(objective, ('elbo', 'entropy'))}")
    if expectation not in EXPECTATIONS:
        raise InputError(f"expectation: {none_of(expectation, EXPECTATIONS)}")
    discrete = [v.support.discrete for v in proof.model.latents()]
    enumerable = bool(discrete) and all(discrete) and eliminated is None and not declared
    covariance = "full" if q == "full" else "diagonal"
    batch: Batch
    rules = {"auto": () if enumerable else ("analytic", "quadrature"), "samples": ()}
    for rule in rules.get(expectation, (expectation,)):
        try:
            batch = batch_for(proof.model, backend, rule, covariance)
            return Bound(proof, backend, batch, eliminated)
        except NotAnalytic:
            if expectation != "auto":
                raise
    if eliminated is not None and any(discrete):
        raise InputError(
            "objective: entropies of discrete latents need expectations in closed form"
        )
    batch = batch_for(proof.model, backend, "samples", covariance)
    return Bound(proof, backend, batch, eliminated)


def sizes_for(
    model: Model, data: Mapping[str, Any], sizes: Mapping[str, int] | None
) -> dict[str, int]:
    """All dims: the data's, the given ones, and the widths of networks.

    Raises:
        InputError: a size is unknown, contradicts the data, or is not given.
    """
    given = dict(sizes or {})
    for name, size in given.items():
        if name not in model.dims_:
            raise InputError(f"sizes: {none_of(name, model.dims_)}")
        if not isinstance(size, (int, np.integer)) or isinstance(size, bool) or size < 1:
            raise InputError(f"sizes: {name} is {size!r}, not a positive whole number")
    shown = dims_in([model.variables[name].shape for name in data])
    widths = [n for n in model.dims_ if n.startswith(("J_", "M_"))]
    missing = [n for n in model.dims_ if n not in {*given, *shown, *widths}]
    if missing:
        n = missing[0]
        raise InputError(f"sizes: no data show {n}; give it, e.g. sizes={{{n!r}: 2}}")
    known = {**dict.fromkeys(widths, NETWORK_WIDTH), **given}
    found = sizes_of(model, data, known)
    for name in sorted(shown & given.keys()):
        if found[name] != given[name]:
            raise InputError(f"sizes: {name} is {given[name]}, but the data show {found[name]}")
    of_q = dict.fromkeys(model.variational_.dims, NETWORK_WIDTH)
    return {**of_q, **{name: int(found[name]) for name in model.dims_}}


def posterior_for(
    bound: Bound, sizes: dict[str, int], given: Arrays, q: str, samples: int
) -> ClosedForm | Normals:
    if isinstance(bound.batch, AnalyticBatch):
        for factor in bound.batch.undeclared.values():
            if PROBABILITY_TABLE in factor.domains.values() or "conditional" in factor.domains:
                raise InputError(
                    f"q: gradients do not learn the Markov q of {factor.variable.name}; "
                    "optimal_q of compiled functions finds it"
                )
        return ClosedForm(own_arrays(bound.batch, sizes))
    latents = continuous_latents(bound.code, sizes, given)
    return Normals(latents, samples if latents else 1, q == "full")


def problem_for(
    bound: Bound,
    data: Arrays,
    sizes: dict[str, int],
    known: Arrays,
    q: str,
    samples: int,
    hidden: Sequence[int],
    schedules: Mapping[str, Schedule] | None = None,
) -> Problem:
    """The problem in which everything learned moves.

    Args:
        known: values of fixed parameters.
        schedules: of the weights that the bound was annealed with.
    """
    given = {**known, **bound.batch.rule()}
    if not bound.analytic:
        given.update(discrete_states(bound.code, sizes, given))
    posterior = posterior_for(bound, sizes, given, q, samples)
    encoder = None
    if q == "amortised":
        if not posterior.own():
            raise InputError("q: there is nothing to amortise, the discrete latents' q is exact")
        x = inputs(data)
        spread = x.std(axis=0)
        units = np.where(spread > 0, spread, 1.0)
        start = posterior.start(1, np.random.default_rng(0))
        biases = {name: u[0] for name, u in start.items()}
        outputs = {name: array.free for name, array in posterior.own().items()}
        encoder = Encoder(tuple(hidden), outputs, biases, x.mean(axis=0), units)
    parameters, domains = free_parameters(bound, sizes, data)
    spread, points = Spreads(bound.model, data), len(next(iter(data.values())))
    return Problem(
        bound, sizes, data, given, parameters, domains, posterior, encoder, schedules or {},
        spread, points,
    )  # fmt: skip


def free_parameters(
    bound: Bound, sizes: dict[str, int], data: Arrays, weights: Array | None = None
) -> tuple[dict[str, FreeArray], dict[str, Space]]:
    """What moves, in free coordinates, and its domains.

    Args:
        weights: of the data points, (N,), of mean one; None if all count alike.
    """
    moving, units = moving_shapes(bound), data_units(bound.model, data, weights)
    found = {}
    for name, (shape, domain) in moving.items():
        free = InUnits(units[name]) if name in units else coordinates(domain)
        found[name] = FreeArray(shape_value(shape, sizes), free)
    return found, {name: domain for name, (_, domain) in moving.items()}


def known_values(model: Model, sizes: dict[str, int], init: Mapping[str, Any]) -> Arrays:
    """The model's known constants, which `init` has to give.

    Raises:
        InputError: one is missing or has a wrong shape.
    """
    fixed = [p for p in model.parameters.values() if p.fixed and not p.name.startswith(PREFIX)]
    for p in fixed:
        if p.name not in init:
            raise InputError(f"init: {p.name} is a known constant of the model, so give its value")
    shapes = {p.name: shape_value(p.shape, sizes) for p in fixed}
    return given_values({n: init[n] for n in shapes}, shapes)
