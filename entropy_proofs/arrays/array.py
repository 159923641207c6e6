"""Arrays of symbolic shape with NumPy's rules, held by their generic element.

`Array` is what a model file works with: `W @ z + mu`, `mu[c]`, `exp(g)`, `Sigma[c]`.  Its element
is an ordinary scalar SymPy expression in index symbols, so no size is ever fixed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, ClassVar

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra.binding import at_bound_indices
from entropy_proofs.algebra.nodes import array_code, index
from entropy_proofs.algebra.poly import at_places, symbols_in
from entropy_proofs.algebra.sums import fresh, level
from entropy_proofs.arrays.entries import by_entry
from entropy_proofs.arrays.parsing import expression
from entropy_proofs.arrays.ranges import bounds, fits, is_open, is_size, possible
from entropy_proofs.errors import InputError

Shape = tuple[Expr, ...]
Operator = Callable[[Any, Any], Expr]
_STEPS = {"max", "min", "argmax", "argmin", "clip", "round", "any", "all", "argsort", "sort"}


def _left_and_right(function: Callable[..., Expr]) -> tuple[Operator, Operator]:
    """An operator of elements, with the array on its left and on its right."""
    return (
        lambda self, other: elementwise(function, self, other),
        lambda self, other: elementwise(function, other, self),
    )


class Array(Expr):
    """An array: args are its generic element and one Tuple(index, size) per axis."""

    _op_priority = 100.0
    in_latex: ClassVar[Callable[[Array], str] | None] = None  # set where models are made, above
    by_numpy: ClassVar[Callable[..., Any]]  # likewise
    is_commutative = True
    is_number = False

    def __new__(cls, element: Expr, *axes: tuple[Symbol, Expr]) -> Any:
        if not axes:
            return element
        used = [i for i, _ in axes]
        start = level(element, *used) + 1
        names = [index(f"_{start + k}", size) for k, (_, size) in enumerate(axes)]
        if used != names:
            element = at_places(element, dict(zip(used, names, strict=True)))
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
        return at_places(self.args[0], dict(zip(own, indices, strict=True)))

    def sum(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Expr:
        """The sum over one axis, over several, or over all; keepdims leaves axes of one."""
        if axis is None and not keepdims:
            i = _fresh_indices(self.shape, symbols_in(self))
            return Sum(self.at(*i), *reversed([(j, 0, n - 1) for j, n in _axes(i, self.shape)]))
        axes = self._places(axis)
        total: Any = self
        for k in reversed(axes):
            total = total._sum(k)
        if not keepdims:
            return total
        gone = [None if k in axes else slice(None) for k in range(self.ndim)]
        return (
            total[tuple(gone)]
            if isinstance(total, Array)
            else stack([total]).reshape([1] * self.ndim)
        )

    def _places(self, axis: int | Sequence[int] | None) -> list[int]:
        """The axes that are meant, from the first."""
        given = range(self.ndim) if axis is None else axis
        many = given if isinstance(given, (tuple, list, range)) else (given,)
        for k in many:
            if isinstance(k, bool) or k not in range(-self.ndim, self.ndim):
                raise InputError(f"{self} has {self.ndim} axes, and no axis {k!r} to sum over")
        return sorted({range(self.ndim)[k] for k in many})

    def _sum(self, axis: int) -> Expr:
        def element(*rest: Expr) -> Expr:
            avoid = symbols_in(self).union(*(symbols_in(sp.sympify(r)) for r in rest), rest)
            j = fresh(avoid, self.shape[axis])
            full = (*rest[:axis], j, *rest[axis:])
            return Sum(self.at(*full), (j, 0, self.shape[axis] - 1))

        return generate(element, self.shape[:axis] + self.shape[axis + 1 :])

    def mean(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Expr:
        """The mean over one axis, over several, or over all."""
        return self.sum(axis, keepdims) / sp.Mul(*(self.shape[k] for k in self._places(axis)))

    def dot(self, other: Any) -> Expr:
        """The product of matrices and vectors, as @ has it."""
        return matmul(self, other)

    def reshape(self, *shape: Any) -> Expr:
        """The same elements in another shape, of which one size may be -1.

        Axes of size one come and go; others may be merged or split where all sizes are numbers.
        """
        given = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return _reshaped(self, [lift(n) for n in given])

    # indexing ---------------------------------------------------------------------------------
    def __getitem__(self, item: Any) -> Expr:
        items = list(item) if isinstance(item, tuple) else [item]
        if any(isinstance(i, list) for i in items):
            raise InputError(f"{self} can't be indexed by a list")
        dots = [k for k, i in enumerate(items) if i is Ellipsis]
        if len(dots) > 1:
            raise InputError(f"{self} can't be indexed with two ellipses")
        if dots:
            named = sum(i is not None and i is not Ellipsis for i in items)
            items[dots[0] : dots[0] + 1] = [slice(None)] * (self.ndim - named)
        items += [slice(None)] * (self.ndim - sum(i is not None for i in items))
        if sum(i is not None for i in items) > self.ndim:
            raise InputError(f"{self} has {self.ndim} axes, indexed with {len(items)}")
        return _index(self, items)

    def __getattr__(self, name: str) -> Any:
        """Only for what NumPy's arrays have and these have not: what to write instead of it."""
        if name.startswith(("_", "is_")):
            raise AttributeError(name)
        own = "T, shape, ndim, sum, mean, dot and reshape"
        smooth = ""
        if name in _STEPS:
            smooth = (
                "; steps and maxima have no derivative: a smooth one is log(exp(k * x).sum()) / k"
            )
        raise AttributeError(f"an array of expressions has {own}, no {name!r}{smooth}")

    def __iter__(self) -> Any:
        raise TypeError(f"{self} has a symbolic size and can't be iterated")

    # arithmetic -------------------------------------------------------------------------------
    __add__, __radd__ = _left_and_right(sp.Add)
    __sub__, __rsub__ = _left_and_right(operator.sub)
    __mul__, __rmul__ = _left_and_right(sp.Mul)
    __truediv__, __rtruediv__ = _left_and_right(operator.truediv)
    __pow__, __rpow__ = _left_and_right(sp.Pow)

    def __neg__(self) -> Expr:
        return elementwise(operator.neg, self)

    def __abs__(self) -> Expr:
        return elementwise(sp.Abs, self)

    def __matmul__(self, other: Any) -> Expr:
        return matmul(self, other)

    def __rmatmul__(self, other: Any) -> Expr:
        return matmul(other, self)

    # as an argument of NumPy's functions -------------------------------------------------------
    def __array_ufunc__(self, function: Any, how: str, *given: Any, **options: Any) -> Any:
        if function.__name__ in ("equal", "not_equal"):
            return NotImplemented
        name = function.__name__ if how == "__call__" else f"{function.__name__}.{how}"
        return self.by_numpy(name, given, options)

    def __array_function__(self, function: Any, types: Any, given: Any, options: Any) -> Any:
        return self.by_numpy(function.__name__, given, options)

    # as a SymPy expression --------------------------------------------------------------------
    @property
    def free_symbols(self) -> set[Expr]:
        """Those of the elements and sizes; the array's own indices are bound."""
        own = {axis[0] for axis in self.args[1:]}
        return {s for s in super().free_symbols if not s.free_symbols & own}

    def doit(self, **hints: Any) -> Any:
        """Carried out element by element; SymPy's own array where the sizes are numbers."""
        shape = tuple(n.doit(**hints) for n in self.shape)
        if not all(n.is_Integer for n in shape):
            return Array(self.args[0].doit(**hints), *_axes([i for i, _ in self.args[1:]], shape))
        places = product(*(range(int(n)) for n in shape))
        elements = [self.at(*map(sp.Integer, at)).doit(**hints) for at in places]
        return sp.ImmutableDenseNDimArray(elements, shape)

    def _eval_derivative(self, x: Expr) -> Expr:
        return Array(self.args[0].diff(x), *self.args[1:])

    def _numpycode(self, printer: Any) -> str:
        return array_code(printer, self.args[0], self.args[1:])

    _jaxcode = _numpycode

    def _sympystr(self, printer: Any) -> str:
        return display(self, printer._print)

    def _repr_latex_(self) -> str | None:
        return f"$\\displaystyle {self.in_latex()}$" if self.in_latex else None


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


