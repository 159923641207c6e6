"""An objective's gradient in ball arithmetic, with flat directions taken out."""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, arb_mat

from entropy_proofs.code.backends.dual import Dual
from entropy_proofs.enclosures.comparison import number
from entropy_proofs.enclosures.krawczyk import Zero, krawczyk, polished
from entropy_proofs.enclosures.symmetries import are_combinations
from entropy_proofs.families.coordinates import Array
from entropy_proofs.points.stationary import FreeObjective

_FLAT = 1e-7  # eigenvalues of the Hessian, relative to the largest


class SymmetrySlice:
    """The gradient of an objective in its free coordinates, with the pinned ones held fixed."""

    def __init__(self, objective: FreeObjective, x: Array):
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

    def pinned_vanish(self, zero: Zero) -> bool:
        """Whether F's derivatives by the pinned coordinates were proved to be exactly zero."""
        point = self._point(zero.box, None)
        return not self.pinned or are_combinations(self.objective, point, self.free, self.pinned)

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
