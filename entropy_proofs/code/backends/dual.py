"""Balls with derivatives: forward-mode automatic differentiation in ball arithmetic.

A `Dual` is a ball that encloses a number and balls that enclose its partial derivatives, so
whatever is computed with it is rigorous.  A comparison that the balls leave open raises
`Undecided`, and a float that is not a whole number is refused: its literal is seldom the number
that was meant.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np
from flint import arb, arb_mat

from entropy_proofs.code.backends.arb import polygamma, runtime
from entropy_proofs.code.backends.target import Backend, Runtime


class Undecided(ArithmeticError):
    """Balls overlap where a comparison needs them apart."""


def _binary(operation: Callable[[Dual, Dual], Any]) -> Any:
    """An operator whose other side is lifted; with an array NumPy applies it to each element."""

    @wraps(operation)
    def of_any(self: Dual, other: Any) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return operation(self, whole_or_dual(other))

    return of_any


class Dual:
    """A ball and the row of its partial derivatives (None for a constant)."""

    __slots__ = ("slope", "value")

    def __init__(self, value: arb, slope: arb_mat | None = None):
        self.value, self.slope = value, slope

    def __repr__(self) -> str:
        return f"Dual({self.value})"

    # arithmetic -------------------------------------------------------------------------------
    @_binary
    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, _added(self.slope, other.slope))

    @_binary
    def __sub__(self, other: Dual) -> Dual:
        return self + -other

    @_binary
    def __rsub__(self, other: Dual) -> Dual:
        return other + -self

    def __neg__(self) -> Dual:
        return Dual(-self.value, None if self.slope is None else -self.slope)

    @_binary
    def __mul__(self, other: Dual) -> Dual:
        slope = _added(_scaled(self.slope, other.value), _scaled(other.slope, self.value))
        return Dual(self.value * other.value, slope)

    @_binary
    def __truediv__(self, other: Dual) -> Dual:
        value, inverse = self.value / other.value, 1 / other.value
        slope = _added(_scaled(self.slope, inverse), _scaled(other.slope, -value * inverse))
        return Dual(value, slope)

    @_binary
    def __rtruediv__(self, other: Dual) -> Dual:
        return other / self

    @_binary
    def __pow__(self, other: Dual) -> Dual:
        x, e = self.value, other.value
        if other.slope is not None or not (e.is_integer() or x > 0):
            return (self.log() * other).exp()
        return self._through(x**e, lambda: e * x ** (e - 1))

    @_binary
    def __rpow__(self, other: Dual) -> Dual:
        return other**self

    __radd__, __rmul__ = __add__, __mul__

    # comparisons ------------------------------------------------------------------------------
    @_binary
    def __lt__(self, other: Dual) -> bool:
        if self.value < other.value:
            return True
        if self.value >= other.value:
            return False
        raise Undecided(f"whether {self.value} < {other.value}")

    @_binary
    def __gt__(self, other: Dual) -> bool:
        return other < self

    @_binary
    def __le__(self, other: Dual) -> bool:
        return not other < self

    @_binary
    def __ge__(self, other: Dual) -> bool:
        return not self < other

    @_binary
    def __eq__(self, other: Dual) -> bool:
        equal = bool(self.value == other.value)
        if not equal and self.value.overlaps(other.value):
            raise Undecided(f"whether {self.value} = {other.value}")
        return equal

    @_binary
    def __ne__(self, other: Dual) -> bool:
        return not self == other

    # functions --------------------------------------------------------------------------------
    def _through(self, value: arb, derivative: Any) -> Dual:
        """f(self), with f' as a function that is called if it is needed."""
        return Dual(value, None if self.slope is None else _scaled(self.slope, derivative()))

    def __abs__(self) -> Dual:
        return self._through(abs(self.value), lambda: self.sgn().value)

    def sgn(self) -> Dual:
        """The sign, away from zero: at a kink there is no derivative to enclose."""
        if self.slope is not None and self.value.contains(0):
            raise Undecided(f"the sign of {self.value}")
        return Dual(self.value.sgn())

    def exp(self) -> Dual:
        value = self.value.exp()
        return self._through(value, lambda: value)

    def log(self) -> Dual:
        return self._through(self.value.log(), lambda: 1 / self.value)

    def sqrt(self) -> Dual:
        value = self.value.sqrt()
        return self._through(value, lambda: 1 / (2 * value))

    def sin(self) -> Dual:
        return self._through(self.value.sin(), self.value.cos)

    def cos(self) -> Dual:
        return self._through(self.value.cos(), lambda: -self.value.sin())

    def tan(self) -> Dual:
        value = self.value.tan()
        return self._through(value, lambda: 1 + value * value)

    def sinh(self) -> Dual:
        return self._through(self.value.sinh(), self.value.cosh)

    def cosh(self) -> Dual:
        return self._through(self.value.cosh(), self.value.sinh)

    def tanh(self) -> Dual:
        value = self.value.tanh()
        return self._through(value, lambda: 1 - value * value)

    def atan(self) -> Dual:
        return self._through(self.value.atan(), lambda: 1 / (1 + self.value * self.value))

    arctan = atan  # what NumPy calls it

    def atan2(self, other: Dual) -> Dual:
        """The angle of (x, y) = (other, self), away from the cut, where it jumps."""
        y, x = self.value, other.value
        if y.contains(0) and not x > 0:
            raise Undecided(f"the angle of ({x}, {y})")
        squares = x * x + y * y
        slope = _added(_scaled(self.slope, x / squares), _scaled(other.slope, -y / squares))
        return Dual(arb.atan2(y, x), slope)

    def erf(self) -> Dual:
        def derivative() -> arb:
            return 2 / arb.pi().sqrt() * (-self.value * self.value).exp()

        return self._through(self.value.erf(), derivative)

    def gamma(self) -> Dual:
        value = self.value.gamma()
        return self._through(value, lambda: value * self.value.digamma())

    def lgamma(self) -> Dual:
        return self._through(self.value.lgamma(), self.value.digamma)

    def polygamma(self, order: int) -> Dual:
        """The derivative of this order of digamma."""
        x = self.value
        return self._through(polygamma(order, x), lambda: polygamma(order + 1, x))

    def bessel_i(self, order: Any) -> Dual:
        """I of a constant order."""
        n, x = _constant(order), self.value

        def derivative() -> arb:
            return (x.bessel_i(n - 1) + x.bessel_i(n + 1)) / 2

        return self._through(x.bessel_i(n), derivative)

    def bessel_k(self, order: Any) -> Dual:
        """K of a constant order."""
        n, x = _constant(order), self.value

        def derivative() -> arb:
            return -(x.bessel_k(n - 1) + x.bessel_k(n + 1)) / 2

        return self._through(x.bessel_k(n), derivative)


