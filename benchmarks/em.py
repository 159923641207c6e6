"""EM raced against the libraries that have it, from one start to one optimum.

Not to equal tolerance, which means something else in every library: the time to within 1e-5 nats
per data point of the optimum that both reach.  Where no library has a model, the peer is EM written
by hand in NumPy.  p-PCA, which needs no steps, is held against the eigenvectors that it needs, and
one pass of mini-batches against the optimum of all data.
"""

from __future__ import annotations

import tracemalloc
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from scipy.special import gammaln, logsumexp
from sklearn.decomposition import FactorAnalysis
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from benchmarks import timing
from benchmarks.kalman import linear_dynamical_system
from benchmarks.timing import Ratio

Arrays = dict[str, Any]
NEAR = 1e-5  # nats per data point
LOOP = "the recursions over time are loops of Python, the peer's are C++"
SHARED = "each sequence has covariances of its own, the peer's sequences share them"
LONG = 5.0  # seconds: who takes longer is timed once
OURS, TARGET, HALF = "EM", 0.8, 0.5
#: (start, data, most iterations, F to stop at) -> F after each of them, per data point
Peer = Callable[[Arrays, Any, int, float], list[float]]


@dataclass(frozen=True)
class Case:
    """A race.

    Attributes:
        data, start: what both sides get.
        name, peer: of the other side.
        bounds: what keeps us from the target, where something does.
        plain: how many E-steps plain EM needs is counted with this, where the peer is another.
    """

    title: str
    model: str
    sizes: Mapping[str, int]
    data: Any
    start: Arrays
    name: str
    peer: Peer
    bounds: str = ""
    plain: Peer | None = None


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
    return [*found, *principal_components(repeats, tiny), *one_pass(tiny)]


def race(case: Case, repeats: int) -> tuple[Ratio, float | None]:
    """The ratio of times, and that of E-steps."""
    proof = ep.prove(case.model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ours = _ours(proof, case)
        reached = np.maximum.accumulate(ours.history_["elbo"])
        theirs, taken = _timed(case, 3000, reached[-1] - NEAR / 10)
        top = max(reached[-1], theirs[-1])
        row, needed = _first(reached, top - NEAR), _first(theirs, top - NEAR) + 1
        if reached[row] < top - NEAR or theirs[needed - 1] < top - NEAR:
            note = f"other optima: F {ours.elbo_:.5f} and {theirs[-1]:.5f}"
            name = f"{OURS} / {case.name}"
            return Ratio(case.title, name, float("nan"), float("nan"), TARGET, note=note), None
        steps = int(ours.history_["e_steps"][row])
        rounds = []
        for _ in range(1 if taken > LONG else repeats):
            peer = _timed(case, needed, np.inf)[1]
            rounds.append((_ours(proof, case, steps).history_["seconds"][row], peer))
        if case.plain is not None:
            needed = len(case.plain(case.start, case.data, 3000, top - NEAR))
    each = [own / peer for own, peer in rounds]
    fastest = min(own for own, _ in rounds) / min(peer for _, peer in rounds)
    found = Ratio(case.title, f"{OURS} / {case.name}", median(each), fastest, TARGET)
    apart = abs(reached[-1] - theirs[-1])
    note = f"F apart by {apart:.1e}" if apart > NEAR else case.bounds
    return replace(found, note=note), steps / needed


def _ours(proof: Any, case: Case, most: int = 2000) -> ep.VariationalEstimator:
    options: dict[str, Any] = {"init": case.start, "optimizer": "em", "tol": 1e-8, "max_iter": most}
    return ep.VariationalEstimator(proof, sizes=case.sizes, **options).fit(case.data)


def _timed(case: Case, most: int, level: float) -> tuple[list[float], float]:
    begun = perf_counter()
    values = case.peer(case.start, case.data, most, level)
    return values, perf_counter() - begun


def _first(values: Any, level: float) -> int:
    """Which one is the first that is so high."""
    return int(np.argmax(np.array(values) >= level))


def principal_components(repeats: int, tiny: bool = False) -> Iterator[Ratio]:
    """A whole fit of p-PCA against the covariance and its eigenvectors."""
    N, D, H = (60, 5, 2) if tiny else (5000, 500, 10)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(N, H)) @ rng.normal(size=(H, D)) + rng.normal(size=(N, D))
    proof = ep.prove("ppca")

    def fit() -> None:
        ep.VariationalEstimator(proof, sizes={"H": H}).fit(x)

    def eigenvectors() -> None:
        centred = x - x.mean(axis=0)
        np.linalg.eigh(centred.T @ centred / N)

    seconds = timing.race({"fit": fit, "eigenvectors": eigenvectors}, repeats)
    median_, fastest = timing.ratio(seconds, "fit", "eigenvectors")
    title = f"p-PCA, N={N}, D={D}, H={H}"
    yield Ratio(title, "fit / covariance and its eigenvectors in NumPy", median_, fastest, 3.0)


