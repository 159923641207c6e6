"""Processes that keep many proofs look for garbage seldom, and workers leave BLAS one thread."""

from __future__ import annotations

import json
import subprocess
import sys

BEGUN = """
import gc, json, sys
from entropy_proofs.proving.processes import begin_worker
usual = gc.get_threshold()
kept = [[] for _ in range(100)]
import numpy
from threadpoolctl import threadpool_info
begin_worker()
more = [a > b for a, b in zip(gc.get_threshold(), usual)]
print(json.dumps([more, gc.get_freeze_count(), [t["num_threads"] for t in threadpool_info()]]))
"""


def test_a_worker_begins_so():
    done = subprocess.run(
        [sys.executable, "-c", BEGUN], capture_output=True, text=True, check=True, timeout=120
    )
    more, frozen, threads = json.loads(done.stdout)
    assert more == [True, True, True]
    assert frozen > 100
    assert threads
    assert set(threads) == {1}
