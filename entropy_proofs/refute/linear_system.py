"""The equations that a field would have to solve, at sampled points, and their elimination.

In ball arithmetic: a remainder that excludes zero proves that there is no solution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from typing import Any

import numpy as np
import sympy as sp
from flint import arb
from sympy import Expr, Indexed, Symbol

from entropy_proofs.algebra.poly import nodes_in, spend, symbols_in
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINT, SAMPLE
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import random_instance
from entropy_proofs.families.space_values import normals
from entropy_proofs.families.spaces import COUNT, POSITIVE, REAL
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.model.pointwise import GenericConditional
from entropy_proofs.proof.term_results import latent_motions

_WRITING = 30  # of a node as code, beside bringing it to normal form
_TINY = 1e-40  # a coefficient that counts as vanishing, with what it implies stated
_OPERATIONS = 600_000  # of ball arithmetic, at most; then equations are left out
_HUGE = 1e30  # the size that a solution must exceed to be stated as excluded
_ATTEMPTS = 20  # to find parameters at which the densities are numbers
_SETTINGS = 4  # parameter values, where a base measure is to be excluded too
_SPARE = 12  # equations beyond the number of unknowns
_MOST = 130  # unknowns; larger systems are left undecided
_ROWS = 6  # coordinates of a conditional whose known arrays differ between them


class LinearSystem:
    """The linear system at a few parameter values.

    terms: the conditionals; those from number `served` on have no identity, and stand still.
    plates: of each those along which coordinates are looked at, with their sizes.
    """

    def __init__(
        self,
        model: Model,
        terms: Sequence[ModelTerm],
        conditionals: Sequence[GenericConditional],
        sizes: dict[str, int],
        base_measure: bool,
        served: int,
        plates: Sequence[Mapping[Symbol, Expr]],
    ):
        self.model, self.terms, self.sizes, self.served = model, terms, sizes, served
        self.conditionals = conditionals
        self.base_measure = base_measure
        self.code = ModelCode(model, "arb")
        self.rng = np.random.default_rng(0)
        self.motions = latent_motions(model)
        self.row_plates = plates
        self.rows_of = [list(islice(self._coordinates(k), _ROWS)) for k in range(len(terms))]
        self.kernels = [self._kernel(k) for k in range(len(terms))]
        first = self._usable({})
        rows = [row for k in range(len(terms)) for row, _ in self._rows(k, first)]
        moving = sum(not all(_is_zero(r[j]) for r in rows) for j in range(len(rows[0])))
        self.parameters = {p: np.asarray(first[p], dtype=object) for p in model.parameters}
        constants = {p.name: first[p.name] for p in model.parameters.values() if p.fixed}
        # the rates of flows are functions of what is learned: without any, they are numbers
        more = range(_SETTINGS - 1 if base_measure and model.learned() else 0)
        thetas = [first, *(self._usable(constants) for _ in more)]
        self.rows, self.right = self._assemble(thetas, moving)

    def _counts(self, k: int, moving: int, thetas: int) -> tuple[int, int]:
        """How many a, and how many v for each, so that equations outnumber unknowns."""
        rows, parents = len(self.rows_of[k]), self.conditionals[k].parents
        if parents:
            repeats = 4 if any(label.is_integer for label in parents) else 1
            return max(2, -(-repeats * (moving + 2) // rows)), self._least_values(k, 4)
        return 1, self._least_values(
            k, -(-(thetas * (moving + rows) + _SPARE) // (rows * max(thetas - 1, 1)))
        )

    def _least_values(self, k: int, count: int) -> int:
        """So many, or more where few values mean that every row should see them all."""
        few = self.terms[k].support.few
        return max(2 + 4 * few, count)

    def _coordinates(self, k: int) -> Iterator[tuple[int, ...]]:
        """The coordinates that are looked at: one, and others along the plates of rows."""
        sizes, rows, one = self._size_values(), self.row_plates[k], self._apart(k)
        yield from product(
            *(
                range(int(sp.sympify(n).xreplace(sizes))) if i in rows else [one[i]]
                for i, n in self.terms[k].plates
            )
        )

    def _apart(self, k: int) -> dict[Symbol, int]:
        """One place along each plate, off the diagonal where axes of one size meet: there more can
        cancel (s_i - s_j) than anywhere else."""
        sizes, seen, found = self._size_values(), Counter[Expr](), {}
        for i, n in self.terms[k].plates:
            found[i] = seen[n] % max(1, int(sp.sympify(n).xreplace(sizes)))
            seen[n] += 1
        return found

    def _kernel(self, k: int) -> Any:
        """log p of a term's coordinates, and its gradient in parameters and latents."""
        term, rows = self.terms[k], self.row_plates[k]
        one = {i: sp.Integer(n) for i, n in self._apart(k).items() if i not in rows}
        log_p = self.code.batch.write(term.log_density.xreplace(one))
        at_point = log_p.xreplace({POINT: sp.Integer(0), SAMPLE: sp.Integer(0)})
        moving = {p.name: (p.label, p.shape) for p in self.model.learned().values()}
        for motion in self.motions:
            label = self.model.variables[motion.name].label
            moving[motion.name] = label, self.code.batch.shape(label)
        outputs: dict[str, tuple[Expr, tuple]] = {"log_p": (at_point, tuple(rows))}
        sizes = dict(rows)
        for name, (label, shape) in moving.items():
            slope, slots = derivative(at_point, label, shape)
            outputs[name] = slope, (*rows, *slots)
            sizes |= zip(slots, shape, strict=True)
        spend(_WRITING * sum(nodes_in(expr) for expr, _ in outputs.values()))
        return self.code.compile(outputs, sizes)

    def _instance(self, shrink: int = 1) -> dict[str, Any]:
        """Random values, those with an unbounded range made smaller by a whole factor."""
        values = dict(random_instance(self.code, self.rng, self.sizes, _rounded))
        unbounded = [p.name for p in self.model.parameters.values() if p.domain == POSITIVE]
        unbounded += [
            v.name for v in self.model.variables.values() if v.support in {REAL, POSITIVE}
        ]
        return values | {n: values[n] / shrink for n in unbounded}

    def _usable(self, constants: dict[str, Any]) -> dict[str, Any]:
        """Random values at which every log density is a number."""
        for attempt in range(_ATTEMPTS):
            values = self._instance(1 if attempt % 2 else 4) | constants
            if all(_finite(row) for k in range(len(self.terms)) for row in self._rows(k, values)):
                return values
        raise InputError("no parameters found at which the density is a number")

    def _with_data(
        self, theta: dict[str, Any], fresh: dict[str, Any], names: Any
    ) -> dict[str, Any]:
        return {**theta, **{n: fresh[n] for n in names}}

    def _rows_with(
        self, k: int, point: dict[str, Any], value: dict[str, Any], names: set[str]
    ) -> Iterator[tuple[tuple[int, ...], tuple[list[Any], Any], dict[str, Any]]]:
        """Each coordinate with its row, at the point with this as its own value."""
        steps = [_step(self.terms[k], at) for at in self.rows_of[k]]
        for step in dict.fromkeys(steps):
            there = self._with_own(point, value, names, step)
            for at, row, own in zip(self.rows_of[k], self._rows(k, there), steps, strict=True):
                if own == step:
                    yield at, row, there

    def _with_own(
        self, point: dict[str, Any], value: dict[str, Any], names: set[str], step: int | None
    ) -> dict[str, Any]:
        """The point with another own value: of a chain one step alone, so that its parents stay."""
        if step is None:
            return self._with_data(point, value, names)
        (name,) = names
        array = np.array(point[name], dtype=object)
        axis = array.ndim - len(self.model.variables[name].shape)
        at: Any = (*(slice(None) for _ in range(axis)), step)
        array[at] = np.asarray(value[name], dtype=object)[at]
        return {**point, name: array}

    def _rows(self, k: int, values: dict[str, Any]) -> list[tuple[list[Any], Any]]:
        """Of each coordinate: coefficients of the field and the flows, and log p."""
        term, found = self.terms[k], self.kernels[k](self.sizes, values)
        rows = self.row_plates[k]
        places = [
            tuple(n for (i, _), n in zip(term.plates, at, strict=True) if i in rows)
            for at in self.rows_of[k]
        ]
        outputs = {name: np.asarray(array, dtype=object) for name, array in found.items()}
        return [
            self._row(term, {name: a[place] for name, a in outputs.items()}, values)
            for place in places
        ]

    def _row(
        self, term: ModelTerm, found: Mapping[str, Any], values: Mapping[str, Any]
    ) -> tuple[list[Any], Any]:
        row: list[Any] = []
        for p in self.model.learned().values():
            row += list(np.asarray(found[p.name], dtype=object).ravel())
        for motion in self.motions:
            slope = np.asarray(found[motion.name], dtype=object)
            moved = (slope * np.asarray(values[motion.name], dtype=object)).sum()
            if term.variable == motion.name:
                size = [int(n.xreplace(self._size_values())) for n in term.event]
                moved = moved + int(np.prod(size)) if size else moved + 1
            row.append(moved)
            if motion.domain == REAL:
                row += list(slope.ravel())
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
            chained = term.value in term.aliases
            # where nothing but v can move, the only base measure that counts is 1
            free = bool(c.parents or symbols_in(c.log_density) & self.model.learned().keys())
            others = [n for n in labels if n not in own_names or chained]
            many_a, many_v = self._counts(k, moving, len(thetas))
            parents = [self._instance() for _ in range(many_a)]
            points = [
                (t, a, self._with_data(theta, parent, others))
                for t, theta in enumerate(thetas)
                for a, parent in enumerate(parents)
            ]
            first: dict[tuple[int, ...], Any] = {}  # where h is 1: it is defined up to a factor
            for v, value in enumerate(self._values(k, own_names, points, many_v)):
                for t, a, point in points:
                    for at, (row, log_p), there in self._rows_with(k, point, value, own_names):
                        if k >= self.served:
                            entries.append((row, [], t))
                            right.append(arb(0))
                            continue
                        extra: list[tuple] = [("H", k, at, t, a)]
                        seen = self._seen(k, at, there, v)
                        if self.base_measure and free and seen != first.setdefault(at, seen):
                            extra.append(("h", k, at, seen))
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

    def _seen(self, k: int, at: tuple[int, ...], point: Mapping[str, Any], v: int) -> Any:
        """What names the own value: the value where it is whole, else its number v."""
        term = self.terms[k]
        variable = self.model.variables.get(term.variable)
        if variable is None or not variable.support.discrete or len(self.conditionals[k].own) > 1:
            return v
        array = np.asarray(point[term.variable], dtype=object)
        place = map(int, _place(term, at))
        own = array[(*(0,) * (array.ndim - len(variable.shape)), *place)]
        return tuple(int(x) for x in np.ravel(own))

    def _values(self, k: int, names: set[str], points: list, count: int) -> list[dict[str, Any]]:
        """Distinct v at which every log density is a number."""
        found: list[dict[str, Any]] = []
        supports = {n: self.model.variables[n].support for n in names}
        for attempt in range(4 * count):
            value = self._instance(1 + 3 * (attempt % 2))
            if len(names) == 1 and all(s.discrete for s in supports.values()):
                (name,) = names
                if supports[name] == COUNT:
                    value[name] = value[name] * 0 + attempt
            if any(_same(value, old, names) for old in found):
                continue
            if all(
                _finite(row)
                for _, _, p in points
                for _, row, _ in self._rows_with(k, p, value, names)
            ):
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
            for weights in normals(p.domain, value):
                row = [arb(0)] * total
                row[start : start + value.size] = list(weights.ravel())
                found.append(row)
            start += value.size
        return found

    def shown(self, parameter: str) -> Any:
        """A parameter's first value, in floats."""
        return np.vectorize(float)(self.parameters[parameter]).tolist()

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


