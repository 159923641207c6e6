"""Default fits of other libraries, audited and then run on: what the audit said, and what came."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from entropy_proofs.audits.auditing import audit
from entropy_proofs.document.blocks import Block, Document, Paragraph
from entropy_proofs.families.entering import Array
from entropy_proofs.notebook.displays import table

UNFINISHED, FINISHED = 1e-2, 1e-4  # nats per data point that running on gains
SEEDS = range(5)


@dataclass(frozen=True)
class AuditedFit:
    """One fit.

    estimator, data, size: what was fitted to what, with how many components.
    converged: whether the library says so.
    stationary: whether the audit does; to_gain: its estimate, in nats for each row.
    gained: what running on gained, in nats for each row.
    """

    estimator: str
    data: str
    size: int
    seed: int
    converged: bool
    stationary: bool
    to_gain: float
    gained: float


def data_sets() -> dict[str, Array]:
    """Standardised iris (4 columns), wine (13), and the first ten of breast cancer's columns."""
    from sklearn import datasets

    found = {
        "iris": datasets.load_iris().data,
        "wine": datasets.load_wine().data,
        "breast cancer": datasets.load_breast_cancer().data[:, :10],
    }
    return {name: (x - x.mean(axis=0)) / x.std(axis=0) for name, x in found.items()}


def mixtures(seeds: Sequence[int] = SEEDS) -> Iterator[AuditedFit]:
    """scikit-learn's GaussianMixture by its defaults, K = 2..5."""
    from sklearn.mixture import GaussianMixture

    for name, x in data_sets().items():
        for K in range(2, 6):
            for seed in seeds:
                fitted = GaussianMixture(K, random_state=seed).fit(x)
                ended = GaussianMixture(
                    K,
                    tol=1e-9,
                    max_iter=100_000,
                    weights_init=fitted.weights_,
                    means_init=fitted.means_,
                    precisions_init=np.linalg.inv(fitted.covariances_),
                    random_state=seed,
                ).fit(x)
                gained = ended.score(x) - fitted.score(x)
                yield _audited(fitted, x, name, K, seed, fitted.converged_, gained)


def factor_analyses(seeds: Sequence[int] = SEEDS) -> Iterator[AuditedFit]:
    """scikit-learn's FactorAnalysis by its defaults, which start from no seed: H = 1..4."""
    from sklearn.decomposition import FactorAnalysis

    for name, x in data_sets().items():
        for H in range(1, 5):
            if H < x.shape[1] - 1:
                fitted = FactorAnalysis(H).fit(x)
                ended = FactorAnalysis(
                    H, tol=1e-4, max_iter=5_000, noise_variance_init=fitted.noise_variance_
                ).fit(x)
                gained = ended.score(x) - fitted.score(x)
                done = fitted.n_iter_ < fitted.max_iter
                yield _audited(fitted, x, name, H, 0, done, gained)


def hidden_markov(seeds: Sequence[int] = SEEDS) -> Iterator[AuditedFit]:
    """hmmlearn's GaussianHMM by its defaults, K = 2, 3; nothing where it is not installed."""
    try:
        from hmmlearn.hmm import GaussianHMM
    except ImportError:
        return
    for name, x in data_sets().items():
        for K in (2, 3):
            for seed in seeds:
                fitted = GaussianHMM(K, random_state=seed).fit(x)
                ended = GaussianHMM(K, tol=1e-7, n_iter=10_000, init_params="", random_state=seed)
                for attribute in ("startprob_", "transmat_", "means_", "_covars_"):
                    setattr(ended, attribute, getattr(fitted, attribute).copy())
                ended.fit(x)
                gained = (_penalised(ended, x) - _penalised(fitted, x)) / len(x)
                done = bool(fitted.monitor_.converged)
                yield _audited(fitted, x, name, K, seed, done, gained)


def _penalised(hmm: Any, x: Array) -> float:
    """What hmmlearn's EM climbs: the log likelihood with its prior of the variances."""
    return float(hmm.score(x)) - hmm.covars_prior / 2 * float(np.sum(1 / hmm._covars_))


def _audited(
    fitted: Any, x: Array, data: str, size: int, seed: int, converged: bool, gained: float
) -> AuditedFit:
    found = audit(fitted, x)
    assert found.to_gain is not None
    said = bool(found.stationary)
    kind = type(fitted).__name__
    nats = found.to_gain * found.points / found.rows
    return AuditedFit(kind, data, size, seed, bool(converged), said, nats, float(gained))


KINDS: tuple[Callable[[], Iterator[AuditedFit]], ...] = (
    mixtures,
    factor_analyses,
    hidden_markov,
)


def audited_fits() -> list[AuditedFit]:
    """All of them."""
    # on one thread: which optimum a fit ends in can depend on how sums are split
    with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
        return [fit for kind in KINDS for fit in kind()]


def audit_document(fits: Sequence[AuditedFit]) -> Document:
    """The tables of reports/audits.md."""
    kinds = list(dict.fromkeys(fit.estimator for fit in fits))
    said = Paragraph(
        (
            "Fits by each library's defaults, to standardised iris, wine and the first ten columns "
            "of breast cancer, audited, and then run on until their likelihood stands still. "
            f"Unfinished: running on gains more than {UNFINISHED:g} nats for each row; finished: "
            f"less than {FINISHED:g}. An audit flags a fit as not converged if it estimates more "
            "than 3e-4 nats to gain.",
        )
    )
    whole = [(kind, *_counts([f for f in fits if f.estimator == kind])) for kind in kinds]
    blocks: list[Block] = [said, table(("Estimator", *COUNTS), whole)]
    for kind in kinds:
        own = [f for f in fits if f.estimator == kind]
        groups = dict.fromkeys((f.data, f.size) for f in own)
        rows = [
            (data, str(size), *_counts([f for f in own if (f.data, f.size) == (data, size)]))
            for data, size in groups
        ]
        blocks += [Paragraph((f"{kind}:",)), table(("Data", "Components", *COUNTS), rows)]
    return Document("Audits of default fits", tuple(blocks))


COUNTS = ("Fits", "Converged, they say", "Unfinished", "flagged", "Finished", "flagged")


def _counts(fits: Sequence[AuditedFit]) -> tuple[str, ...]:
    """Numbers of fits, which agree from one machine to the next where nats do not."""
    unfinished = [f for f in fits if f.gained > UNFINISHED]
    finished = [f for f in fits if f.gained < FINISHED]
    counts = (
        len(fits),
        sum(f.converged for f in fits),
        len(unfinished),
        sum(not f.stationary for f in unfinished),
        len(finished),
        sum(not f.stationary for f in finished),
    )
    return tuple(map(str, counts))
