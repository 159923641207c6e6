"""Generated modules, run from their text, and random arguments for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import jax
import numpy as np

import entropy_proofs as ep
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.evaluate.random_values import random_instance
from entropy_proofs.model import catalogue
from entropy_proofs.standalone.dimensions import Arguments, arguments

jax.config.update("jax_enable_x64", True)

BACKENDS = ("numpy", "jax", "torch")
NAMES = catalogue.names()
SIZE = 2  # of everything, so that JAX compiles each operation once


@dataclass(frozen=True)
class Case:
    """A proof at a random point.

    code: the engine's own, compiled once.
    sizes, arrays: by the model's names, as `ProofCode` wants them.
    given: the same by the module's argument names.
    """

    proof: Any
    code: ProofCode
    sizes: dict[str, int]
    arrays: dict[str, Any]
    arguments: Arguments
    given: dict[str, Any]

    def renamed(self, values: dict[str, Any]) -> dict[str, Any]:
        """Results by the module's names."""
        names = self.arguments.identifiers
        return {names[k]: np.asarray(v) for k, v in values.items() if k in self.arrays}


def run(source: str) -> ModuleType:
    module = ModuleType("generated")
    exec(compile(source, "generated", "exec"), module.__dict__)
    return module


def case(model: ep.Model, seed: int = 0, size: int = SIZE) -> Case:
    proof = ep.prove(model)
    code = ProofCode(proof)
    rng = np.random.default_rng(seed)
    sizes = {**dict.fromkeys(model.dims_, size), POINTS.name: 2, SAMPLES.name: SIZE}
    arrays = random_instance(code, rng, sizes)
    shared = arguments(code)
    names = shared.identifiers
    given = {names[name]: arrays[name] for name in (*shared.arrays, "weights")}
    given |= {names[name]: n for name, n in sizes.items() if names.get(name) in shared.counts}
    return Case(proof, code, sizes, arrays, shared, given)


@cache
def catalogue_case(name: str) -> Case:
    return case(catalogue.load(name))


@cache
def source(name: str, backend: str) -> str:
    return ep.codegen(catalogue_case(name).proof, backend)


@cache
def generated(name: str, backend: str) -> ModuleType:
    return run(source(name, backend))


def has_identity(proof: Any) -> bool:
    return any(term.holds for term in proof.terms)


def assert_close(found: Any, expected: Any, tolerance: float, scale: float = 1.0) -> None:
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    scale = max(scale, np.max(np.abs(expected), initial=0.0))
    assert np.max(np.abs(found - expected), initial=0.0) <= tolerance * scale
