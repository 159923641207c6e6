"""EM by exact updates: F never falls, the libraries' optima, weights, gaps, the same bytes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import optimize, stats
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from entropy_proofs.errors import InputError
from entropy_proofs.learn.em.condensed import Condensed
from entropy_proofs.learn.em.engines import Enumerated
from entropy_proofs.learn.em.exact_fit import exact_for
from entropy_proofs.learn.em.posterior import NoPosterior


def em(model, x, sizes, **options):
    options = {"random_state": 0, "optimizer": "em", **options}
    weights = options.pop("sample_weight", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ep.VariationalEstimator(model, sizes=sizes, **options).fit(x, sample_weight=weights)


def engine(model, data, sizes, values, weights=None):
    return exact_for(ep.prove(model), sizes, {}).engine(data, values, weights)


# F and the posterior ------------------------------------------------------------------------------
CASES = {
    "gaussian_mixture_diagonal": ({"K": 2}, "x"),
    "gaussian_mixture_spherical": ({"K": 3}, "x"),
    "gaussian_mixture_tied": ({"K": 2}, "x"),
    "poisson_mixture": ({"K": 3}, "counts"),
    "bernoulli_mixture": ({"K": 2}, "bits"),
    "log_normal_mixture": ({"K": 2}, "x"),
    "gamma_mixture": ({"K": 2}, "x"),
    "ppca": ({"H": 2}, "x"),
    "factor_analysis": ({"H": 1}, "x"),
    "mixture_of_factor_analysers": ({"K": 2, "H": 1}, "x"),
    "student_t_mixture": ({"K": 2}, "x"),
    "gamma_distribution": ({}, "x"),
    "ppca_learned_prior": ({"H": 2}, "x"),
    "von_mises_mixture": ({"K": 2}, "angles"),
    "zero_inflated_poisson": ({}, "counts"),
    "hurdle_poisson": ({}, "counts"),
}


@pytest.mark.parametrize("model", CASES)
def test_f_never_falls_and_the_gap_identity_holds(model, iris):
    sizes, kind = CASES[model]
    kinds = {"x": iris, "counts": np.round(iris), "bits": (iris > iris.mean(axis=0)) * 1.0}
    x = {**kinds, "angles": np.angle(np.exp(2j * iris))}[kind]
    if ep.prove(model).model.variables["x"].shape == ():
        x = x[:, 0]
    learned = em(model, x, sizes, max_iter=25)
    history = learned.history_
    assert (np.diff(history["elbo"]) >= 0).all()
    assert history["residual"].max() < 1e-11
    assert learned.optimizer_ == "em"
    assert learned.score(x) == pytest.approx(learned.elbo_, abs=1e-9)
    left = tuple(map(str, ep.prove(model).updates.remaining))
    assert learned.gradient_steps_ == left


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("gaussian_mixture", "full"),
        ("gaussian_mixture_diagonal", "diag"),
        ("gaussian_mixture_tied", "tied"),
        ("gaussian_mixture_spherical", "spherical"),
    ],
)
def test_mixtures_reach_the_optimum_of_scikit_learn(model, kind, wine):
    learned = em(model, wine, {"K": 2}, tol=1e-9)
    assert learned.converged_
    rho, mu = learned.parameters_["rho"], learned.parameters_["mu"]
    scale = learned.parameters_["Sigma" if kind in {"full", "tied"} else "sigma2"]
    peer = GaussianMixture(
        2, covariance_type=kind, reg_covar=0, tol=1e-12, max_iter=1000,
        weights_init=rho, means_init=mu, precisions_init=_precision(scale, kind),
    ).fit(wine)  # fmt: skip
    assert peer.score(wine) == pytest.approx(learned.elbo_, abs=1e-7)
    assert learned.gap_ == pytest.approx(0, abs=1e-3)


def _precision(scale, kind):
    return np.linalg.inv(scale) if kind in {"full", "tied"} else 1 / scale


def test_what_is_left_to_gain_is_what_a_long_run_gains(wine):
    short = em("factor_analysis", wine, {"H": 2}, tol=1e-3)
    long = em("factor_analysis", wine, {"H": 2}, tol=1e-12, max_iter=5000)
    gained = long.elbo_ - short.elbo_
    assert short.stopped_by_.endswith("tol = 0.001")
    assert 0 <= gained < 2e-3
    assert short.history_["to_gain"][-1] == pytest.approx(gained, rel=1, abs=1e-4)


# features against the model's own code ------------------------------------------------------------
def test_features_and_all_points_have_one_e_step(iris):
    x = np.round(iris) + 0.5
    rng = np.random.default_rng(0)
    values = {
        "rho": np.full(3, 1 / 3),
        "a": rng.uniform(1, 3, (3, 4)),
        "b": rng.uniform(1, 3, (3, 4)),
    }
    sizes = {"D": 4, "K": 3}
    short = engine("gamma_mixture", {"x": x}, sizes, values)
    assert isinstance(short, Condensed)
    whole = Enumerated(short.posterior, {"x": x}, None)
    one, other = short.e_step(values), whole.e_step(values)
    assert one.value == pytest.approx(other.value, rel=1e-12)
    assert one.log_joint == pytest.approx(other.log_joint, rel=1e-12)
    assert len(one.arrays["x"]) < len(other.arrays["x"])


def test_a_posterior_that_is_not_gaussian_is_refused(iris):
    with pytest.raises(NoPosterior):
        engine("sparse_coding", {"x": iris}, {"D": 4, "H": 2}, {
            "W": np.ones((4, 2)), "lam": np.ones(2), "sigma2": np.ones(()),
        })  # fmt: skip
    with pytest.raises(InputError, match="no EM for Sparse coding"):
        em("sparse_coding", iris, {"H": 2})


def binomial(trials, mixture):
    model = ep.Model("trials")
    k = model.dims("K") if mixture else None
    shares = model.parameter("w", k, domain="simplex") if mixture else None
    p = model.parameter("p", *([k] if mixture else []), domain="unit interval")
    if mixture:
        p = p[model.latent("c", ep.Categorical(probabilities=shares))]
    model.observed("x", ep.Binomial(trials=trials, probability=p))
    return model


@pytest.mark.parametrize("mixture", [False, True])
@pytest.mark.parametrize("trials", [1, 2, 5, 10])
def test_features_are_told_apart_within_their_support(trials, mixture):
    """Data at and near the end of a support, some of them all alike."""
    for low in {0, trials // 2, trials - 1, trials}:
        x = np.r_[np.full(5, low), min(low + 1, trials)]
        found = em(binomial(trials, mixture), x, {"K": 2} if mixture else {}, tol=1e-9)
        assert found.optimizer_ == "em"
        share = np.clip(x.mean() / trials, 1e-12, 1 - 1e-12)
        one = stats.binom(trials, share).logpmf(x).mean()
        assert found.elbo_ >= one - 1e-6
        if not mixture:
            assert found.parameters_["p"] == pytest.approx(share, abs=1e-9)


# weights, gaps, seeds -----------------------------------------------------------------------------
@pytest.mark.parametrize("model", ["gaussian_mixture", "factor_analysis", "poisson_mixture"])
def test_weights_are_repeated_rows(model, iris):
    counts = np.round(iris) if model == "poisson_mixture" else iris
    sizes = {"H": 1} if model == "factor_analysis" else {"K": 2}
    times = np.random.default_rng(0).integers(0, 4, len(counts))
    init = em(model, counts, sizes, max_iter=3).parameters_
    options = {"init": init, "max_iter": 40, "tol": 1e-9}
    weighted = em(model, counts, sizes, sample_weight=times, **options)
    repeated = em(model, np.repeat(counts, times, axis=0), sizes, **options)
    assert weighted.elbo_ == pytest.approx(repeated.elbo_, abs=1e-7)
    for name, value in repeated.parameters_.items():
        assert weighted.parameters_[name] == pytest.approx(value, abs=1e-3)


@pytest.mark.parametrize("wrong", [[1.0], -np.ones(150), np.zeros(150), np.full(150, np.nan)])
def test_wrong_weights_are_refused(wrong, iris):
    with pytest.raises(InputError, match="sample_weight"):
        em("ppca", iris, {"H": 1}, sample_weight=wrong)


def test_weights_are_for_em(iris):
    with pytest.raises(InputError, match="sample_weight"):
        em("ppca", iris, {"H": 1}, sample_weight=np.ones(150), optimizer="l-bfgs")


def with_gaps(x, share=0.2):
    x = np.array(x, dtype=float)
    x[np.random.default_rng(1).random(x.shape) < share] = np.nan
    return x


def _normal(x, mean, covariance):
    seen = np.isfinite(x)
    if not seen.any():
        return 0.0
    return stats.multivariate_normal(mean[seen], covariance[np.ix_(seen, seen)]).logpdf(x[seen])


def test_missing_entries_leave_the_marginal_likelihood(iris):
    x, rng = with_gaps(iris), np.random.default_rng(0)
    roots = rng.normal(size=(2, 4, 4))
    mixture = {
        "rho": np.array([0.3, 0.7]), "mu": iris[:2] + rng.normal(size=(2, 4)),
        "Sigma": roots @ roots.transpose(0, 2, 1) + np.eye(4),
    }  # fmt: skip
    found = engine("gaussian_mixture", {"x": x}, {"D": 4, "K": 2}, mixture).e_step(mixture)
    parts = zip(mixture["rho"], mixture["mu"], mixture["Sigma"], strict=True)
    logs = [[np.log(r) + _normal(row, m, s) for row in x] for r, m, s in parts]
    assert found.value == pytest.approx(np.logaddexp(*logs).mean(), abs=1e-11)
    loadings = {"W": rng.normal(size=(4, 2)), "mu": iris.mean(axis=0), "psi": np.arange(1.0, 5)}
    found = engine("factor_analysis", {"x": x}, {"D": 4, "H": 2}, loadings).e_step(loadings)
    whole = loadings["W"] @ loadings["W"].T + np.diag(loadings["psi"])
    expected = np.mean([_normal(row, loadings["mu"], whole) for row in x])
    assert found.value == pytest.approx(expected, abs=1e-11)


@pytest.mark.parametrize("model", ["poisson_mixture", "bernoulli_mixture"])
def test_missing_entries_of_independent_variables_are_left_out(model, counts):
    x = with_gaps(counts if model == "poisson_mixture" else counts > 2)
    x[0] = np.nan
    rng = np.random.default_rng(0)
    means = rng.uniform(0.2, 0.8, size=(2, 4))
    family = stats.poisson if model == "poisson_mixture" else stats.bernoulli
    values = {"rho": np.array([0.3, 0.7]), "lam" if family is stats.poisson else "theta": means}
    if model == "bernoulli_mixture":
        x = np.where(np.isnan(x), np.nan, (x > 0) * 1.0)
    found = engine(model, {"x": x}, {"D": 4, "K": 2}, values).e_step(values)
    filled = np.nan_to_num(x)
    logs = [
        np.log(r) + np.where(np.isnan(x), 0, family(m).logpmf(filled)).sum(axis=1)
        for r, m in zip(values["rho"], means, strict=True)
    ]
    assert found.value == pytest.approx(np.logaddexp(*logs).mean(), abs=1e-11)


def test_the_same_seed_gives_the_same_bytes(wine):
    one, other = (em("gaussian_mixture", wine, {"K": 3}, max_iter=30) for _ in range(2))
    assert one.elbo_ == other.elbo_
    for name, value in one.parameters_.items():
        assert value.tobytes() == other.parameters_[name].tobytes()


# other optima ------------------------------------------------------------------------------------
def test_columns_of_norm_one_reach_the_likelihood_of_the_eigenvectors(wine):
    """p-PCA with learned prior variances: Tipping & Bishop's maximum is its own."""
    x = wine[:, :6]
    d, h = x.shape[1], 2
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))
    rest = values[: d - h].mean()
    best = -(d * np.log(2 * np.pi) + np.log(values[d - h :]).sum() + (d - h) * np.log(rest) + d) / 2
    learned = em("ppca_learned_prior", x, {"H": h}, tol=1e-9, max_iter=2000)
    assert learned.elbo_ == pytest.approx(best, abs=1e-7)
    assert learned.elbo_ <= best + 1e-9
    np.testing.assert_allclose(np.linalg.norm(learned.parameters_["W"], axis=0), 1, atol=1e-12)


