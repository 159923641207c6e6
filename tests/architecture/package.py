"""The package's modules and what each imports, read from their text."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import entropy_proofs

PACKAGE = Path(entropy_proofs.__file__).parent
ROOT = "entropy_proofs"


def _modules() -> dict[str, Path]:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.parts[0] != "derivations":
            found[".".join(relative.with_suffix("").parts).removesuffix("__init__").strip(".")] = (
                path
            )
    return found


MODULES = _modules()  # by dotted name below the package, which is itself called ""
_FULL = {f"{ROOT}.{name}" for name in MODULES}


def imported(path: Path) -> set[str]:
    """All that a file imports, wherever: at the top, in functions, for type checking, by name."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inside & _FULL or {node.module or ""}
        elif isinstance(node, ast.Call) and _called(node.func) == "import_module":
            found |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    return found


def _called(function: ast.expr) -> str:
    """The name of what is called, with or without its module."""
    return getattr(function, "attr", "") or getattr(function, "id", "")


def own(names: set[str]) -> set[str]:
    """Those of the package, by their names below it."""
    inside = {n.removeprefix(ROOT).strip(".") for n in names if n.partition(".")[0] == ROOT}
    return inside & set(MODULES)


@cache
def graph() -> dict[str, set[str]]:
    """What each module imports of the others."""
    return {name: own(imported(path)) - {name} for name, path in MODULES.items()}


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
