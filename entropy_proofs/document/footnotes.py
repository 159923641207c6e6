"""Notes below a text or a table, and the marks that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from entropy_proofs.document.blocks import Inlines


@dataclass
class Notes:
    """Notes in the order of their marks; equal ones are one.

    letters: marks a, b, c instead of 1, 2, 3.

    >>> notes = Notes(letters=True)
    >>> notes.mark(("why",)), notes.mark(("how",)), notes.mark(("why",))
    ('a', 'b', 'a')
    """

    letters: bool = False
    _marks: dict[Inlines, str] = field(default_factory=dict)

    def mark(self, content: Inlines) -> str:
        """The mark of a note, which is listed from now on."""
        number = len(self._marks)
        mark = _letters(number) if self.letters else f"{number + 1}"
        return self._marks.setdefault(content, mark)

    def written(self, write: Callable[[Inlines], str]) -> Iterator[tuple[str, str]]:
        """(mark, what was written), for notes within notes too."""
        done = 0
        while done < len(self._marks):
            content, mark = list(self._marks.items())[done]
            done += 1
            yield mark, write(content)


def _letters(number: int) -> str:
    """a ... z, aa, ab, ..."""
    more, last = divmod(number, 26)
    return (_letters(more - 1) if more else "") + "abcdefghijklmnopqrstuvwxyz"[last]
