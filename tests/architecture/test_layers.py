"""The layers: imports run downward only, wherever they stand, and every room is of a size."""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from pathlib import PurePath

from architecture.package import MODULES, PACKAGE, graph, imported, lines

#: From the lowest to the highest; a module imports its own room and those above it in this table.
LAYERS = {
    "errors": "what is raised",
    "spelling": "what may be called what",
    "version": "the version",
    "files": "files written whole or not at all",
    "kernel": "what a proof rests on: statements, certificates, and whether they are true",
    "algebra": "normal forms of SymPy's expressions, for what proposes and what shows",
    "arrays": "what a user writes expressions with: arrays, indices, functions",
    "expressions": "the classes of results' expressions, by their public names",
    "printing": "expressions as text and LaTeX",
    "document": "documents, and how each format writes them",
    "notebook": "how objects show themselves in a notebook",
    "families": "distributions, their supports and domains",
    "model": "what a user declares, and its statement for the kernel",
    "search": "proposals of identities",
    "proof": "records of results",
    "code": "expressions as array code for every backend",
    "optimise": "one protocol for all that climbs or solves",
    "q": "variational distributions",
    "expectation": "expectations under them",
    "evaluate": "a model's functions of arrays",
    "judge": "whether a declaration or a proposal is true",
    "equality": "whether two expressions are equal",
    "refute": "witnesses that something is false",
    "claims": "hand-derived results, judged",
    "objective": "parameters eliminated at their optima",
    "updates": "EM: what each block of parameters and each q is at its optimum",
    "derivation": "a proof as the appendix of a paper",
    "proving": "the questions that may be asked of a model",
    "data": "real data sets and files",
    "points": "stationary points on data",
    "enclosures": "stationary points proved to exist",
    "sweeps": "many models, many points, one file",
    "export": "results as tables, text, JSON and pictures",
    "learn": "estimators",
    "adapters": "fitted estimators of other libraries, as models with numbers",
    "audits": "whether fitted models have converged",
    "standalone": "modules of generated code",
    "reporting": "what `make report` writes",
    "atlas": "what `make atlas` writes",
    "cli": "the commands",
}
ORDER = list(LAYERS)
LIMIT = 0.12  # of the package's lines in one folder
MOST, MOST_AT_ROOT = 12, 6  # modules in one folder


def room(name: str) -> str:
    return name.partition(".")[0]


def test_every_module_is_in_a_layer():
    rooms = "\n".join(f"  {room}/: {what}" for room, what in LAYERS.items())
    stray = [name for name in MODULES if name and room(name) not in LAYERS]
    assert not stray, f"{stray}: in no layer; the rooms, lowest first:\n{rooms}"


def test_imports_run_downward():
    upward = [
        f"{name} imports {other}: {room(other)}/ lies above {room(name)}/"
        for name, others in graph().items()
        if name
        for other in others - {""}
        if ORDER.index(room(other)) > ORDER.index(room(name))
    ]
    assert not upward, "\n".join(upward)


def test_nothing_imports_the_table_of_public_names():
    assert not [name for name, others in graph().items() if "" in others]


def test_no_imports_in_a_circle():
    remaining = {name: others for name, others in graph().items() if name}
    while remaining:
        leaves = {name for name, others in remaining.items() if not others & set(remaining)}
        assert leaves, f"these import each other in a circle: {sorted(remaining)}"
        remaining = {name: others for name, others in remaining.items() if name not in leaves}


def test_no_room_is_too_large():
    sizes, counts = Counter(), Counter()
    for path in MODULES.values():
        folder = path.parent.relative_to(PACKAGE)
        sizes[folder] += lines(path)
        counts[folder] += path.name != "__init__.py"
    whole = sum(sizes.values())
    too_long = {
        f"{f}/: {n / whole:.0%} of all lines" for f, n in sizes.items() if n > LIMIT * whole
    }
    too_many = {
        f"{f}/: {n} modules"
        for f, n in counts.items()
        if n > (MOST_AT_ROOT if f == PurePath(".") else MOST)
    }
    assert not too_long | too_many


def test_files_are_short():
    assert not {name: n for name, path in MODULES.items() if (n := lines(path)) > 600}


def test_no_two_modules_have_one_name():
    places = defaultdict(list)
    for name, path in MODULES.items():
        if not path.stem.startswith("__"):
            places[path.stem].append(name)
    assert not {stem: names for stem, names in places.items() if len(names) > 1}


def test_no_two_public_classes_have_one_name():
    places = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert not {cls: names for cls, names in places.items() if len(names) > 1}


def test_the_kernel_imports_the_standard_library_and_flint_alone():
    kernel = [name for name in MODULES if room(name) == "kernel"]
    assert len(kernel) > 10
    for name in kernel:
        outside = {other.partition(".")[0] for other in imported(MODULES[name])}
        assert outside <= sys.stdlib_module_names | {"flint", "entropy_proofs"}, name
        assert {room(other) for other in graph()[name]} <= {"kernel"}, name


def test_the_package_never_imports_the_catalogue():
    for name, path in MODULES.items():
        assert not {n for n in imported(path) if n.partition(".")[0] == "derivations"}, name
