"""Long formulas broken into lines before + and -, outside of brackets where that is possible."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_WIDTHS = {r"\sum": 2.2, r"\log": 2.6, r"\exp": 2.8, r"\det": 2.4, r"\qquad": 4.0, r"\,": 0.3}
_FREE = re.compile(
    r"\\(text|math\w+|boldsymbol|operatorname|[bB]ig[lr]?|[lr]vert|left|right|!|partial)"
)
_SMALL = 0.7  # subscripts and superscripts
_CHANCE = 0.35  # a line is not broken before this share of its width


@dataclass(frozen=True)
class _Segment:
    """A stretch of formula that stays together; depth: the brackets around its first sign.

    A new item of a list has depth -1.
    """

    text: str
    depth: int
    width: float


def broken(text: str, width: float) -> str:
    """The formula in lines of about this many letters, as an `aligned` environment if need be."""
    lines: list[list[_Segment]] = []
    rest = _segments(text)
    while rest:
        room = width if not lines else width - 2 * (1 + rest[0].depth)
        count = _fitting(rest, room)
        lines.append(rest[:count])
        rest = rest[count:]
    if len(lines) == 1:
        return text
    shown = [f"& {_joined(lines[0])}"]
    for line in lines[1:]:
        indent = r"\quad" * (1 + line[0].depth) + " {}" * (line[0].depth >= 0)
        shown.append(f"&{indent}{_joined(line)}" if indent else f"& {_joined(line)}")
    body = " \\\\\n".join(shown)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _joined(line: list[_Segment]) -> str:
    return "".join(segment.text for segment in line).removesuffix(r"\qquad ").strip()


def _fitting(segments: list[_Segment], room: float) -> int:
    """How many segments to put on a line: as many as fit, broken at the outermost sign."""
    total, fitting = 0.0, []
    for count, segment in enumerate(segments, 1):
        total += segment.width
        if total > room and count > 1:
            break
        fitting.append((count, total))
    else:
        return len(segments)
    useful = [count for count, width in fitting if width > _CHANCE * room] or [fitting[-1][0]]
    return min(useful, key=lambda count: (segments[count].depth, -count))


def _segments(text: str) -> list[_Segment]:
    found, start, depth, braces, first = [], 0, 0, 0, 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        braces += {"{": 1, "}": -1}.get(token, 0)
        if braces:
            continue
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token, 0)
        sign = token in "+-" and text[match.start() - 1 : match.end() + 1] == f" {token} "
        if sign and match.start() > start:
            found.append((text[start : match.start()], first))
            start, first = match.start(), depth
        if token == r"\qquad":
            found.append((text[start : match.end() + 1], first))
            start, first = match.end() + 1, -1
    found.append((text[start:], first))
    return [_Segment(part, level, measure(part)) for part, level in found]


def measure(text: str) -> float:
    """About how wide a formula is set, in letters."""
    return _measure([m[0] for m in _TOKEN.finditer(text)])[0]


def _measure(tokens: list[str], start: int = 0) -> tuple[float, int]:
    """The width up to the closing brace, and where that is."""
    width, i = 0.0, start
    while i < len(tokens) and tokens[i] != "}":
        token = tokens[i]
        if token == r"\frac":
            top, i = _measure(tokens, i + 2)
            bottom, i = _measure(tokens, i + 2)
            width += max(top, bottom) * 0.9
        elif token == "{":
            inner, i = _measure(tokens, i + 1)
            width += inner
        else:
            below, i = _scripts(tokens, i)
            own = _width(token)
            width += max(own, below) if token == r"\sum" else own + below
        i += 1
    return width, i


def _scripts(tokens: list[str], i: int) -> tuple[float, int]:
    """How wide the scripts after a token are, one above the other, and where they end."""
    width = 0.0
    while tokens[i + 1 : i + 3] in (["_", "{"], ["^", "{"]):
        inner, i = _measure(tokens, i + 3)
        width = max(width, _SMALL * inner)
    return width, i


def _width(token: str) -> float:
    if token in _WIDTHS:
        return _WIDTHS[token]
    if _FREE.fullmatch(token) or token.isspace() or token in "^_":
        return 0.0
    return 1.6 if token in "+-=" else 1.0
