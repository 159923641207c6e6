"""Where arrays enter: what a user gives becomes real numbers in double precision, or is refused.

Code that computes with whatever dtype an array has wraps around in eight bits, drops masks and
reads one category for another.  So everything that computes with a user's numbers takes them from
here: `real_array` decides what is an array of numbers, `check_values` whether they lie where they
were declared to.  Each is one pass over an array or two, next to nothing beside what follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import (
    Bit,
    Category,
    Counts,
    DefiniteMatrices,
    IncreasingVectors,
    OpenInterval,
    ProbabilityTables,
    ProbabilityVectors,
    Scalars,
    Space,
    TriangularMatrices,
    UnitColumnMatrices,
    UnitInterval,
)

Array = NDArray[np.float64]
TOLERANCE = 1e-9  # of sums, symmetry and norms, of numbers in double precision
_UNBOUNDED = -np.inf, np.inf
_LEAST = 1e-300  # of a probability
_BLOCK = 1 << 16  # elements that are looked at together
_DENSE = 1 << 28  # elements that a sparse matrix may have when it is written out


def real_array(name: str, value: Any) -> Array:
    """What is given, as an array of float64; what has it already is not copied.

    Args:
        value: an array, nested lists, a table of pandas or polars, a sparse matrix of SciPy.

    Raises:
        InputError: masked, complex or no numbers at all; the message begins with the name.

    >>> from entropy_proofs.families.entering import real_array
    >>> import numpy as np
    >>> real_array("x", np.array([200, 100], dtype=np.uint8)).dtype
    dtype('float64')
    """
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value
    check_unmasked(name, value)
    if hasattr(value, "toarray"):
        value = _dense(name, value)
    if hasattr(value, "detach"):  # of PyTorch
        value = value.detach().cpu()
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            _check_objects(array)
    except (TypeError, ValueError, RuntimeError):
        raise InputError(f"{name}: is not an array of numbers") from None
    if array.dtype.kind == "c":
        raise InputError(f"{name}: is complex; real numbers are wanted")
    if array.dtype.kind not in "biufO":
        raise InputError(f"{name}: is not an array of numbers, but of {array.dtype}")
    try:
        return array.astype(float, copy=False)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{name}: is not an array of numbers") from None


def check_unmasked(name: str, value: Any) -> None:
    """Raises InputError for an array with masked values, which other libraries would take."""
    mask = getattr(value, "mask", None)
    if mask is not None and not callable(mask) and np.any(mask):
        raise InputError(f"{name}: {int(np.sum(mask))} of its values are masked")


def _dense(name: str, value: Any) -> Any:
    if int(np.prod([int(n) for n in value.shape])) > _DENSE:
        raise InputError(
            f"{name}: a sparse matrix of shape {value.shape} is too large to write out"
        )
    return value.toarray()


def _check_objects(array: Any) -> None:
    """Raises TypeError for what float would take for a number although it is none."""
    for value in array.ravel():
        if isinstance(value, (str, bytes, complex, np.complexfloating)):
            raise TypeError


def tolerance_of(value: Any) -> float:
    """How exactly sums and the like hold that were computed in the precision of what is given."""
    return _tolerance(getattr(value, "dtype", None))


@cache
def _tolerance(dtype: Any) -> float:
    try:
        precision = float(np.finfo(np.dtype(str(dtype).rpartition(".")[2])).eps)
    except (TypeError, ValueError):
        return TOLERANCE
    return max(TOLERANCE, 32 * precision)


def check_values(
    name: str,
    x: Array,
    space: Space,
    *,
    closed: bool = False,
    tolerance: float = TOLERANCE,
    called: str = "domain",
) -> None:
    """Refuse what is not finite, or not in a space whose bounds are numbers.

    Args:
        closed: whether probabilities may be 0 or 1, as a variational distribution's can.
        tolerance: of sums, symmetry and norms; `tolerance_of` knows it.
        called: the space, in messages: "domain" of a parameter, "support" of a variable.

    Raises:
        InputError: the message begins with the name and says what was found.

    >>> from entropy_proofs.families.entering import check_values
    >>> from entropy_proofs.families.spaces import POSITIVE
    >>> import numpy as np
    >>> check_values("s", np.array([1.0, -2.0]), POSITIVE)
    Traceback (most recent call last):
        ...
    entropy_proofs.errors.InputError: s: the value -2 is outside its domain (positive)
    """
    ends = next((b for b in space.bounds if isinstance(b, np.ndarray)), None)
    if ends is not None:  # of each element its own
        for at in np.ndindex(ends.shape):
            own = type(space)(*(b[at] if isinstance(b, np.ndarray) else b for b in space.bounds))
            here = f"{name}[{', '.join(map(str, at))}]"
            options: dict[str, Any] = {"closed": closed, "tolerance": tolerance, "called": called}
            event = (slice(None),) * space.axes
            check_values(here, x[(..., *at, *event)], own, **options)
    elif x.size:
        parts = partial(_parts, x, space.axes)
        for start, part in [(0, x)] if x.flags.forc else parts():  # which needs no room
            _check_finite(name, part, start)
        limits = _limits(space)
        if limits != _UNBOUNDED or space.discrete:
            for _, part in parts():
                _check_range(name, part, space, limits, closed, called)
        if space.tied:
            for _, part in parts():
                _check_tied(name, part, space, tolerance)


def _parts(x: Array, axes: int) -> Iterator[tuple[int, Array]]:
    """Some values at once, so that what is computed of them stays small; and where they start."""
    rows = max(1, _BLOCK * len(x) // x.size) if x.ndim > axes else 0
    if not rows or rows >= len(x):
        yield 0, x
        return
    for start in range(0, len(x), rows):
        yield start, x[start : start + rows]


def _check_range(
    name: str, x: Array, space: Space, limits: tuple[float, float], closed: bool, called: str
) -> None:
    low, high = limits
    if limits != _UNBOUNDED:
        open_ends = not space.discrete and not closed and not isinstance(space, OpenInterval)
        least = x.min() if low > -np.inf else np.inf
        most = x.max() if high < np.inf else -np.inf
        below = least < low or (open_ends and least == low)
        if below or most > high or (open_ends and most == high):
            raise InputError(
                f"{name}: the value {least if below else most:g} is outside its {called} "
                f"({_described(space)})"
            )
    if space.discrete and (wrong := x != np.floor(x)).any():
        raise InputError(
            f"{name}: must be whole numbers ({_described(space)}), not {np.asarray(x)[wrong][0]:g}"
        )


def interior(space: Space, x: Array) -> Array:
    """Probabilities of 0 and 1 moved off the ends, by next to nothing."""
    match space:
        case ProbabilityVectors() | ProbabilityTables():
            return np.maximum(x, _LEAST)
        case UnitInterval():
            return np.clip(x, _LEAST, np.nextafter(1, 0))
    return x


def _check_finite(name: str, x: Array, start: int) -> None:
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.vdot(x, x)  # finite only if all are
    if not np.isfinite(total) and not (finite := np.isfinite(x)).all():
        at = np.argwhere(~finite)[0].tolist()
        at[:1] = [start + k for k in at[:1]]
        where = f", first at {at}" if at else ""
        raise InputError(f"{name}: contains NaN or infinity{where}")


@lru_cache
def _limits(space: Space) -> tuple[float, float]:
    """Between which numbers every element lies."""
    match space:
        case Counts(total):
            return 0.0, float(total)
        case Category(size):
            return 0.0, float(size) - 1
        case Bit():
            return 0.0, 1.0
        case Scalars():
            low, high = space.ends
            return float(low), float(high)
        case ProbabilityVectors() | ProbabilityTables():
            return 0.0, np.inf
    return _UNBOUNDED


def _described(space: Space) -> str:
    low, high = _limits(space)
    if isinstance(space, (Category, OpenInterval)) or (space.discrete and space.bounds):
        return f"{space}, {low:g} to {high:g}"
    return str(space)


def _check_tied(name: str, x: Array, space: Space, tolerance: float) -> None:
    """What elements have to be together."""
    wanted: float | None = None
    match space:
        case ProbabilityVectors():
            wanted = 1.0
        case ProbabilityTables():
            wanted, x = 1.0, x.reshape(*x.shape[:-2], -1)
        case Counts(total):
            wanted = float(total)
        case UnitColumnMatrices():
            lengths = np.sqrt((x**2).sum(axis=-2))
            if (wrong := np.abs(lengths - 1) > tolerance).any():
                raise InputError(f"{name}: a column has length {lengths[wrong][0]:g}, not 1")
        case IncreasingVectors():
            if not (np.diff(x, axis=-1) > 0).all():
                raise InputError(f"{name}: does not increase along its last axis")
        case DefiniteMatrices():
            _check_definite(name, x, tolerance)
        case TriangularMatrices():
            diagonal = np.diagonal(x, axis1=-2, axis2=-1)
            if np.triu(x, 1).any() or not (diagonal > 0).all():
                raise InputError(f"{name}: is not lower triangular with a positive diagonal")
    if wanted is not None:
        sums = x @ np.ones(x.shape[-1])
        if (wrong := np.abs(sums - wanted) > tolerance * max(1.0, wanted)).any():
            axes = "is" if space.axes == 1 else "es"
            found = np.asarray(sums)[wrong].ravel()[0]
            raise InputError(
                f"{name}: sums to {found:.10g} along its last ax{axes}, not to {wanted:g}"
            )


def _check_definite(name: str, x: Array, tolerance: float) -> None:
    turned = np.swapaxes(x, -1, -2)
    if np.any(np.abs(x - turned) > tolerance * np.abs(x).max(axis=(-2, -1), keepdims=True)):
        raise InputError(f"{name}: is not symmetric")
    try:
        np.linalg.cholesky(x)
    except np.linalg.LinAlgError:
        lowest = np.linalg.eigvalsh((x + turned) / 2).min()
        raise InputError(
            f"{name}: is not positive definite, with an eigenvalue of {lowest:.3g}"
        ) from None
