"""Whether an identity that the package hands out is true: in numbers, at random and special points.

Everything on the oracle's side comes from the description; the answer is only evaluated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from campaign.models import oracle
from campaign.models.arrays import WIDTH, Point, value
from campaign.models.densities import BOUNDED, POSITIVE
from campaign.models.describe import Description
from campaign.models.domains import OutOfDomain
from campaign.models.oracle import CONTINUOUS, Conditional
from campaign.models.symbolic import Reader, Unreadable, labels_in

_CLOSE = 1e-7  # relative, of complex steps through special functions
_SPECIAL = (0.0, 1.0, -1.0, 0.5, 2.0, np.pi / 2, np.pi, -np.pi / 2)
_POINTS = 3
_DRAWS = 24  # of points at which arguments may leave their domains
_SAMPLES, _MORE = 250, 40_000  # at first, and before anything is said against an entropy
_UNIT = {"Beta", "Dirichlet", "Power"}
_EXTREME = 20  # an entropy of what is too narrow to be sampled in double precision
_END, _AT_ENDS = 1e-8, 0.02  # samplers keep off zero; the share of samples there that is too many


@dataclass(frozen=True)
class Answer:
    """A proof, with its parts by name."""

    proof: Any

    @cached_property
    def terms(self) -> Mapping[str, Any]:
        return {t.variable: t for t in self.proof.terms}

    @cached_property
    def field(self) -> Mapping[str, Any]:
        by_value = {p.value: name for name, p in self.proof.model.parameters.items()}
        return {by_value[k]: v for k, v in self.proof.field.items()}

    @cached_property
    def flow(self) -> Mapping[str, Any]:
        by_value = {v.value: name for name, v in self.proof.model.variables.items()}
        return {by_value[k]: v for k, v in self.proof.latent_flow.items()}

    @cached_property
    def flow_of_q(self) -> Mapping[str, Any]:
        return {str(k): v for k, v in self.proof.variational_flow.items()}


def sizes_of(description: Description, rng: np.random.Generator) -> dict[str, int]:
    """Sizes from 1 to 3; chains and tails get at least two steps now and then."""
    return {n: int(rng.integers(1, 4)) for n in description.sizes}


# conditions ---------------------------------------------------------------------------------------
def met(answer: Answer, reader: Reader) -> bool:
    """Whether all stated conditions hold at a point."""
    for c in answer.proof.conditions:
        for v in reader.over(c.value, c.over):
            if not (v > 0 if c.positive else abs(v) > 1e-12):
                return False
    return True


# symbols ------------------------------------------------------------------------------------------
def out_of_scope(description: Description, answer: Answer) -> Iterator[str]:
    """Components that depend on what they may not depend on."""
    of_q = {p.name for p in description.variational}
    variables = {*description.variables(), *of_q}
    learned = set(oracle.learned(description))
    for name in answer.flow_of_q.keys() - of_q:
        yield f"q's flow moves {name}"
    for name, e in answer.field.items():
        if name not in learned:
            yield f"the field moves {name}, which is known"
        if bad := labels_in(e) & variables:
            yield f"the field on {name} depends on the variable {min(bad)}"
    for name, e in answer.flow.items():
        if bad := (labels_in(e) & variables) - {name}:
            yield f"the flow of {name} depends on {min(bad)}"
    for c in oracle.conditionals(description):
        t = answer.terms.get(c.name)
        if t is None:
            yield f"there is no term {c.name}"
            continue
        if not t.holds:
            continue
        if bad := labels_in(t.log_base_measure) & (variables - {c.variable} | learned):
            yield f"log h of {c.name} depends on {min(bad)}"
        if c.part != "later" and c.variable in labels_in(t.entropy):
            yield f"the entropy of {c.name} depends on its own variable"


# at a point ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Motion:
    """The field and the flows in numbers."""

    direction: Mapping[str, Any]
    divergence: Mapping[str, float]  # of each flow, over one step or all of the variable

    def finite(self) -> bool:
        return all(np.all(np.isfinite(v)) for v in self.direction.values())


def motion(answer: Answer, reader: Reader) -> Motion:
    direction = {n: reader.array(e) for n, e in answer.field.items()}
    divergence = {}
    for n, e in answer.flow.items():
        moved = reader.array(e)
        further = reader.point.moved({n: np.asarray(reader.point.arrays[n]) + 1.0})
        rates = Reader(further, reader.hidden).array(e) - moved  # flows are affine
        direction[n] = moved
        divergence[n] = float(np.mean(rates)) if rates.size else 0.0
    direction |= {n: reader.array(e) for n, e in answer.flow_of_q.items()}
    return Motion(direction, divergence)


def _elements(point: Point, c: Conditional) -> int:
    """How many numbers of its variable a conditional draws."""
    z = np.asarray(point.arrays[c.variable])
    if c.part == "whole":
        return int(z.size)
    step = int(np.prod(z.shape[1:]))
    return step if c.part == "first" else step * (z.shape[0] - 1)


def residuals(
    description: Description, answer: Answer, point: Point, motion: Motion
) -> Iterator[tuple[str, float]]:
    """How far each conditional's identity is off, relative to its parts; then the whole bound's."""
    reader = Reader(point, WIDTH)
    weights = dict(description.weights.of) if description.weights else {}
    q_weight = description.weights.q if description.weights else 1
    whole: list[float] = []
    for c in oracle.conditionals(description):
        t = answer.terms[c.name]
        used = oracle.names_of(description, c)
        own = {n: v for n, v in motion.direction.items() if n in used}
        slope = oracle.slope(point, c, own)
        divergence = motion.divergence.get(c.variable, 0.0) * _elements(point, c)
        w = float(value(weights.get(c.variable, 1), point))
        parts = [slope, divergence]
        moved = [w * slope, float(value(q_weight, point)) * divergence]
        if t.holds:
            log_p = float(np.real(oracle.total(point, c)))
            log_h, entropy = (float(reader.array(e)) for e in (t.log_base_measure, t.entropy))
            parts += [-log_p, log_h, -entropy]
            moved += [w * p for p in parts[2:]]
        whole += moved
        yield c.name, abs(sum(parts)) / max(1.0, *map(abs, parts))
    yield "the whole bound", abs(sum(whole)) / max(1.0, *map(abs, whole))
    for c in oracle.posteriors(description):  # q moves along: log q loses what the flow diverges
        used = oracle.names_of(description, c)
        own = {n: v for n, v in motion.direction.items() if n in used}
        parts = [
            oracle.slope(point, c, own),
            motion.divergence.get(c.variable, 0.0) * _elements(point, c),
        ]
        yield c.name, abs(sum(parts)) / max(1.0, *map(abs, parts))


def tangency(description: Description, motion: Motion, point: Point) -> Iterator[str]:
    domains = {p.name: p.domain for p in description.variational}
    for name, domain in (oracle.learned(description) | domains).items():
        v = motion.direction.get(name)
        if v is None:
            continue
        size = 1 + np.max(np.abs(v), initial=0)
        off = 0.0
        if domain == "simplex":
            off = float(np.max(np.abs(v.sum(axis=-1))))
        elif domain == "positive definite":
            off = float(np.max(np.abs(v - np.swapaxes(v, -1, -2))))
        elif domain == "unit columns":
            off = float(np.max(np.abs((point.arrays[name] * v).sum(axis=-2))))
        if off > 1e-9 * size:
            yield f"the field on {name} is not tangent to its domain ({domain})"


def failures_at(description: Description, answer: Answer, point: Point) -> Iterator[str]:
    """What is wrong at a point at which all conditions are met."""
    reader = Reader(point, WIDTH)
    moved = motion(answer, reader)
    if not moved.finite():
        yield "the field is not finite at a random point"
        return
    yield from tangency(description, moved, point)
    for name, off in residuals(description, answer, point, moved):
        if not off < _CLOSE:
            shown = {n: int(v) for n, v in point.sizes.items()}
            yield f"the identity of {name} is off by {off:.1e}, at sizes {shown}"


# base measures ------------------------------------------------------------------------------------
def base_measures(
    description: Description, answer: Answer, rng: np.random.Generator
) -> Iterator[str]:
    """Whether log h and H depend on what they say, and whether h is said to be what it is."""
    sizes = dict.fromkeys(description.sizes, 2)
    point = oracle.drawn_point(description, sizes, rng)
    for c in oracle.conditionals(description):
        t = answer.terms[c.name]
        if not t.holds:
            continue
        varied, moves = _varied(description, point, c, t, rng)
        if moves and not t.is_pseudo:
            yield f"log h of {c.name} varies, but the entropy is not called a pseudo-entropy"
        values = {str(p.arrays[c.variable]) for p in varied if not _is_at_an_end(p, c)}
        alone = _elements(point, c) and len(values) > 2  # h(x) = h(n - x), of counts, say
        if t.is_pseudo and not moves and alone:
            larger = oracle.drawn_point(description, dict.fromkeys(description.sizes, 3), rng)
            if not _varied(description, larger, c, t, rng)[1]:  # as (D - 2) log(1 - x) does
                yield f"h of {c.name} is constant, but its entropy is called a pseudo-entropy"
        if c.distribution.family in CONTINUOUS and moves and _fixes_scale(t, point, c, varied):
            if not t.fixes_scale:
                yield f"the base measure of {c.name} fixes a scale, which is not said"
            if answer.proof.verdict.value == "proved":
                yield f"proved, but the base measure of {c.name} fixes a scale"
        if c.part == "later":
            yield from _chain_scope(t, point, c, rng, description)


def _varied(
    description: Description, point: Point, c: Conditional, t: Any, rng: np.random.Generator
) -> tuple[list[Point], bool]:
    """The point with other values of the conditional's variable; and whether log h varies there."""
    log_h = float(Reader(point, WIDTH).array(t.log_base_measure))
    varied = [_redrawn(description, point, c, rng) for _ in range(12)]
    varied = [p for p in varied if np.all(np.isfinite(p.arrays[c.variable]))] or [point]
    others = [float(Reader(p, WIDTH).array(t.log_base_measure)) for p in varied]
    return varied, max(abs(o - log_h) for o in others) > 1e-9 * (1 + abs(log_h))


