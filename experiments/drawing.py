"""How all figures look."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from experiments.data import Array

STYLE = {
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "axes.titlesize": 10,
}


@contextmanager
def figure(file: Path, rows: int, columns: int, size: tuple[float, float], **options: Any) -> Any:
    """A figure with a grid of axes, written on leaving."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with pyplot.rc_context(STYLE):
        drawn, axes = pyplot.subplots(
            rows, columns, figsize=size, layout="constrained", squeeze=False, **options
        )
        yield drawn, axes
        file.parent.mkdir(parents=True, exist_ok=True)
        drawn.savefig(file, dpi=130, metadata={"Software": None})
        pyplot.close(drawn)


def show_image(axis: Any, column: Array, limit: float | None = None) -> None:
    """A square image in grey, zero in the middle."""
    side = round(np.sqrt(len(column)))
    limit = np.abs(column).max() if limit is None else limit
    axis.imshow(column.reshape(side, side), cmap="gray", vmin=-limit, vmax=limit)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(True)
        spine.set_color("0.7")


def blocks(values: Array, size: int) -> Iterator[tuple[float, float]]:
    """Middle and mean of each run of `size` values."""
    for start in range(0, len(values) - size + 1, size):
        yield start + (size + 1) / 2, float(values[start : start + size].mean())
