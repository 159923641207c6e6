"""Arrays of symbolic shape with NumPy's rules, held by their generic element.

`Array` is what a model file works with: `W @ z + mu`, `mu[c]`, `exp(g)`, `Sigma[c]`.  Its element
is an ordinary scalar SymPy expression in index symbols, so no size is ever fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta, Lambda, Sum, Symbol

from entropy_proofs.algebra.nodes import InverseElement, LogDet, index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import _level, fresh
from entropy_proofs.errors import InputError

Shape = tuple[Expr, ...]


class Array(Expr):
    """An array: args are its generic element and one Tuple(index, size) per axis."""

    _op_priority = 100.0
    is_commutative = True
    is_number = False

    def __new__(cls, element: Expr, *axes: tuple[Symbol, Expr]) -> Any:
        if not axes:
            return element
        used = [i for i, _ in axes]
        start = _level(element.xreplace({i: index("~") for i in used})) + 1
        names = [index(f"_{start + k}", size) for k, (_, size) in enumerate(axes)]
        if used != names:
            element = element.xreplace(dict(zip(used, names, strict=True)))
        pairs = [sp.Tuple(n, sp.sympify(size)) for n, (_, size) in zip(names, axes, strict=True)]
        return Expr.__new__(cls, element, *pairs)

    # views ------------------------------------------------------------------------------------
    @property
    def shape(self) -> Shape:
        return tuple(axis[1] for axis in self.args[1:])

    @property
    def ndim(self) -> int:
        return len(self.args) - 1

    @property
    def T(self) -> Array:
        """The transpose (axes in reverse order)."""
        return generate(lambda *i: self.at(*reversed(i)), tuple(reversed(self.shape)))

    def at(self, *indices: Expr) -> Expr:
        """The element at these indices."""
        own = [axis[0] for axis in self.args[1:]]
        return self.args[0].xreplace(dict(zip(own, indices, strict=True)))

    def sum(self, axis: int | None = None) -> Expr:
        """The sum over one axis, or over all."""
        if axis is None:
            i = _fresh_indices(self.shape, symbols_in(self))
            return Sum(self.at(*i), *reversed([(j, 0, n - 1) for j, n in _axes(i, self.shape)]))
        axis = range(self.ndim)[axis]

        def element(*rest: Expr) -> Expr:
            avoid = symbols_in(self).union(*(symbols_in(sp.sympify(r)) for r in rest), rest)
            j = fresh(avoid, self.shape[axis])
            full = (*rest[:axis], j, *rest[axis:])
            return Sum(self.at(*full), (j, 0, self.shape[axis] - 1))

        return generate(element, self.shape[:axis] + self.shape[axis + 1 :])

    # indexing ---------------------------------------------------------------------------------
    def __getitem__(self, item: Any) -> Expr:
        items = list(item) if isinstance(item, tuple) else [item]
        if any(isinstance(i, list) for i in items):
            raise InputError(f"{self} can't be indexed by a list")
        if Ellipsis in items:
            k = items.index(Ellipsis)
            named = sum(i is not None and i is not Ellipsis for i in items)
            items[k : k + 1] = [slice(None)] * (self.ndim - named)
        items += [slice(None)] * (self.ndim - sum(i is not None for i in items))
        if sum(i is not None for i in items) > self.ndim:
            raise InputError(f"{self} has {self.ndim} axes, indexed with {len(items)}")
        return _index(self, items)

    def __iter__(self) -> Any:
        raise TypeError(f"{self} has a symbolic size and can't be iterated")

    # arithmetic -------------------------------------------------------------------------------
    def __add__(self, other: Any) -> Expr:
        return elementwise(sp.Add, self, other)

    def __radd__(self, other: Any) -> Expr:
        return elementwise(sp.Add, other, self)

    def __sub__(self, other: Any) -> Expr:
        return elementwise(lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> Expr:
        return elementwise(lambda a, b: a - b, other, self)

    def __neg__(self) -> Expr:
        return elementwise(lambda a: -a, self)

    def __mul__(self, other: Any) -> Expr:
        return elementwise(sp.Mul, self, other)

    def __rmul__(self, other: Any) -> Expr:
        return elementwise(sp.Mul, other, self)

    def __truediv__(self, other: Any) -> Expr:
        return elementwise(lambda a, b: a / b, self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return elementwise(lambda a, b: a / b, other, self)

    def __pow__(self, other: Any) -> Expr:
        return elementwise(sp.Pow, self, other)

    def __rpow__(self, other: Any) -> Expr:
        return elementwise(sp.Pow, other, self)

    def __abs__(self) -> Expr:
        return elementwise(sp.Abs, self)

    def __matmul__(self, other: Any) -> Expr:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Expr:
        return matmul(other, self)

    def _sympystr(self, printer: Any) -> str:
        return display(self, printer._print)

    def _repr_latex_(self) -> str:
        from entropy_proofs.export.latex import latex

        return f"$\\displaystyle {latex(self)}$"


# construction -----------------------------------------------------------------------------------
def _fresh_indices(shape: Shape, avoid: frozenset[Symbol] | set[Symbol]) -> list[Symbol]:
    found: list[Symbol] = []
    for size in shape:
        found.append(fresh(set(avoid) | set(found), size))
    return found


def _axes(indices: Sequence[Symbol], shape: Shape) -> list[tuple[Symbol, Expr]]:
    return list(zip(indices, shape, strict=True))


def generate(element: Callable[..., Expr], shape: Shape) -> Expr:
    """The array whose element at (i, j, ...) is element(i, j, ...)."""
    names = [index(f"^{k}", size) for k, size in enumerate(shape)]
    return Array(sp.sympify(element(*names)), *_axes(names, shape))


def variable_array(label: Symbol, shape: Shape) -> Expr:
    """The array of a label's elements, or the label itself without axes."""
    return generate(lambda *i: IndexedBase(label)[i], shape) if shape else label


