"""Variational autoencoders: the ELBO and its three entropies along training, and the exact gap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from experiments.data import Array, digits, pca_data
from experiments.drawing import blocks, figure
from experiments.findings import Findings, Runs

MEAN_OVER = 50  # iterations, for curves and final values


@dataclass(frozen=True)
class Case:
    """A model with data and what trains it."""

    title: str
    model: str
    data: Callable[[np.random.Generator], Array]
    latents: int
    iterations: int
    hidden: tuple[int, ...] = (32,)
    samples: int = 4
    learning_rate: float = 1e-2
    batch: int = 200
    widths: dict[str, int] = field(default_factory=dict)


def ring(rng: np.random.Generator) -> Array:
    return pca_data(rng, 2000, 10, 2, noise=0.1, ring=True)


CASES = (
    Case("linear VAE, PCA data", "ppca", lambda rng: pca_data(rng, 2000, 10, 2, noise=0.1), 2,
         2000, hidden=()),
    Case("VAE-1, digits", "vae_1", lambda rng: digits(), 8, 2000, samples=2),
    Case("VAE-3, PCA-ring data", "vae_3", ring, 2, 2500),
)  # fmt: skip


def run(folder: Path, tiny: bool = False) -> Findings:
    runs, histories = Runs(), {}
    for case in CASES:
        x = case.data(np.random.default_rng(0))
        fitted = runs.fit(
            case.title, x[:100] if tiny else x, case.model, sizes={"H": case.latents},
            q="amortised", hidden=case.hidden, expectation="samples", samples=case.samples,
            optimizer="adam", batch_size=50 if tiny else case.batch,
            learning_rate=case.learning_rate, max_iter=60 if tiny else case.iterations,
            tol=0.0, random_state=0,
        )  # fmt: skip
        histories[case.title] = fitted.history_
    _draw(folder / "experiments" / "vae.png", histories)
    return _findings(runs, histories)


def _last(history: dict[str, Array], name: str) -> float:
    """The mean over the last iterations."""
    return float(history[name][-MEAN_OVER:].mean())


def _findings(runs: Runs, histories: dict[str, dict[str, Array]]) -> Findings:
    rows, numbers, ends = [], {}, []
    for title, h in histories.items():
        F, S, gap = (_last(h, n) for n in ("elbo", "entropy_sum", "predicted_gap"))
        first = abs(h["elbo"][0] - h["entropy_sum"][0])
        residual = runs.by_run[title]
        rows.append((title, f"{len(h['elbo'])}", f"{first:.2f}", f"{F:.3f}", f"{S:.3f}",
                     f"{F - S:+.3f}", f"{residual:.0e}"))  # fmt: skip
        ends.append(f"{abs(F - S):.3f} for the {title}")
        numbers[title] = {
            "iterations": len(h["elbo"]), "|F - S| at the first iteration": first,
            "F": F, "S": S, "v·∇F": gap,
            "H[q]": _last(h, "entropy q"), "H[p(z)]": _last(h, "entropy z"),
            "H[p(x|z)]": _last(h, "entropy x"), "largest relative residual": residual,
        }  # fmt: skip
    sizes = "; ".join(
        f"{c.title}: H = {c.latents}, {c.samples} samples, batches of {c.batch}" for c in CASES
    )
    return Findings(
        title="Variational autoencoders and their three entropies",
        setting=(
            f"Amortised Gaussian q, Adam with a rate of {CASES[0].learning_rate} on mini-batches"
            " and sampled expectations"
            f" ({sizes}). PCA data: D = 10, two latents, noise 0.1, N = 2000."
            f" Final values are means over the last {MEAN_OVER} mini-batches."
        ),
        reported=(
            "arXiv:2010.14860 verifies on the linear VAE with PCA data, VAE-1 with MNIST and VAE-3"
            " with PCA-ring data that the sum of three entropies comes to equal the ELBO as"
            " training converges (H = 2, D = 10, N = 10000 and batches of 2000 for the generated"
            " data, in the authors' code)."
        ),
        measured=(
            f"At the end |F - S| was {', '.join(ends)} (nats per data point), and at every"
            f" mini-batch of every run F - S was v·∇F to {runs.worst:.0e} relative: the gap that is"
            " left is no approximation error, it is the part of the gradient that training has"
            " not removed."
        ),
        columns=("Model, data", "Iterations", "First |F - S|", "F", "S", "F - S",
                 "Largest residual of F - S = v·∇F, relative"),
        rows=rows,
        numbers=numbers,
        holds={},
        figures={
            "vae.png": "Above: ELBO and entropy sum of each mini-batch (pale) and their running"
            " means. Middle: the three entropies. Below: the gap, its prediction v·∇F, and their"
            " difference."
        },
        worst_residual=runs.worst,
        iterations=runs.iterations,
    )  # fmt: skip


def _draw(file: Path, histories: dict[str, dict[str, Array]]) -> None:
    columns = len(histories)
    with figure(file, 3, columns, (4.2 * columns, 8.4), sharex="col") as (_, axes):
        for column, (title, h) in enumerate(histories.items()):
            upper, middle, lower = axes[:, column]
            upper.set_title(title)
            _bound(upper, h)
            _entropies(middle, h)
            _gap(lower, h)
            lower.set_xlabel("iteration (mini-batch)")
            lower.set_xlim(0, len(h["elbo"]))
        for axis in axes[:, 0]:
            axis.set_ylabel("nats per data point")
        for axis, place in zip(axes[:, -1], ("lower right", "center right", "center left"),
                               strict=True):  # fmt: skip
            axis.legend(loc=place, fontsize=8.5)


def _smooth(axis: Any, values: Array, color: str, label: str) -> None:
    points = np.array(list(blocks(values, max(1, len(values) // 40))))
    axis.plot(points[:, 0], points[:, 1], color, label=label, lw=1.8)


def _bound(axis: Any, h: dict[str, Array]) -> None:
    steps = np.arange(1, len(h["elbo"]) + 1)
    for name, color, label in (("elbo", "C0", "ELBO  F"), ("entropy_sum", "C1", "entropy sum  S")):
        axis.plot(steps, h[name], color, alpha=0.25, lw=0.6)
        _smooth(axis, h[name], color, label)
    late = np.concatenate([h[n][len(steps) // 20 :] for n in ("elbo", "entropy_sum")])
    low, high = np.quantile(late, [0.01, 1.0])
    axis.set_ylim(low - 0.15 * (high - low), high + 0.1 * (high - low))


def _entropies(axis: Any, h: dict[str, Array]) -> None:
    shown = (
        ("entropy q", 1, "C2", "H[q(z)]"),
        ("entropy z", -1, "C4", "−H[p(z)]"),
        ("entropy x", -1, "C5", "−H[p(x|z)]"),
    )
    for name, sign, color, label in shown:
        _smooth(axis, sign * h[name], color, label)


def _gap(axis: Any, h: dict[str, Array]) -> None:
    steps = np.arange(1, len(h["elbo"]) + 1)
    gap, predicted = h["elbo"] - h["entropy_sum"], h["predicted_gap"]
    thin = slice(None, None, max(1, len(steps) // 250))
    axis.semilogy(steps[thin], np.abs(gap)[thin], "C0", lw=3, alpha=0.35, label="|F − S|")
    axis.semilogy(steps[thin], np.abs(predicted)[thin], "C3.", ms=2.5, label="|v · ∇F|")
    left = np.maximum(np.abs(gap - predicted), 1e-17)[thin]
    axis.semilogy(steps[thin], left, ".", color="0.4", ms=2.5, label="|F − S − v · ∇F|")
    axis.set_ylim(1e-17, None)
