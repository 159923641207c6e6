"""The functions that a generated module quotes, and the imports that it needs."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from entropy_proofs import numeric

Import = tuple[str, str, str]  # module, name or "", alias or ""

_TYPING: dict[str, Import] = {name: ("typing", name, "") for name in ("Any", "TypeVar")}
_MATH: dict[str, Import] = {"math": ("math", "", "")}
_STANDARD = ("math", "typing")


def quoted(backend: str, names: Iterable[str]) -> dict[str, str]:
    """The source of the backend's own functions among the names, and of those that they call."""
    sources, _ = _file(backend)
    needed = {name for name in names if name in sources}
    while more := {n for name in needed for n in used(sources[name]) if n in sources} - needed:
        needed |= more
    return {name: source for name, source in sources.items() if name in needed}


def imports(backend: str, arrays: dict[str, Import], source: str) -> str:
    """The import statements for all that the source uses, in isort's order.

    Args:
        arrays: what provides the names of the array types.
    """
    _, own = _file(backend)
    known = {**_MATH, **_TYPING, **own, **arrays}
    needed = sorted({known[name] for name in used(source) if name in known})
    blocks = []
    for standard in (True, False):
        chosen = [i for i in needed if (i[0] in _STANDARD) == standard]
        lines = [f"import {m}" + (f" as {a}" if a else "") for m, name, a in chosen if not name]
        for module in sorted({m for m, name, _ in chosen if name}):
            names = (name for m, name, _ in chosen if m == module and name)
            lines.append(f"from {module} import {', '.join(names)}")
        if lines:
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def used(source: str) -> set[str]:
    """The names that code refers to."""
    return {n.id for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)}


@cache
def _file(backend: str) -> tuple[dict[str, str], dict[str, Import]]:
    """The functions and the imports of a backend's file, which is read but never run."""
    path = Path(numeric.__file__).with_name(f"{backend}_functions.py")
    source = path.read_text(encoding="utf-8")
    functions: dict[str, str] = {}
    imported: dict[str, Import] = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = ast.get_source_segment(source, node) or ""
        elif isinstance(node, ast.Import):
            for a in node.names:
                imported[a.asname or a.name] = (a.name, "", a.asname or "")
        elif isinstance(node, ast.ImportFrom) and node.module:
            for a in node.names:
                imported[a.name] = (node.module, a.name, "")
    return functions, imported
