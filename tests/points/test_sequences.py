"""Sequences in rows: their order, their lengths, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.points.sequences import Sequences, count_of, sequences_of

X = np.arange(20.0).reshape(10, 2)
LENGTHS = [3, 2, 3, 2]


def test_sequences_of_one_length_are_together_and_come_back_in_order():
    found = sequences_of(ep.prove("hmm_gaussian_diagonal").model, X, LENGTHS)
    assert count_of(found) == 4
    groups = list(found.groups())
    assert [(length, which.tolist()) for length, which, _ in groups] == [(2, [1, 3]), (3, [0, 2])]
    assert groups[0][2]["x"].tolist() == [X[3:5].tolist(), X[8:].tolist()]
    parts = [(which, own["x"]) for _, which, own in groups]
    assert found.joined(parts, over_time=True).tolist() == X.tolist()
    firsts = [(which, own["x"][:, 0]) for _, which, own in groups]
    assert found.joined(firsts, over_time=False).tolist() == X[[0, 3, 5, 8]].tolist()


def test_scalars_may_be_a_column():
    categorical = ep.prove("hmm_categorical").model
    for x in (X[:, 0], X[:, :1]):
        assert sequences_of(categorical, x, LENGTHS)["x"].shape == (1, 10)


@pytest.mark.parametrize(
    ("lengths", "why"),
    [
        ([4, 4], "lengths add up to 8, but X has 10 rows"),
        ([10**30], "lengths add up to 1000000000000000019884624838656, but X has 10 rows"),
        ([], "lengths add up to 0, but X has 10 rows"),
        ([5.5, 4.5], "lengths are whole numbers from 2 on"),
        ([11, -1], "lengths are whole numbers from 2 on"),
        ([np.nan, 10], "lengths are whole numbers from 2 on"),
        (["ten"], "lengths: is not an array of numbers"),
    ],
)
def test_lengths_that_do_not_go_with_the_rows(lengths, why):
    with pytest.raises(ep.InputError, match=why):
        sequences_of(ep.prove("hmm_gaussian_diagonal").model, X, lengths)


@pytest.mark.parametrize(
    ("name", "x", "why"),
    [
        ("ppca", X, "has no chain"),
        ("input_output_hmm", X[:, 0], "u has elements for T steps"),
        ("hmm_gaussian_diagonal", X[:, 0], r"x: the data have shape \(1, 10\)"),
        ("hmm_gaussian_diagonal", {"y": X}, "x: no data given|y: no such observed"),
        ("hmm_poisson", -X, "x: the value"),
        ("hmm_poisson", X + np.nan, "x: contains NaN"),
    ],
)
def test_what_is_no_data_of_sequences(name, x, why):
    with pytest.raises(ep.InputError, match=why):
        sequences_of(ep.prove(name).model, x, LENGTHS)


def test_a_length_that_is_not_the_dim_itself():
    chain = ep.Model("Chain")
    T = chain.dims("T")
    s = chain.parameter("s", domain="positive")
    z = chain.chain(
        "z", initial=ep.Normal(mean=0, variance=1), length=T + 1,
        transition=lambda previous: ep.Normal(mean=previous, variance=s),
    )  # fmt: skip
    chain.observed("x", ep.Normal(mean=z[1:], variance=1), T)
    with pytest.raises(ep.InputError, match="have lengths T \\+ 1, not one dim"):
        sequences_of(chain, X[:, 0], LENGTHS)


def test_data_that_are_not_observed_over_time():
    chain = ep.Model("Chain")
    T = chain.dims("T")
    s = chain.parameter("s", domain="positive")
    z = chain.chain(
        "z", initial=ep.Normal(mean=0, variance=1), length=T,
        transition=lambda previous: ep.Normal(mean=previous, variance=s),
    )  # fmt: skip
    chain.observed("x", ep.Normal(mean=z, variance=1), T)
    chain.observed("y", ep.Normal(mean=z[0], variance=1))
    with pytest.raises(ep.InputError, match="y is not observed at each of the T steps"):
        sequences_of(chain, {"x": X[:, 0], "y": X[:4, 0]}, LENGTHS)


def test_variables_with_other_rows():
    with pytest.raises(ep.InputError, match="n: 9 rows, but 10 of x"):
        sequences_of(ep.prove("coupled_hmm").model, {"x": X, "n": X[:9, 0]}, LENGTHS)


def test_they_are_one_long_sequence():
    found = sequences_of(ep.prove("hmm_gaussian_diagonal").model, X, LENGTHS)
    assert isinstance(found, Sequences)
    assert dict(found)["x"].tolist() == [X.tolist()]
