"""Fields on arrays, from solutions on generic elements."""

from __future__ import annotations

from entropy_proofs import Categorical, Exponential, Model, Normal, prove


def test_what_shifts_all_logits_alike_is_left_out():
    """w and w + 1 are directions of the same probabilities."""
    model = Model("logits")
    w = model.parameter("w", model.dims("K"))
    model.observed("x", Categorical(logits=w))
    assert prove(model).field == {w: w}
    model = Model("logits of a latent")
    K, H = model.dims("K", "H")
    W, b = model.parameter("W", K, H), model.parameter("b", K)
    z = model.latent("z", Normal(mean=0, variance=1), H)
    model.observed("x", Categorical(logits=W @ z + b))
    assert prove(model).field == {W: W / 2, b: b}


def test_a_direction_out_of_a_simplex_costs_no_other_answer():
    """Where nothing is looked up in p no constant is left that would make its components sum to 0."""
    model = Model("a rate, and a variance")
    K = model.dims("K")
    a = model.parameter("a", K, domain="positive", fixed=True)
    s = model.parameter("s", domain="positive")
    model.observed("x", Exponential(rate=a @ model.parameter("p", K, domain="simplex")))
    model.observed("y", Normal(mean=0, variance=s))
    proof = prove(model)
    assert [t.holds for t in proof.terms] == [False, True]
    assert proof.field == {s: -s}
