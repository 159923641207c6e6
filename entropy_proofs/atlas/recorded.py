"""What the committed reports say of a model in numbers: random points, real data, enclosures."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from entropy_proofs.errors import InputError
from entropy_proofs.files import readable


@dataclass(frozen=True)
class Recorded:
    """Of all models: numbers.json by stem, and the rows of enclosures.md by title."""

    numbers: Mapping[str, Any] = field(default_factory=dict)
    enclosures: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def lines(self, stem: str, proof: Any) -> list[str]:
        """What was found of a model, a line for each; nothing of one that was another then."""
        record = self.numbers.get(stem)
        if record is None or record["entropy_sum"] != str(proof.entropy_sum):
            return []
        checked = record["verification"] or {"points": 0, "stationary_points": []}
        found = []
        if checked["points"]:
            found.append(
                f"F − S = v·∇F at {checked['points']} random points: largest relative residual "
                f"{checked['max_identity_residual']} in double precision, "
                f"{checked['max_identity_residual_mpmath']} with 50 digits."
            )
        for p in checked["stationary_points"]:
            found.append(
                f"A {p['kind']} on {p['dataset']}, found by {p['fitted_by']}: F = {p['elbo']}, "
                f"S = {p['entropy_sum']}, |F − S| {p['gap']}, |∇F| {p['gradient_norm']} "
                "(nats per data point)."
            )
        row = self.enclosures.get(proof.model.name)
        if row is not None:
            gap = row["F - S"]
            plain = row["F - plain sum"]
            said = [f"F − S = {gap}"] if gap else []
            said += [f"F minus the plain sum of entropies = {plain}"] if plain else []
            found.append(
                f"A stationary point proved to exist in ball arithmetic ({row['Point']}, "
                f"{row['Instance']}): {', '.join(said)} nats per data point."
            )
        return [line.replace(" < ", " below ").replace("|< ", "| below ") for line in found]

    def badge(self, stem: str, proof: Any) -> list[str]:
        """The same in a few words each."""
        lines = self.lines(stem, proof)
        record = self.numbers.get(stem) or {}
        checked = record.get("verification") if lines else None
        found = []
        if checked and checked["passed"]:
            names = {p["dataset"].partition(",")[0] for p in checked["stationary_points"]}
            found.append(f"F = S on {', '.join(sorted(names))}")
        row = self.enclosures.get(proof.model.name) if lines else None
        if row is not None and row["F - S"]:
            found.append(f"enclosed: F − S = {row['F - S']}")
        return found


def recorded(folder: Path) -> Recorded:
    """Of a folder of reports.

    Raises:
        InputError: a file is missing or is none of those that `make report` writes.
    """
    with readable(folder / "numbers.json"):
        numbers = json.loads((folder / "numbers.json").read_text(encoding="utf-8"))
    with readable(folder / "enclosures.md"):
        text = (folder / "enclosures.md").read_text(encoding="utf-8")
    rows = [_cells(line) for line in text.splitlines() if line.startswith("| ")]
    if not rows or rows[0][0] != "Model" or not isinstance(numbers, dict):
        raise InputError(f"{folder}: holds no reports of the catalogue")
    head, *body = rows
    found = {row[0]: dict(zip(head, row, strict=True)) for row in body if row[0] != "---"}
    return Recorded(numbers, found)


def _cells(line: str) -> list[str]:
    cells = line.strip().strip("|").split("|")
    return [re.sub(r"\\(\W|_)", r"\1", cell.strip()) for cell in cells]
