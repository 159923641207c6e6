"""What a certificate says was found: identities, how parameters and latents move, conditions."""

from __future__ import annotations

from dataclasses import dataclass

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term


@dataclass(frozen=True)
class Component:
    """How a learned label moves: the element at its own slots, under one binder for each axis."""

    label: str
    element: Term


@dataclass(frozen=True)
class Flow:
    """The flow z -> z + t (rate z + shift) of a latent, rate and shift functions of parameters: the
    rate is one number, the shift the element at its own slots, under one binder for each axis."""

    label: str
    rate: Term
    shift: Term


@dataclass(frozen=True)
class TermIdentity:
    """log h and H of one conditional, under the binders of its plates."""

    conditional: str
    log_base_measure: Term
    entropy: Term


@dataclass(frozen=True)
class Condition:
    """Something that must be "nonzero" or "positive", at every index of `over`."""

    what: str
    over: tuple[Size, ...]
    value: Term


@dataclass(frozen=True)
class Certificate:
    """What a search found."""

    components: tuple[Component, ...] = ()
    flows: tuple[Flow, ...] = ()
    terms: tuple[TermIdentity, ...] = ()
    conditions: tuple[Condition, ...] = ()
