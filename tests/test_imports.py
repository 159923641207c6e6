"""The architecture: imports go one way, and heavy libraries load when they are used."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import entropy_proofs as ep

PACKAGE = Path(ep.__file__).parent
HEAVY = ("sympy", "numpy", "scipy", "sklearn", "matplotlib", "rich", "flint", "mpmath")


def modules() -> dict[str, Path]:
    """Every module of the package, by its dotted name below it."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if relative.parts[0] == "derivations":
            continue
        parts = list(relative.with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


MODULES = modules()


def imports_of(path: Path, *, later: bool = True) -> set[str]:
    """What a file imports, not counting what is for type checking only.

    later: also what its functions import when they run.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
        or (isinstance(node, ast.FunctionDef) and not later)
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {f"entropy_proofs.{name}" for name in MODULES}
            found |= inside & modules or {node.module or ""}
    return found


def graph(*, later: bool = True) -> dict[str, set[str]]:
    return {
        name: {other.removeprefix("entropy_proofs.") for other in imports_of(path, later=later)}
        & set(MODULES) - {name, ""}
        for name, path in MODULES.items()
    }


def test_the_import_graph_has_no_cycle():
    remaining = graph(later=False)
    while remaining:
        leaves = {name for name, needs in remaining.items() if not needs & set(remaining)}
        assert leaves, f"these modules import each other in a circle: {sorted(remaining)}"
        remaining = {name: needs for name, needs in remaining.items() if name not in leaves}


def reachable(name: str) -> set[str]:
    edges, seen, todo = graph(), set(), [name]
    while todo:
        for other in edges[todo.pop()] - seen:
            seen.add(other)
            todo.append(other)
    return seen


def test_the_checker_imports_nothing_that_searches():
    assert not {name for name in reachable("checker") if "search" in name or "field" in name}


@pytest.mark.parametrize("name", [name for name in MODULES if name])
def test_the_package_never_imports_the_catalogue(name):
    assert not {other for other in imports_of(MODULES[name]) if other.startswith("derivations")}


@pytest.mark.parametrize("name", MODULES)
def test_files_are_short(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 400


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.mark.parametrize(
    "code",
    [
        "import entropy_proofs",
        "import entropy_proofs.cli",
        "from entropy_proofs import catalogue; [catalogue.source(n) for n in catalogue.names()]",
    ],
)
def test_light_use_loads_no_heavy_library(code):
    loaded = run_python(f"{code}\nimport sys\nprint(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


def test_help_answers_in_half_a_second():
    """In seconds of the processor, so that a busy machine does not count."""

    def seconds() -> float:
        before = os.times()
        run_python(
            "import sys; sys.argv = ['entropy-proofs', '--help']\n"
            "from entropy_proofs.cli import main\n"
            "try: main()\n"
            "except SystemExit as exited: assert exited.code == 0"
        )
        after = os.times()
        return (
            after.children_user
            - before.children_user
            + after.children_system
            - (before.children_system)
        )

    assert min(seconds() for _ in range(5)) < 0.5


def test_every_public_name_is_there_and_is_no_module():
    for name in ep.__all__:
        assert not isinstance(getattr(ep, name), ModuleType), name


def test_public_names_stay_what_they_are_whatever_is_imported_first():
    everything = "\n".join(f"import entropy_proofs.{name}" for name in MODULES if name)
    run_python(
        f"{everything}\nimport types, entropy_proofs as ep\n"
        "wrong = [n for n in ep.__all__ if isinstance(getattr(ep, n), types.ModuleType)]\n"
        "assert not wrong, wrong"
    )


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        ep.no_such_name  # noqa: B018 - looking it up is what is tested


def test_the_type_checker_sees_the_names_that_python_sees():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    seen = {
        (node.module.removeprefix("entropy_proofs."), alias.asname)
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert seen == {(module, name) for name, module in ep._MODULE_OF.items()}


def test_dir_lists_the_public_names():
    assert set(ep.__all__) <= set(dir(ep))