def array_with(element: Expr, slots: Sequence[Symbol], shape: Shape) -> Expr:
    """The array with this element at these indices, or the element itself without any."""
    if not slots:
        return element
    return generate(lambda *i: element.xreplace(dict(zip(slots, i, strict=True))), shape)


def variable_array(label: Symbol, shape: Shape) -> Expr:
    """The array of a label's elements, or the label itself without axes."""
    return generate(lambda *i: IndexedBase(label)[i], shape) if shape else label


def generic(value: Any) -> Expr:
    """The element of an array at its own indices; a scalar itself."""
    return value.args[0] if isinstance(value, Array) else value


def shape_of(value: Any) -> Shape:
    return value.shape if isinstance(value, Array) else ()


def lift(value: Any) -> Expr:
    """A SymPy expression that may hold arrays (as `sympy.exp(g)` does) as one Array or scalar.

    Numbers, lists and NumPy's arrays of them are expressions too; SymPy's columns are vectors, as
    its column symbols are.

    Raises InputError for anything else: text, functions, True.
    """
    if isinstance(value, sp.MatrixBase):
        value = list(value) if value.rows > value.cols == 1 else value.tolist()
    elif not isinstance(value, sp.Basic) and hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return stack([lift(v) for v in value])
    try:
        found = None if isinstance(value, str) else expression(value)
    except InputError:
        found = None
    if not isinstance(found, Expr):
        raise InputError(f"{value!r} is not a number, an expression or an array")
    if found.is_Float:
        return sp.Rational(str(found))  # whose logarithm is exact
    if isinstance(found, Array):
        return found
    arrays = sorted(found.atoms(Array), key=sp.default_sort_key)
    if not arrays:
        return found
    return elementwise(lambda *at: found.xreplace(dict(zip(arrays, at, strict=True))), *arrays)


