"""Certified enclosures: a stationary point proved to exist, and F - S there as a ball.

An optimiser's point is polished by Newton's method in ball arithmetic; Krawczyk's test on the
gradient, whose Jacobian comes from forward-mode differentiation over balls, then proves that a
stationary point lies in a box, and F and S are evaluated on the whole box.  Expectations under q are
exact sums: over all states, over sigma points where the log joint is quadratic, else over fixed
samples (for which the identity holds as exactly).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import arb, arb_mat, ctx
from sympy import Expr

from entropy_proofs.model import Model
from entropy_proofs.numeric.certify.comparison import Comparison, number
from entropy_proofs.numeric.certify.krawczyk import Zero, inertia, krawczyk, polished
from entropy_proofs.numeric.certify.quadratic import is_quadratic
from entropy_proofs.numeric.coordinates import Array
from entropy_proofs.numeric.duals import Dual
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.fits import essential_parameters, set_up
from entropy_proofs.numeric.observations import observed_data
from entropy_proofs.numeric.stationary import Objective, fit
from entropy_proofs.numeric.variational import GaussianPosterior

if TYPE_CHECKING:
    from entropy_proofs.proof import Proof

PRECISION = 320  # bits
SMALL = 1e-25  # radius of the gap's ball, in nats
ATTEMPTS = 6
ROWS = ((16, 6), (32, 8), (48, 10))  # data points where q has no coordinates for each / has some
_CONVERGED = 1e-5  # gradient norm in floats from which the polishing starts
_FAR = 30.0  # logits and logarithms beyond this are on their way to infinity
_FLAT = 1e-7  # eigenvalues of the Hessian, relative to the largest


@dataclass(frozen=True)
class Ball:
    """A real interval: a number that it encloses lies within `radius` of `mid`.

    Attributes:
        text: the ball in decimals, an enclosure itself.
        mid: the midpoint's digits.
        radius: an upper bound of the radius.
        contains_zero: whether 0 lies in it; if not, the enclosed number is proved not to be zero.
    """

    text: str
    mid: str
    radius: float
    contains_zero: bool

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Enclosure:
    """What was proved about F - S at a stationary point, in nats per data point.

    Attributes:
        sizes: of the instance, with "data points" and "samples".
        dataset: which data.
        stationary_in: with respect to what the point is stationary.
        unknowns: how many coordinates the stationary point has.
        seed: which attempt this was.
        pinned: coordinates held fixed, since F is flat along a continuous symmetry.  Existence is
            proved for the others; `pinned_gradient` encloses F's derivatives by these: zero, to
            within 1e-25.
        existence_proved: whether Krawczyk's test proved that the box contains a stationary point.
        box: coordinate -> the ball that it lies in (logarithms of scales, logits of probabilities).
        kind: "maximum", "saddle" or "minimum", by proved signs of the Hessian; "" if they are open.
        elbo: F with H[q].
        gap: F - S for the sum that was proved (a partial one for a partial proof; None if nothing
            was proved) or that was given.
        plain_gap: where the plain sum of entropies is another and has a closed form, F minus it.
        reason: why no existence was proved.
    """

    model: str
    sizes: Mapping[str, int]
    dataset: str
    stationary_in: str
    unknowns: int
    seed: int = 0
    pinned: tuple[str, ...] = ()
    existence_proved: bool = False
    box: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    elbo: Ball | None = None
    gap: Ball | None = None
    plain_gap: Ball | None = None
    pinned_gradient: tuple[Ball, ...] = ()
    reason: str = ""

    @property
    def contains_zero(self) -> bool:
        """Whether a point was proved to exist and its gap's ball contains 0."""
        return self.existence_proved and self.gap is not None and self.gap.contains_zero

    @property
    def certified(self) -> bool:
        """Whether F - S = 0 was enclosed to within 1e-25 at a point proved to exist."""
        return self.contains_zero and self.gap is not None and self.gap.radius < SMALL

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "contains_zero": self.contains_zero, "certified": self.certified}


def enclose(
    proof: Proof,
    data: Any = None,
    sizes: Mapping[str, int] | None = None,
    seed: int = 0,
    digits: int = 30,
    entropy_sum: Expr | None = None,
    attempts: int = ATTEMPTS,
) -> Enclosure:
    """Prove that a stationary point exists, and enclose F - S there.

    Args:
        data: an array (N, ...) for the only observed variable or {variable: array}; None takes a
            few rows of data that scikit-learn ships (even seeds) or random numbers (odd ones).
        sizes: dims that the data leave open; small ones if not given.
        digits: how many digits of the balls to show.
        entropy_sum: what F minus H[q] is to be compared with instead of the proved sum, an
            expression of parameters and variables in nats (averaged over data and q).
        attempts: how many seeds to try, from `seed` on, until a point is proved to exist.

    Returns:
        The enclosure; `existence_proved` is False, with the `reason`, if no attempt succeeded.

    Raises:
        InputError: the data do not fit; the message names the variable.
    """
    given = None if data is None else observed_data(proof.model, data)
    code, exact = ProofCode(proof), ProofCode(proof, "dual")
    comparison = Comparison(exact, entropy_sum)
    for s in range(seed, seed + attempts):
        candidate = _candidate(code, given, dict(sizes or {}), s)
        found = certify(exact, candidate, comparison, digits)
        if found.existence_proved:
            break
    return found


