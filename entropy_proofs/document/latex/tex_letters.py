"""Letters and signs beyond ASCII that pdflatex can show, by LaTeX's own commands."""

from __future__ import annotations

from entropy_proofs.printing.typeset.alphabet import ACCENTS as FORMULA_ACCENTS, CHARACTERS

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

_SIGNS = {
    "÷": "div", "±": "pm", "∓": "mp", "−": "-", "√": "surd", "∉": "notin", "⊂": "subset",
    "⊆": "subseteq", "∪": "cup", "∩": "cap", "∅": "emptyset", "∃": "exists", "¬": "neg",
    "∧": "wedge", "∨": "vee", "←": "leftarrow", "↔": "leftrightarrow", "⇒": "Rightarrow",
    "⇔": "Leftrightarrow", "⟨": "langle", "⟩": "rangle", "⊗": "otimes", "⊕": "oplus",
    "⊙": "odot", "‖": "Vert", "ℋ": "mathcal{H}", "𝔼": "mathrm{E}",
}  # fmt: skip

#: What formulas name too, but for accents and what amsmath alone has no command for.
_IN_FORMULAS = {
    c: name[1:]
    for name, c in CHARACTERS.items()
    if not c.isascii() and c not in _TEXT and name not in FORMULA_ACCENTS | {r"\varkappa"}
}

_DOUBLE = dict(zip("ℂℍℕℙℚℝℤ", "CHNPQRZ", strict=True))
_SCRIPT = dict(zip("ℬℰℱℐℒℳℛ", "BEFILMR", strict=True))
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿᵀ", "0123456789+-nT", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋", "0123456789+-", strict=True))

LETTERS: dict[str, str] = {
    **{c: rf"\{command}{{}}" for c, command in _TEXT.items()},
    **{
        c: rf"\ensuremath{{\{command}}}" if command != "-" else r"\ensuremath{-}"
        for c, command in {**_IN_FORMULAS, **_SIGNS}.items()
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
