"""What signs, cases and powers of indices leave to be seen once both sides have a normal form."""

from __future__ import annotations

import pytest
import sympy as sp

import entropy_proofs as ep

PROVED, REFUTED = ep.Verdict.PROVED, ep.Verdict.REFUTED
x, y = sp.symbols("x y", real=True)
n, m = sp.symbols("n m", integer=True, positive=True)
u, k = sp.IndexedBase("u"), sp.Symbol("k", integer=True)


def one_if(condition):
    return sp.Piecewise((1, condition), (0, True))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (x * sp.Heaviside(x), sp.Max(x, 0)),
        ((x - 50) * sp.Heaviside(x - 50), sp.Max(x, 50) - 50),
        (sp.Heaviside(x) + sp.Heaviside(-x), 1),
        (x * sp.Heaviside(x) * sp.Heaviside(-x), 0),
        (sp.sign(x) ** 3, sp.sign(x)),
        (sp.Abs(x) ** 3, x**3 * sp.sign(x)),
        (sp.Max(x, 3), sp.Piecewise((x, x > 3), (3, True))),
        (sp.Abs(x - 1) * sp.Abs(x - 2),
         sp.Piecewise(((x - 1) * (x - 2), x < 1), ((x - 1) * (2 - x), x < 2), ((x - 1) * (x - 2), True))),
        (one_if(x > 1) * one_if(x > 2), one_if(x > 2)),
        (one_if(x > y) * one_if(x > y + 1), one_if(x > y + 1)),
        (one_if(x > 1) * one_if(x <= 1), 0),
        (one_if(x > 1) * one_if(x < 3), one_if(x < 3) - one_if(x <= 1)),
        (one_if(x >= 1) * one_if(x <= 1) * x**3, one_if(sp.Eq(x, 1))),
        (sp.Abs(sp.Abs(x) - 1), sp.Piecewise((sp.Abs(x) - 1, sp.Abs(x) > 1), (1 - sp.Abs(x), True))),
        (sp.Max(sp.Min(x, 1), -1), sp.Piecewise((-1, x < -1), (1, x > 1), (x, True))),
        (sp.Max(sp.Min(x, 1), 0), sp.Min(sp.Max(x, 0), 1)),
        (sp.Abs(sp.sign(x)), sp.sign(x) ** 2),
        (sp.Heaviside(sp.Heaviside(x) - sp.Rational(1, 4)), one_if(x >= 0)),
        (n**2 * sp.KroneckerDelta(n, m + 1), (m + 1) ** 2 * sp.KroneckerDelta(n, m + 1)),
        (one_if((x > 1) & (y > 1)), one_if(x > 1) * one_if(y > 1)),
        (one_if((x > 1) | (y > 1)), 1 - one_if(x <= 1) * one_if(y <= 1)),
        (one_if(sp.Not((x > 1) & (y > 1))), 1 - one_if(x > 1) * one_if(y > 1)),
        (one_if(sp.Ne(x, y)), 1 - one_if(sp.Eq(x, y))),
        (sp.Sum(x, (k, 0, n**2 - 1)), n**2 * x),
        (sp.Sum(k**5, (k, 1, n)), n**2 * (n + 1) ** 2 * (2 * n**2 + 2 * n - 1) / 12),
        (sp.Sum(k**3, (k, 1, n)), sp.Sum(k, (k, 1, n)) ** 2),
        (sp.Sum(u[k + 1] - u[k], (k, 0, n - 1)) ** 2, (u[n] - u[0]) ** 2),
    ],
)  # fmt: skip
def test_cases_signs_and_powers_of_indices(left, right):
    steps = ep.check_steps([left, right])
    assert steps.verdict is PROVED, steps
    at = {x: sp.Rational(7, 3), y: -2, n: 4, m: 3}  # one place by SymPy alone, where it has numbers
    if not sp.sympify(left).has(u):
        assert sp.simplify((left - right).xreplace(at).doit()) == 0
        assert ep.check_steps([left, right + sp.Rational(1, 7)]).verdict is REFUTED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Heaviside(x) ** 2, sp.Heaviside(x)),  # 1/2 at zero
        (sp.Heaviside(x) * sp.Heaviside(-x), 0),
        (sp.sign(x) ** 2, 1),
        (one_if((x > 1) & (y > 1)), one_if(x > 1)),
        (one_if((x > 1) | (y > 1)), one_if(x > 1) + one_if(y > 1)),
        (one_if(sp.Ne(x, y)), 1),
        (sp.Sum(x, (k, 0, n**2 - 1)), n * x),
        (one_if(x > 1) * one_if(x > 2), one_if(x > 1)),
        (sp.Piecewise((x, x >= 3), (4, True)), sp.Max(x, 4)),
        (n * sp.KroneckerDelta(n, m), n),
        (x / (1 + one_if(x > 1)), x),
        (x**2 / (2 + sp.sign(x)), x**2 / 2),
        (sp.Min(n, 40), n),  # where alone large numbers tell
        (sp.Max(x, 100), 100),
        (x * sp.Heaviside(x - 50), 0),
        (sp.Piecewise((x**2, x < 1000), (0, True)), x**2),
        (sp.Piecewise((1, n < 30), (2, True)), 1),
        (sp.Sum(k**5, (k, 1, n)), n**2 * (n + 1) ** 2 * (2 * n**2 + 2 * n - 2) / 12),
    ],
)
def test_cases_and_signs_that_differ_somewhere(left, right):
    assert ep.check_steps([left, right]).verdict is REFUTED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.Heaviside(x - 1) / sp.Heaviside(x), sp.Heaviside(x - 1)),
        (x / sp.Heaviside(x), sp.Max(x, 0)),
        (sp.Heaviside(x) ** -2 * sp.Heaviside(x - 1), sp.Heaviside(x - 1)),
    ],
)
def test_divisions_by_indicators_ask_for_them(left, right):
    """They are equal only where none of them is zero."""
    step = ep.check_steps([left, right])[0]
    assert step.verdict is not PROVED or step.conditions
