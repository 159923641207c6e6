"""The models that ship with the project, and model files anywhere else.

A catalogue model is a file in `derivations/`; its name is the file's stem. Looking names
and sources up reads the files as text, so that it is fast; only `load` runs one.
"""

from __future__ import annotations

import ast
import builtins
import re
import traceback
import warnings
from functools import lru_cache
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from entropy_proofs.errors import DIRECTED, InputError, about_arrays
from entropy_proofs.files import read_bytes, readable, shortened
from entropy_proofs.spelling import did_you_mean, meant

if TYPE_CHECKING:
    from entropy_proofs.model.model import Model


_TOO_DEEP = "expressions are nested too deeply for Python"
LONGEST = 2_000_000  # bytes of a model file
#: What other tools give by keyword, and how it is written here.
_KEYWORDS = (
    ("size sizes shape dim dims plate plates", "sizes go by place, as in: z, Normal(...), H"),
    ("positive nonnegative", 'write domain="positive"'),
    ("simplex", 'write domain="simplex"'),
    ("constraint support prior", "write domain=, one of real, positive, simplex, ..."),
    ("constant known trainable learned requires_grad", "write fixed=True for a known constant"),
)


def names() -> list[str]:
    """The names of all catalogue models, sorted."""
    return sorted(path.stem for path in folder().glob("[!_]*.py"))


def path_of(name: str) -> Path:
    """The file of a catalogue model.

    Raises:
        InputError: the catalogue has no model of this name.
    """
    known = names()
    if name in known:
        return folder() / f"{name}.py"
    hint = did_you_mean(name, known) or "; `entropy-proofs list` shows them all"
    raise InputError(f"no catalogue model and no file is called {shortened(name)!r}{hint}")


def source(name_or_path: str | Path) -> str:
    """The docstring of a model's file: its title, then the paper it comes from."""
    path = resolve(name_or_path)
    return ast.get_docstring(_parse(path, str(path))) or ""


