"""Optional tools: a test that needs one asks for its fixture, and is skipped where it is missing.

In CI, which installs them, a missing tool is a failure.
"""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest

# Tests compile for JAX what they run a few times: optimising it takes longer than it saves, and
# its newer way to write loops makes more for LLVM to read.
os.environ.setdefault(
    "XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false"
)
if "PYTEST_XDIST_WORKER" in os.environ:  # whose number is that of the cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]
#: What a test is, by the fixtures that it asks for.
MARKERS = {"pdflatex": "latex", "chromium": "browser", "build_site": "end_to_end"}
PACKAGES = ("amsmath", "booktabs", "geometry", "hyperref", "lmodern", "longtable")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported and collected stays, so it is not looked through for garbage."""
    from entropy_proofs.proving.processes import collect_seldom

    gc.disable()
    try:
        return (yield)
    finally:
        collect_seldom()
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)  # around xdist, which reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks tests by the tools they need, and says which share a worker.

    Those with the name of a catalogue model among their parameters: it proves the model once for
    them, and shows and compiles it once. Those of many models, likewise. Others with their module's.
    """
    models = {path.stem for path in (ROOT / "derivations").glob("[!_]*.py")}
    for item in items:
        given = getattr(item, "callspec", None)
        asked = set(getattr(item, "fixturenames", ())) - set(given.params if given else ())
        if "every_proof" in asked:
            item.add_marker(pytest.mark.xdist_group("every proof"))
        named = [v for v in given.params.values() if isinstance(v, str)] if given else []
        model = next((name for name in named if name in models), None)
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(
                pytest.mark.xdist_group(model or item.path.relative_to(ROOT).as_posix())
            )
        for fixture, marker in MARKERS.items():
            if fixture in asked:
                item.add_marker(marker)
    result = yield
    for item in items:
        keep_group(item)
    return result


def keep_group(item: pytest.Item) -> None:
    """Lets the scheduler see the group that xdist wrote into the test's id.

    xdist 3.8 writes it where pytest reads ids no more since 9.2, so that each worker got some tests
    of every group: https://github.com/pytest-dev/pytest-xdist/issues/1386.
    """
    written = vars(item).get("_nodeid")
    if written and written != item.nodeid:
        item._id = type(item.id).parse(written)


def missing(tool: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{tool} is missing, which CI installs")
    pytest.skip(f"{tool} is missing")


@pytest.fixture(scope="session")
def every_proof() -> dict[str, int]:
    """Proves models anew, for all that asks for these proofs; how many calls each took."""
    from catalogue.spread import MODELS
    from counting import calls

    import entropy_proofs as ep
    from entropy_proofs.proving.proof import PROOFS

    PROOFS.clear()
    return {name: calls(ep.prove, ep.load(name))[1] for name in MODELS}


@pytest.fixture(scope="session")
def pdflatex() -> Callable[[Path], str]:
    """Compiles a document, which must succeed, and returns the log."""
    if shutil.which("pdflatex") is None:
        missing("pdflatex")
    for package in PACKAGES:
        if subprocess.run(["kpsewhich", f"{package}.sty"], capture_output=True).returncode:
            missing(f"the LaTeX package {package}")
    return compiled


@pytest.fixture(scope="session")
def ipython() -> None:
    """IPython, and what runs notebooks with it."""
    for name in ("IPython", "ipykernel", "nbclient"):
        library(name)


@pytest.fixture(scope="session")
def sphinx() -> None:
    """What the site is built with."""
    for name in ("sphinx", "furo", "myst_nb", "latex2mathml"):
        library(name)


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """The repository with a copy of docs/ that has no atlas yet; all else is where it was."""
    root = tmp_path_factory.mktemp("root")
    for part in ROOT.iterdir():
        if part.name not in {"docs", "build", ".git", ".venv"}:
            (root / part.name).symlink_to(part)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("atlas"))
    return root


@pytest.fixture(scope="session")
def build_site(built, sphinx) -> Callable[[], Path]:
    """Builds the site of that, and what is new of it when it was built before, as `make` does."""

    def site() -> Path:
        command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
        done = subprocess.run(
            [*command, "docs", "site"], cwd=built, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return built / "site"

    return site


@pytest.fixture(scope="session")
def manual(build_site, tmp_path_factory) -> Path:
    """The site without an atlas.  Tests that ask for a site share a worker: `xdist_group`."""
    folder = tmp_path_factory.mktemp("manual") / "site"
    return Path(shutil.copytree(build_site(), folder, ignore=shutil.ignore_patterns(".doctrees")))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path; Playwright and axe drive it."""
    for name in ("playwright", "axe_playwright_python"):
        library(name)
    return shutil.which("chromium") or missing("chromium")


@pytest.fixture(scope="session")
def hmmlearn() -> Any:
    """hmmlearn's models."""
    return library("hmmlearn.hmm")


@pytest.fixture(scope="session")
def statsmodels() -> Any:
    """statsmodels' interface, with its models of time series."""
    return library("statsmodels.api")


@pytest.fixture(scope="session")
def pomegranate() -> Any:
    """pomegranate's distributions."""
    return library("pomegranate.distributions")


@pytest.fixture(scope="session")
def readers() -> None:
    """pyarrow and safetensors, which read their formats."""
    for name in ("pyarrow", "safetensors"):
        library(name)


def library(name: str) -> Any:
    if find_spec(name.partition(".")[0]) is None:
        missing(name.partition(".")[0])
    return import_module(name)


def compiled(document: Path) -> str:
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", document.name],
        cwd=document.parent,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert document.with_suffix(".pdf").is_file()
    return done.stdout
