"""The tree as MathML Core, which browsers show without a script.

Only `mathvariant="normal"` is left of MathML's styles there: bold and the like are characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from entropy_proofs.printing.typeset.alphabet import CHARACTERS, styled
from entropy_proofs.printing.typeset.tree import (
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
    parts_of,
    phrase,
    with_left,
)

_BLANKS = {r"\,": "0.1667em", r"\ ": "0.3333em", r"\quad": "1em", r"\qquad": "2em"}
_SIZES = {  # what stretches has space around it in browsers, so it does only where it must
    "": 'stretchy="false"',
    "big": 'stretchy="false" mathsize="120%"',
    "Big": 'minsize="1.8em" maxsize="1.8em"',
}
_ONE_SIDED = frozenset("()[]{}⟨⟩⌈⌉⌊⌋")  # whose side MathML's dictionary of operators knows
_APPLY = "<mo>\u2061</mo>"
_PRIME = Letter(r"\prime")


def mathml(node: Node) -> str:
    """What goes between <math> and </math>.

    >>> mathml(Script(Letter("x"), sub=Number("1")))
    '<msub><mi>x</mi><mn>1</mn></msub>'
    """
    match node:
        case Letter(_, _, 0):
            return _letter(node)
        case Letter():
            return mathml(Script(node))
        case Number(text):
            return f"<mn>{escape(text)}</mn>"
        case Sign("-"):
            return "<mo>−</mo>"
        case Sign(r"\sim"):  # before all else MathML takes it for a negation, without space
            return f'<mo form="infix">{_character(node.name)}</mo>'
        case Sign(name):
            return f"<mo>{_character(name)}</mo>"
        case Blank(name):
            return f'<mspace width="{_BLANKS[name]}"/>'
        case Words(text):
            ends = "\u00a0" if text[:1] == " " else "", "\u00a0" if text[-1:] == " " else ""
            return f"<mtext>{escape(text.strip().join(ends))}</mtext>"
        case Phrase(parts):
            return f"<mrow>{''.join(_spaced(*pair) for pair in with_left(parts))}</mrow>"
        case Script(base, sub, sup):
            return _script(base, sub, sup)
        case Fraction(top, bottom):
            return f"<mfrac>{mathml(top)}{mathml(bottom)}</mfrac>"
        case Root(inside):
            return f"<msqrt>{mathml(inside)}</msqrt>"
        case Accent(name, base):
            mark = f'<mo stretchy="false" mathsize="60%">{_character(name)}</mo>'
            return f'<mover accent="true">{mathml(base)}{mark}</mover>'
        case Delimiter(name, side, size):
            shown = _character(name)
            known = shown in _ONE_SIDED
            form = "" if known else f'form="{"prefix" if side == "left" else "postfix"}" '
            return f"<mo {form}{_SIZES[size]}>{shown}</mo>"
        case Bracket(left, inside, right, size):
            opening, closing = Delimiter(left, "left", size), Delimiter(right, "right", size)
            return mathml(phrase(opening, inside, closing))
        case Application(head, argument):
            space = "" if isinstance(argument, Bracket) else mathml(Blank())
            return f"<mrow>{mathml(head)}{_APPLY}{space}{mathml(argument)}</mrow>"
        case Grid():
            cells = ("".join(f"<mtd>{mathml(e)}</mtd>" for e in row) for row in node.rows)
            shown = "".join(f"<mtr>{row}</mtr>" for row in cells)
            return f"<mrow><mo>(</mo><mtable>{shown}</mtable><mo>)</mo></mrow>"
        case BigOperator(name, below, above):
            return _limits(f"<mo>{_character(name)}</mo>", below, above, "munder", "mover")


def _spaced(before: Node | None, node: Node) -> str:
    """A part of a phrase, with a space before a function's name where TeX has one.

    A sign after a relation or a bracket belongs to what follows; browsers know that of the first.
    """
    if isinstance(node, Sign) and node.is_binary and before is not None and is_prefix(before):
        return mathml(node).replace("<mo>", '<mo form="prefix">')
    first = parts_of(node.head if isinstance(node, Application) else node)[0]
    named = isinstance(first, Letter) and first.style == "function"
    apart = before is None or isinstance(before, (Sign, Blank, Delimiter, BigOperator))
    return mathml(node) if apart or not named else mathml(Blank()) + mathml(node)


def table(rows: Iterable[tuple[Node, Node]]) -> str:
    """Lines below each other, aligned between their two parts."""
    cells = "".join(
        f'<mtr><mtd style="text-align:right;padding:0">{mathml(left)}</mtd>'
        f'<mtd style="text-align:left;padding:.2em 0">{mathml(right)}</mtd></mtr>'
        for left, right in rows
    )
    return f'<mtable displaystyle="true">{cells}</mtable>'


def _script(base: Node, sub: Node | None, sup: Node | None) -> str:
    if isinstance(base, Letter) and base.primes:
        sup = phrase(*[_PRIME] * base.primes, sup)
        base = Letter(base.name, base.style)
    shown = mathml(base)
    if isinstance(base, Delimiter):  # browsers do not stretch what has a script of its own
        shown = f"<mrow>{shown}</mrow>"
    return _limits(shown, sub, sup, "msub", "msup")


def _limits(base: str, below: Node | None, above: Node | None, under: str, over: str) -> str:
    shown = "".join(mathml(limit) for limit in (below, above) if limit is not None)
    if below is not None and above is not None:
        under += over[1:]
    elif below is None:
        under = over
    return f"<{under}>{base}{shown}</{under}>" if shown else base


def _letter(letter: Letter) -> str:
    shown = escape(styled(letter.name, letter.style))
    if letter.name == r"\prime":
        return f"<mo>{shown}</mo>"
    upright = letter.style == "roman" or (shown.isupper() and letter.name in CHARACTERS)
    normal = upright and len(shown) == 1 and letter.style in ("italic", "roman")
    return f'<mi mathvariant="normal">{shown}</mi>' if normal else f"<mi>{shown}</mi>"


def _character(name: str) -> str:
    return escape(CHARACTERS.get(name, name))