def stack(items: Sequence[Expr]) -> Expr:
    """An array of given ones along a new first axis, e.g. [a, b, c] as probabilities."""
    shape = broadcast_shapes(*map(shape_of, items))
    if not items or any(shape_of(v) != shape for v in items):
        raise InputError("a list as an array needs entries of one shape, and at least one of them")

    def element(i: Expr, *rest: Expr) -> Expr:
        values = [broadcast_at(v, rest) for v in items]
        if len(set(values)) == 1:
            return values[0]
        return sp.Add(*[KroneckerDelta(i, k) * v for k, v in enumerate(values)])

    return generate(element, (sp.Integer(len(items)), *shape))


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


def _reshaped(array: Array, shape: list[Expr]) -> Expr:
    total = sp.Mul(*array.shape)
    known = sp.Mul(*(n for n in shape if n != -1))
    if shape.count(sp.Integer(-1)) == 1 and known:
        shape = [sp.cancel(total / known) if n == -1 else n for n in shape]
    if not all(is_size(n) and n.is_positive for n in shape) or sp.expand(total - sp.Mul(*shape)):
        raise InputError(f"{array} of shape {array.shape} has no shape {tuple(shape)}")
    kept = [k for k, n in enumerate(shape) if n != 1]
    if [shape[k] for k in kept] == [n for n in array.shape if n != 1]:

        def element(*i: Expr) -> Expr:
            feed = (i[k] for k in kept)
            return array.at(*(sp.Integer(0) if n == 1 else next(feed) for n in array.shape))

        return generate(element, tuple(shape))
    if not all(n.is_Integer for n in (*array.shape, *shape)):
        raise InputError(f"{array}: axes can be merged or split where their sizes are numbers only")
    places = product(*(range(int(n)) for n in array.shape))
    found = [array.at(*map(sp.Integer, at)) for at in places]
    for n in reversed(shape):
        found = [stack(found[k : k + int(n)]) for k in range(0, len(found), int(n))]
    return found[0]


