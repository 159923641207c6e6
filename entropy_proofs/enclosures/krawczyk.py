"""Krawczyk's test: a proof in ball arithmetic that a system of equations has a zero in a box.

For a smooth g, its Jacobian enclosed by J(X) over the box X = y ± r, and any matrix C, the set

    K(X) = y - C g(y) + (I - C J(X)) (X - y)

contains every zero of g in X; if it lies in the interior of X, there is exactly one (Krawczyk,
1969).  Nothing is assumed of C or of y, so how they were found is not part of the proof.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np
from flint import arb, arb_mat

from entropy_proofs.code.backends.dual import Undecided
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Stop

System = Callable[[arb_mat], tuple[arb_mat, arb_mat]]  # a column -> g and its Jacobian there

_STEPS = 12
_RADII = (-40, -32)  # powers of ten


@dataclass(frozen=True)
class Zero:
    """A box that contains exactly one zero of a system, and the Jacobian over the box."""

    box: arb_mat
    jacobian: arb_mat


class NotProved(ArithmeticError):
    """Why a zero could not be proved to exist."""


def polished(system: System, start: arb_mat) -> arb_mat:
    """A midpoint at which Newton's steps have become smaller than any box that is tried.

    Raises:
        NotProved: they do not shrink.
    """
    found = solve(_Newton(system), start.mid(), _STEPS)
    if not found.stop.converged:
        raise NotProved("Newton's method does not converge")
    return found.x


@dataclass(frozen=True)
class _Iterate:
    """A midpoint, and the largest component of the step that led there."""

    x: arb_mat
    moved: arb | None = None


@dataclass(frozen=True)
class _Newton:
    """Newton's method in ball arithmetic, each time from the middle of the ball."""

    system: System

    def init(self, x: arb_mat) -> _Iterate:
        return _Iterate(x)

    def step(self, state: _Iterate) -> _Iterate:
        g, jacobian = self.system(state.x)
        step = _approximate_inverse(jacobian) * g
        return _Iterate(
            (state.x - step).mid(), reduce(arb.max, map(abs, step.mid().entries()), arb(0))
        )

    def stop(self, state: _Iterate) -> Stop | None:
        if state.moved is None:
            return None
        if not state.moved.is_finite() or state.moved > 10**6:
            return Reason.DIVERGED()
        return Reason.SETTLED() if state.moved < arb(10) ** (_RADII[0] - 5) else None


def krawczyk(system: System, y: arb_mat) -> Zero:
    """The proof that a zero lies near y.

    Raises:
        NotProved: no box was small enough, or the Jacobian is singular.
    """
    for power in _RADII:
        found = in_box(system, y, arb(10) ** power)
        if found is not None:
            return found
    raise NotProved("Krawczyk's test maps no box into itself")


def in_box(system: System, y: arb_mat, radius: arb) -> Zero | None:
    """The zero in the box y ± radius, if the test proves that there is exactly one."""
    n = y.nrows()
    around = arb_mat([[arb(0, radius)] for _ in range(n)])
    box = y + around
    _, jacobian = system(box)
    inverse = _approximate_inverse(jacobian)
    identity = arb_mat(n, n, [int(i == j) for i in range(n) for j in range(n)])
    image = y - inverse * system(y)[0] + (identity - inverse * jacobian) * around
    pairs = zip(image.entries(), box.entries(), strict=True)
    if not all(i.is_finite() and b.contains_interior(i) for i, b in pairs):
        return None
    return Zero(image, jacobian)


def inertia(symmetric: arb_mat) -> tuple[int, int] | None:
    """How many eigenvalues are positive and negative, if all are proved to be one or the other.

    By Sylvester's law for V' A V with approximate eigenvectors V, whose rows Gershgorin's discs
    separate from zero (so V is invertible, too).
    """
    n = symmetric.nrows()
    middle = np.array([float(x.mid()) for x in symmetric.entries()]).reshape(n, n)
    if not np.all(np.isfinite(middle)):
        return None
    vectors = np.linalg.eigh(middle)[1]
    v = arb_mat([[arb(float(x)) for x in row] for row in vectors])
    rows = (v.transpose() * symmetric * v).tolist()
    signs = []
    for i, row in enumerate(rows):
        disc = sum((abs(x) for j, x in enumerate(row) if j != i), arb(0))
        if not abs(row[i]) > disc:
            return None
        signs.append(bool(row[i] > 0))
    return sum(signs), n - sum(signs)


def _approximate_inverse(matrix: arb_mat) -> arb_mat:
    try:
        return matrix.mid().inv().mid()
    except ZeroDivisionError:
        raise NotProved("the Hessian is singular") from None
    except Undecided as error:
        raise NotProved(str(error)) from None
