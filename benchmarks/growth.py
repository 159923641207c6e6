"""Processor time of proving chains of 5, 10, 20, 40 layers, and one model in many plate orders."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import process_time

from entropy_proofs import Bernoulli, Model, Normal

LAYERS = (5, 10, 20, 40)
PLATES = ("ABCDE", "EDCBA", "CAEBD", "ABCDEF", "FEDCBA", "DBFACE")


@dataclass(frozen=True)
class Growth:
    """Seconds of one core to prove one model, in a fresh process, imports not included."""

    model: str
    size: str
    verdict: str
    seconds: float


def growths(layers: Sequence[int] = LAYERS, plates: Sequence[str] = PLATES) -> list[Growth]:
    """Of each kind of chain with so many conditionals, and of each order of plates."""
    asked = [(kind, str(n)) for kind in CHAINS for n in layers]
    asked += [(PLATED, order) for order in plates]
    return [_measured(kind, size) for kind, size in asked]


def table(growths: Iterable[Growth]) -> str:
    """As Markdown."""
    lines = [
        "## Layers and plates",
        "",
        "Each in a fresh process on one core; seconds of processor time to prove it.",
        "",
        "| Model | Conditionals or plates | Verdict | Seconds |",
        "| --- | --- | --- | --- |",
    ]
    lines += [f"| {g.model} | {g.size} | {g.verdict} | {g.seconds:.2f} |" for g in growths]
    return "\n".join(lines) + "\n"


def gaussian(n: int, learned: bool = False) -> Model:
    """z0 -> z1 -> ... -> x, each linear in the one before with noise of a learned variance."""
    m = Model(f"{n} Gaussian layers")
    sizes = m.dims(*(f"D{k}" for k in range(n)))
    variance = m.parameter("s0", domain="positive") if learned else 1
    z = m.latent("z0", Normal(mean=0, variance=variance), sizes[0])
    for k in range(1, n):
        mean = m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ z + m.parameter(f"b{k}", sizes[k])
        density = Normal(mean=mean, variance=m.parameter(f"s{k}", domain="positive"))
        last = k == n - 1
        z = m.observed("x", density, sizes[k]) if last else m.latent(f"z{k}", density, sizes[k])
    return m


def sigmoid(n: int) -> Model:
    """A sigmoid belief network."""
    m = Model(f"{n} sigmoid layers")
    sizes = m.dims(*(f"D{k}" for k in range(n)))
    rho = m.parameter("rho", sizes[0], domain="unit interval")
    z = m.latent("z0", Bernoulli(probability=rho), sizes[0])
    for k in range(1, n):
        logits = m.parameter(f"W{k}", sizes[k], sizes[k - 1]) @ z + m.parameter(f"b{k}", sizes[k])
        density, last = Bernoulli(logits=logits), k == n - 1
        z = m.observed("x", density, sizes[k]) if last else m.latent(f"z{k}", density, sizes[k])
    return m


def plated(order: str) -> Model:
    """A mean and a variance for each place of an array with these axes."""
    m = Model(f"plates {order}")
    sizes = dict(zip(sorted(order), m.dims(*sorted(order)), strict=True))
    shape = [sizes[name] for name in order]
    variance = m.parameter("s", *shape, domain="positive")
    m.observed("x", Normal(mean=m.parameter("mu", *shape), variance=variance), *shape)
    return m


PLATED = "Normal on plates"
CHAINS = {
    "Gaussian layers, fixed prior": gaussian,
    "Gaussian layers, learned prior": lambda n: gaussian(n, learned=True),
    "Sigmoid belief network": sigmoid,
}


def _measured(kind: str, size: str) -> Growth:
    command = [sys.executable, "-m", "benchmarks.growth", kind, size]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    verdict, seconds = done.stdout.split()
    return Growth(kind, size, verdict, float(seconds))


def main(kind: str, size: str) -> None:
    """Proves one model; prints the verdict and the seconds."""
    from entropy_proofs import prove

    model = plated(size) if kind == PLATED else CHAINS[kind](int(size))
    start = process_time()
    verdict = prove(model).verdict
    print(verdict, process_time() - start)


if __name__ == "__main__":
    main(*sys.argv[1:])
