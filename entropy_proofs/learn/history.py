"""What a learning run leaves: F, S and v·∇F at every iteration."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from entropy_proofs.document.blocks import Block
from entropy_proofs.families.coordinates import Array
from entropy_proofs.learn.bound import BoundEvaluation
from entropy_proofs.notebook.displays import Displayed, table

Progress = Callable[[int, BoundEvaluation], None]


class HistoryColumns(Displayed, dict[str, Array]):
    """One array (iterations,) for each column: a dict, with some iterations as its page."""

    def _blocks(self) -> tuple[Block, ...]:
        count = len(next(iter(self.values()), ()))
        rows = sorted({*(2**k for k in range(count.bit_length())), count})
        shown = ((f"{n}", *(f"{column[n - 1]:.6g}" for column in self.values())) for n in rows if n)
        return (table(("Iteration", *self), shown),)


class History:
    """Rows of numbers by iteration, in nats per data point.

    Columns: "elbo", "entropy_sum", "predicted_gap" (F, S and v·∇F of one point and the same
    samples), "residual" (|F - S - v·∇F|, relative), "gradient_norm" (in free coordinates),
    "seconds" since the start, "share mu", ..., "share q" (the terms of v·∇F by parameter: where the
    gap is), of EM "to_gain" (how much F would still rise, estimated) and
    "e_steps" (so far, with those of extrapolations that did not help), and "entropy q", "entropy
    x", ...: H[q] and what each conditional contributes, so that S is the first minus the others.
    """

    def __init__(self, progress: Progress | None = None):
        self._rows: list[dict[str, float]] = []
        self._start = time.perf_counter()
        self._progress = progress

    def add(
        self,
        found: BoundEvaluation,
        gradient_norm: float,
        to_gain: float | None = None,
        e_steps: int | None = None,
    ) -> None:
        row = {
            "elbo": found.elbo,
            "entropy_sum": found.entropy_sum,
            "predicted_gap": found.predicted_gap,
            "residual": found.residual,
            "gradient_norm": gradient_norm,
            "seconds": time.perf_counter() - self._start,
        }
        if to_gain is not None:
            row["to_gain"] = to_gain
        if e_steps is not None:
            row["e_steps"] = e_steps
        row |= {f"share {name}": value for name, value in found.shares.items()}
        row |= {f"entropy {name}": value for name, value in found.entropies.items()}
        self._rows.append(row)
        if self._progress is not None:
            self._progress(len(self._rows), found)

    def __len__(self) -> int:
        return len(self._rows)

    def arrays(self) -> HistoryColumns:
        """One array (iterations,) for each column."""
        names = self._rows[0] if self._rows else {}
        return HistoryColumns({name: np.array([row[name] for row in self._rows]) for name in names})
