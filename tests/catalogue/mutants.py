"""Wrong log densities, and three ways to see that they are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import sympy as sp
from oracle.expressions import Evaluator
from oracle.quadrature import nodes_of
from sympy import Expr, IndexedBase

import entropy_proofs as ep
from entropy_proofs.algebra.nodes import LogDet, index
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.judge.validate import check_density
from entropy_proofs.model.model import Model, ModelTerm

from .instances import STEP, Instance

MASS_TOLERANCE = 1e-6  # of a total mass; the mildest mutant is off by a tenth
IDENTITY_TOLERANCE = 1e-6  # of the identity at random numbers


@dataclass(frozen=True)
class Mutant:
    """A conditional with an altered log density."""

    kind: str
    term: ModelTerm

    @property
    def name(self) -> str:
        return f"{self.term.name}: {self.kind}"


def mutants(model: Model, term: ModelTerm) -> Iterator[Mutant]:
    """A constant factor, a dropped normaliser, a wrong sign, missing Jacobians."""

    def altered(kind: str, log_density: Expr) -> Mutant:
        return Mutant(kind, replace(term, log_density=log_density))

    written = term.log_density
    own, rest = _split(term, written)
    if rest == 0:
        own, rest = _split(term, sp.expand_log(sp.expand(written)))
    yield altered("a constant factor", written + sp.Rational(1, 10))
    if rest != 0:
        yield altered("no normaliser", own)
    elif term.support.discrete:
        yield altered("no normaliser", written - _at_zero(term))
    yield altered("wrong sign", rest - own)
    yield altered("reciprocal", -written)
    if term.support.discrete:
        return
    yield altered("no Jacobian of the variable", written + _log_size(term))
    for k, jacobian in enumerate(_log_scales(model, term)):
        yield altered(f"no Jacobian of scale {k + 1}", written + jacobian)


def _split(term: ModelTerm, log_density: Expr) -> tuple[Expr, Expr]:
    """The summands that depend on the own value, and the rest."""
    parts = sp.Add.make_args(log_density)
    own = [p for p in parts if term.value in p.free_symbols]
    return sp.Add(*own), sp.Add(*(p for p in parts if p not in own))


def _log_size(term: ModelTerm) -> Expr:
    """log |v|, over the coordinates of one event."""
    plates = [i for i, _ in term.plates]
    if not term.event:
        value = IndexedBase(term.value)[tuple(plates)] if plates else term.value
        return sp.log(sp.Abs(value))
    k = index("k@")
    return sp.Sum(sp.log(sp.Abs(IndexedBase(term.value)[(*plates, k)])), (k, 0, term.event[0] - 1))


def _log_scales(model: Model, term: ModelTerm) -> Iterator[Expr]:
    """log of every positive parameter in the log density; half a log determinant."""
    free = term.log_density.free_symbols
    for p in model.parameters.values():
        if p.label in free and p.domain == POSITIVE:
            found = [a for a in term.log_density.atoms(sp.Indexed) if a.base.label == p.label]
            usable = [a for a in found if all(i.free_symbols <= free for i in a.indices)]
            yield from (sp.log(a) for a in ([p.label] if not p.shape else usable[:1]))
    yield from (a / 2 for a in list(term.log_density.atoms(LogDet))[:1])


def _at_zero(term: ModelTerm) -> Expr:
    """The log density at the own value 0."""
    own = [a for a in term.log_density.atoms(sp.Indexed) if a.base.label == term.value]
    return term.log_density.xreplace(dict.fromkeys([*own, term.value], sp.Integer(0)))


# how a mutant is caught ---------------------------------------------------------------------------
def breaks_the_identity(mutant: Mutant, instance: Instance) -> bool:
    """Whether log p - log h + H = D log p + div u fails, with the original's h and H."""
    term = mutant.term
    served = instance.served(term)
    if served is None:
        return False
    arrays = instance.point.arrays
    moved = {k: arrays[k] + 1j * STEP * v for k, v in instance.field.items()}
    moved |= {k: arrays[k] + 1j * STEP * v for k, v in instance.flowing(arrays).items()}
    value = instance.evaluator(instance.model, arrays)
    shifted = instance.evaluator(instance.model, arrays | moved)
    sizes = [int(value(n)) for _, n in term.plates]
    for at in np.ndindex(*sizes):
        bound = dict(zip((i for i, _ in term.plates), at, strict=True))
        log_p = shifted(term.log_density, bound)
        parts = [
            float(np.real(log_p)),
            -float(value(served.log_base_measure, bound)),
            float(value(served.entropy, bound)),
            -float(np.imag(log_p)) / STEP,
            -instance.coordinate_divergence(term),
        ]
        if abs(sum(parts)) > IDENTITY_TOLERANCE * max(1, *map(abs, parts)):
            return True
    return False


def is_refused(mutant: Mutant, model: Model) -> bool:
    """Whether the package's own validation says that it does not integrate to one."""
    if mutant.term.event or mutant.term.aliases:
        return False  # it integrates over the scalars of plain variables
    try:
        with np.errstate(all="ignore"):
            check_density(model, mutant.term)
    except ep.InputError:
        return True
    return False


def on_nodes(mutant: Mutant, instance: Instance) -> tuple[np.ndarray, np.ndarray]:
    """log p at quadrature nodes of one event, at the first copy, and the nodes' weights."""
    term = mutant.term
    value = instance.evaluator(instance.model, instance.point.arrays)
    nodes, weights = _nodes(term, value)
    value = value.at({term.value: nodes})
    with np.errstate(all="ignore"):
        found = value(term.log_density, _first(term))
    return np.broadcast_to(found, weights.shape), weights


def mass(log_p: np.ndarray, weights: np.ndarray) -> float:
    """The integral of p."""
    with np.errstate(all="ignore"):
        return float((np.where(np.isnan(log_p), 0, np.exp(log_p)) * weights).sum())


def has_its_entropy(mutant: Mutant, instance: Instance) -> bool:
    """Whether the engine's H of the original is E[log h - log p] of the mutant, by quadrature:
    then the mutant is a model of its own, for which the identity is true."""
    term, served = mutant.term, instance.served(mutant.term)
    if served is None:
        return False
    log_p, weights = on_nodes(mutant, instance)
    value = instance.evaluator(instance.model, instance.point.arrays)
    expected = float(value(served.entropy, _first(term)))
    value = value.at({term.value: _nodes(term, value)[0]})
    log_h = value(served.log_base_measure, _first(term))
    density = np.exp(log_p) * weights
    found = np.where(density > 0, density * (log_h - log_p), 0).sum()
    return abs(found - expected) < MASS_TOLERANCE * max(1, abs(expected))


def _first(term: ModelTerm) -> dict:
    return {i: 0 for i, _ in term.plates}


def _nodes(term: ModelTerm, value: Evaluator) -> tuple[np.ndarray, np.ndarray]:
    event = tuple(int(value(n)) for n in term.event)
    bounds = [b if b in {sp.oo, -sp.oo} else float(value(b)) for b in term.support.bounds]
    nodes, weights = nodes_of(str(term.support), bounds, event)
    return nodes.reshape((1,) * len(term.plates) + nodes.shape), weights
