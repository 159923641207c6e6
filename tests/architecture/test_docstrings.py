"""Public names say what they take and show it: every example in the package is run."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module

import pytest

import entropy_proofs as ep

OWN = {
    name: value
    for name in ep.__all__
    if getattr(value := getattr(ep, name), "__module__", "").startswith("entropy_proofs")
}
MODULES = sorted({value.__module__ for value in OWN.values()})


def test_every_public_name_has_an_example():
    without = [n for n, value in OWN.items() if ">>> " not in (inspect.getdoc(value) or "")]
    assert not without


def test_every_public_method_says_what_it_does():
    without = [
        f"{name}.{method}"
        for name, value in OWN.items()
        if inspect.isclass(value)
        for method, found in vars(value).items()
        if not method.startswith("_")
        and (inspect.isfunction(found) or isinstance(found, property))
        and not inspect.getdoc(getattr(value, method))
    ]
    assert not without


@pytest.mark.parametrize("module", MODULES)
def test_examples_show_what_happens(module):
    found = doctest.testmod(import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0
