"""Networks V phi(U z + a) + b whose hidden map phi is left unspecified."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sympy as sp
from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra.nodes import HiddenUnit, index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import fresh, over
from entropy_proofs.arrays.array import Array, Shape, broadcast_shapes, generic, lift, shape_of
from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import REAL, UNIT_COLUMNS, Space
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.scope import check_unused


class NetworkOutput(Array):
    """A network's output array, with its parameters as attributes .U .a .V .b and `phi`."""

    phi: Symbol
    V: Expr
    b: Expr
    U: Expr
    a: Expr

    @property
    def func(self) -> type[Array]:
        return Array


def network_output(
    model: Declared,
    name: str,
    inputs: Any,
    sizes: Shape,
    fixed: Sequence[str],
    first: str | None,
) -> Any:
    """Declares the weights and builds the output; `inputs` is an array, a scalar or a list."""
    if name == "weight":
        raise InputError("weight: stands for the weights of the bound; rename it")
    values = [lift(v) for v in (inputs if isinstance(inputs, (list, tuple)) else [inputs])]
    if not values:
        raise InputError(f"{name}: a network needs an input")
    if isinstance(fixed, str) or not isinstance(fixed, Iterable):
        fixed = (fixed,)
    if first not in {None, str(UNIT_COLUMNS)}:
        raise InputError(f"{name}: first={first!r} is not 'unit columns'")
    unknown = set(fixed) - {"U", "a", "V", "b"}
    if unknown:
        raise InputError(f"{name}: {min(unknown, key=str)!r} in fixed is none of U, a, V, b")
    continuous = [v for v in values if not _is_discrete(v)]
    width = Symbol(f"J_{name}", integer=True, positive=True)
    hidden = Symbol(f"M_{name}", integer=True, positive=True)
    for own in (width, hidden) if continuous else (width,):
        check_unused(model, own.name)
        model.dims_[own.name] = own
    phi = Symbol(f"phi_{name}")
    attributes: dict[str, Any] = {"phi": phi}

    def weight(letter: str, shape: Shape, domain: Space = REAL) -> Any:
        made = model.declare_parameter(f"{name}.{letter}", shape, domain, letter in fixed)
        attributes[letter] = made
        return made

    many = len(continuous) > 1
    arguments = []
    batch: Shape = ()
    for k, value in enumerate(values):
        *leading, size = shape_of(value) or (sp.Integer(1),)
        batch = broadcast_shapes(batch, tuple(leading))
        made = None
        if not _is_discrete(value):
            letter = f"U{k + 1}" if many else "U"
            made = weight(letter, (hidden, size), UNIT_COLUMNS if first else REAL)
        arguments.append((value, made))
    shift = weight("a", (hidden,)) if continuous else None
    v, b = weight("V", (*sizes, width)), weight("b", sizes)

    def element(*at: Expr) -> Expr:
        out = at[len(batch) :]
        units = _inputs(arguments, shift, at[: len(batch)], hidden)
        avoid = symbols_in(units).union(*map(symbols_in, map(sp.sympify, at)))
        j = fresh(avoid, width)
        own = v.at(*out, j)
        bias = b.at(*out) if isinstance(b, Array) else b
        return Sum(own * HiddenUnit(phi, j, units), (j, 0, width - 1)) + bias

    shape = (*batch, *sizes)
    names = [index(f"^{k}", size) for k, size in enumerate(shape)]
    kind = NetworkOutput if shape else ScalarOutput
    output = kind.__new__(kind, element(*names), *zip(names, shape, strict=True))
    vars(output).update(attributes)
    return output


class ScalarOutput(NetworkOutput):
    """A network with one output: an array without axes."""

    def __new__(cls, element: Expr) -> Any:
        return Expr.__new__(cls, element)


def _is_discrete(value: Expr) -> bool:
    return bool(generic(value).is_integer)


def _inputs(
    arguments: Sequence[tuple[Expr, Any]], shift: Any, batch: Sequence[Expr], hidden: Symbol
) -> sp.Tuple:
    """The arguments of phi at one batch position: one pre-activation vector, then categories, which
    have no weights."""
    m = index("^m", hidden)
    total: Expr = shift.at(m) if shift is not None else sp.Integer(0)
    discrete: list[Expr] = []
    for value, weights in arguments:
        if weights is None:
            discrete.append(_vector(value, batch) if isinstance(value, Array) else value)
        elif isinstance(value, Array):
            own = batch[len(batch) - value.ndim + 1 :]
            avoid = symbols_in(value) | symbols_in(total).union(*map(symbols_in, batch))
            h = fresh(avoid, value.shape[-1])
            total += Sum(weights.at(m, h) * value.at(*own, h), (h, 0, value.shape[-1] - 1))
        else:
            total += weights.at(m, 0) * value
    if shift is None:
        return sp.Tuple(*discrete)
    return sp.Tuple(_bound(total, m, hidden), *discrete)


def _vector(value: Array, batch: Sequence[Expr]) -> sp.Tuple:
    m = index("^m", value.shape[-1])
    own = batch[len(batch) - value.ndim + 1 :]
    return _bound(value.at(*own, m), m, value.shape[-1])


def _bound(element: Expr, m: Symbol, size: Expr) -> sp.Tuple:
    return sp.Tuple(over((m,), element, size), size)
