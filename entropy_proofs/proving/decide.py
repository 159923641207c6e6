"""What follows from an identity that the kernel accepted: the verdict, reasons and assumptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.families.spaces import REAL
from entropy_proofs.judge.cross_check import TOLERANCE, Evaluation
from entropy_proofs.judge.validate import declared_q, unshown
from entropy_proofs.judge.vouching import find
from entropy_proofs.kernel.language.statement import Statement
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.model.pointwise import FieldComponent, Identity
from entropy_proofs.model.weights import unweighted, weights_of
from entropy_proofs.proof.conditions import StatedCondition
from entropy_proofs.proof.term_results import TermResult, latent_motions, weighed_alike
from entropy_proofs.proof.verdict import Verdict
from entropy_proofs.proving.latent_parts import served_apart
from entropy_proofs.refute.exclusion import Refutation, missing, none_holds, refute


def dispute(seen: Evaluation) -> str:
    """What speaks against an identity that the kernel accepts: a point at which it fails."""
    if seen.largest < TOLERANCE:
        return ""
    place = ", ".join(f"{name} = {value}" for name, value in seen.at.items())
    return (
        f"the kernel accepts an identity that fails for {seen.term} at a random point, by "
        f"{float(seen.largest):.1e} relative ({place}): please report this"
    )


def decided(
    model: Model,
    terms: tuple[TermResult, ...],
    conditions: tuple[StatedCondition, ...],
    gave_up: str,
    missing: Mapping[str, str],
) -> tuple[Verdict, Any, tuple[TermResult, ...]]:
    """The verdict, what refutes the criterion where it fails, and the terms with their reasons.

    missing: {conditional: why a flow that would serve it is none of the declared q's}.
    Only witnesses against any base measure refute.
    """
    failing = [t for t in terms if not t.holds or t.fixes_scale]
    if not failing:
        limited = any(c.learned for c in conditions)
        return Verdict.PARTIAL if limited else Verdict.PROVED, None, terms
    held = {t.variable for t in terms if t.holds}
    needs = {**_missing_flows(model), **missing}
    open_ = [t.term for t in failing if t.variable not in needs]
    apart = _refutations(model, [t for t in open_ if t.name not in held], base_measure=True)
    together = None if held else none_holds(model, apart)
    if together:
        apart = {t.variable: apart.get(t.variable, together[-1]) for t in terms}
        verdict, witnesses, plain = Verdict.REFUTED, together, {}
    else:
        plain = _refutations(model, [t for t in open_ if t.name not in apart], base_measure=False)
        verdict = Verdict.PARTIAL if held else Verdict.UNDECIDED
        witnesses = [*apart.values(), *plain.values()]
    known = {**plain, **apart}
    instead = served_apart(model, frozenset(t.variable for t in failing))
    updated = (
        _with_advice(_with_reason(t, known.get(t.variable), needs, gave_up), instead) for t in terms
    )
    shown = (
        (replace(t, undecided=True) if t.variable in missing and not t.holds else t)
        for t in updated
    )
    return verdict, next(iter(witnesses), None), tuple(shown)


def _refutations(
    model: Model, terms: Sequence[ModelTerm], base_measure: bool
) -> dict[str, Refutation]:
    """What refutes each of them on its own, by name."""
    found = {t.name: refute(model, [t], base_measure) for t in terms}
    return {name: refuted for name, refuted in found.items() if refuted is not None}


def _missing_flows(model: Model) -> dict[str, str]:
    """What weights that differ keep from being served: {conditional: the flows that it needs}."""
    apart = {m.name for m in latent_motions(model) if not weighed_alike(model, m)}
    if not apart:
        return {}
    plain = unweighted(model)
    found = find(plain)
    weights = {t.variable: t.weight for t in model.terms}
    flows = [
        f"the flow of {f.variable} would need the weight of H[q], {model.q_weight}, to equal that "
        f"of {f.variable}, {weights[f.variable]}"
        for f in (found.identity.flows if found else ())
        if f.variable in apart
    ]
    served = [t.conditional.name for t in found.identity.terms] if found and flows else []
    return dict.fromkeys(served, "; ".join(flows))


def _with_reason(t: TermResult, witness: Any, needs: Mapping[str, str], gave_up: str) -> TermResult:
    if t.variable in needs and not t.holds:
        return replace(t, reason=needs[t.variable])
    t = replace(t, witness=witness)
    if t.holds:
        return t
    if witness is not None and witness.base_measure:
        return replace(t, reason=f"criterion refuted: {witness.summary}")
    if witness is not None:
        why = f"not decided with a base measure: {witness.summary}"
    else:
        why = gave_up or f"no field was found, and {missing() or 'none was excluded'}"
        why = f"not decided: {why}"
    return replace(t, reason=why, undecided=True)


def _with_advice(t: TermResult, instead: Mapping[str, str]) -> TermResult:
    """With what to declare instead, where that was seen to serve it."""
    said = instead.get(t.variable)
    return replace(t, reason=f"{t.reason}; {said}", instead=said) if said else t


def assumed(
    model: Model,
    identity: Identity | None,
    terms: tuple[TermResult, ...],
    conditions: tuple[StatedCondition, ...],
    statement: Statement | None,
    q_direction: Sequence[FieldComponent],
) -> list[str]:
    if identity is None:
        return []
    found = [str(c) for c in conditions]
    sizes = statement.sizes.items() if statement else ()
    found += [f"{size} ≥ {n}, as the model's indices need" for size, n in sizes if n > 1]
    if identity.field:
        names = ", ".join(c.label.name for c in identity.field)
        found.append(f"the ELBO is stationary along the field, i.e. with respect to {names}")
        found.append("the stationary point lies in the interior of the parameters' domains")
    if q_direction:
        names = ", ".join(c.label.name for c in q_direction)
        found.append(f"the ELBO is stationary with respect to {names} of q")
    for f in identity.flows:
        q = model.variational_.of.get(f.variable)
        if q is not None:
            if q.is_posterior:
                found.append(f"q of {f.variable} is the exact posterior, where F is largest")
            continue
        moves = "scales" if f.shift == 0 else "scales and shifts"
        example = (
            "Gaussians with free means and variances do"
            if model.variables[f.variable].support == REAL
            else "families with a free scale do"
        )
        found.append(
            f"q's family contains the flow that {moves} {f.variable} ({example}), and the ELBO is "
            "stationary along it"
        )
    held, of_q = [t.term for t in terms if t.holds], declared_q(model)
    found += [*_normalised(model, held), *_normalised(of_q, of_q.terms, "q of ")]
    found += [said for t in held for said in unshown(model, t)]
    found += [said for t in of_q.terms for said in unshown(of_q, t, "q of ")]
    if held:
        found.append("differentiation under the integral sign is allowed")
    weights = ", ".join(f"{w} on {name}" for name, w in weights_of(model).items())
    if weights:
        found.append(f"the ELBO is the weighted one, with the constant weights {weights}")
    return found


def _normalised(model: Model, terms: Sequence[ModelTerm], whose: str = "") -> list[str]:
    """That densities by formula are some: numbers at some values can only bear it out."""
    stated: dict[tuple[str, str], list[str]] = {}
    for t in terms:
        if not t.family.tested:
            untried = " (it was not tried in numbers)" if t.name in model.untried else ""
            stated.setdefault((_given(model, t), untried), []).append(whose + t.name)
    return [
        f"the density of {', '.join(names)}{given} integrates to one for all parameters and sizes"
        + untried
        for (given, untried), names in stated.items()
    ]


def _given(model: Model, term: ModelTerm) -> str:
    """ " given z", of the parents that stand in a density."""
    inside = symbols_in(term.log_density) - {term.value}
    names = [v.name for v in model.variables.values() if v.label in inside]
    names += [part.variable for label, part in term.aliases.items() if label in inside]
    return f" given {', '.join(dict.fromkeys(names))}" if names else ""