def shape_of(value: Any) -> Shape:
    return value.shape if isinstance(value, Array) else ()


def lift(value: Any) -> Expr:
    """A SymPy expression that may hold arrays (as `sympy.exp(g)` does) as one Array or scalar."""
    if isinstance(value, (list, tuple)):
        return stack([lift(v) for v in value])
    value = sp.sympify(value)
    if isinstance(value, Array) or not value.has(Array):
        return value
    return elementwise(value.func, *(lift(a) for a in value.args))


def stack(items: Sequence[Expr]) -> Expr:
    """A vector of given numbers, e.g. [a, b, c] as probabilities."""

    def element(i: Expr) -> Expr:
        return sp.Add(*[KroneckerDelta(i, k) * v for k, v in enumerate(items)])

    return generate(element, (sp.Integer(len(items)),))


def broadcast_shapes(*shapes: Shape) -> Shape:
    """NumPy's rule; sizes are equal only if they are the same expression."""
    result: list[Expr] = []
    for k in range(1, max(map(len, shapes), default=0) + 1):
        sizes = {s[-k] for s in shapes if len(s) >= k} - {sp.Integer(1)}
        if len(sizes) > 1:
            given = " and ".join(str(s) for s in shapes if s)
            raise InputError(f"shapes {given} do not match")
        result.insert(0, sizes.pop() if sizes else sp.Integer(1))
    return tuple(result)


def broadcast_at(value: Expr, indices: Sequence[Expr]) -> Expr:
    """The element of a value broadcast to len(indices) axes."""
    if not isinstance(value, Array):
        return value
    own = indices[len(indices) - value.ndim :]
    return value.at(*(0 if n == 1 else i for i, n in zip(own, value.shape, strict=True)))


def elementwise(function: Callable[..., Expr], *values: Any) -> Expr:
    """Apply a scalar function with broadcasting."""
    lifted = [lift(v) for v in values]
    shape = broadcast_shapes(*map(shape_of, lifted))
    return generate(lambda *i: function(*(broadcast_at(v, i) for v in lifted)), shape)


def _index(array: Array, items: list[Any]) -> Expr:
    """NumPy indexing by whole numbers, discrete variables, None and slices of step 1."""
    sizes = iter(array.shape)
    lengths = [None if i is None else next(sizes) for i in items]
    items = [
        n + i if n is not None and isinstance(i, int) and i < 0 else i
        for i, n in zip(items, lengths, strict=True)
    ]
    advanced = [lift(i) for i in items if i is not None and not isinstance(i, slice)]
    if any(isinstance(i, slice) and i.step not in {None, 1} for i in items):
        raise InputError(f"only slices of step 1 index {array}")
    for i in advanced:
        if not (i.args[0] if isinstance(i, Array) else i).is_integer:
            raise InputError(f"{i} can't index {array}: not a whole number or a discrete variable")
    gathered = broadcast_shapes(*map(shape_of, advanced))
    shape: list[Expr] = []
    places: list[tuple[Expr | None, int]] = []  # per item: a slice's start, the result's axis
    position: int | None = None
    axis, extents = 0, array.shape
    named = [k for k, i in enumerate(items) if i is not None and not isinstance(i, slice)]
    if named and named[-1] - named[0] >= len(named) and gathered:  # apart: NumPy puts them first
        position = 0
        shape.extend(gathered)
    for i in items:
        if i is None:
            shape.append(sp.Integer(1))
        elif isinstance(i, slice):
            start, stop = _bounds(i, extents[axis])
            places.append((start, len(shape)))
            shape.append(stop - start)
            axis += 1
        else:
            if position is None:
                position = len(shape)
                shape.extend(gathered)
            places.append((None, position))
            axis += 1

    def element(*out: Expr) -> Expr:
        feed = iter(advanced)
        found = []
        for start, place in places:
            if start is not None:
                found.append(out[place] + start)
            else:
                found.append(broadcast_at(next(feed), out[place : place + len(gathered)]))
        return array.at(*found)

    return generate(element, tuple(shape))


