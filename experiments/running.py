"""Which experiments there are, and running several at a time.

Apart from `__main__`, whose functions other processes cannot import.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from threadpoolctl import threadpool_limits

from experiments import audited_vae, bars, dimension, patches, vae
from experiments.findings import Findings

EXPERIMENTS: dict[str, Callable[[Path, bool], Findings]] = {
    "bars": bars.run,
    "patches": patches.run,
    "vae": vae.run,
    "dimension": dimension.run,
    "audited_vae": audited_vae.run,
}


def experiment(name: str, folder: Path, tiny: bool) -> Findings:
    """One of them, on one thread: the products are small, and threads wait for each other."""
    with threadpool_limits(1):
        return EXPERIMENTS[name](folder, tiny)


def findings(names: Sequence[str], folder: Path, tiny: bool, jobs: int) -> dict[str, Findings]:
    """All of them, each in a process of its own if there are to be several at a time."""
    if jobs == 1:
        return {name: experiment(name, folder, tiny) for name in names}
    with ProcessPoolExecutor(jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        started = {name: pool.submit(experiment, name, folder, tiny) for name in names}
        return {name: future.result() for name, future in started.items()}
