"""The exceptions a user of this package can meet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

#: What the tool is for, and what to write instead of what is no conditional: ends of messages.
DIRECTED = (
    "this tool is for directed models: declare each variable after its parents, without cycles"
)
NORMALISED = (
    "this tool is for densities that are normalised over their declared support: subtract the log "
    "of the integral; energies of undirected models and censored data have no such density"
)
DETERMINISTIC = (
    "this tool is for densities, and a function of other variables has none: write the function "
    "itself where the variable would stand, or give it noise"
)
POSITIVE_EVERYWHERE = (
    "this tool is for densities that are positive on all of their support: give what cannot happen "
    "a probability too (a row of a simplex; an EM fit that starts with a zero there keeps it)"
)


def about_arrays(error: BaseException) -> str:
    """The end of a message where Python or NumPy was given a symbol for a number, or an index."""
    if not isinstance(error, TypeError):
        return ""
    if re.search("'Symbol' object cannot be interpreted as an integer", str(error)):
        return "; a size has no value, so no loop runs to it: write w.sum(), A @ w or arange(D)"
    if "expected a sequence of integers or a single integer" in str(error):
        return "; NumPy's arrays have numbers for sizes: a number alone broadcasts, as in mean=0"
    if re.search("indices must be integers|as an int", str(error)):
        return "; a table that a variable indexes is an array: array([[...], [...]])"
    if "loop of ufunc does not support" in str(error):
        return "; NumPy's functions take numbers, those of entropy_proofs (exp, log) expressions"
    return ""


class InputError(ValueError):
    """Input that cannot be used: a model, its file, or data.

    The message is one line and names the culprit (the file, the variable, the parameter).

    >>> import entropy_proofs as ep
    >>> try:
    ...     ep.load("pcpa")
    ... except ep.InputError as error:
    ...     print(error)
    no catalogue model and no file is called 'pcpa'; did you mean 'ppca'?
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class NoNumericForm(InputError, TypeError):
    """Something that no code is written for: a function that no library has."""


class MissingLibrary(InputError):
    """What was asked for needs a library that is not installed."""


class TooLarge(ArithmeticError):
    """Algebra that has grown beyond what is worked on; what needs it is given up."""


class NoIdentity(Exception):
    """A density has no pointwise entropy identity, or none was found.

    Attributes:
        reason: why, in one sentence.
        witness: what shows it, or None when the search merely found nothing.

    >>> import sympy as sp
    >>> import entropy_proofs as ep
    >>> x, m = sp.symbols("x m", real=True)
    >>> try:  # of a Cauchy density a location alone is learned
    ...     ep.identity(-sp.log(sp.pi * (1 + (x - m) ** 2)), x, [m])
    ... except ep.NoIdentity as error:
    ...     print(error.witness is None)
    False
    """

    def __init__(self, reason: str, witness: object | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.witness = witness


@contextmanager
def told_of(name: str) -> Iterator[None]:
    """Around what may refuse an input without knowing its name, which goes before the message."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


@contextmanager
def numbers_for(purpose: str) -> Iterator[None]:
    """Around imports of what computes with numbers; proving alone needs none of it.

    Raises MissingLibrary, which names the purpose and the library, if one is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        raise MissingLibrary(f"{purpose} needs {library}, which is not installed") from None
