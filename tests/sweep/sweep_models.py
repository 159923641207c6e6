"""Model files for sweeps: one that is fast, and ones that harm the process that runs them."""

import sys

COMMAND = [sys.executable, "-c", "from entropy_proofs.cli import main; main()"]

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
