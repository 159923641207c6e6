"""Text that users give is read, never run."""

from __future__ import annotations

from contextlib import suppress

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs.arrays.parsing import expression

RUN = "__import__('pathlib').Path({!r}).touch()"
PLACES = {
    "a step": lambda text: ep.check_steps([text, text]),
    "a step in a list": lambda text: ep.check_steps([[text], text]),
    "a step in a tuple": lambda text: ep.check_steps([(text,), text]),
    "a density": lambda text: ep.identity(text, sp.Symbol("x"), [sp.Symbol("a")]),
    "a density in a list": lambda text: ep.identity([text], sp.Symbol("x"), [sp.Symbol("a")]),
    "a size": lambda text: ep.Model("m").parameter("w", text),
    "a size in a list": lambda text: ep.Model("m").parameter("w", [text]),
    "a plate": lambda text: ep.Model("m").observed("x", ep.Normal(mean=0, variance=1), text),
    "an argument": lambda text: ep.Normal(mean=text, variance=1),
    "an argument in a set": lambda text: ep.exp({text}),
    "an array": lambda text: ep.exp([text]),
    "a matrix": lambda text: ep.logdet([[text]]),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_text_is_not_run(place, tmp_path):
    target = tmp_path / "ran"
    with suppress(ep.InputError, TypeError):
        place(RUN.format(str(target)))
    assert not target.exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x.__class__",
        "(lambda: 1)()",
        "[1, 2]",
        "[i for i in (1,)]",
        "exp(x, evaluate=False)",
        "open('f')",
        "'a'",
        "x if y else z",
        "x = 1",
        "9**9**9",
        "(10**999)**999",
        "factorial(10**6)",
        "exp",
        "I*x",
        "__name__",
        "(" * 500 + "x" + ")" * 500,
        "x" * 30_000,
    ],
)
def test_what_is_no_expression(text):
    with pytest.raises(ep.InputError) as error:
        expression(text)
    assert len(str(error.value)) < 200


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("x^2 + 2*x + 1", "x**2 + 2*x + 1"),
        ("-log(x)/3", "-log(x)/3"),
        ("0.1*x", "x/10"),
        ("Sum(y[i]**2, (i, 1, n))", "Sum(y[i]**2, (i, 1, n))"),
        ("sqrt(pi)*E", "E*sqrt(pi)"),
    ],
)
def test_what_text_means(text, means):
    assert str(expression(text)) == means


def test_names_in_text_are_the_symbols_of_the_chain():
    x = sp.Symbol("x", positive=True)
    steps = ep.check_steps(["log(x^2)", 2 * sp.log(x), "log(x) + log(x)"])
    assert steps.verdict is ep.Verdict.PROVED
    assert steps.conditions == ()
