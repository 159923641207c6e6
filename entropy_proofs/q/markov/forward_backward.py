"""Forward-backward: the marginals of a chain of discrete states (Rabiner 1989, section III).

A chain's distribution is given by log potentials, of each state and of each pair of neighbours,

    q(s) = exp( sum_t node[t, s_t] + sum_t edge[t, s_t, s_{t+1}] ) / Z.

Messages are kept as logarithms, so that no state is lost to underflow however long the chain is and
however unlikely what is seen.  Where nothing can underflow, NumPy passes them as numbers, which is
exact too and faster.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from entropy_proofs.q.markov.scan import scan

_SAFE = 1e-140  # products of three such numbers and of what they bound are normal numbers


def forward_backward(node: Any, edge: Any, xp: Any = np) -> tuple[Any, Any, Any]:
    """The marginals of single states and of neighbours, and log Z; linear in the length T.

    Args:
        node: log potentials (..., T, K).
        edge: (..., T - 1, K, K), of the state before and the state after; -inf where there is no
            way.
        xp: NumPy, or jax.numpy for a scan that may be traced.

    Returns:
        q(s_t) of shape (..., T, K), q(s_t, s_{t+1}) of shape (..., T - 1, K, K), and log Z in nats,
        of shape (...).

    Three steps, by the recursion and by enumeration:

    >>> import itertools
    >>> import numpy as np
    >>> from entropy_proofs.q.markov.forward_backward import forward_backward
    >>> rng = np.random.default_rng(0)
    >>> node, edge = rng.normal(size=(3, 2)), rng.normal(size=(2, 2, 2))
    >>> single, pairs, log_z = forward_backward(node, edge)
    >>> paths = list(itertools.product(range(2), repeat=3))
    >>> weights = np.exp([sum(node[t, s] for t, s in enumerate(path))
    ...     + sum(edge[t, a, b] for t, (a, b) in enumerate(itertools.pairwise(path)))
    ...     for path in paths])
    >>> bool(np.isclose(log_z, np.log(weights.sum())))
    True
    >>> on = sum(w for w, path in zip(weights, paths) if path[1] == 1) / weights.sum()
    >>> bool(np.isclose(single[1, 1], on) and np.isclose(pairs[0, :, 1].sum(), on))
    True
    """
    node, edge = xp.moveaxis(node, -2, 0), xp.moveaxis(edge, -3, 0)
    if not len(edge):
        single, log_z = _normalised(node[0], (-1,), xp)
        return xp.exp(single)[..., None, :], xp.moveaxis(edge, 0, -3), log_z
    passed = _by_numbers(node, edge) if xp is np else None
    joint, log_z = passed or _by_logarithms(node, edge, xp)
    single = xp.concatenate([joint.sum(axis=-1), joint[-1:].sum(axis=-2)])
    return xp.moveaxis(single, 0, -2), xp.moveaxis(joint, 0, -3), log_z


def _by_logarithms(node: Any, edge: Any, xp: Any) -> tuple[Any, Any]:
    """q of neighbours and log Z."""

    def forward(message: Any, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        way, own = given
        found, size = _normalised(_logsumexp(message[..., None] + way, (-2,), xp) + own, (-1,), xp)
        return found, (message, size)

    def backward(message: Any, given: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
        way, own = given
        after = own + message
        found = _logsumexp(way + after[..., None, :], (-1,), xp)
        return _normalised(found, (-1,), xp)[0], (after,)

    first, begun = _normalised(node[0] + 0 * edge[0, ..., 0], (-1,), xp)
    _, (before, sizes) = scan(forward, first, (edge, node[1:]), xp)
    _, (after,) = scan(backward, xp.zeros_like(first), (edge, node[1:]), xp, reverse=True)
    joint, _ = _normalised(before[..., None] + edge + after[..., None, :], (-2, -1), xp)
    return xp.exp(joint), begun + sizes.sum(axis=0)


def _by_numbers(node: Any, edge: Any) -> tuple[Any, Any] | None:
    """The same, or None where a number could underflow."""
    ways = edge + node[1:, ..., None, :]
    most = ways.max(axis=(-2, -1), keepdims=True)
    with np.errstate(invalid="ignore"):
        ways = np.exp(ways - most)
    if not ways.min() > _SAFE:
        return None

    first, begun = _normalised(node[0] + 0 * edge[0, ..., 0], (-1,), np)
    # forwards, and backwards through the reversed chain: one loop for both, as its steps are short
    both = np.stack([ways, np.swapaxes(ways[::-1], -1, -2)], axis=1)
    message = np.stack([np.exp(first), np.ones_like(first)])[..., None, :]
    passed, sizes = np.empty((len(both), *message.shape)), np.empty((len(both), *first.shape[:-1]))
    for t, way in enumerate(both):
        passed[t] = message
        message = message @ way
        size = np.add.reduce(message, axis=-1, keepdims=True)
        sizes[t] = size[0, ..., 0, 0]
        message /= size
    joint = np.swapaxes(passed[:, 0], -1, -2) * ways * passed[::-1, 1]
    joint /= joint.sum(axis=(-2, -1), keepdims=True)
    return joint, begun + np.log(sizes).sum(axis=0) + most[..., 0, 0].sum(axis=0)


def _logsumexp(x: Any, axes: tuple[int, ...], xp: Any) -> Any:
    """Over these axes; -inf where all is."""
    most = x.max(axis=axes, keepdims=True)
    most = xp.where(xp.isfinite(most), most, 0.0)
    with np.errstate(divide="ignore"):
        found = most + xp.log(xp.exp(x - most).sum(axis=axes, keepdims=True))
    return found.reshape(tuple(n for k, n in enumerate(x.shape) if k - x.ndim not in axes))


def _normalised(x: Any, axes: tuple[int, ...], xp: Any) -> tuple[Any, Any]:
    """Logarithms less that of their sum over these axes, and that."""
    size = _logsumexp(x, axes, xp)
    kept = tuple(1 if k - x.ndim in axes else n for k, n in enumerate(x.shape))
    return x - size.reshape(kept), size