def _redrawn(
    description: Description, point: Point, c: Conditional, rng: np.random.Generator
) -> Point:
    """The point with the conditional's own variable drawn anew, from other parameters."""
    known = {p.name: point.arrays[p.name] for p in description.parameters().values() if p.fixed}
    other = oracle.drawn_point(description, point.sizes, rng, known).arrays[c.variable]
    if c.distribution.family in {"Poisson", "Geometric"}:
        other = other + rng.integers(0, 6, size=np.shape(other))  # 1/x! is constant on 0 and 1
    return point.moved({c.variable: other})


def _fixes_scale(t: Any, point: Point, c: Conditional, varied: list[Point]) -> bool:
    """Whether log h(2 v) - log h(v) depends on v."""
    if c.distribution.family in BOUNDED:
        return False
    found = []
    for p in varied:
        doubled = p.moved({c.variable: 2 * p.arrays[c.variable]})
        ends = (float(Reader(q, WIDTH).array(t.log_base_measure)) for q in (p, doubled))
        before, after = ends
        found.append(after - before)
    return bool(np.ptp(found) > 1e-8 * (1 + np.max(np.abs(found))))


def _chain_scope(
    t: Any, point: Point, c: Conditional, rng: np.random.Generator, description: Description
) -> Iterator[str]:
    """In two steps log h may not know the first, nor H the second."""
    z = point.arrays[c.variable]
    if len(z) != 2:
        return
    other = _redrawn(description, point, c, rng).arrays[c.variable]
    for what, e, k in (("log h", t.log_base_measure, 0), ("the entropy", t.entropy, 1)):
        moved = z.copy()
        moved[k] = other[k]
        a, b = (float(Reader(point.moved({c.variable: v}), WIDTH).array(e)) for v in (z, moved))
        if abs(a - b) > 1e-9 * (1 + abs(a)):
            yield f"{what} of {c.name} depends on the {'previous' if k == 0 else 'drawn'} step"