def test_mean_directions_are_those_of_scipy():
    rng = np.random.default_rng(0)
    x = np.angle(np.exp(1j * (np.pi + rng.vonmises(0, 3, size=(300, 1)))))  # across the ends
    learned = em("von_mises_mixture", x, {"K": 1}, tol=1e-10)
    kappa, mean, _ = stats.vonmises.fit(x[:, 0], fscale=1)
    assert np.cos(learned.parameters_["mu"][0, 0] - mean) == pytest.approx(1, abs=1e-10)
    assert learned.parameters_["kappa"][0, 0] == pytest.approx(kappa, rel=1e-4)


@pytest.mark.parametrize("optimizer", ["em", "l-bfgs"])
@pytest.mark.parametrize("deviation", [0.5, 0.03, 0.001])
def test_concentrations_are_those_of_scipy(deviation, optimizer):
    model = ep.Model("directions")
    mean, concentration = model.parameter("mu"), model.parameter("k", domain="positive")
    model.observed("x", ep.VonMises(mean=mean, concentration=concentration))
    x = np.random.default_rng(0).normal(size=200) * deviation
    found = em(model, x, {}, optimizer=optimizer)
    k, location, _ = stats.vonmises.fit(x, fscale=1)
    best = stats.vonmises.logpdf(x, k, location).mean()
    assert found.elbo_ == pytest.approx(best, abs=1e-6)
    assert found.converged_


