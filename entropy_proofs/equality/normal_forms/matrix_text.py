"""Matrices as one writes them."""

from __future__ import annotations

from entropy_proofs.kernel.language.show import term_text
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.ring import Mono, Number, Poly, mono_term
from entropy_proofs.kernel.normal.rules import delta_atom


def matrix_text(algebra: Algebra, n: Size, body: Term) -> str | None:
    """The matrix as one writes it, "A*B.T + s*I", or None where it is no such sum."""
    i, j, element = algebra.opened_matrix(body, n)
    texts = [_factor_text(algebra, m, c, i, j) for m, c in element.ordered()]
    if not texts or None in texts:
        return None
    return " + ".join(t for t in texts if t).replace("+ -", "- ")


def _factor_text(algebra: Algebra, mono: Mono, c: Number, i: Term, j: Term) -> str | None:
    inside = frozenset(f for f in mono if f[0].free & {i, j})
    scale = Poly({mono - inside: c})
    value = scale.constant()
    head = "" if value == 1 else "-" if value == -1 else f"{term_text(scale.term())}*"
    delta = (delta_atom(i, j), 1)
    if inside == {delta}:
        return f"{head}I"
    if delta in inside:
        diagonal = mono_term(inside - {delta})
        names = [a.args[0] for a in diagonal.subterms() if a.op == "element"]
        return f"{head}diag({', '.join(names)})" if len(names) == 1 else None
    chain = _chain(algebra, inside, i, j)
    return None if chain is None else head + "*".join(chain)


def _chain(algebra: Algebra, inside: Mono, i: Term, j: Term) -> list[str] | None:
    """The names of the matrices whose product this is."""
    factors = list(inside)
    if len(factors) == 1 and factors[0][0].op == "sum" and factors[0][1] == 1:
        single = algebra.opened_sum(factors[0][0])[1].single()
        if single is None or single[1] != 1:
            return None
        factors = list(single[0])
    names, at_index = [], i
    leading = (k for a, _ in factors if a.op == "element" for k in a.args[1:-2])
    if any(e not in {1, 2} for _, e in factors) or any(k.free & {i, j} for k in leading):
        return None
    pending = [a for a, e in sorted(factors, key=lambda f: f[0].key) for _ in range(int(e))]
    while pending:
        step = next((a for a in pending if at_index in _ends(a)), None)
        if step is None:
            return None
        pending.remove(step)
        row, column = _ends(step)
        names.append(_name(algebra, step) + ("" if row is at_index else ".T"))
        at_index = column if row is at_index else row
    return names if at_index is j else None


def _ends(a: Term) -> tuple[Term, ...]:
    if a.op == "element" and len(a.args) > 2:
        return a.args[-2:]
    return a.args[2:] if a.op == "inverse" else (a, a)


def _name(algebra: Algebra, a: Term) -> str:
    if a.op == "inverse":
        return f"inv({matrix_text(algebra, a.args[0], a.args[1]) or '...'})"
    lead = ", ".join(term_text(i) for i in a.args[1:-2])
    return f"{a.args[0]}[{lead}]" if lead else str(a.args[0])
