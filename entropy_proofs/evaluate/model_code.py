"""Generated functions of a model and of its proof: F, S, gradients and v·∇F.

All are averages per data point in nats, without H[q], which F and S share.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import sympy as sp
from sympy import Expr, Sum, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.code.backends import backend
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.code.generate import compiled, lowered
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.code.routine import Routine
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLE, SAMPLES, WEIGHTS, Batch
from entropy_proofs.model.model import Model
from entropy_proofs.proof.conditions import StatedCondition
from entropy_proofs.proof.record import ProofRecord

Arrays = Mapping[str, Any]
Dims = Mapping[str, int]
Output = tuple[Expr, tuple[Symbol, ...]]
Sizes = Mapping[Symbol, Expr]
ELBO = "elbo@"  # F among gradients by name: no parameter is called so
_ALL_OF_IT = 0.1  # of F, S and v·∇F: a difference so large may be all that they are
_ROUNDED = 100  # units of rounding in the sum of all terms


class ModelCode:
    """F and its gradient on a batch.

    Every function takes `dims` (name -> size, with "data points" and "samples") and `arrays`:
    parameters, observed variables (N, ...), latents (N, S, ...) and "weights" (N, S).
    """

    def __init__(self, model: Model, backend: str = "numpy", batch: Batch | None = None):
        self.model = model
        self.backend = backend
        self.batch = batch or Batch(model)
        self._of_names: dict[frozenset[str], Kernel] = {}

    @property
    def exact(self) -> bool:
        """Whether numbers have the working precision of mpmath."""
        return self.backend == "mpmath"

    def lowered(self, outputs: Mapping[str, Output], sizes: Sizes | None = None) -> Routine:
        """The array code of expressions over the batch.

        An output's own indices are those of the array that it is named after, or in `sizes`.
        """
        batch = {POINT: POINTS, SAMPLE: SAMPLES, **(sizes or {})}
        shapes = self.batch.shapes()
        own = {k: v for k, v in outputs.items() if not set(v[1]) <= set(batch)}
        return lowered(outputs, {**batch, **_axes(own, shapes)}, self.backend, shapes)

    def compile(self, outputs: Mapping[str, Output], sizes: Sizes | None = None) -> Kernel:
        """A kernel for expressions over the batch; arguments as of `lowered`."""
        return compiled(self.lowered(outputs, sizes), self.backend)

    @cached_property
    def elbo_expression(self) -> Expr:
        """F; without H[q] where the batch can't tell it."""
        entropy = self.batch.variational_entropy
        return self.batch.average(self.batch.log_joint) + (0 if entropy is None else entropy)

    @cached_property
    def elbo_kernel(self) -> Kernel:
        return self.compile({"elbo": (self.elbo_expression, ())})

    @cached_property
    def _log_joint(self) -> Kernel:
        return self.compile({"log_joint": (self.batch.log_joint, (POINT, SAMPLE))})

    @cached_property
    def gradient_outputs(self) -> dict[str, Output]:
        """dF/d of every learned parameter and array of q by name."""
        moving = {p.name: (p.label, p.shape) for p in self.model.learned().values()}
        for name, (label, _) in self.batch.variational().items():
            moving[name] = label, self.batch.shape(label)
        elbo = self.elbo_expression
        return {name: derivative(elbo, *labelled) for name, labelled in moving.items()}

    def gradient_kernel(self, names: Collection[str] | None = None) -> Kernel:
        """F by the key `ELBO`, and its gradient; names: only of these."""
        names = frozenset(self.gradient_outputs if names is None else names)
        if names not in self._of_names:
            chosen = {n: output for n, output in self.gradient_outputs.items() if n in names}
            self._of_names[names] = self.compile({ELBO: (self.elbo_expression, ()), **chosen})
        return self._of_names[names]

    def lift(self, array: Any) -> Any:
        """An array in the backend's numbers, floats taken as exactly what they store."""
        return backend(self.backend).load().convert(array)

    def inverse(self, matrices: Any) -> Any:
        """Of each matrix in a stack."""
        return backend(self.backend).load().functions["inverse"](matrices)

    def elbo(self, dims: Dims, arrays: Arrays) -> Any:
        """F without H[q]."""
        return self.elbo_kernel(dims, arrays)["elbo"]

    def log_joint(self, dims: Dims, arrays: Arrays) -> Any:
        """log p(x, z), its conditionals weighted, for each data point and sample, (N, S)."""
        return self._log_joint(dims, arrays)["log_joint"]

    @cached_property
    def _q_weight(self) -> Kernel:
        return self.compile({"q_weight": (self.batch.write(self.model.q_weight), ())})

    def per_q_weight(self, array: Any, dims: Dims, arrays: Arrays) -> Any:
        """An array divided by w_q: what q, whose entropy then counts once, is the best for."""
        if self.model.q_weight == 1:
            return array
        return array / self._q_weight(dims, arrays)["q_weight"]

    def times_q_weight(self, array: Any, dims: Dims, arrays: Arrays) -> Any:
        """An array times w_q."""
        if self.model.q_weight == 1:
            return array
        return array * self._q_weight(dims, arrays)["q_weight"]

    def gradients(
        self, dims: Dims, arrays: Arrays, names: Collection[str] | None = None
    ) -> dict[str, Any]:
        """F by the key `ELBO`, and dF/d of every learned parameter and continuous latent by name.

        names: only of these.
        """
        return self.gradient_kernel(names)(dims, arrays)

    def slopes_of_q(self, dims: Dims, arrays: Arrays, names: Collection[str]) -> dict[str, Any]:
        """dF/d of arrays of q, for F in nats (not per data point) in which H[q] counts once."""
        found = self.gradients(dims, arrays, names)
        points = dims[POINTS.name]
        return {n: self.per_q_weight(points * np.asarray(found[n]), dims, arrays) for n in names}


