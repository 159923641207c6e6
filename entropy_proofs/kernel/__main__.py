"""`python -m entropy_proofs.kernel FILE...`: status 0 verified, 1 rejected, 2 no certificate."""

from __future__ import annotations

import io
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
        return f"{self.file}: {self.verdict}{f': {self.reason}' if self.reason else ''}"

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
        print(result.line, file=sys.stderr if result.status == 2 else sys.stdout)
        worst = max(worst, result.status)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
