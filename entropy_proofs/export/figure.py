"""The picture of the identity: ELBO, entropy sum and gap along a learning run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Differences of double precision numbers of order one mean nothing below this.
ROUNDING = 1e-14


@dataclass(frozen=True)
class Trace:
    """What a learning run passed through, one entry per step; all in nats per data point.

    Attributes:
        title: the model, the algorithm and the data.
        steps: the number of steps after which each entry was taken.
        elbo: F.
        entropy_sum: S.
        directional_derivative: v·∇F, which the identity says is F - S.
    """

    title: str
    steps: NDArray[np.int_]
    elbo: NDArray[np.float64]
    entropy_sum: NDArray[np.float64]
    directional_derivative: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """F - S."""
        return self.elbo - self.entropy_sum

    @property
    def residual(self) -> NDArray[np.float64]:
        """|F - S - v·∇F|: zero but for rounding."""
        return np.abs(self.gap - self.directional_derivative)


def draw(trace: Trace, *paths: Path) -> None:
    """Draw a trace into files whose bytes depend on nothing but the trace.

    Residuals below `ROUNDING` are drawn at `ROUNDING`: which they are exactly differs from
    one processor to the next.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    style = {
        "svg.hashsalt": "entropy-proofs",
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "legend.frameon": False,
    }
    with pyplot.rc_context(style):
        figure, (upper, lower) = pyplot.subplots(
            2, 1, sharex=True, figsize=(7, 6.5), height_ratios=[2, 3], layout="constrained"
        )
        figure.suptitle(trace.title)
        upper.plot(trace.steps, trace.elbo, color="C0", marker="o", label="ELBO  F")
        upper.plot(
            trace.steps, trace.entropy_sum, color="C1", marker="s", ms=4, label="entropy sum  S"
        )
        upper.set_ylabel("nats per data point")
        upper.legend(loc="best")

        lower.semilogy(trace.steps, np.abs(trace.gap), color="C0", lw=4, alpha=0.4, label="|F − S|")
        lower.semilogy(trace.steps, np.abs(trace.directional_derivative), "C3.", label="|v · ∇F|")
        lower.semilogy(
            trace.steps,
            np.maximum(trace.residual, ROUNDING),
            color="0.35",
            marker="v",
            ls="none",
            label="|F − S − v · ∇F|, below 10⁻¹⁴ drawn at 10⁻¹⁴",
        )
        lower.axhspan(ROUNDING / 10, ROUNDING, color="0.85")
        lower.text(trace.steps[0], ROUNDING / 3, "rounding of double precision", va="center")
        lower.set_ylim(bottom=ROUNDING / 10)
        lower.set_xlabel("step")
        lower.set_ylabel("nats per data point")
        lower.xaxis.set_major_locator(MaxNLocator(integer=True))
        lower.legend(loc="center right")
        for path in paths:
            figure.savefig(path, dpi=150, metadata=_undated(path))
        pyplot.close(figure)


def _undated(path: Path) -> dict[str, None]:
    """Metadata entries to leave out, since they differ from run to run."""
    return {".svg": {"Date": None}, ".png": {"Software": None}}.get(path.suffix, {})
