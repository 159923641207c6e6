"""How wide a formula is: in em of Computer Modern at 10 pt, as TeX's displays set it.

Sums over the atoms of The TeXbook's chapter 17 with the widths of cmmi10, cmr10, cmsy10 and cmex10.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from string import ascii_lowercase, ascii_uppercase

from entropy_proofs.printing.typeset.alphabet import CHARACTERS
from entropy_proofs.printing.typeset.tree import (
    PUNCTUATION,
    Accent,
    Application,
    BigOperator,
    Blank,
    Bracket,
    Delimiter,
    Fraction,
    Grid,
    Letter,
    Node,
    Number,
    Phrase,
    Root,
    Script,
    Sign,
    Style,
    Words,
    is_prefix,
    with_left,
)

# hundredths of an em
_ITALIC = dict(zip(
    ascii_lowercase + ascii_uppercase,
    [53, 43, 43, 52, 47, 60, 51, 58, 34, 47, 55, 32, 88, 60, 48, 50, 48, 48, 47, 36, 57, 52, 74,
     57, 53, 51, 75, 81, 79, 86, 80, 78, 79, 91, 52, 65, 92, 68, 108, 91, 79, 78, 79, 77, 67, 72,
     79, 81, 108, 91, 80, 75],
    strict=True,
))  # fmt: skip
_ROMAN = dict(zip(
    ascii_lowercase + ascii_uppercase,
    [50, 56, 44, 56, 44, 31, 50, 56, 28, 31, 53, 28, 83, 56, 50, 56, 53, 39, 39, 39, 56, 53, 72,
     53, 53, 44, 75, 71, 72, 76, 68, 65, 78, 75, 36, 51, 78, 63, 92, 75, 78, 68, 78, 74, 56, 72,
     75, 75, 103, 75, 75, 61],
    strict=True,
))  # fmt: skip
_GREEK = dict(zip(
    "αβγδϵζηθικλμνξπρστυϕχψωεϑϱςφΓΔΘΛΞΠΣΥΦΨΩ",
    [64, 62, 57, 48, 41, 51, 53, 50, 35, 58, 58, 60, 56, 48, 61, 52, 61, 55, 58, 60, 63, 69, 66,
     47, 59, 52, 44, 65, 63, 83, 78, 69, 67, 75, 72, 78, 72, 78, 72],
    strict=True,
))  # fmt: skip
# how far slanted letters reach over their subscripts, in em
_LEANING = dict.fromkeys("VY", 0.22) | dict.fromkeys("FPTW", 0.14)
_LEANING |= dict.fromkeys(("f", "H", "J", "M", "N", "U", r"\tau"), 0.1)
_OTHER = _GREEK | {"∞": 100, "∂": 58, "ℓ": 42, "⊤": 78, "…": 120, "⋯": 120, "∇": 83, "∀": 56}
_DELIMITERS = {
    **dict.fromkeys("()", (39, 46, 60)),
    **dict.fromkeys("[]", (28, 42, 47)),
    **dict.fromkeys((r"\{", r"\}"), (50, 58, 67)),
    **dict.fromkeys((r"\lVert", r"\rVert"), (50, 56, 56)),
    **dict.fromkeys((r"\lvert", r"\rvert"), (28, 33, 33)),
}
_SIZES = ("", "big", "Big")
_TWO, _TALL = 0.74, 0.88  # brackets beside two rows, and beside more
_SIGNS = {"↦": 100, "→": 100, "!": 28, ",": 28, ";": 28, "∣": 28, "∥": 50, "∈": 67}
_BLANKS = {r"\,": 17, r"\ ": 33, r"\quad": 100, r"\qquad": 200}

DISPLAY, TEXT, SCRIPT, TINY = range(4)  # TeX's styles
_SHRINK = (1.0, 1.0, 0.8, 0.69)

# between atoms: 1 thin, 2 medium, 3 thick; letters where scripts have none
_KINDS = ("ord", "op", "bin", "rel", "open", "close", "punct", "inner")
_BETWEEN = ("01BC000A", "11.C000A", "BB..B..B", "CC.0C00C", "00.00000", "01BC000A", "AA.AAAAA",
            "A1BCA0AA")  # fmt: skip
_SPACES = {"0": 0.0, ".": 0.0, "1": 1 / 6, "A": 1 / 6, "B": 2 / 9, "C": 5 / 18}

Atom = tuple[str, float]  # its kind, its width


def width(node: Node, style: int = DISPLAY) -> float:
    """In em.

    >>> round(width(Phrase((Letter("a"), Sign("="), Letter("b")))), 2)
    2.3
    """
    return total(atoms(node, style), style)


def total(row: Sequence[Atom], style: int = DISPLAY) -> float:
    """The width of atoms side by side."""
    spaces = sum(between(a, b, style) for (a, _), (b, _) in pairwise(row))
    return spaces + sum(wide for _, wide in row)


def between(left: str, right: str, style: int = DISPLAY) -> float:
    """The space that TeX puts there."""
    space = _BETWEEN[_KINDS.index(left)][_KINDS.index(right)]
    return 0.0 if style >= SCRIPT and space.isupper() else _SPACES[space]


def atoms(node: Node, style: int = DISPLAY, before: Node | None = None) -> list[Atom]:
    """What TeX's spacing tells apart; before: what stands on the left."""
    shrink = _SHRINK[style]
    match node:
        case Letter(name, face, primes):
            wide = _letter(name, face) + 0.28 * primes
            return [("op" if face == "function" else "ord", shrink * wide)]
        case Number(text):
            return [("ord", shrink * 0.5 * len(text))]
        case Sign(name):
            wide = _SIGNS.get(CHARACTERS.get(name, name), 78) / 100
            return [(_kind(node, before), shrink * wide)]
        case Blank(name):
            return [("ord", _BLANKS[name] / 100)]
        case Words(text):
            return [("ord", shrink * _word(text))]
        case Phrase(parts):
            return [a for left, part in with_left(parts) for a in atoms(part, style, left)]
        case Script(base, sub, sup):
            *front, (kind, wide) = atoms(base, style) or [("ord", 0.0)]
            lean = shrink * _lean(base)
            below = 0.0 if sub is None else width(sub, _scripts(style)) - lean
            above = 0.0 if sup is None else width(sup, _scripts(style))
            return [*front, (kind, wide + max(below, above) + 0.05)]
        case Fraction(top, bottom):
            smaller = min(style + 1, TINY)
            return [("inner", 0.24 + max(width(top, smaller), width(bottom, smaller)))]
        case Root(inside):
            sign = 0.83 if isinstance(inside, (Letter, Number)) else 1.0
            return [("ord", shrink * sign + width(inside, style))]
        case Accent(_, base):
            return [("ord", width(base, style))]
        case Delimiter(name, side, size):
            wide = _DELIMITERS[name][_SIZES.index(size)]
            return [("open" if side == "left" else "close", shrink * wide / 100)]
        case Bracket(left, inside, right, size):
            opening, closing = Delimiter(left, "left", size), Delimiter(right, "right", size)
            return [part for n in (opening, inside, closing) for part in atoms(n, style)]
        case Application(head, argument):
            return atoms(head, style) + atoms(argument, style)
        case Grid():
            columns = [
                max(width(e, max(style, TEXT)) for e in c) for c in zip(*node.rows, strict=True)
            ]
            bracket = _TWO if len(node.rows) <= 2 else _TALL
            return [("inner", sum(columns) + len(columns) - 1 + 2 * bracket)]
        case BigOperator(_, below, above):
            limits = [width(limit, _scripts(style)) for limit in (below, above) if limit]
            sign = 1.06 * shrink if style else 1.44
            return [("op", sign + max([0.0, *limits]) if style else max([sign, *limits]))]


def _lean(base: Node) -> float:
    match base:
        case Letter(name, "italic"):
            return _LEANING.get(name, 0.0)
    return 0.0


def _scripts(style: int) -> int:
    return SCRIPT if style < SCRIPT else TINY


def _kind(sign: Sign, before: Node | None) -> str:
    if sign.is_binary:
        return "ord" if is_prefix(before) else "bin"
    if sign.name in PUNCTUATION:
        return "punct"
    return "rel" if sign.is_relation else "close"


def _letter(name: str, face: Style) -> float:
    shown = CHARACTERS.get(name, name)
    if face == "function":
        return _word(name)
    if shown in _OTHER:
        wide = _OTHER[shown] / 100
        return 1.15 * wide if face in ("vector", "matrix") else wide
    if face == "italic":
        return sum(_ITALIC.get(c, 50) for c in shown) / 100
    return {"roman": 1.0, "blackboard": 0.98, "calligraphic": 1.1}.get(face, 1.15) * _word(shown)


def _word(text: str) -> float:
    return sum(33 if c == " " else _ROMAN.get(c, 50) for c in text) / 100
