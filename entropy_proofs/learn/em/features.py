"""Which functions of the data a log joint is linear in: read off its expression.

With latents enumerated, the log joint of most mixtures is a sum of functions of x times functions
of the parameters, log p(x, c) = sum_j T_j(x) eta_j(c).  Then the E-step is one product of matrices,
and all that the M-step asks of the data are the averages of T for each state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray
from scipy.linalg import qr
from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.families.spaces import BINARY, POSITIVE, REAL, UNIT_INTERVAL, Scalars
from entropy_proofs.model.model import Model, Variable

Array = NDArray[np.float64]

X = Symbol("X", real=True)
SQUARES = frozenset({X, X**2})
UNITS = 100_000  # rows that tell the units, about
DEPENDENT = 1e-13  # of the largest pivot: features that differ by rounding

Factor = tuple[Expr, tuple[Expr, ...]]  # a function of one element of a variable, and which one
Monomial = tuple[Factor, ...]


class NoFeatures(Exception):
    """The log joint is no finite sum of functions of the data times others."""


@dataclass(frozen=True)
class VariableFeatures:
    """What a log joint asks of one observed variable.

    Attributes:
        functions: of each element, in terms of `X`.
        crossed: whether products of two elements are asked for.
        by_value: whether each value of an element is a feature, as of a category.
    """

    variable: Variable
    functions: frozenset[Expr]
    crossed: bool
    by_value: bool

    @property
    def quadratic(self) -> bool:
        real = self.variable.support == REAL
        return real and self.functions <= SQUARES and not self.by_value


def features_of(model: Model) -> tuple[VariableFeatures, ...]:
    """For each observed variable.

    Raises:
        NoFeatures: there is no such finite list, as where x stands in a network.
    """
    found = _kept(model)
    if found is None:
        raise NoFeatures
    return found


@lru_cache(maxsize=64)
def _kept(model: Model) -> tuple[VariableFeatures, ...] | None:
    try:
        return _read(model)
    except NoFeatures:
        return None


def _read(model: Model) -> tuple[VariableFeatures, ...]:
    observed = [v for v in model.variables.values() if v.observed]
    labels = {v.label for v in observed}
    monomials = set[Monomial]()
    owners: dict[Monomial, set[Symbol]] = {}
    for term in model.terms:
        if set(term.aliases) & symbols_in(term.log_density):
            raise NoFeatures
        for monomial in _monomials(term.log_density, labels, model):
            monomials.add(monomial)
    for monomial in monomials:
        owners[monomial] = {v for f, _ in monomial for v in symbols_in(f) & labels}
    found = []
    gaussian = any(not v.support.discrete for v in model.latents())
    for v in observed:
        mine = [m for m in monomials if v.label in owners[m]]
        if any(len(owners[m]) > 1 for m in mine):
            raise NoFeatures
        functions, crossed, by_value = set[Expr](), False, False
        for m in mine:
            crosses = len({at for _, at in m}) > 1
            crossed |= crosses
            if crosses and not (len(m) == 2 and all(f == v.label for f, _ in m)):
                raise NoFeatures
            for f, _ in m if crosses else [(sp.Mul(*(f for f, _ in m)), ())]:
                by_value |= isinstance(f, _ByValue)
                if not isinstance(f, _ByValue) and v.label in f.free_symbols:
                    functions.add(_log_gammas(f.xreplace({v.label: X})))
        one = VariableFeatures(v, frozenset(functions), crossed, by_value)
        if (crossed or gaussian) and not one.quadratic:
            raise NoFeatures
        found.append(VariableFeatures(v, one.functions, crossed or gaussian, by_value))
    if gaussian and len(found) > 1:
        raise NoFeatures
    return tuple(found)


class _ByValue(sp.Function):
    """Some function of an element, of which every value is a feature."""


def _monomials(expr: Expr, labels: set[Symbol], model: Model) -> set[Monomial]:
    inside = symbols_in(expr) & labels
    if not inside:
        return {()}
    atoms = _elements(expr, labels)
    if isinstance(expr, sp.Add):
        return set().union(*(_monomials(a, labels, model) for a in expr.args))
    if isinstance(expr, Sum):
        return _monomials(expr.function, labels, model)
    if isinstance(expr, sp.Mul):
        return _multiplied(_monomials(a, labels, model) for a in expr.args)
    whole = isinstance(expr, sp.Pow) and expr.exp.is_Integer and 0 < int(expr.exp) <= 4
    if whole and not _alone(expr, atoms, labels):
        return _multiplied([_monomials(expr.base, labels, model)] * int(expr.exp))
    if len(atoms) == 1:
        ((atom, label, at),) = atoms
        if _alone(expr, atoms, labels):
            return {((expr.xreplace({atom: label}), at),)}
        support = next(v.support for v in model.variables.values() if v.label == label)
        if isinstance(support, Scalars) and support.discrete and support.few:
            return {((_ByValue(label), at),)}
    widened = sp.expand_trig(expr)
    if widened != expr:
        return _monomials(sp.expand(widened), labels, model)
    raise NoFeatures


def _multiplied(parts: Iterable[set[Monomial]]) -> set[Monomial]:
    return {
        tuple(sorted((f for part in chosen for f in part), key=str)) for chosen in product(*parts)
    }


def _elements(expr: Expr, labels: set[Symbol]) -> set[tuple[Expr, Symbol, tuple[Expr, ...]]]:
    """The elements of observed variables: as written, the variable, and which one it is."""
    return {(a, nodes.label_of(a), nodes.indices_of(a)) for a in nodes.elements_of(expr, labels)}


def _alone(expr: Expr, atoms: set[Any], labels: set[Symbol]) -> bool:
    """Whether an expression is a function of one element and of nothing else."""
    if len(atoms) != 1:
        return False
    ((atom, _, _),) = atoms
    return not symbols_in(expr.xreplace({atom: X})) - {X}


def _log_gammas(f: Expr) -> Expr:
    """With log Γ in one piece, which does not overflow."""
    return f.replace(
        lambda e: isinstance(e, sp.log) and isinstance(e.args[0], sp.gamma),
        lambda e: sp.loggamma(e.args[0].args[0]),
    )


_EQUAL = sp.Function("equal")  # as SymPy writes a delta it takes no arrays
_NAMED = {"equal": lambda a, b: np.equal(a, b).astype(float)}


# numbers ------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Features:
    """T of one observed variable in numbers: rows of elements -> (features, N), without the one.

    Real elements are in units of the data's deviations from its mean, so that nothing cancels.

    Attributes:
        centre, unit: of each element, (D,).
        values: those that an element may take, where each is a feature.
    """

    of: VariableFeatures
    shape: tuple[int, ...]
    centre: Array
    unit: Array
    values: tuple[float, ...] = ()

    @property
    def width(self) -> int:
        return len(self.centre)

    @property
    def count(self) -> int:
        d = self.width
        if self.of.quadratic:
            return d + (d * (d + 1) // 2 if self.of.crossed else d)
        return d * (len(self.of.functions) + max(len(self.values) - 1, 0))

    @cached_property
    def _functions(self) -> list[Callable[[Array], Array]]:
        ordered = sorted(self.of.functions, key=str)
        written = [f.replace(sp.KroneckerDelta, _EQUAL) for f in ordered]
        return [sp.lambdify(X, f, [_NAMED, "scipy", "numpy"]) for f in written]

    @cached_property
    def pairs(self) -> tuple[Any, Any]:
        return np.triu_indices(self.width)

    def standard(self, x: Array) -> Array:
        u = np.asarray(x.reshape(len(x), -1).T - self.centre[:, None])
        u /= self.unit[:, None]
        return u

    def __call__(self, x: Array) -> Array:
        if self.of.quadratic:
            return self.of_standard(self.standard(x))
        flat = np.ascontiguousarray(x.reshape(len(x), -1).T, dtype=float)
        blocks = [np.asarray(f(flat), dtype=float) for f in self._functions]
        blocks += [(flat == value).astype(float) for value in self.values[1:]]
        return np.concatenate(blocks) if blocks else np.zeros((0, len(x)))

    def of_standard(self, u: Array) -> Array:
        """Quadratic features of elements in their units, (D, N)."""
        if not self.of.crossed:
            return np.concatenate([u, u * u])
        d, start = self.width, self.width
        found = np.empty((self.count, u.shape[1]))
        found[:d] = u
        for k in range(d):  # the products u_k u_j, j >= k, in a row
            np.multiply(u[k:], u[k], out=found[start : start + d - k])
            start += d - k
        return found

    def seconds(self, moment: Array) -> Array:
        """A matrix of second moments as the features that follow the elements themselves."""
        return moment[self.pairs] if self.of.crossed else np.diag(moment)

    def quadratic(self, eta: Array) -> tuple[float, Array, Array]:
        """c, b, A of c + b'u - u'Au / 2, of coefficients (1 + features,)."""
        d = self.width
        first, second = eta[1 : 1 + d], eta[1 + d :]
        if not self.of.crossed:
            return float(eta[0]), first, np.diag(-2 * second)
        upper = np.zeros((d, d))
        upper[self.pairs] = second
        return float(eta[0]), first, -(upper + upper.T)

    def averages(self, x: Array, weights: Array | None) -> Array:
        """The quadratic features' means over the data, (features,)."""
        u = self.standard(x)
        weighted = u if weights is None else u * weights
        first = weighted.mean(axis=1)
        if not self.of.crossed:
            return np.concatenate([first, (weighted * u).mean(axis=1)])
        return np.concatenate([first, (weighted @ u.T / u.shape[1])[self.pairs]])

    def probes(self, x: Array) -> Array:
        """Values (features + 1, ...) at which these features and one are linearly independent.

        Raises:
            NoFeatures: they are independent at no values that an element may take.
        """
        if self.of.quadratic:
            return self._corners()
        flat = np.asarray(x, dtype=float).reshape(len(x), -1)
        flat = flat[np.isfinite(flat).all(axis=1)]
        base = np.median(flat, axis=0) if not self.of.variable.support.discrete else flat[0]
        found = [base]
        for d in range(self.width):
            for value in self._apart(flat[:, d], base[d]):
                found.append(base.copy())
                found[-1][d] = value
        return np.array(found).reshape(len(found), *self.shape)

    def axes(self) -> Array:
        """The centre, and a unit off it along each axis, (1 + D, ...)."""
        steps = np.concatenate([np.zeros((1, self.width)), np.eye(self.width)])
        return (self.centre + self.unit * steps).reshape(-1, *self.shape)

    def _corners(self) -> Array:
        """The centre, a unit to both sides of it along each axis, and along each two at once."""
        one = np.eye(self.width)
        found = [np.zeros((1, self.width)), one, -one]
        if self.of.crossed:
            rows, columns = np.triu_indices(self.width, 1)
            found.append(one[rows] + one[columns])
        return (self.centre + self.unit * np.concatenate(found)).reshape(-1, *self.shape)

    def _apart(self, column: Array, base: float) -> Array:
        """Values of one element, as many as it has features, as far apart as the data allow."""
        candidates = np.unique(
            [*np.unique(column)[:: max(1, len(column) // 50)], *self._near(base)]
        )
        candidates = np.array([base, *candidates[candidates != base]])
        candidates = candidates[np.isfinite(self._of_element(candidates)).all(axis=0)]
        rows = self._of_element(candidates)
        count = len(rows)
        if not count:
            return rows.ravel()
        if len(candidates) <= count:
            raise NoFeatures
        rows -= rows[:, :1]
        most = np.abs(rows).max(axis=1, keepdims=True)
        rows /= np.where(most > 0, most, 1.0)
        _, triangle, order = qr(rows, pivoting=True)
        if np.abs(triangle[count - 1, count - 1]) <= DEPENDENT * np.abs(triangle[0, 0]):
            raise NoFeatures
        return candidates[order[:count]]

    def _of_element(self, x: Array) -> Array:
        """The features of one element at many values, (features, values)."""
        with np.errstate(all="ignore"):
            blocks = [f(x) + 0.0 * x for f in self._functions]
        blocks += [(x == value).astype(float) for value in self.values[1:]]
        return np.array(blocks, dtype=float).reshape(len(blocks), len(x))

    def _near(self, base: float) -> Array:
        """Values that the data need not take, for elements that hardly vary.

        Those that lie outside of the support, where a feature has no number, are dropped.
        """
        if self.values:
            return np.array(self.values)
        support = self.of.variable.support
        if support.discrete:
            deltas = set().union(*(f.atoms(sp.KroneckerDelta) for f in self.of.functions))
            told = [float(n) for delta in deltas for n in delta.args if n.is_number]
            steps = np.array([1.0, 2.0, 5.0])
            near = np.array([*(base + steps), *told])
            if not np.isfinite(self._of_element(near)).all():  # beyond its end
                near = np.concatenate([near, base - steps])
            return np.array([0.0, 1.0]) if support == BINARY else near
        if support == UNIT_INTERVAL:
            return np.array([base**2, np.sqrt(base), base**0.25])
        steps = np.array([0.5, 1.5, 3.0])
        return base * steps if support == POSITIVE else base + steps

    def moments(self, mean: Array) -> tuple[Array, Array]:
        """Mean (D,) and covariance (D, D) that averages of quadratic features amount to.

        Where no products are asked for, the covariance is diagonal.
        """
        d = self.width
        first, second = mean[:d], mean[d:]
        if not self.of.crossed:
            return self.centre + self.unit * first, np.diag(self.unit**2 * (second - first**2))
        whole = np.empty((d, d))
        rows, columns = self.pairs
        whole[rows, columns] = whole[columns, rows] = second
        covariance = (whole - np.outer(first, first)) * np.outer(self.unit, self.unit)
        return self.centre + self.unit * first, covariance


def features_on(of: VariableFeatures, x: Array, values: tuple[float, ...]) -> Features:
    """In the units of data (N, ...)."""
    some = x[:: max(1, len(x) // UNITS)]
    flat = np.asarray(some, dtype=float).reshape(len(some), -1)
    if np.isfinite(np.sum(flat)):
        centre, spread = flat.mean(axis=0), flat.std(axis=0)
    else:  # some are missing
        centre, spread = np.nanmean(flat, axis=0), np.nanstd(flat, axis=0)
    unit = np.where(spread > 0, spread, 1.0)
    return Features(of, x.shape[1:], centre, unit, values if of.by_value else ())
