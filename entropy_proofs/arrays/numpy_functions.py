"""NumPy's functions of arrays of expressions, by their names: np.exp(X @ b), np.einsum(...).

NumPy asks its arguments first, so that nothing of it is imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy import Expr

from entropy_proofs.arrays import functions as own
from entropy_proofs.arrays.array import Array, elementwise, generate, lift, matmul, shape_of, stack
from entropy_proofs.errors import InputError


def applied(name: str, given: Sequence[Any], options: Mapping[str, Any]) -> Any:
    """What NumPy's function of this name makes of these arguments.

    Raises:
        InputError: there is none here, or it has no such option.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        raise InputError(
            f"np.{name} takes numbers, no expressions; of NumPy's functions these take both: "
            f"{', '.join(sorted(_FUNCTIONS))}"
        )
    asked = {key: value for key, value in options.items() if not _is_default(value)}
    try:
        return function(*given, **asked)
    except TypeError as error:
        raise InputError(f"np.{name} of expressions: {error}") from None


def _is_default(value: Any) -> bool:
    return value is None or value is False or repr(value) == "<no value>"


def _array(value: Any) -> Array:
    found = lift(value)
    if not isinstance(found, Array):
        raise InputError(f"{found} has no axes")
    return found


def _dot(a: Any, b: Any) -> Expr:
    a, b = lift(a), lift(b)
    if not (shape_of(a) and shape_of(b)):
        return elementwise(sp.Mul, a, b)
    if len(shape_of(b)) > 2:
        raise InputError(f"np.dot of {b}, which has more than two axes: write @")
    return matmul(a, b)


def _einsum(subscripts: str, *operands: Any) -> Expr:
    """Sums of products, written with one letter for each axis."""
    arrays = [lift(v) for v in operands]
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    terms = inputs.split(",")
    if not arrow:
        output = "".join(sorted(c for c in set(inputs) - {","} if inputs.count(c) == 1))
    sizes: dict[str, Expr] = {}
    for term, array in zip(terms, arrays, strict=len(terms) == len(arrays)):
        if len(term) != len(shape_of(array)):
            raise InputError(f"np.einsum: {term} names other axes than {array} has")
        for letter, size in zip(term, shape_of(array), strict=True):
            if not letter.isalpha() or sizes.setdefault(letter, size) != size:
                raise InputError(f"np.einsum: {letter} in {subscripts} is no axis of one size")
    if len(terms) != len(arrays) or not set(output) <= set(sizes):
        raise InputError(f"np.einsum: {subscripts} does not fit {len(arrays)} arrays")
    letters = [*output, *(c for c in sizes if c not in output)]

    def element(*at: Expr) -> Expr:
        places = dict(zip(letters, at, strict=True))
        return sp.Mul(
            *(
                array.at(*(places[c] for c in term)) if isinstance(array, Array) else array
                for term, array in zip(terms, arrays, strict=True)
            )
        )

    product = generate(element, tuple(sizes[c] for c in letters))
    rest = tuple(range(len(output), len(letters)))
    return product.sum(rest) if rest else product


def _stack(arrays: Sequence[Any], axis: int = 0) -> Expr:
    found = _array(stack([lift(a) for a in arrays]))
    places = list(range(1, found.ndim))
    places.insert(range(found.ndim)[axis], 0)
    return _transpose(found, places)


def _concatenate(arrays: Sequence[Any], axis: int = 0) -> Expr:
    """Of as many places as numbers say: those of a size D have no number to begin after."""
    found = [_array(a) for a in arrays]
    if len({a.ndim for a in found}) != 1 or not -found[0].ndim <= axis < found[0].ndim:
        raise InputError(f"np.concatenate: the arrays have no axis {axis} in common")
    place = range(found[0].ndim)[axis]
    if len({a.shape[:place] + a.shape[place + 1 :] for a in found}) > 1:
        shapes = " and ".join(str(a.shape) for a in found)
        raise InputError(f"np.concatenate: shapes {shapes} differ beside axis {axis}")
    before = (slice(None),) * place
    rows: list[Expr] = []
    for array in found:
        size = array.shape[place]
        if not size.is_Integer:
            raise InputError(
                f"np.concatenate takes arrays of 2 or 3 places, say, not of {size}: declare what "
                "is of symbolic size apart, and write where each is used"
            )
        rows += [array[(*before, k)] for k in range(int(size))]
    return _stack(rows, place)


def _transpose(value: Any, axes: Sequence[int] | None = None) -> Expr:
    array = _array(value)
    places = [range(array.ndim)[k] for k in axes or reversed(range(array.ndim))]

    def element(*at: Expr) -> Expr:
        return array.at(*(at[places.index(k)] for k in range(array.ndim)))

    return generate(element, tuple(array.shape[k] for k in places))


def _outer(a: Any, b: Any) -> Expr:
    return _array(a)[:, None] * _array(b)[None, :]


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "absolute": own.Abs, "cos": own.cos, "exp": own.exp, "log": own.log, "sin": own.sin,
    "sqrt": own.sqrt, "tanh": own.tanh,
    "expm1": lambda x: own.exp(x) - 1,
    "log1p": lambda x: own.log(1 + x),
    "logaddexp": lambda a, b: own.log(own.exp(a) + own.exp(b)),
    "negative": lambda x: -x,
    "reciprocal": lambda x: 1 / x,
    "square": lambda x: x**2,
    "add": lambda a, b: elementwise(sp.Add, a, b),
    "divide": lambda a, b: elementwise(lambda x, y: x / y, a, b),
    "multiply": lambda a, b: elementwise(sp.Mul, a, b),
    "power": lambda a, b: elementwise(sp.Pow, a, b),
    "subtract": lambda a, b: elementwise(lambda x, y: x - y, a, b),
    "matmul": matmul, "dot": _dot, "einsum": _einsum, "outer": _outer,
    "sum": lambda a, **how: _array(a).sum(**how),
    "mean": lambda a, **how: _array(a).mean(**how),
    "stack": _stack, "concatenate": _concatenate, "transpose": _transpose,
    "reshape": lambda a, shape: _array(a).reshape(shape),
    "diag": own.diag, "inv": own.inv, "trace": own.trace,
    "shape": shape_of,
}  # fmt: skip
