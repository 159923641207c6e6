"""What the estimator takes and refuses, by name, and what it draws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

import entropy_proofs as ep
from entropy_proofs import InputError, VariationalEstimator

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def fit(model, x, **options):
    return ep.fit(model, x, **{"backend": "numpy", "max_iter": 15, "random_state": 0, **options})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "sizes: no data show H"),
        ({"sizes": {"H": 0}}, "sizes: H is 0"),
        ({"sizes": {"H": 2, "D": 5}}, "sizes: D is 5, but the data show 6"),
        ({"sizes": {"K": 2}}, "sizes: 'K' is none of"),
        ({"sizes": {"H": 1}, "q": "laplace"}, "q: 'laplace' is none of"),
        ({"sizes": {"H": 1}, "objective": "likelihood"}, "objective: 'likelihood'"),
        ({"sizes": {"H": 1}, "optimizer": "newton"}, "optimizer: 'newton'"),
        ({"sizes": {"H": 1}, "expectation": "guess"}, "expectation: 'guess'"),
        ({"sizes": {"H": 1}, "backend": "fortran"}, "backend: 'fortran'"),
        ({"sizes": {"H": 1}, "batch_size": 10}, "batch_size: auto takes all data"),
        ({"sizes": {"H": 1}, "max_iter": 0}, "max_iter: 0"),
        ({"sizes": {"H": 1}, "samples": 1.5}, "samples: 1.5"),
        ({"sizes": {"H": 1}, "tol": -1}, "tol: -1"),
        ({"sizes": {"H": 1}, "tol": np.inf}, "tol: inf is no finite number"),
        ({"sizes": {"H": 1}, "learning_rate": np.nan}, "learning_rate: nan is no finite"),
        ({"sizes": {"H": 1}, "init": {"V": 1}}, "init: 'V' is none of"),
        ({"sizes": {"H": 1}, "init": {"W": np.ones(2)}}, r"init: W has shape \(2,\)"),
        ({"sizes": {"H": 1}, "init": {"sigma2": -1.0}}, "init: sigma2 is outside its domain"),
        ({"sizes": {"H": 1}, "init": {"sigma2": np.nan}}, "init: sigma2: contains NaN"),
        ({"sizes": {"H": 1}, "annealing": {"y": "0:1:10"}}, "y: no such term"),
        ({"sizes": {"H": 1}, "annealing": {"z": "soon"}}, "schedule"),
        ({"sizes": {"H": 1}, "annealing": {"z": "1:-1:9"}}, "finite number >= 0, not -1"),
        (
            {"sizes": {"H": 1}, "annealing": {"z": "1:2:9"}, "optimizer": "em"},
            "annealing: is not for EM",
        ),
    ],
)
def test_unusable_options_are_named(options, said, wine):
    with pytest.raises(InputError, match=said):
        fit("ppca", wine, **options)


@pytest.mark.parametrize(
    ("model", "x", "said"),
    [
        ("ppca", [[1.0, np.nan], [0.0, 1.0]], "x: .*NaN"),
        ("ppca", [[1.0, np.inf], [0.0, 1.0]], "x: .*infinity"),
        ("ppca", [["a", "b"], ["c", "d"]], "x: "),
        ("ppca", {"y": [[1.0, 2.0]]}, "y: no such observed|x: no data given"),
        ("poisson_mixture", [[1.5, 2.0], [1.0, 0.0]], "x: .*whole numbers"),
        ("poisson_mixture", [[-1.0, 2.0], [1.0, 0.0]], "x: the value -1"),
        ("bernoulli_mixture", [[2.0, 1.0], [1.0, 0.0]], "x: the value 2"),
        ("gamma_distribution", [[-1.0], [2.0]], "x: the value -1"),
    ],
)
def test_unusable_data_are_named(model, x, said):
    with pytest.raises(InputError, match=said):
        fit(model, x, sizes={"H": 1} if model == "ppca" else {"K": 2} if "mix" in model else None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"q": "amortised"}, "q: there is nothing to amortise"),
        (
            {"objective": "entropy", "expectation": "samples"},
            "objective: entropies of discrete latents need expectations in closed form",
        ),
    ],
)
def test_what_discrete_latents_alone_do_not_take(options, said):
    with pytest.raises(InputError, match=said):
        fit("bernoulli_mixture", [[0.0, 1.0], [1.0, 1.0]], sizes={"K": 2}, **options)


def test_what_is_no_model_is_named():
    with pytest.raises(InputError, match="a Model or a Proof is wanted, not 3"):
        fit(3, [[0.0]])


def test_data_by_name_are_the_same_as_without(wine):
    alone, named = (fit("ppca", x, sizes={"H": 1}) for x in (wine, {"x": wine}))
    assert named.elbo_ == alone.elbo_
    assert named.score(wine) == alone.score({"x": wine})


def test_categories_beyond_the_last_are_named():
    model = "hmm_categorical"
    x = np.array([[0, 1, 3], [1, 0, 2]])
    with pytest.raises(InputError, match=r"x: the value 3 is outside its support .*0 to 2"):
        fit(model, x, sizes={"K": 2, "M": 3})
    assert fit(model, x, sizes={"K": 2, "M": 4}).history_["residual"].max() < 1e-9


def test_new_data_of_another_width_are_refused(wine):
    learned = fit("ppca", wine, sizes={"H": 1})
    with pytest.raises(InputError, match=r"x: .*5 features"):
        learned.score(wine[:, :5])


def test_known_constants_have_to_be_given(wine):
    with pytest.raises(InputError, match="init: sigma2 is a known constant"):
        fit("vae_0", wine, sizes={"H": 1})
    learned = fit("vae_0", wine, sizes={"H": 1}, init={"sigma2": 0.5})
    assert "sigma2" not in learned.parameters_
    assert np.isfinite(learned.score(wine[:10]))


def test_several_observed_variables_are_a_dict(wine):
    model = ep.Model("Two views")
    D, C = model.dims("D", "C")
    W, V = model.parameter("W", D), model.parameter("V", C)
    s2 = model.parameter("s2", domain="positive")
    t2 = model.parameter("t2", domain="positive")
    z = model.latent("z", ep.Normal(mean=0, variance=1))
    model.observed("x", ep.Normal(mean=W * z, variance=s2), D)
    model.observed("y", ep.Normal(mean=V * z, variance=t2), C)
    data = {"x": wine[:, :4], "y": wine[:, 4:]}
    learned = fit(model, data, max_iter=200)
    assert learned.n_features_in_ == 6
    assert learned.transform(data).shape == (178, 1)
    assert learned.history_["residual"].max() < 1e-9
    with pytest.raises(InputError, match="give a dict"):
        fit(model, wine)


def test_initial_values_are_where_it_starts(wine):
    learned = fit("factor_analysis", wine, sizes={"H": 1}, max_iter=200)
    init = {**learned.parameters_, **learned.q_}
    again = fit("factor_analysis", wine, sizes={"H": 1}, max_iter=200, init=init)
    assert again.history_["elbo"][0] == pytest.approx(learned.elbo_, abs=1e-8)
    assert again.n_iter_ < learned.n_iter_


def test_latents_have_columns(iris):
    mixture = fit("gaussian_mixture", iris, sizes={"K": 3})
    np.testing.assert_allclose(mixture.transform(iris).sum(axis=1), 1)
    bits = fit("sigmoid_belief_network", (iris > iris.mean(axis=0)) * 1.0, sizes={"H": 2})
    assert bits.transform((iris > 3) * 1.0).shape == (150, 2)
    assert bits.q_["z.probability"].shape == (150, 2)


def test_positive_latents_are_log_normal():
    x = np.random.default_rng(0).gamma(3.0, size=(30, 4))
    learned = fit("gamma_gamma", x, max_iter=40)
    assert (learned.transform(x) > 0).all()
    assert learned.history_["residual"].max() < 1e-9


def test_held_out_data_are_scored_with_the_best_q(wine):
    learned = fit("ppca", wine[:100], sizes={"H": 2}, max_iter=300)
    W, mu, s2 = (learned.parameters_[n] for n in ("W", "mu", "sigma2"))
    residual, C = wine[100:] - mu, W @ W.T + s2 * np.eye(6)
    logs = np.linalg.slogdet(2 * np.pi * C)[1] + np.einsum(
        "ni,ij,nj->n", residual, np.linalg.inv(C), residual
    )
    bound = learned.score(wine[100:])
    assert bound <= -logs.mean() / 2 + 1e-9
    assert bound == pytest.approx(-logs.mean() / 2, abs=0.05)


def test_pictures(wine, tmp_path):
    learned = fit("ppca", wine, sizes={"H": 1}, max_iter=30)
    files = [tmp_path / f"curve.{kind}" for kind in ("svg", "png")]
    learned.plot(*files)
    assert files[0].read_text().count("<path") > 10
    assert files[1].read_bytes().startswith(b"\x89PNG")
    before = files[0].read_bytes()
    learned.plot(files[0])
    assert files[0].read_bytes() == before


def test_fit_is_the_estimator():
    assert isinstance(VariationalEstimator().get_params(), dict)
    assert ep.fit.__doc__


def test_without_jax_the_error_says_what_to_install(monkeypatch):
    from entropy_proofs.learn import estimator

    monkeypatch.setattr(estimator, "find_spec", lambda name: None)
    with pytest.raises(ep.InputError, match=r"entropy-proofs\[learn\]"):
        ep.fit("ppca", np.ones((3, 2)), sizes={"H": 1})


@pytest.mark.parametrize("optimizer", ["em", "l-bfgs"])
def test_one_component(optimizer):
    x = np.random.default_rng(0).normal(size=(50, 3))
    fitted = ep.VariationalEstimator(
        "gaussian_mixture", sizes={"K": 1}, optimizer=optimizer, random_state=0
    ).fit(x)
    assert fitted.elbo_ == pytest.approx(
        multivariate_normal(x.mean(0), np.cov(x.T, bias=True)).logpdf(x).mean()
    )
    assert (fitted.transform(x) == 1).all()


def test_a_missing_label_is_named():
    model = ep.Model("a table and a mean")
    K, L = model.dims("K", "L")
    c = model.latent("c", ep.Categorical(probabilities=model.parameter("p", K, domain="simplex")))
    B = model.parameter("B", K, L, domain="simplex")
    model.observed("x", ep.Categorical(probabilities=B[c]))
    model.observed("y", ep.Normal(mean=model.parameter("mu", K)[c], variance=1))
    rng = np.random.default_rng(0)
    data = {"x": rng.integers(0, 3, 40).astype(float), "y": rng.normal(size=40)}
    data["x"][3] = np.nan
    with pytest.raises(ep.InputError, match="x: contains NaN"):
        ep.VariationalEstimator(model, sizes={"K": 2}).fit(data)
