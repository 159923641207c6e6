"""Certificates in files: those in wrong/ are rejected for the reason they were written for."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from oracle.certificates import states_a_truth

from entropy_proofs import kernel
from entropy_proofs.kernel import refusal
from entropy_proofs.kernel.certificate import check_document, check_file
from must_fail.corpus import FOLDER, texts
from must_fail.right import right
from must_fail.wrong import wrong

WRONG = {name: why for name, _, why in wrong()}
RIGHT = {name: (document, verdict) for name, document, verdict in right()}


def test_there_are_enough_and_the_files_are_what_the_script_writes():
    assert len(WRONG) >= 60
    assert len(RIGHT) >= 20
    written = {
        str(path.relative_to(FOLDER)): path.read_text(encoding="utf-8")
        for path in FOLDER.rglob("*")
        if path.is_file()
    }
    assert written == texts()


def test_a_wrong_one_is_rejected_for_its_reason():
    outcomes = {name: check_file(str(FOLDER / "wrong" / f"{name}.json")) for name in WRONG}
    assert {name for name, outcome in outcomes.items() if outcome.accepted} == set()
    reasons = {name: outcome.reason for name, outcome in outcomes.items()}
    assert {name: r for name, r in reasons.items() if WRONG[name] not in r} == {}


def test_a_right_one_is_verified_and_true():
    for name, (document, verdict) in RIGHT.items():
        outcome = check_file(str(FOLDER / "right" / f"{name}.json"))
        assert (outcome.verdict, outcome.reason) == (verdict, ""), name
        assert states_a_truth(document), name


# What other checks exclude before, seen by reading: the kernel looks twice.
BEHIND = (
    "wrong arguments of its domain",
    "a size of degree above 8",
    "is not known to be defined",
    "a number of too many digits",
)


KERNEL = Path(kernel.__file__).parent


def refusals() -> dict[tuple[str, int], str]:
    """Where the kernel says no: {(file, line): what} of each `raise Refused(...)`."""
    found = {}
    for path in KERNEL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Raise) and "Refused(" in ast.unparse(node):
                found[str(path), node.lineno] = ast.unparse(node)
    return found


def test_every_refusal_of_the_kernel_has_its_certificate(monkeypatch):
    """By tracing what is raised, which is slow: with a part of the steps the kernel allows itself."""
    monkeypatch.setattr(refusal, "WORK", 5_000)
    expected, raised = refusals(), set()
    files = {file for file, _ in expected}

    def trace(frame, event, _):
        if frame.f_code.co_filename not in files:
            return None
        frame.f_trace_lines = False
        if event == "exception":
            raised.add((frame.f_code.co_filename, frame.f_lineno))
        return trace

    documents = [document for _, document, _ in wrong()]
    sys.settrace(trace)
    try:
        for document in documents:
            check_document(document)
    finally:
        sys.settrace(None)
    assert len(expected) > 60
    missed = {at: what for at, what in expected.items() if at not in raised}
    assert not {at: w for at, w in missed.items() if not any(b in w for b in BEHIND)}
    assert len(missed) <= len(BEHIND)
