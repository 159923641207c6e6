"""`audit` on models of known answers: what is said is true, and is one line."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep

IRIS = datasets.load_iris().data


@pytest.fixture(scope="module")
def early() -> GaussianMixture:
    return GaussianMixture(3, tol=0.5, random_state=0).fit(IRIS)


def test_gains_are_those_of_exact_updates(early):
    """One of them is scikit-learn's own EM step."""
    found = ep.audit(early, IRIS, updates=1)
    step = GaussianMixture(
        3,
        max_iter=1,
        tol=0,
        weights_init=early.weights_,
        means_init=early.means_,
        precisions_init=np.linalg.inv(early.covariances_),
    )
    step.fit(IRIS)
    assert found.to_gain == pytest.approx(step.score(IRIS) - early.score(IRIS), rel=1e-6)
    assert found.steps == "1 exact updates" or found.at_least


def test_quick_decides_nothing(early):
    found = ep.audit(early, IRIS, quick=True)
    assert found.to_gain is None
    assert found.stationary is None
    assert found.reading.startswith("not decided")
    assert found.gap == ep.audit(early, IRIS, updates=1).gap


def test_the_reading_names_the_block_with_most(early):
    found = ep.audit(early, IRIS)
    largest = max(found.unshared, key=lambda n: abs(found.unshared[n]))
    assert not found.stationary
    assert found.reading.endswith(f"in {largest}")
    more = abs(found.unshared[largest]) > found.total_share / 2
    assert ("most of the shares" in found.reading) is more
    assert re.match(r"not converged: (about|at least) [\d.e-]+ nats to gain, ", found.reading)


def test_the_tolerance_is_for_each_row(early):
    found = ep.audit(early, IRIS)
    assert ep.audit(early, IRIS, tolerance=2 * found.to_gain).stationary
    assert not ep.audit(early, IRIS, tolerance=found.to_gain / 2).stationary


def test_rows_in_chunks_give_what_rows_at_once_do(early, monkeypatch):
    from entropy_proofs.audits import at_best_q

    at_once = ep.audit(early, IRIS, updates=3)
    monkeypatch.setattr(at_best_q, "ROOM", 100)
    in_parts = ep.audit(early, IRIS, updates=3)
    assert in_parts.elbo == pytest.approx(at_once.elbo, rel=1e-13)
    assert in_parts.to_gain == pytest.approx(at_once.to_gain, rel=1e-9)
    assert in_parts.shares == pytest.approx(at_once.shares, abs=1e-13)
    pca = PCA(2).fit(IRIS)
    assert ep.audit(pca, IRIS, quick=True).elbo == pytest.approx(pca.score(IRIS), rel=1e-12)


def test_memory_does_not_grow_with_the_data(early):
    """Beside the data themselves: four times as many rows ask for no more of it."""
    from tracemalloc import get_traced_memory, start, stop

    rng = np.random.default_rng(0)
    peaks = []
    for rows in (100, 40_000, 160_000):
        x = IRIS[rng.integers(0, len(IRIS), rows)]
        start()
        ep.audit(early, x, quick=True)
        peaks.append(get_traced_memory()[1])
        stop()
    assert peaks[2] < 1.2 * peaks[1] + 1e6


def test_the_record_has_the_public_keys(early):
    assert list(ep.audit(early, IRIS).as_dict()) == [
        "model", "elbo", "entropy_sum", "gap", "predicted_gap", "shares", "total_share",
        "regularisers", "to_gain", "stationary", "reading",
    ]  # fmt: skip


def test_it_shows_itself(early, tmp_path):
    found = ep.audit(early, IRIS)
    for shown in (str(found), found._repr_html_()):
        assert found.reading in shown
        assert "covariances_[2]" in shown
    found.plot(tmp_path / "shares.svg", tmp_path / "shares.png")
    assert "covariances_[2]" not in (tmp_path / "shares.png").read_bytes().decode("latin1")
    assert (tmp_path / "shares.svg").read_text().startswith("<?xml")


def test_no_updates_are_refused(early):
    with pytest.raises(ep.InputError, match="updates"):
        ep.audit(early, IRIS, updates=0)


def test_updates_that_end_in_a_collapse_are_told():
    """Two rows that are alike, and a component about them without reg_covar."""
    x = np.concatenate([np.zeros((2, 1)), np.linspace(5, 9, 30)[:, None]])
    fitted = GaussianMixture(2, covariance_type="spherical", reg_covar=0, random_state=0)
    fitted.weights_, fitted.means_ = np.array([0.1, 0.9]), np.array([[0.01], [7.0]])
    fitted.covariances_ = np.array([1e-3, 1.0])
    with pytest.raises(ep.InputError, match="exact updates end in a collapse"):
        ep.audit(fitted, x)
    assert ep.audit(fitted, x, quick=True).stationary is None
