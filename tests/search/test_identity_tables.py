"""Indicators that the search sees as elements of a known table."""

from __future__ import annotations

from sympy import KroneckerDelta

from entropy_proofs import Categorical, Model, Verdict, eye, prove
from entropy_proofs.proof.term_results import conditional
from entropy_proofs.search.identity_tables import with_tables, without_tables


def sticky() -> Model:
    """A chain that stays where it is with probability k, or moves by A."""
    model = Model("sticky")
    K, T = model.dims("K", "T")
    A, rho = (model.parameter(n, *s, domain="simplex") for n, s in (("A", (K, K)), ("rho", (K,))))
    k = model.parameter("k", domain="unit interval", fixed=True)
    rows = (1 - k) * A + k * eye(K)
    initial = Categorical(probabilities=rho)
    model.chain(
        "z", initial=initial, length=T, transition=lambda z: Categorical(probabilities=rows[z])
    )
    return model


def test_what_is_added_to_a_diagonal_leaves_a_field():
    assert prove(sticky()).verdict is Verdict.PROVED


def test_an_indicator_is_of_a_table_where_an_array_is_looked_up_too():
    model = sticky()
    stated = [conditional(model, t) for t in model.terms]
    tabled = with_tables(stated)
    assert any(c.log_density.has(KroneckerDelta) for c in stated)
    assert not any(c.log_density.has(KroneckerDelta) for c in tabled)
    assert [without_tables(c.log_density) for c in tabled] == [c.log_density for c in stated]
