"""Formulas in lines that fit, alone and beside others."""

from __future__ import annotations

import re

import pytest

from entropy_proofs.document.blocks import Equation
from entropy_proofs.document.fitting import aligned, flowing, least_width, pieces, text_width
from entropy_proofs.printing.formula import Formula, called, formula, relation, total
from entropy_proofs.printing.typeset.tree import BETWEEN, parts_of, phrase

SUM = total(*(("+", letter) for letter in "abcdefghijkl"))
SHORT, LONG = relation("x", "=", SUM), relation(called("entropy", "x", "y", "z"), "=", SUM)


@pytest.mark.parametrize("room", [6.0, 9.0, 14.0, 40.0])
def test_pieces_fit_and_lose_nothing(room):
    shown = pieces(SUM, room)
    assert max(piece.inline_width for piece in shown) <= room
    joined = " ".join(piece.latex.replace(r"\quad", "") for piece in shown)
    assert joined.split() == SUM.latex.split()


@pytest.mark.parametrize("room", [6.0, 9.0, 14.0])
def test_statements_side_by_side_stay_apart_in_a_line_that_flows(room):
    """Else x = a + b y = c would be read as a product."""
    both = Formula(phrase(*parts_of(SHORT.tree), BETWEEN, *parts_of(LONG.tree)))
    shown = [piece.latex for piece in flowing(both, room)]
    starts = [k for k, piece in enumerate(shown) if piece.startswith((r"\quad", "x"))]
    assert len(starts) == 2
    assert "entropy" in shown[starts[1]]
    joined = re.sub(r"\\(,|quad|qquad)", "", " ".join(shown))
    assert joined.split() == both.latex.replace(r"\qquad", "").split()


def test_what_cannot_be_broken_keeps_its_width():
    letter = formula("x")
    assert least_width(letter) == letter.inline_width
    assert least_width(SUM) < SUM.inline_width


def test_formulas_align_at_their_relations_where_there_is_room():
    lines = [line for found in aligned((Equation(SHORT), Equation(LONG)), 30.0) for line in found]
    left = max(line.left.width for line in lines)
    assert left > 0
    assert all(left + line.right.width <= 30 for line in lines)


def test_where_one_has_no_room_none_is_aligned():
    lines = [line for found in aligned((Equation(SHORT), Equation(LONG)), 14.0) for line in found]
    assert not any(line.left.width for line in lines)
    assert all(line.right.width <= 14 for line in lines)


def test_text_is_not_taken_for_narrower_than_its_letters():
    assert text_width("<<<<") > text_width("iiii")
    assert text_width("日") > 3
