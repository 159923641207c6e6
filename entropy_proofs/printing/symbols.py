"""Names in LaTeX: sigma2 is a square, f.U a network's parameter, weight.z a weight of the bound.

Whole arrays are bold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sympy import Expr, Symbol
from sympy.printing.latex import greek_letters_set, tex_greek_dictionary

_LETTER = {"lam": r"\lambda", "lambda_": r"\lambda", "eps": r"\varepsilon"}
_SLICE = {"first": "1", "previous": "", "next": "+1"}
_NAME = re.compile(r"([A-Za-z]+?_?)(\d*)(?:_(\w+))?('*)")


class Name:
    """A label taken apart: letter, subscripts and superscripts; `shift` of a chain's next step."""

    def __init__(self, label: Symbol):
        network, _, name = label.name.rpartition(".")
        if network == "weight":  # of a term of the bound
            network, name = "", f"w_{name}"
        stem, _, step = name.rpartition("_")
        self.shift = 0
        self.sub: list[str] = []
        self.sup: list[str] = [f"({network})"] if network else []
        if stem and step in _SLICE:
            name, self.shift = stem, int(step == "next")
            self.sub += ["1"] if step == "first" else []
        match = _NAME.fullmatch(name)
        if match is None:
            self.letter, number, below, primes = name.replace("_", r"\_"), "", "", ""
        else:
            self.letter, number, below, primes = match.groups(default="")
        self.letter, self.primes = (
            self.letter.rstrip("_") if number or below else self.letter,
            primes,
        )
        if number == "2" and label.is_positive and not below:
            self.sup.append("2")
        elif number:
            self.sub.append(number)
        if below:
            self.sub += [_letter(part, bold=False) for part in below.split("_") if part]

    @property
    def is_square(self) -> bool:
        """sigma2, which is the square of a sigma."""
        return self.sup == ["2"]

    @property
    def is_matrix(self) -> bool:
        return self.letter[:1].isupper()

    def show(self, indices: Sequence[str] = (), power: str = "", bold: bool = False) -> str:
        """With further subscripts and a power."""
        sup = [*self.sup]
        if power and self.is_square and power.isdigit():
            sup = [str(2 * int(power))]
        elif power and not sup:
            sup = [power]
        text = _letter(self.letter, bold) + self.primes
        below = joined([*self.sub, *indices])
        text += f"_{{{below}}}" if below else ""
        text += f"^{{{''.join(sup)}}}" if sup else ""
        taken = not power or (self.is_square and power.isdigit()) or not self.sup
        return text if taken else rf"\bigl({text}\bigr)^{{{power}}}"


def joined(indices: Sequence[str]) -> str:
    """Subscripts side by side, with commas where one is more than a letter."""
    single = all(re.fullmatch(r"(\w|\\[a-z]+)'*", i) for i in indices)
    return ("" if single else ",").join(indices)


def _letter(name: str, bold: bool) -> str:
    plain = _LETTER.get(name)
    if plain is None and name in tex_greek_dictionary:
        plain = tex_greek_dictionary[name]
    elif plain is None and name.lower() in greek_letters_set | {"pi"}:
        plain = f"\\{name}"
    if plain is not None and plain.startswith("\\math"):
        return plain.replace("mathrm", "mathbf") if bold else plain
    if plain is not None:
        return rf"\boldsymbol{{{plain}}}" if bold else plain
    if bold:
        return rf"\mathbf{{{name}}}"
    return name if len(name) == 1 else rf"\mathrm{{{name}}}"


def name_of(expr: Expr) -> Name:
    """The name of a label, or of an element's array."""
    label = getattr(expr, "base", expr)
    return Name(getattr(label, "label", label))
