"""Names as they are written: sigma2 is a square, f.U a network's parameter, weight.z a weight.

Whole arrays are bold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sympy import Expr, Symbol
from sympy.printing.latex import greek_letters_set, tex_greek_dictionary

from entropy_proofs.printing.typeset.tree import (
    Bracket,
    Letter,
    Node,
    Number,
    Script,
    Style,
    listed,
    phrase,
    raised,
)

_LETTER = {"lam": r"\lambda", "lambda_": r"\lambda", "eps": r"\varepsilon"}
_NAME = re.compile(r"([A-Za-z]+?_?)(\d*)(?:_(\w+))?('*)")


class Name:
    """A label taken apart: letter, subscripts and superscripts."""

    def __init__(self, label: Symbol):
        network, _, name = label.name.rpartition(".")
        if network == "weight":  # of a term of the bound
            network, name = "", f"w_{name}"
        self.sub: list[Node] = []
        self.sup: list[Node] = [Bracket("(", Letter(network), ")")] if network else []
        match = _NAME.fullmatch(name)
        if match is None:
            self.letter, number, below, primes = name, "", "", ""
        else:
            self.letter, number, below, primes = match.groups(default="")
        self.letter, self.primes = (
            self.letter.rstrip("_") if number or below else self.letter,
            primes,
        )
        if number == "2" and label.is_positive and not below:
            self.sup.append(Number("2"))
        elif number:
            self.sub.append(Number(number))
        if below:
            self.sub += [_letter(part) for part in below.split("_") if part]

    @property
    def is_square(self) -> bool:
        """sigma2, which is the square of a sigma."""
        return self.sup == [Number("2")]

    @property
    def is_matrix(self) -> bool:
        return self.letter[:1].isupper()

    def show(
        self, indices: Sequence[Node] = (), power: Node | None = None, style: Style = "italic"
    ) -> Node:
        """With further subscripts and a power."""
        sup, outside = [*self.sup], power
        if self.is_square and isinstance(power, Number):
            sup, outside = [Number(str(2 * int(power.text)))], None
        elif power and not sup:
            sup, outside = [power], None
        letter = _letter(self.letter, style, len(self.primes))
        below = [*self.sub, *indices]
        text = Script(letter, listed(below) if below else None, phrase(*sup) if sup else None)
        shown = text if below or sup else letter
        return raised(Bracket("(", shown, ")", "big"), outside) if outside else shown


def _letter(name: str, style: Style = "italic", primes: int = 0) -> Letter:
    known = _LETTER.get(name) or tex_greek_dictionary.get(name)
    if known is None and name.lower() in greek_letters_set | {"pi"}:
        known = f"\\{name}"
    if known is None:
        known = name
    elif known.startswith(r"\mathrm"):
        return Letter(known[8:-1], "roman" if style == "italic" else style, primes)
    if style == "italic" and len(known) > 1 and known == name:
        return Letter(name, "roman", primes)
    return Letter(known, style, primes)


def name_of(expr: Expr) -> Name:
    """The name of a label, or of an element's array."""
    label = getattr(expr, "base", expr)
    return Name(getattr(label, "label", label))
