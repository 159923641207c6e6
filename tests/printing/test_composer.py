"""Fractions keep the brackets that their value needs."""

from __future__ import annotations

import pytest
import sympy as sp

from entropy_proofs.printing.composer import Composer
from entropy_proofs.printing.typeset.tex import tex

a, b, c = sp.symbols("a b c", positive=True)
HALF = sp.Rational(1, 2)


@pytest.mark.parametrize(
    ("factors", "shown"),
    [
        ((HALF, 1 / (a + b)), r"\frac{1}{2(a + b)}"),
        ((HALF, a, 1 / (a + b)), r"\frac{a}{2(a + b)}"),
        ((HALF, a + b, 1 / (b + c)), r"\frac{a + b}{2(b + c)}"),
        ((3 * HALF, a + b, 1 / c), r"\frac{3(a + b)}{2c}"),
        ((a + b, 1 / (b + c)), r"\frac{a + b}{b + c}"),
        ((HALF, a + b, 1 / c), r"\frac{a + b}{2c}"),
    ],
)
def test_a_sum_beside_a_number_is_in_brackets(factors, shown):
    assert tex(Composer().composed(sp.Mul(*factors, evaluate=False))) == shown
