"""What generated JAX code calls and JAX lacks; the results have the inputs' precision.

A generated module quotes these functions, hence the underscores: its public names are others.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax.scipy import special


def _asarray(x: Any) -> Any:
    return x if isinstance(x, jnp.ndarray) else jnp.asarray(x)  # which takes its time


def _index(x: Any) -> Any:
    """Positions in an array."""
    return jnp.asarray(x).astype(int)


def _equal(a: Any, b: Any) -> Any:
    """1 where a == b, else 0: whole numbers take on the precision that they meet."""
    return jnp.equal(a, b).astype(int)


def _logdet(a: Any) -> Any:
    """log |det a| of the last two axes."""
    return jnp.linalg.slogdet(a)[1]


def _logsumexp(x: Any, axis: int) -> Any:
    return special.logsumexp(x, axis=axis)


def _polygamma(order: int, x: Any) -> Any:
    return special.digamma(x) if order == 0 else special.polygamma(order, x)


def _besseli(order: int, x: Any) -> Any:
    return jnp.exp(_log_besseli(order, x))


def _log_besseli(order: int, x: Any) -> Any:
    """log I_order(x) without overflow."""
    scaled = {0: special.i0e, 1: special.i1e}.get(order)
    if scaled is None:
        raise NotImplementedError(f"JAX has no Bessel function I of order {order}")
    return jnp.log(scaled(x)) + jnp.abs(x)
