"""The pointwise identity of one conditional, step by step, each step checked.

D log p + div u = log p - log h + H,     D = sum_k beta_k d/dtheta_k + u d/dz
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy as sp
from sympy import Expr

from entropy_proofs.algebra.nodes import HiddenUnitDerivative
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.derivation.checked.equalities import Equality, Judge, Moved
from entropy_proofs.model.pointwise import FieldComponent, LatentFlow
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, summed

Motion = FieldComponent | LatentFlow


@dataclass(frozen=True)
class Contribution:
    """What some motions make of an expression: one, or several that are shown only together."""

    motions: tuple[Motion, ...]
    equality: Equality


@dataclass(frozen=True)
class IdentitySteps:
    """One generic coordinate of a served conditional.

    contributions: of the field's components and the flows that reach it.
    divergence: div u over its own value.
    moved: that D log p is the sum of the contributions; identity: that with the divergence it is
        log p - log h + H; entropy: the sum of H over its coordinates.
    unshown: names of steps that were not shown, and so are not equalities here.
    """

    contributions: tuple[Contribution, ...]
    divergence: Expr
    moved: Equality | None
    identity: Equality | None
    entropy: Equality | None
    unshown: tuple[str, ...]


def identity_steps(proof: ProofRecord, term: TermResult, judge: Judge) -> IdentitySteps | None:
    """The steps for a conditional that the proof's identity serves; None for any other.

    >>> import entropy_proofs as ep
    >>> proof = ep.prove(ep.load("linear_regression"))
    >>> steps = identity_steps(proof, proof.terms[0], Judge(proof))
    >>> steps.identity.judge, steps.unshown
    ('the kernel', ())
    """
    if proof.identity is None or term.identity is None or term.summed is None:
        return None
    density, plates = term.term.log_density, term.term.plates
    reached = tuple(m for m in _motions(proof) if _labels(m) & symbols_in(density))
    unshown: list[str] = []
    contributions = []
    for group in _groups(density, reached):
        moved = Moved(density, *_sorted(group))
        equality = judge.equality(moved, moved.shown(), plates)
        if equality is None:
            names = ", ".join(map(name_of_motion, group))
            unshown.append(f"the derivative of log p({term.variable}) along {names}")
        else:
            contributions.append(Contribution(group, equality))
    whole = Moved(density, *_sorted(reached))
    moved_by_all = judge.equality(whole, whole.shown(), plates)
    divergence = proof.identity.divergence(term.identity.conditional).expr()
    right = density - term.identity.log_base_measure + term.identity.entropy
    identity = judge.equality(whole, right - divergence, plates)
    entropy = judge.equality(
        summed(proof.model, term.term, term.identity.entropy), term.summed[0], ()
    )
    for what, found in (
        (f"D log p({term.variable}) as the sum of its parts", moved_by_all),
        (f"the identity of {term.variable}", identity),
        (f"the entropy of {term.variable} summed over its coordinates", entropy),
    ):
        if found is None:
            unshown.append(what)
    return IdentitySteps(
        tuple(contributions), divergence, moved_by_all, identity, entropy, tuple(unshown)
    )


def name_of_motion(motion: Motion) -> str:
    """The parameter's or the latent's name."""
    return motion.label.name if isinstance(motion, FieldComponent) else motion.variable


def _motions(proof: ProofRecord) -> tuple[Motion, ...]:
    assert proof.identity is not None
    return (*proof.identity.field, *proof.identity.flows)


def _labels(motion: Motion) -> frozenset[sp.Symbol]:
    return frozenset([motion.label]) if isinstance(motion, FieldComponent) else motion.labels


def _sorted(
    motions: Sequence[Motion],
) -> tuple[tuple[FieldComponent, ...], tuple[LatentFlow, ...]]:
    return (
        tuple(m for m in motions if isinstance(m, FieldComponent)),
        tuple(m for m in motions if isinstance(m, LatentFlow)),
    )


def _groups(density: Expr, motions: Sequence[Motion]) -> list[tuple[Motion, ...]]:
    """One by one, but together where each alone changes what a network hides."""
    inside: list[Motion] = []
    apart: list[Motion] = []
    for m in motions:
        moved = Moved(density, *_sorted([m])).normal()
        opened = any(a.has(HiddenUnitDerivative) for a in moved.atoms())
        (inside if opened else apart).append(m)
    return [*((m,) for m in apart), *([tuple(inside)] if inside else [])]
