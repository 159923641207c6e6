"""`python -m experiments [FOLDER]`: run the papers' experiments, write figures and numbers."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.findings import Findings, rounded
from experiments.running import EXPERIMENTS, findings

IDENTITY = 1e-9  # F - S - v·∇F stays below this, relative


def report(found: Mapping[str, Findings]) -> str:
    """The findings as Markdown."""
    lines = [
        "# Experiments",
        "",
        "The papers' experiments at sizes for two cores (`make experiments`). All ELBOs and"
        " entropies are in nats per data point. Times are of one machine.",
        "",
    ]
    worst = max(f.worst_residual for f in found.values())
    iterations = sum(f.iterations for f in found.values())
    holds = {s: ok for f in found.values() for s, ok in f.holds.items()}
    holds[
        f"F - S - v·∇F stays below {IDENTITY:.0e} relative at each of {iterations} iterations,"
        f" mini-batches and sampled expectations included (largest: {worst:.0e})"
    ] = worst < IDENTITY
    lines += ["| Statement | Holds |", "| --- | --- |"]
    lines += [f"| {s.replace('|', chr(92) + '|')} | {'yes' if ok else 'no'} |"
              for s, ok in holds.items()]  # fmt: skip
    for f in found.values():
        lines += ["", f"## {f.title}", "", f.setting, "", f"**Paper.** {f.reported}", ""]
        lines += [
            f"**Measured.** {f.measured}",
            "",
            _row(f.columns),
            _row(["---"] * len(f.columns)),
        ]
        lines += [_row(row) for row in f.rows]
        for name, caption in f.figures.items():
            lines += ["", f"![{caption.replace('|', '')}](experiments/{name})", "", f"*{caption}*"]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def numbers(found: Mapping[str, Findings]) -> dict[str, object]:
    """The findings for the JSON file."""
    return {
        name: {
            "numbers": rounded(f.numbers),
            "holds": dict(f.holds),
            "iterations": f.iterations,
            "largest relative residual": float(f"{f.worst_residual:.1e}"),
        }
        for name, f in found.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if every statement holds, else 1."""
    parser = argparse.ArgumentParser(prog="python -m experiments", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("reports"))
    parser.add_argument("--only", default=",".join(EXPERIMENTS), help="names, with commas")
    parser.add_argument("--tiny", action="store_true", help="small sizes: that it runs")
    parser.add_argument("--jobs", type=int, default=2, help="experiments at a time")
    chosen = parser.parse_args(arguments)
    names = chosen.only.split(",")
    if unknown := [n for n in names if n not in EXPERIMENTS]:
        parser.error(f"--only: {unknown[0]} is none of {', '.join(EXPERIMENTS)}")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    found = findings(names, chosen.folder, chosen.tiny, chosen.jobs)
    (chosen.folder / "experiments.md").write_text(report(found), encoding="utf-8")
    text = json.dumps(numbers(found), indent=2, ensure_ascii=False) + "\n"
    (chosen.folder / "experiments.json").write_text(text, encoding="utf-8")
    held = all(ok for f in found.values() for ok in f.holds.values())
    return 0 if held and all(f.worst_residual < IDENTITY for f in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
