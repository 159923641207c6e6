"""Temporaries of generated code: how often each is used, and those that need no line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_TEMPORARY = re.compile(r"\bt\d+\b")


def uses(lines: Mapping[str, str], results: Mapping[str, str]) -> dict[str, int]:
    """How often a temporary is used, if it is needed at all.

    Args:
        lines: right-hand side -> name.
        results: name -> code.
    """
    found: dict[str, int] = {}

    def add(code: str) -> None:
        for name in _TEMPORARY.findall(code):
            found[name] = found.get(name, 0) + 1

    for code in results.values():
        add(code)
    for code, name in reversed(list(lines.items())):
        if name in found:
            add(code)
    return found


def is_temporary(code: str) -> bool:
    return bool(_TEMPORARY.fullmatch(code))


def replaced(code: str, by: Callable[[str], str]) -> str:
    """The code, with other code for its temporaries."""
    return _TEMPORARY.sub(lambda m: by(m[0]), code)


def inlined(
    lines: Mapping[str, str], results: Mapping[str, str], width: int = 64
) -> tuple[list[str], dict[str, str]]:
    """The lines, short ones that are used once written where they are used; and the results."""
    used = uses(lines, results)
    kept = set(_TEMPORARY.findall(" ".join(results.values())))
    written: list[str] = []
    code_of: dict[str, str] = {}
    for code, name in lines.items():
        if name not in used:
            continue
        code = _TEMPORARY.sub(lambda m: _operand(code_of[m[0]], m), code)
        if used[name] == 1 and name not in kept and len(code) < width:
            code_of[name] = code
        else:
            code_of[name] = f"t{len(written)}"
            written.append(f"{code_of[name]} = {code}")
    return written, {n: replaced(code, code_of.__getitem__) for n, code in results.items()}


def _operand(code: str, place: re.Match[str]) -> str:
    """The code, in brackets where it would be torn apart."""
    before, after = place.string[: place.start()], place.string[place.end() :]
    alone = before.endswith(("(", ", ")) and after.startswith((")", ", "))
    return code if alone or not _has_operator(code) else f"({code})"


def _has_operator(code: str) -> bool:
    """Whether an operator stands outside all brackets (they have spaces around them)."""
    depth = 0
    for character in code:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in " -":
            return True
    return False
