"""`python -m benchmarks [FOLDER]`: race the generated code, and write the ratios down."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from benchmarks import em, growth, proving, scaling
from benchmarks.auditing import audits
from benchmarks.mixture import Mixture
from benchmarks.objective import Objective
from benchmarks.ppca import PPCA
from benchmarks.sparse_coding import SparseCoding
from benchmarks.timing import Ratio
from benchmarks.vae import VAE

OBJECTIVES: tuple[type[Objective], ...] = (SparseCoding, PPCA, Mixture, VAE)
PACKAGES = ("numpy", "scipy", "scikit-learn", "hmmlearn", "jax", "torch")


def measured(repeats: int, tiny: bool = False) -> list[Ratio]:
    """All ratios; tiny: at sizes that only show that the sides agree."""
    found: list[Ratio] = []
    for kind in OBJECTIVES:
        objective = kind()
        for sizes in [objective.tiny] if tiny else objective.sizes:
            print(objective.titled(sizes), file=sys.stderr)
            found += objective.ratios(sizes, repeats)
    return found


HEADING = (
    "# Benchmarks",
    "",
    "ELBO and gradient in float64, both sides in one run; ratios in the median round and of"
    " the fastest runs.",
    "",
    f"On {platform.machine()}, {os.cpu_count()} cores; "
    + ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    + ".",
)
FITS = (
    "## EM",
    "",
    "Time to within 1e-5 nats per data point of the optimum that both sides reach from one start;"
    " generated code is compiled before. E-steps until there, of accelerated and of plain EM. One"
    " pass sees each data point once, and memory is what is allocated beside the data, which are a"
    " memory map.",
)


def table(ratios: Iterable[Ratio], heading: Sequence[str] = HEADING) -> str:
    """The ratios as Markdown."""
    lines = [
        *heading,
        "",
        "| Objective | Ratio | Median | Fastest | Target | Met |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for r in ratios:
        sign = "≤" if r.at_most else "≥"
        target = "" if r.target is None else f"{sign} {r.target}"
        met = {None: "", True: "yes", False: f"no{': ' if r.note else ''}{r.note}"}[r.met]
        lines.append(
            f"| {r.objective} | {r.name} | {r.median:.2f} | {r.fastest:.2f} | {target} | {met} |"
        )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0: the ratios are figures, whatever they say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("reports"))
    parser.add_argument("--repeats", type=int, default=9, help="runs of each side")
    parser.add_argument("--tiny", action="store_true", help="small sizes: agreement, not time")
    chosen = parser.parse_args(arguments)
    ratios = measured(chosen.repeats, chosen.tiny)
    print("audits", file=sys.stderr)
    ratios += audits(chosen.tiny)
    print("EM", file=sys.stderr)
    fits = em.races(1 if chosen.tiny else 3, chosen.tiny)
    print("proving", file=sys.stderr)
    provings = proving.provings(("ppca",) if chosen.tiny else None)
    growths = growth.growths((2,), ("AB",)) if chosen.tiny else growth.growths()
    print("many data points", file=sys.stderr)
    scalings = scaling.scalings((20,), ("ppca",)) if chosen.tiny else scaling.scalings()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    (chosen.folder / "benchmarks.md").write_text(
        "\n".join(
            [
                table(ratios),
                table(fits, FITS),
                scaling.table(scalings),
                proving.table(provings),
                growth.table(growths),
            ]
        ),
        encoding="utf-8",
    )
    records = {
        "ratios": [{**asdict(r), "met": r.met} for r in ratios],
        "em": [{**asdict(r), "met": r.met} for r in fits],
        "scaling": [asdict(s) for s in scalings],
        "proving": [asdict(p) for p in provings],
        "growth": [asdict(g) for g in growths],
    }
    text = json.dumps(records, indent=2, ensure_ascii=False) + "\n"
    (chosen.folder / "benchmarks.json").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
