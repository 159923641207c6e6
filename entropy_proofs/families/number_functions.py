"""Functions that take float64 arrays and object arrays of exact numbers (balls) alike.

On object arrays NumPy's own functions call the numbers' methods (`np.exp` calls `.exp()`); here is
what NumPy and SciPy lack for them.  Numbers that floats can't hold exactly are made from
`constant`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

Array = Any


def is_exact(a: Array) -> bool:
    """Whether an array holds objects instead of floats."""
    return np.asarray(a).dtype == object


def constant(number: int, like: Array) -> Any:
    """A whole number of the same type as an array's elements."""
    return like.flat[0] * 0 + number if is_exact(like) and like.size else float(number)


def expit(u: Array) -> Array:
    return 1 / (1 + np.exp(-u)) if is_exact(u) else special.expit(u)


def log_expit(u: Array) -> Array:
    return -np.log(1 + np.exp(-u)) if is_exact(u) else special.log_expit(u)


def logsumexp(u: Array, axis: int) -> Array:
    """With the summed axis kept."""
    if is_exact(u):
        return np.log(np.exp(u).sum(axis=axis, keepdims=True))
    return special.logsumexp(u, axis=axis, keepdims=True)


def softmax(u: Array) -> Array:
    """Along the last axis, of logits and one more that is zero."""
    if is_exact(u):
        odds = np.exp(u)
        total = 1 + odds.sum(axis=-1, keepdims=True)
        return np.concatenate([odds, total * 0 + 1], axis=-1) / total
    return special.softmax(np.concatenate([u, np.zeros((*u.shape[:-1], 1))], axis=-1), axis=-1)


def cholesky(a: Array) -> Array:
    """Of each matrix in a stack."""
    if not is_exact(a):
        return np.linalg.cholesky(a)
    root = a * 0
    for j in range(a.shape[-1]):
        done = root[..., j, :j]
        root[..., j, j] = np.sqrt(a[..., j, j] - (done * done).sum(axis=-1))
        for i in range(j + 1, a.shape[-1]):
            left = a[..., i, j] - (root[..., i, :j] * done).sum(axis=-1)
            root[..., i, j] = left / root[..., j, j]
    return root


def log_two_pi_e(like: Array) -> Any:
    """log(2 pi e)."""
    if not is_exact(like):
        return float(np.log(2 * np.pi * np.e))
    one = constant(1, like)
    return np.log(8 * np.arctan(one)) + one
