"""What an adapter says of a fitted estimator: a model, its numbers, and whose names they have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array, real_array

Arrays = Mapping[str, Any]
Blocks = tuple[tuple[str, Any], ...]  # (the estimator's name for a part, its index in the array)

FLOOR = 1e-290  # of a probability or a rate, since logarithms are taken


@dataclass(frozen=True)
class Regulariser:
    """A term R(Θ) that the estimator adds to F, by its gradient; it leaves F - S = -v·∇R.

    name: the option that asks for it, such as "reg_covar".
    gradient: {parameter: ∇R}, per data point, in the parameter's shape; others do not feel it.
    value: R itself in nats per data point, where the estimator maximises F + R; None where it only
        alters the updates.
    """

    name: str
    gradient: Callable[[Arrays], Mapping[str, Array]]
    value: Callable[[Arrays], float] | None = None


@dataclass(frozen=True)
class Following:
    """Known arrays that follow from the parameters, such as a chain's stationary covariance.

    The field does not move them; what is left to gain counts what the parameters gain by them.

    names: of the arrays.
    values: parameters -> the arrays; NaN where the parameters have none.
    pullback: (parameters, {name: dF/d of the array}) -> {parameter: what it adds to dF/d of it}.
    """

    names: tuple[str, ...]
    values: Callable[[Arrays], Mapping[str, Array]]
    pullback: Callable[[Arrays, Arrays], Mapping[str, Array]]


@dataclass(frozen=True)
class FittedModel:
    """A fitted estimator as a model of the catalogue with numbers; q is the best that there is.

    Attributes:
        estimator: the class's name, such as "GaussianMixture".
        model: a catalogue name, or a `Model`.
        parameters: the learned parameters by the model's names.
        known: constants and sizes by name.
        data: what was observed by variable, (N, ...); a part for each length of sequences.
        blocks: {parameter: ((the estimator's name, index), ...)}: the parts that have shares.
        following: known arrays that follow from the parameters.
        regularisers: what the estimator adds to F.
        rows: how many rows the user's data have: of which data points may consist.
        covariance: "diagonal" or "full", of q of real latents.
        altered: (updated parameters, {discrete latent: how often each value is taken, in all data})
            -> the parameters as the estimator's own update has them, with its regularisers.
        left_out: what this model does not say of the estimator; one phrase each.
    """

    estimator: str
    model: Any
    parameters: Arrays
    data: tuple[Arrays, ...]
    blocks: Mapping[str, Blocks]
    rows: int
    known: Arrays = field(default_factory=dict)
    following: Following | None = None
    regularisers: tuple[Regulariser, ...] = ()
    covariance: str = "diagonal"
    altered: Callable[[Arrays, Arrays], Arrays] = lambda parameters, counts: parameters
    left_out: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """How many data points there are."""
        return sum(len(next(iter(part.values()))) for part in self.data)


def each(name: str, count: int) -> Blocks:
    """A block for each index of the first axis: name[0], name[1], ...

    >>> each("means_", 2)
    (('means_[0]', (0,)), ('means_[1]', (1,)))
    """
    return tuple((f"{name}[{k}]", (k,)) for k in range(count))


def whole(name: str) -> Blocks:
    """One block of everything.

    >>> whole("noise_variance_")
    (('noise_variance_', ()),)
    """
    return ((name, ()),)


def fitted_array(estimator: Any, name: str) -> Array:
    """An attribute that fitting leaves.

    Raises:
        InputError: it is missing, so that the estimator was not fitted; or not finite.
    """
    kind = type(estimator).__name__
    value = getattr(estimator, name, None)
    if value is None:
        raise InputError(f"{kind}: is not fitted: it has no {name}")
    found = real_array(f"{kind}: {name}", value)
    if not np.isfinite(found).all():
        raise InputError(f"{kind}: {name} has NaN or infinity")
    return found


def table_of(X: Any, width: int, estimator: str) -> Any:
    """The data as an array (N, width); what reads its rows when they are asked for stays so.

    Raises:
        InputError: another shape, no rows, or NaN or infinity in an array in memory.
    """
    lazy = hasattr(X, "read_rows")
    found = X if lazy or isinstance(X, np.memmap) else real_array("X", X)
    if len(found.shape) != 2:
        raise InputError(f"X: a table (N, {width}) is wanted, not shape {found.shape}")
    if not found.shape[0]:
        raise InputError(f"X: is empty, of shape {found.shape}")
    if found.shape[1] != width:
        raise InputError(f"X: has {found.shape[1]} columns, but {estimator} has {width}")
    if not lazy and not isinstance(X, np.memmap):
        check_finite("X", found)
    return found


def check_finite(name: str, x: Array) -> None:
    """Raises InputError for NaN or infinity, with its place."""
    finite = np.isfinite(x)
    if not finite.all():
        row, *column = np.argwhere(~finite)[0]
        where = f"row {row}" + (f", column {column[0]}" if column else "")
        raise InputError(f"{name}: contains NaN or infinity, first in {where} (from 0)")


def check_plain(estimator: Any, **wanted: Any) -> None:
    """Whether options have values that the audit has a model for.

    Raises:
        InputError: one has another.
    """
    kind = type(estimator).__name__
    for option, value in wanted.items():
        found = getattr(estimator, option, value)
        if found is not value and found != value:
            raise InputError(f"{kind}: {option}={found!r} is not audited, only {value!r} is")


def check_learned(kind: str, held: Iterable[str]) -> None:
    """Raises InputError if parts of an estimator were held fixed: the optimum beside them is
    another."""
    for part in held:
        raise InputError(f"{kind}: {part} was held fixed, which is not audited")
