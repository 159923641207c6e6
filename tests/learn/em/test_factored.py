"""Chains on sequences of different lengths: hmmlearn's numbers, and Gaussians written out."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning

import entropy_proofs as ep
from entropy_proofs.cli import commands as cli
from entropy_proofs.errors import InputError
from entropy_proofs.learn.em.exact_fit import exact_for, exact_problem
from entropy_proofs.learn.em.maximise import MStep
from entropy_proofs.learn.setup import sizes_for
from entropy_proofs.points.sequences import sequences_of

IRIS = (load_iris().data - load_iris().data.mean(axis=0))[:, :3]
COUNTS = load_digits().data[:150, 20:22]
LENGTHS = np.array([40, 25, 40, 7, 38])
KINDS = {
    "full": ("hmm_gaussian", "Sigma"),
    "tied": ("hmm_gaussian_tied", "Sigma"),
    "diag": ("hmm_gaussian_diagonal", "sigma2"),
    "spherical": ("hmm_gaussian_spherical", "sigma2"),
}


def fitted(model, x, lengths=LENGTHS, **options):
    options = {"random_state": 0, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return ep.fit(model, x, lengths=lengths, **options)


def parts(x, lengths=LENGTHS):
    return np.split(x, np.cumsum(lengths)[:-1])


def peer_of(hmmlearn, name, x, steps):
    """hmmlearn's model after so many steps, and ours with the same numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in KINDS:
            peer = hmmlearn.GaussianHMM(
                2, name, n_iter=steps, tol=-np.inf, covars_prior=0, covars_weight=0, random_state=1
            ).fit(x, LENGTHS)
            model, scale = KINDS[name]
            covariances = peer._covars_[:, 0] if name == "spherical" else peer._covars_
            own = {"mu": peer.means_, scale: covariances}
        elif name == "categorical":
            peer = hmmlearn.CategoricalHMM(2, n_iter=steps, tol=-np.inf, random_state=1)
            peer.fit(x, LENGTHS)
            model, own = "hmm_categorical", {"B": peer.emissionprob_}
        else:
            peer = hmmlearn.PoissonHMM(2, n_iter=steps, tol=-np.inf, random_state=1)
            peer.fit(x, LENGTHS)
            model, own = "hmm_poisson", {"lam": peer.lambdas_}
    return peer, model, {"rho": peer.startprob_, "A": peer.transmat_, **own}


