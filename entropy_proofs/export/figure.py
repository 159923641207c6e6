"""The picture of the identity: ELBO, entropy sum and gap along a learning run."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from entropy_proofs.numeric.em_path import LearningPath

#: Differences of double precision numbers of order one mean nothing below this.
ROUNDING = 1e-14


def draw(run: LearningPath, title: str, *files: Path) -> None:
    """Draw a learning run into files whose bytes depend on nothing else.

    Residuals below `ROUNDING` are drawn at `ROUNDING`: which they are exactly differs from
    one processor to the next.
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
        upper.plot(run.steps, run.elbo, color="C0", marker="o", label="ELBO  F")
        upper.plot(
            run.steps, run.entropy_sum, color="C1", marker="s", ms=4, label="entropy sum  S"
        )
        upper.set_ylabel("nats per data point")
        upper.legend(loc="best")

        lower.semilogy(run.steps, np.abs(run.gap), color="C0", lw=4, alpha=0.4, label="|F − S|")
        lower.semilogy(run.steps, np.abs(run.directional_derivative), "C3.", label="|v · ∇F|")
        lower.semilogy(
            run.steps,
            np.maximum(residual, ROUNDING),
            color="0.35",
            marker="v",
            ls="none",
            label="|F − S − v · ∇F|, below 10⁻¹⁴ drawn at 10⁻¹⁴",
        )
        lower.axhspan(ROUNDING / 10, ROUNDING, color="0.85")
        lower.text(run.steps[0], ROUNDING / 3, "rounding of double precision", va="center")
        lower.set_ylim(bottom=ROUNDING / 10)
        lower.set_xlabel("EM step")
        lower.set_ylabel("nats per data point")
        lower.xaxis.set_major_locator(MaxNLocator(integer=True))
        lower.legend(loc="center right")
        for file in files:
            figure.savefig(file, dpi=150, metadata=_undated(file))
        pyplot.close(figure)


def _undated(path: Path) -> dict[str, None]:
    """Metadata entries to leave out, since they differ from run to run."""
    return {".svg": {"Date": None}, ".png": {"Software": None}}.get(path.suffix, {})
