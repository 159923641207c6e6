"""Certified enclosures: a stationary point proved to exist, and F - S there as a ball.

An optimiser's point (or, where the optimum is at infinity, a saddle) is polished by Newton's method
in ball arithmetic; Krawczyk's test on the gradient, whose Jacobian comes from forward-mode
differentiation over balls, then proves that a stationary point lies in a box, and F and S are
evaluated on the whole box.  Expectations under q are exact sums: over all states, over sigma points
where the log joint is quadratic, else over fixed samples (for which the identity holds as exactly).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import ctx
from sympy import Expr

from entropy_proofs.enclosures.comparison import Comparison, number
from entropy_proofs.enclosures.enclosure_records import SMALL, Enclosure, ball
from entropy_proofs.enclosures.krawczyk import inertia
from entropy_proofs.enclosures.quadratic import is_quadratic
from entropy_proofs.enclosures.slices import SymmetrySlice
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import WEIGHTS
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.families.coordinates import Array
from entropy_proofs.model.model import Model
from entropy_proofs.points.exact_posterior import GaussianPosterior
from entropy_proofs.points.fits import (
    FitProblem,
    constants,
    essential_parameters,
    set_up,
    shifted_latents,
)
from entropy_proofs.points.observations import default_sizes, observed_data
from entropy_proofs.points.stationary import (
    FreeObjective,
    StationaryIn,
    climb,
    fit,
    in_everything,
    kind_of,
    top_near,
)
from entropy_proofs.points.stationary_points import gradient_root, symmetric_starts
from entropy_proofs.proof.record import check_proof
from entropy_proofs.q.sampled import Cloud

if TYPE_CHECKING:
    from entropy_proofs.proving.proof import Proof

PRECISION = 320  # bits
ATTEMPTS = 6
ROWS = ((16, 6), (32, 8), (48, 10))  # data points where q has no coordinates for each / has some
_SYMMETRIC = 10  # how many symmetric points to try
_CONVERGED = 1e-5  # gradient norm in floats from which the polishing starts
_FAR = 30.0  # logits and logarithms beyond this are on their way to infinity


def enclose(
    proof: Proof,
    data: Any = None,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
    digits: int = 30,
    entropy_sum: Expr | None = None,
    attempts: int = ATTEMPTS,
    field_only: bool = False,
) -> Enclosure:
    """Prove that a stationary point exists, and enclose F - S there.

    Args:
        data: an array (N, ...) for the only observed variable or {variable: array}; None takes a
            few rows of data that scikit-learn ships (even seeds) or random numbers (odd ones); a
            function of a random generator and the fixed arrays (name -> array) draws them.
        sizes: dims that the data leave open; small ones if not given.
        digits: how many digits of the balls to show.
        entropy_sum: what F minus H[q] is to be compared with instead of the proved sum, an
            expression of parameters and variables in nats (averaged over data and q).
        attempts: how many seeds to try, from `seed` on, until a point is proved to exist.
        field_only: ask for no more than the theorem does: a point that is stationary in the field's
            parameters and the latents that flow.  That is tried last in any case.

    Returns:
        The enclosure; `existence_proved` is False, with the `reason`, if no attempt succeeded.

    Raises:
        InputError: the data do not fit; the message names the variable.

    >>> import entropy_proofs as ep
    >>> found = ep.enclose(ep.prove(ep.load("linear_regression")))
    >>> found.existence_proved, found.contains_zero
    (True, True)
    """
    check_proof("enclose", proof)
    code, exact = ProofCode(proof), ProofCode(proof, "dual")
    comparison = Comparison(exact, entropy_sum)
    first = None
    seeds = range(seed, seed + attempts)
    searches = (_in_field,) if field_only else (_candidates, _in_field)
    for search, s in product(searches, seeds):
        for candidate in search(code, data, dict(sizes or {}), s):
            found = certify(exact, candidate, comparison, digits)
            if found.existence_proved:
                return found
            first = first or found
    if first is None:
        raise InputError("field_only: nothing of q is free where the field moves parameters alone")
    return first


def _candidates(
    code: ProofCode, data: Any, sizes: dict[str, int], seed: int
) -> Iterator[Candidate]:
    """The optimum that this seed's data, constants and start lead to, then symmetric points."""
    rng = np.random.default_rng(seed)
    problem = _problem(code, data, sizes, seed, rng)
    essential = essential_parameters(code)
    with np.errstate(all="ignore"):
        optimum, said = fit(
            code,
            problem.sizes,
            problem.given,
            problem.start,
            essential,
            rng,
            shifted_latents(code),
        )
    yield Candidate(optimum.objective, optimum.x, problem.dataset, said, seed)
    objective = in_everything(code, problem.sizes, problem.given, problem.start, rng)
    for start in islice(symmetric_starts(objective, [objective.start(problem.start)]), _SYMMETRIC):
        root = gradient_root(objective, climb(objective, start, iterations=100))
        yield Candidate(objective, root, problem.dataset, StationaryIn.EVERYTHING, seed)


