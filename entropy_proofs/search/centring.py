"""Latents about the centres of their priors: z = c + z', so that a flow that scales z' is found.

The intercept that meets a moved latent takes the move in: where W z + b stands, b' = W c + b is a
parameter in place of b.  What is found for z' and b' is the flow k (z - c) of z, and of b the
direction D b' - D (W c).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.zero import is_zero
from entropy_proofs.families.spaces import REAL
from entropy_proofs.model.pointwise import FieldComponent, Identity
from entropy_proofs.search.moving import Moving, Setting

Elements = Mapping[Symbol, tuple[tuple[Symbol, ...], Expr]]  # of a label: its slots, an element


@dataclass(frozen=True)
class Centred:
    """A search's setting in z' and b'.  centres: of latents, added: W c of intercepts."""

    setting: Setting
    centres: Elements
    added: Elements

    def restored(self, found: Identity) -> Identity:
        """The field and flows in z and b; terms are left out."""
        flows = []
        for f in found.flows:
            (label,) = f.labels
            slots, centre = self.centres.get(label, ((), sp.S.Zero))
            flows.append(replace(f, shift=-f.rate * centre, slots=slots))
        field = {c.label: replace(c, element=_shifted(c.element, self.added)) for c in found.field}
        d = Identity(tuple(field.values()), (), ()).derivation()
        for label, (slots, extra) in self.added.items():
            known = field[label].at(slots) if label in field else sp.S.Zero
            element = (normal(known) - d(normal(extra))).expr()
            if element == 0:
                field.pop(label, None)
            else:
                shape = tuple(n for n in map(nodes.size_of_range, slots) if n is not None)
                field[label] = FieldComponent(label, shape, slots, element)
        return Identity(tuple(field.values()), tuple(flows), ())


def centred(setting: Setting) -> Centred | None:
    """The conditionals about the latents' centres; None where none has one but zero."""
    centres = {
        next(iter(m.labels)): (nodes.slots(m.shape), m.centre)
        for m in setting.latents
        if m.centre != 0
    }
    if not centres:
        return None
    real = {next(iter(p.labels)): p for p in setting.parameters if p.domain == REAL}
    added: dict[Symbol, tuple[tuple[Symbol, ...], Expr]] = {}
    for c in setting.conditionals:
        for label, own, extra in _taken_in(c.log_density, centres, real):
            slots = nodes.slots(real[label].shape)
            at_slots = extra.xreplace(dict(zip(own, slots, strict=True)))
            if not symbols_in(at_slots) & (c.own | c.parents):
                added.setdefault(label, (slots, at_slots))
    opposite = {label: (slots, -extra) for label, (slots, extra) in added.items()}
    by = {**centres, **opposite}
    moved = setting.written(_shifted(c.log_density, by) for c in setting.conditionals)
    return Centred(moved, centres, added)


def _taken_in(
    density: Expr, centres: Elements, parameters: Mapping[Symbol, Moving]
) -> Iterator[tuple[Symbol, Sequence[Expr], Expr]]:
    """Intercepts with their indices, and by how much the latents beside them move their sum."""
    for total in density.atoms(sp.Add):
        moving = [a for a in total.args if symbols_in(a) & centres.keys()]
        for a in (a for a in total.args if moving and a not in moving):
            sign, element = a.as_coeff_Mul()
            label, own = nodes.label_of(element), nodes.indices_of(element)
            if abs(sign) != 1 or label not in parameters or len(set(own)) < len(own):
                continue
            beside = sp.Add(*moving)
            change = normal(_shifted(beside, centres)) - normal(beside)
            yield label, own, sign * change.expr()


def is_symmetric(log_p: Expr, label: Symbol, slots: tuple[Symbol, ...], centre: Expr) -> bool:
    """Whether log p is the same with z mirrored at the centre."""
    mirrored = _shifted(log_p, {label: (slots, 2 * centre)}, sign=-1)
    return is_zero(normal(mirrored) - normal(log_p))


def _shifted(expr: Expr, by: Elements, sign: int = 1) -> Expr:
    """With z[i] + c(i) for each element z[i], or with -z[i] + c(i)."""

    def shifted(label: Symbol, at: Sequence[Expr]) -> Expr:
        slots, extra = by[label]
        return sign * nodes.element(label, at) + extra.xreplace(dict(zip(slots, at, strict=True)))

    return nodes.with_elements(expr, by, shifted)
