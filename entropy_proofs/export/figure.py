"""The picture of the identity: ELBO, entropy sum and gap along a learning run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.numeric.em_path import LearningPath

#: Differences of double precision numbers of order one mean nothing below this.
ROUNDING = 1e-14


def draw(run: LearningPath, title: str, *files: Path) -> None:
    """Draw a learning run into files whose bytes depend on nothing else.

    Numbers are rounded to less than a tenth of a pixel, and residuals below `ROUNDING` drawn at
    `ROUNDING`: further digits differ from one processor to the next.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    residual = np.abs(run.gap - run.directional_derivative)
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
        figure.suptitle(title)
        upper.plot(run.steps, run.elbo.round(6), "C0o-", label="ELBO  F")
        upper.plot(run.steps, run.entropy_sum.round(6), "C1s-", ms=4, label="entropy sum  S")
        upper.set_ylabel("nats per data point")
        upper.legend(loc="lower right")

        slope = run.directional_derivative
        bound = np.maximum(residual, ROUNDING)
        lower.semilogy(run.steps, _rounded(run.gap), "C0", lw=4, alpha=0.4, label="|F − S|")
        lower.semilogy(run.steps, _rounded(slope), "C3.", label="|v · ∇F|")
        lower.semilogy(
            run.steps,
            _rounded(bound),
            color="0.35",
            marker="v",
            ms=4,
            ls="none",
            label="|F − S − v · ∇F|",
        )
        lower.axhspan(ROUNDING / 10, ROUNDING, color="0.88")
        lower.text(
            run.steps[0], ROUNDING / 3, "below 10⁻¹⁴: rounding of double precision", va="center"
        )
        lower.set_ylim(bottom=ROUNDING / 10)
        lower.set_xlabel("EM step")
        lower.set_ylabel("nats per data point")
        lower.xaxis.set_major_locator(MaxNLocator(integer=True))
        lower.legend(loc="lower left", bbox_to_anchor=(0, 0.12))
        for file in files:
            figure.savefig(file, dpi=150, metadata=_undated(file))
        pyplot.close(figure)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute values to a thousandth of a decade."""
    return 10 ** np.log10(np.abs(values)).round(3)


def _undated(file: Path) -> dict[str, None]:
    """Metadata entries to leave out, since they differ from run to run."""
    return {".svg": {"Date": None}, ".png": {"Software": None}}.get(file.suffix, {})
