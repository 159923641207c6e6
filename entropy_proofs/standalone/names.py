"""The names that a generated module keeps for itself: no argument is called so."""

from __future__ import annotations

from entropy_proofs.code.backends import function_names

PUBLIC = (
    *("direction", "directional_derivative", "divergence", "elbo", "entropy_sum", "gap"),
    "gradient",
)
TAKEN = frozenset(
    {*PUBLIC, "weights", "point"}
    | {"np", "jax", "jnp", "torch", "cp", "special", "math", "prod", "factorial"}
    | {"Any", "Array", "ArrayLike", "TypeVar", "_Function"}
    | {f"_{name}" for name in function_names()}
    | {"_asarray", "_checked", "_converted", "_shapes", "_inner"}
    | {"_axes", "_AXES", "_QUADRATURE_NODES", "_QUADRATURE_WEIGHTS"}
)
