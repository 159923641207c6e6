"""Documents as PDF, by pdflatex: the same bytes each time, for one version of TeX."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path

from entropy_proofs.document.blocks import Document
from entropy_proofs.document.latex.latex_writer import latex_document
from entropy_proofs.document.page import Page
from entropy_proofs.errors import InputError, MissingLibrary

_RUNS = 5  # at most; contents and references settle after two or three
_SECONDS = 600.0
#: Nothing outside is read or written by name, no program is run, and the date is no date.
_ENVIRONMENT = {
    "SOURCE_DATE_EPOCH": "0",
    "FORCE_SOURCE_DATE": "1",
    "openin_any": "p",
    "openout_any": "p",
    "max_print_line": "1000",
}
_COMMAND = ("pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error")


def pdf(document: Document, page: Page) -> bytes:
    """The article that `latex_document` writes, compiled.

    Raises:
        MissingLibrary: there is no pdflatex, or a package of LaTeX is missing.
        InputError: TeX stops; the message is TeX's own.
    """
    whole = replace(page, fragment=False, environment="longtable")
    return compiled(latex_document(document, whole))[0]


def compiled(source: str) -> tuple[bytes, str]:
    """The PDF of a LaTeX file, and the log of the last run.

    Raises:
        MissingLibrary, InputError: as `pdf`.
    """
    if not has_latex():
        raise MissingLibrary("PDF needs pdflatex, which is not installed")
    with tempfile.TemporaryDirectory() as folder:
        tex = Path(folder, "document.tex")
        tex.write_text(source, encoding="utf-8")
        before = None
        for _ in range(_RUNS):
            log = _run(tex)
            written = [path.read_bytes() for path in sorted(Path(folder).glob("document.[!lp]*"))]
            if written == before:  # what the next run would read is what this one read
                break
            before = written
        return tex.with_suffix(".pdf").read_bytes(), log


def has_latex() -> bool:
    """Whether there is a pdflatex."""
    return shutil.which(_COMMAND[0]) is not None


def _run(tex: Path) -> str:
    done = subprocess.run(
        [*_COMMAND, tex.name],
        cwd=tex.parent,
        env={**os.environ, **_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
        check=False,
    )
    log = done.stdout.decode("utf-8", "replace")
    if done.returncode:
        if missing := re.search(r"File `([^']+)' not found", log):
            raise MissingLibrary(f"PDF needs {missing[1]} of LaTeX, which is not installed")
        reason = re.search(r"^! (.+)\n(?:.*\n)*?(l\.\d+ .*)", log, re.MULTILINE)
        shown = f"{reason[1]} {reason[2]}" if reason else "pdflatex fails"
        raise InputError(f"LaTeX stops: {shown}")
    return log
