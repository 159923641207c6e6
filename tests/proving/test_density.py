"""`ep.identity` on every density of the registry, against numbers that share nothing with it:

the identity by mpmath's derivative along the field, the entropy by SciPy and by quadrature, and
the kernel by mutants that the numbers show to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from catalogue.spread import LONG
from densities import REGISTRY, Density
from must_fail.mutants import mutants
from oracle.certificates import states_a_truth
from oracle.expressions import precise, principal
from oracle.shift import shift

import entropy_proofs as ep
from entropy_proofs.judge.vouching import Judged, ModelKernel
from entropy_proofs.kernel.certificate import check_document

HOLDS = [d for d in REGISTRY if d.expectation != "refuse"]
REFUSED = [d for d in REGISTRY if d.expectation == "refuse"]
MUTANTS = None if LONG else 8  # of each kind
DIGITS, TOLERANCE = 40, mp.mpf(10) ** -20


def by_name(densities: list[Density]):
    return pytest.mark.parametrize("density", densities, ids=[d.name for d in densities])


def listed(symbols: Any) -> tuple:
    return tuple(symbols) if isinstance(symbols, tuple | list) else (symbols,)


def found(density: Density) -> tuple[Any, Judged]:
    """The engine's identity of one density of the registry, and what the kernel was given for it."""
    seen, best = [], ModelKernel.best

    def recording(kernel: ModelKernel, candidates: Any) -> Judged | None:
        seen.append(best(kernel, candidates))
        return seen[-1]

    with patch.object(ModelKernel, "best", recording):
        given = density.log_density, density.variable, density.parameters, density.given
        result = ep.identity(*given)
    return result, seen[-1]


def residual(log_density: Any, result: Any, values: dict) -> mp.mpf:
    """D_field log p - log p + log h - H at one point, relative to the size of its terms."""
    with mp.workdps(DIGITS):
        numbers = precise(values)
        slope = mp.diff(lambda t: principal(log_density, shift(numbers, result.field, t)), 0)
        terms = [
            slope,
            -principal(log_density, numbers),
            principal(result.log_base_measure, numbers),
            -principal(result.entropy, numbers),
        ]
        return abs(mp.fsum(terms)) / (1 + max(map(abs, terms)))


def cases(density: Density, seed: int, settings: int = 2, points: int = 2) -> Iterator[dict]:
    rng = np.random.default_rng(seed)
    for _ in range(settings):
        values = density.draw(rng)
        for point in density.points(rng, values, points):
            yield {**values, **point}


@by_name(HOLDS)
def test_finds_what_is_expected(density):
    """And the kernel accepts it, and rejects its mutants."""
    result, judged = found(density)
    assert result.is_pseudo == (density.expectation == "pseudo")
    assert result.is_pseudo == (result.log_base_measure != 0)
    depends_on_what_it_may(density, result)
    for values in cases(density, seed=3):
        assert residual(density.log_density, result, values) < TOLERANCE
    has_the_entropy_of_an_oracle(density, result)
    document = judged.document
    assert check_document(document).accepted
    tried = mutants(document, ("a value changed", "a density changed"), MUTANTS)
    rejected = 0
    for kind, what, mutant in tried:
        accepted = check_document(mutant).accepted
        assert not accepted or states_a_truth(mutant), f"{kind}: {what}"
        rejected += not accepted
    assert rejected >= 8


def depends_on_what_it_may(density: Density, result: Any) -> None:
    variable, given = listed(density.variable), listed(density.given)
    for direction in result.field.values():
        assert not mentions(direction, (*variable, *given))
    assert not mentions(result.entropy, variable)
    assert not mentions(result.log_base_measure, (*listed(density.parameters), *given))


def mentions(expression: Any, symbols: tuple) -> bool:
    """Whether any of the symbols occurs, by name (matrices may be written by elements)."""
    free = {str(getattr(s, "label", s)) for s in sp.sympify(expression).free_symbols}
    return not free.isdisjoint(str(getattr(s, "label", s)) for s in symbols)


def has_the_entropy_of_an_oracle(density: Density, result: Any) -> None:
    rng = np.random.default_rng(4)
    for _ in range(2):
        values = density.draw(rng)
        claimed = float(principal(result.entropy, precise(values)))
        if density.space:
            expected = density.entropy(values, result.log_base_measure)
            assert claimed == pytest.approx(expected, abs=1e-7, rel=1e-7)
        if density.reference and not result.is_pseudo:
            assert claimed == pytest.approx(density.reference(values), abs=1e-7, rel=1e-7)


@by_name(REFUSED)
def test_refuses_with_a_witness(density):
    with pytest.raises(ep.NoIdentity) as refusal:
        found(density)
    assert refusal.value.reason
    assert refusal.value.witness is not None
    assert refusal.value.witness.base_measure, "a pseudo-entropy is not excluded"


A, B, R = (sp.Symbol(name, positive=True) for name in "abr")
MOVING = {
    "its end is a parameter": (-sp.log(A) - R / A + sp.log(sp.E), sp.Interval(0, A), ()),
    "its start is a parent": (sp.log(A) - A * (R - B), sp.Interval(B, sp.oo), (B,)),
    "it has no form": (sp.log(A) - A * R, "positive", ()),
}


