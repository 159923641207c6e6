"""The field, the sum of entropies by name and in closed form, and closed-form optima."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy as sp
from sympy import Expr, IndexedBase, KroneckerDelta

from entropy_proofs.algebra.nodes import Expectation, VariationalEntropy
from entropy_proofs.arrays.categories import by_category
from entropy_proofs.derivation.checked.equalities import Judge
from entropy_proofs.derivation.model_section import bound, expected, variational_entropy, weighed
from entropy_proofs.derivation.typesetting import (
    EQUALS,
    arrow_tree,
    beside,
    chain,
    commas,
    equation_tree,
    tree,
)
from entropy_proofs.derivation.written import D, H, WrittenConditional, div, log, mean, partial
from entropy_proofs.document.blocks import Block, Display, Equation, Inline, Paragraph, Section
from entropy_proofs.families.spaces import SIMPLEX, UNIT_INTERVAL
from entropy_proofs.objective.solutions import Solution, shown_optimum
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.tree import (
    MINUS,
    PLUS,
    Application,
    BigOperator,
    Letter,
    Node,
    Script,
    Sign,
    bracketed,
    phrase,
)
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult
from entropy_proofs.proof.verdict import Verdict

Confirmed = tuple[Solution, tuple[str, ...] | str]


def field_section(proof: ProofRecord) -> Section | None:
    """The one field and the flows, and what is to be shown along them."""
    if proof.identity is None:
        return None
    moves = proof.field | proof.latent_flow
    arrows = (Equation(Formula(beside(*(arrow_tree(k, v) for k, v in moves.items())))),)
    theta, u, nabla = Letter(r"\theta"), Letter("u"), Letter(r"\nabla")
    sums = phrase(BigOperator(r"\sum", theta), Script(Letter("v"), theta), partial(None, theta))
    along = phrase(sums, PLUS, u, Letter(r"\cdot"), nabla) if proof.latent_flow else sums
    v, a = Letter("v"), Letter("a")
    log_p = log(Application(Letter("p"), bracketed(phrase(v, Sign(r"\mid"), a))))
    log_h = log(Application(Letter("h"), bracketed(v)))
    entropy = Application(H, bracketed(phrase(a, Sign(";"), Letter(r"\Theta"))))
    pointwise = phrase(D, log_p, *([PLUS, div()] if proof.latent_flow else []))
    right = phrase(log_p, MINUS, log_h, PLUS, entropy)
    pseudo: list[Inline] = []
    if any(t.is_pseudo for t in proof.terms):
        pseudo = [", or with a base measure ", Formula(Letter("h")), " its pseudo-entropy "]
        pseudo.append(Formula(mean(MINUS, log_p, PLUS, log_h)))
    else:
        right = phrase(log_p, PLUS, entropy)
    flows = " and the latents (q is pushed along)" if proof.latent_flow else ""
    text = f"One field moves the learned parameters{flows}:"
    shown: tuple[Block, ...] = (Paragraph((text,)), Display(arrows))
    if not moves:  # of a density that is constant
        shown = (Paragraph(("No parameter has to move: the field is zero.",)),)
    after: list[Inline] = [
        "With ",
        Formula(chain(D, along)),
        ", every conditional that becomes an entropy satisfies for all values and parameters ",
        Formula(chain(pointwise, right)),
        ". The left side has mean zero under it (differentiation under the integral sign), so ",
        Formula(H),
        " is its entropy ",
        Formula(mean(MINUS, log_p)),
        *pseudo,
        ".",
    ]
    return Section(("Field",), (*shown, Paragraph(tuple(after))))


def sum_section(proof: Any, judge: Judge, optima: Sequence[Confirmed]) -> Section:
    """F - S as a derivative of F, and what F is where that vanishes."""
    if proof.identity is None or not any(t.holds for t in proof.terms):
        text = "No conditional became an entropy, so there is no sum to state."
        return Section(("Sum of entropies",), (Paragraph((text,)),))
    latent = bool(proof.model.latents())
    over = "q and the data" if latent else "the data"
    weighted = any(t.weight != 1 for t in proof.terms) or proof.model.q_weight != 1
    paragraph = (
        f"Averaged over {over}{', multiplied by their weights' * weighted} and added up, the "
        "identities say that the derivative of the bound along the field is the bound less the "
        f"sum below, at every point{', for every q' * latent} and all data. Where the bound is "
        "stationary that derivative vanishes",
        *_where(proof),
        ", and",
    )
    equations = [
        Equation(Formula(chain(bound(proof), formal_sum(proof)))),
        Equation(Formula(phrase(EQUALS, tree(proof.entropy_sum)))),
    ]
    shorter = with_weights(proof, judge, optima)
    if shorter is not None:
        names = commas([tree(proof.model.parameters[n].value) for n in shorter[1]])
        reason = ("with the optimum of ", Formula(names))
        equations.append(Equation(Formula(phrase(EQUALS, tree(shorter[0]))), reason))
    return Section(("Sum of entropies",), (Paragraph(paragraph), Display(tuple(equations))))


def _where(proof: ProofRecord) -> list[Inline]:
    """The conditions under which the field exists."""
    found: list[Inline] = []
    for c in proof.conditions:
        found += [" and " if found else " (where ", c.formula()]
    return [*found, ")"] if found else []


def formal_sum(proof: ProofRecord) -> Node:
    """H[q] - H[p(z)] - E_q[H[p(x | z)]], by name."""
    parts: list[Node] = [variational_entropy(proof)] if proof.model.latents() else []
    for t in proof.terms:
        for sign, node in _terms(proof, t):
            parts += [sign, node] if parts or sign == MINUS else [node]
    return phrase(*parts)


def _terms(proof: ProofRecord, t: TermResult) -> list[tuple[Node, Node]]:
    c = WrittenConditional(proof.model, t.term)
    sums = c.steps()
    if not t.holds:
        inside = expected(proof, phrase(sums, log(c.density(whole=True))))
        return [(PLUS, weighed(t.weight, inside))]
    entropy = phrase(sums, c.entropy(t.is_pseudo))
    if c.parents:
        entropy = expected(proof, entropy)
    found: list[tuple[Node, Node]] = [(MINUS, weighed(t.weight, entropy))]
    if t.is_pseudo:
        log_h = log(phrase(Letter("h"), bracketed(c.whole)))
        found.append((PLUS, weighed(t.weight, expected(proof, phrase(sums, log_h)))))
    return found


def with_weights(
    proof: Any, judge: Judge, optima: Sequence[Confirmed]
) -> tuple[Expr, list[str]] | None:
    """The sum with mean responsibilities E_q[delta_ck] as the weights rho_k that they are.

    None where that shortens nothing, or was not shown.
    """
    replaced = {
        s.parameter.label: s
        for s, shown in optima
        if s.parameter.domain in {SIMPLEX, UNIT_INTERVAL}
        and _is_indicator(s.element)
        and not isinstance(shown, str)
    }
    if not replaced:
        return None
    total = proof.variational_entropy + proof.entropies
    shapes = {p.label: p.shape for p in proof.model.parameters.values()}
    written = by_category(total, shapes, proof.data_labels)
    if judge.equality(_bare(total), _bare(written)) is None:
        return None

    def known(e: Expr) -> Expr:
        for label, s in replaced.items():
            found = _places(s.element, e, s.slots)
            if found is not None:
                return IndexedBase(label)[found]
        return e

    shorter = written.replace(lambda e: isinstance(e, Expectation) and _is_indicator(e), known)
    names = [s.parameter.name for s in replaced.values()]
    return None if shorter == written else (proof.published(shorter), names)


def _is_indicator(e: Expr) -> bool:
    return isinstance(e, Expectation) and isinstance(e.args[0], KroneckerDelta)


def _places(pattern: Expr, e: Expr, slots: tuple[Any, ...]) -> tuple[Expr, ...] | None:
    """The slot's value k for which E[delta_ck] is that of the pattern."""
    if len(slots) != 1:
        return None
    (slot,) = slots
    others = [a for a in pattern.args[0].args if a != slot]
    rest = [a for a in e.args[0].args if a not in others]
    return (rest[0],) if len(others) == 1 and len(rest) == 1 else None


