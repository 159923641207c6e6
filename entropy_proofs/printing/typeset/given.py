r"""What `latex=` may say, as a tree: a letter with accents, fonts, sub- and superscripts.

A grammar allows, nothing is excluded: what it does not name cannot occur, so that no formula ends
early, defines, reads or runs anything, and every format can write it.

    formula  = atom+                          the first of the whole is a letter, accent or group
    atom     = nucleus primes? ("_" argument)?  |  nucleus ("_" argument)? ("^" argument)?
    nucleus  = letter | digit | sign | accent argument | face argument | {formula} | (formula)
    argument = letter | digit | sign | {formula}
"""

from __future__ import annotations

import re
from dataclasses import replace

from entropy_proofs.errors import InputError
from entropy_proofs.printing.typeset.alphabet import ACCENTS, GREEK
from entropy_proofs.printing.typeset.tree import (
    Accent,
    Bracket,
    Letter,
    Node,
    Number,
    Phrase,
    Script,
    Sign,
    Style,
    phrase,
    rebuilt,
)
from entropy_proofs.spelling import did_you_mean

LONGEST, DEEPEST = 60, 6
FACES: dict[str, Style] = {
    r"\mathrm": "roman",
    r"\mathbf": "vector",
    r"\boldsymbol": "vector",
    r"\mathcal": "calligraphic",
    r"\mathbb": "blackboard",
}
LETTERS = (GREEK - {r"\varkappa"}) | {r"\ell", r"\hbar", r"\infty", r"\partial", r"\nabla", r"\top"}
SIGNS = frozenset("+-*,") | {rf"\{name}" for name in ("star", "dagger", "circ", "perp", "prime")}
_COMMANDS = LETTERS | SIGNS | ACCENTS | FACES.keys()
_TOKEN = re.compile(r"\\[A-Za-z]+|[A-Za-z0-9{}_^'+*,()-]| +", re.ASCII)


def given(text: str) -> Node:
    r"""The formula as a tree.

    Raises InputError, which says what is no part of one.

    >>> given(r"\sigma_x^2")
    Script(base=Letter(name='\\sigma', style='italic', primes=0), \
sub=Letter(name='x', style='italic', primes=0), sup=Number(text='2'))
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError(f"latex={text!r} is no formula")
    if len(text) > LONGEST:
        raise InputError(f"latex={text[:20]!r}... has {len(text)} characters, at most {LONGEST}")
    reader = _Reader(text)
    found = reader.formula(0)
    if reader.next is not None:
        raise InputError(f"latex={text!r}: {reader.next} closes nothing")
    first = next(iter(found.parts)) if isinstance(found, Phrase) else found
    while isinstance(first, (Script, Accent, Phrase)):
        first = first.parts[0] if isinstance(first, Phrase) else first.base
    if not isinstance(first, Letter):
        raise InputError(f"latex={text!r} does not begin with a letter")
    return found


def styled(node: Node, style: Style) -> Node:
    """A name's letters in bold, say; words and other faces stay what they are."""
    if isinstance(node, Letter):
        return replace(node, style=style) if node.style == "italic" else node
    if isinstance(node, Script):
        return replace(node, base=styled(node.base, style))
    return rebuilt(node, lambda part: styled(part, style))


class _Reader:
    """Tokens from left to right."""

    def __init__(self, text: str):
        self._shown, at = repr(text), 0
        self._left: list[str] = []
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._wrong(f"{text[at]!r} may not occur in a name's formula")
            token, at = match[0], match.end()
            if token[0] == "\\" and token not in _COMMANDS:
                near = did_you_mean(token[1:], (c[1:] for c in _COMMANDS)).replace("'", "")
                raise self._wrong(f"{token} may not occur in a name's formula{near}")
            self._left += [] if token.isspace() else [token]
        self._left.reverse()

    def _wrong(self, what: str) -> InputError:
        return InputError(f"latex={self._shown}: {what}")

    @property
    def next(self) -> str | None:
        return self._left[-1] if self._left else None

    def formula(self, depth: int) -> Node:
        """Up to what closes it."""
        if depth > DEEPEST:
            raise self._wrong(f"groups stand within more than {DEEPEST} groups")
        found: list[Node] = []
        while self.next is not None and self.next not in ("}", ")"):
            found.append(self._atom(depth))
        if not found:
            raise self._wrong("a group is empty")
        return phrase(*found)

    def _atom(self, depth: int) -> Node:
        nucleus = self._nucleus(depth)
        below: Node | None = None
        above: Node | None = None
        primes = 0
        while self.next in ("'", "_", "^"):
            mark = self._left.pop()
            if mark == "'" and isinstance(nucleus, Letter) and not (below or above):
                primes += 1
            elif mark == "_" and below is None:
                below = self._argument(depth)
            elif mark == "^" and above is None and not primes:
                above = self._argument(depth)
            else:
                raise self._wrong(f"a second {mark} stands on one letter")
        if isinstance(nucleus, Letter):
            nucleus = replace(nucleus, primes=primes)
        return Script(nucleus, below, above) if below or above else nucleus

    def _nucleus(self, depth: int) -> Node:
        if self.next in ("_", "^", "'"):
            raise self._wrong(f"{self.next} stands on no letter")
        if self.next in ACCENTS:
            return Accent(self._left.pop(), self._argument(depth))
        if self.next == "(":
            self._left.pop()
            return Bracket("(", self._closed(depth, ")"), ")")
        if self.next in FACES:
            return self._in_face(FACES[self._left.pop()], depth)
        return self._argument(depth)

    def _closed(self, depth: int, closing: str) -> Node:
        """A group's contents, and past what closes it."""
        inside = self.formula(depth + 1)
        if self.next != closing:
            raise self._wrong(f"{closing} is missing")
        self._left.pop()
        return inside

    def _in_face(self, style: Style, depth: int) -> Node:
        """A word in a face; a word is letters and digits."""
        inside = self._argument(depth)
        parts = inside.parts if isinstance(inside, Phrase) else (inside,)
        plain = [p.name if isinstance(p, Letter) else getattr(p, "text", None) for p in parts]
        word = "".join(p for p in plain if p)
        if None in plain or (len(parts) > 1 and not word.isalnum()):
            raise self._wrong("a face takes a word or one letter")
        return Letter(word, style)

    def _argument(self, depth: int) -> Node:
        token = self._left.pop() if self._left else ""
        if token == "{":
            return self._closed(depth, "}")
        if token.isdigit():
            return Number(token)
        if token in SIGNS:
            return Sign(token)
        if token in LETTERS or (len(token) == 1 and token.isalpha()):
            return Letter(token)
        raise self._wrong("an argument in braces is missing")
