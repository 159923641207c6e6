"""What a variational family states, and nothing that can be derived.

q of one latent is described by arrays named after it, "z.mean" or "z.rate"; its coordinates are
independent unless the class says otherwise.  A family states its arrays and their domains, its log
density, E of powers and logarithms, how its arrays move when the latent is scaled, and what one
natural gradient step makes of them; its entropy follows (`expectation.entropy`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import sympy as sp
from numpy import ndarray
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import element
from entropy_proofs.errors import InputError
from entropy_proofs.families.scalar import Normal
from entropy_proofs.families.spaces import REAL, Category, Space
from entropy_proofs.model.declarations import Variable

Shape = tuple[Expr, ...]
At = Sequence[Expr]
Arrays = Mapping[str, ndarray]  # suffix -> array (N, ...)


class NotAnalytic(InputError):
    """No closed form is known for an expectation."""


@dataclass(frozen=True)
class Law(ABC):
    """A distribution of one variable with known moments.

    normal: whether what is affine in the variable is normal.
    """

    variable: Variable
    normal: ClassVar[bool] = False

    @property
    def labels(self) -> bool:
        """Whether its values are labels, which are summed over and not averaged."""
        return isinstance(self.variable.support, Category)

    def value(self, at: At) -> Expr:
        return element(self.variable.label, at)

    @abstractmethod
    def mean(self, at: At) -> Expr:
        """E z."""

    @abstractmethod
    def variance(self, at: At) -> Expr:
        """Of one coordinate."""

    def power(self, at: At, exponent: Expr) -> Expr:
        """E z^exponent."""
        if (found := self.finite_power(at, exponent)) is not None:
            return found
        raise NotAnalytic(f"no closed form is known for E_q[{self.variable.name}**{exponent}]")

    def finite_power(self, at: At, exponent: Expr) -> Expr | None:
        """E z^exponent; None where it is infinite for some parameters, or not known."""
        return None

    def log(self, at: At) -> Expr:
        """E log z."""
        raise NotAnalytic(f"no closed form is known for E_q[log({self.variable.name})]")

    def log_complement(self, at: At) -> Expr:
        """E log(1 - z)."""
        raise NotAnalytic(f"no closed form is known for E_q[log(1 - {self.variable.name})]")


class StandardNormal(Law):
    """Noise e ~ N(0, 1), from which others are made."""

    normal: ClassVar = True

    @staticmethod
    def of(variable: Variable) -> StandardNormal:
        """The noise that a variable is made from."""
        name = f"{variable.name}.noise"
        return StandardNormal(Variable(name, Symbol(name, real=True), variable.shape, False, REAL))

    def mean(self, at: At) -> Expr:
        return sp.S.Zero

    def variance(self, at: At) -> Expr:
        return sp.S.One

    def log_density(self, at: At) -> Expr:
        return Normal(mean=0, variance=1).log_density(self.value(at))


class Factor(Law):
    """q of one latent.

    family, meanings: what it is called, and its arrays where the suffix does not say it.
    domains: of each array that describes it, by suffix.
    full: whether the coordinates covary, as a vector's.
    """

    family: ClassVar[str]
    domains: ClassVar[Mapping[str, Space]]
    meanings: ClassVar[dict[str, str]] = {"deviation": "standard deviation"}
    full: ClassVar[bool] = False

    # arrays -----------------------------------------------------------------------------------
    def shapes(self) -> dict[str, Shape]:
        """Suffix -> shape for one data point."""
        return dict.fromkeys(self.domains, self.variable.shape)

    def label(self, suffix: str) -> Symbol:
        positive = self.domains[suffix].limits[0] == 0
        assumption = {"positive": True} if positive else {"real": True}
        return Symbol(f"{self.variable.name}.{suffix}", **assumption)

    def described(self, suffix: str) -> str:
        """What an array is."""
        meaning = self.meanings.get(suffix, suffix)
        return f"{meaning} of the {self.family} q({self.variable.name})"

    def element(self, suffix: str, at: At) -> Expr:
        return element(self.label(suffix), at)

    def elements(self, at: At) -> tuple[Expr, ...]:
        """Those of all arrays, in the order of `domains`."""
        return tuple(self.element(suffix, at) for suffix in self.domains)

    def flow(self, suffix: str, element: Expr, rate: Expr, shift: Expr) -> Expr:
        """d/dt of an array's element when the latent z becomes z + t (rate z + shift), at t = 0."""
        return sp.S.Zero

    # density ----------------------------------------------------------------------------------
    @property
    def base(self) -> Law:
        """What the latent is made from, if not drawn directly."""
        return self

    @property
    def plates(self) -> Shape:
        """The shape of independent events."""
        return self.variable.shape

    @abstractmethod
    def log_density(self, at: At) -> Expr:
        """log q of one event in nats, as a function of the value of `base`."""

    def parts(self) -> tuple[tuple[Shape, Callable[[At], Expr]], ...]:
        """What log q is the sum of: functions of a place, and the shapes they are added over."""
        return ((self.plates, self.log_density),)

    # arrays that hang together ----------------------------------------------------------------
    def tied(self, q: Arrays) -> dict[str, ndarray]:
        """Arrays that were drawn one by one, made those of one distribution."""
        return dict(q)

    def untied(self, q: Arrays) -> str:
        """What keeps arrays, each in its domain, from being those of one distribution, if any."""
        return ""

    # optimum ----------------------------------------------------------------------------------
    @abstractmethod
    def natural_step(self, q: Arrays, slope: Arrays) -> dict[str, ndarray]:
        """The arrays of the q with natural parameters eta + dF/dm, for dF/d of each array.

        eta are q's natural parameters and m = E_q[T] the mean ones, of sufficient statistics T.
        """
