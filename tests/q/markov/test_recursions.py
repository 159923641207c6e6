"""Forward-backward and the smoother against enumeration and dense matrices."""

from __future__ import annotations

import doctest
import itertools
from importlib import import_module

import jax
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import special

from entropy_proofs.q.markov.forward_backward import forward_backward
from entropy_proofs.q.markov.smoother import smooth

jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize("module", ["scan", "forward_backward", "smoother"])
def test_examples_show_what_happens(module):
    found = doctest.testmod(import_module(f"entropy_proofs.q.markov.{module}"))
    assert found.attempted
    assert not found.failed


def enumerated(node, edge):
    """The marginals and log Z of one chain, by all of its paths."""
    steps, k = node.shape
    paths = np.array(list(itertools.product(range(k), repeat=steps)))
    total = node[np.arange(steps), paths].sum(axis=1)
    if steps > 1:
        total = total + edge[np.arange(steps - 1), paths[:, :-1], paths[:, 1:]].sum(axis=1)
    log_z = special.logsumexp(total)
    weights = np.exp(total - log_z)
    single, pairs = np.zeros((steps, k)), np.zeros((steps - 1, k, k))
    for weight, path in zip(weights, paths, strict=True):
        single[np.arange(steps), path] += weight
        np.add.at(pairs, (np.arange(steps - 1), path[:-1], path[1:]), weight)
    return single, pairs, log_z


@settings(max_examples=25, deadline=None)
@given(
    steps=st.integers(1, 5),
    k=st.integers(1, 3),
    scale=st.sampled_from([0.1, 1.0, 30.0, 2000.0]),
    forbidden=st.booleans(),
    seed=st.integers(0, 99),
)
def test_forward_backward_is_enumeration(steps, k, scale, forbidden, seed):
    """With potentials that numbers can't hold, and ways that are closed."""
    rng = np.random.default_rng(seed)
    node = scale * rng.normal(size=(2, steps, k))
    edge = scale * rng.normal(size=(2, steps - 1, k, k))
    if forbidden and k > 1:
        edge[..., 0, 1] = -np.inf
    found = forward_backward(node, edge)
    for n in range(2):
        single, pairs, log_z = enumerated(node[n], edge[n])
        np.testing.assert_allclose(found[0][n], single, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found[1][n], pairs, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found[2][n], log_z, rtol=1e-12)


def test_messages_are_scanned_in_jax():
    rng = np.random.default_rng(0)
    node, edge = 300 * rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 5, 3, 3))
    edge[..., 0, 1] = -np.inf
    xp = jax.numpy
    found = forward_backward(xp.asarray(node), xp.asarray(edge), xp)
    for own, other in zip(found, forward_backward(node, edge), strict=True):
        np.testing.assert_allclose(own, other, rtol=1e-10, atol=1e-13)


def banded(rng, steps, size, order):
    """A positive definite precision of a chain, whole and as its blocks."""
    root = np.tril(rng.normal(size=(steps * size, steps * size))) + 3 * np.eye(steps * size)
    for t, u in itertools.product(range(steps), repeat=2):
        if t - u > order:
            root[t * size : (t + 1) * size, u * size : (u + 1) * size] = 0
    return root @ root.T


def blocks_of(matrix, steps, size, lag):
    """The blocks so far below the diagonal."""
    parts = matrix.reshape(steps, size, steps, size)
    found = [parts[t + lag, :, t] for t in range(steps - lag)]
    return np.array(found).reshape(steps - lag, size, size)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize(("steps", "size"), [(4, 2), (5, 1), (6, 2), (7, 3)])
def test_the_smoother_is_the_inverse_of_the_whole_precision(order, steps, size):
    rng = np.random.default_rng(steps + order)
    J = banded(rng, steps, size, order)
    h = rng.normal(size=(3, steps, size))
    precision = [blocks_of(J, steps, size, lag)[None] for lag in range(order + 1)]
    found = smooth(h, precision)
    if (order, steps) == (2, 5):
        xp = jax.numpy
        scanned = smooth(xp.asarray(h), tuple(map(xp.asarray, precision)), xp)
        leaves = zip(jax.tree.leaves(scanned), jax.tree.leaves(found), strict=True)
        assert all(np.allclose(own, other, rtol=1e-10, atol=1e-13) for own, other in leaves)
    C, flat = np.linalg.inv(J), h.reshape(3, -1)
    np.testing.assert_allclose(np.reshape(found.mean, (3, -1)), flat @ C, rtol=1e-9)
    for lag, block in enumerate(found.blocks):
        np.testing.assert_allclose(block[0], blocks_of(C, steps, size, lag), rtol=1e-8, atol=1e-13)
    for t in range(steps):
        own, after = slice(t * size, (t + 1) * size), slice((t + 1) * size, None)
        given_rest = C[own, own] - C[own, after] @ np.linalg.solve(C[after, after], C[after, own])
        np.testing.assert_allclose(found.conditional[0, t], given_rest, rtol=1e-8, atol=1e-13)
    squares = np.einsum("ni,ij,nj->n", flat, C, flat)
    volume = np.linalg.slogdet(2 * np.pi * C)[1]
    np.testing.assert_allclose(found.log_z, (squares + volume) / 2, rtol=1e-10)


def test_a_precision_that_is_none_is_refused():
    blocks = np.ones((1, 3, 1, 1)), 2 * np.ones((1, 2, 1, 1))
    with pytest.raises(np.linalg.LinAlgError):
        smooth(np.zeros((1, 3, 1)), blocks)
