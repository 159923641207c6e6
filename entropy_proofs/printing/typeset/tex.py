"""The tree as LaTeX: amsmath and amssymb are all it needs."""

from __future__ import annotations

import re

from entropy_proofs.printing.typeset.alphabet import CHARACTERS, FUNCTIONS, escaped
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
    Words,
    is_prefix,
    with_left,
)

_FACES = {
    "roman": "mathrm",
    "vector": "mathbf",
    "matrix": "mathbf",
    "calligraphic": "mathcal",
    "blackboard": "mathbb",
    "function": "operatorname",
}


def tex(node: Node, tight: bool = False) -> str:
    r"""One line of LaTeX; tight: without spaces, as in subscripts.

    >>> tex(Script(Letter(r"\mu", "vector"), sub=Letter("k")))
    '\\boldsymbol{\\mu}_{k}'
    """
    match node:
        case Letter():
            return _letter(node)
        case Number(text):
            return text
        case Sign(name):
            return name
        case Blank(name):
            return f"{name} " if name[-1].isalpha() else name
        case Words(text):
            return rf"\text{{{escaped(text)}}}"
        case Phrase(parts):
            return _phrase(parts, tight)
        case Script(base, sub, sup):
            below = "" if sub is None else f"_{{{tex(sub, True)}}}"
            above = "" if sup is None else f"^{{{tex(sup, tight)}}}"
            shown = tex(base, tight)
            return (f"{{{shown}}}" if isinstance(base, Phrase) else shown) + below + above
        case Fraction(top, bottom):
            return rf"\frac{{{tex(top, tight)}}}{{{tex(bottom, tight)}}}"
        case Root(inside):
            return rf"\sqrt{{{tex(inside, tight)}}}"
        case Accent(name, base):
            return rf"{name}{{{tex(base, tight)}}}"
        case Delimiter(name, side, size):
            space = " " if name[-1].isalpha() and side == "left" else ""
            return f"\\{size}{side[0]}{name}{space}" if size else name + space
        case Bracket(left, inside, right, size):
            opening, closing = Delimiter(left, "left", size), Delimiter(right, "right", size)
            return tex(opening) + tex(inside, tight) + tex(closing)
        case Application(head, argument):
            space = "" if isinstance(argument, Bracket) else " "
            return tex(head, tight) + space + tex(argument, tight)
        case Grid():
            rows = (" & ".join(tex(element, tight) for element in row) for row in node.rows)
            return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"
        case BigOperator(name, below, above):
            low = "" if below is None else f"_{{{tex(below, True)}}}"
            high = "" if above is None else f"^{{{tex(above, True)}}}"
            return f"{name}{low}{high} "


def _phrase(parts: tuple[Node, ...], tight: bool) -> str:
    out = ""
    for (before, part), after in zip(with_left(parts), (*parts[1:], None), strict=False):
        text = tex(part, tight)
        if isinstance(part, Sign) and not tight:
            if part.is_relation or (part.is_binary and not is_prefix(before)):
                text = f" {text} "
            elif part.name in PUNCTUATION and not isinstance(after, Blank):
                text += " "
        if text[:1].isalpha() and re.search(r"\\[A-Za-z]+$", out):
            out += " "
        out += text.lstrip(" ") if out.endswith(" ") else text
    return out


def _letter(letter: Letter) -> str:
    name, style = letter.name, letter.style
    if style == "function" and name in FUNCTIONS:
        text = rf"\{name}"
    elif name in CHARACTERS:
        bold = style in ("vector", "matrix")
        text = rf"\boldsymbol{{{name}}}" if bold else name
    elif not re.fullmatch(r"[\w#%&$]*", name, re.ASCII):
        text = rf"\text{{{escaped(name)}}}"
    elif style == "italic":
        text = escaped(name)
    else:
        text = rf"\{_FACES[style]}{{{escaped(name)}}}"
    return text + "'" * letter.primes
