"""How a process begins that proves many models and shows what it found."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Let Python look for garbage less often, and never in what is there by now.

    SymPy's caches keep millions of expressions, and no cycles of them: looking through them again
    and again took a fifth of the time of the catalogue's derivations.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def begin_worker() -> None:
    """In one of several processes: BLAS takes one thread in each."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    collect_seldom()
