"""`python -m entropy_proofs.report FOLDER`: prove and verify the catalogue, write it all down.

The files depend on the models and the data alone: they hold no times, and numbers only to
the digits that agree from one machine to the next.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from entropy_proofs import catalogue
from entropy_proofs.export.figure import draw
from entropy_proofs.export.json import proof_record, verification_record
from entropy_proofs.export.table import latex_table, markdown_table
from entropy_proofs.numeric.verify import Verification, verify
from entropy_proofs.proof import Proof, prove

DECIMALS = 4

#: Residuals are reported as the first of these that bounds them.
BOUNDS = (1e-12, 1e-9, 1e-6, 1e-3, 1.0)


def write_report(folder: Path, *, quick: bool = False) -> bool:
    """Write all files into a folder; whether every numeric check passed.

    quick: only what follows from the proofs, which is the tables.
    """
    folder.mkdir(parents=True, exist_ok=True)
    proofs = {name: _told("proving", name, prove, catalogue.load(name)) for name in catalogue.names()}
    _write(folder / "entropy_sums.tex", latex_table(proofs.values()))
    _write(folder / "entropy_sums.md", markdown_table(proofs.values()))
    if quick:
        return True
    checks = {name: _told("verifying", name, verify, proof) for name, proof in proofs.items()}
    numbers = {name: numbers_record(proofs[name], check) for name, check in checks.items()}
    _write(folder / "numbers.json", json.dumps(numbers, indent=2, ensure_ascii=False) + "\n")
    return all(check.passed for check in checks.values())


def numbers_record(proof: Proof, verification: Verification) -> dict[str, Any]:
    """A proof and its numeric check without whatever differs between runs and machines."""
    record = proof_record(proof)
    del record["seconds"]
    checked = verification_record(proof, verification)
    checked["max_identity_residual"] = bound(checked["max_identity_residual"])
    for point in checked["stationary_points"]:
        point["elbo"] = round(point["elbo"], DECIMALS)
        point["entropy_sum"] = round(point["entropy_sum"], DECIMALS)
        for residual in ("gap", "predicted_gap", "gradient_norm"):
            point[residual] = bound(point[residual])
    return {**record, "verification": checked}


def bound(residual: float | None) -> str | None:
    """The first of `BOUNDS` that is no smaller than a residual, as "< 1e-12"."""
    if residual is None:
        return None
    return next((f"< {limit:.0e}" for limit in BOUNDS if abs(residual) < limit), ">= 1")
