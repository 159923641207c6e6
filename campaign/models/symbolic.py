"""Numbers of the symbolic answers, at a point: fields, entropies, base measures, conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from campaign.models.arrays import Point, unit
from entropy_proofs.algebra.nodes import HiddenUnit, InverseElement, LogDet
from entropy_proofs.arrays.array import Array


class Unreadable(Exception):
    """A symbol or function that the answer may not hold, or that is not read here."""


Bound = Mapping[sp.Symbol, Any]
_FUNCTIONS: Mapping[Any, Callable[..., Any]] = {
    sp.exp: np.exp,
    sp.log: np.log,
    sp.Abs: np.abs,
    sp.sign: np.sign,
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.tan: np.tan,
    sp.tanh: np.tanh,
    sp.sinh: np.sinh,
    sp.cosh: np.cosh,
    sp.erf: special.erf,
    sp.gamma: special.gamma,
    sp.loggamma: special.gammaln,
    sp.digamma: special.digamma,
    sp.polygamma: lambda n, x: special.polygamma(int(n), x),
    sp.besseli: special.iv,
    sp.besselk: special.kv,
    sp.zeta: special.zeta,
    sp.factorial: lambda n: special.gamma(n + 1),
    sp.Max: max,
    sp.Min: min,
}


class Reader:
    """Evaluates answers at one point; hidden: what J_f and M_f, a network's own sizes, are."""

    def __init__(self, point: Point, hidden: int):
        self.point = point
        self.hidden = hidden

    def array(self, e: Any) -> Any:
        """An Array, or a scalar, as NumPy's."""
        with np.errstate(all="ignore"):
            if not isinstance(e, Array):
                return np.asarray(self.number(sp.sympify(e), {}))
            sizes = [self._whole(n, {}) for n in e.shape]
            own = [axis[0] for axis in e.args[1:]]
            found = np.empty(sizes)
            for place in np.ndindex(*sizes):
                found[place] = self.number(e.args[0], dict(zip(own, place, strict=True)))
            return found

    def over(self, e: Any, axes: Sequence[tuple[sp.Symbol, Any]]) -> Any:
        """The values of an expression for all indices of these axes."""
        ranges = (range(self._whole(n, {})) for _, n in axes)
        names = [i for i, _ in axes]
        with np.errstate(all="ignore"):
            return [self.number(e, dict(zip(names, at, strict=True))) for at in product(*ranges)]

    def _whole(self, e: Any, bound: Bound) -> int:
        return round(float(self.number(e, bound)))

    def number(self, e: Any, bound: Bound) -> Any:
        """A scalar expression, where the bound indices are these."""
        if e.is_Number or isinstance(e, sp.NumberSymbol):
            return np.float64(e)
        if e is sp.zoo or e is sp.nan:
            return np.float64(np.nan)
        if e.is_Symbol:
            return self._symbol(e, bound)
        if isinstance(e, sp.Indexed):
            return self._element(e, bound)
        if e.is_Add:
            return sum((self.number(a, bound) for a in e.args), start=np.float64(0))
        if e.is_Mul:
            return np.prod([self.number(a, bound) for a in e.args])
        if e.is_Pow:
            return np.power(self.number(e.base, bound), self.number(e.exp, bound))
        if isinstance(e, sp.Sum):
            return self._sum(e.function, list(reversed(e.limits)), bound)
        if isinstance(e, sp.KroneckerDelta):
            return np.float64(self._whole(e.args[0], bound) == self._whole(e.args[1], bound))
        if isinstance(e, LogDet):
            return np.linalg.slogdet(self._matrix(e, bound))[1]
        if isinstance(e, InverseElement):
            inverse = np.linalg.inv(self._matrix(e, bound))
            return inverse[self._whole(e.row, bound), self._whole(e.column, bound)]
        if type(e) is HiddenUnit:
            return self._unit(e, bound)
        if isinstance(e, sp.Piecewise):
            return self._piecewise(e, bound)
        function = _FUNCTIONS.get(e.func)
        if function is None:
            raise Unreadable(f"{e.func.__name__} in {e}")
        return np.float64(function(*(self.number(a, bound) for a in e.args)))

    def _symbol(self, s: sp.Symbol, bound: Bound) -> Any:
        if s in bound:
            return bound[s]
        if s.name in self.point.arrays:
            return np.asarray(self.point.arrays[s.name])[()]
        if s.name in self.point.sizes:
            return np.float64(self.point.sizes[s.name])
        if s.name[:2] in {"J_", "M_"}:
            return np.float64(self.hidden)
        raise Unreadable(f"the symbol {s} is not bound")

    def _element(self, e: sp.Indexed, bound: Bound) -> Any:
        name = e.base.label.name
        if name not in self.point.arrays:
            raise Unreadable(f"{name} is no array of the model")
        array = np.asarray(self.point.arrays[name])
        place = tuple(self._whole(i, bound) for i in e.indices)
        if len(place) != array.ndim or any(
            not 0 <= i < n for i, n in zip(place, array.shape, strict=True)
        ):
            raise Unreadable(f"{e} at {place} of {array.shape}")
        return array[place]

    def _sum(self, body: Any, limits: list[Any], bound: Bound) -> Any:
        if not limits:
            return self.number(body, bound)
        (i, low, high), *rest = limits
        start, stop = self._whole(low, bound), self._whole(high, bound)
        steps = (self._sum(body, rest, {**bound, i: k}) for k in range(start, stop + 1))
        return sum(steps, start=np.float64(0))

    def _matrix(self, e: Any, bound: Bound) -> Any:
        n = self._whole(e.size, bound)
        (i, j), body = e.matrix.variables, e.matrix.expr
        return np.array(
            [[self.number(body, {**bound, i: a, j: b}) for b in range(n)] for a in range(n)]
        )

    def _unit(self, e: HiddenUnit, bound: Bound) -> Any:
        vectors, discrete = [], []
        for given in e.inputs:
            if isinstance(given, sp.Tuple):
                body, size = given
                (i,) = body.variables
                n = self._whole(size, bound)
                vectors.append([self.number(body.expr, {**bound, i: k}) for k in range(n)])
            else:
                discrete.append(self._whole(given, bound))
        j = self._whole(e.unit, bound)
        return unit(e.name.name, self.point.unspecified, j, vectors, discrete)

    def _piecewise(self, e: sp.Piecewise, bound: Bound) -> Any:
        for branch, test in e.args:
            if test == sp.true:
                return self.number(branch, bound)
            difference = self.number(test.lhs, bound) - self.number(test.rhs, bound)
            if bool(test.func(sp.Float(difference), 0)):
                return self.number(branch, bound)
        return np.float64(np.nan)


def labels_in(e: Any) -> set[str]:
    """The names of all symbols of an answer, bound indices among them."""
    return {s.name for s in e.free_symbols} if hasattr(e, "free_symbols") else set()


__all__ = ["Reader", "Unreadable", "labels_in"]