def _bounds(item: slice, size: Expr) -> tuple[Expr, Expr]:
    """Where a slice starts and stops, counted from 0."""

    def place(given: Any, default: Expr) -> Expr:
        if given is None:
            return default
        at = sp.sympify(given)
        return size + at if at.is_negative else at

    return place(item.start, sp.Integer(0)), place(item.stop, size)


# linear algebra -----------------------------------------------------------------------------------
def matmul(a: Any, b: Any) -> Expr:
    """NumPy's @: vectors, matrices and stacks of matrices."""
    a, b = lift(a), lift(b)
    for v in (a, b):
        if not isinstance(v, Array):
            raise InputError(f"@ needs arrays, {v} is a scalar")
    if a.shape[-1] != b.shape[-2 if b.ndim > 1 else 0]:
        raise InputError(f"shapes {a.shape} and {b.shape} do not match in {a} @ {b}")
    if a.ndim == 1:
        return matmul(a[None, :], b)[..., 0, :] if b.ndim > 1 else (a * b).sum()
    if b.ndim == 1:
        return matmul(a, b[:, None])[..., 0]
    n = a.shape[-1]
    batch = broadcast_shapes(a.shape[:-2], b.shape[:-2])

    def element(*i: Expr) -> Expr:
        avoid = symbols_in(a) | symbols_in(b)
        j = fresh(avoid.union(*map(symbols_in, map(sp.sympify, i))), n)
        left = broadcast_at(a, (*i[:-1], j))
        right = broadcast_at(b, (*i[:-2], j, i[-1]))
        return Sum(left * right, (j, 0, n - 1))

    return generate(element, (*batch, a.shape[-2], b.shape[-1]))


def _generic_matrix(value: Any) -> tuple[Array, Callable[[Sequence[Expr]], Lambda]]:
    matrix = lift(value)
    if not isinstance(matrix, Array) or matrix.ndim < 2 or matrix.shape[-1] != matrix.shape[-2]:
        raise InputError(f"{matrix} is not a square matrix")

    def element(batch: Sequence[Expr]) -> Lambda:
        n = matrix.shape[-1]
        i, j = index("^r", n), index("^c", n)
        entry = matrix.at(*batch, i, j)
        start = _level(entry) + 1
        names = index(f"_{start}", n), index(f"_{start + 1}", n)
        return Lambda(names, entry.xreplace({i: names[0], j: names[1]}))

    return matrix, element


def logdet(value: Any) -> Expr:
    """log |det| of a square matrix, or of each in a stack."""
    m, element = _generic_matrix(value)
    return generate(lambda *b: LogDet(element(b), m.shape[-1]), m.shape[:-2])


def det(value: Any) -> Expr:
    """The determinant of a matrix whose determinant is positive."""
    return elementwise(sp.exp, logdet(value))


def inv(value: Any) -> Expr:
    """The inverse of a square matrix, or of each in a stack."""
    m, element = _generic_matrix(value)
    n = m.shape[-1]
    return generate(lambda *i: InverseElement(element(i[:-2]), n, i[-2], i[-1]), m.shape)


def trace(value: Any) -> Expr:
    """The trace of a square matrix, or of each in a stack."""
    m, _ = _generic_matrix(value)

    def element(*batch: Expr) -> Expr:
        j = fresh(symbols_in(m).union(*map(symbols_in, batch)), m.shape[-1])
        return Sum(m.at(*batch, j, j), (j, 0, m.shape[-1] - 1))

    return generate(element, m.shape[:-2])


def eye(n: Any) -> Expr:
    """The identity matrix with n rows."""
    n = sp.sympify(n)
    return generate(KroneckerDelta, (n, n))


def diag(value: Any) -> Expr:
    """The diagonal matrix of a vector."""
    v = lift(value)
    if not isinstance(v, Array) or v.ndim != 1:
        raise InputError(f"diag needs a vector, not {v}")
    return generate(lambda i, j: KroneckerDelta(i, j) * v.at(i), (v.shape[0], v.shape[0]))


# printing -----------------------------------------------------------------------------------------
def display(array: Array, show: Callable[[Any], str]) -> str:
    """`-W/2` where every element has the array's own indices in order, else the element."""
    own = tuple(axis[0] for axis in array.args[1:])
    element = array.args[0]
    plain = {e: Symbol(e.base.label.name) for e in element.atoms(sp.Indexed) if e.indices == own}
    bare = element.xreplace(plain)
    if not symbols_in(bare) & set(own):
        return show(bare)
    return show(element)
