"""Refutes the criterion: no field, with scaling flows, serves these conditionals.

At fixed parameters the identity is linear in numbers: the field's components, the flows' rates, one
H for every conditional and a, and one log h for every v (shared by all parameters that are tried).
Enough (v, a) make an overdetermined system.  Gaussian elimination in ball arithmetic that leaves
0 = c with a ball c that excludes zero proves that it has no solution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp
from flint import arb, ctx
from sympy import Expr, IndexedBase, Symbol

from entropy_proofs.errors import InputError
from entropy_proofs.model import Model, Parameter, Term
from entropy_proofs.numeric.batch import POINT, POINTS, SAMPLE, SAMPLES
from entropy_proofs.numeric.differentiate import derivative
from entropy_proofs.numeric.evaluate import ModelCode
from entropy_proofs.numeric.instance import random_instance
from entropy_proofs.pointwise import Conditional
from entropy_proofs.results import conditional, latent_motions

_BITS = 400  # working precision of the balls
_LARGEST = 20  # a size given as a number; larger arrays are left undecided
_TINY = 1e-40  # a coefficient that counts as vanishing, with what it implies stated
_OPERATIONS = 600_000  # of ball arithmetic, at most; then equations are left out
_HUGE = 1e30  # the size that a solution must exceed to be stated as excluded
_ATTEMPTS = 20  # to find parameters at which the densities are numbers
_SETTINGS = 4  # parameter values, where a base measure is to be excluded too
_SPARE = 12  # equations beyond the number of unknowns
_MOST = 130  # unknowns; larger systems are left undecided


@dataclass(frozen=True)
class Refutation:
    """Why no field serves the conditionals named in `subject`.

    unknowns: the number of unknowns.  remainder: what is left of an equation `0 = remainder` when
    they are eliminated, enclosed in a ball that excludes zero.  beyond: None, or the size that an
    unknown would have to exceed (where a coefficient was only shown to vanish to many digits).
    parameters: the (first) parameter values at which the system was written down.
    base_measure: whether a base measure h(v) was excluded too.
    """

    subject: str
    unknowns: int
    remainder: str
    beyond: str | None
    parameters: Mapping[str, Any]
    base_measure: bool

    @property
    def summary(self) -> str:
        what = "no field with any base measure" if self.base_measure else "no field with h = 1"
        size = f" (for unknowns up to {self.beyond})" if self.beyond else ""
        return (
            f"{what} for {self.subject}: eliminating the identity's {self.unknowns} unknowns at "
            f"sampled points leaves 0 = {self.remainder}{size}"
        )

    def __str__(self) -> str:
        return self.summary


def refute(
    model: Model,
    terms: Sequence[Term],
    base_measure: bool,
    conditionals: Sequence[Conditional] | None = None,
) -> Refutation | None:
    """A proof that no field serves the terms together, or None.

    base_measure: also exclude every base measure h(v).
    conditionals: the statements about the terms, where they are not the model's own.
    """
    conditionals = conditionals or [conditional(model, t) for t in terms]
    shapes = [p.shape for p in model.parameters.values()]
    shapes += [v.shape for v in model.variables.values()]
    if any(n.is_Integer and n > _LARGEST for shape in shapes for n in shape):
        return None
    sizes = dict.fromkeys(model.dims_, 2) | {POINTS.name: 1, SAMPLES.name: 1}
    previous = ctx.prec
    ctx.prec = _BITS
    try:
        system = _System(model, terms, conditionals, sizes, base_measure)
        remainder = system.certificate()
    except (InputError, NotImplementedError, TypeError, ValueError, ZeroDivisionError):
        return None
    finally:
        ctx.prec = previous
    if remainder is None:
        return None
    names = ", ".join(t.name for t in terms)
    shown = {k: np.vectorize(float)(v).tolist() for k, v in system.parameters.items()}
    return Refutation(names, system.unknowns, *remainder, shown, base_measure)


class _System:
    """The linear system at a few parameter values."""

    def __init__(
        self,
        model: Model,
        terms: Sequence[Term],
        conditionals: Sequence[Conditional],
        sizes: dict[str, int],
        base_measure: bool,
    ):
        self.model, self.terms, self.sizes = model, terms, sizes
        self.conditionals = conditionals
        self.base_measure = base_measure
        self.code = ModelCode(model, "arb")
        self.rng = np.random.default_rng(0)
        self.kernels = [self._kernel(t) for t in terms]
        first = self._usable({})
        rows = [self._row(k, first)[0] for k in range(len(terms))]
        moving = sum(not all(_is_zero(r[j]) for r in rows) for j in range(len(rows[0])))
        self.parameters = {p: np.asarray(first[p], dtype=object) for p in model.parameters}
        constants = {p.name: first[p.name] for p in model.parameters.values() if p.fixed}
        more = range(_SETTINGS - 1 if base_measure else 0)
        thetas = [first, *(self._usable(constants) for _ in more)]
        self.rows, self.right = self._assemble(thetas, moving)

    def _counts(self, c: Conditional, moving: int, thetas: int) -> tuple[int, int]:
        """How many a, and how many v for each, so that equations outnumber unknowns."""
        if c.parents:
            repeats = 4 if any(label.is_integer for label in c.parents) else 1
            return repeats * (moving + 2), 4
        return 1, (thetas * (moving + 1) + _SPARE) // max(thetas - 1, 1)

    def _kernel(self, term: Term) -> Any:
        """log p of the first coordinate, its gradient, and its motion along the flows."""
        first = {i: sp.Integer(0) for i, _ in term.plates}
        log_p = self.code.batch.write(term.log_density.xreplace(first))
        outputs: dict[str, tuple[Expr, tuple]] = {"log_p": (log_p, (POINT, SAMPLE))}
        at_point = log_p.xreplace({POINT: sp.Integer(0), SAMPLE: sp.Integer(0)})
        for p in self.model.learned().values():
            outputs[p.name] = derivative(at_point, p.label, p.shape)
        for motion in latent_motions(self.model):
            label = self.model.variables[motion.name].label
            shape = self.code.batch.shape(label)
            slope, at = derivative(at_point, label, shape)
            outputs[motion.name] = slope * IndexedBase(label)[at], at
        return self.code.compile(outputs)

    def _instance(self, shrink: int = 1) -> dict[str, Any]:
        """Random values, those with an unbounded range made smaller by a whole factor."""
        values = dict(random_instance(self.code, self.rng, self.sizes, _rounded))
        unbounded = [p.name for p in self.model.parameters.values() if p.domain == "positive"]
        unbounded += [
            v.name for v in self.model.variables.values() if v.support.kind in {"real", "positive"}
        ]
        return values | {n: values[n] / shrink for n in unbounded}

    def _usable(self, constants: dict[str, Any]) -> dict[str, Any]:
        """Random values at which every log density is a number."""
        for attempt in range(_ATTEMPTS):
            values = self._instance(1 if attempt % 2 else 4) | constants
            if all(_finite(self._row(k, values)) for k in range(len(self.terms))):
                return values
        raise InputError("no parameters found at which the density is a number")

    def _with_data(
        self, theta: dict[str, Any], fresh: dict[str, Any], names: Any
    ) -> dict[str, Any]:
        return {**theta, **{n: fresh[n] for n in names}}

    def _row(self, k: int, values: dict[str, Any]) -> tuple[list[Any], Any]:
        """Coefficients of the field and the flows, and log p."""
        found = self.kernels[k](self.sizes, values)
        row: list[Any] = []
        for p in self.model.learned().values():
            row += list(np.asarray(found[p.name], dtype=object).ravel())
        term = self.terms[k]
        for motion in latent_motions(self.model):
            moved = np.asarray(found[motion.name], dtype=object).sum()
            if term.variable == motion.name:
                size = [int(n.xreplace(self._size_values())) for n in term.event]
                moved = moved + int(np.prod(size)) if size else moved + 1
            row.append(moved)
        return row, np.asarray(found["log_p"], dtype=object).ravel()[0]

    def _size_values(self) -> dict[Symbol, sp.Integer]:
        return {s: sp.Integer(self.sizes[n]) for n, s in self.model.dims_.items()}

    def _assemble(self, thetas: list, moving: int) -> tuple[list[list[Any]], list[Any]]:
        labels = [v.name for v in self.model.variables.values()]
        rows, right = [], []
        columns: dict[tuple, int] = {}
        entries: list[tuple[list[Any], list[tuple], int]] = []
        for k, (term, c) in enumerate(zip(self.terms, self.conditionals, strict=True)):
            own_names = {term.variable, *(s.name for s in c.own)} & set(labels)
            others = [n for n in labels if n not in own_names]
            many_a, many_v = self._counts(c, moving, len(thetas))
            parents = [self._instance() for _ in range(many_a)]
            points = [
                (t, a, self._with_data(theta, parent, others))
                for t, theta in enumerate(thetas)
                for a, parent in enumerate(parents)
            ]
            for v, value in enumerate(self._values(k, own_names, points, many_v)):
                for t, a, point in points:
                    row, log_p = self._row(k, self._with_data(point, value, own_names))
                    extra: list[tuple] = [("H", k, t, a)]
                    if self.base_measure and v > 0:  # h is defined up to a factor
                        extra.append(("h", k, v))
                    entries.append((row, extra, t))
                    right.append(log_p)
        for _, extra, _ in entries:
            for name in extra:
                columns.setdefault(name, len(columns))
        if len(thetas) * moving + len(columns) > _MOST:
            raise InputError("too many unknowns")
        width = len(entries[0][0])
        for row, extra, t in entries:
            full = [arb(0)] * (width * len(thetas)) + [arb(0)] * len(columns)
            full[t * width : (t + 1) * width] = row
            for name in extra:
                full[width * len(thetas) + columns[name]] = arb(1 if name[0] == "h" else -1)
            rows.append(full)
        for t, theta in enumerate(thetas):
            for constraint in self._tangency(theta):
                full = [arb(0)] * len(rows[0])
                full[t * width : t * width + len(constraint)] = constraint
                rows.append(full)
                right.append(arb(0))
        return rows, right

    def _values(self, k: int, names: set[str], points: list, count: int) -> list[dict[str, Any]]:
        """Distinct v at which every log density is a number."""
        found: list[dict[str, Any]] = []
        supports = {n: self.model.variables[n].support for n in names}
        for attempt in range(4 * count):
            value = self._instance(1 + 3 * (attempt % 2))
            if len(names) == 1 and all(s.discrete for s in supports.values()):
                (name,) = names
                if supports[name].kind == "nonnegative integer":
                    value[name] = value[name] * 0 + attempt
            if any(_same(value, old, names) for old in found):
                continue
            if all(_finite(self._row(k, self._with_data(p, value, names))) for _, _, p in points):
                found.append(value)
            if len(found) == count:
                break
        return found

    def _tangency(self, theta: Mapping[str, Any]) -> list[list[Any]]:
        """Equations that keep the field in the parameters' domains."""
        found, start = [], 0
        learned = list(self.model.learned().values())
        total = sum(np.size(theta[p.name]) for p in learned)
        for p in learned:
            value = np.asarray(theta[p.name], dtype=object)
            for weights in _normals(p, value):
                row = [arb(0)] * total
                row[start : start + value.size] = list(weights.ravel())
                found.append(row)
            start += value.size
        return found

    def certificate(self) -> tuple[str, str | None] | None:
        """What elimination leaves of an equation: 0 = this ball, which excludes zero.

        The second entry is None, or how large a solution would have to be if some unknowns'
        coefficients could only be shown to vanish to many digits.
        """
        used = [j for j in range(len(self.rows[0])) if any(not _is_zero(r[j]) for r in self.rows)]
        self.unknowns = len(used)
        step = 1 + len(self.rows) * len(used) ** 2 // _OPERATIONS
        chosen = range(0, len(self.rows), step)
        work = [[arb(self.rows[k][j]) for j in used] + [arb(self.right[k])] for k in chosen]
        done = _eliminate(work, len(used))
        rest = work[done:]
        if not rest:
            return None
        left = max(rest, key=lambda row: float(abs(row[-1]).lower()))
        if left[-1].contains(0):
            return None
        coefficients = [abs(x).upper() for x in left[done:-1]]
        total = sum(coefficients, arb(0))
        if total == 0:
            return str(left[-1].str(10)), None
        size = abs(left[-1]).lower() / total
        return (str(left[-1].str(10)), size.str(3, radius=False)) if size > _HUGE else None


