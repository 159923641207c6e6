"""statsmodels' local level and dynamic factor models: F is `llf`."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from adapters.agreement import agrees, quick, standardised

import entropy_proofs as ep


@pytest.fixture(scope="module")
def nile(statsmodels) -> np.ndarray:
    """The flow of the Nile, 1871 to 1970."""
    return statsmodels.datasets.nile.load_pandas().data["volume"].to_numpy()


@pytest.fixture(scope="module")
def growth(statsmodels) -> np.ndarray:
    """Of output, consumption, investment and prices, by the quarter."""
    macro = statsmodels.datasets.macrodata.load_pandas().data
    named = macro[["realgdp", "realcons", "realinv", "cpi"]].to_numpy()
    return standardised(np.diff(np.log(named), axis=0))


def factors(statsmodels, x: np.ndarray, steps: int, k: int = 1, order: int = 1, **options):
    """After so many steps of L-BFGS; of none, at the parameters that it starts from."""
    with warnings.catch_warnings(action="ignore"):
        model = statsmodels.tsa.DynamicFactor(x, k_factors=k, factor_order=order, **options)
        return model.fit(disp=0, maxiter=steps) if steps else model.smooth(model.start_params)


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


@pytest.mark.parametrize("noise", ["scalar", "diagonal", "unstructured"])
@pytest.mark.parametrize("k", [1, 2])
def test_f_of_dynamic_factors_is_the_log_likelihood(statsmodels, growth, k, noise):
    """At the parameters that statsmodels starts from, and about them."""
    rng = np.random.default_rng(k)
    results = factors(statsmodels, growth, 0, k, error_cov_type=noise)
    for spread in (0.0, 0.1, 0.1):
        moved = results.params * np.exp(spread * rng.normal(size=len(results.params)))
        there = results.model.smooth(moved)
        found = quick(there, growth)
        agrees(found, there.llf)
    loadings, noises = (
        results.model.param_names[: 4 * k],
        results.model.param_names[4 * k : 4 * k + 4],
    )
    own = {"scalar": ["sigma2"], "diagonal": noises, "unstructured": ["error_cov"]}[noise]
    assert set(found.shares) == {*loadings, *own, "q(f)"}


@pytest.mark.parametrize("length", [10, 1_000])  # longer ones: q/markov/test_peers
def test_f_of_dynamic_factors_at_other_lengths(statsmodels, growth, length):
    x = np.resize(growth, (length, 4))
    results = factors(statsmodels, x, 0, 2)
    agrees(quick(results, x), results.llf)


def test_the_start_of_the_factors_leaves_nothing(statsmodels, growth):
    """Its covariance follows from the transition, which has no share but counts in the gain."""
    early, ended = (factors(statsmodels, growth, n) for n in (20, 500))
    found = ep.audit(ended, growth)
    assert found.stationary
    assert abs(found.gap) < 0.05
    assert not found.regularisers
    found = ep.audit(early, growth)
    assert not found.stationary
    assert found.at_least or found.to_gain == pytest.approx(ended.llf - early.llf, rel=0.1)
    assert found.to_gain <= 1.01 * (ended.llf - early.llf)


def test_a_transition_that_can_gain_is_seen_by_what_is_left(statsmodels, growth):
    """Loadings and noise at their optimum for it have no shares worth the name."""
    model = statsmodels.tsa.DynamicFactor(growth, k_factors=1, factor_order=1)
    with warnings.catch_warnings(action="ignore"):
        ended = model.fit(disp=0, maxiter=500)
        with model.fix_params({"L1.f1.f1": 0.0}):
            held = model.fit(disp=0, maxiter=500)
    there = model.smooth(held.params)
    agrees(quick(there, growth), held.llf)
    found = ep.audit(there, growth)
    assert not found.stationary
    assert found.to_gain == pytest.approx(ended.llf - held.llf, rel=0.05)
    assert found.total_share < 0.1 * found.to_gain
    with pytest.raises(ep.InputError, match=r"L1\.f1\.f1 was held fixed"):
        quick(held, growth)


def test_a_known_start_about_zero_is_that_start(statsmodels, growth):
    model = statsmodels.tsa.DynamicFactor(growth, k_factors=1, factor_order=1)
    model.ssm.initialize_known(np.zeros(1), np.array([[2.5]]))
    results = model.smooth(model.start_params)
    agrees(quick(results, growth), results.llf)
    for start, covariance in (([1.0], [[1.0]]), ([0.0], [[0.0]])):
        model.ssm.initialize_known(np.array(start), np.array(covariance))
        with pytest.raises(ep.InputError, match="start stationary"):
            quick(model.smooth(model.start_params), growth)


@pytest.mark.parametrize("how", ["initialize_approximate_diffuse", "initialize_diffuse"])
def test_a_diffuse_start_of_factors_is_refused(statsmodels, growth, how):
    model = statsmodels.tsa.DynamicFactor(growth, k_factors=1, factor_order=1)
    getattr(model.ssm, how)()
    with pytest.raises(ep.InputError, match=r"start stationary.*diffuse$"):
        quick(model.smooth(model.start_params), growth)


def test_a_likelihood_without_its_first_rows_is_refused(statsmodels, growth):
    model = statsmodels.tsa.DynamicFactor(growth, k_factors=1, factor_order=1)
    model.loglikelihood_burn = 3
    with pytest.raises(ep.InputError, match="without loglikelihood_burn"):
        quick(model.smooth(model.start_params), growth)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"order": 2}, "factor_order=2"),
        ({"order": 0}, "factor_order=0"),
        ({"k": 0}, "k_factors=0"),
        ({"error_order": 1}, "error_order=1"),
        ({"exog": np.arange(202.0)}, "k_exog=1"),
    ],
)
def test_other_dynamic_factor_models_are_refused(statsmodels, growth, options, said):
    with pytest.raises(ep.InputError, match=said):
        quick(factors(statsmodels, growth, 0, **options), growth)


def test_data_that_are_not_those_of_the_factors(statsmodels, growth):
    results = factors(statsmodels, growth, 0)
    with pytest.raises(ep.InputError, match="has 3 columns"):
        quick(results, growth[:, :3])
    with pytest.raises(ep.InputError, match="201 rows"):
        quick(results, growth[1:])
    with pytest.raises(ep.InputError, match="NaN"):
        quick(results, np.where(growth > 3, np.nan, growth))
