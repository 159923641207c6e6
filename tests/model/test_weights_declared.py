"""Declaring weights of the bound: what is taken, and what is refused by name."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs import (
    Categorical,
    Model,
    Normal,
    Poisson,
    Rational,
)


def declared() -> tuple[Model, dict]:
    m = Model("m")
    n = m.dims("n")
    beta = m.parameter("beta", domain="positive", fixed=True)
    a = m.parameter("a", fixed=True)
    v = m.parameter("v", n, domain="positive", fixed=True)
    s = m.parameter("s", domain="positive")
    z = m.latent("z", Normal(mean=0, variance=s), n)
    x = m.observed("x", Poisson(rate=beta))
    return m, {"beta": beta, "a": a, "v": v, "s": s, "z": z, "x": x, "n": n}


GOOD = {
    "a number": lambda d: 2,
    "a float": lambda d: 0.1,
    "a constant": lambda d: d["beta"],
    "a ratio": lambda d: d["beta"] / (1 + d["beta"]),
    "a dim": lambda d: 1 / d["n"],
    "an element": lambda d: d["v"][0],
    "an exponential": lambda d: ep.exp(d["a"]),
    "NumPy's": lambda d: np.float64(0.5),
}
BAD = {
    "zero": (lambda d: 0, "not known to be positive"),
    "negative": (lambda d: -1, "not known to be positive"),
    "infinite": (lambda d: ep.oo, "not known to be positive"),
    "not a number": (lambda d: float("nan"), "not known to be positive"),
    "of either sign": (lambda d: d["a"], "not known to be positive"),
    "a difference": (lambda d: 1 - d["beta"], "not known to be positive"),
    "learned": (lambda d: d["s"], "learned parameter s"),
    "a variable": (lambda d: ep.exp(d["x"]), "the variable x"),
    "of another model": (lambda d: sp.Symbol("gamma", positive=True), "unknown symbol gamma"),
    "an array": (lambda d: d["v"], "not one number"),
    "a text": (lambda d: "a b", "not a number"),
    "a truth value": (lambda d: True, "not one number"),
    "nothing": (lambda d: None, "not"),
}


@pytest.mark.parametrize("which", GOOD)
def test_weights_that_are_taken(which):
    m, d = declared()
    m.weights({d["z"]: GOOD[which](d)}, q=GOOD[which](d))
    assert m.terms[0].weight == m.q_weight != 1
    assert m.terms[1].weight == 1
    assert not m.q_weight.has(sp.Float)


@pytest.mark.parametrize("which", BAD)
@pytest.mark.parametrize("on", ["z", "q"])
def test_weights_that_are_refused(which, on):
    make, message = BAD[which]
    m, d = declared()
    if which == "nothing" and on == "q":
        m.weights(q=None)
        assert m.q_weight == 1
        return
    with pytest.raises(ep.InputError, match=rf"weight of {on}: .*{message}") as caught:
        m.weights(q=make(d)) if on == "q" else m.weights({d[on]: make(d)})
    assert "\n" not in str(caught.value)
    assert m.q_weight == 1
    assert {t.weight for t in m.terms} == {1}


def test_what_is_weighed_must_be_there_and_once():
    m, d = declared()
    with pytest.raises(ep.InputError, match="beta is not a variable of this model"):
        m.weights({d["beta"]: 2})
    m.weights({d["z"]: 2, d["x"]: d["beta"]}, q=3)
    with pytest.raises(ep.InputError, match="weight of x: set twice"):
        m.weights({d["x"]: 2})
    with pytest.raises(ep.InputError, match="weight of q: set twice"):
        m.weights(q=2)
    assert [t.weight for t in m.terms] == [2, d["beta"]]


def test_without_latents_there_is_no_q_to_weigh():
    m = Model("m")
    m.observed("x", Normal(mean=0, variance=m.parameter("s", domain="positive")))
    with pytest.raises(ep.InputError, match="weight of q: no latent"):
        m.weights(q=2)


def test_a_chain_has_one_weight():
    m = Model("m")
    A = m.parameter("A", 2, 2, domain="simplex")
    z = m.chain(
        "z",
        initial=Categorical(probabilities=[Rational(1, 2)] * 2),
        transition=lambda previous: Categorical(probabilities=A[previous]),
        length=m.dims("T"),
    )
    m.weights({z: 3})
    assert [t.weight for t in m.terms] == [3, 3]
