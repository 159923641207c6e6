"""Modules for CuPy, which is not installed here: they run on NumPy, whose names it shares."""

from __future__ import annotations

import re
import sys
from types import ModuleType

import numpy as np
import pytest
from scipy import special

import entropy_proofs as ep

from .modules import assert_close, catalogue_case, generated, run, source
from .test_source import assert_tidy

NAMES = ("ppca", "gaussian_mixture", "von_mises_mixture", "gamma_gamma", "vae_1")
SPECIAL = {  # of cupyx.scipy.special
    *("digamma", "erf", "gamma", "gammaln", "i0e", "i1e", "logsumexp", "polygamma"),
}


@pytest.fixture
def cupy(monkeypatch):
    """NumPy in its place, with as many special functions as CuPy has."""
    theirs = ModuleType("cupyx.scipy")
    theirs.special = ModuleType("cupyx.scipy.special")
    for name in SPECIAL:
        setattr(theirs.special, name, getattr(special, name))
    for name, module in (("cupy", np), ("cupyx", ModuleType("cupyx")), ("cupyx.scipy", theirs)):
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.parametrize("name", NAMES)
def test_modules_for_cupy(name, cupy):
    code = source(name, "cupy")
    assert_tidy(code)
    assert re.search(r"^import cupy as np$", code, re.MULTILINE)
    assert "import numpy as" not in code
    given, module, ours = catalogue_case(name).given, run(code), generated(name, "numpy")
    assert_close(module.elbo(**given), ours.elbo(**given), 1e-12)
    assert_close(module.gap(**given), module.directional_derivative(**given), 1e-10, 10)
    for key, slope in ours.gradient(**given).items():
        assert_close(module.gradient(**given)[key], slope, 1e-12)


def test_nothing_is_run_on_cupy():
    with pytest.raises(ep.InputError, match="backend 'cupy' is none of numpy, jax, torch, mpmath"):
        ep.compile(ep.prove(ep.load("ppca")), "cupy")
