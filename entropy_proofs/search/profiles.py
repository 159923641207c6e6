"""A total times a profile, s[c] rho[c, k] with a simplex rho, as one array r for the search.

Where the densities hold nothing else of s and rho, r is free.  What moves r by D r moves s by its
sum over k, and rho by (D r - rho D s) / s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import element, with_elements
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.families.spaces import POSITIVE
from entropy_proofs.model.pointwise import FieldComponent, Identity
from entropy_proofs.search.moving import Moving, Setting


@dataclass(frozen=True)
class Profiles:
    """A search's setting in r.  parts: of each r, its total and its profile."""

    setting: Setting
    parts: Mapping[Symbol, tuple[Symbol, Symbol]]

    def restored(self, found: Identity) -> Identity:
        """The field on s and rho; terms are left out."""
        field: list[FieldComponent] = []
        for c in found.field:
            if c.label not in self.parts:
                field.append(replace(c, element=self._written(c.element)))
                continue
            label, profile = self.parts[c.label]
            own, last = c.slots[:-1], c.slots[-1]
            total, share = element(label, own), element(profile, c.slots)
            moved = self._written(c.element)
            grown = sum_over(normal(moved), last, c.shape[-1]).expr()
            turned = normal((moved - share * grown) / total).expr()
            field.append(FieldComponent(label, c.shape[:-1], own, grown))
            field.append(FieldComponent(profile, c.shape, c.slots, turned))
        return replace(found, field=tuple(field), terms=(), unmoved=())

    def _written(self, expr: Expr) -> Expr:

        def product(r: Symbol, at: Sequence[Expr]) -> Expr:
            label, profile = self.parts[r]
            return element(label, at[:-1]) * element(profile, at)

        return with_elements(expr, self.parts, product)


def profiled(setting: Setting) -> Profiles | None:
    """The conditionals in such products; None where there are none."""
    parts: dict[Symbol, tuple[Symbol, Symbol]] = {}
    kept = list(setting.parameters)
    for profile in (p for p in setting.parameters if p.domain.sums_to_one):
        for total in (p for p in kept if p.domain == POSITIVE and p.shape == profile.shape[:-1]):
            (rho,), (s,) = profile.labels, total.labels
            product = Symbol(f"{s.name}*{rho.name}", real=True, positive=True)
            written = [_in_products(c.log_density, s, rho, product) for c in setting.conditionals]
            if any(symbols_in(log_p) & {s, rho} for log_p in written):
                continue
            setting = setting.written(written)
            parts[product] = s, rho
            kept = [p for p in kept if p not in (profile, total)]
            kept.append(Moving(product.name, frozenset([product]), POSITIVE, profile.shape))
            break
    return Profiles(replace(setting, parameters=kept), parts) if parts else None


def _in_products(log_p: Expr, s: Symbol, rho: Symbol, product: Symbol) -> Expr:
    """With rho = r / s, where s cancels."""
    if rho not in symbols_in(log_p):
        return log_p
    by_s = with_elements(log_p, {rho}, lambda _, at: element(product, at) / element(s, at[:-1]))
    return normal(by_s).expr()