def _eliminate(work: list[list[arb]], width: int) -> int:
    """Gaussian elimination with full pivoting, in place; the number of pivots found."""
    for k in range(min(width, len(work))):
        candidates = (
            (abs(float(work[i][j].mid())), i, j)
            for i in range(k, len(work))
            for j in range(k, width)
        )
        size, i, j = max(candidates)
        if size < _TINY:
            return k
        work[k], work[i] = work[i], work[k]
        for row in work:
            row[k], row[j] = row[j], row[k]
        top = work[k]
        for row in work[k + 1 :]:
            if row[k] != 0:
                factor = row[k] / top[k]
                for c in range(k + 1, len(row)):
                    row[c] -= factor * top[c]
                row[k] = arb(0)
    return min(width, len(work))


def _normals(p: Parameter, value: Any) -> list[Any]:
    """Directions that the field may not have, at the value."""
    zero = np.frompyfunc(lambda _: arb(0), 1, 1)(value)
    found = []
    if p.domain == "simplex":
        for at in np.ndindex(value.shape[:-1]):
            normal = zero.copy()
            normal[at] = arb(1)
            found.append(normal)
    elif p.domain == "unit columns":
        for column in range(value.shape[-1]):
            normal = zero.copy()
            normal[..., column] = value[..., column]
            found.append(normal)
    return found


def _rounded(array: Any) -> Any:
    """Balls of short rational numbers."""
    return np.frompyfunc(lambda x: arb(round(float(x) * 4096)) / 4096, 1, 1)(np.asarray(array))


def _same(value: dict[str, Any], old: dict[str, Any], names: set[str]) -> bool:
    return all(np.array_equal(value[n], old[n]) for n in names)


def _finite(row: tuple[list[Any], Any]) -> bool:
    return all(arb(x).is_finite() for x in (*row[0], row[1]))


def _is_zero(x: Any) -> bool:
    return bool(arb(x) == 0) if not isinstance(x, arb) else bool(x == 0)


__all__ = ["Refutation", "refute"]