@pytest.mark.parametrize("name", [*KINDS, "categorical", "poisson"])
def test_f_and_one_step_are_those_of_hmmlearn(hmmlearn, name):
    x = {"categorical": (COUNTS[:, :1] // 6).astype(int), "poisson": COUNTS.astype(int)}.get(
        name, IRIS
    )
    peer, model, values = peer_of(hmmlearn, name, x, 2)
    after = peer_of(hmmlearn, name, x, 3)[2]
    proof = ep.prove(model)
    data = sequences_of(proof.model, x, LENGTHS)
    sizes = sizes_for(proof.model, data, {"K": 2} | ({"M": 3} if name == "categorical" else {}))
    exact = exact_for(proof, sizes, {})
    found = exact.engine(data, values).e_step(values)
    assert found.value * len(LENGTHS) == pytest.approx(peer.score(x, LENGTHS), rel=1e-12)
    step = MStep(exact_problem(exact, data), proof)
    for n, value in step(values, found).items():
        assert value == pytest.approx(after[n], abs=1e-12)


def test_f_is_the_mean_over_the_sequences_alone():
    learned = fitted("hmm_gaussian_diagonal", IRIS, sizes={"K": 3}, max_iter=20)
    alone = [learned.score(part, lengths=[len(part)]) for part in parts(IRIS)]
    assert learned.elbo_ == pytest.approx(np.mean(alone), abs=1e-9)
    assert learned.score(IRIS, lengths=LENGTHS) == pytest.approx(learned.elbo_, abs=1e-9)
    turned = np.concatenate(parts(IRIS)[::-1])
    assert learned.score(turned, lengths=LENGTHS[::-1]) == pytest.approx(learned.elbo_, abs=1e-9)


@pytest.mark.parametrize("model", ["hmm_gaussian_tied", "linear_dynamical_system"])
def test_equal_lengths_are_an_array_of_sequences(model):
    options = {"sizes": {"K": 2} if "hmm" in model else {"H": 1}, "max_iter": 8}
    rows = fitted(model, IRIS, [30] * 5, **options)
    stacked = fitted(model, IRIS.reshape(5, 30, 3), None, **options)
    assert rows.elbo_ == pytest.approx(stacked.elbo_, abs=1e-10)
    for name, value in stacked.parameters_.items():
        assert rows.parameters_[name] == pytest.approx(value, abs=1e-8)
    assert {"T"} == stacked.sizes_.keys() - rows.sizes_.keys()
    assert stacked.score(IRIS, lengths=[30] * 5) == pytest.approx(stacked.elbo_, abs=1e-9)


def log_likelihood(values, x):
    """Of one sequence of a linear dynamical system, from the covariance of all of it."""
    m, P, A, Q, C, R = (values[n] for n in ("m", "P", "A", "Q", "C", "R"))
    T, D = x.shape
    mean, spread = [m], [P]
    for _ in range(T - 1):
        mean.append(A @ mean[-1])
        spread.append(A @ spread[-1] @ A.T + Q)
    whole = np.zeros((T, D, T, D))
    for s in range(T):
        cross = spread[s]
        for t in range(s, T):
            whole[t, :, s] = C @ cross @ C.T
            whole[s, :, t] = whole[t, :, s].T
            cross = A @ cross
        whole[s, :, s] += R
    level = np.concatenate([C @ own for own in mean])
    return multivariate_normal(level, whole.reshape(T * D, T * D)).logpdf(x.ravel())


def test_f_of_a_linear_dynamical_system_is_its_likelihood_and_flat_at_the_end():
    learned = fitted("linear_dynamical_system", IRIS, sizes={"H": 1}, max_iter=400, tol=1e-9)
    values = learned.parameters_

    def mean_of(values):
        return np.mean([log_likelihood(values, part) for part in parts(IRIS)])

    assert learned.elbo_ == pytest.approx(mean_of(values), abs=1e-8)
    for name in ("A", "Q", "R", "m", "P"):  # T and T - 1 stand in the updates of Q and R
        step = 1e-4 * np.eye(*np.shape(values[name])) if np.ndim(values[name]) > 1 else 1e-4
        up, down = (mean_of({**values, name: values[name] + sign * step}) for sign in (1, -1))
        assert abs(up - down) / 2e-4 < 2e-3 * max(1.0, abs(learned.elbo_) / 100)


def test_f_never_falls_and_the_gap_identity_holds():
    learned = fitted("hmm_gaussian_tied", IRIS, sizes={"K": 3}, max_iter=12)
    assert (np.diff(learned.history_["elbo"]) >= 0).all()
    assert learned.history_["residual"].max() < 1e-10


def test_q_and_means_are_in_the_order_of_the_rows():
    learned = fitted("hmm_gaussian_diagonal", IRIS, sizes={"K": 2}, max_iter=10)
    assert learned.q_["z.probabilities"].shape == (150, 2)
    assert learned.q_["z.pairs"].shape == (150 - len(LENGTHS), 2, 2)
    found = learned.transform(IRIS, LENGTHS)
    assert found == pytest.approx(learned.q_["z.probabilities"], abs=1e-9)
    alone = [learned.transform(part, [len(part)]) for part in parts(IRIS)]
    assert found == pytest.approx(np.concatenate(alone), abs=1e-9)
    again = ep.VariationalEstimator("hmm_gaussian_diagonal", sizes={"K": 2}, max_iter=10)
    with warnings.catch_warnings(action="ignore"):
        assert again.fit_transform(IRIS, lengths=LENGTHS).shape == (150, 2)


def test_two_chains_and_several_observed():
    x = {"x": IRIS, "n": COUNTS[:, 0]}
    learned = fitted("coupled_hmm", x, optimizer="em", max_iter=3, sizes={"K": 2, "L": 2})
    assert learned.history_["residual"].max() < 1e-10
    assert learned.transform(x, LENGTHS).shape == (150, 4)


def test_latents_without_time_are_there_at_every_step():
    model = ep.Model("Random walks of several kinds")
    K, T = model.dims("K", "T")
    rho = model.parameter("rho", K, domain="simplex")
    mu = model.parameter("mu", K)
    s, r = (model.parameter(n, domain="positive") for n in "sr")
    c = model.latent("c", ep.Categorical(probabilities=rho))
    z = model.chain(
        "z", initial=ep.Normal(mean=mu[c], variance=s), length=T,
        transition=lambda previous: ep.Normal(mean=previous, variance=s),
    )  # fmt: skip
    model.observed("x", ep.Normal(mean=z, variance=r), T)
    learned = fitted(model, IRIS[:, 0], sizes={"K": 2}, max_iter=5, optimizer="em")
    assert learned.q_["c.probabilities"].shape == (5, 2)
    found = learned.transform(IRIS[:, 0], LENGTHS)
    assert found.shape == (150, 3)
    assert found[:, :2] == pytest.approx(np.repeat(learned.q_["c.probabilities"], LENGTHS, 0))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"optimizer": "l-bfgs"}, "lengths: are for EM; l-bfgs takes sequences of one length"),
        ({"optimizer": "adam"}, "lengths: are for EM; adam"),
        ({"objective": "entropy"}, "objective: EM takes the exact posterior"),
        ({"sizes": {"K": 2, "T": 40}}, "sizes: T is 40, but the data show 150"),
        ({"optimizer": "em", "batch_size": 2}, "mini-batches need statistics"),
    ],
)
def test_what_does_not_take_lengths(options, why):
    with pytest.raises(InputError, match=why):
        fitted("hmm_gaussian_diagonal", IRIS, **{"sizes": {"K": 2}, **options})