@dataclass(frozen=True)
class IdentityParts:
    """Both sides of the gap identity at one point.

    Attributes:
        elbo, entropy_sum: F and S without H[q].
        shares: what each parameter's direction and each latent's flow contribute to v·∇F.
        moved: the sum of the |terms| of v·∇F.
        added: gives the sum of the |terms| that F and S are added up of.
        unit: of the numbers' rounding.
    """

    elbo: Any
    entropy_sum: Any
    shares: dict[str, Any]
    moved: Any
    added: Callable[[], Any] = field(repr=False)
    unit: Any

    @property
    def gap(self) -> Any:
        """F - S."""
        return self.elbo - self.entropy_sum

    @property
    def predicted_gap(self) -> Any:
        """v·∇F."""
        return sum(self.shares.values())

    @property
    def scale(self) -> Any:
        """The largest of |F|, |S| and the sum of the |terms|."""
        return max(abs(self.elbo), abs(self.entropy_sum), self.moved)

    @property
    def residual(self) -> Any:
        """|F - S - v·∇F|, relative to the scale.

        Where all three are nothing but rounding, as of a variable with one value, relative to what
        was rounded.
        """
        difference, scale = abs(self.gap - self.predicted_gap), self.scale
        if difference > _ALL_OF_IT * scale:
            added = self.added()
            if scale <= _ROUNDED * self.unit * added:
                scale = added
        return difference / scale if scale else difference