@pytest.mark.parametrize("optimizer", ["em", "l-bfgs"])
def test_large_counts_without_zeros_are_fitted(optimizer):
    """Of a Poisson with a rate of a thousand, truncation leaves all."""
    model = ep.Model("large counts")
    rate = model.parameter("rate", domain="positive")
    model.observed("x", ep.TruncatedPoisson(rate=rate))
    x = np.random.default_rng(0).poisson(1000, 200)
    found = em(model, x, {}, optimizer=optimizer)
    assert found.parameters_["rate"] == pytest.approx(x.mean(), rel=1e-6)
    assert found.elbo_ == pytest.approx(stats.poisson(x.mean()).logpmf(x).mean(), abs=1e-6)
    assert found.converged_ or optimizer != "em"


def test_zeros_in_excess_are_those_of_scipy():
    """Of two columns, one of which has no zero at all: p = 0 is the best there."""
    rng = np.random.default_rng(0)
    x = rng.poisson(3.0, size=(400, 2)) * (rng.uniform(size=(400, 2)) > 0.25)
    x[:, 1] = np.maximum(x[:, 1], 1)
    learned = em("zero_inflated_poisson", x, {}, tol=1e-10)

    def falls(v, of):
        p, lam = v
        zero = np.log(p + (1 - p) * np.exp(-lam))
        return -np.where(of == 0, zero, np.log1p(-p) + stats.poisson.logpmf(of, lam)).mean()

    total = 0.0
    for k in range(2):
        ends = [(0, 0.999), (1e-3, 50)]
        best = optimize.minimize(falls, [0.2, 2.0], args=(x[:, k],), bounds=ends, tol=1e-14)
        total -= best.fun
        assert learned.parameters_["p"][k] == pytest.approx(best.x[0], abs=1e-5)
        assert learned.parameters_["lam"][k] == pytest.approx(best.x[1], rel=1e-5)
    assert learned.elbo_ == pytest.approx(total, abs=1e-9)


