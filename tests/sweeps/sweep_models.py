"""Model files for sweeps, fast ones and ones that harm their process; and sweeps from outside."""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

# a shell's background jobs ignore Ctrl-C, and so would what they start
HEARS = (
    "from signal import SIGINT, default_int_handler, signal; signal(SIGINT, default_int_handler)"
)
COMMAND = [sys.executable, "-c", f"{HEARS}; from entropy_proofs.cli.commands import main; main()"]

GAUSSIAN = """
from entropy_proofs import *

model = Model("Scalar Gaussian")
m = model.parameter("m")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=m, variance=s))
"""

IN_WORKER = """
import multiprocessing, os, pathlib, signal
in_worker = multiprocessing.parent_process() is not None
"""

DIES = IN_WORKER + "if in_worker: os.kill(os.getpid(), signal.SIGKILL)\n" + GAUSSIAN

DIES_ONCE = (
    IN_WORKER
    + """
marker = pathlib.Path(__file__).with_suffix(".died")
if in_worker and not marker.exists():
    marker.touch()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    + GAUSSIAN
)

RAISES = IN_WORKER + "if in_worker: raise RuntimeError('first line\\nsecond line')\n" + GAUSSIAN


def count(results: Path) -> int:
    """How many rows a sweep has written so far."""
    if not results.exists():
        return 0
    with sqlite3.connect(results) as connection:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0] if tables else 0


def wait_for(results: Path, rows: int) -> None:
    """Until a sweep has written so many rows."""
    wait_until(lambda: count(results) >= rows)


def wait_until(holds: Callable[[], bool]) -> None:
    """As long as it takes; only what would hang for ever is given up, after ten minutes."""
    for _ in range(12_000):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError("waited for ten minutes")
