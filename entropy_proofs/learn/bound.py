"""F, S, v·∇F and ∇F of one point at once, with the same samples, so that F - S = v·∇F exactly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.code.backends import backend
from entropy_proofs.code.differentiate import derivative
from entropy_proofs.code.kernel import Kernel
from entropy_proofs.evaluate.batch import POINT, POINTS, SAMPLES, WEIGHTS, AnalyticBatch, Batch
from entropy_proofs.evaluate.model_code import ELBO, Output, ProofCode
from entropy_proofs.families.spaces import REAL, Category, Space
from entropy_proofs.q.enumerated import best_weights
from entropy_proofs.q.factor import NotAnalytic

if TYPE_CHECKING:
    from entropy_proofs.objective.objective import Objective
    from entropy_proofs.proving.proof import Proof

Arrays = dict[str, Any]


@dataclass(frozen=True)
class BoundEvaluation:
    """One point, in nats per data point.

    Attributes:
        elbo, predicted_gap: F and v·∇F.
        entropies: "q": H[q]; by conditional: its (pseudo-)entropy minus E[log h], or -E[log p] of
            one that stayed; each times its weight.  S is the first minus all others.
        scale: the sum of the absolute terms of v·∇F.
        shares: the terms of v·∇F by learned parameter, and those of q as "q".
        gradients: of F, by array.
        computed: arrays that the point implies: optima of eliminated parameters, and "weights".
        q_weight: of H[q] in F.
    """

    elbo: float
    entropies: dict[str, float]
    predicted_gap: float
    scale: float
    gradients: Arrays = field(repr=False)
    computed: Arrays = field(repr=False)
    q_weight: float = 1.0
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def entropy_sum(self) -> float:
        """S."""
        return 2 * self.entropies["q"] - sum(self.entropies.values())

    @property
    def gap(self) -> float:
        """F - S."""
        return self.elbo - self.entropy_sum

    @property
    def residual(self) -> float:
        """|F - S - v·∇F| relative to the largest of |F|, |S| and the terms of v·∇F."""
        largest = max(abs(self.elbo), abs(self.entropy_sum), self.scale, np.finfo(float).tiny)
        return abs(self.gap - self.predicted_gap) / largest


class Bound:
    """The bound of a proved model on a batch, as one function of arrays.

    With a `Batch` of samples, discrete latents are enumerated: each joint state is a sample, and
    its weight is the exact posterior given the rest.

    Args:
        eliminated: an entropy objective whose parameters take their closed-form optima.
    """

    def __init__(self, proof: Proof, backend: str, batch: Batch, eliminated: Objective | None):
        self.code = ProofCode(proof, backend, batch)
        self.model, self.batch, self.backend = proof.model, batch, backend
        self.eliminated = eliminated
        self.analytic = isinstance(batch, AnalyticBatch)

    @cached_property
    def gone(self) -> frozenset[str]:
        """The names of the eliminated parameters."""
        found = self.eliminated.solutions if self.eliminated else ()
        return frozenset(s.parameter.name for s in found)

    @cached_property
    def _optima(self) -> Any:
        assert self.eliminated is not None
        options = {"expectation": "samples"}
        if isinstance(self.batch, AnalyticBatch):
            full = any(f.full for f in self.batch.factors.values())
            rule = "quadrature" if self.batch.rule() else "analytic"
            options = {"expectation": rule, "covariance": "full" if full else "diagonal"}
        return self.eliminated.compile(self.backend, **options)

    @cached_property
    def _gradients(self) -> Kernel:
        """F, and its gradient by parameters, hidden weights and q's arrays."""
        elbo = self.code.elbo_expression
        outputs = {ELBO: (elbo, ()), **self.code.gradient_outputs}
        for label, shape in self.batch.hidden_shapes().items():
            outputs[label.name] = derivative(elbo, label, shape)
        return self.code.compile(outputs)

    @cached_property
    def _entropies(self) -> Kernel:
        """The summands of S by conditional."""
        identity, batch = self.code.proof.identity, self.batch
        served = {t.conditional.name: t for t in identity.terms} if identity else {}
        outputs: dict[str, Output] = {}
        for term in self.model.terms:
            found = served.get(term.name)
            own = found.entropy - found.log_base_measure if found else -term.log_density
            total = term.weight * batch.over_plates(term, own)
            outputs[f"entropy {term.name}"] = batch.average(total), ()
        if batch.variational_entropy is not None:
            outputs["entropy q"] = batch.variational_entropy, ()
        return self.code.compile(outputs)

    @cached_property
    def _means(self) -> Kernel:
        assert isinstance(self.batch, AnalyticBatch)
        outputs: dict[str, Output] = {}
        sizes: dict[Symbol, Expr] = {}
        for q in self.batch.factors.values():
            v = q.variable
            labels = isinstance(v.support, Category)
            if labels and v.label not in self.batch.declared:
                continue
            shape = q.shapes()["probabilities"] if labels else v.shape
            at = tuple(index(f"{v.name}.{k}@", n) for k, n in enumerate(shape))
            sizes.update(zip(at, shape, strict=True))
            try:
                mean = q.element("probabilities", at) if labels else q.mean(at)
            except NotAnalytic:
                mean = sp.exp(q.log(at))
            outputs[v.name] = self.batch.of_q(mean), (POINT, *at)
        return self.code.compile(outputs, sizes)

    def means(self, sizes: dict[str, int], arrays: Arrays) -> Arrays:
        """E_q[z] of the latents that have numbers for values, by latent, (N, ...); of labels whose
        q is declared, their probabilities.

        exp E_q[log z] where a mean can be infinite, as of inverse-gamma q.  None of these if q is
        known by its samples.
        """
        return self._means(sizes, arrays) if self.analytic else {}

    # evaluation -------------------------------------------------------------------------------
    def __call__(
        self, sizes: dict[str, int], arrays: Arrays, entropy: float = 0.0
    ) -> BoundEvaluation:
        """F and all that belongs to it at one point.

        Args:
            sizes: all dims, "data points" and "samples" (of the continuous latents).
            arrays: parameters, data, q's arrays or samples (N, S, ...) of continuous latents, and
                the joint states (states, ...) of enumerated ones.  With "weights" (N, S) all
                latents are (N, S, ...), and these are q.
            entropy: H[q] of the continuous latents, where the arrays do not tell it.
        """
        found = self._function(tuple(sorted(sizes.items())), arrays)
        numbers = {name: float(value) for name, value in found["numbers"].items()}
        entropies, shares = _named("entropy ", numbers), _named("share ", numbers)
        q_weight = numbers.get("q weight", 1.0)
        entropies["q"] = entropies.get("q", 0.0) + q_weight * entropy
        own = 0.0 if self.analytic else entropies["q"]
        return BoundEvaluation(
            elbo=numbers["elbo"] + own,
            entropies=entropies,
            predicted_gap=numbers["predicted gap"],
            scale=numbers["scale"],
            shares=shares,
            gradients={name: np.asarray(g) for name, g in found["gradients"].items()},
            computed={name: np.asarray(a) for name, a in found["computed"].items()},
            q_weight=q_weight,
        )

    @cached_property
    def _function(self) -> Any:
        if self.backend != "jax":
            return self._evaluate
        import jax

        backend("jax").load()  # float64, before anything is traced
        return jax.jit(self._evaluate, static_argnums=0)

    @property
    def _xp(self) -> Any:
        if self.backend != "jax":
            return np
        import jax.numpy as jnp

        return jnp

    def _evaluate(self, given_sizes: tuple[tuple[str, int], ...], given: Arrays) -> dict[str, Any]:
        sizes, arrays = dict(given_sizes), dict(given)
        computed: Arrays = {}
        if self.eliminated is not None:
            needed = self._optima.arguments
            known = {n: a for n, a in arrays.items() if n in needed}
            dims = {n: sizes[n] for n in self.model.dims_}
            computed = self._optima.optima(known, **dims)
            arrays.update(computed)
        q_weight = self.code.times_q_weight(1.0, sizes, arrays)
        entropy, branches = None, 1
        if not self.analytic and WEIGHTS.name not in arrays:
            entropy, branches = self._weigh(sizes, arrays)
            if branches > 1:
                computed["weights"] = arrays[WEIGHTS.name]
        gradients = dict(self._gradients(sizes, arrays))
        numbers = {"elbo": gradients.pop(ELBO), **self._entropies(sizes, arrays)}
        if entropy is not None:
            numbers["entropy q"] = q_weight * entropy
        numbers["q weight"] = q_weight
        numbers |= self._along_field(sizes, arrays, gradients)
        if branches > 1:
            for v in self._continuous:
                g = gradients[v]
                apart = (len(g), branches, g.shape[1] // branches, *g.shape[2:])
                gradients[v] = g.reshape(apart).sum(axis=1)
        return {"numbers": numbers, "gradients": gradients, "computed": computed}

    def _along_field(self, sizes: dict[str, int], arrays: Arrays, gradients: Arrays) -> Arrays:
        """v·∇F, its terms by parameter, and the sum of its absolute terms."""
        xp, total, scale, shares = self._xp, 0.0, 0.0, Arrays()
        for name, direction in self.code.direction(sizes, arrays).items():
            terms = direction if name.startswith("div ") else direction * gradients[name]
            own = xp.sum(terms)
            total, scale = total + own, scale + xp.sum(xp.abs(terms))
            block = f"share {name if name in self.model.parameters else 'q'}"
            shares[block] = shares.get(block, 0.0) + own
        return {"predicted gap": total, "scale": scale, **shares}

    @property
    def _continuous(self) -> list[str]:
        return [v.name for v in self.model.latents() if not v.support.discrete]

    def _weigh(self, sizes: dict[str, int], arrays: Arrays) -> tuple[Any, int]:
        """Put samples, states and weights in place; H[q] of the discrete latents, how many states.

        q over the joint states is the best one given the rest: proportional to
        exp(E_q[log p(x, z)] / w_q), as in exact EM.
        """
        xp, points, count = self._xp, sizes[POINTS.name], sizes[SAMPLES.name]
        discrete = [v.name for v in self.model.latents() if v.support.discrete]
        branches = len(arrays[discrete[0]]) if discrete else 1
        sizes[SAMPLES.name] = branches * count
        for name in discrete:
            states = xp.repeat(xp.asarray(arrays[name]), count, axis=0)
            arrays[name] = xp.broadcast_to(states, (points, *states.shape))
        for name in self._continuous:
            arrays[name] = xp.concatenate([arrays[name]] * branches, axis=1)
        if branches == 1:
            arrays[WEIGHTS.name] = xp.full((points, count), 1 / count)
            return None, 1
        log_joint = self.code.log_joint(sizes, arrays)
        log_joint = self.code.per_q_weight(log_joint, sizes, arrays)
        by_state = log_joint.reshape(points, branches, count).mean(axis=2)
        weights, entropy = best_weights(by_state, xp)
        arrays[WEIGHTS.name] = xp.repeat(weights / count, count, axis=1)
        return entropy, branches


def _named(prefix: str, numbers: dict[str, float]) -> dict[str, float]:
    return {n.removeprefix(prefix): v for n, v in numbers.items() if n.startswith(prefix)}


def average(
    parts: Sequence[tuple[float, BoundEvaluation]], names: Iterable[str] = ()
) -> BoundEvaluation:
    """Of parts of the data: (how many data points, the evaluation).

    names: of the arrays, shared by all data points, by which the average has gradients.
    """
    total = sum(points for points, _ in parts)

    def mean(of: Any) -> Any:
        return sum(points * of(found) for points, found in parts) / total

    first = parts[0][1]
    weights = [found.computed["weights"] for _, found in parts if "weights" in found.computed]
    return BoundEvaluation(
        elbo=mean(lambda found: found.elbo),
        entropies={n: mean(lambda found, n=n: found.entropies[n]) for n in first.entropies},
        predicted_gap=mean(lambda found: found.predicted_gap),
        scale=mean(lambda found: found.scale),
        shares={n: mean(lambda found, n=n: found.shares[n]) for n in first.shares},
        gradients={n: mean(lambda found, n=n: found.gradients[n]) for n in names},
        computed={"weights": np.concatenate(weights)} if weights else {},
    )


def moving_shapes(bound: Bound) -> dict[str, tuple[tuple[Expr, ...], Space]]:
    """The arrays that learning moves besides q's: shape and domain by name."""
    learned = {
        p.name: (p.shape, p.domain)
        for p in bound.model.learned().values()
        if p.name not in bound.gone
    }
    if isinstance(bound.batch, AnalyticBatch):
        learned |= {n: (p.shape, p.domain) for n, p in bound.batch.shared.items() if not p.fixed}
    hidden = {s.name: (shape, REAL) for s, shape in bound.batch.hidden_shapes().items()}
    return {**learned, **hidden}


def dims_in(shapes: list[tuple[Expr, ...]]) -> set[str]:
    """The names of the dims that these shapes show as they are."""
    return {n.name for shape in shapes for n in shape if isinstance(sp.sympify(n), Symbol)}
