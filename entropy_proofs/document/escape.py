r"""Plain text as plain text in every format: one function each, so that no name can be markup."""

from __future__ import annotations

import html as html_entities
import re
import unicodedata

from entropy_proofs.document.latex.tex_letters import ACCENTS, LETTERS

_TEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}",
    "`": r"\textasciigrave{}", "[": "{[}", "]": "{]}", "*": "{*}",
}  # fmt: skip
LONG = 24  # letters in a word that TeX may break after every PIECE of them
PIECE = 4
_LONG_WORD, _PIECE = re.compile(rf"\S{{{LONG},}}"), re.compile(rf".{{{PIECE}}}(?=.)")
_LIGATURES = re.compile(r"([-',])(?=\1)|([?!])(?=`)")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>$~|]|&(?=#?\w)|(?<=\bwww)\.|:(?=//)")
_STARTS_A_BLOCK = re.compile(r"(#{1,6}|[-+]|=+|-+|:?-+:?)(?=\s|$)|-(?=[-\s]*$)")
_COMPUTED = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def printable(text: str) -> str:
    r"""The text on one line, with a visible stand-in for what has no glyph.

    White space of any kind is a space; control and formatting characters, which could end a line
    or turn its direction, and halves of surrogate pairs, which no file can hold, are shown by
    their code points.

    >>> printable("a\nb\x07 \u202ec")
    'a b[U+0007] [U+202E]c'
    """
    return "".join(_shown(c) for c in text)


def _shown(c: str) -> str:
    if c.isspace():
        return " "
    return f"[U+{ord(c):04X}]" if unicodedata.category(c)[0] == "C" else c


def tex(text: str) -> str:
    r"""For text mode of any TeX that knows LaTeX's own commands: ASCII alone.

    Letters and signs that pdflatex has are written by their commands; others by code points. Words
    that no line may hold can be broken.

    >>> print(tex("50% of \\input{x} & é, σ: 中"))
    50\% of \textbackslash{}input\{x\} \& \'{e}, \ensuremath{\sigma}: \penalty0{}{[}U+4E2D{]}
    """
    shown = unicodedata.normalize("NFC", printable(text))
    shown = _LONG_WORD.sub(lambda word: _PIECE.sub("\\g<0>\1", word[0]), shown)
    return "".join(_tex_letter(c) for c in _LIGATURES.sub("\\g<0>\0", shown))


def _tex_letter(c: str) -> str:
    if c in "\0\1":  # what keeps two signs from being read as one, and where a line may end
        return ["{}", r"\penalty0{}"][ord(c)]
    if c.isascii():
        return _TEX.get(c, c)
    if c in LETTERS:
        return LETTERS[c]
    base, *marks = list(unicodedata.normalize("NFD", c))
    if len(marks) == 1 and marks[0] in ACCENTS and base.isascii():
        base = {"i": r"\i", "j": r"\j"}.get(base, base)
        return rf"\{ACCENTS[marks[0]]}{{{base}}}"
    plain = unicodedata.normalize("NFKC", c)  # 𝐱 is an x, ＝ an equals sign
    if plain.isascii():
        return "".join(_TEX.get(letter, letter) for letter in plain)
    return rf"\penalty0{{}}{{[}}U+{ord(c):04X}{{]}}"


def html(text: str) -> str:
    """For the content of an element and for an attribute in quotes.

    >>> html("<script> & 'x'")
    '&lt;script&gt; &amp; &#x27;x&#x27;'
    """
    return html_entities.escape(printable(text))


def markdown(text: str, *, first: bool = False) -> str:
    r"""For GitHub-flavoured Markdown, inside table cells too.

    first: whether it may begin a block, where `#`, `-` and `1.` mean something.

    >>> print(markdown("# a*b | <i> [c](d)", first=True))
    \# a\*b \| \<i\> \[c\](d)
    """
    shown = _MARKDOWN.sub(r"\\\g<0>", printable(text))
    if first:
        shown = shown.lstrip()
        shown = _NUMBERED.sub(r"\1\\\2", shown)
        shown = "\\" + shown if _STARTS_A_BLOCK.match(shown) else shown
    return shown


def csv(text: str) -> str:
    """For a spreadsheet, which takes a cell that begins with =, +, - or @ for a formula.

    An apostrophe in front says that it is text; the csv module does the quoting.

    >>> csv("=1+1"), csv("-D/2"), csv("x")
    ("'=1+1", "'-D/2", 'x')
    """
    lines = "\n".join(map(printable, text.split("\n")))
    return f"'{lines}" if lines.lstrip().startswith(_COMPUTED) else lines


def label(name: str) -> str:
    """A label or address within a document: letters, digits and `:.-` alone.

    >>> label("tab:entropy sums")
    'tab:entropy-sums'
    """
    return re.sub(r"[^A-Za-z0-9:.-]+", "-", name).strip("-") or "-"