@pytest.mark.parametrize("case", MOVING)
def test_a_support_that_moves_is_refused(case):
    log_p, support, given = MOVING[case]
    with pytest.raises(ep.InputError, match="support"):
        ep.identity(log_p, R, (A,), given=given, support=support)


def test_a_support_may_start_at_a_constant():
    found = ep.identity(sp.log(A) - A * (R - B), R, (A,), support=sp.Interval(B, sp.oo))
    assert found.normalised


U, V = sp.symbols("u v", real=True)
N, M = sp.Symbol("n", integer=True, positive=True), sp.MatrixSymbol("M", 3, 1)
W, F = sp.IndexedBase("W"), sp.Function("f")
SAME, COMPLEX = sp.Symbol("u", positive=True), sp.Symbol("c", complex=True)
GAUSS = -((U - V) ** 2) / (2 * A) - sp.log(2 * sp.pi * A) / 2


def cases_of(condition: Any) -> sp.Expr:
    return sp.Piecewise((sp.log(A) - A * U, condition), (-sp.oo, True))


def test_the_support_tells_which_case_holds():
    found = ep.identity(cases_of(U > 0), U, A, support=sp.Interval(0, sp.oo))
    assert found.normalised
    assert sp.simplify(found.entropy + sp.log(A) - 1) == 0


MISTAKEN = {
    "a case is -oo": (cases_of(U > 0), U, A),
    "a case is -oo, and moves": (cases_of(U > V), U, (A, V)),
    "a case is missing": (sp.Piecewise((GAUSS, U > 0)), U, A),
    "an integer": (GAUSS.subs(A, N), U, N),
    "the variable's name": (GAUSS.subs(A, SAME), U, SAME),
    "the variable's name, a constant": (GAUSS.subs(V, SAME), U, A),
    "a parameter's name": (GAUSS, U, sp.Symbol("a")),
    "a dummy's name": (GAUSS.subs(V, sp.Dummy("a", positive=True)), U, A),
    "a parameter that is given": (GAUSS, U, A, A),
    "a variable that is given": (GAUSS, U, A, U),
    "a variable that is learned": (GAUSS, U, U),
    "no variable": (GAUSS, (), A),
    "a number": (3, U, A),
    "a number as variable": (GAUSS, 3, A),
    "a number as parameter": (GAUSS, U, 3),
    "a function as parameter": (GAUSS.subs(V, F(V)), U, F),
    "a nested list": (GAUSS, U, [[A, V]]),
    "a string": ("-u**2/(", U, A),
    "strings": (GAUSS, "u", "a"),
    "nothing": (None, U, A),
    "a function": (lambda u: u, U, A),
    "a Lambda": (sp.Lambda(U, GAUSS), U, A),
    "an equation": (sp.Eq(U, A), U, A),
    "a truth": (True, U, A),
    "a row": (sp.Matrix([[GAUSS, GAUSS]]), U, A),
    "oo": (sp.Add(GAUSS, sp.oo, evaluate=False), U, A),
    "zoo": (sp.Add(GAUSS, sp.zoo, evaluate=False), U, A),
    "nan": (sp.nan, U, A),
    "i": (GAUSS + sp.I * U, U, A),
    "a complex constant": (GAUSS.subs(V, COMPLEX), U, A),
    "no order": (GAUSS.subs(V, sp.Symbol("v", commutative=False)), U, A),
    "a name of the package": (GAUSS.subs(A, sp.Symbol("~a", positive=True)), U, sp.Symbol("~a", positive=True)),
    "an integral": (GAUSS + sp.Integral(sp.exp(-(B**2)), (B, 0, A)), U, A),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKEN)
def test_a_mistake_is_one_line(case):
    with pytest.raises(ep.InputError) as caught:
        ep.identity(*MISTAKEN[case])
    assert "\n" not in str(caught.value)


ANSWERED = {
    "a tuple": (GAUSS - B**2, (U, B), A),
    "a set": (GAUSS, {U}, {A, V}),
    "no parameter": (GAUSS, U, ()),
    "a column": ((-M.T * M / (2 * A)), M, A),
    "rows of an array": (sp.Sum(-(W[N] ** 2) / A, (N, 0, 4)), W, A),
    "an element": (GAUSS.subs(V, W[2]), U, (W, A)),
    "a function of a parameter": (GAUSS.subs(V, F(V)), U, (A, V)),
    "a derivative": (GAUSS + sp.Derivative(F(A), A), U, A),
    "cases": (sp.Piecewise((-U / A, U > 0), (U / A, True)) - sp.log(2 * A), U, A),
    "a sum without end": (GAUSS + sp.Sum(A**N / sp.factorial(N), (N, 0, sp.oo)), U, A),
    "a distribution": (sp.log(sp.DiracDelta(U - A)), U, A),
    "a remainder": (-sp.Mod(U, A), U, A),
    "an integer constant": (GAUSS.subs(A, N * A), U, A),
}


@pytest.mark.parametrize("case", ANSWERED)
def test_odd_densities_have_an_answer(case):
    try:
        assert ep.identity(*ANSWERED[case]).field
    except ep.NoIdentity as none:
        assert none.reason