def designed(model: Model, term: ModelTerm) -> dict[Symbol, Expr]:
    """The plates whose coordinates differ by what is known, with their sizes: by the elements of
    known arrays, or by the index itself as a number."""
    known = {p.label for p in model.parameters.values() if p.fixed}
    elements = term.log_density.atoms(Indexed)
    places = {
        s for a in elements if a.base.label in known for s in sp.Tuple(*a.indices).free_symbols
    }
    numbers = term.log_density.xreplace(dict.fromkeys(elements, sp.S.One)).free_symbols
    return {i: n for i, n in term.plates if i in places | numbers}


def _place(term: ModelTerm, at: Sequence[Any]) -> Sequence[Any]:
    """Where in its variable the own value of one coordinate stands."""
    own = term.aliases.get(term.value)
    return at if own is None else own.at(at)


def _step(term: ModelTerm, at: Sequence[Any]) -> int | None:
    """Which step of a chain this coordinate of its conditional is, or None."""
    return int(_place(term, at)[0]) if term.value in term.aliases else None


def _eliminate(work: list[list[arb]], width: int) -> int:
    """Gaussian elimination with full pivoting, in place; the number of pivots found."""
    sizes = np.array([[abs(float(x.mid())) for x in row[:width]] for row in work])
    for k in range(min(width, len(work))):
        i, j = (int(n) + k for n in np.unravel_index(sizes[k:, k:].argmax(), sizes[k:, k:].shape))
        if sizes[i, j] < _TINY:
            return k
        work[k], work[i] = work[i], work[k]
        sizes[[k, i]] = sizes[[i, k]]
        sizes[:, [k, j]] = sizes[:, [j, k]]
        for row in work:
            row[k], row[j] = row[j], row[k]
        top = work[k]
        for r, row in enumerate(work[k + 1 :], k + 1):
            if row[k] != 0:
                factor = row[k] / top[k]
                for c in range(k + 1, len(row)):
                    row[c] -= factor * top[c]
                row[k] = arb(0)
                sizes[r, k:] = [abs(float(x.mid())) for x in row[k:width]]
    return min(width, len(work))


def _rounded(array: Any) -> Any:
    """Balls of short rational numbers."""
    return np.frompyfunc(lambda x: arb(round(float(x) * 4096)) / 4096, 1, 1)(np.asarray(array))


def _same(value: dict[str, Any], old: dict[str, Any], names: set[str]) -> bool:
    return all(np.array_equal(value[n], old[n]) for n in names)


def _finite(row: tuple[list[Any], Any]) -> bool:
    return all(arb(x).is_finite() for x in (*row[0], row[1]))


def _is_zero(x: Any) -> bool:
    return bool(arb(x) == 0)
