"""Every backend has what the others have, or says what it lacks."""

import numpy as np
import pytest

from entropy_proofs.code.backends import backend, serving
from entropy_proofs.code.backends.target import COMMON

RUN = [*serving("compile"), *serving("enclose")]


@pytest.mark.parametrize("name", RUN)
def test_what_is_called_can_be_called(name):
    runtime = backend(name).load()
    for function in COMMON:
        code = backend(name).code(function)
        assert code is not None
        assert callable(eval(code, dict(runtime.scope)))
        assert callable(runtime.functions[function])


@pytest.mark.parametrize("name", serving("compile"))
@pytest.mark.parametrize("axis", [0, 1])
def test_zeros_are_put_around_one_axis_alone(name, axis):
    runtime = backend(name).load()
    array = runtime.functions["arange"](6).reshape(2, 3)
    padded = np.array(runtime.functions["pad"](array, axis, 1, 2).tolist(), dtype=float)
    widths = [(1, 2) if k == axis else (0, 0) for k in (0, 1)]
    np.testing.assert_array_equal(padded, np.pad(np.arange(6).reshape(2, 3), widths))


def test_what_a_backend_serves():
    assert serving("compile") == ("numpy", "jax", "torch", "mpmath")
    assert serving("codegen") == ("numpy", "jax", "torch", "cupy")
    assert all(backend(name).module for name in serving("codegen"))
    with pytest.raises(ValueError, match="no backend 'fortran': choose from numpy, jax"):
        backend("fortran")
