"""When learning stops: by the gap, or as it came to nothing; and when it must not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.exceptions import ConvergenceWarning

import entropy_proofs as ep
from entropy_proofs.learn.stopping import PATIENCE, GapRule


def fed(gaps, elbos=None, tolerance=1e-3):
    """After how many iterations the rule stops, or None."""
    rule = GapRule(tolerance)
    for k, gap in enumerate(gaps):
        if rule.reached(gap, 0.0 if elbos is None else elbos[k]):
            return k + 1
    return None


def test_a_gap_that_stays_small_stops():
    assert fed([1.0, 0.1, *[1e-4] * 20]) == 2 + PATIENCE


def test_a_zero_crossing_does_not_stop():
    """v·∇F passes zero slowly, many times, and stays there for less than the patience."""
    crossing = [*np.linspace(1, 0.01, 5), *[0.0] * (PATIENCE - 1), *np.linspace(-0.01, -1, 5)]
    assert fed(crossing * 5) is None
    assert fed([1e-4, 2e-3] * 50) is None


def test_a_small_gap_while_F_still_rises_does_not_stop():
    assert fed([0.0] * 50, elbos=0.01 * np.arange(50)) is None


def test_nan_does_not_stop():
    assert fed([float("nan")] * 50) is None


def test_a_run_stops_where_the_gap_is_small_and_not_before(wine):
    options = {"random_state": 0, "backend": "numpy", "optimizer": "l-bfgs"}
    runs = {
        tol: ep.fit("factor_analysis", wine, sizes={"H": 2}, tol=tol, **options)
        for tol in (1e-2, 1e-6)
    }
    for tol, learned in runs.items():
        assert learned.converged_
        assert learned.stopped_by_.startswith("|v·∇F| <=")
        gaps = np.abs(learned.history_["predicted_gap"])
        assert (gaps[-PATIENCE:] <= tol).all()
        assert abs(learned.gap_) <= tol
    assert runs[1e-2].n_iter_ < runs[1e-6].n_iter_
    first = np.argmax(np.abs(runs[1e-6].history_["predicted_gap"]) <= 1e-3)
    assert runs[1e-6].n_iter_ > first + PATIENCE


def test_few_iterations_are_no_convergence(wine):
    with pytest.warns(ConvergenceWarning, match="max_iter = 3"):
        learned = ep.fit("factor_analysis", wine, sizes={"H": 1}, max_iter=3, backend="numpy")
    assert not learned.converged_
    assert learned.n_iter_ == 3


def test_mini_batches_stop_by_the_mean_over_the_data(iris):
    options = {"optimizer": "adam", "batch_size": 50, "learning_rate": 0.02, "backend": "numpy"}
    learned = ep.fit(
        "gaussian_mixture_diagonal", iris, sizes={"K": 2}, tol=0.02, random_state=0, **options
    )
    assert learned.converged_
    assert learned.n_iter_ % 3 == 0
    epochs = learned.history_["predicted_gap"].reshape(-1, 3).mean(axis=1)
    assert (np.abs(epochs[-PATIENCE:]) <= 0.02).all()


# failures -----------------------------------------------------------------------------------------
def finite(learned):
    assert not learned.converged_
    assert np.isfinite([learned.elbo_, learned.entropy_sum_, learned.gap_]).all()
    assert all(np.isfinite(a).all() for a in (*learned.parameters_.values(), *learned.q_.values()))


@pytest.mark.parametrize("optimizer", ["l-bfgs", "em"])
def test_a_collapsing_scale_is_named(optimizer):
    rng = np.random.default_rng(0)
    line = rng.normal(size=(40, 1)) * np.ones(3)
    with pytest.warns(ConvergenceWarning, match="sigma2 collapsed"):
        learned = ep.fit("ppca", line, sizes={"H": 1}, random_state=0, optimizer=optimizer)
    finite(learned)


@pytest.mark.parametrize("optimizer", ["l-bfgs", "em"])
def test_a_singular_component_is_named(iris, optimizer):
    """A component that starts at one of many equal data points."""
    options = {"optimizer": optimizer, "random_state": 0, "backend": "numpy"}
    x = np.concatenate([iris, np.tile(iris[:1] + 5, (20, 1))])
    with pytest.warns(ConvergenceWarning, match="Sigma collapsed"):
        learned = ep.fit("gaussian_mixture", x, sizes={"K": 4}, **options)
    finite(learned)


@pytest.mark.parametrize("optimizer", ["l-bfgs", "em"])
def test_a_dead_component_is_named(iris, optimizer):
    options = {"optimizer": optimizer, "backend": "numpy"}
    start = {"mu": np.array([iris.mean(axis=0), iris.mean(axis=0) + 200])}
    with pytest.warns(ConvergenceWarning, match=r"rho\[1\] went to zero"):
        learned = ep.fit("gaussian_mixture_tied", iris, sizes={"K": 2}, init=start, **options)
    finite(learned)


def test_divergence_keeps_the_last_finite_state(wine):
    with pytest.warns(ConvergenceWarning, match="finite numbers"):
        learned = ep.fit(
            "ppca", wine, sizes={"H": 2}, optimizer="sgd", learning_rate=1e4, backend="numpy",
            random_state=0,
        )  # fmt: skip
    finite(learned)
    assert learned.n_iter_ < 1000


DATA = np.random.default_rng(1).normal(size=(60, 3))
ORDINARY = {
    "a large mean": DATA + 1e5,
    "one outlier": np.concatenate([DATA, [[1e5] * 3]]),
    "clusters far apart": np.concatenate([DATA, DATA + 1e6]),
    "mixed scales": DATA * [1e-4, 1, 1e4],
}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("case", ORDINARY)
def test_ordinary_scales_are_not_called_collapsed(case):
    fitted = ep.VariationalEstimator("ppca", sizes={"H": 1}, backend="numpy", max_iter=150)
    fitted.fit(ORDINARY[case])
    assert "collapsed" not in fitted.stopped_by_
    assert fitted.parameters_["sigma2"] > 1e-10


@pytest.mark.parametrize("value", [0.0, 7.0, 1e5])
def test_data_that_do_not_vary_have_no_maximum(value):
    fitted = ep.VariationalEstimator("ppca", sizes={"H": 1}, backend="numpy", random_state=0)
    with pytest.warns(ConvergenceWarning, match="sigma2 collapsed to zero"):
        fitted.fit(np.full((20, 3), value))
    assert not fitted.converged_


def test_sparse_counts_are_counts():
    from scipy.sparse import csr_matrix

    x = np.random.default_rng(0).poisson(1.0, (20, 3)).astype(float)
    options = {"sizes": {"K": 2}, "backend": "numpy", "max_iter": 5, "random_state": 0}
    with pytest.warns(ConvergenceWarning):
        dense, sparse = (
            ep.VariationalEstimator("poisson_mixture", **options).fit(data)
            for data in (x, csr_matrix(x))
        )
    assert dense.elbo_ == sparse.elbo_


def test_what_the_data_say_nothing_of_is_named():
    """A chain of one step has no slope; its functions are numbers."""
    model = ep.Model("one step")
    T, a = model.dims("T"), model.parameter("a")
    s = model.parameter("s", domain="positive")
    model.chain(
        "x", initial=ep.Normal(mean=0, variance=s), length=T, observed=True,
        transition=lambda previous: ep.Normal(mean=a * previous, variance=s),
    )  # fmt: skip
    x = np.random.default_rng(0).normal(size=(6, 1))
    with pytest.warns(ConvergenceWarning, match="the update of a is no number"):
        fitted = ep.VariationalEstimator(model, optimizer="em").fit(x)
    assert fitted.stopped_by_ == "the update of a is no number: the data say nothing of it"
    found = ep.compile(ep.prove(model)).elbo(a=0.5, s=2.0, x=x)
    assert found == pytest.approx(norm(0, 2**0.5).logpdf(x).mean())


def test_a_variance_between_groups_that_is_zero_is_no_collapse():
    """F is bounded there: its supremum is that of the model without groups."""
    model = ep.Model("groups")
    M, t, s = model.dims("M"), *(model.parameter(n, domain="positive") for n in "ts")
    z = model.latent("z", ep.Normal(mean=0, variance=t))
    model.observed("y", ep.Normal(mean=z, variance=s), M)
    y = np.random.default_rng(3).normal(size=(30, 4))
    y -= y.mean(1, keepdims=True)
    fitted = ep.VariationalEstimator(model, random_state=0, optimizer="l-bfgs").fit(y)
    assert fitted.converged_
    assert fitted.elbo_ == pytest.approx(norm(0, y.std()).logpdf(y).sum(1).mean(), abs=1e-5)
