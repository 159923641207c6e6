"""The part of a generated module that checks arguments: the only one that is not mathematics."""

from __future__ import annotations

import ast

from entropy_proofs.code.backends.target import Backend
from entropy_proofs.code.printer import subscript
from entropy_proofs.evaluate.batch import SAMPLES
from entropy_proofs.standalone.bodies import INDENT
from entropy_proofs.standalone.dimensions import Arguments

_CHECKED = '''\
def _checked(function: _Function) -> _Function:
    """Convert the arguments; refuse missing ones, unknown ones, wrong shapes and values by name."""
    inner: Any = function

    def call(**arguments: Any) -> Any:
        for name in arguments:
            if name not in _AXES:
                raise TypeError(f"{inner.__name__} has no argument {name}")
        given: dict[str, Any] = {}
        for name, axes in _AXES.items():
            if arguments.get(name) is not None:
                given[name] = _converted(name, arguments[name])
            MISSING
                raise ValueError(f"{inner.__name__} needs the argument {name}: {axes}")
PRECISION
        shapes = _shapes(given)
WEIGHTS
        for name, shape in shapes.items():
            found = tuple(given[name].shape)
            if found != shape:
                raise ValueError(f"{name} has the shape {found}, not {_AXES[name]} = {shape}")
        _check_values(given)
        return inner(**given)

    for attribute in ("__name__", "__qualname__", "__doc__", "__annotations__"):
        setattr(call, attribute, getattr(inner, attribute))
    vars(call)["__wrapped__"] = inner
    checked: Any = call
    return checked
'''
_WEIGHTS = """\
        alike: Any = 1 / shapes["weights"][1]
IN_PRECISION
        given.setdefault("weights", BROADCAST_TO(alike, shapes["weights"]))
"""
_PRECISION = """\
        floats: Any = CAST
        for name, array in given.items():
            if _AXES[name] != "int" and array.dtype.kind in "biu":
                given[name] = array.astype(floats)
"""
_COUNT = """\
    if _AXES[name] == "int":
        if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
            raise ValueError(f"{name} must be a positive int, not {value!r}")
        return int(value)
"""
_CONVERTED = '''\
def _converted(name: str, value: Any) -> Any:
    """An array with the right number of axes."""
COUNT
    mask = getattr(value, "mask", None)
    if hasattr(mask, "any") and mask.any():
        raise ValueError(f"{name} has values that are masked")
    try:
        array = _asarray(value)
    except (RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} is no array of numbers: {error}") from error
    axes = [size.strip() for size in _AXES[name].strip("()").split(",") if size]
    if array.ndim != len(axes):
        raise ValueError(f"{name} has the shape {tuple(array.shape)}, not {_AXES[name]}")
    for size, length in zip(axes, array.shape, strict=True):
        if length == 0 and size.isidentifier():
            raise ValueError(f"{name} is empty: {size} is 0")
    return array
'''


def described(shape: tuple[str, ...]) -> str:
    """A shape as Python writes it."""
    return f"({', '.join(shape)}{',' if len(shape) == 1 else ''})"


def checks(arguments: Arguments, target: Backend) -> list[str]:
    """The table of shapes and the functions that use it, as source blocks."""
    converted = _CONVERTED.replace("COUNT\n", _COUNT if arguments.counts else "")
    sampled = arguments.sampled
    assert target.module is not None
    floats = target.module.floats
    cast = f"{INDENT * 2}alike = _asarray(alike).astype(floats)\n" if floats else ""
    checked = _CHECKED.replace("WEIGHTS\n", _WEIGHTS if sampled else "")
    checked = checked.replace("MISSING", 'elif name != "weights":' if sampled else "else:")
    precision = _PRECISION.replace("CAST", floats) if floats else ""
    checked = checked.replace("IN_PRECISION\n", cast).replace("PRECISION\n", precision)
    checked = checked.replace("BROADCAST_TO", target.calls["broadcast_to"])
    return [*_tables(arguments), checked, converted]


def _tables(arguments: Arguments) -> list[str]:
    shapes = {arguments.identifiers[n]: arguments.shape(n) for n in arguments.arrays}
    if arguments.sampled:
        shapes["weights"] = arguments.batch
    axes = {name: described(shape) for name, shape in shapes.items()}
    axes |= dict.fromkeys(arguments.counts, "int")
    table = [f'{INDENT}"{name}": "{text}",' for name, text in axes.items()]
    counts = [f'{name} = given["{name}"]' for name in arguments.in_shapes]
    sizes = [f"{INDENT}{line}" for line in [*size_lines(arguments, None), *counts]]
    entries = [f'{INDENT * 2}"{name}": {described(shape)},' for name, shape in shapes.items()]
    return [
        "\n".join(['_Function = TypeVar("_Function")', "_AXES = {", *table, "}"]),
        "\n".join(
            [
                "def _shapes(given: dict[str, Any]) -> dict[str, tuple[int, ...]]:",
                f'{INDENT}"""The shape of each argument, by the first that shows a size."""',
                *sizes,
                f"{INDENT}return {{",
                *entries,
                f"{INDENT}}}",
            ]
        ),
    ]


def size_lines(arguments: Arguments, used: set[str] | None) -> list[str]:
    """The lines that read the sizes off the arguments.

    Args:
        used: the sizes that are needed where the arguments are variables; None for all of them,
            from a dict of the arguments.
    """
    found: dict[str, ast.expr] = {}

    def array(name: str) -> ast.expr:
        own = ast.Name("given" if used is None else name)
        return subscript(own, [ast.Constant(name)]) if used is None else own

    for dim, shown in arguments.shown.items():
        code = shown.code(array(arguments.identifiers[shown.argument]))
        found[arguments.identifiers[dim.name]] = code
    lines = {name: ast.unparse(code) for name, code in found.items()}
    if arguments.sampled and SAMPLES not in arguments.shown:
        by_weights = f"{ast.unparse(array('weights'))}.shape[1]"
        optional = f'{by_weights} if "weights" in given else 1'
        lines[arguments.batch[1]] = optional if used is None else by_weights
    return [f"{name} = {code}" for name, code in lines.items() if used is None or name in used]