def _bare(expr: Expr) -> Expr:
    """What is averaged, with H[q] left out."""
    bare = expr.replace(lambda e: isinstance(e, VariationalEntropy), lambda e: sp.S.Zero)
    return bare.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])


# optima -------------------------------------------------------------------------------------------
def confirmed_optima(proof: Any) -> tuple[Confirmed, ...]:
    """Solved stationarity conditions, each with what it was shown under, or why it was not."""
    if proof.verdict in {Verdict.REFUTED, Verdict.UNDECIDED} or proof.objective is None:
        return ()
    return tuple((s, shown_optimum(proof, s)) for s in proof.objective.solutions)


def optima_section(proof: Any, optima: Sequence[Confirmed]) -> Section | None:
    """Parameters whose stationarity conditions have closed-form solutions, each of them shown."""
    equations, named = [], []
    for s, shown in optima:
        p = s.parameter
        if isinstance(shown, str):
            named.append(f"{p.name} ({shown})")
            continue
        value = proof.objective.eliminated[p.value]
        reason = ("where the averages exist and do not vanish",) if shown else ()
        equations.append(Equation(Formula(equation_tree(p.value, value)), reason))
    if not equations and not named:
        return None
    said = Paragraph(("The stationarity conditions solved, where that is possible:",))
    blocks: list[Block] = [said, Display(tuple(equations))] if equations else []
    if named:
        blocks.append(Paragraph((f"Solved, but not confirmed: {'; '.join(named)}.",)))
    blocks += [
        Paragraph(("Put back, they leave an objective whose stationary points are the bound's:",)),
        Display((Equation(Formula(tree(proof.without_q(proof.objective.formula)))),)),
    ]
    return Section(("Closed-form optima",), tuple(blocks))
