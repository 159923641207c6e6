"""statsmodels' local level model: F is `llf`."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick

import entropy_proofs as ep


@pytest.fixture(scope="module")
def nile(statsmodels) -> np.ndarray:
    """The flow of the Nile, 1871 to 1970."""
    return statsmodels.datasets.nile.load_pandas().data["volume"].to_numpy()


def fitted(statsmodels, series, steps: int, kind: str = "llevel"):
    with warnings.catch_warnings(action="ignore"):
        return statsmodels.tsa.UnobservedComponents(series, kind).fit(disp=0, maxiter=steps)


def test_f_is_the_log_likelihood(statsmodels, nile):
    for steps in (1, 3, 500):
        results = fitted(statsmodels, nile, steps)
        found = quick(results, nile)
        agrees(found, results.llf)
        assert set(found.shares) == {"sigma2.irregular", "sigma2.level"}


def test_an_early_stop_is_seen(statsmodels, nile):
    early, ended = fitted(statsmodels, nile, 2), fitted(statsmodels, nile, 500)
    found = ep.audit(early, nile)
    assert not found.stationary
    assert found.to_gain == pytest.approx(ended.llf - early.llf, rel=0.2)
    assert ep.audit(ended, nile).stationary


def test_what_is_not_audited(statsmodels, nile):
    with pytest.raises(ep.InputError, match="only the local level model"):
        quick(fitted(statsmodels, nile, 3, "lltrend"), nile)
    with pytest.raises(ep.InputError, match="99 rows"):
        quick(fitted(statsmodels, nile, 3), nile[1:])