class ProofCode(ModelCode):
    """The functions of a model, and those of the entropy sum that was proved for it."""

    def __init__(self, proof: ProofRecord, backend: str = "numpy", batch: Batch | None = None):
        super().__init__(proof.model, backend, batch)
        self.proof = proof
        if self.batch.weights_label != WEIGHTS:
            name = WEIGHTS.name
            raise InputError(f"{name}: stands for the batch's own {name} in code; rename it")

    @cached_property
    def entropy_sum_expression(self) -> Expr:
        """S without H[q]."""
        identity, batch = self.proof.identity, self.batch
        found = {t.conditional.name: t for t in identity.terms} if identity else {}

        def of_term(term: Any) -> Expr:
            served = found.get(term.name)
            if served is None:
                return term.log_density
            return _roots_as_stated(served.log_base_measure - served.entropy, term.log_density)

        return batch.average(batch.total(of_term)) + (batch.variational_entropy or 0)

    @cached_property
    def entropy_sum_kernel(self) -> Kernel:
        return self.compile({"entropy_sum": (self.entropy_sum_expression, ())})

    @cached_property
    def direction_outputs(self) -> dict[str, Output]:
        """The field's components and the flows of the latents."""
        outputs: dict[str, Output] = {}
        identity = self.proof.identity
        for component in identity.field if identity else ():
            name = component.label.name
            at = tuple(index(f"{name}.{k}") for k in range(len(component.shape)))
            outputs[name] = component.at(at), at
        for f in identity.flows if identity else ():
            flow = replace(f, rate=self.batch.write(f.rate), shift=self.batch.write(f.shift))
            for label, moved in self.batch.flowing(flow).items():
                shape = self.batch.shape(label)
                at = tuple(index(f"{label.name}.{k}") for k in range(len(shape)))
                outputs[label.name] = moved(at), at
        for component in self.proof.q_direction if self._declares_q else ():
            label = component.label
            shape = self.batch.shape(label)
            at = tuple(index(f"{label.name}.{k}") for k in range(len(shape)))
            shared = len(shape) == len(component.shape)
            element = self.batch.write(component.at(at if shared else at[1:]))
            outputs[label.name] = element if shared else element.xreplace({POINT: at[0]}), at
        return outputs

    @property
    def _declares_q(self) -> bool:
        """Whether q is made of what the model declares, and so moves as that does."""
        return bool(getattr(self.batch, "declared", None))

    @cached_property
    def divergence_outputs(self) -> dict[str, Output]:
        """How w_q H[q] grows along each flow, as "div z": where H[q] is no part of F."""
        identity = self.proof.identity
        outputs: dict[str, Output] = {}
        if self.batch.variational_entropy is not None:
            return outputs
        for flow in identity.flows if identity else ():
            variable = self.model.variables[flow.variable]
            divergence = self.batch.write(flow.rate) * variable.support.dimension(variable.shape)
            grown = self.model.q_weight * self.batch.average(divergence)
            outputs[f"div {variable.name}"] = grown, ()
        return outputs

    @cached_property
    def _direction(self) -> Kernel:
        return self.compile({**self.direction_outputs, **self.divergence_outputs})

    @cached_property
    def _conditions(self) -> list[tuple[StatedCondition, Kernel]]:
        return [
            (c, self.compile({"value": (c.value, tuple(i for i, _ in c.over))}, dict(c.over)))
            for c in self.proof.conditions
        ]

    def failing(self, dims: Dims, arrays: Arrays) -> list[StatedCondition]:
        """The proof's conditions that do not hold here."""
        values = ((c, np.asarray(k(dims, arrays)["value"])) for c, k in self._conditions)
        return [c for c, v in values if not (v > 0 if c.positive else v != 0).all()]

    def direction(self, dims: Dims, arrays: Arrays) -> dict[str, Any]:
        """The field's components and the flows of the latents by name; "div z": E_q[div u].

        Raises InputError where there is no field at these sizes.
        """
        try:
            return self._direction(dims, arrays)
        except ZeroDivisionError:
            known = {s: sp.Integer(dims[name]) for name, s in self.model.dims_.items()}
            for c in self.proof.conditions:
                if c.value.xreplace(known).is_zero:
                    here = ", ".join(f"{s} = {n}" for s, n in known.items())
                    raise InputError(f"{here}: the proof holds only where {c}") from None
            raise

    def entropy_sum(self, dims: Dims, arrays: Arrays) -> Any:
        """S without H[q]."""
        return self.entropy_sum_kernel(dims, arrays)["entropy_sum"]

    def identity(self, dims: Dims, arrays: Arrays) -> IdentityParts:
        """F, S and v·∇F."""
        gradients = self.gradients(dims, arrays)
        directions = self.direction(dims, arrays)
        elbo, entropy_sum = gradients[ELBO], self.entropy_sum(dims, arrays)
        moved: Any = 0
        shares: dict[str, Any] = {}
        for name, direction in directions.items():
            terms = direction if name.startswith("div ") else direction * gradients[name]
            owner = name.removeprefix("div ")
            shares[owner] = shares.get(owner, 0) + _total(terms)
            moved = moved + _total(abs(terms))
        unit = np.finfo(float).eps
        if self.exact:
            from mpmath import mp

            unit = mp.eps
        return IdentityParts(
            elbo, entropy_sum, shares, moved, partial(self._added, dims, arrays), unit
        )

    def _added(self, dims: Dims, arrays: Arrays) -> Any:
        """The sum of the |terms| of F and S."""
        return self._added_kernel(dims, arrays)["added"]

    @cached_property
    def _added_kernel(self) -> Kernel:
        sides = self.elbo_expression, self.entropy_sum_expression
        return self.compile({"added": (sp.Add(*map(_absolute, sides)), ())})

    def gap(self, dims: Dims, arrays: Arrays) -> Any:
        """F - S."""
        return self.identity(dims, arrays).gap

    def directional_derivative(self, dims: Dims, arrays: Arrays) -> Any:
        """v·∇F: along the field on the parameters and the flow on q."""
        return self.identity(dims, arrays).predicted_gap


def _total(terms: Any) -> Any:
    """The sum of an array of any backend, or of a single number."""
    return terms.sum() if hasattr(terms, "sum") else terms


def _absolute(expr: Expr) -> Expr:
    """The same with the absolute value of all that is added, and so of what cancels."""
    if isinstance(expr, (sp.Add, sp.Mul)):
        return expr.func(*map(_absolute, expr.args))
    if isinstance(expr, Sum):
        return Sum(_absolute(expr.function), *expr.limits)
    return sp.Abs(expr)


def _roots_as_stated(expr: Expr, density: Expr) -> Expr:
    """With the density's roots as they stand in it: |a - b|, whose squares, multiplied out, leave
    rounding errors where a is b."""
    roots = [a for a in density.atoms(sp.Pow) if a.exp.is_Rational and not a.exp.is_Integer]
    return expr.xreplace({normal(a).expr(): a for a in roots if isinstance(a.base, Sum | sp.Add)})


def _axes(outputs: Mapping[str, Output], shapes: Mapping[Symbol, Any]) -> dict[Symbol, Expr]:
    """The sizes of the outputs' own indices, which are named after their arrays."""
    by_name = {label.name: shape for label, shape in shapes.items()}
    sizes: dict[Symbol, Expr] = {}
    for name, (_, indices) in outputs.items():
        sizes.update(zip(indices, by_name[name], strict=True))
    return sizes
