"""`python -m entropy_proofs.reporting FOLDER`: prove and verify the catalogue, write it all down.

The files depend on the models and the data alone: they hold no times, and numbers only to
the digits that agree from one machine to the next.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

from entropy_proofs.derivation.appendix import ModelDerivation, derived
from entropy_proofs.document.blocks import Document
from entropy_proofs.document.formats import format_of
from entropy_proofs.document.latex.pdf_writer import has_latex
from entropy_proofs.document.page import WIDTHS, Page, inside
from entropy_proofs.enclosures.enclosure_records import Enclosure
from entropy_proofs.errors import MissingLibrary
from entropy_proofs.export.enclosures import enclosure_table
from entropy_proofs.export.figure import draw
from entropy_proofs.export.json import proof_record, verification_record
from entropy_proofs.export.objectives import objective_table
from entropy_proofs.export.table import entropy_table
from entropy_proofs.model import catalogue
from entropy_proofs.points.em_path import gaussian_mixture_em_path
from entropy_proofs.points.verify import Verification, verify
from entropy_proofs.proving.processes import begin_worker, collect_seldom
from entropy_proofs.proving.proof import Proof, prove
from entropy_proofs.reporting.audited_fits import audit_document, audited_fits
from entropy_proofs.reporting.catalogue_document import catalogue_document
from entropy_proofs.reporting.enclosed_instances import enclose_instance

PICTURE = "Gaussian mixture on iris, along scikit-learn's EM steps"

#: Of F and S in the files.
DECIMALS = 4

#: Rounding errors are reported as the first of these that bounds them.
ROUNDING_BOUNDS = (1e-40, 1e-12, 1e-6, 1.0)

#: The same at stationary points, where an optimiser's last steps differ between processors.
STATIONARY_BOUNDS = (1e-5, 1e-3, 1e-1, 1.0)


def write_report(folder: Path, *, quick: bool = False) -> bool:
    """Write all files into a folder; whether every certificate and numeric check passed.

    quick: without the fits to real data, so without the numbers.
    """
    folder.mkdir(parents=True, exist_ok=True)
    fresh = multiprocessing.get_context("spawn")  # a fork of BLAS threads can hang
    # on one thread each: which optimum a fit ends in can depend on how sums are split
    with ProcessPoolExecutor(mp_context=fresh, initializer=begin_worker) as pool:
        names = catalogue.names()
        derivations = pool.map(_derivation, names) if has_latex() else iter(())
        fitted = () if quick else names
        enclosures, numbers = pool.map(_enclosure, fitted), pool.map(_numbers, fitted)
        proofs = {name: _proved(name) for name in names}
        verified = _write_proofs(folder, proofs, derivations)
        if quick:
            return verified
        checked = dict(zip(names, numbers, strict=True))
        found = list(enclosures)
    _write(folder / "numbers.json", json.dumps(checked, indent=2, ensure_ascii=False) + "\n")
    verdicts = (proof.verdict.value for proof in proofs.values())
    enclosed = enclosure_table(zip(verdicts, found, strict=True))
    _write(folder / "enclosures.md", _shown(enclosed, "markdown"))
    _write(folder / "audits.md", _shown(audit_document(audited_fits()), "markdown"))
    checks = [record["verification"] for record in checked.values()]
    return verified and all(check is None or check["passed"] for check in checks)


def _write_proofs(
    folder: Path, proofs: Mapping[str, Proof], derivations: Iterable[ModelDerivation]
) -> bool:
    """What is written of the proofs alone; whether every certificate is verified."""
    sums = entropy_table(proofs.values())
    _write(folder / "entropy_sums.tex", _shown(sums, "latex", inside(WIDTHS["a4"], "longtable")))
    _write(folder / "entropy_sums.md", _shown(sums, "markdown"))
    _write(folder / "entropy_objectives.md", _shown(objective_table(proofs.values()), "markdown"))
    run = gaussian_mixture_em_path(proofs["gaussian_mixture"], steps=40)
    draw(run, PICTURE, folder / "gmm_iris.svg", folder / "gmm_iris.png")
    verified = write_certificates(folder / "certificates", proofs)
    write_pdf(folder / "entropy_sums.pdf", catalogue_document(proofs.values(), list(derivations)))
    return verified


def write_pdf(path: Path, document: Document) -> None:
    """The document as PDF where there is a LaTeX; elsewhere a line that says so, and no file."""
    try:
        _write(path, _shown(document, "pdf"))
    except MissingLibrary as error:
        path.unlink(missing_ok=True)
        print(f"{path.name} is not written: {error}", file=sys.stderr)


def write_certificates(folder: Path, proofs: Mapping[str, Proof]) -> bool:
    """One certificate per model with terms that hold, and no others; whether all are verified.

    They are read from their files by a fresh process, which has the kernel alone.
    """
    folder.mkdir(exist_ok=True)
    files = {}
    for name, proof in proofs.items():
        if proof.certificate is not None:
            files[name] = folder / f"{name}.json"
            proof.certificate.save(files[name])
    for stale in set(folder.iterdir()) - set(files.values()):
        stale.unlink()
    if not files:
        return True
    command = [sys.executable, "-m", "entropy_proofs.kernel", *map(str, files.values())]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [*checked.stdout.splitlines(), *checked.stderr.splitlines()]
    verified = [line for line in lines if ": verified, " in line]
    for line in lines:
        if line not in verified:
            print(line, file=sys.stderr)
    print(f"certificates: the kernel verifies {len(verified)} of {len(files)}", file=sys.stderr)
    return checked.returncode == 0 and len(verified) == len(files)


def numbers_record(proof: Proof, verification: Verification | None) -> dict[str, Any]:
    """A proof and its numeric check without whatever differs between runs and machines."""
    record = proof_record(proof, counterexample=True)
    del record["seconds"]
    if verification is None:
        return {**record, "verification": None}
    checked = verification_record(proof, verification)
    for residual in ("max_identity_residual", "max_identity_residual_mpmath"):
        checked[residual] = bound(checked[residual], ROUNDING_BOUNDS)
    for point in checked["stationary_points"]:
        for value in ("elbo", "entropy_sum"):
            point[value] = None if point[value] is None else round(point[value], DECIMALS)
        for residual in ("gap", "predicted_gap", "gradient_norm"):
            point[residual] = bound(point[residual], STATIONARY_BOUNDS)
    return {**record, "verification": checked}


def bound(residual: float | None, limits: Sequence[float]) -> str | None:
    """The first limit that exceeds a residual, such as "< 1e-12"; None for a NaN."""
    if residual is None:
        return None
    exceeding = (f"< {limit:.0e}" for limit in limits if abs(residual) < limit)
    return next(exceeding, f">= {limits[-1]:.0e}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 if every certificate and numeric check passed, else 1."""
    parser = argparse.ArgumentParser(prog="python -m entropy_proofs.reporting", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go")
    parser.add_argument("--quick", action="store_true", help="prove only, without numbers")
    chosen = parser.parse_args(arguments)
    collect_seldom()
    passed = write_report(chosen.folder, quick=chosen.quick)
    print(f"wrote {chosen.folder}" if passed else "a check failed", file=sys.stderr)
    return 0 if passed else 1


def _proved(name: str) -> Proof:
    proof = prove(catalogue.load(name))
    print(f"{name}: {proof.verdict.value} ({proof.seconds:.2f} s)", file=sys.stderr)
    return proof


@cache
def _proof(name: str) -> Proof:
    """A process of its own proves a model anew, once."""
    return prove(catalogue.load(name))


def _derivation(name: str) -> ModelDerivation:
    start, proof = time.perf_counter(), _proof(name)
    found = derived(proof)
    print(f"{name}: derived ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    return found


def _numbers(name: str) -> dict[str, Any]:
    """The numbers of one model."""
    start, proof = time.perf_counter(), _proof(name)
    verification = verify(proof) if any(term.holds for term in proof.terms) else None
    outcome = "nothing to verify"
    if verification is not None:
        outcome = "passed" if verification.passed else "FAILED"
    print(f"{name}: {outcome} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    return numbers_record(proof, verification)


def _enclosure(name: str) -> Enclosure:
    """A stationary point of one model, proved to exist."""
    start = time.perf_counter()
    found = enclose_instance(name, _proof(name))
    outcome = "a stationary point is proved" if found.existence_proved else found.reason
    print(f"{name}: {outcome} ({time.perf_counter() - start:.1f} s)", file=sys.stderr)
    return found


def _shown(document: Document, name: str, page: Page | None = None) -> str | bytes:
    return format_of(name).write(document, page)


def _write(path: Path, contents: str | bytes) -> None:
    path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
