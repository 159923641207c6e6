"""`python -m campaign [FOLDER]`: draw inputs, judge the answers, and write the counts down."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from campaign.outcome import FAILURES
from campaign.registry import CAMPAIGNS
from campaign.report import report
from campaign.running import Options, run


def source() -> str:
    """What is tried: the version, and the commit where there is one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    commit = asked.stdout.strip()
    return f"entropy-proofs {version('entropy-proofs')}" + (f" at {commit}" if commit else "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: no contradiction, no crash, no hang; else 1."""
    names = [c.name for c in CAMPAIGNS]
    parser = argparse.ArgumentParser(prog="python -m campaign", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("reports"))
    parser.add_argument("--number", type=int, default=5000, help="inputs of each campaign")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--minutes", type=float, default=1e9, help="for each campaign, at most")
    parser.add_argument("--limit", type=float, default=20, help="seconds for an answer")
    parser.add_argument("--only", choices=names, help="one campaign")
    chosen = parser.parse_args(arguments)
    options = Options(chosen.number, chosen.seed, chosen.workers, chosen.minutes, chosen.limit)
    runs = [run(k, options) for k, name in enumerate(names) if chosen.only in (None, name)]
    chosen.folder.mkdir(parents=True, exist_ok=True)
    when = datetime.now(UTC).date().isoformat()
    path = chosen.folder / "campaign.md"
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(report(runs, when, source(), chosen.limit, before), encoding="utf-8")
    return int(any(x.finding in FAILURES for r in runs for x in r.outcomes))


if __name__ == "__main__":
    sys.exit(main())
