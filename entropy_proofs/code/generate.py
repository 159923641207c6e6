"""From symbolic expressions to code: what is computed, how, and in which words."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr, Symbol, sympify

from entropy_proofs.code.backends import backend as backend_of, function_names
from entropy_proofs.code.backends.target import Manner
from entropy_proofs.code.identifiers import identifiers, temporary
from entropy_proofs.code.ir import Node
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.code.lowering.translation import Outputs, Shapes, Translation
from entropy_proofs.code.printer import Printer
from entropy_proofs.code.rewriting import Rewriting
from entropy_proofs.code.routine import Routine, extents, routine

_TAKEN = {"dims", "arrays", "kernel", "math", "mp", "mpf", "np", "jnp", "torch", "special"}


def lowered(
    outputs: Outputs,
    sizes: Mapping[Symbol, Expr],
    backend: str = "numpy",
    shapes: Shapes | None = None,
) -> Routine:
    """The array code of scalar expressions with free indices.

    Args:
        outputs: name -> (expression, its free indices in the order of the result's axes).
        sizes: how far each free index runs (from 0), an expression of the dims.
        backend: what the code is made for.
        shapes: label -> the array's sizes, where known: it saves slices and repeated inverses.
    """
    target = backend_of(backend)
    expressions = ((name, (sympify(e), at)) for name, (e, at) in outputs.items())
    order, results = _program(
        target.manner, tuple(expressions), tuple(sizes.items()), tuple((shapes or {}).items())
    )
    return routine(order, dict(results), target.in_place)


@lru_cache(maxsize=2**8)
def _program(
    target: Manner, outputs: tuple[Any, ...], sizes: tuple[Any, ...], shapes: tuple[Any, ...]
) -> tuple[tuple[Node, ...], tuple[tuple[str, Node], ...]]:
    """The nodes in the order in which they are written, and those of the results.

    One proof is compiled, checked and written for several libraries, of which many want the same.
    """
    lowering = Translation(target, dict(shapes))
    results = lowering.write(dict(outputs), dict(sizes))
    if lowering.stacks:
        lowering = Translation(target, dict(shapes), lowering.stacks)
        results = lowering.write(dict(outputs), dict(sizes))
    program = lowering.program
    if not target.exact:
        again = Rewriting(target, program, results)
        program, results = again.program, again.results
    return tuple(program.numbers), tuple(results.items())


def compiled(code: Routine, backend: str) -> Kernel:
    """Array code as a function that runs."""
    return Kernel(_source(code, backend), backend, extents(code.nodes()))


def _source(code: Routine, backend: str) -> str:
    """The function `kernel(dims, arrays)`."""
    arrays, dims = code.inputs()
    names = identifiers(sorted(arrays | dims), _TAKEN | function_names())
    prefix = temporary(names.values())
    printer = Printer(backend_of(backend), names, code.overwritten)
    body: list[ast.stmt] = []
    for kind, inputs in (("arrays", arrays), ("dims", dims)):
        for name in sorted(inputs):
            read = ast.Subscript(ast.Name(kind), ast.Constant(name))
            body.append(_assigned(names[name], read))
    for k, node in enumerate(code.steps):
        body.append(_assigned(f"{prefix}{k}", printer.expression(node)))
        printer.held[node] = f"{prefix}{k}"
    values = [printer.expression(node) for node in code.results.values()]
    body.append(ast.Return(ast.Dict([ast.Constant(name) for name in code.results], values)))
    arguments = ast.arguments([], [ast.arg("dims"), ast.arg("arrays")], None, [], [], None, [])
    return ast.unparse(ast.FunctionDef("kernel", arguments, body, [], lineno=0)) + "\n"


def _assigned(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name)], value, lineno=0)
