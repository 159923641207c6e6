"""Heavy libraries load when they are used, and public names are what they are."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import entropy_proofs as ep
from architecture.package import MODULES, PACKAGE

pytestmark = pytest.mark.end_to_end

HEAVY = ("sympy", "numpy", "scipy", "sklearn", "matplotlib", "rich", "flint", "mpmath")


ALONE = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top, _, rest = name.partition(".")
        inside = top != "entropy_proofs" or not rest or rest.partition(".")[0] == "kernel"
        inside = inside or name == "entropy_proofs.version"
        if not inside or top not in sys.stdlib_module_names | {"flint", "entropy_proofs"}:
            raise ModuleNotFoundError(f"the kernel imports {name}", name=name)

sys.meta_path.insert(0, Refuse())
sys.argv = ["kernel", *sys.argv[1:]]
import runpy
runpy.run_module("entropy_proofs.kernel", run_name="__main__", alter_sys=False)
"""


def test_the_kernel_checks_a_file_where_nothing_else_is_installed():
    files = sorted(
        Path(__file__).parents[1].joinpath("must_fail/certificates/right").glob("*.json")
    )
    done = subprocess.run(
        [sys.executable, "-c", ALONE, *map(str, files)], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(": verified, ") == len(files) >= 20


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.mark.parametrize(
    "code",
    [
        "import entropy_proofs",
        "import entropy_proofs.cli.commands",
        "from entropy_proofs.model import catalogue; [catalogue.source(n) for n in catalogue.names()]",
    ],
)
def test_light_use_loads_no_heavy_library(code):
    loaded = run_python(f"{code}\nimport sys\nprint(*sys.modules)").split()
    assert not set(HEAVY) & set(loaded)


REFUSE = """
import importlib.abc, sys

class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"numpy", "scipy", "sklearn", "matplotlib"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Refuse())
"""
COMMAND = """
import sys
sys.argv = ["entropy-proofs", *{arguments!r}]
from entropy_proofs.cli.commands import main
main()
"""


def test_proving_loads_no_numeric_library():
    code = """
import entropy_proofs as ep
from entropy_proofs.export.text import proof_text

proof = ep.prove(ep.load("ppca"))
proof.entropy_sum, proof.field, proof.claims, proof_text(proof)
import sys
print(*sys.modules)
"""
    loaded = run_python(code).split()
    assert not {"numpy", "scipy", "sklearn", "matplotlib"} & set(loaded)


def without_numbers(*arguments: str) -> subprocess.CompletedProcess[str]:
    """A command where no numeric library is installed."""
    code = REFUSE + COMMAND.format(arguments=arguments)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_proving_needs_no_numeric_library():
    done = without_numbers("prove", "ppca")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Probabilistic PCA: proved" in done.stdout
    assert "D*log(2*π*e*sigma2)/2" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["prove", "noisy_or"], "checking that probability is in its domain, 'unit interval', needs numpy"),
        (["prove", "log_normal_distribution"], "checking that its density integrates to one needs numpy"),
        (["prove", "vae_0", "--counterexample"], "needs numpy, which is not installed"),
        (["verify", "ppca"], "numpy is not installed"),
    ],
)  # fmt: skip
def test_where_numbers_are_needed_one_line_says_so(arguments, says):
    done = without_numbers(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr


def test_what_is_not_excluded_for_want_of_numbers_is_not_refuted():
    done = without_numbers("prove", "student_t_known_dof")
    assert done.returncode == 3
    assert "undecided" in done.stdout
    assert "excluding one needs numpy, which is not installed" in " ".join(done.stdout.split())


def test_help_loads_next_to_nothing():
    """No heavy library, and of the package only what declares the commands."""
    code = COMMAND.format(arguments=["--help"]).replace(
        "main()", "try: main()\nexcept SystemExit as exited: assert exited.code == 0"
    )
    loaded = run_python(f"{code}\nprint(*sys.modules)").splitlines()[-1].split()
    own = {name for name in loaded if name.partition(".")[0] == "entropy_proofs"}
    assert not set(HEAVY) & set(loaded)
    assert "entropy_proofs.cli.commands" in own
    others = {name for name in own if not name.startswith("entropy_proofs.cli")}
    assert others == {
        "entropy_proofs",
        "entropy_proofs.code",
        "entropy_proofs.code.backends",  # whose table says which there are
        "entropy_proofs.document",
        "entropy_proofs.document.formats",  # whose table says which there are
        "entropy_proofs.document.page",
        "entropy_proofs.errors",
        "entropy_proofs.export",
        "entropy_proofs.export.charset",
        "entropy_proofs.files",
        "entropy_proofs.model",
        "entropy_proofs.model.catalogue",
        "entropy_proofs.spelling",
        "entropy_proofs.version",
    }


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
