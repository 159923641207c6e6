"""Hand derivations as chains of equations: one verdict for every "="."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy import Expr, MatrixSymbol, Symbol

from entropy_proofs.ad_hoc import ad_hoc_model, with_assumptions
from entropy_proofs.algebra.equality import vanishes
from entropy_proofs.algebra.matrices import scalar
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Poly, symbols_in
from entropy_proofs.arrays import Array, lift
from entropy_proofs.errors import InputError
from entropy_proofs.model import Model
from entropy_proofs.numeric.witness import difference
from entropy_proofs.proof import Verdict


@dataclass(frozen=True)
class StepResult:
    """One equation of a chain: `number` counts from 1; `witness` refutes it, or says why not."""

    number: int
    left: Expr
    right: Expr
    verdict: Verdict
    witness: Any = None

    @property
    def statement(self) -> str:
        return f"step {self.number}: {self.left} = {self.right}"


class Steps(tuple[StepResult, ...]):
    """The verdicts of a chain in order."""

    @property
    def first_wrong(self) -> StepResult | None:
        """The first refuted step."""
        return next((s for s in self if s.verdict is Verdict.REFUTED), None)

    @property
    def verdict(self) -> Verdict:
        """Of the chain as a whole."""
        if self.first_wrong is not None:
            return Verdict.REFUTED
        proved = all(s.verdict is Verdict.PROVED for s in self)
        return Verdict.PROVED if proved else Verdict.UNDECIDED


def check_steps(expressions: Sequence[Any], domains: Mapping[Any, str] | None = None) -> Steps:
    """Verdicts on e0 = e1 = e2 = ...

    Args:
        expressions: scalar SymPy expressions (with matrices, sums and expectations too).
        domains: {symbol or its name: "positive", "unit interval", "positive definite", ...};
            else a symbol's own assumptions hold.

    Raises:
        InputError: fewer than two expressions, or one that is no scalar.
    """
    if len(expressions) < 2:
        raise InputError("a chain needs at least two expressions")
    given = [_scalar(e) for e in expressions]
    matrices = {m for e in expressions for m in sp.sympify(e).atoms(MatrixSymbol)}
    renamed = with_assumptions(sp.Tuple(*given), domains)
    known = [e.xreplace(renamed) for e in given]
    named = {renamed.get(s, s): d for s, d in _by_symbol(domains or {}, known).items()}
    model = ad_hoc_model([_without_expectations(e) for e in known], matrices, domains=named)
    pairs = pairwise(known)
    return Steps(_step(model, k, a, b, frozenset()) for k, (a, b) in enumerate(pairs, 1))


def check_derivation(model: Model, expressions: Sequence[Expr], random: frozenset) -> Steps:
    """The same for a chain written with a model's own symbols; `random` labels are averaged."""
    pairs = pairwise(expressions)
    return Steps(_step(model, k, a, b, random) for k, (a, b) in enumerate(pairs, 1))


def _step(model: Model, number: int, left: Expr, right: Expr, random: frozenset) -> StepResult:
    if vanishes(_linear(left, random) - _linear(right, random)):
        return StepResult(number, left, right, Verdict.PROVED)
    try:
        found = difference(model, _without_expectations(left), _without_expectations(right))
    except (TypeError, NotImplementedError) as error:
        return StepResult(number, left, right, Verdict.UNDECIDED, str(error))
    if found is None:
        reason = "not shown equal, and no point was found at which the sides differ"
        return StepResult(number, left, right, Verdict.UNDECIDED, reason)
    witness = replace(found, sides=("left", "right"))
    return StepResult(number, left, right, Verdict.REFUTED, witness)


def _linear(expr: Expr, random: frozenset[Symbol]) -> Poly:
    """The normal form, with expectations drawn apart by linearity."""
    found = {e: _drawn(e, random).expr() for e in expr.atoms(Expectation)}
    return normal(expr.xreplace(found)) if found else normal(expr)


def _drawn(e: Expectation, random: frozenset[Symbol]) -> Poly:
    parts = []
    for m, c in normal(e.args[0]):
        inside = frozenset(q for q in m if not random or symbols_in(q[0]) & random)
        outside = Poly({m - inside: c})
        if inside:
            outside = outside * Poly.atom(Expectation(Poly({inside: 1}).expr()))
        parts.append(outside)
    return Poly.sum(parts)


def _without_expectations(expr: Expr) -> Expr:
    return expr.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])


def _scalar(given: Any) -> Expr:
    try:
        expr = lift(scalar(sp.sympify(given)))
    except sp.SympifyError:
        raise InputError(f"{given!r} is not an expression") from None
    if isinstance(expr, Array):
        raise InputError(f"{expr} is an array, not a scalar")
    return expr


def _by_symbol(domains: Mapping[Any, str], expressions: Sequence[Expr]) -> dict[Symbol, str]:
    symbols = {s.name: s for e in expressions for s in symbols_in(e)}
    return {symbols[str(k)]: d for k, d in domains.items() if str(k) in symbols}
