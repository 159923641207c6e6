"""Processor time of proving the catalogue, and of re-checking what the proofs hand out."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PROVED, CHECKED = (
    "proved, with the second evaluation",
    "certificates re-checked by the kernel alone",
)
TARGETS = {PROVED: 30.0, CHECKED: 20.0}


@dataclass(frozen=True)
class Proving:
    """How long something takes for `count` models; seconds of one core, imports included."""

    what: str
    count: int
    seconds: float
    target: float


def provings(names: Sequence[str] | None = None) -> list[Proving]:
    """Each in a fresh process; names: of models of the catalogue, all if not given."""
    with tempfile.TemporaryDirectory() as folder:
        asked = [] if names is None else list(names)
        proved = _run("benchmarks.proving", folder, *asked)
        files = sorted(str(path) for path in Path(folder).iterdir())
        count = int(proved[1])
        checked = _run("entropy_proofs.kernel", *files)
    return [
        Proving(PROVED, count, proved[0], TARGETS[PROVED]),
        Proving(CHECKED, len(files), checked[0], TARGETS[CHECKED]),
    ]


def table(provings: Iterable[Proving]) -> str:
    """As Markdown."""
    lines = [
        "## Proving",
        "",
        "The models of the catalogue, in a fresh process on one core; seconds of processor time.",
        "",
        "| What | Models | Seconds | Target |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {p.what} | {p.count} | {p.seconds:.1f} | ≤ {p.target:.0f} |" for p in provings]
    return "\n".join(lines) + "\n"


def _run(module: str, *arguments: str) -> tuple[float, str]:
    """The processor time of `python -m module`, and what it prints."""
    code = (
        "import runpy, sys, time; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)\n"
        "except SystemExit as done: assert not done.code, done.code\n"
        "finally: print(time.process_time(), file=sys.stderr)"
    )
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread)
    return float(done.stderr.splitlines()[-1]), done.stdout


def main(folder: str, *names: str) -> None:
    """Proves models and writes their certificates; prints how many models there were."""
    from entropy_proofs.model import catalogue
    from entropy_proofs.proving.proof import prove

    chosen = names or catalogue.names()
    for name in chosen:
        certificate = prove(catalogue.load(name)).certificate
        if certificate is not None:
            certificate.save(Path(folder) / f"{name}.json")
    print(len(chosen))


if __name__ == "__main__":
    main(*sys.argv[1:])
