"""Modules of catalogue models: what the engine computes in process, and autograd.

Those of backends other than NumPy share all but the names of functions: of fewer models.
"""

from __future__ import annotations

import ast

import numpy as np
import pytest
import torch
from catalogue.spread import CALLS, LONG, MODELS

from .modules import BACKENDS, NAMES, assert_close, catalogue_case, generated, has_identity, source

CASES = [
    (name, backend)
    for name in MODELS
    for backend in (BACKENDS if LONG or name in CALLS else BACKENDS[:1])
]
by_name = pytest.mark.parametrize("name", MODELS)
TOLERANCE = {"numpy": 1e-12, "jax": 1e-11, "torch": 1e-11}  # special functions differ in digits


@pytest.mark.parametrize(("name", "backend"), CASES)
def test_the_functions_are_the_engines(name, backend):
    at, module, tolerance = catalogue_case(name), generated(name, backend), TOLERANCE[backend]
    code = at.code
    assert_close(module.elbo(**at.given), code.elbo(at.sizes, at.arrays), tolerance)
    gradient = module.gradient(**at.given)
    expected = at.renamed(code.gradients(at.sizes, at.arrays))
    assert set(gradient) == set(expected)
    for key, slope in gradient.items():
        assert_close(slope, expected[key], tolerance)
    if not has_identity(at.proof):
        assert sorted(module.__all__) == ["elbo", "gradient"]
        assert "no entropy sum exists" in module.__doc__
        return
    found = code.identity(at.sizes, at.arrays)
    for function, value in [
        (module.entropy_sum, found.entropy_sum),
        (module.gap, found.gap),
        (module.directional_derivative, found.predicted_gap),
        (module.gap, module.directional_derivative(**at.given)),
    ]:
        assert_close(function(**at.given), value, tolerance, float(found.scale))
    direction = module.direction(**at.given)
    expected = at.renamed(code.direction(at.sizes, at.arrays))
    assert set(direction) == set(expected)
    for key, along in direction.items():
        assert_close(along, expected[key], tolerance)


@by_name
def test_autograd_finds_the_gradient(name):
    """Automatic differentiation of the generated ELBO shares nothing with the gradient's code."""
    at, module = catalogue_case(name), generated(name, "torch")
    moving = {
        key: torch.tensor(np.asarray(at.given[key]), dtype=torch.float64, requires_grad=True)
        for key in module.gradient(**at.given)
    }
    module.elbo(**{**at.given, **moving}).backward()
    for backend in ("numpy", "torch"):
        for key, slope in generated(name, backend).gradient(**at.given).items():
            grad = moving[key].grad
            expected = np.zeros(moving[key].shape) if grad is None else grad.numpy()
            assert_close(slope, expected, 1e-10)


def called(name: str, backend: str) -> set[str]:
    """The functions and operators of a module; of what libraries have, with the library's name."""
    tree = ast.parse(source(name, backend))
    imports = (n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))
    libraries = {alias.asname or alias.name for n in imports for alias in n.names}
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            written = ast.unparse(node.func)
            path, _, method = written.rpartition(".")
            of_library = (
                path.replace(".", "").isidentifier() and path.partition(".")[0] in libraries
            )
            found.add(written if of_library else method)
        elif isinstance(node, ast.BinOp | ast.UnaryOp):
            found.add(type(node.op).__name__)
    return found


if LONG:

    @pytest.mark.parametrize("backend", BACKENDS)
    def test_some_models_call_whatever_any_model_calls(backend):
        tried = set().union(*(called(name, backend) for name in CALLS))
        missing = {name: called(name, backend) - tried for name in NAMES}
        assert not {name: found for name, found in missing.items() if found}
