"""What a family of distributions states: its log density, support and parameter domains.

Nothing that can be derived is stated: no entropy, no log-partition function, no field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from inspect import Signature, signature
from typing import Any, ClassVar

from sympy import Expr

from entropy_proofs.arrays.array import Array, Shape, broadcast_shapes, lift, shape_of
from entropy_proofs.errors import InputError, told_of
from entropy_proofs.families.keywords import check_call
from entropy_proofs.families.spaces import REAL, Space
from entropy_proofs.notebook.displays import latex_of
from entropy_proofs.notebook.statements import law, log_density_of
from entropy_proofs.printing.formula import relation


class FamilyType(type):
    """The type of families: a call with wrong arguments is answered with the right ones."""

    def __call__(cls, *given: Any, **named: Any) -> Any:
        check_call(cls.__name__, cls.__signature__, given, named)
        return super().__call__(*given, **named)

    @property
    def __signature__(cls) -> Signature:
        """The arguments, which `help` and editors show."""
        own = signature(vars(cls)["__init__"])
        return own.replace(parameters=list(own.parameters.values())[1:])


@dataclass(frozen=True, kw_only=True)
class Family(metaclass=FamilyType):
    """A conditional distribution with its arguments filled in.

    A subclass is a frozen dataclass whose fields are its arguments (None: not given); `source` is
    where its density is written so.
    """

    source: ClassVar[str] = ""
    event_axes: ClassVar[Mapping[str, int]] = {}  # per argument; 0 if not named
    event_sizes: ClassVar[Mapping[str, tuple[str, ...]]] = {}  # their letters; K if not named
    domains: ClassVar[Mapping[str, Space]] = {}  # per argument; REAL if not named
    event: ClassVar[tuple[str, ...]] = ()  # arguments whose last sizes are those of one event
    values: ClassVar[Space]  # the support, where no argument has a say in it

    def _repr_latex_(self) -> str:
        arguments = self.arguments()
        if arguments:
            return latex_of(law(type(self).__name__, arguments, named=True))
        value = self.support().symbol("x")  # a density is told by its formula alone
        return latex_of(relation(log_density_of(value), "=", self.log_density(value)))

    @property
    def tested(self) -> bool:
        """Whether the package's tests hold its density against numbers: one of your own is tried as
        it is declared, as far as it can be."""
        return type(self).__module__.startswith(f"{__package__}.")

    def log_density(self, value: Any) -> Expr:
        """log p(value) in nats, for one event."""
        raise NotImplementedError

    def support(self) -> Space:
        """Where the density is positive."""
        return self.values

    def event_shape(self) -> Shape:
        """The shape of one event; () for scalar families."""
        return tuple(map(self.size_of, self.event))

    def arguments(self) -> dict[str, Expr]:
        """The given arguments, as scalars or arrays."""
        found = {}
        for f in fields(self):
            given = getattr(self, f.name)
            if given is None and f.default is None:
                continue
            with told_of(f.name):
                found[f.name] = lift(given)
        return found

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

    def domain_of(self, argument: str) -> Space:
        """Where an argument has its values."""
        return self.domains.get(argument, REAL)

    def size_of(self, argument: str) -> Expr:
        """The size of an argument's last axis."""
        value = lift(getattr(self, argument))
        if not isinstance(value, Array):
            raise InputError(f"{type(self).__name__}: {argument} must be an array, not {value}")
        return value.shape[-1]
