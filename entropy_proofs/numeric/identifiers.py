"""Python identifiers that resemble any name."""

from __future__ import annotations

import keyword
import unicodedata

LONGEST = 60  # so that any single operation on two of them fits in a line


def identifier(name: str) -> str:
    """A valid identifier, in the normal form in which Python compares them.

    Different names can have the same one; a valid name of moderate length keeps itself.
    """
    normal = unicodedata.normalize("NFKC", name)
    letters = (c if f"_{c}".isidentifier() else "_" for c in normal)
    found = unicodedata.normalize("NFKC", "".join(letters))[:LONGEST] or "_"
    if not found.isidentifier() and not keyword.iskeyword(found):
        found = f"_{found}"
    return f"{found}_" if keyword.iskeyword(found) else found
