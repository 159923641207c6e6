"""What the registry states about one density, and the sample spaces for its oracles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import sympy as sp
from oracle.expressions import floats

Values = Mapping[Any, Any]
#: Points (symbol -> array of values) and their weights in Lebesgue or counting measure.
Nodes = tuple[dict[Any, np.ndarray], np.ndarray]
Space = Callable[[Values], Nodes]
Drawer = Callable[[np.random.Generator, Values], Any]

#: Ranges that parameters are drawn from.
REAL, POSITIVE, UNIT, SHAPE = (-1.5, 1.5), (0.5, 2.5), (0.15, 0.85), (1.2, 4.0)


@dataclass(frozen=True)
class Density:
    """A log density from its textbook formula, with what is known about it by hand.

    expectation  "plain": H̃ is the entropy (log h = 0 is possible);
                 "pseudo": an identity exists, but only with a base measure;
                 "refuse": no field exists, with any base measure.
    draws        ranges (low, high) of Symbols, or functions of (rng, values drawn so far);
                 holds parameters, parents, fixed constants and sizes.
    space        quadrature (summation) nodes of the support at given values.
    sample       a random point of the support, where there are no nodes.
    field, base  a field and log h found by hand: a check of this registry, not of the engine
                 (fields are not unique where a base measure is involved).
    reference    the entropy in nats by another library, where one has it.
    """

    name: str
    log_density: sp.Expr
    variable: Any
    parameters: tuple
    draws: Mapping[Any, Any]
    space: Space | None = None
    given: tuple = ()
    expectation: Literal["plain", "pseudo", "refuse"] = "plain"
    field: Mapping[Any, Any] = field(default_factory=dict)
    base: Any = sp.S.Zero
    sample: Callable[[np.random.Generator, Values], dict] | None = None
    reference: Callable[[Values], float] | None = None
    note: str = ""

    def draw(self, rng: np.random.Generator) -> dict:
        """Random values of everything but the variable."""
        values: dict[Any, Any] = {}
        for symbol, how in self.draws.items():
            values[symbol] = _draw(how, rng, values)
        return values

    def points(self, rng: np.random.Generator, values: Values, count: int) -> list[dict]:
        """Random points of the support at `values`."""
        if self.sample is not None:
            return [self.sample(rng, values) for _ in range(count)]
        where, mass = self.nodes(values)
        chosen = rng.choice(len(mass), size=count, replace=False, p=mass / mass.sum())
        return [{symbol: array[i] for symbol, array in where.items()} for i in chosen]

    def nodes(self, values: Values) -> tuple[dict[Any, np.ndarray], np.ndarray]:
        """Nodes and their probability masses."""
        if self.space is None:
            raise ValueError(f"{self.name} has no quadrature")
        where, weights = self.space(values)
        with np.errstate(all="ignore"):
            mass = weights * np.exp(floats(self.log_density, {**values, **where}))
        return where, np.where(np.isfinite(mass), mass, 0.0)

    def expectation_of(self, integrand: Any, values: Values) -> float:
        """E_p[integrand]; raises if the density does not integrate to one at these nodes."""
        where, mass = self.nodes(values)
        if abs(mass.sum() - 1) > 1e-9:
            raise ArithmeticError(f"{self.name}: total mass {mass.sum()} at {values}")
        with np.errstate(all="ignore"):
            value = floats(integrand, {**values, **where})
            # nodes so far out that exp overflows carry no mass that a float could tell
            return float(np.sum(np.where(mass > 1e-200, mass * value, 0.0)))

    def entropy(self, values: Values, log_base_measure: Any = sp.S.Zero) -> float:
        """E_p[-log p + log h] by quadrature or summation."""
        return self.expectation_of(log_base_measure - self.log_density, values)


def _draw(how: Any, rng: np.random.Generator, values: Values) -> Any:
    if callable(how):
        return how(rng, values)
    if isinstance(how, tuple):
        return rng.uniform(*how)
    return how


def integer(low: int, high: int) -> Drawer:
    """Draws an integer between both bounds, inclusive."""
    return lambda rng, values: int(rng.integers(low, high + 1))


def constant(function: Callable) -> Drawer:
    """A known function, as the value of an undefined one."""
    return lambda rng, values: function


# Quadrature: double-exponential rules, which take heavy tails and end-point singularities.


def _ladder(count: int, reach: float) -> tuple[np.ndarray, np.ndarray]:
    t = np.linspace(-reach, reach, count)
    return np.pi / 2 * np.sinh(t), np.pi / 2 * np.cosh(t) * (t[1] - t[0])


def _half_line(count: int, reach: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    s, ds = _ladder(count, reach)
    return np.exp(s), np.exp(s) * ds


def half_line(x: Any, start: Any = 0, scale: Any = 1, count: int = 401) -> Space:
    """(start, ∞); start and scale may be expressions."""

    def nodes(values: Values) -> Nodes:
        a, s = floats(start, values), floats(scale, values)
        u, w = _half_line(count)
        return {x: a + s * u}, s * w

    return nodes


def line(x: Any, centre: Any = 0, scale: Any = 1, count: int = 401) -> Space:
    """The real line in two halves that meet at `centre`, where the density may have a kink."""

    def nodes(values: Values) -> Nodes:
        c, s = floats(centre, values), floats(scale, values)
        u, w = _half_line(count)
        return {x: np.concatenate([c - s * u, c + s * u])}, s * np.concatenate([w, w])

    return nodes


def interval(x: Any, low: Any = 0, high: Any = 1, count: int = 401) -> Space:
    """(low, high)."""

    def nodes(values: Values) -> Nodes:
        a, b = floats(low, values), floats(high, values)
        s, ds = _ladder(count, 3.2)
        left = 1 / (1 + np.exp(-2 * s))
        w = (b - a) * 2 * left * (1 / (1 + np.exp(2 * s))) * ds
        inside = (a + (b - a) * left < b) & (a + (b - a) * left > a)
        return {x: (a + (b - a) * left)[inside]}, w[inside]

    return nodes


def counts(x: Any, start: int = 0, stop: Any = 1500) -> Space:
    """The integers from start to stop, both included."""

    def nodes(values: Values) -> Nodes:
        last = round(float(floats(stop, values)))
        support = np.arange(start, last + 1, dtype=float)
        return {x: support}, np.ones_like(support)

    return nodes


def listed(variables: tuple, points: Callable[[Values], list] | list) -> Space:
    """Finitely many points, each a tuple of the variables' values."""

    def nodes(values: Values) -> Nodes:
        rows = np.array(points(values) if callable(points) else points, dtype=float)
        return {v: rows[:, i] for i, v in enumerate(variables)}, np.ones(len(rows))

    return nodes


