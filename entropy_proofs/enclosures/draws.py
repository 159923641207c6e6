"""Data for the instances that are certified, drawn as the models say, at moderate parameters.

A few rows of anybody's data put the optimum of many models at infinity: a component collapses, a
weight saturates, degrees of freedom grow without bound.  Data that the model fits leave it inside.
Each function takes a random generator and the model's fixed arrays, and returns (N, ...).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import expit

Array = NDArray[np.float64]
Draw = Callable[[Generator, Mapping[str, Any]], Any]


# points with given moments, rows with given frequencies -------------------------------------------
def spread(covariance: Any, mean: Any = 0.0) -> Array:
    """2 D points whose mean and covariance are these."""
    steps = np.linalg.cholesky(np.asarray(covariance, dtype=float)).T * np.sqrt(len(covariance))
    return mean + np.concatenate([steps, -steps])


def in_proportion(outcomes: Array, probabilities: Array, rows: int) -> Array:
    """Rows of which each outcome has its share, by largest remainders."""
    share = rows * probabilities / probabilities.sum()
    counts = np.floor(share).astype(int)
    counts[np.argsort(counts - share, kind="stable")[: rows - counts.sum()]] += 1
    return np.repeat(outcomes, counts, axis=0)


def bits(width: int) -> Array:
    """All rows of so many bits."""
    return np.array(list(product((0.0, 1.0), repeat=width)))


def caused(prior: Array, causes: Array, likelihood: Callable[[Array], Array], rows: int) -> Array:
    """Rows of bits x in proportion to sum_z p(z) p(x | z), for rows z of causes."""
    given = np.array([likelihood(z) for z in causes])
    outcomes = bits(given.shape[1])
    each = np.where(outcomes[:, None] > 0, given, 1 - given).prod(axis=2)
    return in_proportion(outcomes, each @ prior, rows)


def independent(probabilities: Array) -> Array:
    """The probabilities of all rows of independent bits."""
    rows = bits(len(probabilities))
    return np.where(rows > 0, probabilities, 1 - probabilities).prod(axis=1)


def coin(rng: Generator, probabilities: Array) -> Array:
    return (rng.random(probabilities.shape) < probabilities).astype(float)


# models -------------------------------------------------------------------------------------------
def correlated(width: int) -> Draw:
    """Gaussian, one common factor and unequal variances."""
    covariance = 0.6 + np.diag(0.5 + np.arange(width))
    return lambda rng, given: spread(covariance, 1.0)


def two_views(rng: Generator, given: Mapping[str, Any]) -> Any:
    both = correlated(4)(rng, given)
    return {"x": both[:, :2], "y": both[:, 2:]}


def two_steps(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Two steps of one dimension, whose moments a linear dynamical system fits exactly."""
    return correlated(2)(rng, given)[:, :, None]


def random_walk(rng: Generator, given: Mapping[str, Any]) -> Array:
    """A level with steps of variance 0.7 from a start of variance 2, seen with variance 0.5."""
    sums = np.tril(np.ones((4, 4)))
    return spread(sums @ np.diag([2, 0.7, 0.7, 0.7]) @ sums.T + np.eye(4) / 2, 1.0)


def relevant(rng: Generator, given: Mapping[str, Any]) -> Array:
    """A regression in which all weights matter, with noise of variance 0.3."""
    phi = given["Phi"]
    return spread(phi @ phi.T + 0.3 * np.eye(len(phi)))


