"""Characters: what TeX's names stand for in Unicode, and text with nothing special left in it."""

from __future__ import annotations

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
    "lVert": "‖", "rVert": "‖", "lvert": "|", "rvert": "|", "{": "{", "}": "}",
}  # fmt: skip

#: What a TeX command shows, by its name with the backslash.
CHARACTERS = {rf"\{name}": character for name, character in (_GREEK | _SIGNS).items()}
GREEK = frozenset(rf"\{name}" for name in _GREEK)

#: The functions that TeX has a command for.
FUNCTIONS = frozenset({
    "arg", "cos", "cosh", "cot", "det", "dim", "exp", "inf", "lim", "log", "max", "min", "sin",
    "sinh", "sup", "tan", "tanh",
})  # fmt: skip

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