def group(name: str) -> str:
    """The group that a catalogue model declares, read from its file without running it."""
    path = path_of(name)
    for node in ast.walk(_parse(path, str(path))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Model":
            for keyword in node.keywords:
                if keyword.arg == "group" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    return "models"


def load(name_or_path: str | Path) -> Model:
    """Run a model file, with the rights of who calls this, and return its `Model` named `model`.

    A file of the catalogue runs once in a process; each call returns a model of its own.

    Args:
        name_or_path: a catalogue name, or the path of a Python file.

    Raises:
        InputError: there is no such file, it fails, or it defines no `model`. The message
            names the file and, where there is one, the line.

    >>> import entropy_proofs as ep
    >>> ep.load("ppca").name
    'Probabilistic PCA'
    """
    from entropy_proofs.model.declared import snapshot

    path = resolve(name_or_path)
    shown = str(path) if Path(name_or_path) == path else f"derivations/{path.name}"
    text = read_bytes(path, LONGEST)
    if path.parent != folder():
        return _run(text, path, shown)
    model = snapshot(_of_catalogue(text, path, shown))
    model.stem = path.stem
    return model


def _run(text: bytes, path: Path, shown: str) -> Model:
    """The model that the text of a file declares."""
    from entropy_proofs.model.model import Model

    tree = _tree(text, path, shown)
    try:
        code = compile(tree, str(path), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise InputError(f"{shown}:{error.lineno or 1}: {_describe(error)}") from None
    except (RecursionError, MemoryError):
        raise InputError(f"{shown}: {_TOO_DEEP}") from None
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    try:
        exec(code, module.__dict__)
    except (Exception, SystemExit) as error:
        line = _line_in(path, error)
        message = str(error) if isinstance(error, InputError) else _describe(error)
        hint = _hint(error, tree, line, module)
        raise InputError(f"{shown}:{line}: {message}{hint}") from error
    if "model" not in module.__dict__:
        others = [name for name, value in vars(module).items() if isinstance(value, Model)]
        hint = f"; call {' or '.join(others)} so" if others else ""
        raise InputError(f"{shown}: defines no `model`{hint}")
    model = module.__dict__["model"]
    if not isinstance(model, Model):
        raise InputError(f"{shown}: `model` is a {type(model).__name__}, not a Model")
    return model


_of_catalogue = lru_cache(maxsize=256)(_run)


def folder() -> Path:
    """Where the catalogue is: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "derivations"
    return installed if installed.is_dir() else package.parent / "derivations"


def resolve(name_or_path: str | Path) -> Path:
    """The model file of a catalogue name or a path.

    Raises:
        InputError: there is no such file.
    """
    if not str(name_or_path):
        raise InputError("the name of the model is empty")
    path = Path(name_or_path)
    is_name = isinstance(name_or_path, str) and path.name == name_or_path and not path.suffix
    with readable(path):
        if is_name and (name_or_path in names() or not path.is_file()):
            return path_of(str(name_or_path))
        if path.is_dir():
            raise InputError(f"{shortened(path)}: is a folder, not a model file")
        path.stat()
    return path


def _parse(path: Path, shown: str) -> ast.Module:
    return _tree(read_bytes(path, LONGEST), path, shown)


def _tree(text: bytes, path: Path, shown: str) -> ast.Module:
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd escapes
            return ast.parse(text, filename=str(path))
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        raise InputError(f"{shown}{line}: {_describe(error)}") from error
    except (RecursionError, MemoryError):
        raise InputError(f"{shown}: {_TOO_DEEP}") from None
    except ValueError as error:
        raise InputError(f"{shown}: cannot be read: {_describe(error)}") from error


def _describe(error: BaseException) -> str:
    message = error.msg if isinstance(error, (SyntaxError, ImportError)) else str(error)
    message = re.sub(r" \(\S*\.py\)$", "", message)  # where a module lies
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def _hint(error: BaseException, tree: ast.Module, line: int, module: ModuleType) -> str:
    """The end of a message about a name that a model file has wrong."""
    from entropy_proofs import families
    from entropy_proofs.arrays import functions
    from entropy_proofs.model.model import Model

    public = ["Model", *families.__all__, *functions.__all__]
    message = str(error)
    if isinstance(error, NameError):
        if error.name in _assigned_from(tree, line):
            return f", which the file defines only later; {DIRECTED}"
        if error.name in public:
            return f"; add: from entropy_proofs import {error.name}"
        return meant(error.name, [*public, *module.__dict__, *dir(builtins)])
    if isinstance(error, ImportError) and "entropy_proofs" in (error.name or ""):
        wrong = re.search(r"cannot import name '(\w+)'", message)
        return meant(wrong[1], public) if wrong else ""
    called = re.search(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'", message)
    if isinstance(error, TypeError) and called:
        keywords = _arguments_of(called[1], Model)
        takes = f"; it takes {', '.join(keywords)}" if keywords else ""
        instead = next((hint for words, hint in _KEYWORDS if called[2] in words.split()), "")
        return takes + (f"; {instead}" if instead else did_you_mean(called[2], keywords))
    if isinstance(error, TypeError) and "Model.chain" in message:
        return "; as in: z, initial=Normal(...), transition=lambda previous: Normal(...), length=T"
    return about_arrays(error)


def _assigned_from(tree: ast.Module, line: int) -> set[str]:
    """The names that a file assigns on a line or below it."""
    stored = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return {n.id for n in stored if n.lineno >= line}


def _arguments_of(method: str, model: type) -> list[str]:
    """The names of the arguments of a model's method of this name."""
    found = getattr(model, method, None)
    parameters = signature(found).parameters.values() if callable(found) else ()
    return [p.name for p in parameters if p.name != "self" and p.kind is not p.VAR_POSITIONAL]


def _line_in(path: Path, error: BaseException) -> int:
    """The line of the model file at which an error arose."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path) and frame.lineno]
    return lines[-1] if lines else 1
