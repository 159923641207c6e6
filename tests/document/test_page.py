"""Widths by name and as lengths."""

from __future__ import annotations

import pytest

from entropy_proofs.document.page import points
from entropy_proofs.errors import InputError


@pytest.mark.parametrize(
    ("width", "found"),
    [
        ("a4", 345),
        ("letter", 345),
        ("column", 221),
        ("240pt", 240),
        (" 8.5 in", 614.295),
        ("10cm", 284.5276),
    ],
)
def test_points(width, found):
    assert points(width) == pytest.approx(found)


@pytest.mark.parametrize(
    "width", ["", "a5", "wide", "-240pt", "240", "1e9pt", "nanpt", "99pt", "٣٠٠pt"]
)
def test_what_is_no_width_is_said_in_one_line(width):
    with pytest.raises(InputError) as error:
        points(width)
    assert repr(width) in str(error.value)
