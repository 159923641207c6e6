"""From a model to its proof: ELBO, stationarity, identity, entropy sum, verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import Expectation, VariationalEntropy
from entropy_proofs.algebra.poly import Poly
from entropy_proofs.arrays import generate
from entropy_proofs.checker import check
from entropy_proofs.model import Model, Parameter
from entropy_proofs.pointwise import Conditional, Identity
from entropy_proofs.results import (
    TermResult,
    averaged,
    conditional,
    data_labels,
    direction,
    latent_motions,
    summed,
    term_gradient,
    term_result,
    weighed_alike,
)
from entropy_proofs.search import Moving, search
from entropy_proofs.weights import unweighted, weights_of


class Verdict(Enum):
    """Whether the ELBO equals a sum of entropies at every stationary point."""

    PROVED = "proved"
    PARTIAL = "partial"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Step:
    """One line of the derivation; `checked` says what vouches for it."""

    text: str
    left: Expr | None
    right: Expr | None
    checked: str


@dataclass(frozen=True)
class Proof:
    """The result of `prove`; expressions are in nats, per data point."""

    model: Model
    verdict: Verdict
    terms: tuple[TermResult, ...]
    identity: Identity | None
    assumptions: tuple[str, ...]
    witness: Any
    seconds: float

    @property
    def field(self) -> dict[Expr, Expr]:
        """{parameter: direction}, arrays as arrays."""
        if self.identity is None:
            return {}
        by_label = {p.label: p for p in self.model.parameters.values()}
        return {by_label[c.label].value: direction(c) for c in self.identity.field}

    @property
    def latent_flow(self) -> dict[Expr, Expr]:
        """{latent: direction}."""
        if self.identity is None:
            return {}
        values = {n: v.value for n, v in self.model.variables.items()}
        return {values[f.variable]: f.rate * values[f.variable] for f in self.identity.flows}

    @property
    def variational_entropy(self) -> Expr:
        """(1/N) sum_n H[q^(n)] with its weight, zero without latents."""
        latents = [v.value for v in self.model.latents()]
        return self.model.q_weight * VariationalEntropy(*latents) if latents else sp.Integer(0)

    @cached_property
    def elbo(self) -> Expr:
        """The ELBO, as expectations under q averaged over the data, plus H[q], all weighted."""
        return sp.Add(self.variational_entropy, *(self._log_density(t) for t in self.terms))

    def _log_density(self, t: TermResult) -> Expr:
        return t.weight * Expectation(summed(self.model, t.term, t.term.log_density))

    @cached_property
    def entropy_sum(self) -> Expr:
        """What the ELBO equals at stationary points: H[q], minus entropies, plus what stayed."""
        parts = [self.variational_entropy]
        data = self.data_labels
        for t in self.terms:
            if t.entropy is None:
                parts.append(self._log_density(t))
                continue
            entropy, log_h = averaged(t.entropy, data), averaged(t.log_base_measure, data)
            parts += [-t.weight * entropy, t.weight * log_h]
        return sp.Add(*parts)

    @cached_property
    def stationarity(self) -> dict[Expr, Expr]:
        """{parameter: left side of its condition `= 0`}; on a simplex, `= a common multiplier`."""
        return {p.value: _gradient(p, self.model) for p in self.model.learned().values()}

    @cached_property
    def claims(self) -> tuple[Any, ...]:
        """Every claim of the model with its verdict and witness."""
        from entropy_proofs.claims import judge

        return tuple(result for claim in self.model.claims for result in judge(claim, self))

    @cached_property
    def suggestions(self) -> tuple[Any, ...]:
        """The smallest changes of the model that make its entropy sum hold, tried and checked."""
        from entropy_proofs.suggest import suggest

        return suggest(self)

    @cached_property
    def objective(self) -> Any:
        """The ELBO with closed-form optima of scales, covariances and weights put in, or None."""
        from entropy_proofs.objective import objective

        return objective(self)

    @cached_property
    def counterexample(self) -> Any:
        """A stationary point at which F differs from the plain sum of entropies, or None."""
        from entropy_proofs.numeric.counterexample import counterexample

        return counterexample(self)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The derivation, line by line."""
        return tuple(_steps(self))

    @property
    def data_labels(self) -> frozenset[Symbol]:
        """The labels that stand under expectations."""
        return data_labels(self.model)

    def __repr__(self) -> str:
        return f"<Proof of {self.model.name!r}: {self.verdict}, F = {self.entropy_sum}>"

    def _repr_latex_(self) -> str:
        from entropy_proofs.export.latex import latex

        return f"$\\displaystyle \\mathcal{{F}} = {latex(self.entropy_sum)}$"


def prove(model: Model) -> Proof:
    """Search for the model's identity, check it, and say what follows.

    Raises InputError if the model declares nothing or a density is not usable.
    """
    from entropy_proofs.validate import validate

    start = time.perf_counter()
    validate(model)
    conditionals = [conditional(model, t) for t in model.terms]
    identity = find(model, conditionals)
    terms = tuple(term_result(model, t, identity) for t in model.terms)
    verdict, witness, terms = _verdict(model, terms)
    assumptions = tuple(_assumptions(model, identity, terms))
    seconds = time.perf_counter() - start
    return Proof(model, verdict, terms, identity, assumptions, witness, seconds)


