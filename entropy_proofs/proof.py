"""From a model to its proof: ELBO, stationarity, identity, entropy sum, verdict."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta, Symbol

from entropy_proofs.algebra.derive import Derivation
from entropy_proofs.algebra.nodes import Expectation, VariationalEntropy, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.algebra.sums import sum_over
from entropy_proofs.arrays import Array, generate
from entropy_proofs.checker import check
from entropy_proofs.display import pretty
from entropy_proofs.model import Model, Parameter, Term
from entropy_proofs.pointwise import Component, Conditional, Identity, TermIdentity
from entropy_proofs.search import Moving, search


class Verdict(Enum):
    """Whether the ELBO equals a sum of entropies at every stationary point."""

    PROVED = "proved"
    PARTIAL = "partial"
    REFUTED = "refuted"
    UNDECIDED = "undecided"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class TermResult:
    """What became of one conditional.

    entropy: its (pseudo-)entropy in nats, summed over its plates, a function of parents and
    parameters (None if it has none).  log_base_measure: log h likewise, 0 for a plain entropy.
    field: {parameter name: direction} of the parameters in this conditional.
    """

    variable: str
    term: Term
    identity: TermIdentity | None
    entropy: Expr | None
    log_base_measure: Expr
    is_pseudo: bool
    fixes_scale: bool
    field: Mapping[str, Expr]
    reason: str

    @property
    def holds(self) -> bool:
        return self.identity is not None


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
        return {by_label[c.label].value: _direction(c) for c in self.identity.field}

    @property
    def latent_flow(self) -> dict[Expr, Expr]:
        """{latent: direction}."""
        if self.identity is None:
            return {}
        values = {n: v.value for n, v in self.model.variables.items()}
        return {values[f.variable]: f.rate * values[f.variable] for f in self.identity.flows}

    @property
    def variational_entropy(self) -> Expr:
        """(1/N) sum_n H[q^(n)], zero without latents."""
        latents = [v.label for v in self.model.latents()]
        return VariationalEntropy(*latents) if latents else sp.Integer(0)

    @cached_property
    def elbo(self) -> Expr:
        """The ELBO, as expectations under q averaged over the data, plus H[q]."""
        parts = [Expectation(summed(t.term, t.term.log_density)) for t in self.terms]
        return sp.Add(self.variational_entropy, *parts)

    @cached_property
    def entropy_sum(self) -> Expr:
        """What the ELBO equals at stationary points: H[q], minus entropies, plus what stayed."""
        parts = [self.variational_entropy]
        data = self._data_labels()
        for t in self.terms:
            if t.entropy is None:
                parts.append(Expectation(summed(t.term, t.term.log_density)))
                continue
            parts += [-averaged(t.entropy, data), averaged(t.log_base_measure, data)]
        return sp.Add(*parts)

    @cached_property
    def stationarity(self) -> dict[Expr, Expr]:
        """{parameter: left side of its condition `= 0`}; on a simplex, `= a common multiplier`."""
        return {p.value: _gradient(p, self.terms) for p in self.model.learned().values()}

    @cached_property
    def claims(self) -> tuple[Any, ...]:
        """Every claim of the model with its verdict and witness."""
        from entropy_proofs.claims import judge

        return tuple(judge(claim, self) for claim in self.model.claims)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The derivation, line by line."""
        return tuple(_steps(self))

    def _data_labels(self) -> frozenset[Symbol]:
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
    terms = tuple(_term_result(model, t, identity) for t in model.terms)
    verdict, witness, terms = _verdict(model, terms)
    assumptions = tuple(_assumptions(model, identity, terms))
    seconds = time.perf_counter() - start
    return Proof(model, verdict, terms, identity, assumptions, witness, seconds)


def conditional(model: Model, term: Term) -> Conditional:
    """The term as a statement about one generic coordinate."""
    parents = symbols_in(term.log_density) & data_labels(model) - {term.value}
    return Conditional(
        term.name,
        term.log_density,
        frozenset([term.value]),
        frozenset(parents),
        term.event,
        _relations(term),
    )


def _relations(term: Term) -> dict[Expr, Expr]:
    """sum_k v_k = n for counts of n draws."""
    if term.support.kind != "counts":
        return {}
    k = index("k")
    at = (*(i for i, _ in term.plates), k)
    total = sum_over(normal(IndexedBase(term.value)[at]), k, term.event[0])
    return {total.expr(): term.support.bounds[0]}


def data_labels(model: Model) -> frozenset[Symbol]:
    """All labels that stand for (slices of) variables."""
    labels = {v.label for v in model.variables.values()}
    for t in model.terms:
        labels |= {t.value, *t.aliases}
    return frozenset(labels)


def latent_motions(model: Model) -> list[Moving]:
    """The latents that a scaling flow can move."""
    found = []
    for v in model.latents():
        if v.support.can_scale:
            aliases = {a for t in model.terms for a, (name, _) in t.aliases.items() if name == v.name}
            found.append(Moving(v.name, frozenset({v.label, *aliases}), v.support.kind, v.shape))
    return found


def find(model: Model, conditionals: list[Conditional]) -> Identity | None:
    """The first candidate that the checker accepts."""
    learned = {s: p.domain for s, p in model.learned().items()}
    parameters = [
        Moving(p.name, frozenset([s]), p.domain, p.shape) for s, p in model.learned().items()
    ]
    latents = latent_motions(model)
    scalable = frozenset[Symbol]().union(*(m.labels for m in latents))
    for candidate in search(conditionals, parameters, latents):
        if check(candidate, learned, scalable).holds:
            return candidate
    return None