def test_first_values_of_a_series_have_their_own_moments(wine):
    """An autoregressive hidden Markov model: m and w of x[0] and x[1] are solved for, too."""
    x = wine  # rows as series
    learned = em("autoregressive_hmm", x, {"K": 2}, optimizer="auto", max_iter=200)
    assert learned.optimizer_ == "em"
    np.testing.assert_allclose(learned.parameters_["m"], x[:, :2].mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(learned.parameters_["w"], x[:, :2].var(axis=0), rtol=1e-8)
    assert (np.diff(learned.history_["elbo"]) >= 0).all()


# the choice ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("model", "sizes", "chosen"),
    [
        ("gaussian_mixture", {"K": 2}, "em"),
        ("factor_analysis", {"H": 1}, "em"),
        ("ppca_learned_prior", {"H": 2}, "em"),
        ("autoregressive_hmm", {"K": 2}, "em"),
        ("gamma_mixture", {"K": 2}, "l-bfgs"),  # its shapes have no closed form
        ("sparse_coding", {"H": 2}, "l-bfgs"),  # nor has q
    ],
)
def test_auto_takes_em_where_every_block_is_solved(model, sizes, chosen, iris):
    learned = em(model, iris, sizes, optimizer="auto", max_iter=3)
    assert learned.optimizer_ == chosen


