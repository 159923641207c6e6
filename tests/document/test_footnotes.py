"""Marks of notes."""

from __future__ import annotations

from entropy_proofs.document.blocks import Note
from entropy_proofs.document.footnotes import Notes


def test_marks_go_on_after_z():
    notes = Notes(letters=True)
    marks = [notes.mark((str(n),)) for n in range(28)]
    assert marks[:2] + marks[25:] == ["a", "b", "z", "aa", "ab"]
    assert [Notes().mark(("a",))] == ["1"]


def test_notes_of_notes_are_written_too():
    notes = Notes()

    def write(content):
        return "".join(i if isinstance(i, str) else f"[{notes.mark(i.content)}]" for i in content)

    notes.mark(("a", Note(("b",))))
    assert list(notes.written(write)) == [("1", "a[2]"), ("2", "b")]
