"""A small site with all kinds of pages."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from entropy_proofs.atlas.pages import write_atlas
from entropy_proofs.atlas.recorded import recorded

ROOT = Path(__file__).parents[2]
#: The derivation of vae_1 stands on a page of its own.
MODELS = ("ppca", "vae_1", "student_t_known_dof")
FAMILIES = ("Gamma", "Normal", "Weibull")


@pytest.fixture(scope="session")
def site(manual, build_site: Callable[[], Path], built: Path) -> Path:
    """The manual, built before, and after it an atlas of a few models."""
    write_atlas(built / "docs/atlas", recorded(ROOT / "reports"), MODELS, FAMILIES)
    os.utime(built / "docs/index.md")  # which leads to the atlas where there is one
    return build_site()
