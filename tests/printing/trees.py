"""Random formulas, and some of the catalogue's."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from hypothesis import strategies as st

import entropy_proofs as ep
from entropy_proofs import MultivariateNormal, array, logdet
from entropy_proofs.printing.formula import Formula, arrow, equation, formula
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    MINUS,
    PLUS,
    Accent,
    Application,
    BigOperator,
    Fraction,
    Grid,
    Letter,
    Node,
    Number,
    Root,
    Script,
    Sign,
    bracketed,
    phrase,
    separated,
)

STYLES = ("italic", "roman", "vector", "matrix", "calligraphic", "blackboard")
NAMES = ("x", "K", r"\alpha", r"\varphi", r"\Sigma", "rate")

letters = st.builds(Letter, st.sampled_from(NAMES), st.sampled_from(STYLES), st.integers(0, 2))
numbers = st.integers(0, 999).map(lambda n: Number(str(n)))


def _terms(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    pairs = st.lists(st.tuples(st.sampled_from((PLUS, MINUS)), below), min_size=2, max_size=6)
    return pairs.map(
        lambda found: phrase(*[n for pair in found for n in pair][found[0][0] == PLUS :])
    )


def _functions(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    heads = st.sampled_from(
        (Letter("log", "function"), Script(Letter("E", "blackboard"), sub=Letter("q")))
    )
    return st.builds(
        lambda head, a, b: Application(head, bracketed(separated([a, b], COMMA), *"[]")),
        heads,
        below,
        below,
    )


def _breakable(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    limits = BigOperator(r"\sum", phrase(Letter("d"), Sign("="), Number("1")), Letter("D"))
    return st.one_of(
        _terms(below),
        _functions(below),
        below.map(bracketed),
        st.lists(below.map(bracketed), min_size=2, max_size=4).map(lambda found: phrase(*found)),
        below.map(lambda inside: phrase(limits, bracketed(inside))),
        below.map(lambda inside: Script(bracketed(inside), sup=Number("2"))),
    )


def _rigid(below: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Fraction, below, below),
        st.builds(Script, letters, below, st.none() | below),
        below.map(Root),
        letters.map(lambda letter: Accent(r"\vec", letter)),
        below.map(lambda power: Script(Letter("e"), sup=power)),
        st.tuples(below, below, below, below).map(lambda elements: Grid(elements, 2)),
    )


atoms = letters | numbers | st.builds(lambda x, i: Script(x, sub=i), letters, letters)
#: What can be broken everywhere.
sums = st.recursive(atoms, _breakable, max_leaves=30)
trees = st.recursive(atoms, lambda below: _breakable(below) | _rigid(below), max_leaves=30)


def chains(members: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """a = b = c."""
    return st.lists(members, min_size=1, max_size=4).map(lambda all_: separated(all_, Sign("=")))


@cache
def catalogue_formulas() -> tuple[Formula, ...]:
    """What the proofs of some models show: sums, ELBOs, conditions, fields, optima."""
    found: list[Formula] = []
    for name in (
        "ppca",
        "gaussian_mixture",
        "vae_3",
        "linear_dynamical_system",
        "student_t_mixture",
    ):
        proof = ep.prove(ep.load(name))
        found += [formula(proof.elbo), equation("F", proof.entropy_sum), formula(proof.field)]
        found += [equation(*pair) for pair in proof.stationarity.items()]
        found += [arrow(*pair) for pair in proof.latent_flow.items()]
    return (*found, *written_out_formulas())


def written_out_formulas() -> Iterator[Formula]:
    """Of a matrix that is written down element by element."""
    m = ep.Model("m")
    mu, rho = m.parameter("mu", 3), m.parameter("rho", domain="unit interval")
    rows = array([[1, rho, 0], [rho, 2, rho / 2], [0, rho / 2, 1]])
    m.observed("x", MultivariateNormal(mean=mu, covariance=rows))
    yield from map(formula, (rows, logdet(rows), mu @ rows @ mu, array([rho, 1]) * rho))
    yield formula(ep.prove(m).elbo)