def test_auto_leaves_what_is_not_em_alone(iris):
    learned = em(
        "factor_analysis", iris, {"H": 1}, optimizer="auto", objective="entropy", max_iter=3
    )
    assert learned.optimizer_ == "l-bfgs"
    with pytest.raises(InputError, match="objective"):
        em("factor_analysis", iris, {"H": 1}, objective="entropy")


# restarts and mini-batches ------------------------------------------------------------------------
def test_restarts_keep_the_best_and_are_the_same_in_parallel(wine):
    runs = [
        em("gaussian_mixture_diagonal", wine, {"K": 4}, n_init=4, n_jobs=jobs, max_iter=40)
        for jobs in (1, 2)
    ]
    assert runs[0].elbo_ == runs[1].elbo_
    assert runs[0].parameters_["mu"].tobytes() == runs[1].parameters_["mu"].tobytes()
    assert runs[0].elbo_ >= em("gaussian_mixture_diagonal", wine, {"K": 4}, max_iter=40).elbo_


@pytest.fixture(scope="module")
def clusters(tmp_path_factory):
    """Many rows in a memory map."""
    rng = np.random.default_rng(0)
    file = tmp_path_factory.mktemp("rows") / "x.npy"
    x = np.lib.format.open_memmap(file, "w+", float, (30_000, 4))
    x[:] = (2 * rng.normal(size=(3, 4)))[rng.integers(3, size=len(x))] + rng.normal(size=x.shape)
    x.flush()
    return np.load(file, mmap_mode="r")


def test_one_pass_of_mini_batches_is_near_the_optimum(clusters):
    whole = em("gaussian_mixture", clusters, {"K": 3})
    batches = em("gaussian_mixture", clusters, {"K": 3}, batch_size=500, max_iter=60)
    assert batches.elbo_ > whole.elbo_ - 0.05
    assert len(batches.history_["elbo"]) == 61
    assert batches.history_["residual"].max() < 1e-9
    again = em("gaussian_mixture", clusters, {"K": 3}, batch_size=500, max_iter=60)
    assert again.elbo_ == batches.elbo_


def test_mini_batches_make_features_of_one_batch_at_once(clusters, monkeypatch):
    """What is made at a time does not grow with the data."""
    made = []
    whole = Condensed._of

    def counted(self, data):
        made.append(len(data["x"]))
        return whole(self, data)

    monkeypatch.setattr(Condensed, "_of", counted)
    em("gaussian_mixture", clusters, {"K": 3}, batch_size=500, max_iter=5)
    assert max(made[:6]) <= 500
    assert max(made) < len(clusters)


