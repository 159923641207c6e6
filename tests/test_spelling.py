"""Names: every one that is an identifier in ASCII, and no other, at every door."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, strategies as st

import entropy_proofs as ep
from entropy_proofs.spelling import check_spelling, check_title, did_you_mean, letter_name, none_of

FIRST = string.ascii_letters + "_"
GOOD = st.builds(
    lambda a, b: a + b, st.sampled_from(FIRST), st.text(FIRST + string.digits, max_size=39)
)


@given(GOOD)
def test_an_identifier_is_a_name(name):
    assert check_spelling(name) == name


@given(st.text())
def test_what_is_no_identifier_in_ascii_is_refused(text):
    if text.isascii() and text.isidentifier() and len(text) <= 40:
        assert check_spelling(text) == text
        return
    with pytest.raises(ep.InputError) as caught:
        check_spelling(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


@given(st.text())
def test_a_title_is_one_line_of_text(text):
    fine = text == text.strip() and text and len(text) <= 200 and text.isprintable()
    if fine:
        assert ep.Model(text).name == text
        return
    with pytest.raises(ep.InputError, match="model: "):
        ep.Model(text)


NORMAL = ep.Normal(mean=0, variance=1)
DOORS = {
    "dims": lambda m, name: m.dims(name),
    "parameter": lambda m, name: m.parameter(name),
    "latent": lambda m, name: m.latent(name, NORMAL),
    "observed": lambda m, name: m.observed(name, NORMAL),
    "chain": lambda m, name: m.chain(
        name, initial=NORMAL, length=3, transition=lambda x: ep.Normal(mean=x, variance=1)
    ),
    "network": lambda m, name: m.network(name, m.latent("z", NORMAL)),
}
BAD = ["", " ", "a b", "a\nb", "a-b", "1a", "f.U", "a'", "<b>", "$a$", "a%", "a&b", r"\a", "é",
       "名", "a\u200b", "µ", "x" * 41, 3, None, b"a"]  # fmt: skip


@pytest.mark.parametrize("door", DOORS)
def test_every_door_takes_names_and_nothing_else(door):
    for name in BAD:
        with pytest.raises(ep.InputError, match="is not a name"):
            DOORS[door](ep.Model("m"), name)
    for name in ("a", "_", "sigma2", "x" * 40, "lambda", "T_0"):
        DOORS[door](ep.Model("m"), name)


def test_the_message_spells_greek_letters():
    for wrong, right in {"σ²": "sigma2", "Σ": "Sigma", "µ_x": "mu_x", "λ": "lambda"}.items():
        with pytest.raises(ep.InputError, match=f"write '{right}'"):
            check_spelling(wrong)


def test_letters():
    assert [letter_name(c) for c in "αΩςσ∑a1"] == ["alpha", "Omega", "sigma", "sigma", "", "", ""]


def test_the_closest_name():
    assert did_you_mean("GAMMA", ["Gamma", "Normal"]) == "; did you mean 'Gamma'?"
    assert did_you_mean("xyz", ["Gamma", "Normal"]) == ""
    assert none_of(3, ["a"]) == "3 is none of a"


def test_titles_say_whose_they_are():
    with pytest.raises(ep.InputError, match="some model: group: 7 is not a text"):
        ep.Model("some model", group=7)
    assert check_title("model", "50 % & <b> $x$ #1 é 名") == "50 % & <b> $x$ #1 é 名"