def _in_field(code: ProofCode, data: Any, sizes: dict[str, int], seed: int) -> Iterator[Candidate]:
    """The optimum in the field's parameters and the latents that flow, all else as it was drawn:
    no more is asked for, and other coordinates may have no optimum."""
    rng = np.random.default_rng(seed)
    problem = _problem(code, data, sizes, seed, rng)
    whole = in_everything(code, problem.sizes, problem.given, problem.start, rng)
    identity, essential = code.proof.identity, essential_parameters(code)
    if identity is None or not essential or not whole.q_blocks:
        return
    x = whole.start(problem.start)
    samples, entropy = whole.samples(x)
    rest = {n: a for n, a in problem.start.items() if n not in essential}
    flowing = {f.variable for f in identity.flows} & set(samples)
    cloud = Cloud(samples, entropy, flowing, shifted_latents(code))
    objective = FreeObjective(code, problem.sizes, {**problem.given, **rest}, essential, cloud, rng)
    if whole.branches > 1:  # the best q is that of the start, and stays
        weights = whole.arrays(x)[0][WEIGHTS.name]
        by_state = weights.reshape(len(weights), whole.branches, -1).sum(axis=2)
        objective.held = np.log(by_state)
    top = top_near(objective, objective.start(problem.start))
    yield Candidate(objective, top, problem.dataset, StationaryIn.FIELD, seed)


def _problem(
    code: ProofCode, data: Any, sizes: dict[str, int], seed: int, rng: np.random.Generator
) -> FitProblem:
    """Data, constants and a start."""
    model = code.model
    if data is not None and not callable(data):
        return set_up(code, observed_data(model, data), sizes, rng)
    sizes = {**default_sizes(model), **small_sizes(model), **sizes}
    if data is None:
        turn = seed // 2 if seed % 2 == 0 else None
        return set_up(code, None, sizes, rng, turn, ROWS[min(seed // 2, len(ROWS) - 1)])
    same = np.random.default_rng(seed)  # as `set_up` draws the constants
    fixed, _ = constants(code, None, sizes, same)
    drawn = observed_data(model, data(np.random.default_rng(seed), fixed))
    return replace(set_up(code, drawn, sizes, rng), dataset="drawn data")


def small_sizes(model: Model) -> dict[str, int]:
    """Dims of observed arrays: 3, or 2 by 2 (a chain of two steps), where others are 2."""
    found = {}
    for v in model.variables.values():
        if v.observed:
            size = 3 if len(v.shape) == 1 else 2
            found.update({str(n): size for n in v.shape if n.is_Symbol})
    return found


@dataclass(frozen=True)
class Candidate:
    """A point at which a gradient vanishes in double precision."""

    objective: FreeObjective
    x: Array
    dataset: str
    stationary_in: str
    seed: int = 0


@ctx.workprec(PRECISION)
def certify(
    exact: ProofCode, candidate: Candidate, comparison: Comparison, digits: int = 30
) -> Enclosure:
    """The enclosure of the stationary point near a candidate.

    Args:
        exact: the proof's functions on duals.
    """
    rough, x = candidate.objective, candidate.x
    about: dict[str, Any] = {
        "model": exact.model.name,
        "sizes": rough.sizes,
        "dataset": candidate.dataset,
        "stationary_in": candidate.stationary_in,
        "unknowns": len(x),
        "seed": candidate.seed,
    }
    norm = float(np.linalg.norm(rough(x)[1]))
    if not norm <= _CONVERGED:
        return Enclosure(**about, reason=f"no stationary point found: |∇F| = {norm:.1e}")
    if isinstance(rough.q, GaussianPosterior) and not is_quadratic(exact):
        return Enclosure(**about, reason="the log joint was not proved to be quadratic in z")
    system = SymmetrySlice(rough.lifted(exact), x)
    names = rough.names()
    try:
        system.pin()
        zero = system.zero()
        arrays, entropy = system.arrays(zero)
        elbo = number(exact.elbo(rough.sizes, arrays))
        gaps = comparison.gaps(rough.sizes, arrays, elbo)
        flat = system.pinned_gradient(zero)
        uphill = next((g for g in flat if not (g.contains(0) and g.rad() < SMALL)), None)
        proved = uphill is None and system.pinned_vanish(zero)
    except ArithmeticError as error:
        return Enclosure(**about, reason=str(error) or type(error).__name__)
    about["pinned"] = tuple(names[k] for k in system.pinned)
    if uphill is not None:
        return Enclosure(**about, reason=f"F' = {uphill.str(3)} along what seems flat")
    if any(abs(x[k]) > _FAR for k in system.pinned):
        return Enclosure(**about, reason="the optimum recedes to a bound of the parameters' domain")
    if not all(g is None or g.is_finite() for g in (elbo, *gaps)):
        return Enclosure(**about, reason="F or S is not finite on the box")
    coordinates = zip(system.free, zero.box.entries(), strict=True)
    gap, plain_gap = (None if g is None else ball(g, digits) for g in gaps)
    return Enclosure(
        **about,
        existence_proved=True,
        box={names[k]: b.str(digits) for k, b in coordinates},
        kind=kind_of((*signs, 0)) if (signs := inertia(zero.jacobian)) else "",
        elbo=ball(elbo + number(entropy), digits),
        gap=gap,
        plain_gap=plain_gap,
        pinned_gradient=tuple(ball(g, digits) for g in flat),
        flatness_proved=proved,
    )
