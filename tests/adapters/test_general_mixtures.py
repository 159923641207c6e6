"""pomegranate's mixtures: F is the sum of `log_probability`, for every kind of component."""

from __future__ import annotations

import numpy as np
import pytest
from adapters.agreement import agrees, quick
from sklearn import datasets

import entropy_proofs as ep

IRIS = datasets.load_iris().data
COUNTS = np.random.default_rng(0).poisson([3, 8, 1, 2], size=(100, 4))
KINDS = ["full", "diag", "Exponential", "Poisson", "Bernoulli", "Categorical", "Gamma"]


def double(x):
    import torch

    return torch.tensor(np.asarray(x), dtype=torch.float64)


def component(pomegranate, kind: str, rng: np.random.Generator):
    """One with random parameters, of four columns, in double precision."""
    scale = double(rng.uniform(1, 6, size=4))
    if kind in {"full", "diag"}:
        root = rng.normal(size=(4, 4))
        spread = root @ root.T + np.eye(4) if kind == "full" else rng.uniform(0.5, 2, size=4)
        return pomegranate.Normal(scale, double(spread), covariance_type=kind)
    if kind == "Gamma":
        return pomegranate.Gamma(scale, double(rng.uniform(0.5, 2, size=4)))
    if kind == "Categorical":
        return pomegranate.Categorical(double(rng.dirichlet(np.ones(3), size=4)))
    if kind == "Bernoulli":
        return pomegranate.Bernoulli(double(rng.uniform(0.1, 0.9, size=4)))
    return getattr(pomegranate, kind)(scale)


def mixture(pomegranate, kind: str, seed: int, **options):
    from pomegranate.gmm import GeneralMixtureModel

    rng = np.random.default_rng(seed)
    parts = [component(pomegranate, kind, rng) for _ in range(3)]
    priors = double(rng.dirichlet(np.ones(3)))
    return GeneralMixtureModel(parts, priors=priors, **options).double()


def rows(kind: str) -> np.ndarray:
    if kind == "Poisson":
        return COUNTS
    if kind == "Categorical":
        return np.minimum(COUNTS, 2)
    return (COUNTS > 2).astype(int) if kind == "Bernoulli" else IRIS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", KINDS)
def test_f_is_the_log_probability(pomegranate, kind, seed):
    import torch

    fitted, x = mixture(pomegranate, kind, seed), rows(kind)
    given = torch.tensor(x) if kind == "Categorical" else double(x)
    found = quick(fitted, x)
    agrees(found, float(fitted.log_probability(given).sum()))
    assert {"priors[2]"} < set(found.shares)
    assert any(name.startswith("distributions[2].") for name in found.shares)


@pytest.mark.parametrize("kind", sorted({*KINDS} - {"diag", "Bernoulli"}))  # which collapse here
def test_em_run_on_converges(pomegranate, kind):
    """The priors that pomegranate learns add up to one in single precision only."""
    import torch

    x = rows(kind)
    given = torch.tensor(x) if kind == "Categorical" else double(x)
    early, ended = (mixture(pomegranate, kind, 3, tol=1e-9, max_iter=n) for n in (1, 2000))
    early.fit(given)
    ended.fit(given)
    assert not ep.audit(early, x).stationary
    found = ep.audit(ended, x)
    assert found.stationary
    assert found.total_share < 0.05
    agrees(found, float(ended.log_probability(given).sum()), 1e-6)


def test_single_precision_and_one_variance(pomegranate):
    from pomegranate.gmm import GeneralMixtureModel

    parts = [pomegranate.Normal(covariance_type="sphere") for _ in range(3)]
    fitted = GeneralMixtureModel(parts, random_state=0).fit(IRIS.astype("float32"))
    found = quick(fitted, IRIS)
    agrees(found, float(fitted.log_probability(IRIS.astype("float32")).sum()), 1e-6)
    assert "distributions[0].covs" in found.shares


def test_a_probability_of_zero_says_nothing_where_no_row_says_otherwise(pomegranate):
    x = rows("Bernoulli").copy()
    x[:, 3] = 0
    fitted = mixture(pomegranate, "Bernoulli", 3, max_iter=1).fit(double(x))
    assert not fitted.distributions[0].probs[3]
    found = ep.audit(fitted, x)
    from pomegranate.gmm import GeneralMixtureModel

    parts = [pomegranate.Bernoulli(part.probs[:3]) for part in fitted.distributions]
    without = ep.audit(GeneralMixtureModel(parts, priors=fitted.priors), x[:, :3])
    assert found.elbo == pytest.approx(without.elbo, rel=1e-12)
    assert found.to_gain == pytest.approx(without.to_gain, rel=1e-6)


def test_what_is_not_audited(pomegranate):
    from pomegranate.gmm import GeneralMixtureModel

    normal = mixture(pomegranate, "full", 0)
    one, other = normal.distributions[0], mixture(pomegranate, "diag", 0).distributions[0]
    nan = double(np.full(4, np.nan))
    flat = double(np.diag([1.0, 1, 1, 0]))
    student = pomegranate.StudentT(3, double(np.ones(4)), double(np.ones(4)))
    categorical = mixture(pomegranate, "Categorical", 0)
    categorical.distributions[2].pseudocount = 1.0
    cases = [
        (GeneralMixtureModel([pomegranate.Normal()] * 2), IRIS, "not fitted"),
        (GeneralMixtureModel([one, other]), IRIS, "several types"),
        (GeneralMixtureModel([one, pomegranate.Exponential(double(np.ones(4)))]), IRIS, "kinds"),
        (GeneralMixtureModel([student]), IRIS, "StudentT components are not audited"),
        (categorical, rows("Categorical"), "pseudocount"),
        (mixture(pomegranate, "full", 0), IRIS[:, :3], "has 3 columns"),
        (mixture(pomegranate, "full", 0), IRIS * np.nan, "X: contains NaN"),
        (mixture(pomegranate, "full", 0), IRIS[:0], "is empty"),
        (mixture(pomegranate, "Poisson", 0), COUNTS + 0.5, "x: "),
        (mixture(pomegranate, "full", 0, frozen=True), IRIS, "frozen"),
    ]
    for fitted, x, said in cases:
        with pytest.raises(ep.InputError, match=said):
            quick(fitted, x)
    normal.distributions[1].means.copy_(nan)
    with pytest.raises(ep.InputError, match=r"distributions\[1\]\.means has NaN"):
        quick(normal, IRIS)
    normal = mixture(pomegranate, "full", 0)
    normal.distributions[2].covs.copy_(flat)
    with pytest.raises(ep.InputError, match=r"distributions\[2\]\.covs is singular"):
        quick(normal, IRIS)
    normal = mixture(pomegranate, "full", 0)
    normal.distributions[0].freeze()
    with pytest.raises(ep.InputError, match=r"distributions\[0\] is frozen"):
        quick(normal, IRIS)
