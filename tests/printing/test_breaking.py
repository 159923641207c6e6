"""Broken formulas: nothing is lost, every line fits, and breaks are where readers expect them."""

from __future__ import annotations

import re
from itertools import pairwise
from math import inf

import pytest
from hypothesis import given, settings, strategies as st

from entropy_proofs.printing.formula import Formula, commas, formula, relation, total
from entropy_proofs.printing.typeset.breaking import _Row, broken
from entropy_proofs.printing.typeset.tex import tex
from entropy_proofs.printing.typeset.tree import (
    BETWEEN,
    Application,
    BigOperator,
    Blank,
    Delimiter,
    Fraction,
    Letter,
    Number,
    Root,
    Script,
    Sign,
    bracketed,
    phrase,
)
from entropy_proofs.printing.typeset.widths import DISPLAY, width
from printing.trees import catalogue_formulas, chains, sums, trees

WIDTHS = st.floats(6, 60)
X, LOG = Letter("x"), Letter("log", "function")


def unspaced(text: str) -> str:
    return re.sub(r"\s|\\q?quad", "", text)


@settings(max_examples=100, deadline=None)
@given(chains(sums), WIDTHS)
def test_the_lines_joined_give_the_formula(node, within):
    shown = "".join(tex(part) for line in broken(node, within) for part in line)
    assert unspaced(shown) == unspaced(tex(node))


@settings(max_examples=60, deadline=None)
@given(chains(trees), WIDTHS)
def test_every_line_fits_unless_it_is_one_piece(node, within):
    for left, right in broken(node, within):
        if width(left) + width(right) > within + 1e-6:
            row = _Row(right, within, DISPLAY)
            ends = [k for k in range(1, len(row.pieces)) if may_end(row, k)]
            pieces = pairwise([0, *ends, len(row.pieces)])
            steps = 3 + width(left)
            assert any(row.width(i, j) + steps > within for i, j in pieces), tex(right)


def may_end(row, k) -> bool:
    """Whether a line may end before a piece; an argument's bracket stays with its function."""
    before, node = (piece.node for piece in row.pieces[k - 1 : k + 1])
    head = before.base if isinstance(before, Script) else before  # E_q, too
    applied = isinstance(head, Letter) and head.style in {"function", "blackboard"}
    opens = isinstance(node, Delimiter) and node.side == "left"
    return row.cost(k, True) < inf and not (applied and opens)


def test_the_bracket_of_an_argument_stays_with_its_function():
    power = bracketed(Root(Application(LOG, bracketed(phrase(X, Sign(","), Number("0"))))))
    node = phrase(X, Sign("="), Script(Letter("e"), sup=Root(Script(power, sup=Number("2")))))
    lines = broken(node, 7.0)
    assert len(lines) > 1
    assert not any(tex(right).endswith((r"\exp", r"\log")) for _, right in lines)


@pytest.mark.parametrize("within", [20.0, 34.5, 60.0])
def test_the_catalogue_fits(within):
    for shown in catalogue_formulas():
        for line in shown.lines(within):
            assert line.left.width + line.right.width <= within, line.latex


def letters(*names: str) -> Formula:
    return total(*(("+", name) for name in names))


LONG = letters(*"abcdefgh")


@pytest.mark.parametrize(
    ("shown", "within", "lines"),
    [
        (relation("a", "=", "b"), 9, ["a & = b"]),
        (relation("a", "=", LONG, "=", "c"), 16,
         ["a & = a + b + c + d + e + f + g + h", "& = c"]),
        (relation("a", "=", LONG), 10.5,
         ["a & = a + b + c + d + e", r"& \quad + f + g + h"]),
        (LONG, 9, ["& a + b + c + d + e", r"& \quad + f + g + h"]),
        (total(("-", "a"), ("-", LONG)), 9,
         ["& {-}a - (a + b + c + d", r"& \quad + e + f + g + h)"]),
        (formula({"a": "b", "c": "d", "e": "f"}), 12,
         [r"a & \mapsto b,", r"c & \mapsto d,", r"e & \mapsto f"]),
    ],
)  # fmt: skip
def test_where_lines_end(shown, within, lines):
    assert [line.latex for line in shown.lines(within)] == lines


def test_a_long_left_side_has_a_line_of_its_own():
    lines = relation(LONG, "=", LONG).lines(15)
    assert [line.latex for line in lines] == [f"& {LONG.latex}", rf"& \quad = {LONG.latex}"]


def test_the_left_side_leaves_room_for_its_neighbours():
    alone, aligned = (relation("a", "=", LONG).lines(17, left) for left in (0, 6))
    assert (len(alone), len(aligned)) == (1, 2)
    (apart,) = relation("a", "=", LONG).lines(17, left=10)
    assert apart.latex == f"& a = {LONG.latex}"


@pytest.mark.parametrize(
    ("node", "start"),
    [
        (Fraction(LONG.tree, Letter("n")), r"& \frac{1}{n}(a + b"),
        (Fraction(Letter("n"), LONG.tree), "& n(a + b"),
        (Fraction(Number("1"), LONG.tree), "& (a + b"),
        (Root(LONG.tree), "& (a + b"),
    ],
)
def test_what_is_too_wide_is_written_in_other_ways(node, start):
    assert Formula(node).lines(20)[0].latex == f"& {tex(node)}"
    lines = Formula(node).lines(9)
    assert len(lines) > 1
    assert lines[0].latex.startswith(start)


def test_steps_are_blanks():
    _, second = LONG.lines(9)
    assert second.right.tree.parts[0] == Blank(r"\quad")


def test_a_statement_after_a_sum_sign_is_one_of_its_own():
    """What the sign reaches over ends there, else a line would end before the second relation."""
    sign = BigOperator(r"\sum", Letter("k"), Letter("K"))
    first = phrase(Letter("A"), Sign("="), sign, LONG.tree)
    lines = Formula(phrase(*first.parts, BETWEEN, *relation("h", "=", "u").tree.parts)).lines(9)
    assert lines[-1].latex == "h & = u"


def test_commas_end_lines_inside_brackets():
    shown = Formula(bracketed(commas(*"abcdefghijklmnop").tree))
    assert all(line.latex.endswith((",", ")")) for line in shown.lines(7))