def product(*spaces: Space) -> Space:
    """Cartesian product."""

    def nodes(values: Values) -> Nodes:
        where: dict[Any, np.ndarray] = {}
        weights = np.ones(1)
        for space in spaces:
            more, w = space(values)
            where = {s: np.repeat(array, len(w)) for s, array in where.items()}
            where |= {s: np.tile(array, len(weights)) for s, array in more.items()}
            weights = np.repeat(weights, len(w)) * np.tile(w, len(weights))
        return where, weights

    return nodes


def joined(*spaces: Space) -> Space:
    """Pieces of one variable's support."""

    def nodes(values: Values) -> Nodes:
        pieces = [space(values) for space in spaces]
        where = {s: np.concatenate([w[s] for w, _ in pieces]) for s in pieces[0][0]}
        return where, np.concatenate([weights for _, weights in pieces])

    return nodes


def mapped(space: Space, change: Callable[[dict], tuple[dict, np.ndarray]]) -> Space:
    """A change of variables: `change` returns the new points and the Jacobian."""

    def nodes(values: Values) -> Nodes:
        where, weights = space(values)
        points, jacobian = change(where)
        return points, weights * jacobian

    return nodes


def triangle(x: Any, y: Any, count: int = 161) -> Space:
    """x > 0, y > 0, x + y < 1."""
    square = product(interval(x, count=count), interval(y, count=count))
    return mapped(square, lambda w: ({x: w[x], y: (1 - w[x]) * w[y]}, 1 - w[x]))


def sphere(x: Any, y: Any, z: Any, count: int = 80) -> Space:
    """The unit sphere with its surface measure."""

    def nodes(values: Values) -> Nodes:
        height, w = np.polynomial.legendre.leggauss(count)
        angle = 2 * np.pi * np.arange(count) / count
        h, a = (grid.ravel() for grid in np.meshgrid(height, angle, indexing="ij"))
        r = np.sqrt(1 - h**2)
        weights = np.repeat(w, count) * 2 * np.pi / count
        return {x: r * np.cos(a), y: r * np.sin(a), z: h}, weights

    return nodes


def plane(x: Any, count: int = 201) -> Space:
    """Column vectors of length two."""

    def nodes(values: Values) -> Nodes:
        s, ds = _ladder(count, 3.0)
        u, w = np.sinh(s), np.cosh(s) * ds
        first, second = (grid.ravel() for grid in np.meshgrid(u, u, indexing="ij"))
        return {x: np.stack([first, second], -1)[..., None]}, np.outer(w, w).ravel()

    return nodes


def positive_definite(X: Any, count: int = 71) -> Space:
    """Symmetric positive definite 2x2 matrices X = L L', measure dX11 dX12 dX22.

    The rules suit densities that fall like a normal density in the Cholesky factor L.
    """

    def nodes(values: Values) -> Nodes:
        t, step = np.linspace(-3, 3.2, count, retstep=True)
        u, w = np.exp(t - np.exp(-t)), np.exp(t - np.exp(-t)) * (1 + np.exp(-t)) * step
        s, step = np.linspace(-3.2, 3.2, count, retstep=True)
        v, wv = np.sinh(s), np.cosh(s) * step
        a, b, c = (grid.ravel() for grid in np.meshgrid(u, v, u, indexing="ij"))
        weights = np.einsum("i,j,k->ijk", w, wv, w).ravel() * 4 * a**2 * c
        entries = [a**2, a * b, a * b, b**2 + c**2]
        return {X: np.stack(entries, -1).reshape(-1, 2, 2)}, weights

    return nodes
