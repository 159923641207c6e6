"""The picture of the identity: ELBO, entropy sum and gap along a learning run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.points.em_path import LearningPath

#: Differences of double precision numbers of order one mean nothing below this.
ROUNDING = 1e-14
STYLE: dict[str, Any] = {
    "svg.hashsalt": "entropy-proofs",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
}


def draw(run: LearningPath, title: str, *files: Path) -> None:
    """Draw a learning run into files whose bytes depend on nothing else.

    Numbers are rounded to less than a tenth of a pixel, and residuals below `ROUNDING` drawn at
    `ROUNDING`: further digits differ from one processor to the next.
    """
    from matplotlib.ticker import MaxNLocator

    residual = np.abs(run.gap - run.directional_derivative)
    shape: dict[str, Any] = {"sharex": True, "figsize": (7, 6.5), "height_ratios": [2, 3]}
    with _drawn_in(files, None, 2, 1, **shape) as (figure, (upper, lower)):
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


def draw_history(
    history: Mapping[str, NDArray[np.float64]], title: str, *files: Any, kind: str | None = None
) -> None:
    """Draw F, S and |v·∇F| by iteration of a learning run, with what is left to gain (of EM); below
    them the share of each parameter in v·∇F, and what S consists of.

    Args:
        history: the columns of `VariationalEstimator.history_`.
        files: names that end in .svg, .png or .pdf, or open binary files.
        kind: "svg", "png" or "pdf", where no name tells it.
    """
    elbo, entropy_sum = history["elbo"], history["entropy_sum"]
    steps = np.arange(1, len(elbo) + 1)
    few = {"marker": "."} if len(steps) <= 40 else {}
    shape: dict[str, Any] = {"sharex": True, "figsize": (7, 11), "height_ratios": [3, 3, 2, 2]}
    with _drawn_in(files, kind, 4, 1, **shape) as (figure, (upper, middle, parts, lower)):
        figure.suptitle(title)
        upper.plot(steps, elbo.round(6), "C0", label="ELBO  F", **few)
        upper.plot(steps, entropy_sum.round(6), "C1--", label="entropy sum  S", **few)
        upper.set_ylim(*_most(elbo, entropy_sum))
        upper.legend(loc="lower right")
        gap, slope = (elbo - entropy_sum), history["predicted_gap"]
        middle.semilogy(steps, _rounded(_shown(gap)), "C0", lw=4, alpha=0.4, label="|F − S|")
        middle.semilogy(steps, _rounded(_shown(slope)), "C3", lw=1, label="|v · ∇F|", **few)
        residual = np.abs(gap - slope)
        middle.semilogy(steps, _rounded(_shown(residual)), "0.35", lw=0.8, label="|F − S − v · ∇F|")
        if "to_gain" in history:
            left = _rounded(_shown(history["to_gain"]))
            middle.semilogy(steps, left, "C2", lw=1, label="left to gain", **few)
        middle.legend(loc="best")
        for name in (n for n in history if n.startswith("share ")):
            share = _rounded(_shown(history[name]))
            parts.semilogy(steps, share, lw=1, label=f"|share of {name.removeprefix('share ')}|")
        parts.legend(loc="best")
        for name in (n for n in history if n.startswith("entropy ")):
            term = name.removeprefix("entropy ")
            values = history[name] if term == "q" else -history[name]
            lower.plot(steps, values.round(6), label="H[q]" if term == "q" else f"−H[{term}]")
        lower.set_xlabel("iteration")
        lower.legend(loc="best")
        for axes in (upper, middle, parts, lower):
            axes.set_ylabel("nats per data point")


def draw_shares(
    shares: Mapping[str, float],
    unshared: Mapping[str, float],
    title: str,
    unit: str,
    *files: Any,
    kind: str | None = None,
) -> None:
    """Draw the shares of an audit as bars, and within them what regularisers do not account for.

    Args:
        unshared: the shares with the regularisers split off.
        files, kind: as for `draw_history`.
    """
    names = list(shares)
    places = np.arange(len(names))[::-1]
    size = 7, 1.2 + 0.25 * max(3, len(names))
    with _drawn_in(files, kind, figsize=size) as (_, axes):
        axes.set_title(title, fontsize=10, loc="left")
        axes.barh(places, [shares[n] for n in names], color="C0", alpha=0.3, label="v · ∇F")
        own = [unshared.get(n, shares[n]) for n in names]
        axes.barh(places, own, height=0.4, color="C3", label="without the regularisers")
        axes.axvline(0, color="0.4", lw=0.8)
        axes.set_yticks(places, names)
        axes.set_xlabel(unit)
        axes.legend(loc="best")


def draw_gap(history: Mapping[str, Any], *files: Any, kind: str | None = None) -> None:
    """Draw F and S by step of a training loop, and below them F - S with three standard errors.

    Args:
        history: the columns of `GapCurve.history`.
        files, kind: as for `draw_history`.
    """
    steps, gap, error = (np.asarray(history[n]) for n in ("step", "gap", "gap_error"))
    with _drawn_in(files, kind, 2, 1, sharex=True, figsize=(7, 5.5)) as (_, (upper, lower)):
        upper.plot(steps, np.round(history["elbo"], 6), "C0", label="ELBO  F")
        upper.plot(steps, np.round(history["entropy_sum"], 6), "C1--", label="entropy sum  S")
        upper.set_ylim(*_most(np.asarray(history["elbo"]), np.asarray(history["entropy_sum"])))
        upper.legend(loc="lower right")
        lower.fill_between(steps, gap - 3 * error, gap + 3 * error, color="C3", alpha=0.2, lw=0)
        lower.plot(steps, gap.round(6), "C3", label="F − S, three standard errors")
        lower.axhline(0, color="0.4", lw=0.8)
        lower.set_ylim(*_most(gap - 3 * error, gap + 3 * error))
        lower.set_xlabel("step")
        lower.legend(loc="best")
        for axes in (upper, lower):
            axes.set_ylabel("nats per data point")


@contextmanager
def _drawn_in(
    files: Iterable[Any], kind: str | None, *grid: int, **shape: Any
) -> Iterator[tuple[Any, Any]]:
    """A figure and its axes, written into the files once they are drawn."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(*grid, layout="constrained", **shape)
        yield figure, axes
        for file in files:
            suffix = f".{kind}" if kind else Path(file).suffix
            figure.savefig(file, dpi=150, format=suffix[1:], metadata=_undated(suffix))
        pyplot.close(figure)


def _shown(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.abs(values), ROUNDING)


def _most(*curves: NDArray[np.float64]) -> tuple[float, float]:
    """Limits that leave the first few iterations out, which are far from all others."""
    values = np.concatenate(curves)
    low, high = np.quantile(values, 0.1), values.max()
    margin = 0.05 * (high - low) or 0.5
    return max(values.min(), low - (high - low)) - margin, high + margin


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute values to a thousandth of a decade."""
    return 10 ** np.log10(np.abs(values)).round(3)


def _undated(suffix: str) -> dict[str, None]:
    """Metadata entries to leave out, since they differ from run to run."""
    dated = {".svg": "Date", ".png": "Software", ".pdf": "CreationDate"}
    return {dated[suffix]: None} if suffix in dated else {}
