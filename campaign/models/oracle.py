"""What a description means in numbers: conditionals, their log densities, and random points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from campaign.models import domains
from campaign.models.arrays import Point, Values, value, weights_of
from campaign.models.densities import BOUNDED, EVENTS, LOG_DENSITY, POSITIVE, REAL, SAMPLE, WHOLE
from campaign.models.describe import (
    PREVIOUS,
    TIME,
    Chain,
    Description,
    Distribution,
    Expression,
    Network,
    Op,
    Parameter,
    Variable,
    expressions_of,
    names_in,
)

Rng = np.random.Generator
_STEP = 1e-30  # of complex-step derivatives, whose error is its square


@dataclass(frozen=True)
class Conditional:
    """One factor of the joint; of a chain the first step or all others.

    name: as the package calls it.  part: "whole", "first" or "later".
    """

    name: str
    variable: str
    distribution: Distribution
    part: str = "whole"


def conditionals(description: Description) -> list[Conditional]:
    found = []
    for d in description.variables().values():
        if isinstance(d, Variable):
            found.append(Conditional(d.name, d.name, d.distribution))
        else:
            found.append(Conditional(f"{d.name}[0]", d.name, d.initial, "first"))
            found.append(Conditional(f"{d.name}[t]", d.name, d.transition, "later"))
    return found


def posteriors(description: Description) -> list[Conditional]:
    """Of the latents whose q is declared."""
    return [Conditional(f"q of {q.of}", q.of, q.distribution) for q in description.q]


def log_density(point: Point, d: Distribution, own: Any) -> Any:
    """log p of the own value at each of its plates."""
    arguments = {n: value(e, point) for n, e in d.arguments}
    return LOG_DENSITY[d.family](own, **arguments)


def total(point: Point, c: Conditional) -> Any:
    """log p of a conditional, summed over its plates and steps."""
    own = point.arrays[c.variable]
    if c.part == "first":
        own = own[0]
    if c.part == "later":
        each = (
            log_density(p, c.distribution, own[t + 1]) for t, p in enumerate(_steps(point, own))
        )
        return sum(each, start=0.0)
    found = log_density(point, c.distribution, own)
    if c.part == "whole":
        event = c.distribution.family in EVENTS
        plates = np.shape(own)[: np.ndim(own) - event]
        found = np.broadcast_to(found, plates)
    return np.sum(found)


def _steps(point: Point, own: Any) -> list[Point]:
    """Where each transition of a chain is drawn."""
    return [point.moved({PREVIOUS: own[t], TIME: t + 1}) for t in range(len(own) - 1)]


def check_domains(point: Point, c: Conditional) -> None:
    """Raises OutOfDomain where an argument is none; of a chain of one step, of the next one."""
    own = point.arrays[c.variable]
    places = [point]
    if c.part == "later":
        places = _steps(point, own) or [point.moved({PREVIOUS: own[0], TIME: 0})]
    for p in places:
        domains.check(
            c.name.partition("[")[0], {n: value(e, p) for n, e in c.distribution.arguments}
        )


def slope(point: Point, c: Conditional, direction: Values) -> float:
    """The derivative of `total` when the arrays move along the direction."""
    moved = {n: point.arrays[n] + 1j * _STEP * v for n, v in direction.items()}
    return float(np.imag(total(point.moved(moved), c))) / _STEP


# points -------------------------------------------------------------------------------------------
def drawn_point(
    description: Description, sizes: Mapping[str, int], rng: Rng, given: Values | None = None
) -> Point:
    """Parameters within their domains, then variables from the model itself.

    given: arrays that are not drawn.

    Raises:
        OutOfDomain: an argument of a family is none at these parameters.
    """
    point = Point(description, sizes, dict(given or {}), int(rng.integers(1000)))
    arrays: dict[str, Any] = dict(point.arrays)
    for d in description.declarations:
        point = point.moved(arrays)
        if isinstance(d, Parameter):
            made = {d.name: in_domain(d.domain, point.shape(d.shape), rng)}
        elif isinstance(d, Network):
            made = _network(d, point, rng)
        elif isinstance(d, Variable):
            made = {d.name: _within(d.name, point, d.distribution, point.shape(d.shape), rng)}
        else:
            made = {d.name: _chain(d, point, rng)}
        for name, array in made.items():
            arrays.setdefault(name, array)
    point = point.moved(arrays)
    for p in description.variational:
        arrays.setdefault(p.name, in_domain(p.domain, point.shape(p.shape), rng))
    point = point.moved(arrays)
    for c in posteriors(description):
        check_domains(point, c)
    return point


def in_domain(domain: str, shape: tuple[int, ...], rng: Rng) -> Any:
    """A random array of a parameter's domain."""
    if domain == "real":
        return rng.normal(size=shape)
    if domain == "positive":
        return np.exp(rng.normal(size=shape) / 2)
    if domain == "unit interval":
        return rng.uniform(0.1, 0.9, size=shape)
    if domain == "simplex":
        weights = rng.uniform(0.2, 1, size=shape)
        return weights / weights.sum(axis=-1, keepdims=True)
    if domain == "positive definite":
        root = rng.normal(size=shape) / 2
        return root @ np.swapaxes(root, -1, -2) + np.eye(shape[-1])
    columns = rng.normal(size=shape)
    return columns / np.linalg.norm(columns, axis=-2, keepdims=True)


