"""PyTorch in float64; and what it lacks: its own functions refuse Python numbers.

A generated module quotes these functions, hence the underscores: its public names are others.
"""

from __future__ import annotations

import math
import os
from functools import cache
from math import factorial
from typing import Any

from entropy_proofs.code.backends.target import COMMON, Backend, Import, Module, Runtime, runtime

torch: Any = None  # bound when the backend loads


def _asarray(x: Any) -> Any:
    """Real numbers in double precision."""
    if getattr(getattr(x, "dtype", None), "hasobject", False):  # NumPy's, of Python's numbers
        x = x.astype(float)
    if torch.is_complex(torch.as_tensor(x)):
        raise TypeError("it is complex")
    return torch.as_tensor(x, dtype=torch.float64)


def _holds(right: Any) -> bool:
    """Whether it is true of all elements; what torch.func maps has none to look at yet."""
    try:
        return bool(right.all())
    except RuntimeError:
        return True


def _arange(n: int) -> Any:
    return torch.arange(n, dtype=torch.float64)


def _index(x: Any) -> Any:
    """Positions in an array."""
    return _asarray(x).long()


def _equal(a: Any, b: Any) -> Any:
    """1.0 where a == b, else 0.0."""
    return _asarray(_asarray(a) == _asarray(b))


def _where(condition: Any, a: Any, b: Any) -> Any:
    return torch.where(condition, _asarray(a), _asarray(b))


def _broadcast_to(x: Any, shape: tuple[int, ...]) -> Any:
    return torch.broadcast_to(_asarray(x), shape)


def _logaddexp(a: Any, b: Any) -> Any:
    return torch.logaddexp(_asarray(a), _asarray(b))


def _pad(a: Any, axis: int, before: int, after: int) -> Any:
    """Zeros around an array along an axis."""
    shapes = ((*a.shape[:axis], n, *a.shape[axis + 1 :]) for n in (before, after))
    first, last = (a.new_zeros(shape) for shape in shapes)
    return torch.cat([first, a, last], dim=axis)


def _logdet(a: Any) -> Any:
    """log |det a| of the last two axes."""
    return torch.linalg.slogdet(a)[1]


def _polygamma(order: int, x: Any) -> Any:
    """By Hurwitz' zeta function, since torch.polygamma(1, x) has nine digits only."""
    if order == 0:
        return torch.digamma(x)
    return (-1) ** (order + 1) * factorial(order) * torch.special.zeta(order + 1, x)


def _gamma(x: Any) -> Any:
    """The gamma function, which changes its sign at 0, -1, -2, ..."""
    sign = 1 - 2 * ((x < 0) & (torch.floor(x) % 2 != 0)).double()
    return sign * torch.exp(torch.lgamma(x))


def _besseli(order: int, x: Any) -> Any:
    return torch.exp(_log_besseli(order, x))


def _log_besseli(order: int, x: Any) -> Any:
    """log I_order(x) without overflow."""
    return torch.log(_scaled_besseli(order, x)) + torch.abs(x)


def _scaled_besseli(order: int, x: Any) -> Any:
    """exp(-|x|) I_order(x)."""
    scaled = {0: torch.special.i0e, 1: torch.special.i1e}.get(order)
    if scaled is None:
        raise NotImplementedError(f"PyTorch has no Bessel function I of order {order}")
    return scaled(x)


def _log1p_erf(x: Any) -> Any:
    """log(1 + erf(x)), whose tail keeps its digits."""
    return math.log(2) + torch.special.log_ndtr(math.sqrt(2) * x)


_OURS = (
    *("where", "arange", "broadcast_to", "logaddexp", "index", "equal", "pad", "logdet"),
    *("polygamma", "gamma", "besseli", "log_besseli", "scaled_besseli", "log1p_erf"),
)
_CALLS = {
    **{name: f"torch.{name}" for name in (*COMMON, "einsum")},
    **{name: f"_{name}" for name in _OURS},
    "scalar": "_asarray",
    "transpose": "torch.permute",
    "logsumexp": "torch.logsumexp",
    "inverse": "torch.linalg.inv",
    "least_norm_inverse": "torch.linalg.inv",
    "loggamma": "torch.lgamma",
    "erf": "torch.erf",
    "entr": "torch.special.entr",
}
_IMPORTS = {"torch": Import("torch"), "factorial": Import("math", "factorial")}


@cache
def _load() -> Runtime:
    found = runtime(_CALLS, _IMPORTS, globals(), _asarray)
    if hasattr(os, "register_at_fork"):  # a fork has none of OpenMP's threads, and waits for them
        os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))
    return found


BACKEND = Backend(
    "torch",
    _load,
    _CALLS,
    _IMPORTS,
    globals(),
    Module(
        "PyTorch",
        accepted="torch.Tensor | float",
        returned="torch.Tensor",
        types={},
        precision=(
            "Arguments are tensors or what `torch.as_tensor` takes, on torch's default device; "
            "they are computed with in float64, and autograd passes through."
        ),
    ),
    lifts_sizes=True,
)
