"""Temporaries of generated code: how often each is used, and those that need no line."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping

_TEMPORARY = re.compile(r"\bt\d+\b")
_OPERATION = re.compile(r"(t\d+) ([-+*]) (t\d+)")
_VIEW = re.compile(r"(transpose\(|broadcast_to\(|t\d+\[).*")
_IN_PLACE = {"+": "add_to", "-": "subtract_from", "*": "multiply_by"}


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
    lines: Mapping[str, str],
    results: Mapping[str, str],
    reusable: Mapping[str, Hashable],
    width: int = 64,
) -> tuple[list[str], dict[str, str]]:
    """The lines, short ones that are used once written where they are used; and the results.

    Args:
        reusable: names of arrays whose memory can be used again, with what tells their shapes.
    """
    used = uses(lines, results)
    kept = set(_TEMPORARY.findall(" ".join(results.values())))
    written: dict[str, str] = {}
    code_of: dict[str, str] = {}
    shapes: dict[str, Hashable] = {}
    for code, name in lines.items():
        if name not in used:
            continue
        code = _TEMPORARY.sub(lambda m: _operand(code_of[m[0]], m), code)
        if used[name] == 1 and name not in kept and len(code) < width:
            code_of[name] = code
        else:
            own = code_of[name] = f"t{len(written)}"
            written[own] = code
            if name in reusable:
                shapes[own] = reusable[name]
    results = {n: replaced(code, code_of.__getitem__) for n, code in results.items()}
    return [f"{n} = {c}" for n, c in _in_place(written, results, shapes).items()], results


def _in_place(
    written: dict[str, str], results: Mapping[str, str], shapes: Mapping[str, Hashable]
) -> dict[str, str]:
    """Sums and products that take the memory of an operand, if nothing needs it any more.

    What a view was taken of may be needed for longer than its name is used.
    """
    last = {t: n for n, code in written.items() for t in _TEMPORARY.findall(code)}
    shared = [*results.values(), *filter(_VIEW.match, written.values())]
    last |= dict.fromkeys(_TEMPORARY.findall(" ".join(shared)), "")
    found = dict(written)
    for name, code in written.items():
        operation = _OPERATION.fullmatch(code)
        if operation is None or name not in shapes:
            continue
        left, sign, right = operation.groups()
        for own, other in ((left, right), (right, left)):
            fits = own != other and shapes.get(own) == shapes[name]
            if fits and last[own] == name and (own == left or sign != "-"):
                found[name] = f"{_IN_PLACE[sign]}({own}, {other})"
                break
    return found


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
