"""Text in ASCII and Latin-1: whole, readable, in columns."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st
from rich.console import Console
from rich.progress import Progress

import entropy_proofs
from entropy_proofs.export.charset import adapt, can_encode, on, spelled

PACKAGE = Path(entropy_proofs.__file__).parent


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding, newline="")


@given(st.text(), st.sampled_from(["ascii", "latin-1", "utf-8", "cp1252", "iso8859-7"]))
def test_any_text_can_be_written(text, encoding):
    file = stream(encoding)
    adapt(file)
    shown = on(file, text.encode("utf-8", "replace").decode())
    shown.encode(encoding)
    file.write(text)  # by the handler, whatever it is
    file.flush()


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_is_left_as_it_is(text):
    assert on(stream("ascii"), text) == text
    assert can_encode(stream("ascii"), text)


def test_what_can_be_encoded_stays():
    assert on(stream("latin-1"), "v·∇F ² ↦ π") == "v·grad F ² -> pi"
    assert on(stream("utf-8"), "v·∇F ² ↦ π") == "v·∇F ² ↦ π"
    assert on(stream("ascii"), "W ↦ -W/2, Σ_k, Jöreskog") == "W -> -W/2, Sigma_k, Joreskog"


def test_columns_keep_their_place():
    table = "v·∇F        1e-9\n|∇F|        2e-9\nF           3"
    assert on(stream("ascii"), table) == "v.grad F    1e-9\n|grad F|    2e-9\nF           3"


def letters_of(path: Path) -> set[str]:
    """The characters beyond ASCII in a module's texts that are no docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
    return {c for text in texts if isinstance(text, str) for c in text if not c.isascii()}


def test_every_letter_that_the_package_writes_is_readable_in_ascii():
    mathematics = PACKAGE / "printing" / "typeset"  # whose letters are MathML's
    documents = PACKAGE / "document"
    a_users = {documents / "escape.py", documents / "latex" / "tex_letters.py"}
    files = (p for p in PACKAGE.rglob("*.py") if mathematics not in p.parents and p not in a_users)
    letters = set().union(*map(letters_of, files))
    assert "↦" in letters
    unreadable = {c for c in letters if re.search(r"\\|^$|\?", spelled(c))}
    assert not unreadable


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_bars_and_spinners_are_written(encoding):
    file = stream(encoding)
    adapt(file)
    console = Console(file=file, force_terminal=True, width=60)
    with Progress(console=console) as progress:
        progress.update(progress.add_task("v·∇F", total=2), completed=1)
    with console.status("proving ..."):
        pass
    file.flush()
    written = file.buffer.getvalue().decode(encoding)
    assert "?" not in re.sub(r"\x1b\[\?25[hl]", "", written)
    assert "grad F" in written
