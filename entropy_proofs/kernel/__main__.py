"""`python -m entropy_proofs.kernel FILE...`: status 0 verified, 1 rejected, 2 no certificate."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from entropy_proofs.kernel.certificate import NotACertificate, check_file


@dataclass(frozen=True)
class Checked:
    """One file: its status, and what was found in a line."""

    file: str
    status: int
    verdict: str
    reason: str = ""

    @property
    def line(self) -> str:
        line = f"{self.file}: {self.verdict}{f': {self.reason}' if self.reason else ''}"
        return " ".join(line.split())

    def record(self) -> dict[str, Any]:
        verified = self.status == 0
        return {"file": self.file, "verified": verified, "verdict": self.verdict} | (
            {"reason": self.reason} if self.reason else {}
        )


def checked(file: str) -> Checked:
    """Check one file."""
    try:
        outcome = check_file(file)
    except NotACertificate as error:
        return Checked(file, 2, "no certificate", str(error))
    if outcome.accepted:
        return Checked(file, 0, f"verified, {outcome.verdict}")
    return Checked(file, 1, "rejected", outcome.reason)


def main(files: Sequence[str]) -> int:
    """Check the files; the highest status counts."""
    if not files:
        print("usage: python -m entropy_proofs.kernel FILE...", file=sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    worst = 0
    for file in files:
        result = checked(file)
        worst = max(worst, result.status, _said(result))
    return worst


def _said(result: Checked) -> int:
    """Print a line; 2 if it cannot be written, for whatever reason but that nobody reads it."""
    try:
        print(result.line, file=sys.stderr if result.status == 2 else sys.stdout, flush=True)
    except BrokenPipeError:
        _silence()
    except (OSError, ValueError):
        _silence()
        return 2
    return 0


def _silence() -> None:
    """What is left in buffers goes nowhere, as Python would try it again at its end."""
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