def labels(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Of a logistic regression with weights of variance 4, drawn anew for each of 8 rows."""
    weights = 2 * rng.normal(size=(8, given["Phi"].shape[1]))
    return coin(rng, expit(weights @ given["Phi"].T))


def heavy_tails(rng: Generator, given: Mapping[str, Any]) -> Array:
    return rng.standard_t(3, size=60)


def heavy_tailed_groups(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Two groups of Student t with 2 degrees of freedom."""
    return 6.0 * (np.arange(80) % 2)[:, None] + rng.standard_t(2, size=(80, 2))


def random_scales(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Normal in four dims with one precision of an exponential distribution for each row."""
    return 1 + rng.normal(size=(8, 4)) / np.sqrt(rng.gamma(1.0, size=(8, 1)))


def answers(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Of people whose abilities have a standard deviation of 2 to five questions."""
    ability = 2 * rng.normal(size=(8, 1))
    return coin(rng, expit(1.5 * (ability - np.linspace(-1, 1, 5))))


def sigmoid_beliefs(rng: Generator, given: Mapping[str, Any]) -> Array:
    weights = rng.choice([-1, 1], size=(6, 2)) * rng.uniform(1.5, 3.5, (6, 2))
    bias = -weights.sum(axis=1) / 2 + 0.3 * rng.normal(size=6)
    prior = independent(np.array([0.4, 0.55]))
    return caused(prior, bits(2), lambda z: expit(weights @ z + bias), 150)


def deep_beliefs(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Four bits in a chain of causes: y[2], z[2], x[5]."""
    top = independent(np.array([0.45, 0.6]))
    lower = np.array([independent(expit([[4, -1], [1, -4]] @ y + [-1.5, 1.5])) for y in bits(2)])
    weights = np.array([[3, 0.5], [-3, 1], [0.5, -3], [1, 3], [2, -2.5]])
    bias = -weights.sum(axis=1) / 2 + 0.3
    return caused(top @ lower, bits(2), lambda z: expit(weights @ z + bias), 64)


def alarms(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Of a noisy-OR network."""
    pairs = [[2.5, 0.2], [2, 0.3], [0.3, 2.2], [0.2, 2.6], [1.2, 1.1]]
    weights, leak = pairs * rng.uniform(0.8, 1.2, (5, 2)), rng.uniform(0.15, 0.3, 5)
    prior = independent(np.array([0.4, 0.55]))
    return caused(prior, bits(2), lambda z: 1 - np.exp(-(weights @ z + leak)), 150)


def two_blocks(rng: Generator, given: Mapping[str, Any]) -> Array:
    """16 graphs of five nodes in two blocks."""
    block = (rng.random((16, 5)) < 0.45).astype(int)
    table = np.array([[0.8, 0.2], [0.3, 0.6]])
    return coin(rng, table[block[:, :, None], block[:, None, :]])


def binary_codes(rng: Generator, given: Mapping[str, Any]) -> Array:
    codes = coin(rng, np.full((16, 2), [0.4, 0.6]))
    return codes @ rng.normal(size=(2, 3)) * 2 + rng.normal(size=(16, 3))


def laplace_sources(rng: Generator, given: Mapping[str, Any]) -> Array:
    mixing = rng.normal(size=(3, 2))
    return rng.laplace(size=(6, 2)) @ mixing.T + 0.4 * rng.normal(size=(6, 3))


def spikes_and_slabs(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Normal causes of which some are absent, in 12 points."""
    causes = 2 * rng.normal(size=(12, 2)) * (rng.random((12, 2)) < 0.6)
    return causes @ rng.normal(size=(2, 3)) + 0.4 * rng.normal(size=(12, 3))


def bernoulli_groups(rng: Generator, given: Mapping[str, Any]) -> Array:
    return coin(rng, np.where(np.arange(60) % 2, 0.8, 0.25)[:, None] * np.ones(4))


def exponential_groups(rng: Generator, given: Mapping[str, Any]) -> Array:
    return rng.exponential(size=(40, 3)) * np.where(np.arange(40) % 2, 8, 1)[:, None]


def groups(rows: int) -> Draw:
    """Two groups of normals in three dims."""

    def draw(rng: Generator, given: Mapping[str, Any]) -> Array:
        apart = 4.0 * (np.arange(rows) % 2)[:, None]
        return apart + rng.normal(size=(rows, 3)) * [1, 0.7, 1.3]

    return draw


def positive_groups(rng: Generator, given: Mapping[str, Any]) -> Array:
    return np.exp(0.35 * groups(24)(rng, given))


def counts(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Six throws each of one of two dice with three faces."""
    dice = np.array([[0.7, 0.2, 0.1], [0.15, 0.25, 0.6]])
    return np.array([rng.multinomial(6, dice[k % 2]) for k in range(24)], dtype=float)


def words(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Documents of four words, of one of two topics each."""
    return coin(rng, np.where(np.arange(24) % 2, 0.8, 0.2)[:, None] * np.ones(4))


def switching(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Two steps of a chain of two states that lie 4 standard deviations apart."""
    first = rng.random(30) < 0.5
    second = np.where(rng.random(30) < 0.75, first, ~first)
    return 4.0 * np.stack([first, second], axis=1)[:, :, None] + rng.normal(size=(30, 2, 2))


def two_chains(rng: Generator, given: Mapping[str, Any]) -> Array:
    """Two steps of the sum of two chains of two states, each of which moves a dim of its own."""
    first = rng.random((24, 2)) < 0.5
    second = np.where(rng.random((24, 2)) < 0.75, first, ~first)
    return np.stack([first, second], axis=1) * [5.0, 4.0] + rng.normal(size=(24, 2, 2))


def along_a_line(rng: Generator, given: Mapping[str, Any]) -> Array:
    along = 2 * rng.normal(size=(6, 1))
    return along * [1, -1, 0.7] + 0.4 * rng.normal(size=(6, 3)) + 0.5


def along_a_curve(rng: Generator, given: Mapping[str, Any]) -> Array:
    along = rng.uniform(-2, 2, (8, 1))
    curve = [2 * along, 2 * np.tanh(2 * along), 1.5 * np.tanh(along - 1)]
    return np.concatenate(curve, axis=1) + 0.2 * rng.normal(size=(8, 3))


def coins_of_a_line(rng: Generator, given: Mapping[str, Any]) -> Array:
    return coin(rng, expit(3 * rng.normal(size=(6, 1)) * [1, -1, 0.7]))
