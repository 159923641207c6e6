"""Every backend has what the others have, or says what it lacks."""

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


def test_what_a_backend_serves():
    assert serving("compile") == ("numpy", "jax", "torch", "mpmath")
    assert serving("codegen") == ("numpy", "jax", "torch", "cupy")
    assert all(backend(name).module for name in serving("codegen"))
    with pytest.raises(ValueError, match="no backend 'fortran': choose from numpy, jax"):
        backend("fortran")