def _network(d: Network, point: Point, rng: Rng) -> dict[str, Any]:
    shapes = weights_of(d, point, lambda e: is_whole(e, point.description))
    domain = {n: "unit columns" if n[0] == "U" and d.unit_columns else "real" for n in shapes}
    return {f"{d.name}.{n}": in_domain(domain[n], shape, rng) for n, shape in shapes.items()}


def is_whole(e: Expression, description: Description) -> bool:
    """Whether an input of a network is a category or a count."""
    d = description.variables().get(e) if isinstance(e, str) else None
    family = d and (d.initial if isinstance(d, Chain) else d.distribution).family
    return family in WHOLE


def _within(name: str, point: Point, d: Distribution, shape: tuple[int, ...], rng: Rng) -> Any:
    """A sample, where all arguments lie in their domains."""
    domains.check(name, {n: value(e, point) for n, e in d.arguments})
    return sample(point, d, shape, rng)


def sample(point: Point, d: Distribution, shape: tuple[int, ...], rng: Rng) -> Any:
    arguments = {n: value(e, point) for n, e in d.arguments}
    return np.asarray(SAMPLE[d.family](rng, shape, **arguments))


def _chain(d: Chain, point: Point, rng: Rng) -> Any:
    steps = [_within(d.name, point, d.initial, (), rng)]
    for t in range(1, point.size(d.length)):
        here = point.moved({PREVIOUS: steps[-1], TIME: t})
        steps.append(_within(d.name, here, d.transition, (), rng))
    return np.stack(steps)


# what depends on what -----------------------------------------------------------------------------
def names_of(description: Description, c: Conditional) -> set[str]:
    """Parameters, variables and weights of networks in a conditional's density, its own variable
    and the previous step too."""
    found: set[str] = {c.variable}
    todo = [n for _, e in c.distribution.arguments for n in names_in(e)]
    networks = {d.name: d for d in description.declarations if isinstance(d, Network)}
    while todo:
        name = todo.pop()
        if name in networks:
            network = networks[name]
            continuous = any(not is_whole(e, description) for e in network.inputs)
            many = sum(not is_whole(e, description) for e in network.inputs) > 1
            first = [
                f"U{k + 1}" if many else "U"
                for k, e in enumerate(network.inputs)
                if not is_whole(e, description)
            ]
            letters = ["V", "b", *first, *(["a"] if continuous else [])]
            found |= {f"{name}.{letter}" for letter in letters}
            todo += [n for e in expressions_of(network) for n in names_in(e)]
        elif name not in description.sizes:
            found.add(name)
    return found


def learned(description: Description) -> dict[str, str]:
    """{name: domain} of all that may move, the weights of networks among them."""
    found: dict[str, str] = {}
    for d in description.declarations:
        if isinstance(d, Parameter) and not d.fixed:
            found[d.name] = d.domain
        elif isinstance(d, Network):
            for n in _letters(d, description):
                if n not in d.fixed:
                    unit = n[0] == "U" and d.unit_columns
                    found[f"{d.name}.{n}"] = "unit columns" if unit else "real"
    return found


def _letters(d: Network, description: Description) -> list[str]:
    whole = [is_whole(e, description) for e in d.inputs]
    many = whole.count(False) > 1
    first = [f"U{k + 1}" if many else "U" for k, w in enumerate(whole) if not w]
    return [*first, *(["a"] if first else []), "V", "b"]


def scalable(description: Description) -> list[str]:
    """The latents that a flow may scale, whatever their q is."""
    declared = {q.of for q in description.q}
    found = []
    for d in description.variables().values():
        family = (d.initial if isinstance(d, Chain) else d.distribution).family
        closed = family in REAL or family in POSITIVE
        if not d.observed and closed and d.name not in declared:
            found.append(d.name)
    return found


def is_real(description: Description, name: str) -> bool:
    """Whether a variable takes all real values."""
    d = description.variables()[name]
    return (d.initial if isinstance(d, Chain) else d.distribution).family in REAL


CONTINUOUS = REAL | POSITIVE | BOUNDED

__all__ = [
    "CONTINUOUS",
    "Conditional",
    "Op",
    "check_domains",
    "conditionals",
    "drawn_point",
    "in_domain",
    "is_real",
    "is_whole",
    "learned",
    "log_density",
    "names_of",
    "posteriors",
    "sample",
    "scalable",
    "slope",
    "total",
]