# poles --------------------------------------------------------------------------------------------
def poles(description: Description, answer: Answer, rng: np.random.Generator) -> Iterator[str]:
    """Special points within the domains at which the answer is not finite, though no condition
    keeps off them."""
    scalars = {
        d.name: d.domain
        for d in description.parameters().values()
        if d.domain in {"real", "positive", "unit interval"}
    }
    scalars |= {n: d for n, d in oracle.learned(description).items() if d == "real"}
    cases: list[dict[str, Any]] = [dict.fromkeys(scalars, s) for s in _SPECIAL]
    cases += [{n: s} for n, s in product(scalars, _SPECIAL)]
    for k, case in enumerate(cases):
        sizes = dict.fromkeys(description.sizes, 1 if k % 2 else 2)
        point = drawn(description, sizes, rng)
        if point is None:
            continue
        special = {
            n: np.full(np.shape(point.arrays[n]), s)
            for n, s in case.items()
            if _within(scalars[n], s)
        }
        if not special or not usable(description, point.moved(special)):
            continue
        name = _infinite(answer, point.moved(special))
        near = _near(point, special, rng) if name else []
        if name and all(_infinite(answer, p) or _large(answer, p, name) for p in near):
            shown = {n: round(float(s), 6) for n, s in case.items()}
            yield f"{name} is not finite at {shown}, sizes {sizes}, and no condition says so"
            return


