"""Python identifiers for the names of a model."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from entropy_proofs.numeric.backends import RESERVED as CALLED
from entropy_proofs.numeric.identifiers import identifier

PUBLIC = (
    *("direction", "directional_derivative", "divergence", "elbo", "entropy_sum", "gap"),
    "gradient",
)
_TAKEN = frozenset(
    {*PUBLIC, "weights", "point"}
    | {"np", "jax", "jnp", "torch", "special", "math", "prod", "factorial"}
    | {"Any", "Array", "ArrayLike", "TypeVar", "_Function"}
    | {f"_{name}" for name in (*CALLED, "asarray", "checked", "converted", "shapes", "inner")}
    | {"_axes", "_AXES", "_QUADRATURE_NODES", "_QUADRATURE_WEIGHTS"}
)


def identifiers(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Valid and distinct identifiers; a name that is one already keeps it."""
    used = {*_TAKEN, *taken}
    ordered = list(names)
    found: dict[str, str] = {}
    for name in sorted(ordered, key=lambda n: identifier(n) != n):
        own = identifier(name)
        while own in used:
            own += "_"
        found[name] = own
        used.add(own)
    return {name: found[name] for name in ordered}


def temporary(names: Collection[str]) -> str:
    """What the names of temporaries begin with, so that none is in use."""
    prefix = "t"
    while any(re.fullmatch(rf"{prefix}\d+", name) for name in names):
        prefix += "_"
    return prefix
