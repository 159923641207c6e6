"""Krawczyk's test proves zeros that exist, and never one that doesn't."""

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from entropy_proofs.enclosures.krawczyk import (
    NotProved,
    in_box,
    inertia,
    krawczyk,
    polished,
)


@pytest.fixture(autouse=True)
def _precise():
    before, ctx.prec = ctx.prec, 256
    yield
    ctx.prec = before


def square_minus(constant):
    def system(x):
        u = x[0, 0]
        return arb_mat([[u * u - constant]]), arb_mat([[2 * u]])

    return system


def circle_and_line(x):
    u, v = x.entries()
    return arb_mat([[u * u + v * v - 1], [u - v]]), arb_mat([[2 * u, 2 * v], [1, -1]])


def test_a_root_is_proved_and_enclosed():
    found = krawczyk(square_minus(2), polished(square_minus(2), arb_mat([[1.4]])))
    root = found.box[0, 0]
    assert root.overlaps(arb(2).sqrt())
    assert root.rad() < 1e-60


def test_a_system_of_two_equations():
    y = polished(circle_and_line, arb_mat([[0.7], [0.7]]))
    found = krawczyk(circle_and_line, y)
    for x in found.box.entries():
        assert x.overlaps(1 / arb(2).sqrt())
        assert x.rad() < 1e-60


@pytest.mark.parametrize("radius", ["1e-30", "0.1", "0.3"])
def test_a_box_without_a_root_is_not_certified(radius):
    assert in_box(square_minus(2), arb_mat([[2]]), arb(radius)) is None
    assert in_box(square_minus(-1), arb_mat([[arb("0.5")]]), arb(radius)) is None


def test_a_box_with_two_roots_is_not_certified():
    with pytest.raises(NotProved, match="singular"):
        in_box(square_minus(2), arb_mat([[0]]), arb(2))


def test_double_roots_and_no_roots_are_not_proved():
    for system, start in ((square_minus(0), 0.5), (square_minus(-1), 0.7)):
        with pytest.raises(NotProved):
            krawczyk(system, polished(system, arb_mat([[start]])))


@pytest.mark.parametrize("bad", ["nan", "inf"])
def test_a_number_that_is_not_finite_proves_nothing(bad):
    def broken(x):
        return arb_mat([[arb(bad)]]), arb_mat([[1]])

    def broken_jacobian(x):
        return arb_mat([[x[0, 0]]]), arb_mat([[arb(bad)]])

    assert in_box(broken, arb_mat([[0]]), arb("1e-30")) is None
    for system in (broken, broken_jacobian):
        with pytest.raises(NotProved):
            krawczyk(system, polished(system, arb_mat([[0.5]])))


@pytest.mark.parametrize(
    ("eigenvalues", "signs"),
    [([-1, -2, -3], (0, 3)), ([1, 2, 1e-3], (3, 0)), ([-5, 1e-4, 2], (2, 1)), ([0, 1, 2], None)],
)
def test_signs_of_eigenvalues(eigenvalues, signs):
    q, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    v = arb_mat([[arb(float(x)) for x in row] for row in q])
    d = arb_mat([[arb(x) if i == j else 0 for j in range(3)] for i, x in enumerate(eigenvalues)])
    assert inertia(v * d * v.transpose()) == signs


def test_signs_of_what_is_not_finite_are_open():
    assert inertia(arb_mat([[arb("nan")]])) is None
    assert inertia(arb_mat([[arb(0, 1)]])) is None