def _within(domain: str, s: float) -> bool:
    return domain == "real" or (s > 0 and (domain == "positive" or s < 1))


def _parts(answer: Answer, point: Point) -> Iterator[tuple[str, Any]]:
    reader = Reader(point, WIDTH)
    for n, e in answer.field.items():
        yield f"the field on {n}", reader.array(e)
    for n, e in answer.flow.items():
        yield f"the flow of {n}", reader.array(e)
    for t in answer.terms.values():
        if t.holds:
            yield f"the entropy of {t.variable}", reader.array(t.entropy)


def _infinite(answer: Answer, point: Point) -> str:
    """A part that is not finite where all conditions are met."""
    if not met(answer, Reader(point, WIDTH)):
        return ""
    return next((n for n, v in _parts(answer, point) if not np.all(np.isfinite(v))), "")


def _large(answer: Answer, point: Point, name: str) -> bool:
    return any(n == name and np.max(np.abs(v), initial=0) > 1e5 for n, v in _parts(answer, point))


def failing(description: Description, answer: Answer) -> Iterator[dict[str, Any]]:
    """Special values of the learned parameters at which a condition fails, at sizes 2."""
    rng = np.random.default_rng(5)
    sizes = dict.fromkeys(description.sizes, 2)
    learned = {
        n: d
        for n, d in oracle.learned(description).items()
        if d in {"real", "positive", "unit interval"}
    }
    for s in _SPECIAL:
        point = drawn(description, sizes, rng)
        if point is None:
            continue
        special = {
            n: np.full(np.shape(point.arrays[n]), s) for n, d in learned.items() if _within(d, s)
        }
        at = point.moved(special)
        if special and usable(description, at) and not met(answer, Reader(at, WIDTH)):
            yield special


def _near(point: Point, special: Mapping[str, Any], rng: np.random.Generator) -> list[Point]:
    """Points close to a special one: beside a removable pole all is small."""
    found = []
    for _ in range(3):
        moved = {n: v + 1e-7 * rng.uniform(0.5, 1, size=np.shape(v)) for n, v in special.items()}
        found.append(point.moved(moved))
    return found


# all ----------------------------------------------------------------------------------------------
def contradictions(description: Description, proof: Any, rng: np.random.Generator) -> Iterator[str]:
    """Everything that speaks against a proof's identity."""
    answer = Answer(proof)
    yield from out_of_scope(description, answer)
    tried = 0
    for _ in range(20 * _POINTS):
        point = drawn(description, sizes_of(description, rng), rng)
        if point is None or not met(answer, Reader(point, WIDTH)):
            continue
        yield from failures_at(description, answer, point)
        tried += 1
        if tried == _POINTS:
            break
    if not tried:
        raise Unreadable("no point meets the conditions")
    yield from base_measures(description, answer, rng)
    yield from means(description, answer, rng)
    yield from poles(description, answer, rng)


def unassumed(description: Description, proof: Any, rng: np.random.Generator) -> Iterator[str]:
    """An argument that is at some point in no domain, though no assumption says that it is."""
    served = {t.variable.partition("[")[0] for t in proof.terms if t.holds}
    if served:
        served |= {c.name for c in oracle.posteriors(description)}
    for _ in range(_DRAWS):
        try:
            oracle.drawn_point(description, sizes_of(description, rng), rng)
        except OutOfDomain as found:
            named = f"{found.argument} of {found.variable} is in its domain"
            density = f"the density of {found.variable}"
            if found.variable in served and not any(
                a.startswith((named, density)) for a in proof.assumptions
            ):
                yield f"{found}, and nothing is assumed of it"
                return
        except (IndexError, ValueError):
            continue


