"""What is said besides expressions; the examples of all that writes it are run."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs.model.paper.sets import membership
from entropy_proofs.notebook.statements import derivative, law

MODULES = ("notebook.statements", "model.paper.sets", "model.paper.generative", "proof.directions")


@pytest.mark.parametrize("module", MODULES)
def test_examples(module):
    found = doctest.testmod(import_module(f"entropy_proofs.{module}"))
    assert found.attempted
    assert found.failed == 0


def test_a_law_names_its_family():
    a, b = sp.symbols("a b")
    assert law("Gamma", {"shape": a, "rate": b}).latex == r"\operatorname{Gamma}(a, b)"
    assert law("MultivariateNormal", {"mean": a}).latex == r"\mathcal{N}(a)"


def test_the_derivative_by_an_array_has_its_indices():
    model = ep.Model("m")
    (n,) = (model.dims("n"),)
    v = model.parameter("v", n)
    assert derivative(v, v, "=", 0).latex == (
        r"\frac{\partial\mathcal{F}}{\partial\mathbf{v}} = \mathbf{v} = 0"
    )


@pytest.mark.parametrize(
    ("declared", "shape", "written"),
    [
        ("real", (), r"a \in \mathbb{R}"),
        ("real", ("D", "D"), r"\mathbf{a} \in \mathbb{R}^{D \times D}"),
        ("positive", ("D",), r"\mathbf{a} \in \mathbb{R}_{>0}^{D}"),
        ("unit interval", (), r"a \in (0,\,1)"),
        ("simplex", ("D",), r"\mathbf{a} \in \Delta^{D - 1}"),
        ("simplex", ("H", "D"), r"\mathbf{a} \in (\Delta^{D - 1})^{H}"),
        ("positive definite", ("D", "D"), r"\mathbf{a} \in \mathbb{S}_{\text{++}}^{D}"),
        (
            "unit columns",
            ("D", "H"),
            r"\mathbf{a} \in \mathbb{R}^{D \times H}\text{ with columns of norm one}",
        ),
    ],
)
def test_domains(declared, shape, written):
    model = ep.Model("m")
    dims = dict(zip("DH", model.dims("D", "H"), strict=True))
    model.parameter("a", *(dims[n] for n in shape), domain=declared)
    p = model.parameters["a"]
    assert membership(p.label, p.shape, p.domain).latex == written
