"""Monomials that v's part of an equation is solved for."""

from __future__ import annotations

from sympy import symbols

from entropy_proofs.search.equations import _divide

A, X, Y = symbols("a x y")


def test_what_depends_on_v_divides_or_nothing_does():
    own = frozenset([X, Y])
    for mono, by, quotient in (
        ({X: 2, A: 1}, {X: 1}, {X: 1, A: 1}),
        ({X: 1, Y: 1}, {Y: 1, A: 2}, {X: 1, A: -2}),
        ({X: 1}, {X: 1}, {}),
        ({X: 1}, {X: 2}, None),
        ({X: 1, A: 3}, {Y: 1, A: 1}, None),
    ):
        found = _divide(frozenset(mono.items()), frozenset(by.items()), own)
        assert found == (None if quotient is None else frozenset(quotient.items()))
