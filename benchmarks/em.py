"""EM raced against the libraries that have it, from one start to one optimum.

Not to equal tolerance, which means something else in every library: the time to within 1e-5 nats
per data point of the optimum that both reach.  Where no library has a model, the peer is EM written
by hand in NumPy.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp
from sklearn.decomposition import FactorAnalysis
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from benchmarks.timing import Ratio

Arrays = dict[str, Any]
NEAR = 1e-5  # nats per data point
LOOP = "the recursions over time are loops of Python, the peer's are C++"
OURS, TARGET, HALF = "EM", 0.8, 0.5
#: (start, data, most iterations) -> F after each of them, per data point
Peer = Callable[[Arrays, Any, int], list[float]]


@dataclass(frozen=True)
class Case:
    """A race.

    Attributes:
        data, start: what both sides get.
        name, peer: of the other side.
        bounds: what keeps us from the target, where something does.
    """

    title: str
    model: str
    sizes: Mapping[str, int]
    data: Any
    start: Arrays
    name: str
    peer: Peer
    bounds: str = ""


def races(repeats: int, tiny: bool = False) -> list[Ratio]:
    """Ratios of time, and of iterations to those of plain EM."""
    found, halves = [], []
    for case in cases(tiny):
        time, steps = race(case, repeats)
        found.append(time)
        if steps is not None:
            halves.append(steps)
            found.append(Ratio(case.title, "E-steps, accelerated / plain EM", steps, steps))
    middle = median(halves) if halves else float("nan")
    found.append(Ratio("all of these", "E-steps, in the median", middle, middle, HALF))
    return found


def race(case: Case, repeats: int) -> tuple[Ratio, float | None]:
    """The ratio of times, and that of E-steps."""
    proof = ep.prove(case.model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = _ours(proof, case, 1e-9)
        theirs = case.peer(case.start, case.data, 3000)
        top = max(ours.history_["elbo"][-1], theirs[-1])
        apart = abs(ours.history_["elbo"][-1] - theirs[-1])
        row = int(np.argmax(ours.history_["elbo"] >= top - NEAR))
        needed = int(np.argmax(np.array(theirs) >= top - NEAR)) + 1
        if ours.history_["elbo"][row] < top - NEAR or theirs[needed - 1] < top - NEAR:
            note = f"other optima: F {ours.elbo_:.5f} and {theirs[-1]:.5f}"
            name = f"{OURS} / {case.name}"
            return Ratio(case.title, name, float("nan"), float("nan"), TARGET, note=note), None
        rounds = []
        for _ in range(repeats):
            begun = perf_counter()
            case.peer(case.start, case.data, needed)
            peer = perf_counter() - begun
            rounds.append((_ours(proof, case, 1e-9).history_["seconds"][row], peer))
    each = [own / peer for own, peer in rounds]
    fastest = min(own for own, _ in rounds) / min(peer for _, peer in rounds)
    note = f"F apart by {apart:.1e}" if apart > NEAR else case.bounds
    found = Ratio(case.title, f"{OURS} / {case.name}", median(each), fastest, TARGET, note=note)
    return found, float(ours.history_["e_steps"][row]) / needed


def _ours(proof: Any, case: Case, tol: float) -> ep.VariationalEstimator:
    options: dict[str, Any] = {"init": case.start, "optimizer": "em", "tol": tol, "max_iter": 2000}
    return ep.VariationalEstimator(proof, sizes=case.sizes, **options).fit(case.data)


# peers --------------------------------------------------------------------------------------------
def gaussian_mixture(kind: str) -> Peer:
    def run(start: Arrays, x: Any, most: int) -> list[float]:
        scale = start["Sigma"] if "Sigma" in start else start["sigma2"]
        precision = np.linalg.inv(scale) if kind in {"full", "tied"} else 1 / scale
        peer = GaussianMixture(
            len(start["rho"]), covariance_type=kind, reg_covar=0, tol=1e-8, max_iter=most,
            weights_init=start["rho"], means_init=start["mu"], precisions_init=precision,
        ).fit(x)  # fmt: skip
        return list(peer.lower_bounds_)

    return run


def factor_analysis(start: Arrays, x: Any, most: int) -> list[float]:
    """scikit-learn starts at the principal components given psi; so do we."""
    peer = FactorAnalysis(
        start["W"].shape[1], tol=1e-9, max_iter=most, svd_method="lapack",
        noise_variance_init=start["psi"],
    ).fit(x)  # fmt: skip
    return [value / len(x) for value in peer.loglike_]


def by_hand(step: Callable[[Arrays, Any], tuple[Arrays, float]]) -> Peer:
    """EM written in NumPy: (parameters, data) -> (the next, F)."""

    def run(start: Arrays, x: Any, most: int) -> list[float]:
        values, found = start, list[float]()
        for _ in range(most):
            values, value = step(values, x)
            if len(found) > 1 and value - found[-1] <= 1e-8:
                break
            found.append(value)
        return found

    return run


def poisson(values: Arrays, x: Any) -> tuple[Arrays, float]:
    lam = values["lam"]
    log_joint = np.log(values["rho"]) + x @ np.log(lam).T - lam.sum(axis=1)
    logs = logsumexp(log_joint, axis=1)
    r = np.exp(log_joint - logs[:, None])
    mass = r.sum(axis=0)
    new = {"rho": mass / len(x), "lam": np.maximum(r.T @ x / mass[:, None], 1e-12)}
    return new, float(logs.mean() - gammaln(x + 1).sum() / len(x))


def bernoulli(values: Arrays, x: Any) -> tuple[Arrays, float]:
    theta = values["theta"]
    off = np.log1p(-theta)
    log_joint = np.log(values["rho"]) + x @ (np.log(theta) - off).T + off.sum(axis=1)
    logs = logsumexp(log_joint, axis=1)
    r = np.exp(log_joint - logs[:, None])
    mass = r.sum(axis=0)
    theta = np.clip(r.T @ x / mass[:, None], 1e-12, 1 - 1e-12)
    return {"rho": mass / len(x), "theta": theta}, float(logs.mean())


def factor_analysers(values: Arrays, x: Any) -> tuple[Arrays, float]:
    """Ghahramani & Hinton (1996)."""
    rho, W, mu, psi = (values[n] for n in ("rho", "W", "mu", "psi"))
    K, D, H = W.shape
    log_joint, means, spreads = np.empty((len(x), K)), [], []
    for k in range(K):
        scaled = W[k] / psi[:, None]
        spread = np.linalg.inv(np.eye(H) + W[k].T @ scaled)
        away = x - mu[k]
        mean = away @ (scaled @ spread)
        square = (away * away) @ (1 / psi) - ((away @ scaled) * mean).sum(axis=1)
        volume = np.log(psi).sum() - np.linalg.slogdet(spread)[1]
        log_joint[:, k] = np.log(rho[k]) - (square + volume + D * np.log(2 * np.pi)) / 2
        means.append(mean)
        spreads.append(spread)
    logs = logsumexp(log_joint, axis=1)
    r = np.exp(log_joint - logs[:, None])
    mass = r.sum(axis=0)
    new_w, new_mu, noise = np.empty_like(W), np.empty_like(mu), np.zeros(D)
    for k in range(K):
        z = np.concatenate([means[k], np.ones((len(x), 1))], axis=1)
        weighted = z * r[:, k, None]
        zz = weighted.T @ z
        zz[:H, :H] += mass[k] * spreads[k]
        xz = x.T @ weighted
        both = np.linalg.solve(zz, xz.T).T
        new_w[k], new_mu[k] = both[:, :H], both[:, H]
        noise += (r[:, k] @ (x * x)) - (both * xz).sum(axis=1)
    new = {"rho": mass / len(x), "W": new_w, "mu": new_mu, "psi": noise / len(x)}
    return new, float(logs.mean())


def gaussian_hmm(start: Arrays, x: Any, most: int) -> list[float]:
    from hmmlearn.hmm import GaussianHMM

    peer = GaussianHMM(
        len(start["rho"]), "full", init_params="", n_iter=most, tol=1e-9, covars_prior=0.0,
        covars_weight=0.0,
    )  # fmt: skip
    peer.startprob_, peer.transmat_ = start["rho"], start["A"]
    peer.n_features = x.shape[2]
    peer.means_, peer.covars_ = start["mu"], start["Sigma"]
    return _watched(peer, x.reshape(-1, x.shape[2]), x)


def categorical_hmm(start: Arrays, x: Any, most: int) -> list[float]:
    from hmmlearn.hmm import CategoricalHMM

    peer = CategoricalHMM(len(start["rho"]), init_params="", n_iter=most, tol=1e-9)
    peer.startprob_, peer.transmat_, peer.emissionprob_ = start["rho"], start["A"], start["B"]
    peer.n_features = start["B"].shape[1]
    return _watched(peer, x.reshape(-1, 1).astype(int), x)


def _watched(peer: Any, rows: Any, x: Any) -> list[float]:
    values: list[float] = []
    report = peer.monitor_.report

    def kept(value: float) -> None:
        values.append(value / len(x))
        report(value)

    peer.monitor_.report = kept
    peer.fit(rows, [x.shape[1]] * len(x))
    return values


# cases --------------------------------------------------------------------------------------------
def cases(tiny: bool = False) -> Iterator[Case]:
    """One after the other, as some are large; tiny: at sizes that show that both sides agree."""
    rng = np.random.default_rng(0)
    N, D, K = (300, 2, 2) if tiny else (40_000, 10, 8)
    centres, label = 0.7 * rng.normal(size=(K, D)), rng.integers(K, size=N)
    shapes = np.eye(D) + 0.3 * rng.normal(size=(K, D, D))
    x = centres[label] + np.einsum("nd,nde->ne", rng.normal(size=(N, D)), shapes[label])
    rho, mu, whole = np.full(K, 1 / K), x[:K], np.cov(x.T)
    starts: dict[str, tuple[str, Arrays]] = {
        "full": ("gaussian_mixture", {"Sigma": np.tile(whole, (K, 1, 1))}),
        "tied": ("gaussian_mixture_tied", {"Sigma": whole}),
        "diag": ("gaussian_mixture_diagonal", {"sigma2": np.tile(np.diag(whole), (K, 1))}),
        "spherical": ("gaussian_mixture_spherical", {"sigma2": np.full(K, whole.trace() / D)}),
    }
    for kind, (model, scale) in starts.items():
        yield Case(
            f"Gaussian mixture, {kind}, N={N}, D={D}, K={K}", model, {"K": K}, x,
            {"rho": rho, "mu": mu, **scale}, "scikit-learn", gaussian_mixture(kind),
        )  # fmt: skip
    rates = np.exp(0.4 * rng.normal(size=(K, D)) + 1)
    counts = rng.poisson(rates[label]).astype(float)
    lam = counts[:K] / 2 + counts.mean(axis=0) / 2
    yield Case(
        f"Poisson mixture, N={N}, D={D}, K={K}", "poisson_mixture", {"K": K}, counts,
        {"rho": rho, "lam": lam}, "NumPy by hand", by_hand(poisson),
    )  # fmt: skip
    bits = (rng.random((N, 2 * D)) < rng.uniform(0.1, 0.9, size=(K, 2 * D))[label]).astype(float)
    yield Case(
        f"Bernoulli mixture, N={N}, D={2 * D}, K={K}", "bernoulli_mixture", {"K": K}, bits,
        {"rho": rho, "theta": bits[:K] / 2 + 0.25}, "NumPy by hand", by_hand(bernoulli),
    )  # fmt: skip
    for N, D, H in ((50, 6, 2),) if tiny else ((5000, 60, 6), (500, 400, 6)):
        noise = np.exp(rng.normal(size=D) / 2)
        x = rng.normal(size=(N, H)) @ rng.normal(size=(H, D)) + rng.normal(size=(N, D)) * noise
        x -= x.mean(axis=0)
        psi = x.var(axis=0)
        _, lengths, directions = np.linalg.svd(x / np.sqrt(psi) / np.sqrt(N), full_matrices=False)
        W = np.sqrt(np.maximum(lengths[:H] ** 2 - 1, 0))[:, None] * directions[:H] * np.sqrt(psi)
        yield Case(
            f"factor analysis, N={N}, D={D}, H={H}", "factor_analysis", {"H": H}, x,
            {"W": W.T, "mu": x.mean(axis=0), "psi": psi}, "scikit-learn", factor_analysis,
            "the peer is no EM: it solves for W given psi by an SVD, and needs few steps",
        )  # fmt: skip
    N, D, H, K = (200, 4, 1, 2) if tiny else (10_000, 12, 3, 5)
    label, loadings = rng.integers(K, size=N), rng.normal(size=(K, D, H))
    z = rng.normal(size=(N, H))
    x = 1.5 * rng.normal(size=(K, D))[label] + np.einsum("ndh,nh->nd", loadings[label], z)
    x += 0.7 * rng.normal(size=(N, D))
    yield Case(
        f"mixture of factor analysers, N={N}, D={D}, H={H}, K={K}", "mixture_of_factor_analysers",
        {"H": H, "K": K}, x,
        {"rho": np.full(K, 1 / K), "W": loadings + 0.3, "mu": x[:K], "psi": x.var(axis=0)},
        "NumPy by hand", by_hand(factor_analysers),
    )  # fmt: skip
    yield from chains(rng, tiny)


def chains(rng: np.random.Generator, tiny: bool) -> Iterator[Case]:
    N, T, K, D = (4, 20, 2, 2) if tiny else (20, 500, 6, 4)
    A = np.full((K, K), 0.3 / K) + 0.7 * np.eye(K)
    z = np.zeros((N, T), dtype=int)
    for t in range(1, T):
        z[:, t] = [rng.choice(K, p=A[s]) for s in z[:, t - 1]]
    x = 1.3 * rng.normal(size=(K, D))[z] + rng.normal(size=(N, T, D))
    start = {"rho": np.full(K, 1 / K), "A": np.full((K, K), 0.5 / K) + 0.5 * np.eye(K)}
    emission = {"mu": x[0, :K], "Sigma": np.tile(np.cov(x.reshape(-1, D).T), (K, 1, 1))}
    yield Case(
        f"Gaussian HMM, {N} sequences of {T}, D={D}, K={K}", "hmm_gaussian", {"K": K}, x,
        {**start, **emission}, "hmmlearn", gaussian_hmm, LOOP,
    )  # fmt: skip
    M = 4 if tiny else 12
    table = rng.dirichlet(np.full(M, 0.3), size=K)
    letters = np.array([[rng.choice(M, p=table[s]) for s in row] for row in z]).astype(float)
    names = {"B": 0.5 * table + 0.5 / M}
    yield Case(
        f"categorical HMM, {N} sequences of {T}, M={M}, K={K}", "hmm_categorical",
        {"K": K, "M": M}, letters, {**start, **names}, "hmmlearn", categorical_hmm, LOOP,
    )  # fmt: skip
