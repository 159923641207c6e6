"""An ELBO, generated and written by hand for several libraries; and the race between them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

import jax
import numpy as np
import torch
from jax import numpy as jnp

import entropy_proofs as ep
from benchmarks.timing import Ratio, Result, check_agreement, race, ratio

jax.config.update("jax_enable_x64", True)
Arrays = Mapping[str, Any]
GENERATED, BY_HAND = "generated JAX", "hand-written JAX"
TORCH, PRODUCTS = "eager PyTorch", "its matrix products"
PRODUCTS_BY_TORCH = "its matrix products in PyTorch"
NUMPY, NUMPY_BY_HAND = "generated NumPy", "hand-written NumPy"


class Objective(ABC):
    """One ELBO with its gradient.

    Attributes:
        title: as the table shows it, with names for the sizes.
        model: of the catalogue.
        options: of `ep.compile`.
        fixed: the arrays that have no gradient.
        sizes: the dims, of each race.
        tiny: the dims for a test of the benchmark itself.
    """

    title: str
    model: str
    options: ClassVar[Mapping[str, Any]]
    fixed: frozenset[str] = frozenset({"x"})
    sizes: ClassVar[Sequence[Mapping[str, int]]]
    tiny: ClassVar[Mapping[str, int]]

    @abstractmethod
    def arrays(self, rng: np.random.Generator, sizes: Mapping[str, int]) -> dict[str, np.ndarray]:
        """The arguments of the generated functions."""

    @abstractmethod
    def jax(self, a: Arrays) -> Any:
        """The ELBO, to be differentiated by JAX."""

    @abstractmethod
    def torch(self, a: Arrays) -> Any:
        """The ELBO, to be differentiated by PyTorch."""

    @abstractmethod
    def numpy(self, a: Arrays) -> Result:
        """The ELBO and its gradient, derived by hand."""

    @abstractmethod
    def products(self, a: Arrays) -> Any:
        """The matrix products that the ELBO with its gradient can't do without, by JAX."""

    def products_by_torch(self, a: Arrays) -> Any:
        """The same by PyTorch."""
        return self.products(a)

    def titled(self, sizes: Mapping[str, int]) -> str:
        """The title with these sizes."""
        return self.title.format(**sizes)

    def sides(self, sizes: Mapping[str, int]) -> dict[str, Callable[[], Any]]:
        """What is raced; results that should agree are checked to."""
        values = self.arrays(np.random.default_rng(0), sizes)
        on_jax = {name: jnp.asarray(v) for name, v in values.items()}
        moving = {n: v for n, v in on_jax.items() if n not in self.fixed}
        still = {n: v for n, v in on_jax.items() if n in self.fixed}
        proof = ep.prove(ep.load(self.model))
        generated = {b: ep.compile(proof, b, **self.options) for b in ("numpy", "jax")}
        by_hand = jax.jit(jax.value_and_grad(lambda moving, still: self.jax({**moving, **still})))
        tensors = {
            name: torch.tensor(v, requires_grad=name not in self.fixed)
            for name, v in values.items()
        }
        products = jax.jit(self.products)
        sides = {
            GENERATED: lambda: generated["jax"].value_and_gradient(on_jax),
            BY_HAND: lambda: by_hand(moving, still),
            TORCH: lambda: self._by_torch(tensors),
            NUMPY: lambda: generated["numpy"].value_and_gradient(values),
            NUMPY_BY_HAND: lambda: self.numpy(values),
        }
        expected = sides[NUMPY_BY_HAND]()
        for name, run in sides.items():
            check_agreement(f"{self.titled(sizes)}, {name}", run(), expected)
        constant = {name: t.detach() for name, t in tensors.items()}
        return {
            **sides,
            PRODUCTS: lambda: products(on_jax),
            PRODUCTS_BY_TORCH: lambda: self.products_by_torch(constant),
        }

    def ratios(self, sizes: Mapping[str, int], repeats: int) -> list[Ratio]:
        """The four ratios of this objective."""
        seconds = race(self.sides(sizes), repeats)
        wanted = [
            (GENERATED, BY_HAND, 1.15, True),
            (TORCH, GENERATED, 2.2, False),
            (GENERATED, PRODUCTS, 4.0, True),
            (NUMPY, NUMPY_BY_HAND, 1.3, True),
        ]
        bounds = [ratio(seconds, TORCH, products) for products in (PRODUCTS, PRODUCTS_BY_TORCH)]
        by_jax, by_torch = (max(bound) for bound in bounds)
        limit = (
            f"code that did nothing but these matrix products would reach {by_jax:.2f} with JAX's"
            f" and {by_torch:.2f} with PyTorch's"
        )
        notes = {f"{TORCH} / {GENERATED}": limit}
        found = []
        for above, below, target, at_most in wanted:
            name = f"{above} / {below}"
            figures = ratio(seconds, above, below)
            note = notes.get(name, "")
            found.append(Ratio(self.titled(sizes), name, *figures, target, at_most, note))
        return found

    def _by_torch(self, tensors: Mapping[str, Any]) -> Result:
        moving = {n: t for n, t in tensors.items() if t.requires_grad}
        value = self.torch(tensors)
        gradient = torch.autograd.grad(value, list(moving.values()))
        return value.detach(), dict(zip(moving, gradient, strict=True))
