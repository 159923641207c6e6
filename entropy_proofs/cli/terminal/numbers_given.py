"""Numbers in options: of a length that Python reads, finite, and no larger than is of use."""

from __future__ import annotations

import math
from typing import Any

import click

from entropy_proofs.errors import InputError

LARGEST = 2**31 - 1  # of a count
_DIGITS = 40  # that a message shows


def whole_number(name: str, text: str, largest: int = LARGEST, least: int = 1) -> int:
    """A whole number from an option.

    Raises:
        InputError: it is none, or is out of range; the message begins with the name.
    """
    sign, digits = (text[:1], text[1:]) if text[:1] in "+-" else ("", text)
    if not digits.isascii() or not digits.isdigit():
        raise InputError(f"{name}: {_shown(text)} is no whole number")
    value = int(f"{sign}{digits}") if len(digits) <= 20 else None
    if value is None or not least <= value <= largest:
        raise InputError(f"{name}: {_shown(text)} is not from {least} to {largest}")
    return value


def _shown(text: str) -> str:
    return text if len(text) <= _DIGITS else f"{text[:_DIGITS]}... ({len(text)} characters)"


class Whole(click.ParamType):
    """A whole number in a range."""

    name = "integer"

    def __init__(self, largest: int = LARGEST, least: int = 1):
        self.largest, self.least = largest, least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        name = param.opts[0] if param is not None else "a number"
        return whole_number(name, str(value), self.largest, self.least)


class Finite(click.ParamType):
    """A finite number from 0 on."""

    name = "float"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        name = param.opts[0] if param is not None else "a number"
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{name}: {_shown(str(value))} is no number") from None
        if not (math.isfinite(number) and number >= 0):
            raise InputError(f"{name}: {_shown(str(value))} is no finite number from 0 on")
        return number
