"""How large a generated function's arrays get along a dim: what batches are cut by."""

from __future__ import annotations

import pytest
from sympy import Integer, symbols

from entropy_proofs.code.kernel import Kernel

N, D, K = symbols("N D K", integer=True, positive=True)
DIMS = {"N": 10, "D": 4, "K": 3}


@pytest.mark.parametrize(("along", "width"), [("N", 12), ("D", 250), ("K", 40)])
def test_the_width_is_that_of_the_largest_array_with_the_dim(along, width):
    kernel = Kernel("", "numpy", [N, N * D * K, 250 * D, Integer(7)])
    assert kernel.width(DIMS, along) == width


def test_no_width_is_zero():
    """A chain of one step has no steps after its first."""
    assert Kernel("", "numpy", [N * (K - 3)]).width(DIMS, "N") == 1 / DIMS["N"]


def test_the_width_of_a_dim_that_no_array_has_is_below_one():
    assert Kernel("", "numpy", [250 * D]).width(DIMS, "N") == 0.1
