"""A sweep as a table for a terminal, and as the records that `verify --json` prints."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from entropy_proofs.export.json import number, point_record

if TYPE_CHECKING:
    from entropy_proofs.sweeps.sweep import Finished, ModelRuns, Sweep


def sweep_text(sweep: Sweep) -> RenderableType:
    """One row for each model, then why runs failed."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("model", overflow="fold")
    for heading in ("runs", "passed", "failed", "worst residual", "worst gap"):
        table.add_column(heading, justify="right")
    for m in sweep.models:
        failures = len(m.failures)
        table.add_row(
            Text(m.model),
            str(len(m.runs)),
            Text(str(len(m.runs) - failures), "green" if m.passed else ""),
            Text(str(failures), "bold red" if failures else ""),
            _shown(m.worst_residual),
            _shown(m.worst_gap),
        )
    parts: list[RenderableType] = [
        table,
        Text(),
        Text("residual: of F - S = v·∇F at random points, relative; gap: F - S in nats per point"),
    ]
    failed = [(m, f) for m in sweep.models for f in m.failures]
    if failed:
        parts += [Text(), Text("Failed")]
        parts += [Padding(_failure(m, f), (0, 0, 0, 2), expand=False) for m, f in failed]
    return Group(*parts)


def sweep_records(sweep: Sweep) -> list[dict[str, Any]]:
    """One record for each model: the keys of a single check over all runs, and the runs' own."""
    return [
        {
            "model": m.model,
            "points": m.points,
            "max_identity_residual": number(m.worst_residual),
            "max_identity_residual_mpmath": number(m.worst_residual_mpmath),
            "stationary_points": [
                {**point_record(point), **_origin(f)}
                for f in m.runs
                if f.outcome.verification is not None
                for point in f.outcome.verification.stationary_points
            ],
            "passed": m.passed,
            "runs": len(m.runs),
            "worst_gap": number(m.worst_gap),
            "failures": [{**_origin(f), "reason": f.outcome.reason} for f in m.failures],
        }
        for m in sweep.models
    ]


def _origin(f: Finished) -> dict[str, Any]:
    return {"data": f.run.data.label, "seed": f.run.seed, "start": f.run.start}


def _failure(m: ModelRuns, f: Finished) -> Text:
    origin = f"{m.model}, {f.run.data.label} data, seed {f.run.seed}, start {f.run.start}: "
    return Text.assemble(origin, (f.outcome.reason, "red"))


def _shown(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1e}"