def means(description: Description, answer: Answer, rng: np.random.Generator) -> Iterator[str]:
    """Whether the entropies are E[-log p + log h], as far as samples tell."""
    point = drawn(description, dict.fromkeys(description.sizes, 2), rng)
    if point is None or not met(answer, Reader(point, WIDTH)):
        return
    known: list[tuple[Conditional, Any, Any]] = []  # with the entropy and log h
    for c in oracle.conditionals(description):
        t = answer.terms[c.name]
        if t.holds and c.part != "later":
            known.append((c, t.entropy, t.log_base_measure if t.is_pseudo else None))
    entropies = answer.proof.q_entropies
    known += [
        (c, entropies[c.variable], None)
        for c in oracle.posteriors(description)
        if c.variable in entropies
    ]
    for c, stated, log_h in known:
        entropy = float(Reader(point, WIDTH).array(stated))
        if abs(entropy) > _EXTREME:
            continue
        for count in (_SAMPLES, _MORE):  # few do not show what is rare
            mean = _mean(point, c, log_h, count, rng)
            if mean is None or abs(mean[0] - entropy) <= 8 * mean[1] + 0.02:
                break
        else:
            yield f"the entropy of {c.name} is {entropy:.4f}, samples say {mean[0]:.4f}"


def _mean(
    point: Point, c: Conditional, log_h: Any, count: int, rng: np.random.Generator
) -> tuple[float, float] | None:
    """The mean of -log p + log h over samples, and its error; None if samplers keep off ends."""
    found, at_ends = [], 0
    for _ in range(count):
        p = point.moved({c.variable: _sampled(point, c, rng)})
        at_ends += _is_at_an_end(p, c)
        base = 0.0 if log_h is None else float(Reader(p, WIDTH).array(log_h))
        found.append(base - float(np.real(oracle.total(p, c))))
    if at_ends > _AT_ENDS * count:
        return None
    return float(np.mean(found)), float(np.std(found) / np.sqrt(count))


def _is_at_an_end(point: Point, c: Conditional) -> bool:
    """Whether a variable is so close to an end of its support that it may have been moved."""
    family = c.distribution.family
    if family not in {*POSITIVE, *_UNIT}:
        return False
    own = np.asarray(point.arrays[c.variable])
    own = own[0] if c.part == "first" else own
    outside = (own < _END) | (own > 1 / _END)
    return bool(np.any(outside | (own > 1 - _END) if family in _UNIT else outside))


def _sampled(point: Point, c: Conditional, rng: np.random.Generator) -> Any:
    """The conditional's variable given its parents."""
    own = np.asarray(point.arrays[c.variable])
    if c.part == "first":
        return np.stack([oracle.sample(point, c.distribution, (), rng), *own[1:]])
    shape = np.shape(own)[: own.ndim - (c.distribution.family in oracle.EVENTS)]
    return oracle.sample(point, c.distribution, shape, rng)


def drawn(
    description: Description, sizes: Mapping[str, int], rng: np.random.Generator
) -> Point | None:
    """A random point, None where these sizes are too small or a density is not finite."""
    try:
        point = oracle.drawn_point(description, sizes, rng)
    except (IndexError, ValueError):
        return None
    return point if usable(description, point) else None


def usable(description: Description, point: Point) -> bool:
    """Whether the model's own densities are some, finite and not too narrow, and all slices fit."""
    conditionals = oracle.conditionals(description)
    try:
        for c in conditionals:
            oracle.check_domains(point, c)
        found = [(c, oracle.total(point, c)) for c in conditionals]
    except (IndexError, ValueError):
        return False
    narrow = any(
        c.distribution.family in CONTINUOUS and np.real(total) > _EXTREME for c, total in found
    )
    return not narrow and bool(np.all(np.isfinite([total for _, total in found])))


__all__ = ["Answer", "contradictions", "failing", "sizes_of", "unassumed", "usable"]
