"""The report: files that depend on the models and the data alone."""

from __future__ import annotations

import ast
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import entropy_proofs as ep
from entropy_proofs.document.blocks import Document
from entropy_proofs.kernel.__main__ import checked
from entropy_proofs.kernel.certificate import content_hash
from entropy_proofs.model import catalogue
from entropy_proofs.proving import proof as proving
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.reporting import report
from entropy_proofs.reporting.audited_fits import mixtures

QUICK_FILES = {
    *("entropy_sums.tex", "entropy_sums.md", "entropy_objectives.md"),
    *("gmm_iris.svg", "gmm_iris.png", "certificates"),
}
#: What is written where there is a LaTeX, and not committed: its bytes depend on TeX's version.
PDF = {"entropy_sums.pdf"} if shutil.which("pdflatex") else set()
REPORTS = Path(__file__).parents[2] / "reports"


@pytest.mark.parametrize(
    ("residual", "shown"),
    [
        (0.0, "< 1e-12"),
        (-3e-13, "< 1e-12"),
        (1e-12, "< 1e-06"),
        (-0.5, "< 1e+00"),
        (1.0, ">= 1e+00"),
        (None, None),
    ],
)
def test_bound(residual, shown):
    assert report.bound(residual, (1e-12, 1e-6, 1.0)) == shown


@pytest.mark.end_to_end
def test_the_quick_report_writes_the_same_bytes_twice(tmp_path, monkeypatch):
    few = ["gaussian_mixture", "ppca", "vae_0"]
    monkeypatch.setattr(catalogue, "names", lambda: few)
    for run in ("one", "two"):
        monkeypatch.setattr(proving, "PROOFS", Proofs())
        assert report.main(["--quick", str(tmp_path / run)]) == 0
    assert {path.name for path in (tmp_path / "one").iterdir()} == QUICK_FILES | PDF
    one, two = (
        {path.relative_to(tmp_path / run): path.read_bytes() for path in _files(tmp_path / run)}
        for run in ("one", "two")
    )
    assert one == two
    assert {path.stem for path in one if path.parent.name == "certificates"} == set(few)


def test_without_latex_one_line_says_so_and_an_old_pdf_goes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.pdf").write_bytes(b"old")
    report.write_pdf(tmp_path / "a.pdf", Document("a", ()))
    said = capsys.readouterr().err
    assert said == "a.pdf is not written: PDF needs pdflatex, which is not installed\n"
    assert not (tmp_path / "a.pdf").exists()


def _files(folder):
    return (path for path in folder.rglob("*") if path.is_file())


def test_certificates_are_those_of_the_proofs_and_no_others(tmp_path, capsys):
    folder = tmp_path / "certificates"
    folder.mkdir()
    (folder / "renamed_since.json").write_text("{}")
    names = ("ppca", "cauchy_distribution")
    assert report.write_certificates(folder, {n: ep.prove(ep.load(n)) for n in names})
    assert [path.name for path in folder.iterdir()] == ["ppca.json"]
    assert "verifies 1 of 1" in capsys.readouterr().err


def test_a_rejected_certificate_is_said(tmp_path, capsys):
    class Forged(dict):
        def save(self, path):
            path.write_text(json.dumps(self))

    proof = ep.prove(ep.load("ppca"))
    document = json.loads(proof.certificate.to_json())
    document["certificate"]["flows"][0]["scale"] = "1"
    content = {k: v for k, v in document.items() if k != "sha256"}
    forged = Forged(content, sha256=content_hash(content))
    proofs = {"ppca": proof, "forged": replace(proof, certificate=forged)}
    assert not report.write_certificates(tmp_path / "certificates", proofs)
    said = capsys.readouterr().err
    assert "verifies 1 of 2" in said
    assert "forged.json: rejected: z: " in said


def test_the_kernel_verifies_the_committed_certificates():
    numbers = json.loads((REPORTS / "numbers.json").read_text(encoding="utf-8"))
    verdicts = {name: record["verdict"] for name, record in numbers.items()}
    files = {path.stem: checked(str(path)) for path in (REPORTS / "certificates").iterdir()}
    assert {name: f.verdict for name, f in files.items()} == {
        name: f"verified, {verdict}"
        for name, verdict in verdicts.items()
        if verdict in {"proved", "partial"}
    }


@pytest.mark.end_to_end
def test_the_full_report_adds_the_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "names", lambda: ["cauchy_distribution", "gaussian_mixture"])
    fits = [next(mixtures([0]))]  # all of them take minutes
    monkeypatch.setattr(report, "audited_fits", lambda: fits)
    assert report.main([str(tmp_path)]) == 0
    assert "GaussianMixture" in (tmp_path / "audits.md").read_text(encoding="utf-8")
    numbers = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert numbers["cauchy_distribution"]["verification"] is None
    record = numbers["gaussian_mixture"]
    assert "seconds" not in record
    assert record["verdict"] == "proved"
    assert record["verification"]["passed"] is True
    assert record["verification"]["max_identity_residual"] == "< 1e-12"
    (point,) = record["verification"]["stationary_points"]
    assert point["fitted_by"] == "sklearn.mixture.GaussianMixture"
    assert point["elbo"] == pytest.approx(point["entropy_sum"], abs=1e-3)


def test_a_failed_check_is_an_exit_status(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "write_report", lambda folder, quick: False)
    assert report.main([str(tmp_path)]) == 1


def test_the_committed_report_covers_the_catalogue():
    numbers = json.loads((REPORTS / "numbers.json").read_text(encoding="utf-8"))
    assert sorted(numbers) == catalogue.names()
    for record in numbers.values():
        holds = any(term["holds"] for term in record["terms"])
        assert record["verification"]["passed"] if holds else record["verification"] is None
    assert QUICK_FILES <= {path.name for path in REPORTS.iterdir()}


def test_what_processes_run_stands_in_a_module_that_they_can_import():
    main = Path(report.__file__).with_name("__main__.py")
    tree = ast.parse(main.read_text(encoding="utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.FunctionDef)]
