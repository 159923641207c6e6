"""The smoother: the moments of a Gaussian chain, by one pass back and forth over time.

A chain's density is given by its natural parameters, a linear term and a banded precision,

    q(z) = exp( h'z - z'J z / 2 ) / Z,      J[t, u] = 0 for |t - u| > k,

for a chain of order k.  Steps are eliminated from the first to the last, which is the Kalman filter
in its information form, and put back from the last to the first, which is Rauch, Tung & Striebel's
smoother (AIAA Journal 3, 1965).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from entropy_proofs.q.markov.scan import scan


class Smoothed(NamedTuple):
    """Moments of a Gaussian chain of T steps of H numbers.

    Attributes:
        mean: E z_t, (..., T, H).
        blocks: Cov(z_{t+l}, z_t) for l = 0, ..., k, each of shape (..., T - l, H, H).
        conditional: Cov(z_t | the steps after t), (..., T, H, H); the entropy is the sum of
            log det(2 pi e conditional_t) / 2.
        log_z: log Z in nats, (...).
    """

    mean: Any
    blocks: tuple[Any, ...]
    conditional: Any
    log_z: Any


def smooth(linear: Any, precision: Sequence[Any], xp: Any = np) -> Smoothed:
    """The moments; linear in T.

    Args:
        linear: h, of shape (..., T, H).
        precision: J[t + l, t] for l = 0, ..., k, each of shape (..., T - l, H, H).  Its leading
            axes may have length one, where all chains share it.
        xp: NumPy, or jax.numpy for a scan that may be traced.

    Raises numpy.linalg.LinAlgError, or has NaN in JAX, if J is not positive definite.

    Four steps, and the inverse of the whole precision:

    >>> import numpy as np
    >>> from entropy_proofs.q.markov.smoother import smooth
    >>> h, J = np.arange(4.0), 3 * np.eye(4) - np.eye(4, k=1) - np.eye(4, k=-1)
    >>> blocks = np.full((4, 1, 1), 3.0), np.full((3, 1, 1), -1.0)
    >>> found = smooth(h[:, None], blocks)
    >>> C = np.linalg.inv(J)
    >>> bool(np.allclose(found.mean[:, 0], C @ h))
    True
    >>> bool(np.allclose(found.blocks[1][:, 0, 0], np.diag(C, -1)))
    True
    """
    steps, size = linear.shape[-2:]
    order = len(precision) - 1
    if order > 1:
        return _of_order(linear, precision, xp)
    h, J = xp.moveaxis(linear, -2, 0), xp.moveaxis(precision[0], -3, 0)
    off = xp.moveaxis(precision[1], -3, 0) if order else xp.zeros((steps - 1, *J.shape[1:]))
    padded = xp.concatenate([off, xp.zeros((1, *off.shape[1:]))])  # to what follows each step

    def eliminate(carry: Any, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        left, pull = carry
        own, linear_own, to_next = given
        inverse = _inverse(own + left, xp)
        gain = to_next @ inverse
        total = linear_own + pull
        along = _times(gain, total)
        return (-gain @ xp.swapaxes(to_next, -1, -2), -along), (inverse, gain, total)

    zero = xp.zeros_like(J[0]), xp.zeros(xp.broadcast_shapes(h[0].shape, J[0, ..., 0].shape))
    _, (inverses, gains, totals) = scan(eliminate, zero, (J, h, padded), xp)

    def put_back(carry: Any, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        mean, covariance = carry
        inverse, gain, total = given
        back = xp.swapaxes(gain, -1, -2)
        own = _times(inverse, total) - _times(back, mean)
        lag = -covariance @ gain
        spread = inverse - back @ lag
        spread = (spread + xp.swapaxes(spread, -1, -2)) / 2
        return (own, spread), (own, spread, lag)

    end = xp.zeros_like(totals[0]), xp.zeros_like(inverses[0])
    _, (means, spreads, lags) = scan(put_back, end, (inverses, gains, totals), xp, reverse=True)
    volumes = xp.linalg.slogdet(inverses)[1].sum(axis=0) / 2
    squares = (totals * _times(inverses, totals)).sum(axis=(0, -1)) / 2
    blocks = tuple(xp.moveaxis(a, 0, -3) for a in (spreads, lags[:-1])[: order + 1])
    log_z = squares + volumes + steps * size * np.log(2 * np.pi) / 2
    return Smoothed(xp.moveaxis(means, 0, -2), blocks, xp.moveaxis(inverses, 0, -3), log_z)


def _of_order(linear: Any, precision: Sequence[Any], xp: Any) -> Smoothed:
    """Of k > 1: k steps together are a step of a chain of first order.

    Steps of their own, standard normal, fill the last of them up.
    """
    steps, size = linear.shape[-2:]
    k = len(precision) - 1
    many = -(-steps // k)
    fill = many * k - steps
    unit = xp.broadcast_to(xp.eye(size), (*precision[0].shape[:-3], fill, size, size))
    filled = [xp.concatenate([precision[0], unit], axis=-3)]
    for lag, block in enumerate(precision[1:], start=1):
        none = xp.zeros((*block.shape[:-3], many * k - lag - block.shape[-3], size, size))
        filled.append(xp.concatenate([block, none], axis=-3))
    end = xp.zeros((*linear.shape[:-2], fill, size))
    h = xp.concatenate([linear, end], axis=-2).reshape(*linear.shape[:-2], many, k * size)

    def between(row: int, column: int, count: int) -> Any:
        """J[k b + row, k b + column] for b < count."""
        lag, first = abs(row - column), min(row, column)
        if lag > k:
            return xp.zeros((*precision[0].shape[:-3], count, size, size))
        found = filled[lag][..., first : first + k * (count - 1) + 1 : k, :, :]
        return found if row >= column else xp.swapaxes(found, -1, -2)

    def joined(rows: range, count: int) -> Any:
        wide = [xp.concatenate([between(i, j, count) for j in range(k)], axis=-1) for i in rows]
        return xp.concatenate(wide, axis=-2)

    found = smooth(h, (joined(range(k), many), joined(range(k, 2 * k), many - 1)), xp)
    means = found.mean.reshape(*found.mean.shape[:-2], many * k, size)[..., :steps, :]

    def part(a: Any, i: int, j: int) -> Any:
        return a[..., i * size : (i + 1) * size, j * size : (j + 1) * size]

    def woven(parts: Sequence[Any], count: int) -> Any:
        """One of each in turn, the first `count` of them."""
        longest = parts[0].shape[-3]
        even = [
            xp.concatenate([p, xp.zeros((*p.shape[:-3], longest - p.shape[-3], size, size))], -3)
            for p in parts
        ]
        stacked = xp.stack(even, axis=-3)
        flat = stacked.reshape(*stacked.shape[:-4], longest * len(parts), size, size)
        return flat[..., :count, :, :]

    own, next_ = found.blocks

    def apart(i: int, lag: int) -> Any:
        """Cov of step i of each block and the step `lag` after it."""
        return part(own, i + lag, i) if i + lag < k else part(next_, i + lag - k, i)

    lags = range(k + 1)
    blocks = tuple(woven([apart(i, lag) for i in range(k)], steps - lag) for lag in lags)
    conditional = woven([_given_rest(found.conditional, i, size, xp) for i in range(k)], steps)
    log_z = found.log_z - fill * size * np.log(2 * np.pi) / 2
    return Smoothed(means, blocks, conditional, log_z)


def _given_rest(covariance: Any, i: int, size: int, xp: Any) -> Any:
    """Of the i-th part given all parts after it."""
    a, b = i * size, (i + 1) * size
    own, cross, rest = covariance[..., a:b, a:b], covariance[..., b:, a:b], covariance[..., b:, b:]
    if not rest.shape[-1]:
        return own
    return own - xp.swapaxes(cross, -1, -2) @ xp.linalg.solve(rest, cross)


def _times(matrix: Any, vector: Any) -> Any:
    return (matrix @ vector[..., None])[..., 0]


def _inverse(matrix: Any, xp: Any) -> Any:
    """Of a positive definite matrix."""
    if matrix.shape[-1] == 1:
        if xp is np and not (matrix > 0).all():
            raise np.linalg.LinAlgError("a precision is not positive")
        return 1 / matrix
    if xp is np:
        np.linalg.cholesky(matrix)  # raises unless it is positive definite
    found = xp.linalg.inv(matrix)
    return (found + xp.swapaxes(found, -1, -2)) / 2
