"""Python identifiers for the names of a model."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable

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


def identifiers(names: Iterable[str], taken: Collection[str]) -> dict[str, str]:
    """Valid and distinct identifiers; a name that is one already keeps it."""
    used = set(taken)
    ordered = list(names)
    found: dict[str, str] = {}
    for name in sorted(ordered, key=lambda n: identifier(n) != n):
        own = identifier(name)
        while own in used:
            own += "_"
        found[name] = own
        used.add(own)
    return {name: found[name] for name in ordered}


def temporary(names: Collection[str]) -> str:
    """What the names of temporaries begin with, so that none is in use."""
    prefix = "t"
    while any(re.fullmatch(rf"{prefix}\d+", name) for name in names):
        prefix += "_"
    return prefix
