"""Names: which ones every format can show as they are, and which was meant by one that is unknown.

The principle: what is declared has a name that is an identifier in ASCII, so that text in any
encoding, code, LaTeX, HTML and tables show it without a change; how a formula shows it is `latex=`.
What is a title is free text on one line, which each format quotes in its own way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from entropy_proofs.errors import DETERMINISTIC, InputError

LONGEST_NAME, LONGEST_TITLE = 40, 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


_WRITTEN_OUT = "Density(...) takes any log density, with its support"
#: What other tools call by a name, and what is written here.
_ELSEWHERE = (
    ("softmax log_softmax", "logits= take what is not normalised, as in Categorical(logits=w)"),
    ("expit", "did you mean 'sigmoid'?"),
    ("Phi ndtr norm_cdf", "the normal distribution function is (1 + erf(x / sqrt(2))) / 2"),
    (
        "Mixture MixtureSameFamily NormalMixture",
        "declare the component as a latent c, Categorical(...), and index with it, as in mu[c]",
    ),
    ("BetaBinomial", "declare the probability as a latent, Beta(...), and Binomial(...) given it"),
    (
        "DirichletMultinomial",
        "declare the probabilities as a latent, Dirichlet(...), and Multinomial(...) given it",
    ),
    ("ChiSquared Chi2", "write Gamma(shape=k / 2, rate=1 / 2) for k degrees of freedom"),
    ("Deterministic Delta PointMass", DETERMINISTIC),
    ("TruncatedNormal HalfStudentT Rayleigh Kumaraswamy Moyal Triangular", _WRITTEN_OUT),
)


def check_spelling(name: Any) -> str:
    """The name, if it is one; raises InputError, with what to write instead, if it is none.

    >>> check_spelling("sigma2")
    'sigma2'
    """
    if not isinstance(name, str):
        raise InputError(f"{name!r} is not a name: a text is wanted, such as 'x'")
    if len(name) > LONGEST_NAME:
        raise InputError(
            f"{name[:20]!r}... is not a name: it has {len(name)} characters, and at most "
            f"{LONGEST_NAME} are shown; latex= says how one is shown in formulas"
        )
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} is not a name: one has letters a-z, digits and _, and no digit "
            f"first{_spelled(name)}; latex= says how one is shown in formulas"
        )
    return name


def check_title(what: str, title: Any) -> str:
    """The title, if it is a line of text; raises InputError if it is none.

    >>> check_title("model", "Mixture of 50 % & more")
    'Mixture of 50 % & more'
    """
    if not isinstance(title, str):
        raise InputError(f"{what}: {title!r} is not a text")
    if len(title) > LONGEST_TITLE:
        raise InputError(
            f"{what}: {title[:20]!r}... has {len(title)} characters, and at most {LONGEST_TITLE} "
            "are shown"
        )
    if not title or title != title.strip() or not title.isprintable():
        raise InputError(f"{what}: {title!r} is not a line of text without blanks around it")
    return title


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """The end of a message about a name that is none of the known ones: the closest, if one is.

    >>> did_you_mean("Nromal", ["Normal", "Gamma"])
    "; did you mean 'Normal'?"
    >>> did_you_mean("x", ["Normal", "Gamma"])
    ''
    """
    import difflib  # when something is wrong, and no sooner

    by_lower = {k.lower(): k for k in known}
    near = difflib.get_close_matches(str(name).lower(), by_lower, n=1)
    return f"; did you mean {by_lower[near[0]]!r}?" if near else ""


def meant(name: object, known: Iterable[str]) -> str:
    """The end of a message about a name that a model file has from elsewhere, or has wrong.

    >>> meant("softmax", ["Normal", "max"])
    '; logits= take what is not normalised, as in Categorical(logits=w)'
    >>> meant("Nromal", ["Normal", "max"])
    "; did you mean 'Normal'?"
    """
    instead = next((said for words, said in _ELSEWHERE if str(name) in words.split()), "")
    return f"; {instead}" if instead else did_you_mean(name, known)


def none_of(name: object, known: Iterable[str]) -> str:
    """What is wrong with a name that is none of the known ones, and the closest of them.

    >>> none_of("postive", ["real", "positive"])
    "'postive' is none of real, positive; did you mean 'positive'?"
    """
    known = list(known)
    return f"{name!r} is none of {', '.join(known)}{did_you_mean(name, known)}"


def letter_name(letter: str) -> str:
    """What a Greek letter is called: sigma, Sigma; nothing for other characters.

    >>> letter_name("Σ"), letter_name("x")
    ('Sigma', '')
    """
    words = unicodedata.name(letter, "").split()
    if words[:1] != ["GREEK"] or "LETTER" not in words:
        return ""
    spelled = words[words.index("LETTER") + 1].lower().replace("lamda", "lambda")
    spelled = spelled.removeprefix("final") or "sigma"
    return spelled.capitalize() if "CAPITAL" in words else spelled


def _spelled(name: str) -> str:
    """; write sigma2 for a name with Greek letters or raised digits."""
    plain = unicodedata.normalize("NFKC", name)
    spelled = "".join(letter_name(c) or c for c in plain)
    return f"; write {spelled!r}" if plain != name or spelled != plain else ""
