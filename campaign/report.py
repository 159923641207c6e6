"""The report: counts by kind, answer and finding, and every failure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaign.outcome import (
    AGREED,
    CONTRADICTION,
    CRASH,
    FAILURES,
    HANG,
    MISSED,
    REFUSED,
    UNJUDGED,
    Campaign,
    Outcome,
)

_SHOWN = 30  # rows of a list
_COLUMNS = (AGREED, CONTRADICTION, CRASH, HANG, MISSED, UNJUDGED, REFUSED)


@dataclass(frozen=True)
class Run:
    """What one campaign did: distinct inputs, each failure also as its smallest form."""

    campaign: Campaign
    seeds: Sequence[int]
    outcomes: Sequence[Outcome]
    smallest: Sequence[Outcome]


def report(runs: Iterable[Run], when: str, source: str, limit: float, before: str = "") -> str:
    """The report as Markdown.

    when: the day.  source: what was tried, a version or a commit.  before: an earlier report, of
    which the sections stay that no run replaces.
    """
    lines = [
        "# Campaign",
        "",
        "Inputs drawn at random, and every answer judged by numbers that share no code with the"
        " engine. A hang is an answer that takes too much processor time.",
        "",
    ]
    own = {r.campaign.title: _section(r, when, source, limit) for r in runs}
    for title, section in (_sections(before) | own).items():
        lines += [f"## {title}", "", *section]
    return "\n".join(lines).rstrip("\n") + "\n"


def _sections(text: str) -> dict[str, list[str]]:
    """The lines of each section, by its title."""
    parts = text.split("\n## ")[1:]
    lines = (part.rstrip("\n").split("\n") for part in parts)
    return {title: [*rest, ""] for title, _, *rest in lines}


def _section(run: Run, when: str, source: str, limit: float) -> list[str]:
    o, one = run.outcomes, run.campaign.one
    seeds = f"{run.seeds[0]} to {run.seeds[-1]}" if run.seeds else "none"
    failures = Counter(x.finding for x in o)
    seconds = sorted(x.seconds for x in o) or [0.0]
    lines = [
        f"On {when}, {source}; hangs take more than {limit:g} s.",
        "",
        f"{len(o)} different ones, seeds {seeds}: {failures[CONTRADICTION]} contradictions,"
        f" {failures[CRASH]} crashes, {failures[HANG]} hangs. Half of the answers took less than"
        f" {seconds[len(seconds) // 2]:.2f} s, the slowest {seconds[-1]:.1f} s.",
        "",
        *_table("Answer", ((x.answer or "none", x.finding) for x in o)),
        *_table(f"With a {one} of", ((k, x.finding) for x in o for k in x.kinds)),
    ]
    if failing := [x for x in o if x.finding in FAILURES]:
        lines += ["### Failures", "", "| Finding | Seed | Reason |", "| --- | --- | --- |"]
        lines += [f"| {x.finding} | {x.seed} | {_cell(x.reason)} |" for x in failing]
        lines += ["", "Their smallest forms:", ""]
        lines += [f"- {x.finding}: {_cell(x.reason)}: `{x.described}`" for x in run.smallest]
        lines.append("")
    for finding, title in (
        (REFUSED, "Refused"),
        (MISSED, "Undecided although numbers suggest an answer"),
        (UNJUDGED, "Not judged"),
    ):
        lines += _reasons(title, [x.reason for x in o if x.finding == finding])
    return lines


def _table(title: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    counted: dict[str, Counter[str]] = {}
    for row, column in pairs:
        counted.setdefault(row, Counter())[column] += 1
    head = f"| {title} | all | " + " | ".join(_COLUMNS) + " |"
    lines = [head, "| --- " * (len(_COLUMNS) + 2) + "|"]
    for row, found in sorted(counted.items()):
        cells = " | ".join(str(found[c] or "") for c in _COLUMNS)
        lines.append(f"| {row} | {sum(found.values())} | {cells} |")
    return [*lines, ""]


def _reasons(title: str, reasons: Sequence[str]) -> list[str]:
    if not reasons:
        return []
    common = Counter(_cell(r) for r in reasons).most_common()
    lines = [f"### {title}", "", "| Reason | Times |", "| --- | --- |"]
    lines += [f"| {r} | {n} |" for r, n in common[:_SHOWN]]
    if len(common) > _SHOWN:
        lines.append(f"| {len(common) - _SHOWN} more | {sum(n for _, n in common[_SHOWN:])} |")
    return [*lines, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


__all__ = ["Run", "report"]