def elementwise(function: Callable[..., Expr], *values: Any) -> Expr:
    """Apply a scalar function with broadcasting."""
    lifted = [lift(v) for v in values]
    shape = broadcast_shapes(*map(shape_of, lifted))

    def element(*at: Expr) -> Expr:
        return by_entry(function(*(broadcast_at(v, at) for v in lifted)))

    return generate(element, shape)


def _index(array: Array, items: list[Any]) -> Expr:
    """NumPy indexing by whole numbers, discrete variables, None and slices of step 1."""
    shape: list[Expr] = []
    places: list[tuple[Expr | None, int]] = []  # per item: a slice's start, the result's axis
    sizes = iter(array.shape)
    axes = [None if i is None else next(sizes) for i in items]
    advanced = [
        _place(array, i, n)
        for i, n in zip(items, axes, strict=True)
        if n is not None and not isinstance(i, slice)
    ]
    gathered = broadcast_shapes(*map(shape_of, advanced))
    position: int | None = None
    named = [k for k, i in enumerate(items) if i is not None and not isinstance(i, slice)]
    if named and named[-1] - named[0] >= len(named) and gathered:  # apart: NumPy puts them first
        position = 0
        shape.extend(gathered)
    for i, n in zip(items, axes, strict=True):
        if n is None:
            shape.append(sp.Integer(1))
        elif isinstance(i, slice):
            start, length = _extent(array, i, n)
            places.append((start, len(shape)))
            shape.append(length)
        else:
            if position is None:
                position = len(shape)
                shape.extend(gathered)
            places.append((None, position))

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


def _place(array: Array, given: Any, size: Expr) -> Expr:
    """A whole number or a discrete variable, or an array of them, that picks from an axis."""
    try:
        at = lift(given)
    except InputError as error:
        raise InputError(f"{array} can't be indexed: {error}") from None
    element = generic(at)
    if not isinstance(element, Expr) or not element.is_integer or element.has(sp.Float):
        raise InputError(
            f"{given} can't index {array}: not a whole number or a discrete variable; groups that "
            "are known are a variable that is observed, of Categorical, or a matrix of zeros and "
            f"ones, Z @ {array}"
        )
    if is_size(element) and element.is_negative:
        at = at + size
        element = element + size
    if not is_open(element) and not fits(element, size):
        low, high = bounds(element) or (0, sp.oo)
        values = "" if is_size(element) else f", which takes the values {low} to {high},"
        raise InputError(f"{array}: the index {given}{values} does not fit its axis of {size}")
    return at


def _extent(array: Array, item: slice, size: Expr) -> tuple[Expr, Expr]:
    """Where a slice starts, counted from 0, and its length."""
    shown = ":".join("" if end is None else str(end) for end in (item.start, item.stop))

    def place(given: Any, default: Expr) -> Expr:
        at = default if given is None or isinstance(given, (str, bool)) else lift(given)
        if isinstance(given, (str, bool)) or not is_size(at):
            raise InputError(f"{array}: the slice {shown} has an end that is no size: {given}")
        return size + at if at.is_negative else at

    if item.step is not None and item.step != 1:
        raise InputError(f"only slices of step 1 index {array}")
    start, stop = place(item.start, sp.Integer(0)), place(item.stop, size)
    if not all(map(possible, (start, stop - start, size - stop))):
        raise InputError(f"{array}: the slice {shown} does not fit its axis of {size}")
    return start, stop - start


# products -----------------------------------------------------------------------------------------
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


# printing -----------------------------------------------------------------------------------------
def display(array: Array, show: Callable[[Any], str]) -> str:
    """`-W/2`, `W.T` where the elements have the array's own indices in order, else the element."""
    own = tuple(axis[0] for axis in array.args[1:])
    element = array.args[0]
    plain = {}
    for e in element.atoms(sp.Indexed):
        if e.indices == own:
            plain[e] = Symbol(e.base.label.name)
        elif e.indices == own[::-1]:
            plain[e] = Symbol(f"{e.base.label.name}.T")
    bare = element.xreplace(plain)
    if not symbols_in(bare) & set(own):
        return show(bare)
    return show(at_bound_indices(element, array.args[1:]))