def test_weights_and_gaps_of_sequences_are_refused():
    estimator = ep.VariationalEstimator("hmm_gaussian_diagonal", sizes={"K": 2}, optimizer="em")
    with pytest.raises(InputError, match="weights need states"):
        estimator.fit(IRIS, lengths=LENGTHS, sample_weight=np.ones(5))
    with pytest.raises(InputError, match="sample_weight: has shape"):
        estimator.fit(IRIS, lengths=LENGTHS, sample_weight=np.ones(150))
    with pytest.raises(InputError, match="NaN"):
        estimator.fit(np.where(IRIS == IRIS[0], np.nan, IRIS), lengths=LENGTHS)


def test_rows_of_another_width_and_other_optimisers_have_no_score():
    learned = fitted("hmm_gaussian_diagonal", IRIS, sizes={"K": 2}, max_iter=3)
    with pytest.raises(InputError, match=r"a row has shape \(2,\), but \(3,\)"):
        learned.score(IRIS[:, :2], lengths=LENGTHS)
    with pytest.raises(InputError, match="lengths"):
        ep.fit("ppca", IRIS, sizes={"H": 1}).score(IRIS, lengths=LENGTHS)


def test_an_optimum_that_is_not_known_for_several_lengths_is_said():
    model = ep.Model("Chain")
    T = model.dims("T")
    s, r = (model.parameter(n, domain="positive") for n in "sr")
    z = model.chain(
        "z", initial=ep.Normal(mean=0, variance=1), length=T,
        transition=lambda previous: ep.Normal(mean=previous, variance=s),
    )  # fmt: skip
    model.observed("x", ep.Normal(mean=z, variance=r / T), T)
    with pytest.raises(InputError, match="the optimum of r for sequences of several lengths"):
        fitted(model, IRIS[:, 0])
    assert np.isfinite(fitted(model, IRIS[:, 0].reshape(5, 30), None, max_iter=5).elbo_)


def test_lengths_on_the_command_line(tmp_path, capsys):
    np.save(tmp_path / "x.npy", IRIS)
    (tmp_path / "lengths.csv").write_text("length\n" + "\n".join(map(str, LENGTHS)) + "\n")
    arguments = ["learn", "hmm_gaussian_diagonal", "--data", str(tmp_path / "x.npy"), "--size",
                 "K=2", "--max-iter", "5", "--json", "--lengths"]  # fmt: skip
    with pytest.raises(SystemExit):
        cli.main([*arguments, str(tmp_path / "lengths.csv")])
    record = json.loads(capsys.readouterr().out)
    expected = fitted("hmm_gaussian_diagonal", IRIS, sizes={"K": 2}, max_iter=5)
    assert record["elbo"] == expected.elbo_
    np.save(tmp_path / "wrong.npy", LENGTHS[1:])
    with pytest.raises(SystemExit) as exited:
        cli.main([*arguments, str(tmp_path / "wrong.npy")])
    out, err = capsys.readouterr()
    assert (exited.value.code, out, err.count("\n")) == (2, "", 1)
    assert "lengths add up to 110, but X has 150 rows" in err
