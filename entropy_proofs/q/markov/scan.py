"""One recursion over time, as a loop of NumPy's or as `jax.lax.scan`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[Any, tuple[Any, ...]], tuple[Any, tuple[Any, ...]]]


def scan(
    step: Step, carry: Any, inputs: tuple[Any, ...], xp: Any = np, reverse: bool = False
) -> tuple[Any, tuple[Any, ...]]:
    """What `step` carries to the end, and its outputs stacked along a first axis, in time's order.

    Args:
        step: (carry, the inputs of one step) -> (carry, its outputs).
        inputs: arrays whose first axis is time.
        xp: NumPy, or jax.numpy, where it may be traced.
        reverse: from the last step to the first.

    Running sums:

    >>> import numpy as np
    >>> from entropy_proofs.q.markov.scan import scan
    >>> last, (sums,) = scan(lambda c, x: (c + x[0], (c + x[0],)), 0.0, (np.arange(4.0),))
    >>> float(last), sums.tolist()
    (6.0, [0.0, 1.0, 3.0, 6.0])
    """
    if xp is not np:
        from jax import lax

        return lax.scan(step, carry, inputs, reverse=reverse)
    times = range(len(inputs[0]))
    made: list[Any] = [None] * len(times)
    for t in reversed(times) if reverse else times:
        carry, made[t] = step(carry, tuple(a[t] for a in inputs))
    return carry, tuple(map(np.stack, zip(*made, strict=True)))