def _candidate(
    code: ProofCode, data: dict[str, Array] | None, sizes: dict[str, int], seed: int
) -> Candidate:
    """The optimum that this seed's data, constants and start lead to."""
    rng = np.random.default_rng(seed)
    most = ROWS[min(seed // 2, len(ROWS) - 1)] if data is None else None
    turn = seed // 2 if seed % 2 == 0 else None
    known = {**small_sizes(code.model), **sizes} if data is None else sizes
    problem = set_up(code, data, known, rng, turn, most)
    with np.errstate(all="ignore"):
        optimum, said = fit(
            code, problem.sizes, problem.given, problem.start, essential_parameters(code), rng
        )
    return Candidate(optimum.objective, optimum.x, problem.dataset, said, seed)


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

    objective: Objective
    x: Array
    dataset: str
    stationary_in: str
    seed: int = 0


def certify(
    exact: ProofCode, candidate: Candidate, comparison: Comparison, digits: int = 30
) -> Enclosure:
    """The enclosure of the stationary point near a candidate.

    Args:
        exact: the proof's functions on duals.
    """
    before, ctx.prec = ctx.prec, PRECISION
    try:
        return _certified(exact, candidate, comparison, digits)
    finally:
        ctx.prec = before


def _certified(
    exact: ProofCode, candidate: Candidate, comparison: Comparison, digits: int
) -> Enclosure:
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
    if isinstance(rough.family, GaussianPosterior) and not is_quadratic(exact):
        return Enclosure(**about, reason="the log joint was not proved to be quadratic in z")
    system = Slice(rough.lifted(exact), x)
    names = rough.names()
    try:
        system.pin()
        zero = system.zero()
        arrays, entropy = system.arrays(zero)
        elbo = number(exact.elbo(rough.sizes, arrays))
        gaps = comparison.gaps(rough.sizes, arrays, elbo)
        flat = system.pinned_gradient(zero)
        uphill = next((g for g in flat if not (g.contains(0) and g.rad() < SMALL)), None)
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
        kind=_kind(zero.jacobian),
        elbo=ball(elbo + number(entropy), digits),
        gap=gap,
        plain_gap=plain_gap,
        pinned_gradient=tuple(ball(g, digits) for g in flat),
    )


class Slice:
    """The gradient of an objective in its free coordinates, with the pinned ones held fixed."""

    def __init__(self, objective: Objective, x: Array):
        self.objective, self.x = objective, x
        self.free, self.pinned = list(range(len(x))), list[int]()

    def pin(self) -> None:
        """Hold as many coordinates fixed as the Hessian has flat directions."""
        _, jacobian = self(self._start())
        middle = np.array([float(e.mid()) for e in jacobian.entries()])
        curvatures, vectors = np.linalg.eigh(middle.reshape(jacobian.nrows(), -1))
        flat = vectors[:, np.abs(curvatures) <= _FLAT * np.abs(curvatures).max(initial=0)]
        for _ in range(flat.shape[1]):
            k = int(np.argmax((flat**2).sum(axis=1)))
            self.pinned.append(k)
            along = flat[k] / np.linalg.norm(flat[k])
            flat = flat - np.outer(flat @ along, along)
        self.free = [k for k in self.free if k not in self.pinned]

    def zero(self) -> Zero:
        return krawczyk(self, polished(self, self._start()))

    def arrays(self, zero: Zero) -> tuple[dict[str, Any], Any]:
        """All arrays of the batch, and H[q], enclosed over the box."""
        return self.objective.arrays(self._point(zero.box, None))

    def pinned_gradient(self, zero: Zero) -> list[arb]:
        """F's derivatives by the pinned coordinates, enclosed over the box."""
        if not self.pinned:
            return []
        gradient = self.objective.evaluate(self._point(zero.box, None))[1]
        return [number(gradient[k]) for k in self.pinned]

    def __call__(self, free: arb_mat) -> tuple[arb_mat, arb_mat]:
        """The gradient and its Jacobian in the free coordinates, from enclosures of these."""
        n = len(self.free)
        gradient = self.objective.evaluate(self._point(free, n))[1][self.free]
        none = arb_mat(1, n)
        rows = [(none if g.slope is None else g.slope).entries() for g in gradient]
        return arb_mat([[g.value] for g in gradient]), arb_mat(rows)

    def _start(self) -> arb_mat:
        return arb_mat([[arb(float(self.x[k]))] for k in self.free])

    def _point(self, free: arb_mat, unknowns: int | None) -> Array:
        """All coordinates; those that are free with unit slopes, if asked for."""
        point = np.array([Dual(arb(float(u))) for u in self.x], dtype=object)
        for row, (k, value) in enumerate(zip(self.free, free.entries(), strict=True)):
            unit = None
            if unknowns is not None:
                unit = arb_mat(1, unknowns, [int(j == row) for j in range(unknowns)])
            point[k] = Dual(value, unit)
        return point


def ball(x: arb, digits: int) -> Ball:
    radius = float(x.rad().upper()) * (1 + 1e-15)
    return Ball(x.str(digits), x.mid().str(digits, radius=False), radius, bool(x.contains(0)))


def _kind(hessian: arb_mat) -> str:
    signs = inertia(hessian)
    if signs is None:
        return ""
    positive, negative = signs
    if not positive:
        return "maximum"
    return "saddle" if negative else "minimum"

