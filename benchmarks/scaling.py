"""Time and memory of streamed code: each number of data points in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

POINTS = (10_000, 100_000, 1_000_000)
CHUNK = 1024
TABLE = 4096  # rows of data, over and over: any number of data points takes no memory


@dataclass(frozen=True)
class Scaling:
    """One evaluation of an ELBO and of its gradient, with NumPy and chunk=1024.

    Attributes:
        gradient: of the "parameters", or of "everything": of q's arrays too, which grow with N.
        peak: megabytes of resident memory that it takes, without the arrays that it returns.
    """

    objective: str
    gradient: str
    points: int
    seconds: float
    peak: float


class Repeated:
    """An array whose rows come from a table, over and over."""

    def __init__(self, table: np.ndarray, rows: int):
        self.table, self.shape, self.ndim = table, (rows, *table.shape[1:]), table.ndim

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.table[np.arange(*rows.indices(len(self))) % len(self.table)]

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self[:]


def scalings(
    points: Sequence[int] = POINTS, models: Sequence[str] = ("gaussian_mixture", "ppca")
) -> list[Scaling]:
    """Each measured in a fresh process, on one thread."""
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    found = []
    for model in models:
        for gradient in ("parameters", "everything"):
            for n in points:
                command = [sys.executable, "-m", "benchmarks.scaling", model, gradient, str(n)]
                done = subprocess.run(
                    command, capture_output=True, text=True, check=True, env=one_thread
                )
                found.append(Scaling(**json.loads(done.stdout)))
    return found


def table(scalings: Iterable[Scaling]) -> str:
    """As Markdown."""
    lines = [
        "## Many data points",
        "",
        f"ELBO and gradient by generated NumPy code with `chunk={CHUNK}`, each in a process of its"
        " own and on one thread; the data are not in memory. Peak: resident memory above that after"
        " N=2, without the arrays that are returned.",
        "",
        "| Objective | Gradient of | N | Seconds | µs per data point | Peak, MB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {s.objective} | {s.gradient} | {s.points} | {s.seconds:.2f} |"
        f" {1e6 * s.seconds / s.points:.2f} | {s.peak:.1f} |"
        for s in scalings
    ]
    return "\n".join(lines) + "\n"


def measured(model: str, gradient: str, points: int) -> Scaling:
    """In this process, whose memory tells nothing about a second measurement."""
    import entropy_proofs as ep
    from benchmarks.mixture import Mixture
    from benchmarks.ppca import PPCA

    objective, sizes = {
        "gaussian_mixture": (Mixture(), {"N": TABLE, "D": 20, "K": 10}),
        "ppca": (PPCA(), {"N": TABLE, "D": 50, "H": 10}),
    }[model]
    shown = ", ".join(f"{name}={n}" for name, n in sizes.items() if name != "N")
    arrays = objective.arrays(np.random.default_rng(0), sizes)
    functions = ep.compile(ep.prove(ep.load(model)), chunk=CHUNK, **objective.options)
    by_point = {name for name, shape in functions.arguments.items() if str(shape[:1]) == "(N,)"}
    wrt = None if gradient == "everything" else {*arrays} - by_point

    def run(n: int) -> Any:
        at = {k: Repeated(v, n) if k in by_point else v for k, v in arrays.items()}
        return functions.value_and_gradient(at, wrt=wrt)

    run(2)
    before, start = _resident(), perf_counter()
    _, slopes = run(points)
    seconds = perf_counter() - start
    returned = sum(g.nbytes for g in slopes.values()) / 1e6
    name = f"{ep.load(model).name}, {shown}"
    return Scaling(name, gradient, points, seconds, max(_resident() - before - returned, 0.0))


def _resident() -> float:
    """The most memory that this process had at any time, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage counts on Linux began with the process that started this
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS counts in bytes


if __name__ == "__main__":
    model, gradient, points = sys.argv[1:]
    print(json.dumps(asdict(measured(model, gradient, int(points)))))
