"""Pages' parts: addresses, text that is markup somewhere, and pages that are not too heavy."""

from __future__ import annotations

from entropy_proofs.atlas.parts import (
    ROOM,
    Fold,
    copied_code,
    html,
    markdown,
    page,
    raw,
    shared_out,
)
from entropy_proofs.document.blocks import Display, Equation, Section
from entropy_proofs.printing.formula import formula


def test_formulas_have_addresses_in_order_also_inside_sections():
    one = Display((Equation(formula("a")), Equation(formula("b"))))
    inner = Section(("t",), (Display((Equation(formula("c")),)),))
    shown = html((one, inner), (), "sum")
    for k in (1, 2, 3):
        assert shown.count(f'id="sum-{k}"') == 1
        assert shown.count(f'href="#sum-{k}"') == 1


def test_text_is_never_markup():
    assert "<" not in copied_code('"><b>').partition("data-copy=")[2].partition(">")[0]
    assert markdown("a_b <c> *d* [e]") == r"a\_b \<c\> \*d\* \[e\]"
    assert "# a\\_b" in page("p", "a_b").text


def test_raw_text_keeps_its_fences_apart():
    assert raw("```").count("`" * 10) == 2


def test_long_derivations_go_to_pages_of_their_own_in_order():
    folds = [Fold(f"f{k}", "t", "x" * (ROOM // 3)) for k in range(7)]
    assert shared_out(folds[:1], ROOM) == [folds[:1]]
    here, *elsewhere = shared_out(folds, ROOM)
    assert here == []
    assert [f for part in elsewhere for f in part] == folds
    assert all(sum(len(f.html()) for f in part) <= ROOM for part in elsewhere)