def test_mini_batches_end_where_passes_gain_nothing(clusters):
    few = np.array(clusters[:2000])
    learned = em("gaussian_mixture", few, {"K": 3}, batch_size=500, max_iter=4000, tol=1e-3)
    assert learned.converged_


def test_mini_batches_need_statistics(iris):
    with pytest.raises(InputError, match="mini-batches"):
        em("student_t_mixture", iris, {"K": 2}, batch_size=10)
    with pytest.raises(InputError, match="mini-batches"):
        em("gaussian_mixture", with_gaps(iris), {"K": 2}, batch_size=10)


# gaps in a fit ------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", ["gaussian_mixture", "factor_analysis", "poisson_mixture"])
def test_a_fit_with_gaps_raises_the_marginal_likelihood(model, iris):
    x = with_gaps(np.round(iris) if model == "poisson_mixture" else iris)
    sizes = {"H": 1} if model == "factor_analysis" else {"K": 2}
    learned = em(model, x, sizes, max_iter=30)
    assert (np.diff(learned.history_["elbo"]) >= 0).all()
    assert learned.history_["residual"].max() < 1e-10
    assert learned.score(x) == pytest.approx(learned.elbo_, abs=1e-9)
    assert np.isfinite(learned.transform(x)).all()
    full = np.isfinite(x).all(axis=1)
    assert learned.transform(x)[full] == pytest.approx(learned.transform(x[full]), abs=1e-9)


def test_gaps_that_no_conditional_fills_are_refused(iris):
    x = with_gaps(iris)
    for model in ("student_t_mixture", "gamma_mixture"):
        with pytest.raises(InputError, match="missing"):
            em(model, x, {"K": 2})
    with pytest.raises(InputError, match="NaN"):
        em("ppca", x, {"H": 1}, optimizer="l-bfgs")
    with pytest.raises(InputError, match="nothing but NaN"):
        em("ppca", np.where(np.arange(4) == 1, np.nan, iris), {"H": 1})


# units --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("model", ["factor_analysis", "gaussian_mixture_diagonal"])
@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_units_of_the_data_change_nothing(model, scale, wine):
    """A floor below scales, in whatever unit the data are, is not where a fit may end."""
    sizes = {"K": 2} if "mixture" in model else {"H": 1}
    factors = np.array([scale, 1.0, 1.0, 1e3, 1.0, scale])
    plain, scaled = (em(model, x, sizes) for x in (wine, wine * factors))
    assert scaled.elbo_ == pytest.approx(plain.elbo_ - np.log(factors).sum(), abs=1e-5)


@pytest.mark.parametrize("model", ["ppca", "gaussian_mixture"])
def test_masked_data_are_refused(model, iris):
    masked = np.ma.masked_array(iris, iris > 7)
    with pytest.raises(InputError, match="of its values are masked"):
        em(model, masked, {"H": 1} if model == "ppca" else {"K": 2}, optimizer="auto")
    em(model, np.ma.masked_array(iris), {"H": 1} if model == "ppca" else {"K": 2}, max_iter=2)


@pytest.mark.parametrize("apart", [1e2, 1e5])
def test_clusters_far_apart_converge(apart, iris):
    """Those of iris, each with all of its digits but as many as the distance takes."""
    x = np.concatenate([iris, iris + apart * iris.std(axis=0)])
    learned = em("gaussian_mixture_spherical", x, {"K": 2})
    alone = em("gaussian_mixture_spherical", iris, {"K": 1})
    assert learned.converged_
    assert learned.elbo_ == pytest.approx(alone.elbo_ - np.log(2), abs=1e-4)


@pytest.mark.parametrize("model", ["gaussian_mixture_spherical", "gaussian_mixture_diagonal"])
def test_spreads_that_rounding_hides_are_said(model, wine):
    """A component of one outlier: F has no bound, but rounding keeps its variance from zero."""
    x = wine.copy()
    x[7] = 1e7
    learned = em(model, x, {"K": 2})
    assert not learned.converged_
    assert "rounding hides" in learned.stopped_by_ or "collapsed" in learned.stopped_by_


