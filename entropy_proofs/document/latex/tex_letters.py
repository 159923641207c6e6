"""Letters and signs beyond ASCII that pdflatex can show, by LaTeX's own commands."""

from __future__ import annotations

#: Combining marks (Unicode) -> accents (LaTeX), in every text encoding.
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u",
    "\u0307": ".", "\u0308": '"', "\u030a": "r", "\u030b": "H", "\u030c": "v", "\u0323": "d",
    "\u0327": "c", "\u0331": "b",
}  # fmt: skip

_TEXT = {
    "ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L",
    "å": "aa", "Å": "AA", "ı": "i", "ȷ": "j", "§": "S", "¶": "P", "©": "copyright",
    "®": "textregistered", "™": "texttrademark", "°": "textdegree", "£": "pounds",
    "€": "texteuro", "¥": "textyen", "¡": "textexclamdown", "¿": "textquestiondown",
    "‘": "textquoteleft", "’": "textquoteright", "“": "textquotedblleft",
    "”": "textquotedblright", "–": "textendash", "—": "textemdash", "…": "textellipsis",
    "•": "textbullet", "†": "textdagger", "‡": "textdaggerdbl", "µ": "textmu",
    "ª": "textordfeminine", "º": "textordmasculine", "·": "textperiodcentered",
}  # fmt: skip

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ϵ": "epsilon",
    "ζ": "zeta", "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa",
    "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "ϱ": "varrho",
    "σ": "sigma", "ς": "varsigma", "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi",
    "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta",
    "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi",
    "Ω": "Omega",
}  # fmt: skip

_SIGNS = {
    "×": "times", "÷": "div", "±": "pm", "∓": "mp", "−": "-", "⋅": "cdot", "≠": "neq", "≤": "leq",
    "≥": "geq", "≈": "approx", "≡": "equiv", "∼": "sim", "∝": "propto", "∞": "infty",
    "∂": "partial",
    "∇": "nabla", "∑": "sum", "∏": "prod", "∫": "int", "√": "surd", "∈": "in", "∉": "notin",
    "⊂": "subset", "⊆": "subseteq", "∪": "cup", "∩": "cap", "∅": "emptyset", "∀": "forall",
    "∃": "exists", "¬": "neg", "∧": "wedge", "∨": "vee", "→": "rightarrow", "←": "leftarrow",
    "↔": "leftrightarrow", "⇒": "Rightarrow", "⇔": "Leftrightarrow", "↦": "mapsto", "⟨": "langle",
    "⟩": "rangle", "∥": "parallel", "⊤": "top", "⊥": "perp", "⊗": "otimes", "⊕": "oplus",
    "⊙": "odot", "‖": "Vert", "∣": "mid", "∘": "circ", "⋆": "star", "⋯": "cdots", "ℏ": "hbar",
    "′": "prime", "ℓ": "ell", "ℋ": "mathcal{H}", "𝔼": "mathrm{E}",
}  # fmt: skip

_DOUBLE = dict(zip("ℂℍℕℙℚℝℤ", "CHNPQRZ", strict=True))
_SCRIPT = dict(zip("ℬℰℱℐℒℳℛ", "BEFILMR", strict=True))
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ", "0123456789+-nT", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))

LETTERS: dict[str, str] = {
    **{c: rf"\{command}{{}}" for c, command in _TEXT.items()},
    **{
        c: rf"\ensuremath{{\{command}}}" if command != "-" else r"\ensuremath{-}"
        for c, command in {**_GREEK, **_SIGNS}.items()
    },
    **{c: rf"\ensuremath{{\mathbb{{{letter}}}}}" for c, letter in _DOUBLE.items()},
    **{c: rf"\ensuremath{{\mathcal{{{letter}}}}}" for c, letter in _SCRIPT.items()},
    **{c: rf"\textsuperscript{{{text}}}" for c, text in _RAISED.items()},
    **{c: rf"\textsubscript{{{text}}}" for c, text in _LOWERED.items()},
    **{"«": r"\ensuremath{\ll}", "»": r"\ensuremath{\gg}", "½": r"\ensuremath{\frac{1}{2}}"},
    **{"Ο": "O", "ο": "o"},
}
# capital and small letters of Greek that look like Latin ones
LETTERS |= dict(zip("ΑΒΕΖΗΙΚΜΝΡΤΧ", "ABEZHIKMNPTX", strict=True))
