"""Characters: what TeX's names stand for in Unicode, and text with nothing special left in it."""

from __future__ import annotations

from string import ascii_letters, ascii_uppercase, digits

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε",
    "zeta": "ζ", "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ",
    "varkappa": "ϰ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "varpi": "ϖ",
    "rho": "ρ", "varrho": "ϱ", "sigma": "σ", "varsigma": "ς", "tau": "τ", "upsilon": "υ",
    "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip

_SIGNS = {
    "top": "⊤", "infty": "∞", "partial": "∂", "nabla": "∇", "ell": "ℓ", "hbar": "ℏ", "cdot": "⋅",
    "times": "×", "mapsto": "↦", "to": "→", "sim": "∼", "neq": "≠", "leq": "≤", "geq": "≥",
    "in": "∈", "mid": "∣", "parallel": "∥", "propto": "∝", "approx": "≈", "equiv": "≡",
    "forall": "∀", "dots": "…", "ldots": "…", "cdots": "⋯", "sum": "∑", "prod": "∏", "int": "∫",
    "prime": "′", "star": "⋆", "dagger": "†", "circ": "∘", "perp": "⊥",
    "vec": "→", "hat": "^", "tilde": "~", "bar": "¯", "dot": "˙", "ddot": "¨", "check": "ˇ",
    "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "{": "{", "}": "}",
}  # fmt: skip

#: What a TeX command shows, by its name with the backslash.
CHARACTERS = {rf"\{name}": character for name, character in (_GREEK | _SIGNS).items()}
GREEK = frozenset(rf"\{name}" for name in _GREEK)
ACCENTS = frozenset({r"\vec", r"\hat", r"\tilde", r"\bar", r"\dot", r"\ddot", r"\check"})

#: The functions that TeX has a command for.
FUNCTIONS = frozenset({
    "arg", "cos", "cosh", "cot", "det", "dim", "exp", "inf", "lim", "log", "max", "min", "sin",
    "sinh", "sup", "tan", "tanh",
})  # fmt: skip

_GREEK_SMALL = "αβγδεζηθικλμνξοπρςστυφχψω∂ϵϑϰϕϱϖ"  # in the order of Unicode's bold ones
_GREEK_CAPITALS = frozenset("ΓΔΘΛΞΠΣΥΦΨΩ")
_UPRIGHT = {"calligraphic": "BEFHILMR", "blackboard": "CHNPQRZ"}
_LETTERLIKE = {"calligraphic": "ℬℰℱℋℐℒℳℛ", "blackboard": "ℂℍℕℙℚℝℤ"}
_SPECIAL = {
    "\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "\n": " ", **{c: rf"\{c}" for c in "&%$#_{}"},
}  # fmt: skip


def escaped(text: str) -> str:
    r"""Text that LaTeX shows as it is.

    >>> escaped("a_b%")
    'a\\_b\\%'
    """
    return "".join(_SPECIAL.get(c, c) for c in text)


def styled(name: str, style: str) -> str:
    """A letter or word in Unicode: bold, calligraphic and blackboard letters are characters.

    >>> styled("x", "vector"), styled("E", "blackboard"), styled(r"\\mu", "vector")
    ('𝐱', '𝔼', '𝝁')
    """
    return "".join(_styled(c, style) for c in CHARACTERS.get(name, name))


def _styled(c: str, style: str) -> str:
    if style in _LETTERLIKE and c in _UPRIGHT[style]:
        return _LETTERLIKE[style][_UPRIGHT[style].index(c)]
    if style == "calligraphic" and c in ascii_uppercase:
        return chr(0x1D49C + ord(c) - ord("A"))
    if style == "blackboard" and c in ascii_uppercase:
        return chr(0x1D538 + ord(c) - ord("A"))
    if style not in ("vector", "matrix"):
        return c
    for first, bold in (("A", 0x1D400), ("a", 0x1D41A), ("0", 0x1D7CE)):
        if c in digits + ascii_letters and 0 <= ord(c) - ord(first) < 26:
            return chr(bold + ord(c) - ord(first))
    if c in _GREEK_CAPITALS:  # upright, as TeX has them
        return chr(0x1D6A8 + ord(c) - ord("Α"))
    return chr(0x1D736 + _GREEK_SMALL.index(c)) if c in _GREEK_SMALL else c