# optima outside of their domain -------------------------------------------------------------------
def positive_mean(mixture=False):
    model = ep.Model("positive mean")
    K = (model.dims("K"),) if mixture else ()
    m = model.parameter("m", *K, domain="positive")
    s2 = model.parameter("s2", *K, domain="positive")
    if mixture:
        pi = model.parameter("pi", *K, domain="simplex")
        c = model.latent("c", ep.Categorical(probabilities=pi))
        m, s2 = m[c], s2[c]
    model.observed("x", ep.Normal(mean=m, variance=s2))
    return model


@pytest.mark.parametrize("mixture", [False, True])
def test_an_optimum_outside_of_its_domain_is_not_taken(mixture):
    """A mean below zero: F is largest at m = 0, which no positive m attains."""
    rng = np.random.default_rng(0)
    x, model = rng.normal(-3, 1, (100, 1)), positive_mean(mixture)
    sizes = {}
    if mixture:
        x, sizes = np.concatenate([x, rng.normal(4, 1, (100, 1))]), {"K": 2}
    found = em(model, x, sizes)
    other = em(model, x, sizes, optimizer="l-bfgs")
    assert found.elbo_ == pytest.approx(other.elbo_, abs=1e-5)
    assert np.min(found.parameters_["m"]) > 0
    if not mixture:
        at_zero = stats.norm(0, np.sqrt(np.mean(x**2))).logpdf(x).mean()
        assert found.elbo_ == pytest.approx(at_zero, abs=1e-6)
    assert (np.diff(found.history_["elbo"]) >= -1e-9).all()
    assert found.gradient_steps_ == ("m",)
    assert found.converged_
    assert other.converged_
    assert "m has no optimum in its domain" in found.stopped_by_
    assert "without bound" not in found.stopped_by_ + other.stopped_by_


def test_auto_takes_exact_updates_where_the_optimum_is_in_its_domain():
    rng = np.random.default_rng(0)
    for mean, chosen in ((3, "em"), (-3, "l-bfgs")):
        found = em(positive_mean(), rng.normal(mean, 1, (100, 1)), {}, optimizer="auto")
        assert found.optimizer_ == chosen
        assert "no optimum" not in found.stopped_by_


@pytest.mark.parametrize("seed", range(4))
def test_collinear_columns_reach_least_squares(seed):
    model = ep.Model("a line on known columns")
    d, r = model.dims("D", "R")
    columns = model.parameter("X", d, r, fixed=True)
    w, scale = model.parameter("w", r), model.parameter("s", domain="positive")
    model.observed("y", ep.Normal(mean=columns @ w, variance=scale), d)
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(3, 4)), rng.normal(size=(50, 3))
    found = em(model, y, {"R": 4}, init={"X": x}, optimizer="auto")
    left = y - x @ np.linalg.lstsq(x, y.mean(axis=0), rcond=None)[0]
    best = stats.norm(0, np.sqrt((left**2).mean())).logpdf(left).sum(axis=1).mean()
    assert found.elbo_ == pytest.approx(best, abs=1e-9)
    assert found.converged_


def test_variables_that_nothing_links():
    """Two scales without latents: both are mean squares."""
    model = ep.Model("two scales")
    for name in "xy":
        scale = model.parameter(f"{name}_scale", domain="positive")
        model.observed(name, ep.Normal(mean=0, variance=scale))
    data = {"x": np.full(9, 0.5), "y": np.arange(9.0)}
    fitted = ep.VariationalEstimator(model, optimizer="em").fit(data)
    for name, x in data.items():
        assert fitted.parameters_[f"{name}_scale"] == pytest.approx((x**2).mean())


def test_a_density_that_is_the_same_everywhere():
    model = ep.Model("a unit interval")
    model.observed("x", ep.Uniform(low=0, high=1))
    assert em(model, np.random.default_rng(0).random(60), {}).elbo_ == 0
