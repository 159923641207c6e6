"""What a family of distributions states: its log density, support and parameter domains.

Nothing that can be derived is stated: no entropy, no log-partition function, no field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.sums import simplex_of
from entropy_proofs.arrays import Array, Shape, broadcast_shapes, lift, shape_of
from entropy_proofs.errors import InputError


@dataclass(frozen=True)
class Support:
    """A variable's support.

    kind: "real", "positive", "unit interval", "simplex", "positive definite", "interval",
    "binary", "category", "nonnegative integer", "counts" or "integer range".
    bounds: (low, high) of an "interval" or "integer range", (K,) of "category" (0..K-1) and of
    "simplex" (its components), (n,) of "counts" (a vector that sums to n).
    """

    kind: str
    bounds: tuple[Expr, ...] = ()

    @property
    def discrete(self) -> bool:
        return self.kind in {
            "binary", "category", "nonnegative integer", "counts", "integer range",
        }  # fmt: skip

    @property
    def can_scale(self) -> bool:
        """Whether v -> c v maps the support onto itself for every c > 0."""
        return self.kind in {"real", "positive", "positive definite"}

    def symbol(self, name: str) -> Symbol:
        """A label whose elements have this support's assumptions."""
        if self.discrete:
            (size,) = self.bounds if self.kind == "category" else (None,)
            return index(name, sp.Integer(2) if self.kind == "binary" else size)
        if self.kind == "positive":
            return Symbol(name, positive=True)
        if self.kind == "simplex":
            return Symbol(name, positive=True, unit_interval=True, **simplex_of(*self.bounds))
        if self.kind == "unit interval":
            return Symbol(name, positive=True, unit_interval=True)
        if self.kind == "positive definite":
            return Symbol(name, real=True, symmetric=True)
        return Symbol(name, real=True)

    @staticmethod
    def of_set(region: sp.Set, name: str) -> Support:
        """The support that a SymPy set describes."""
        if region == sp.S.Reals or region == sp.Interval(-sp.oo, sp.oo):
            return Support("real")
        if isinstance(region, sp.Interval):
            low, high = region.start, region.end
            if low == 0 and high == sp.oo:
                return Support("positive")
            if low == 0 and high == 1:
                return Support("unit interval")
            return Support("interval", (low, high))
        if region == sp.FiniteSet(0, 1):
            return Support("binary")
        if region == sp.S.Naturals0:
            return Support("nonnegative integer")
        if region == sp.S.Naturals:
            return Support("integer range", (sp.Integer(1), sp.oo))
        if isinstance(region, sp.Range) and region.step == 1:
            return Support("integer range", (region.start, region.stop - 1))
        raise InputError(f"{name}: support {region} is none of the known kinds")


REAL = Support("real")
POSITIVE = Support("positive")
UNIT_INTERVAL = Support("unit interval")
BINARY = Support("binary")
COUNT = Support("nonnegative integer")


@dataclass(frozen=True, kw_only=True)
class Family:
    """A conditional distribution with its arguments filled in.

    A subclass is a frozen dataclass whose fields are its arguments (None: not given).
    """

    event_axes: ClassVar[Mapping[str, int]] = {}  # per argument; 0 if not named
    domains: ClassVar[Mapping[str, str]] = {}  # per argument; "real" if not named

    def log_density(self, value: Any) -> Expr:
        """log p(value) in nats, for one event."""
        raise NotImplementedError

    def support(self) -> Support:
        """Where the density is positive."""
        raise NotImplementedError

    def event_shape(self) -> Shape:
        """The shape of one event; () for scalar families."""
        return ()

    def arguments(self) -> dict[str, Expr]:
        """The given arguments, as scalars or arrays."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            k: lift(v) for k, v in given.items() if isinstance(v, (Expr, int, float, list, tuple))
        }

    def batch_shape(self) -> Shape:
        """The shape of independent copies that the arguments call for."""
        batches = []
        for name, value in self.arguments().items():
            shape = shape_of(value)
            batches.append(shape[: max(len(shape) - self.event_axes.get(name, 0), 0)])
        return broadcast_shapes(*batches)

    def one_of(self, *names: str) -> str:
        """The name of the argument that is given, out of alternatives."""
        given = [n for n in names if getattr(self, n) is not None]
        if len(given) != 1:
            raise InputError(f"{type(self).__name__} takes exactly one of {', '.join(names)}")
        return given[0]

    def size_of(self, argument: str) -> Expr:
        """The size of an argument's last axis."""
        value = lift(getattr(self, argument))
        if not isinstance(value, Array):
            raise InputError(f"{type(self).__name__}: {argument} must be an array, not {value}")
        return value.shape[-1]
