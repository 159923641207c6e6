"""`compile`: a proof's functions of arrays, for any sizes, over batches of any length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.errors import InputError
from entropy_proofs.numeric.batch import POINTS, SAMPLES, WEIGHTS, AnalyticBatch, Batch
from entropy_proofs.numeric.evaluate import ProofCode
from entropy_proofs.numeric.instance import number

if TYPE_CHECKING:
    from entropy_proofs.model import Model
    from entropy_proofs.proof import Proof

EXPECTATIONS = ("samples", "analytic", "quadrature")
COVARIANCES = ("diagonal", "full")


class Functions:
    """F, S, F - S, ∇F and v·∇F of a proof, as functions of arrays; all in nats per data point.

    Every function takes the arrays by name, as keywords or as one mapping (names such as "z.mean"
    are no keywords); `arguments` lists them with their shapes.  Sizes are read off the arrays; one
    that no array shows is an argument too.
    With expectation="samples" a latent is an array (N, S, ...) of samples, shared by F, S and ∇F;
    their "weights" (N, S) are 1/S if not given, and F and S leave H[q] out.  Otherwise q is given
    by its own arrays, and F and S contain H[q].

    Attributes:
        arguments: name -> shape; "N" is the number of data points, "S" of samples.
    """

    def __init__(self, code: ProofCode, chunk: int | None):
        self._code, self._chunk = code, chunk
        self._shapes = {label.name: shape for label, shape in code.batch.shapes().items()}
        self._dims = code.model.dims_
        self._rule = code.batch.rule()

    @property
    def arguments(self) -> dict[str, tuple[Expr, ...]]:
        shown = {POINTS: Symbol("N"), SAMPLES: Symbol("S")}
        return {
            name: tuple(sp.sympify(n).xreplace(shown) for n in shape)
            for name, shape in self._shapes.items()
            if name not in self._rule
        }

    def elbo(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """F."""
        return self._averaged(self._code.elbo, arrays, named)

    def entropy_sum(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """S, what F equals at stationary points."""
        return self._averaged(self._code.entropy_sum, arrays, named)

    def gap(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """F - S."""
        return self._averaged(self._code.gap, arrays, named)

    def directional_derivative(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> Any:
        """v·∇F, along the field on the parameters and the flow on q; it equals F - S."""
        return self._averaged(self._code.directional_derivative, arrays, named)

    def value_and_gradient(
        self, arrays: Mapping[str, Any] | None = None, **named: Any
    ) -> tuple[Any, dict[str, Any]]:
        """F, and dF/d of every learned parameter and every array of q, by name.

        Elements of an array are varied independently, those of a symmetric matrix too.
        """
        values, found = self._given(arrays, named), []
        for part, share in self._chunks(values):
            gradients = dict(self._code.gradients(self._sizes(part), part))
            found.append((share, gradients.pop("elbo"), gradients))
        if len(found) == 1:
            return found[0][1], found[0][2]
        value = sum(share * f for share, f, _ in found)
        gradient = {
            name: np.concatenate([share * g[name] for share, _, g in found])
            if self._by_point(name)
            else sum(share * g[name] for share, _, g in found)
            for name in found[0][2]
        }
        return value, gradient

    def gradient(self, arrays: Mapping[str, Any] | None = None, **named: Any) -> dict[str, Any]:
        """The second part of `value_and_gradient`."""
        return self.value_and_gradient(arrays, **named)[1]

    # inputs -----------------------------------------------------------------------------------
    def _averaged(
        self, function: Callable[..., Any], arrays: Mapping[str, Any] | None, named: dict[str, Any]
    ) -> Any:
        """An average over the data, chunk by chunk."""
        values = self._given(arrays, named)
        parts = [share * function(self._sizes(v), v) for v, share in self._chunks(values)]
        return sum(parts[1:], start=parts[0])

    def _given(self, arrays: Mapping[str, Any] | None, named: dict[str, Any]) -> dict[str, Any]:
        values = {**(arrays or {}), **named}
        taken = self._shapes.keys() - self._rule.keys()
        unknown = sorted(values.keys() - taken - self._dims.keys())
        if unknown:
            raise InputError(f"{unknown[0]}: not an argument; they are {', '.join(self.arguments)}")
        values |= self._code.batch.rule(exact=True) if self._code.exact else self._rule
        if WEIGHTS.name in self._shapes and WEIGHTS.name not in values:
            values[WEIGHTS.name] = self._uniform(values)
        missing = [name for name in self._shapes if name not in values]
        if missing:
            raise InputError(f"{missing[0]}: not given")
        for name, value in values.items():
            if name in self._shapes and np.ndim(value) != len(self._shapes[name]):
                shown = ", ".join(map(str, self.arguments[name]))
                raise InputError(
                    f"{name}: an array of shape ({shown}) is wanted, not of {np.shape(value)}"
                )
        return values

    def _uniform(self, values: Mapping[str, Any]) -> Any:
        for name, value in values.items():
            shape = self._shapes.get(name, ())
            if shape[:2] == (POINTS, SAMPLES):
                points, samples = np.shape(value)[:2]
                return np.full((points, samples), 1 / samples)
        points = next((len(v) for n, v in values.items() if self._by_point(n)), 1)
        return np.ones((points, 1))

    def _by_point(self, name: str) -> bool:
        return self._shapes.get(name, ())[:1] == (POINTS,)

    def _points(self, values: Mapping[str, Any]) -> int:
        return next((len(v) for name, v in values.items() if self._by_point(name)), 1)

    def _chunks(self, values: dict[str, Any]) -> Iterator[tuple[dict[str, Any], float]]:
        """Runs of data points, and the share of each in the average."""
        points = self._points(values)
        step = self._chunk or points
        if step >= points:
            yield values, 1.0
            return
        for start in range(0, points, step):
            stop = min(start + step, points)
            part = {n: v[start:stop] if self._by_point(n) else v for n, v in values.items()}
            yield part, (stop - start) / points

    def _sizes(self, values: Mapping[str, Any]) -> dict[str, int]:
        """The dims that the arrays' shapes show; every array must agree."""
        sizes = {name: int(values[name]) for name in self._dims if name in values}
        named = [(name, shape) for name, shape in self._shapes.items() if name in values]
        for name, shape in named:
            for n, size in zip(shape, np.shape(values[name]), strict=True):
                if isinstance(n, Symbol) and sizes.setdefault(n.name, size) != size:
                    raise InputError(f"{name}: {n} is {size} here, but {sizes[n.name]} elsewhere")
        for name, shape in named:
            for n, size in zip(shape, np.shape(values[name]), strict=True):
                if symbols_in(n) <= {Symbol(s, integer=True, positive=True) for s in sizes}:
                    wanted = int(number(n, sizes))
                    if wanted != size:
                        raise InputError(f"{name}: {n} is {wanted}, but the array has {size}")
        unseen = sorted(self._dims.keys() - sizes.keys())
        if unseen:
            raise InputError(f"{unseen[0]}: no array shows this size, so it must be given")
        return {POINTS.name: 1, SAMPLES.name: 1, **sizes}


