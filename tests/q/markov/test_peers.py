"""F at the best Markov q against the log likelihoods of hmmlearn and statsmodels, on real data."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg
from sklearn.datasets import load_iris

import entropy_proofs as ep

LENGTHS = pytest.mark.parametrize("steps", [10, 300, 10_000])
EXACT = 1e-9  # relative


def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def compiled():
    """The code of a model of the catalogue, written once."""
    known = {}

    def code(name):
        if name not in known:
            options = {"expectation": "analytic", "chains": "markov"}
            known[name] = ep.compile(ep.prove(name), **options)
        return known[name]

    return code


def compare(code, given, expected, scale=1.0):
    found = code.elbo({**given, **code.optimal_q(given)})
    assert found * scale == pytest.approx(expected, rel=EXACT, abs=0)


def hidden(model, features):
    """Random rows of probabilities, of any hmmlearn model."""
    model.n_features = features
    model.startprob_ = rng().dirichlet(np.ones(model.n_components))
    model.transmat_ = rng().dirichlet(np.ones(model.n_components), size=model.n_components)
    return {"rho": model.startprob_, "A": model.transmat_}


@LENGTHS
def test_gaussian_states(hmmlearn, compiled, steps):
    x = np.resize(load_iris().data, (steps, 4))
    peer = hmmlearn.GaussianHMM(3, "full")
    given = hidden(peer, 4)
    peer.means_ = load_iris().data[[0, 60, 120]]
    root = 0.3 * rng().normal(size=(3, 4, 4))
    peer.covars_ = root @ np.swapaxes(root, 1, 2) + 0.2 * np.eye(4)
    given |= {"mu": peer.means_, "Sigma": peer.covars_, "x": x[None]}
    compare(compiled("hmm_gaussian"), given, peer.score(x))
    marginals = compiled("hmm_gaussian").optimal_q(given)["z.probabilities"][0]
    np.testing.assert_allclose(marginals, peer.predict_proba(x), atol=1e-9)


@LENGTHS
def test_counts(hmmlearn, statsmodels, compiled, steps):
    spots = statsmodels.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
    x = np.resize(spots.astype(int), (steps, 1))
    peer = hmmlearn.PoissonHMM(3)
    given = hidden(peer, 1)
    peer.lambdas_ = np.array([[10.0], [50.0], [110.0]])
    given |= {"lam": peer.lambdas_, "x": x[None]}
    compare(compiled("hmm_poisson"), given, peer.score(x))


@LENGTHS
def test_categories(hmmlearn, statsmodels, compiled, steps):
    spots = statsmodels.datasets.sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()
    x = np.resize(np.digitize(spots, [15, 40, 80]), (steps, 1))
    peer = hmmlearn.CategoricalHMM(3)
    given = hidden(peer, 4)
    peer.emissionprob_ = rng().dirichlet(np.ones(4), size=3)
    given |= {"B": peer.emissionprob_, "x": x[None, :, 0]}
    compare(compiled("hmm_categorical"), given, peer.score(x))


@LENGTHS
def test_a_level(statsmodels, compiled, steps):
    nile = statsmodels.datasets.nile.load_pandas().data["volume"].to_numpy()
    peer = statsmodels.tsa.UnobservedComponents(np.resize(nile, steps), "llevel")
    peer.ssm.initialize_known(np.array([1000.0]), np.array([[5000.0]]))
    peer.loglikelihood_burn = 0
    r, q = 15099.0, 1469.1
    given = {"m": 1000.0, "p": 5000.0, "q": q, "r": r, "x": np.resize(nile, (1, steps))}
    compare(compiled("local_level"), given, peer.loglike([r, q]))


@LENGTHS
@pytest.mark.parametrize("factors", [1, 2])
def test_dynamic_factors(statsmodels, compiled, steps, factors):
    """With a vector autoregression of first order, in its stationary state."""
    macro = statsmodels.datasets.macrodata.load_pandas().data
    growth = np.diff(np.log(macro[["realgdp", "realcons", "realinv", "cpi"]].to_numpy()), axis=0)
    growth = (growth - growth.mean(axis=0)) / growth.std(axis=0)
    x = np.resize(growth, (steps, 4))
    peer = statsmodels.tsa.DynamicFactor(x, k_factors=factors, factor_order=1)
    peer.update(peer.start_params)
    A, C, R = (peer.ssm[n] for n in ("transition", "design", "obs_cov"))
    Q = peer.ssm["selection"] @ peer.ssm["state_cov"] @ peer.ssm["selection"].T
    P = linalg.solve_discrete_lyapunov(A, Q)
    peer.ssm.initialize_known(np.zeros(factors), P)
    peer.loglikelihood_burn = 0
    given = {
        "m": np.zeros(factors), "P": (P + P.T) / 2, "A": A, "Q": Q, "C": C, "R": R, "x": x[None],
    }  # fmt: skip
    compare(compiled("linear_dynamical_system"), given, peer.loglike(peer.start_params))


def test_sequences_at_once_are_sequences_one_by_one(hmmlearn, compiled):
    """F is their mean."""
    x = np.resize(load_iris().data, (90, 4))
    peer = hmmlearn.GaussianHMM(3, "full")
    given = hidden(peer, 4)
    peer.means_, peer.covars_ = load_iris().data[[0, 60, 120]], np.tile(0.3 * np.eye(4), (3, 1, 1))
    given |= {"mu": peer.means_, "Sigma": peer.covars_, "x": x.reshape(3, 30, 4)}
    compare(compiled("hmm_gaussian"), given, peer.score(x, lengths=[30] * 3), scale=3)
