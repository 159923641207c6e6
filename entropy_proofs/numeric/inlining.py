"""Temporaries of generated code: how often each is used, and those that need no line."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from itertools import accumulate

_TEMPORARY = re.compile(r"\bt\d+\b")
_VIEW = re.compile(r"(transpose\(|broadcast_to\(|t\d+\[).*")
IN_PLACE = {"+": "add_to", "-": "subtract_from", "*": "multiply_by"}


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
            own = code_of[name] = code
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

    def changed(code: str, name: str) -> str:
        parts = _parts(code)
        operands, signs = [*map(_unbracketed, parts[::2])], parts[1::2]
        first = "+" if set(signs) <= {"+", "-"} else "*"
        if not signs or code.startswith("-") or (first == "*" and set(signs) != {"*"}):
            return code
        for k, (sign, own) in enumerate(zip([first, *signs], operands, strict=True)):
            used = _TEMPORARY.findall(written[name]).count(own)
            free = not is_temporary(own) or (last[own] == name and used == 1)
            if free and sign != "-" and shapes.get(own) == shapes[name]:
                others = list(zip([first, *signs], operands, strict=True))
                del others[k]
                code = changed(own, name)
                for by, other in others:
                    code = f"{IN_PLACE[by]}({code}, {other})"
                break
        return code

    return {n: changed(code, n) if n in shapes else code for n, code in written.items()}


def _operand(code: str, place: re.Match[str]) -> str:
    """The code, in brackets where it would be torn apart."""
    before, after = place.string[: place.start()], place.string[place.end() :]
    alone = before.endswith(("(", ", ")) and after.startswith((")", ", "))
    return code if alone else _bracketed(code)


def _bracketed(code: str) -> str:
    return f"({code})" if len(_parts(code)) > 1 or code.startswith("-") else code


def _unbracketed(code: str) -> str:
    whole = code.startswith("(") and code.endswith(")") and _closes(code[1:-1])
    return code[1:-1] if whole else code


def _closes(code: str) -> bool:
    """Whether no bracket is closed before it is opened."""
    depths = accumulate((c in "([") - (c in ")]") for c in code)
    return min(depths, default=0) >= 0


def _parts(code: str) -> list[str]:
    """Operands and operators in turn, outside all brackets: operators have spaces around them."""
    depth, parts = 0, [""]
    for character in code:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character == " ":
            parts.append("")
        else:
            parts[-1] += character
    return parts
