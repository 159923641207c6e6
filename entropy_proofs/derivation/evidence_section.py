"""What a result assumes, what was claimed by hand, what was checked, and what stays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import mpmath
from sympy import Expr, Symbol

from entropy_proofs.arrays.array import broadcast_at, generate
from entropy_proofs.claims.optimum import on_average
from entropy_proofs.derivation.checked.equalities import Equality
from entropy_proofs.derivation.typesetting import arrow_tree, chain, commas, equation_tree, tree
from entropy_proofs.derivation.written import WrittenConditional
from entropy_proofs.document.blocks import (
    Block,
    Code,
    Display,
    Equation,
    Inline,
    Inlines,
    Items,
    Listing,
    Paragraph,
    Section,
)
from entropy_proofs.errors import MissingLibrary
from entropy_proofs.judge.cross_check import residual
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.tree import PLUS, phrase, separated
from entropy_proofs.proof.outcome import Difference
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.verdict import Verdict

POINTS, DIGITS = 3, 50  # of the second evaluation
_LONG = 24.0  # em, half a line


def assumptions_section(proof: ProofRecord) -> Section | None:
    """What the result needs."""
    if not proof.assumptions:
        return None
    items: list[Inlines] = [(text,) for text in proof.assumptions]
    return Section(("Assumptions and conditions",), (Items(tuple(items)),))


def claims_section(proof: Any) -> Section | None:
    """What was derived by hand, with verdicts and witnesses."""
    if not proof.claims:
        return None
    groups: dict[tuple[str, ...], list[Inlines]] = {}
    for c in proof.claims:
        verdict = [c.verdict.value]
        verdict += [f"where {', '.join(c.conditions)}"] if c.conditions else []
        verdict += [str(c.witness)] if c.witness is not None else []
        groups.setdefault(tuple(verdict), []).extend(_claimed(proof, c))
    blocks = [b for said, claims in groups.items() for b in _listed(", ".join(said), claims)]
    return Section(("Claims",), tuple(blocks), small=True)


def _listed(said: str, claims: Sequence[Inlines]) -> Iterator[Block]:
    """Claims side by side after their verdict; long formulas, which need lines, below."""
    text: list[Inline] = []
    below: list[Equation] = []
    for claim in claims:
        long = [f for f in claim if isinstance(f, Formula) and f.inline_width > _LONG]
        if long:
            kind = next(part for part in claim if isinstance(part, str)).strip()
            below += [Equation(f, (kind,)) for f in long]
        else:
            text += ["; " if text else " ", *claim]
    yield Paragraph((f"{said}:", *text))
    if below:
        yield Display(tuple(below))


def _claimed(proof: ProofRecord, result: Any) -> Iterator[Inlines]:
    claim = result.claim
    if claim.kind == "derivation":
        yield (result.statement,)
        return
    if claim.kind == "field":
        values = _values(proof)
        yield (
            "field ",
            Formula(commas([arrow_tree(values[k], v) for k, v in claim.expression.items()])),
        )
        return
    if claim.kind == "optimum":
        shape, data = proof.model.learned()[claim.subject].shape, proof.data_labels

        def element(*i: Expr) -> Expr:
            return on_average(broadcast_at(claim.expression, i), data)

        value = generate(element, shape) if shape else element()
        shown = equation_tree(_values(proof)[claim.subject], proof.without_q(value))
        yield ("optimum ", Formula(shown))
        return
    if claim.kind == "entropy sum":
        yield ("entropy sum ", Formula(tree(claim.expression)))
        return
    names = {v.label: v.name for v in proof.model.variables.values()}
    terms = [t for t in proof.model.terms if t.variable == names[claim.subject]]
    conditionals = [WrittenConditional(proof.model, t) for t in terms]
    pseudo = claim.kind != "entropy"
    whole = separated([phrase(c.steps(), c.entropy(pseudo)) for c in conditionals], PLUS)
    yield (f"{claim.kind} ", Formula(chain(whole, tree(claim.expression))))


def _values(proof: ProofRecord) -> dict[Symbol, Any]:
    model = proof.model
    found = {p.label: p.value for p in model.parameters.values()}
    return found | {v.label: v.value for v in model.variables.values()}


def evidence_section(
    proof: ProofRecord, equalities: Sequence[Equality], verification: Any = None
) -> Section:
    """Which checks ran, with their numbers."""
    items: list[Inlines] = []
    if proof.certificate is not None:
        outcome = proof.certificate.check()
        said = outcome.verdict if outcome.accepted else f"rejected: {outcome.reason}"
        items.append(
            (
                "Certificate, re-checked by the kernel: ",
                Code(proof.certificate.sha256),
                f": {said}.",
            )
        )
    by = Counter(e.judge for e in equalities)
    if by:
        counts = ", ".join(f"{n} by {judge}" for judge, n in by.most_common())
        items.append((f"Displayed equalities, each checked when this was written: {counts}.",))
    if proof.identity is not None:
        seen = residual(proof.model, proof.identity, points=POINTS, digits=DIGITS)
        if seen.skipped:
            items.append((f"Not evaluated at random points: {seen.skipped}.",))
        else:
            largest = mpmath.nstr(mpmath.mpf(seen.largest), 2)
            items.append(
                (
                    f"Largest relative residual of all identities at {seen.points} random points, "
                    f"by an evaluation that shares no code with the kernel: {largest}.",
                )
            )
    if verification is not None:
        items += _verified(verification)
    text = [part for item in items for part in (*item, " ")][:-1]
    return Section(("Evidence",), (Paragraph(tuple(text or ["None."])),), small=True)


def _verified(v: Any) -> Iterator[Inlines]:
    if not v.points:
        yield (f"Not verified in numbers: {v.reason}.",)
        return
    yield (
        f"F - S = v·∇F at {v.points} random points: relative residual "
        f"{v.max_identity_residual:.1e} in double precision, "
        f"{v.max_identity_residual_mpmath:.1e} with 50 digits.",
    )
    for p in v.stationary_points:
        yield (
            f"A {p.kind} on {p.dataset}, found by {p.fitted_by}: F = {p.elbo:.6f}, "
            f"S = {p.entropy_sum:.6f}, F - S = {p.gap:.1e}, |∇F| = {p.gradient_norm:.1e} "
            "(nats per data point).",
        )
    if v.failure:
        yield (f"No stationary point: {v.failure}.",)


def rest_section(proof: Any) -> Section | None:
    """What stays and why, with a witness and a counterexample, where the verdict is not proved."""
    if proof.verdict is Verdict.PROVED:
        return None
    items: list[Inlines] = []
    for t in proof.terms:
        if not t.holds or t.fixes_scale:
            c = WrittenConditional(proof.model, t.term)
            items.append((Formula(c.density(whole=True)), f": {t.reason}."))
    said = [t.reason for t in proof.terms]
    if proof.witness is not None and not any(str(proof.witness) in reason for reason in said):
        items.append((f"Witness: {proof.witness}.",))
    blocks: list[Block] = [Items(tuple(items))] if items else []
    try:
        found = proof.counterexample
    except MissingLibrary as missing:
        blocks.append(Paragraph((f"No counterexample was sought: {missing}.",)))
        found = None
    if found is not None:
        blocks.append(Paragraph((f"Counterexample: {found}.", *_residue(found))))
        blocks.append(Listing("\n".join(_point(found))))
    if proof.suggestions:
        ways = "; or ".join(map(str, proof.suggestions))
        blocks.append(Paragraph((f"It would hold if you {ways}.",)))
    return Section(("What stays, and why",), tuple(blocks)) if blocks else None


def _residue(found: Difference) -> Inlines:
    if found.gradient_norm is None:
        return ()
    return (f" The largest stationarity condition there is {found.gradient_norm}.",)


def _point(found: Difference) -> Iterator[str]:
    """Sizes and parameters, then q and the data as weighted points, a line for each."""
    for name, value in found.at.items():
        if name != "data":
            yield f"{name} = {value}"
    for point in found.at.get("data", ()):
        yield ", ".join(f"{name} = {value}" for name, value in point.items())
