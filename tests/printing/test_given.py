"""`latex=`: what the grammar allows compiles in every format, what it does not is refused."""

from __future__ import annotations

import contextlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given as over, settings, strategies as st

from entropy_proofs import InputError
from entropy_proofs.printing.typeset.alphabet import ACCENTS
from entropy_proofs.printing.typeset.given import FACES, LETTERS, SIGNS, given, styled
from entropy_proofs.printing.typeset.mathml import mathml
from entropy_proofs.printing.typeset.tex import tex

LETTER = st.sampled_from([*"abcxyzABCXYZ"]) | st.sampled_from(sorted(LETTERS)).map("{} ".format)
SIGN = st.sampled_from(sorted(SIGNS)).map("{} ".format)
DIGIT = st.sampled_from("0123456789")
FACED = st.builds(
    "{}{{{}}}".format, st.sampled_from(sorted(FACES)), st.text("abcABC01", min_size=1, max_size=4)
)


def extended(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inside.map("{{{}}}".format)
    nucleus = LETTER | FACED | st.builds("{}{}".format, st.sampled_from(sorted(ACCENTS)), group)
    atom = (
        nucleus
        | st.builds("{}_{}".format, nucleus, group | DIGIT)
        | st.builds("{}^{}".format, nucleus, group | SIGN)
        | st.builds("{}_{}^{}".format, nucleus, group, group)
        | LETTER.map(lambda x: f"{x.strip()}'")
    )
    return st.builds(
        lambda first, rest: first + "".join(rest), atom, st.lists(atom | DIGIT, max_size=2)
    )


FORMULAS = st.recursive(LETTER, extended, max_leaves=5).filter(lambda text: len(text) <= 60)


@over(FORMULAS)
def test_what_the_grammar_allows_is_a_tree_that_every_format_writes(text):
    try:
        tree = given(text)
    except InputError as error:
        assert "groups stand within" in str(error)
        return
    for shown in (tree, styled(tree, "vector")):
        ElementTree.fromstring(f"<math>{mathml(shown)}</math>")
        assert tex(shown).isascii()
        assert not set(tex(shown)) & set("$%&#~\n")
        assert tex(shown).count("{") == tex(shown).count("}")


@over(FORMULAS)
def test_what_is_written_means_the_same_when_it_is_read_again(text):
    try:
        tree = given(text)
        again = given(tex(tree))
    except InputError as error:
        assert "groups stand" in str(error) or "at most 60" in str(error)
        return
    assert tex(again) == tex(tree)


@over(st.text() | st.text(r"\{}_^'$%&#~xy12 ", max_size=12))
def test_any_text_is_a_formula_or_refused_by_one_line(text):
    try:
        tree = given(text)
    except InputError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("latex=")
        return
    ElementTree.fromstring(f"<math>{mathml(tree)}</math>")


WRONG = {
    "": "is no formula", " ": "is no formula", "x^": "argument", "x_": "argument",
    "a^b^c": "second ^", "a_b_c": "second _", "x'^2": "second ^", "x^2'": "second '",
    "$x$": "'$'", "x%": "'%'", "a&b": "'&'", "#1": "'#'", "a~b": "'~'", 'a"': "'\"'", "a`": "'`'",
    "x\ny": "may not occur", "x\\\\y": "may not occur", "\\": "may not occur", "é": "may not occur",
    r"\input{x}": r"\input", r"\write18{ls}": r"\write", r"\def\a{b}": r"\def",
    r"\csname x\endcsname": r"\csname", r"\catcode`x": r"\catcode", r"\begin{x}": r"\begin",
    r"\frac{a}{b}": r"\frac", r"\text{a b}": r"\text", r"\left(x\right)": r"\left",
    "{x": "} is missing", "x}": "closes nothing", "(x": ") is missing", "x)": "closes nothing",
    "{}": "a group is empty", "_x": "stands on no letter", "'": "stands on no letter",
    r"\hat": "argument", r"\hat_x": "argument", r"\mathbf{\hat{x}}": "a face takes",
    "2": "does not begin with a letter", "+x": "does not begin", "x" * 61: "61 characters",
    "{" * 9 + "x" + "}" * 9: "more than 6 groups", r"\sigm": "did you mean", "a<b": "'<'", "a|b": "'|'",
}  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_formula_is_refused_by_a_line_that_says_why(text):
    with pytest.raises(InputError) as caught:
        given(text)
    assert WRONG[text] in str(caught.value)


def test_no_text_is_no_formula():
    with pytest.raises(InputError):
        given(3)


RIGHT = {
    r"\sigma": r"\sigma", r"\sigma_x^2": r"\sigma_{x}^{2}", r"\hat\beta": r"\hat{\beta}",
    r"\mathbf{W}": r"\mathbf{W}", r"\mathrm{obs}": r"\mathrm{obs}", "x'": "x'", "x''_1": "x''_{1}",
    r"\mathcal{L}": r"\mathcal{L}", r"W^{(1)}": "W^{(1)}", r"\boldsymbol{\mu}_k": r"\boldsymbol{\mu}_{k}",
    "x^*": "x^{*}", r"\tilde{z}_{t}": r"\tilde{z}_{t}", r"\alpha\beta": r"\alpha\beta",
    r"\lambda_{\mathrm{max}}": r"\lambda_{\mathrm{max}}",
}  # fmt: skip


@pytest.mark.parametrize("text", RIGHT)
def test_a_right_formula_is_shown_as_it_says(text):
    assert tex(given(text)) == RIGHT[text]


def test_bold():
    assert tex(styled(given(r"\hat\beta_x"), "vector")) == r"\hat{\boldsymbol{\beta}}_{x}"
    assert tex(styled(given("W"), "matrix")) == r"\mathbf{W}"


def test_formulas_of_the_grammar_compile(pdflatex, tmp_path: Path):
    found: list[str] = []

    @settings(
        max_examples=150,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @over(FORMULAS)
    def collect(text: str) -> None:
        with contextlib.suppress(InputError):
            found.extend(tex(shown) for shown in (given(text), styled(given(text), "vector")))

    collect()
    document = tmp_path / "names.tex"
    lines = [r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"]
    lines += [
        rf"\noindent${shown}_{{1}}$\\" if "_" not in shown else rf"\noindent${{{shown}}}$\\"
        for shown in found
    ]
    document.write_text("\n".join([*lines, r"\end{document}"]), encoding="utf-8")
    log = pdflatex(document)
    assert "! " not in log