# results ------------------------------------------------------------------------------------------
def summed(term: Term, generic: Expr) -> Expr:
    """The sum over the term's plates, as written."""
    if not term.plates:
        return generic
    return sp.Sum(generic, *[(i, 0, n - 1) for i, n in reversed(term.plates)])


def totalled(term: Term, generic: Expr) -> Expr:
    """The sum over the term's plates, in normal form."""
    p = normal(generic)
    for i, n in reversed(term.plates):
        p = sum_over(p, i, n)
    return pretty(p.expr())


def averaged(expr: Expr, data: frozenset[Symbol]) -> Expr:
    """E_q of the summands that depend on a variable."""
    fixed, random = [], []
    for part in sp.Add.make_args(expr):
        (random if symbols_in(part) & data else fixed).append(part)
    inside = sp.Add(*random)
    return sp.Add(*fixed, Expectation(inside) if random else sp.Integer(0))


def _term_result(model: Model, term: Term, identity: Identity | None) -> TermResult:
    found = None
    if identity is not None:
        found = next((t for t in identity.terms if t.conditional.name == term.name), None)
    if found is None:
        reason = "no field on its parameters (with scaling flows) serves it"
        return TermResult(term.name, term, None, None, sp.Integer(0), False, False, {}, reason)
    assert identity is not None
    own = symbols_in(term.log_density)
    field = {c.label.name: _direction(c) for c in identity.field if c.label in own}
    log_h = totalled(term, found.log_base_measure)
    pseudo = log_h != 0
    fixes = pseudo and not term.support.discrete and _fixes_scale(found)
    reason = ""
    if fixes:
        reason = (
            "pseudo-entropy only: its base measure fixes a scale, so at stationary points the "
            "ELBO contains E[log h] of the data, and the plain entropy sum does not hold"
        )
    elif pseudo:
        reason = "pseudo-entropy with respect to the base measure h"
    entropy = totalled(term, found.entropy)
    return TermResult(term.name, term, found, entropy, log_h, pseudo, fixes, field, reason)


def _fixes_scale(term: TermIdentity) -> bool:
    """Whether log h changes by more than a constant when v is scaled."""
    own = term.conditional.own
    d = Derivation(
        {v: lambda i, v=v: normal(IndexedBase(v)[tuple(i)] if i else v) for v in own}
    )
    moved = d(normal(term.log_base_measure))
    return any(symbols_in(a) & own for a in moved.atoms())


def _direction(c: Component) -> Expr:
    shape = c.shape
    if not shape:
        return pretty(c.element)
    if not _is_plain(c):
        return generate(lambda *i: pretty(c.at(i)), shape)
    return generate(lambda *i: c.at(i), shape)


def _is_plain(c: Component) -> bool:
    return len(normal(c.element)) == 1


def _verdict(
    model: Model, terms: tuple[TermResult, ...]
) -> tuple[Verdict, Any, tuple[TermResult, ...]]:
    if all(t.holds and not t.fixes_scale for t in terms):
        return Verdict.PROVED, None, terms
    from dataclasses import replace

    from entropy_proofs.refute import refute_term

    updated, witnesses = [], []
    for t in terms:
        if t.holds and not t.fixes_scale:
            updated.append(t)
            continue
        witness = refute_term(model, t.term)
        if witness is None:
            why = t.reason if t.holds else "no field was found, and none was excluded"
        else:
            witnesses.append(witness)
            why = t.reason if t.holds else f"criterion refuted: {witness.summary}"
        updated.append(replace(t, reason=why))
    witness = witnesses[0] if witnesses else None
    if any(t.holds for t in terms):
        return Verdict.PARTIAL, witness, tuple(updated)
    refuted = len(witnesses) == len(terms)
    return (Verdict.REFUTED if refuted else Verdict.UNDECIDED), witness, tuple(updated)


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
        found.append(
            f"q's family contains the flow {f.variable} -> (1 + eps) {f.variable}, scaled by "
            f"{f.rate} (Gaussians with free means and variances do), and the ELBO is stationary "
            "along it"
        )
    if any(t.holds for t in terms):
        found.append("differentiation under the integral sign is allowed")
    return found


# stationarity and steps -----------------------------------------------------------------------------
def _gradient(p: Parameter, terms: tuple[TermResult, ...]) -> Expr:
    """E_q[d log p / d theta] at a generic element."""
    slots = tuple(index(f"i{k}") for k in range(len(p.shape)))

    def seed(i: tuple[Expr, ...]) -> Poly:
        return normal(sp.Mul(*[KroneckerDelta(a, s) for a, s in zip(i, slots, strict=True)]))

    d = Derivation({p.label: seed})
    total = Poly()
    for t in terms:
        part = d(normal(t.term.log_density))
        for i, n in reversed(t.term.plates):
            part = sum_over(part, i, n)
        total = total + part
    expr = Expectation(total.expr()) if total else sp.Integer(0)
    return generate(
        lambda *i: expr.xreplace(dict(zip(slots, i, strict=True))), p.shape
    ) if p.shape else expr  # fmt: skip


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
        steps.append(
            Step(
                "average over q and the data and add up: F - S is the ELBO's derivative along the "
                "field and flow, at every point",
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


__all__ = ["Array", "Proof", "Step", "TermResult", "Verdict", "conditional", "find", "prove"]
