"""hmmlearn: F is `score`, at any step and for sequences of several lengths."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised
from sklearn import datasets

import entropy_proofs as ep
from entropy_proofs.adapters.hidden_markov import sequences

IRIS = standardised(datasets.load_iris().data)
COUNTS = datasets.load_digits().data[:120, 20:22].astype(int)
LENGTHS = [60, 30, 60]


@pytest.mark.parametrize("kind", ["diag", "full", "tied", "spherical"])
def test_gaussian_emissions(hmmlearn, kind):
    for steps in (1, 5):
        hmm = hmmlearn.GaussianHMM(2, kind, n_iter=steps, random_state=0).fit(IRIS, LENGTHS)
        found = quick(hmm, IRIS, lengths=LENGTHS)
        assert found.points == 3
        agrees(found, hmm.score(IRIS, LENGTHS))


@pytest.mark.parametrize("kind", ["diag", "full", "spherical"])
def test_the_prior_of_covariances_is_all_that_is_left(hmmlearn, kind):
    with warnings.catch_warnings(action="ignore"):
        hmm = hmmlearn.GaussianHMM(
            2, kind, n_iter=2000, tol=1e-12, covars_prior=0.5, covars_weight=6, random_state=0
        ).fit(IRIS)
    found = ep.audit(hmm, IRIS)
    assert found.stationary
    assert found.reading.startswith("stationary but for covars_prior")
    assert found.total_share < 1e-4 < 1e-2 < abs(found.regularisers["covars_prior"])


def test_an_early_stop_is_seen(hmmlearn):
    hmm = hmmlearn.GaussianHMM(3, n_iter=3, random_state=1).fit(IRIS, LENGTHS)
    found = ep.audit(hmm, IRIS, lengths=LENGTHS)
    assert not found.stationary
    assert "sequences" in str(found)


def test_categories_and_counts(hmmlearn):
    levels = np.unique(COUNTS[:, :1] // 4, return_inverse=True)[1].reshape(-1, 1)
    categorical = hmmlearn.CategoricalHMM(2, n_iter=4, random_state=0).fit(levels, [40, 80])
    found = quick(categorical, levels, lengths=[40, 80])
    agrees(found, categorical.score(levels, [40, 80]))
    poisson = hmmlearn.PoissonHMM(2, n_iter=4, random_state=0).fit(COUNTS)
    agrees(quick(poisson, COUNTS), poisson.score(COUNTS))


def test_other_priors_are_refused(hmmlearn):
    hmm = hmmlearn.GaussianHMM(2, transmat_prior=3.0, random_state=0).fit(IRIS)
    with pytest.raises(ep.InputError, match="transmat_prior"):
        quick(hmm, IRIS)


def test_parts_that_are_held_are_refused(hmmlearn):
    for kind, data, params, held in (
        ("GaussianHMM", IRIS, "stm", "covars_"),
        ("GaussianHMM", IRIS, "mc", "startprob_"),
        ("PoissonHMM", COUNTS, "st", "lambdas_"),
        ("CategoricalHMM", COUNTS[:, :1], "se", "transmat_"),
    ):
        hmm = getattr(hmmlearn, kind)(2, params=params, random_state=0).fit(data)
        with pytest.raises(ep.InputError, match=f"{kind}: {held} was held fixed"):
            quick(hmm, data)


def test_sequences_of_one_length_are_stacked():
    x = np.arange(20.0).reshape(10, 2)
    parts = sequences("a", x, [4, 2, 4])
    assert [p.shape for p in parts] == [(2, 4, 2), (1, 2, 2)]
    assert (parts[0][1] == x[6:]).all()
    assert (parts[1][0] == x[4:6]).all()


@pytest.mark.parametrize("lengths", [[4, 4], [10, 0], [5.5, 4.5], []])
def test_lengths_that_do_not_go_with_the_rows(lengths):
    with pytest.raises(ep.InputError, match="lengths"):
        sequences("a", np.zeros((10, 2)), lengths)