def compile(
    proof: Proof,
    backend: str = "numpy",
    expectation: str = "samples",
    covariance: str = "diagonal",
    chunk: int | None = None,
    nodes: int = 32,
) -> Functions:
    """F, S, F - S, ∇F and v·∇F of a proof as functions of arrays, for any sizes.

    Args:
        backend: "numpy", "jax", "torch" (all float64) or "mpmath" (the working precision).
        expectation: "samples": E_q is a weighted average over given samples, for any q;
            "analytic": in closed form: q normal of real latents, gamma, inverse gamma or (where a
            model calls for z and 1/z) log-normal of positive ones, beta in the unit interval,
            Dirichlet on the simplex, and probabilities of discrete ones;
            "quadrature": in closed form where there is one, else by Gauss-Hermite nodes over one
            or two affine functions of normal latents.
        covariance: of q of real latents: "diagonal", or "full" for vectors.
        chunk: at most so many data points at once, which bounds the memory.
        nodes: of the quadrature, 1 to 128, for each affine function.

    F - S = v·∇F holds to rounding with each choice: nodes move along with q, and the identity holds
    at each.  With "quadrature" that asks that what cancels was averaged in one way; else it holds
    to the accuracy of the nodes.  They err where the integrand has a kink or outgrows a polynomial.
    Gradients are NaN where such an affine function, W z for W = 0, does not vary under q.

    Raises:
        InputError: an option is none of these, or an expectation has no closed form.
    """
    batch = batch_for(proof.model, backend, expectation, covariance, nodes)
    return Functions(ProofCode(proof, backend, batch), chunk)


def batch_for(
    model: Model, backend: str, expectation: str, covariance: str, nodes: int = 32
) -> Batch:
    """The batch that the options of `compile` ask for.

    Raises:
        InputError: an option is unknown, or an expectation has no closed form.
    """
    for name, value, known in (
        ("backend", backend, ("numpy", "jax", "torch", "mpmath")),
        ("expectation", expectation, EXPECTATIONS),
        ("covariance", covariance, COVARIANCES),
    ):
        if value not in known:
            raise InputError(f"{name} {value!r} is none of {', '.join(known)}")
    if expectation == "samples":
        return Batch(model)
    batch = AnalyticBatch(model, covariance, nodes if expectation == "quadrature" else None)
    assert batch.log_joint is not None  # an expectation without closed form shows here
    return batch


__all__ = ["Functions", "batch_for", "compile"]
