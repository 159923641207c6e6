"""A small site with all kinds of pages, built once."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from entropy_proofs.atlas.pages import write_atlas
from entropy_proofs.atlas.recorded import recorded

ROOT = Path(__file__).parents[2]
#: The linear dynamical system's derivation stands on a page of its own.
MODELS = ("ppca", "vae_1", "linear_dynamical_system_inputs", "student_t_known_dof")
FAMILIES = ("Gamma", "Normal", "Weibull")


@pytest.fixture(scope="session")
def site(tmp_path_factory, sphinx) -> Path:
    """The manual with an atlas of a few models; everything but docs/ is that of the repository."""
    root = tmp_path_factory.mktemp("root")
    for part in ROOT.iterdir():
        if part.name not in {"docs", "build", ".git", ".venv"}:
            (root / part.name).symlink_to(part)
    shutil.copytree(ROOT / "docs", root / "docs", ignore=shutil.ignore_patterns("atlas"))
    write_atlas(root / "docs/atlas", recorded(ROOT / "reports"), MODELS, FAMILIES)
    command = [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    done = subprocess.run(
        [*command, "docs", "site"], cwd=root, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return root / "site"