def find(model: Model, conditionals: list[Conditional], flows: bool = True) -> Identity | None:
    """The first candidate that the checker accepts.

    flows: whether latents may move too.
    """
    learned = {s: p.domain for s, p in model.learned().items()}
    parameters = [
        Moving(p.name, frozenset([s]), p.domain, p.shape) for s, p in model.learned().items()
    ]
    latents = [m for m in latent_motions(model) if flows and weighed_alike(model, m)]
    scalable = {m.name: m.labels for m in latents}
    for found in search(conditionals, parameters, latents):
        candidate = replace(found, q_weight=model.q_weight)
        stated = candidate.conditionals
        whole = len(stated) == len(conditionals) and all(c in stated for c in conditionals)
        if whole and check(candidate, learned, scalable).holds:
            return candidate
    return None


def _verdict(
    model: Model, terms: tuple[TermResult, ...]
) -> tuple[Verdict, Any, tuple[TermResult, ...]]:
    """The verdict, what refutes the criterion where it fails, and the terms with their reasons."""
    from entropy_proofs.refute import refute

    failing = [t for t in terms if not t.holds or t.fixes_scale]
    if not failing:
        return Verdict.PROVED, None, terms
    needs = _missing_flows(model)
    witnesses: dict[str, Any] = {}
    for t in failing:
        if not t.holds and t.variable in needs:
            continue
        stronger = None if t.holds else refute(model, [t.term], base_measure=True)
        witnesses[t.variable] = stronger or refute(model, [t.term], base_measure=False)
    if witnesses and not any(witnesses.values()):
        together = refute(model, [t.term for t in terms], base_measure=False)
        witnesses = dict.fromkeys(witnesses, together)
    updated = tuple(_with_reason(t, witnesses.get(t.variable), needs) for t in terms)
    witness = next((w for w in witnesses.values() if w is not None), None)
    if any(t.holds for t in terms):
        return Verdict.PARTIAL, witness, updated
    return (Verdict.UNDECIDED if witness is None else Verdict.REFUTED), witness, updated


def _missing_flows(model: Model) -> dict[str, str]:
    """What weights that differ keep from being served: {conditional: the flows that it needs}."""
    apart = {m.name for m in latent_motions(model) if not weighed_alike(model, m)}
    if not apart:
        return {}
    plain = unweighted(model)
    identity = find(plain, [conditional(plain, t) for t in plain.terms])
    weights = {t.variable: t.weight for t in model.terms}
    flows = [
        f"the flow of {f.variable} would need the weight of H[q], {model.q_weight}, to equal that "
        f"of {f.variable}, {weights[f.variable]}"
        for f in (identity.flows if identity else ())
        if f.variable in apart
    ]
    served = [t.conditional.name for t in identity.terms] if identity and flows else []
    return dict.fromkeys(served, "; ".join(flows))


def _with_reason(t: TermResult, witness: Any, needs: Mapping[str, str]) -> TermResult:
    if t.holds:
        return t
    if t.variable in needs:
        return replace(t, reason=needs[t.variable])
    if witness is None:
        return replace(t, reason="no field was found, and none was excluded")
    return replace(t, reason=f"criterion refuted: {witness.summary}")


def _assumptions(
    model: Model, identity: Identity | None, terms: tuple[TermResult, ...]
) -> list[str]:
    if identity is None:
        return []
    found = []
    if identity.field:
        names = ", ".join(c.label.name for c in identity.field)
        found.append(f"the ELBO is stationary along the field, i.e. with respect to {names}")
        found.append("the stationary point lies in the interior of the parameters' domains")
    for f in identity.flows:
        kind = model.variables[f.variable].support.kind
        example = (
            "Gaussians with free means and variances do"
            if kind == "real"
            else "families with a free scale do"
        )
        found.append(
            f"q's family contains the flow that scales {f.variable} ({example}), and the ELBO is "
            "stationary along it"
        )
    if any(t.holds for t in terms):
        found.append("differentiation under the integral sign is allowed")
    weights = ", ".join(f"{w} on {name}" for name, w in weights_of(model).items())
    if weights:
        found.append(f"the ELBO is the weighted one, with the constant weights {weights}")
    return found


def _gradient(p: Parameter, model: Model) -> Expr:
    """E_q[d log p / d theta] at a generic element."""
    slots = nodes.slots(p.shape)
    total = Poly.sum(term_gradient(model, p, slots, t) for t in model.terms)
    condition = Expectation(total.expr()) if total else sp.Integer(0)
    if not p.shape:
        return condition
    return generate(lambda *i: condition.xreplace(dict(zip(slots, i, strict=True))), p.shape)


def _steps(proof: Proof) -> list[Step]:
    steps = [Step("the ELBO", None, proof.elbo, "definition")]
    for t in proof.terms:
        if t.identity is None:
            steps.append(Step(f"{t.variable} stays: {t.reason}", None, None, "not an entropy"))
            continue
        right = t.term.log_density - t.identity.log_base_measure + t.identity.entropy
        steps.append(
            Step(
                f"along the field, D log p({t.variable}) (+ div u) = log p - log h + H",
                sp.Function("D")(Symbol(f"log p({t.variable})")),
                right,
                "identity of normal forms, checked apart from the search",
            )
        )
    if proof.identity is not None and proof.identity.terms:
        weigh = "multiply by the weights, " if weights_of(proof.model) else ""
        steps.append(
            Step(
                f"{weigh}average over q and the data and add up: F - S is the ELBO's derivative "
                "along the field and flow, at every point",
                Symbol("F") - Symbol("S"),
                Symbol("dF"),
                "linearity of the expectation",
            )
        )
        steps.append(
            Step(
                "at stationary points that derivative vanishes",
                Symbol("F"),
                proof.entropy_sum,
                "stationarity",
            )
        )
    return steps


__all__ = ["Proof", "Step", "TermResult", "Verdict", "find", "prove"]
