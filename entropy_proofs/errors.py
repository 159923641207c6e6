"""The exceptions a user of this package can meet."""

from __future__ import annotations


class InputError(ValueError):
    """Input that cannot be used: a model, its file, or data.

    The message is one line and names the culprit (the file, the variable, the parameter).
    """

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))


class NoIdentity(Exception):
    """A density has no pointwise entropy identity, or none was found.

    Attributes:
        reason: why, in one sentence.
        witness: what shows it, or None when the search merely found nothing.
    """

    def __init__(self, reason: str, witness: object | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.witness = witness
