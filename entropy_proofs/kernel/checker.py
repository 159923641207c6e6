"""Whether a certificate proves what it says of a statement.

For every conditional with a term, and all v, a and theta,

    D log p(v | a; theta) + div u = log p - log h(v) + H(a; theta)

along one field D of learned parameters (and flows u of latents), defined on the whole domain but
for the conditions, tangent to it, and one that nothing may know which only data know.  Then the
gap of the weighted bound F = sum_k w_k E[log p_k] + w_q H[q] to
S = w_q H[q] + sum_k w_k E[log h_k - H_k] is F's derivative along D and u, at every point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from entropy_proofs.kernel.definedness import Need, factors, holds, met, needs
from entropy_proofs.kernel.derivation import Derivation, Direction, along, flowing, scaling
from entropy_proofs.kernel.drawn_points import nonzero_somewhere, satisfiable
from entropy_proofs.kernel.found import Certificate, Component, Condition, TermIdentity
from entropy_proofs.kernel.language.labels import (
    VARIABLE,
    Conditional,
)
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.statement import Statement
from entropy_proofs.kernel.language.terms import Term, closed, free, opened, product_of
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Poly
from entropy_proofs.kernel.refusal import Refused


@dataclass(frozen=True)
class Outcome:
    """What was found out.

    reason: why it is rejected, in one line; "" if it is accepted.
    terms: {conditional: "entropy" | "pseudo-entropy" | "pseudo-entropy, fixes a scale"}.
    missing: conditions under which everything else would be accepted, where that is all.
    learned: whether a condition is on a learned parameter.
    """

    reason: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[Condition, ...] = ()
    learned: bool = False
    complete: bool = False

    @property
    def accepted(self) -> bool:
        return not self.reason

    @property
    def verdict(self) -> str:
        """Proved: every conditional has its identity, none fixes a scale, and no condition is on a
        learned parameter.  Partial: some have, or with such conditions."""
        if self.reason:
            return "rejected"
        plain = self.complete and not any("fixes" in kind for kind in self.terms.values())
        return "proved" if plain and not self.learned else "partial"


def check(statement: Statement, certificate: Certificate) -> Outcome:
    """The outcome; raises Refused where a part is not well formed or not in scope."""
    return _Check(statement, certificate).outcome()


class _Check:
    def __init__(self, statement: Statement, certificate: Certificate):
        self.statement, self.certificate = statement, certificate
        self.signature = statement.signature()
        self.algebra = Algebra(self.signature)
        self.normal = self.algebra.normal
        self.parameters = self.signature.names("learned", "constant")

    def outcome(self) -> Outcome:
        self._scope()
        learned = self._conditions()
        self._weights()
        moved = self._directions()
        missing = self._definedness()
        kinds = {}
        d = Derivation(self.algebra, moved)
        self._supports_stand(d)
        terms = {t.conditional: t for t in self.certificate.terms}
        for c in self.statement.conditionals:
            log_p = self.normal(opened(c.log_density, c.indices()))
            left = d(log_p) + self._divergence(c)
            term = terms.get(c.name)
            if term is None:
                if not self.algebra.vanishes(left):
                    raise Refused(f"{c.name} has no identity, but moves along the field")
                continue
            kinds[c.name] = self._identity(c, term, log_p, left, moved)
        complete = len(kinds) == len(self.statement.conditionals)
        if missing:
            texts = "; ".join(f"{m.what}: {m.value}" for m in missing)
            return Outcome(f"defined only where {texts}", kinds, tuple(missing), learned, complete)
        return Outcome("", kinds, (), learned, complete)

    # scope ----------------------------------------------------------------------------------------
    def _scope(self) -> None:
        """Every part holds only what its role allows."""
        signature, certificate = self.signature, self.certificate
        if not certificate.terms:
            raise Refused("no conditional has its identity")
        for where, names in (
            ("a component", [c.label for c in certificate.components]),
            ("a flow", [f.label for f in certificate.flows]),
            ("a term", [t.conditional for t in certificate.terms]),
        ):
            if len(set(names)) < len(names):
                raise Refused(f"{where} stands twice")
        for c in certificate.components:
            label = signature.labels.get(c.label)
            if label is None or label.role != "learned":
                raise Refused(f"{c.label} is no learned parameter")
            where = f"the field on {c.label}"
            signature.check_term(c.element, label.shape, self.parameters, where)
            _smooth(c.element, where)
        for f in certificate.flows:
            label = signature.labels.get(f.label)
            if label is None or label.role != "latent" or not label.kind.scales:
                raise Refused(f"{f.label} is no latent whose support scaling maps onto itself")
            for part, slots in ((f.rate, ()), (f.shift, label.shape)):
                signature.check_term(part, slots, self.parameters, f"the flow of {f.label}")
                _smooth(part, f"the flow of {f.label}")
            if label.domain.kind != "real" and self._opened(f.shift, label.shape):
                raise Refused(f"{f.label} is no latent whose support a shift maps onto itself")
        conditionals = {c.name: c for c in self.statement.conditionals}
        for t in certificate.terms:
            k = conditionals.get(t.conditional)
            if k is None:
                raise Refused(f"{t.conditional} is no conditional")
            self._term_scope(k, t)
        for condition in certificate.conditions:
            if condition.what not in {"nonzero", "positive"}:
                raise Refused(f"{condition.what} is no condition")
            for n in condition.over:
                signature.check_range(n, "a condition", 1)
            signature.check_term(condition.value, condition.over, self.parameters, "a condition")
            _smooth(condition.value, "a condition")

    def _term_scope(self, c: Conditional, t: TermIdentity) -> None:
        """log h is a function of v (and known constants) alone, H one of (a, theta) alone."""
        signature = self.signature
        allowed = signature.names("constant") | {c.variable}
        signature.check_term(t.log_base_measure, c.plates, allowed, f"log h of {c.name}")
        if any(a.op == "map" for a in t.log_base_measure.subterms()):
            raise Refused(f"log h of {c.name} may not hold an unspecified map")
        if signature.own(c, opened(t.log_base_measure, c.indices()))[1]:
            raise Refused(f"log h of {c.name} depends on another element of {c.variable}")
        signature.check_term(t.entropy, c.plates, signature.all, f"H of {c.name}")
        if signature.own(c, opened(t.entropy, c.indices()))[0]:
            raise Refused(f"H of {c.name} depends on its own variable")

    # definedness ----------------------------------------------------------------------------------
    def _conditions(self) -> bool:
        """Takes the conditions in; whether one is on a learned parameter."""
        learned, values = False, []
        for condition in self.certificate.conditions:
            indices = tuple(free(k, n) for k, n in enumerate(condition.over))
            value = self.normal(opened(condition.value, indices))
            if not value:
                raise Refused("a condition that is never met")
            if value.free() != frozenset(indices):
                raise Refused("a condition whose value does not depend on all its indices")
            values.append((condition, value))
            learned |= bool(value.labels() & self.signature.names("learned"))
        if values and not satisfiable(self.signature, [c for c, _ in values]):
            raise Refused("no point was found at which the conditions are met")
        for condition, value in values:
            sign = "≠" if condition.what == "nonzero" else "+"
            self.algebra.signs.assume(value, sign)
        return learned

    def _definedness(self) -> list[Condition]:
        """What the field, the flows, log h and H still need to be defined."""
        missing: dict[Condition, None] = {}
        for c in self.certificate.components:
            shape = self.signature.labels[c.label].shape
            for need in needs(self.algebra, opened(c.element, _slots(shape))):
                missing |= dict.fromkeys(self._asked(need, f"the field on {c.label}"))
        for f in self.certificate.flows:
            shift = opened(f.shift, _slots(self.signature.labels[f.label].shape))
            for part in (f.rate, shift):
                for need in needs(self.algebra, part):
                    missing |= dict.fromkeys(self._asked(need, f"the flow of {f.label}"))
        conditionals = {c.name: c for c in self.statement.conditionals}
        for t in self.certificate.terms:
            k = conditionals[t.conditional]
            given: list[Need] | None = None
            for part in (t.log_base_measure, t.entropy):
                for need in needs(self.algebra, opened(part, k.indices())):
                    if holds(self.algebra, need):
                        continue
                    if given is None:  # where log p is defined, what it needs holds
                        density = opened(k.log_density, k.indices())
                        given = list(needs(self.algebra, density, always=True))
                    if not met(self.algebra, need, given):
                        found = self._asked(need, f"log h or H of {k.name}")
                        missing |= dict.fromkeys(found)
        return list(missing)

    def _asked(self, need: Need, where: str) -> list[Condition]:
        """The conditions under which a need is met: none if it is met anyway."""
        if holds(self.algebra, need):
            return []
        value = need.value
        variables = self.signature.names(*VARIABLE)
        if need.what not in {"nonzero", "positive"} or not value or value.labels() & variables:
            raise Refused(f"{where} is not known to be defined: {need.what} {value.term()}")
        if need.what == "positive" and self.algebra.signs.of(value) != "0+":
            return [_condition("positive", value)]
        found = factors(self.algebra, value)
        if not found:
            raise Refused(f"{where} is not known to be defined: {need.what} {value.term()}")
        return [_condition("nonzero", q) for q in found]

    # weights --------------------------------------------------------------------------------------
    def _weights(self) -> None:
        """They are positive, and where a flow counts div u, those of its conditionals are q's."""
        q_weight = self.normal(self.statement.q_weight)
        flowing = {f.label for f in self.certificate.flows}
        weights = [("H[q]", q_weight)]
        for c in self.statement.conditionals:
            weight = self.normal(c.weight)
            weights.append((c.name, weight))
            if c.variable in flowing and not self.algebra.vanishes(weight - q_weight):
                raise Refused(f"the weight of {c.name} is not that of H[q], but {c.variable} flows")
        for name, weight in weights:
            if not self.algebra.signs.positive(weight):
                raise Refused(f"the weight of {name} is not known to be positive")
        fixed = [self.statement.q_weight, *(c.weight for c in self.statement.conditionals)]
        fixed += [
            opened(a, _slots(label.copies))
            for label in self.statement.labels
            for a in label.domain.args
            if isinstance(a, Term)
        ]
        for t in fixed:
            _smooth(t, "a weight or a support")
            if not all(holds(self.algebra, need) for need in needs(self.algebra, t)):
                raise Refused("a weight or a support is not known to be defined")

    # the identity ---------------------------------------------------------------------------------
    def _directions(self) -> dict[str, Direction]:
        """How each label moves, after its direction was seen to be tangent to its domain."""
        moved: dict[str, Direction] = {}
        for c in self.certificate.components:
            if self._tangent(c):
                moved[c.label] = along(self.algebra, c.element)
        for f in self.certificate.flows:
            rate, shape = self.normal(f.rate), self.signature.labels[f.label].shape
            if rate or self._opened(f.shift, shape):
                moved[f.label] = flowing(self.algebra, rate, f.shift)
        return moved

    def _tangent(self, c: Component) -> bool:
        """Whether the component moves anything; raises Refused if it leaves the domain."""
        label = self.signature.labels[c.label]
        slots, element = _slots(label.shape), self._opened(c.element, label.shape)
        if label.domain.kind == "simplex":
            if not self.algebra.vanishes(self.algebra.sum_over(element, slots[-1])):
                raise Refused(f"the field on {c.label} does not sum to zero")
        elif label.domain.kind == "positive definite":
            swapped = self.normal(opened(c.element, (*slots[:-2], slots[-1], slots[-2])))
            if not self.algebra.vanishes(element - swapped):
                raise Refused(f"the field on {c.label} is not symmetric")
        elif label.domain.kind == "unit columns" and element:
            raise Refused(f"the field on {c.label} moves a column off the unit sphere")
        return bool(element)

    def _opened(self, body: Term, shape: tuple[Size, ...]) -> Poly:
        """The body at generic slots."""
        return self.normal(opened(body, _slots(shape)))

    def _supports_stand(self, d: Derivation) -> None:
        """Where log p is defined is its support: no end of it may move over a variable's values."""
        variables = self.signature.names(*VARIABLE)
        for c in self.statement.conditionals:
            for need in needs(self.algebra, opened(c.log_density, c.indices())):
                varies = need.value.labels() & variables and not holds(self.algebra, need)
                if varies and not d.scales(need.value):
                    raise Refused(f"{c.name}: an end of its support moves along the field")

    def _divergence(self, c: Conditional) -> Poly:
        """div u over the conditional's own value at one coordinate of its plates.

        Of a symmetric matrix n (n + 1) / 2 elements are coordinates.
        """
        label = self.signature.labels[c.variable]
        event, half = label.shape[len(c.place) :], Fraction(1)
        if label.domain.kind == "positive definite":
            event, half = (*event[:-1], event[-1] + Size.number(1)), Fraction(1, 2)
        dimension = self.normal(Term("size", product_of(event))).scale(half)
        rates = [self.normal(f.rate) for f in self.certificate.flows if f.label == c.variable]
        return self.algebra.multiply(Poly.sum(rates), dimension)

    def _identity(
        self,
        c: Conditional,
        term: TermIdentity,
        log_p: Poly,
        left: Poly,
        moved: Mapping[str, Direction],
    ) -> str:
        log_h = self.normal(opened(term.log_base_measure, c.indices()))
        entropy = self.normal(opened(term.entropy, c.indices()))
        if not self.algebra.vanishes(left - log_p + log_h - entropy):
            raise Refused(f"{c.name}: D log p + div u is not log p - log h + H")
        if not log_h:
            return "entropy"
        self._moves_something_else(c, log_p, moved)
        if not self.signature.labels[c.variable].kind.continuous:
            return "pseudo-entropy"
        scale = Derivation(self.algebra, {c.variable: scaling(self.algebra, Poly.number(1))})
        try:
            changes = c.variable in scale(log_h).labels()
        except Refused:  # not seen to be invariant
            changes = True
        return "pseudo-entropy, fixes a scale" if changes else "pseudo-entropy"

    def _moves_something_else(
        self, c: Conditional, log_p: Poly, moved: Mapping[str, Direction]
    ) -> None:
        """Along a field that moves nothing but v, any density would be its own base measure."""
        place = [opened(i, c.indices()) for i in c.place]

        def own(a: Term) -> bool:
            leading = a.args[1 : 1 + len(place)]
            return a.args[0] == c.variable and all(
                i is j for i, j in zip(leading, place, strict=True)
            )

        others = Derivation(self.algebra, moved, stands=own)
        if not nonzero_somewhere(self.signature, others(log_p)):
            raise Refused(f"{c.name}: nothing but its own value moves, so h would be the density")


def _slots(shape: tuple[Size, ...]) -> tuple[Term, ...]:
    return tuple(free(k, n) for k, n in enumerate(shape))


def _condition(what: str, value: Poly) -> Condition:
    indices = sorted(value.free(), key=lambda f: f.args[0])
    sizes = tuple(f.args[1] for f in indices)
    return Condition(what, sizes, closed(value.term(), indices))


def _smooth(t: Term, where: str) -> None:
    """A field has no jumps, and knows nothing of unspecified maps."""
    for a in t.subterms():
        if a.op in {"case", "map", "slope"} or (a.op == "apply" and FUNCTIONS[a.args[0]].jumps):
            raise Refused(f"{where} may not hold {a.args[0] if a.op == 'apply' else a.op}")
