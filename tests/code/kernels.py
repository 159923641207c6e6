"""Expressions as kernels, for the tests of what lies between."""

from collections.abc import Mapping

from sympy import Expr, Symbol

from entropy_proofs.code.generate import compiled, lowered
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.code.lowering.translation import Outputs, Shapes


def compile_expressions(
    outputs: Outputs,
    sizes: Mapping[Symbol, Expr],
    backend: str = "numpy",
    shapes: Shapes | None = None,
) -> Kernel:
    """A kernel that evaluates scalar expressions with free indices; arguments as of `lowered`."""
    return compiled(lowered(outputs, sizes, backend, shapes), backend)
