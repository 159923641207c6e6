"""What a statement declares: labels with their domains, and conditionals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term, free, rational

ROLES = ("learned", "constant", "latent", "observed", "given")


@dataclass(frozen=True)
class Kind:
    """What the kernel knows of a domain.

    axes: how many last axes belong to it.  sign: of its elements.  takes: what its arguments are.
    roles: which labels may have it.  scales: whether z -> c z maps it onto itself for c > 0.
    """

    axes: int = 0
    sign: str = "?"
    takes: tuple[str, ...] = ()
    variable: bool = True
    parameter: bool = False
    continuous: bool = True
    scales: bool = False


DOMAINS: Mapping[str, Kind] = {
    "real": Kind(parameter=True, scales=True),
    "positive": Kind(sign="+", parameter=True, scales=True),
    "unit interval": Kind(sign="+", parameter=True),
    "simplex": Kind(axes=1, sign="+", parameter=True),
    "positive definite": Kind(axes=2, parameter=True, scales=True),
    "increasing": Kind(axes=1, parameter=True, variable=False),
    "unit columns": Kind(axes=2, parameter=True, variable=False),
    "interval": Kind(takes=("bound", "bound")),
    "binary": Kind(sign="0+", continuous=False),
    "category": Kind(sign="0+", takes=("size",), continuous=False),
    "natural": Kind(sign="0+", continuous=False),
    "counts": Kind(axes=1, sign="0+", takes=("bound",), continuous=False),
    "whole": Kind(takes=("bound", "bound"), continuous=False),
}
VARIABLE = ("latent", "observed", "given")  # what is given has no conditional of its own


@dataclass(frozen=True)
class Domain:
    """A domain with its arguments: a size (category) or bounds (None: no bound on this side).

    Bounds stand under a binder for each axis of their label that is none of the domain's.
    """

    kind: str
    args: tuple = ()

    @property
    def sign(self) -> str:
        kind = DOMAINS[self.kind]
        low = self.args[0] if self.kind in {"interval", "whole"} else None
        if low is not None and low.op == "rational" and low.args[0] >= 0:
            return "+" if low.args[0] > 0 or self.kind == "interval" else "0+"
        return kind.sign


@dataclass(frozen=True)
class Label:
    """A parameter or a variable."""

    name: str
    role: str
    shape: tuple[Size, ...]
    domain: Domain

    @property
    def kind(self) -> Kind:
        return DOMAINS[self.domain.kind]

    @property
    def copies(self) -> tuple[Size, ...]:
        """The axes that are none of the domain's: bounds may differ along them."""
        return self.shape[: len(self.shape) - self.kind.axes]


@dataclass(frozen=True)
class Conditional:
    """p(v | a; theta) for every index of its plates.

    place: the first indices of the own value, under the plates' binders; the axes of the variable
        after these are one event.
    log_density: in nats, under the plates' binders.
    """

    name: str
    plates: tuple[Size, ...]
    variable: str
    place: tuple[Term, ...]
    log_density: Term
    weight: Term = field(default_factory=lambda: rational(1))

    def indices(self) -> tuple[Term, ...]:
        """One generic coordinate of the plates."""
        return tuple(free(k, n) for k, n in enumerate(self.plates))
