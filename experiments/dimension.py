"""How many latents? The entropy sum at the optimum, against the truth and scikit-learn's answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import e, log, pi
from pathlib import Path

import numpy as np

from experiments.data import Array, pca_data
from experiments.drawing import figure
from experiments.findings import Findings, Runs


@dataclass(frozen=True)
class Sizes:
    seeds: int = 10
    points: int = 400
    held_out: int = 400
    size: int = 12
    latents: int = 4
    largest: int = 8
    noise: float = 0.5
    iterations: int = 500


TINY = Sizes(seeds=1, points=80, held_out=80, size=5, latents=2, largest=3, iterations=60)


def parameter_count(size: int, latents: int) -> int:
    """Of p-PCA: mean, noise and loadings, less the rotations that change nothing."""
    return size + 1 + size * latents - latents * (latents - 1) // 2


def largest_likelihood(x: Array, latents: int) -> float:
    """p-PCA's maximum, in nats per data point (Tipping & Bishop, 1999), from eigenvalues."""
    values = np.linalg.eigvalsh(np.cov(x.T, bias=True))[::-1]
    size = len(values)
    noise = values[latents:].mean()
    logs = np.log(values[:latents]).sum() + (size - latents) * log(noise)
    return -(size * log(2 * pi * e) + logs) / 2


def run(folder: Path, tiny: bool = False) -> Findings:
    from sklearn.decomposition import PCA

    sizes, runs = TINY if tiny else Sizes(), Runs()
    counts = range(1, sizes.largest + 1)
    sums, held, exact = (np.zeros((sizes.seeds, len(counts))) for _ in range(3))
    by_pca = []
    for seed in range(sizes.seeds):
        rng = np.random.default_rng(seed)
        both = pca_data(rng, sizes.points + sizes.held_out, sizes.size, sizes.latents, sizes.noise)
        x, unseen = both[: sizes.points], both[sizes.points :]
        for k, H in enumerate(counts):
            fitted = runs.fit(
                f"H = {H}", x, "ppca", sizes={"H": H}, q="full", random_state=seed,
                expectation="analytic", optimizer="l-bfgs", max_iter=sizes.iterations, tol=1e-7,
            )  # fmt: skip
            sums[seed, k], held[seed, k] = fitted.entropy_sum_, fitted.score(unseen)
            exact[seed, k] = largest_likelihood(x, H)
        by_pca.append(int(PCA(n_components="mle").fit(x).n_components_))
    penalty = np.array([parameter_count(sizes.size, H) for H in counts])
    penalised = sums - penalty * log(sizes.points) / (2 * sizes.points)
    file = folder / "experiments" / "dimension.png"
    _draw(file, counts, {"entropy sum": sums, "less the penalty": penalised, "held-out ELBO": held},
          sizes.latents)  # fmt: skip
    chosen = {
        "entropy sum less the penalty": [counts[k] for k in penalised.argmax(axis=1)],
        "held-out ELBO": [counts[k] for k in held.argmax(axis=1)],
        "scikit-learn PCA(n_components='mle')": by_pca,
    }
    return _findings(sizes, runs, chosen, sums, penalised, exact)


def _findings(
    sizes: Sizes,
    runs: Runs,
    chosen: dict[str, list[int]],
    sums: Array,
    penalised: Array,
    exact: Array,
) -> Findings:
    right = {name: sum(H == sizes.latents for H in found) for name, found in chosen.items()}
    error = float(np.abs(sums - exact).max())
    names = list(chosen)
    return Findings(
        title="Choosing the number of latents by the entropy sum",
        setting=(
            f"Probabilistic PCA on data with {sizes.latents} latents, D = {sizes.size},"
            f" N = {sizes.points}, noise {sizes.noise}, {sizes.seeds} seeds; H from 1 to"
            f" {sizes.largest}, full Gaussian q, L-BFGS. The penalty is BIC's, d log(N) / 2N with"
            " d free parameters."
        ),
        reported=(
            "arXiv:2010.14860 names model selection among the uses of the entropy sum, which at"
            " convergence needs the variances of encoder and decoder alone. No numbers were found"
            " to quote."
        ),
        measured=(
            f"The entropy sum less the penalty was largest at the true {sizes.latents} latents for"
            f" {right[names[0]]} of {sizes.seeds} seeds, the held-out ELBO for {right[names[1]]},"
            f" and PCA's maximum-likelihood choice was right for {right[names[2]]}. The entropy sum"
            " of the fit and the closed form of p-PCA's largest likelihood differ by at most"
            f" {error:.0e} nats per data point."
        ),
        columns=("Chosen by", "True number", "Chosen, by seed"),
        rows=[
            (name, f"{right[name]} of {sizes.seeds}", ", ".join(map(str, found)))
            for name, found in chosen.items()
        ],
        numbers={
            "true number": sizes.latents,
            "chosen": chosen,
            "entropy sum, mean by H": list(sums.mean(axis=0)),
            "entropy sum less the penalty, mean by H": list(penalised.mean(axis=0)),
            "largest difference from the closed form is below":
                float(f"{10 ** np.ceil(np.log10(max(error, 1e-15))):.0e}"),
            "largest relative residual": runs.by_run,
        },
        holds={},
        figures={
            "dimension.png": "Each seed (pale) and their mean, relative to the largest value;"
            f" dashed: the true number, {sizes.latents}."
        },
        worst_residual=runs.worst,
        iterations=runs.iterations,
    )  # fmt: skip


def _draw(file: Path, counts: Sequence[int], curves: dict[str, Array], truth: int) -> None:
    with figure(file, 1, len(curves), (3.6 * len(curves), 3.4), sharey=True) as (_, axes):
        for k, (axis, (name, values)) in enumerate(zip(axes[0], curves.items(), strict=True)):
            relative = values - values.max(axis=1, keepdims=True)
            axis.plot(counts, relative.T, f"C{k}", alpha=0.25, lw=1)
            axis.plot(counts, relative.mean(axis=0), f"C{k}o-", lw=2)
            axis.axvline(truth, color="0.5", ls="--", lw=1)
            axis.set_title(name)
            axis.set_xlabel("number of latents H")
            axis.set_xticks(counts)
        axes[0, 0].set_ylabel("below its maximum\n(nats per data point)")
