"""Where the bound is concave in a block, and where it is not."""

from __future__ import annotations

import pytest
from block_checks import derived

from entropy_proofs import Model, Normal
from entropy_proofs.updates.curvature import curvature


def test_no_maximum_is_claimed_where_the_bound_is_not_concave():
    """A product of two parameters has a saddle; each alone is at a maximum."""
    model = Model("product")
    a, b = model.parameter("a"), model.parameter("b")
    model.observed("x", Normal(mean=a * b, variance=1))
    both = [model.parameters["a"], model.parameters["b"]]
    assert not curvature(model, both).is_maximum
    assert curvature(model, both[:1]).is_maximum
    found = derived(model)
    assert [len(u.parameters) for u in found.m_step] == [1, 1]


@pytest.mark.parametrize("square", [lambda w: w**2, lambda w: -(w**2)])
def test_no_maximum_of_what_bends_upwards(square):
    model = Model("bent")
    w = model.parameter("w")
    model.observed("x", Normal(mean=square(w), variance=1))
    assert not curvature(model, [model.parameters["w"]]).is_maximum
