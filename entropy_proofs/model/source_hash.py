"""What identifies a model's results: the text of its file, and the software that read it."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path

from entropy_proofs.files import read_bytes
from entropy_proofs.model import catalogue
from entropy_proofs.version import __version__


def model_hash(name_or_path: str | Path) -> str:
    """The hash of a model file and of what it imports from its own folder, in hexadecimal.

    A catalogue model differs from a copy of its file elsewhere: scikit-learn fits only the first.

    Raises:
        InputError: there is no such file.
    """
    path = catalogue.resolve(name_or_path)
    found = hashlib.sha256()
    found.update(b"catalogue" if path.parent == catalogue.folder() else b"file")
    for part in _with_local_imports(path):
        name = "" if part == path else part.relative_to(path.parent).as_posix()
        found.update(hashlib.sha256(name.encode()).digest())
        found.update(hashlib.sha256(read_bytes(part, catalogue.LONGEST)).digest())
    return found.hexdigest()


@cache
def software() -> str:
    """The versions that results depend on, with a hash of this package's own code.

    The hash tells two states of a checkout apart, whose version is the same.
    """
    package = Path(__file__).parents[1]
    code = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if "derivations" not in path.parts[len(package.parts) :]:
            code.update(path.relative_to(package).as_posix().encode())
            code.update(hashlib.sha256(path.read_bytes()).digest())
    others = ", ".join(f"{name} {version_of(name)}" for name in ("sympy", "numpy", "scipy"))
    return f"entropy-proofs {__version__} {code.hexdigest()[:12]}, {others}"


def _with_local_imports(path: Path) -> list[Path]:
    """The file, then the files beside it that it imports, directly or not, sorted."""
    seen = {path}
    todo = [path]
    while todo:
        for name in _imported(todo.pop()):
            for found in _files_of(path.parent, name):
                if found not in seen:
                    seen.add(found)
                    todo.append(found)
    return [path, *sorted(seen - {path})]


def _imported(path: Path) -> Iterator[str]:
    """The top-level names that a file imports."""
    try:
        tree = ast.parse(read_bytes(path, catalogue.LONGEST))
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # reported where the file is loaded
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _files_of(folder: Path, name: str) -> list[Path]:
    """The files of a module or a package in a folder; none if it is not there."""
    module = folder / f"{name}.py"
    return [path for path in [module] if path.is_file()] + sorted((folder / name).rglob("*.py"))
