"""Updates at random points against F's own gradient."""

from __future__ import annotations

import numpy as np

import entropy_proofs as ep
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.families.spaces import (
    POSITIVE_DEFINITE,
    SIMPLEX,
    UNIT_COLUMNS,
    UNIT_INTERVAL,
)
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.updates.compiled_updates import compile_updates
from entropy_proofs.updates.updates import updates


def derived(model):
    """The updates: of a catalogue name those of its proof, which the process keeps; of a model
    without a search for the proof of its sum."""
    if isinstance(model, str):
        return ep.prove(model).updates
    return updates(ProofRecord(model, Verdict.UNDECIDED, (), None, (), None, 0.0))


def point(model, functions, seed: int = 1):
    """A random point with more data than parameters."""
    rng = np.random.default_rng(seed)
    sizes = {**random_sizes(model, rng), POINTS.name: 40, SAMPLES.name: 3}
    sizes |= dict.fromkeys({"n", "T"} & sizes.keys(), 9)  # more rows than regressors
    values = random_instance(functions._code, rng, sizes)
    return {**values, **{name: sizes[name] for name in model.dims_}}


def along_domain(parameter, value, slope):
    """What is left of a gradient along the parameter's domain, relative to its scale."""
    if parameter.domain == SIMPLEX:
        moved = slope * value
        return moved - value * moved.sum(axis=-1, keepdims=True)
    if parameter.domain == POSITIVE_DEFINITE:
        return value @ (slope + np.swapaxes(slope, -1, -2)) @ value
    if parameter.domain == UNIT_COLUMNS:
        return slope - value * (value * slope).sum(axis=-2, keepdims=True)
    if parameter.domain == UNIT_INTERVAL:
        return slope * value * (1 - value)  # at an end the best is beyond it
    return slope * (np.abs(value) + 1e-3)


def last_slice(solution, at, gradient):
    """What is left of the gradient, of slices solved in turn along the last of them."""
    name = solution.parameter.name
    left = along_domain(solution.parameter, at[name], gradient[name])
    return left if solution.axis is None else np.take(left, -1, axis=solution.axis)


def wrong_blocks(found, at):
    """The blocks along which F's gradient is left after their update, or at which F fell."""
    functions = [compile_updates(found.proof, [u], expectation="samples") for u in found.m_step]
    whole, wrong = functions[0], []
    names = [p.name for u in found.m_step for p in u.parameters]
    before = whole.elbo(at)
    for u, own in zip(found.m_step, functions, strict=True):
        at = {**at, **own.update(at)}
        for p in u.parameters:
            if p.domain == UNIT_INTERVAL:  # functions refuse its ends
                at[p.name] = np.clip(at[p.name], 1e-12, 1 - 1e-12)
        f, gradient = whole.value_and_gradient(at, wrt=names)
        left = [np.abs(last_slice(s, at, gradient)).max() for s in u.solutions]
        if max(left) > 1e-8 * (1 + abs(f)):
            wrong.append((u, left))
        if u.shown == "maximum" and f < before - 1e-9 * (1 + abs(before)):
            wrong.append((u, before, f))
        before = f
    return wrong