def whole_or_dual(x: Any) -> Dual:
    """A ball, a dual or a whole number as a dual.

    Raises:
        TypeError: a float that is not a whole number, or something else.
    """
    if isinstance(x, Dual):
        return x
    if isinstance(x, arb):
        return Dual(x)
    if isinstance(x, (int, float, np.integer, np.floating, np.bool_)) and x == int(x):
        return Dual(arb(int(x)))
    raise TypeError(f"{x!r} is no exact number")


def to_dual(x: Any) -> Dual:
    """Any number, a float taken as exactly what it stores."""
    if isinstance(x, (float, np.floating)):
        return Dual(arb(float(x)))
    return whole_or_dual(x)


def _added(a: arb_mat | None, b: arb_mat | None) -> arb_mat | None:
    if a is None or b is None:
        return a if b is None else b
    return a + b


def _scaled(slope: arb_mat | None, factor: arb) -> arb_mat | None:
    return None if slope is None else slope * factor


def _constant(order: Any) -> arb:
    found = whole_or_dual(order)
    if found.slope is not None:
        raise TypeError("no derivative of a Bessel function with respect to its order")
    return found.value


# matrices -----------------------------------------------------------------------------------------
def values(a: Any) -> arb_mat:
    """The values of a matrix of duals."""
    return arb_mat([[whole_or_dual(x).value for x in row] for row in a])


def inverse(a: Any) -> Any:
    """The inverse of a matrix of duals: its derivative is -inv(A) dA inv(A)."""
    inverted = _objects(values(a).inv())
    moved = inverted @ a @ inverted

    def entry(value: Dual, m: Dual) -> Dual:
        return Dual(value.value, None if m.slope is None else -m.slope)

    return np.frompyfunc(entry, 2, 1)(inverted, moved)


def logdet(a: Any) -> Dual:
    """log |det| of a matrix of duals: its derivative is tr(inv(A) dA)."""
    matrix = values(a)
    moved = (_objects(matrix.inv()) * a.T).sum()
    return Dual(abs(matrix.det()).log(), moved.slope)


def _objects(matrix: arb_mat) -> Any:
    found = np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for i, row in enumerate(matrix.tolist()):
        found[i] = [Dual(x) for x in row]
    return found


# the backend --------------------------------------------------------------------------------------
def _whole(x: Any) -> int:
    n = whole_or_dual(x).value.unique_fmpz()
    if n is None:
        raise Undecided(f"which whole number {x} is")
    return int(n)


@cache
def _load() -> Runtime:
    """Floats among the inputs are taken as exactly what they store."""
    return runtime(
        whole_or_dual, logdet, inverse, lambda n, x: x.polygamma(n), _whole, Dual.atan2, to_dual
    )


BACKEND = Backend("dual", _load, exact=True, lifts_sizes=True)
