"""Failures that were found and made small: JSON files that the tests try again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from campaign.outcome import Campaign, Outcome

FOLDER = Path(__file__).parent / "found"


@dataclass(frozen=True)
class Found:
    """open: whether it is not mended yet, so that it must still fail."""

    path: Path
    campaign: str
    finding: str
    reason: str
    open: bool
    described: Any


def save(campaign: Campaign, outcome: Outcome) -> Path:
    """Writes an open failure; one that is there already stays as it is."""
    text = json.dumps(outcome.described, sort_keys=True, ensure_ascii=False)
    name = hashlib.sha256(text.encode()).hexdigest()[:10]
    path = FOLDER / campaign.name / f"{name}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        record = {
            "finding": outcome.finding,
            "answer": outcome.answer,
            "reason": outcome.reason,
            "open": True,
            "described": outcome.described,
        }
        path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def saved() -> Iterator[Found]:
    for path in sorted(FOLDER.glob("*/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        yield Found(
            path,
            path.parent.name,
            record["finding"],
            record["reason"],
            record["open"],
            record["described"],
        )
