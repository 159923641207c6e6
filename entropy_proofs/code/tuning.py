"""JAX code compiled in the ways that XLA offers on a CPU, of which the faster is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

Function = Callable[[dict[str, Any]], dict[str, Any]]

ROUNDS = 11
# XLA's library of fused loops, for elementwise functions too: exp and erf take a third of the time,
# but arrays are copied more often, so that some code gets slower
_LIBRARY = {
    "xla_cpu_experimental_ynn_fusion_type": ",".join(
        f"LIBRARY_FUSION_TYPE_{kind}" for kind in ("DOT", "ELTWISE", "REDUCE")
    )
}


def tuned(function: Function) -> Function:
    """The function of arrays by name, compiled for arrays of one size; its first call chooses how.

    Results of both ways differ by rounding errors.  Inside other compiled or differentiated code
    there is no choice.
    """
    import jax

    plain = jax.jit(function)
    chosen: list[Function] = []

    def run(values: dict[str, Any]) -> dict[str, Any]:
        if any(isinstance(v, jax.core.Tracer) for v in values.values()):
            return plain(values)
        if not chosen:
            chosen.append(_faster(function, plain, values))
        return chosen[0](values)

    return run


def _faster(function: Function, plain: Function, values: Mapping[str, Any]) -> Function:
    import jax

    if jax.default_backend() != "cpu":
        return plain
    other = jax.jit(function, compiler_options=_LIBRARY)
    try:
        jax.block_until_ready(other(values))
    except jax.errors.JaxRuntimeError:  # another version of XLA has no such library
        return plain
    ratios = []
    for _ in range(ROUNDS):  # side by side, since the machine may be slow for a while
        seconds = [_seconds(way, values) for way in (plain, other)]
        ratios.append(seconds[0] / seconds[1])
    return other if median(ratios) > 1 else plain


def _seconds(way: Function, values: Mapping[str, Any]) -> float:
    import jax

    jax.block_until_ready(way(dict(values)))
    start = perf_counter()
    jax.block_until_ready(way(dict(values)))
    return perf_counter() - start