def one_pass(tiny: bool = False) -> Iterator[Ratio]:
    """Mini-batches of a memory map, once each, against EM on all data; and memory by size."""
    N, D, K, size = (3000, 3, 2, 300) if tiny else (1_000_000, 20, 5, 10_000)
    options: dict[str, Any] = {"sizes": {"K": K}, "optimizer": "em", "random_state": 0}
    proof = ep.prove("gaussian_mixture")
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = _clusters(Path(folder) / "x.npy", N, D, K)
        peaks = {}
        for rows in (N // 10, N):
            batches = {**options, "batch_size": size, "max_iter": -(-rows // size)}
            tracemalloc.start()
            learned = ep.VariationalEstimator(proof, **batches).fit(x[:rows])
            peaks[rows] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        tops = [
            ep.VariationalEstimator(proof, **options, init=init, tol=1e-3).fit(x).elbo_
            for init in (None, learned.parameters_)
        ]
    title = f"Gaussian mixture, N={N}, D={D}, K={K}, one pass of mini-batches of {size}"
    below, growth = max(tops) - learned.elbo_, peaks[N] / peaks[N // 10]
    yield Ratio(title, "nats below the optimum of all data", below, below, 0.05)
    name = f"peak memory, {peaks[N] / 1e6:.0f} MB / that of N={N // 10}"
    yield Ratio(title, name, growth, growth, 1.2)


def _clusters(file: Path, N: int, D: int, K: int) -> Any:
    rng = np.random.default_rng(0)
    x = np.lib.format.open_memmap(file, "w+", float, (N, D))
    centres = 1.5 * rng.normal(size=(K, D))
    for k in range(0, N, 10_000):
        part = x[k : k + 10_000]
        part[:] = centres[rng.integers(K, size=len(part))] + rng.normal(size=part.shape)
    x.flush()
    return np.load(file, mmap_mode="r")


# peers --------------------------------------------------------------------------------------------
def gaussian_mixture(kind: str) -> Peer:
    def run(start: Arrays, x: Any, most: int, level: float) -> list[float]:
        scale = start["Sigma"] if "Sigma" in start else start["sigma2"]
        precision = np.linalg.inv(scale) if kind in {"full", "tied"} else 1 / scale
        peer = GaussianMixture(
            len(start["rho"]), covariance_type=kind, reg_covar=0, tol=1e-8, max_iter=most,
            weights_init=start["rho"], means_init=start["mu"], precisions_init=precision,
        ).fit(x)  # fmt: skip
        return list(peer.lower_bounds_)

    return run


def factor_analysis(start: Arrays, x: Any, most: int, level: float) -> list[float]:
    """scikit-learn starts at the principal components given psi; so do we."""
    peer = FactorAnalysis(
        start["W"].shape[1], tol=1e-9, max_iter=most, svd_method="lapack",
        noise_variance_init=start["psi"],
    ).fit(x)  # fmt: skip
    return [value / len(x) for value in peer.loglike_]


def by_hand(step: Callable[[Arrays, Any], tuple[Arrays, float]]) -> Peer:
    """EM written in NumPy: (parameters, data) -> (the next, F)."""

    def run(start: Arrays, x: Any, most: int, level: float) -> list[float]:
        values, found = start, list[float]()
        for _ in range(most):
            values, value = step(values, x)
            if len(found) > 1 and value - found[-1] <= 1e-9:
                break
            found.append(value)
            if value >= level:
                break
        return found

    return run


def plain_factor_analysis(start: Arrays, x: Any, most: int, level: float) -> list[float]:
    """EM's own steps: a mixture of one."""
    one = {"rho": np.ones(1), "W": start["W"][None], "mu": start["mu"][None], "psi": start["psi"]}
    return by_hand(factor_analysers)(one, x, most, level)


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


def gaussian_hmm(start: Arrays, x: Any, most: int, level: float) -> list[float]:
    from hmmlearn.hmm import GaussianHMM

    peer = GaussianHMM(
        len(start["rho"]), "full", init_params="", n_iter=most, tol=1e-7, covars_prior=0.0,
        covars_weight=0.0,
    )  # fmt: skip
    peer.startprob_, peer.transmat_ = start["rho"], start["A"]
    peer.n_features = x.shape[2]
    peer.means_, peer.covars_ = start["mu"], start["Sigma"]
    return _watched(peer, x.reshape(-1, x.shape[2]), x, level)


def categorical_hmm(start: Arrays, x: Any, most: int, level: float) -> list[float]:
    from hmmlearn.hmm import CategoricalHMM

    peer = CategoricalHMM(len(start["rho"]), init_params="", n_iter=most, tol=1e-7)
    peer.startprob_, peer.transmat_, peer.emissionprob_ = start["rho"], start["A"], start["B"]
    peer.n_features = start["B"].shape[1]
    return _watched(peer, x.reshape(-1, 1).astype(int), x, level)


def _watched(peer: Any, rows: Any, x: Any, level: float) -> list[float]:
    values: list[float] = []
    report = peer.monitor_.report

    def kept(value: float) -> None:
        values.append(value / len(x))
        report(value)
        if values[-1] >= level:
            peer.monitor_.n_iter = peer.monitor_.iter

    peer.monitor_.report = kept
    peer.fit(rows, [x.shape[1]] * len(x))
    return values


# cases --------------------------------------------------------------------------------------------
def cases(tiny: bool = False) -> Iterator[Case]:
    """One after the other, as some are large; tiny: at sizes that show that both sides agree."""
    rng = np.random.default_rng(0)
    N, D, K = (300, 2, 2) if tiny else (40_000, 10, 8)
    centres, label = 0.7 * rng.normal(size=(K, D)), rng.integers(K, size=N)
    noise, rho = rng.normal(size=(N, D)), np.full(K, 1 / K)
    for kind, model, shapes in (
        ("full", "gaussian_mixture", np.eye(D) + 0.3 * rng.normal(size=(K, D, D))),
        ("tied", "gaussian_mixture_tied", np.eye(D) + 0.3 * rng.normal(size=(1, D, D))),
        ("diag", "gaussian_mixture_diagonal", np.eye(D) * rng.uniform(0.7, 1.3, size=(K, 1, D))),
        ("spherical", "gaussian_mixture_spherical", np.eye(D) * rng.uniform(0.7, 1.3, (K, 1, 1))),
    ):
        x = centres[label] + (noise[:, None] @ np.broadcast_to(shapes, (K, D, D))[label])[:, 0]
        whole = np.cov(x.T)
        scale = {
            "full": {"Sigma": np.tile(whole, (K, 1, 1))},
            "tied": {"Sigma": whole},
            "diag": {"sigma2": np.tile(np.diag(whole), (K, 1))},
            "spherical": {"sigma2": np.full(K, whole.trace() / D)},
        }[kind]
        yield Case(
            f"Gaussian mixture, {kind}, N={N}, D={D}, K={K}", model, {"K": K}, x,
            {"rho": rho, "mu": x[:K], **scale}, "scikit-learn", gaussian_mixture(kind),
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
            plain=plain_factor_analysis,
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
    N, T, K, D = (20, 20, 2, 2) if tiny else (20, 500, 6, 4)
    A = np.full((K, K), 0.3 / K) + 0.7 * np.eye(K)
    z = np.zeros((N, T), dtype=int)
    for t in range(1, T):
        z[:, t] = [rng.choice(K, p=A[s]) for s in z[:, t - 1]]
    centres = 1.3 * rng.normal(size=(K, D))
    x = centres[z] + rng.normal(size=(N, T, D))
    start = {"rho": np.full(K, 1 / K), "A": np.full((K, K), 0.5 / K) + 0.5 * np.eye(K)}
    mu = centres + 0.5 * rng.normal(size=(K, D))  # from which both sides climb the same hill
    emission = {"mu": mu, "Sigma": np.tile(np.cov(x.reshape(-1, D).T), (K, 1, 1))}
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
    T, D, H = (20, 2, 1) if tiny else (100, 6, 3)
    A, C = 0.9 * np.linalg.qr(rng.normal(size=(H, H)))[0], rng.normal(size=(D, H))
    z = np.zeros((N, T, H))
    z[:, 0] = rng.normal(size=(N, H))
    for t in range(1, T):
        z[:, t] = z[:, t - 1] @ A.T + rng.normal(size=(N, H))
    x = z @ C.T + rng.normal(size=(N, T, D))
    system = {"m": np.zeros(H), "P": np.eye(H), "A": 0.5 * np.eye(H), "Q": np.eye(H)}
    system |= {"C": C + 0.3 * rng.normal(size=(D, H)), "R": np.diag(x.var(axis=(0, 1)))}
    yield Case(
        f"linear dynamical system, {N} sequences of {T}, D={D}, H={H}", "linear_dynamical_system",
        {"H": H}, x, system, "NumPy by hand", by_hand(linear_dynamical_system), SHARED,
    )  # fmt: skip
