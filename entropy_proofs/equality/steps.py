"""Hand derivations as chains of equations: one verdict for every "="."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sympy as sp
from sympy import Expr, MatrixBase, MatrixExpr, MatrixSymbol, Symbol
from sympy.concrete.expr_with_limits import ExprWithLimits

from entropy_proofs.algebra.binding import published
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.arrays.array import Array, lift
from entropy_proofs.arrays.matrices import scalar
from entropy_proofs.arrays.parsing import Written, expression, written
from entropy_proofs.document.blocks import Block
from entropy_proofs.equality.bare import bare
from entropy_proofs.equality.compare import Reading, compare
from entropy_proofs.equality.language import bound_renamed, carried_out
from entropy_proofs.errors import InputError
from entropy_proofs.model.ad_hoc import with_assumptions
from entropy_proofs.model.model import Model
from entropy_proofs.notebook.displays import Displayed, headed, table
from entropy_proofs.printing.formula import Formula, relation
from entropy_proofs.proof.outcome import Different, Equal, Outcome
from entropy_proofs.proof.verdict import Verdict

_MISTAKES = (TypeError, ValueError, AttributeError, ArithmeticError, LookupError, RecursionError)


@dataclass(frozen=True)
class StepResult(Displayed):
    """One equation of a chain: `number` counts from 1; `witness` refutes it, or says why not.

    conditions: what a proved step leaves to be seen to: "x ≠ 0", "A invertible".
    """

    number: int
    left: Expr
    right: Expr
    verdict: Verdict
    witness: Any = None
    conditions: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        return f"step {self.number}: {self.left} = {self.right}"

    def __str__(self) -> str:
        given = f", given {', '.join(self.conditions)}" if self.conditions else ""
        because = f" ({self.witness})" if self.witness is not None else ""
        return f"{self.statement}: {self.verdict.value}{given}{because}"

    def __repr__(self) -> str:
        return f"<{self}>"

    def row(self) -> tuple[str | Formula, ...]:
        """Number, equation, verdict, and what the verdict leaves or rests on."""
        notes = [*self.conditions, *([] if self.witness is None else [str(self.witness)])]
        shown = relation(self.left, "=", self.right)
        return str(self.number), shown, str(self.verdict), "; ".join(notes)

    def _blocks(self) -> tuple[Block, ...]:
        return (table(_HEADINGS, [self.row()]),)


_HEADINGS = "Step", "", "Verdict", "Given, or because"


class Steps(Displayed, tuple[StepResult, ...]):
    """The verdicts of a chain in order."""

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def _blocks(self) -> tuple[Block, ...]:
        return headed("Chain", f": {self.verdict}"), table(_HEADINGS, [s.row() for s in self])

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

    @property
    def conditions(self) -> tuple[str, ...]:
        """What the proved steps leave to be seen to, each once."""
        return tuple(dict.fromkeys(c for s in self for c in s.conditions))

    def to_dict(self) -> dict[str, Any]:
        """As JSON values: verdict, and of each step its statement, verdict, conditions, witness."""
        return {
            "verdict": self.verdict.value,
            "steps": [
                {
                    "statement": s.statement,
                    "verdict": s.verdict.value,
                    "conditions": list(s.conditions),
                    "witness": None if s.witness is None else str(s.witness),
                }
                for s in self
            ],
        }


def check_steps(expressions: Sequence[Any], domains: Mapping[Any, str] | None = None) -> Steps:
    """Verdicts on e0 = e1 = e2 = ...

    A step is proved if at every declared value both sides are defined and equal, or both are
    undefined; what must not be zero or must be invertible is left to its `conditions`.  Powers are
    real (no root of a negative number), det has its sign, empty sums are zero, and sums end at
    whole numbers.  The log of a determinant, alone or beside what can't be negative, is log |det|;
    with a factor of any sign it is the log of a signed number.  Integrals, endless sums and unknown
    functions need not exist: nothing is refuted by them.  Of what is random nothing is known:
    expectations are linear in numbers.

    Args:
        expressions: scalar SymPy expressions (with matrices, sums and expectations too), or text,
            which is read and never run.
        domains: {symbol or its name: "positive", "nonnegative", "natural", "unit interval",
            "positive definite", ...}; else a symbol's own assumptions hold, and the domain of a
            model's parameter or label.  Symbols without any are, in the whole chain, real, or
            positive where they stand alone in a logarithm or a root, or sizes where a sum ends with
            them.  A simplex has the size that its IndexedBase says, else that of the longest sum
            over it.

    Raises:
        InputError: fewer than two expressions, one that is no scalar or no real number, or a name
            that stands for two symbols.

    >>> import entropy_proofs as ep
    >>> [str(step.verdict) for step in ep.check_steps(["sin(x)**2 + cos(x)**2", "1", "2*x"])]
    ['proved', 'refuted']
    """
    if isinstance(expressions, (str, bytes)) or len(expressions) < 2:
        raise InputError("a chain needs at least two expressions")
    named = {str(k): v for k, v in (domains or {}).items()}
    try:
        given = _read(expressions)
        matrices = {m for e in given for m in e.expression.atoms(MatrixSymbol)}
        twice = [m.name for m in matrices if any(m.name == o.name and m != o for o in matrices)]
        if twice:
            raise InputError(f"{min(twice)} stands for matrices of different shapes")
        scalars = [_scalar(e.expression) for e in given]
        shown = [s if e.shown is None else e.shown for e, s in zip(given, scalars, strict=True)]
        known = [bound_renamed(s) for s in scalars]
        _named_once(known)
        renamed = with_assumptions(sp.Tuple(*known), named)
        # before bare symbols become what no derivative is with respect to
        done = [carried_out(e.xreplace(renamed)) for e in known]
        declared = bare(done, matrices, named)
    except InputError:
        raise
    except _MISTAKES as error:
        raise InputError(f"the chain is not read: {error}") from None
    return _steps(declared.model, shown, declared.expressions, declared.reading)


def check_derivation(model: Model, expressions: Sequence[Expr], random: frozenset[Symbol]) -> Steps:
    """The same for a chain written with a model's own symbols; `random` labels are averaged."""
    names = {v.label: v.name for v in model.variables.values()}
    reading = Reading(frozenset(names.get(s, s.name) for s in random))
    for e in expressions:
        check_real(e)
    shown = [published(e) for e in expressions]
    return _steps(model, shown, [bound_renamed(e) for e in expressions], reading)


def _steps(
    model: Model, shown: Sequence[Expr], expressions: Sequence[Expr], reading: Reading
) -> Steps:
    pairs = zip(pairwise(shown), pairwise(expressions), strict=True)
    return Steps(
        _result(k, left, right, compare(model, a, b, reading))
        for k, ((left, right), (a, b)) in enumerate(pairs, 1)
    )


def _result(number: int, left: Expr, right: Expr, outcome: Outcome) -> StepResult:
    if isinstance(outcome, Equal):
        return StepResult(number, left, right, Verdict.PROVED, None, outcome.conditions)
    if isinstance(outcome, Different):
        return StepResult(number, left, right, Verdict.REFUTED, outcome.witness)
    return StepResult(number, left, right, Verdict.UNDECIDED, outcome.reason)


# reading ------------------------------------------------------------------------------------------
def _read(expressions: Sequence[Any]) -> list[Written]:
    """The expressions; names in text are the symbols of that name elsewhere in the chain."""
    objects = [None if isinstance(e, str) else expression(e) for e in expressions]
    symbols = {s.name: s for e in objects if e is not None for s in e.atoms(Symbol)}
    plain = [None if e is None else _without_random_symbols(e) for e in objects]
    return [
        written(e, symbols) if made is None else Written(made)
        for e, made in zip(expressions, plain, strict=True)
    ]


def _without_random_symbols(e: Any) -> Any:
    """sympy.stats' expectations as our own."""
    if not isinstance(e, sp.Basic) or "stats" not in str({type(a).__module__ for a in _nodes(e)}):
        return e
    from sympy.stats import Expectation as Theirs
    from sympy.stats.rv import RandomSymbol

    e = e.replace(lambda a: isinstance(a, Theirs), lambda a: Expectation(a.args[0]))
    return e.replace(lambda a: isinstance(a, RandomSymbol), lambda a: a.symbol)


def _nodes(e: sp.Basic) -> list[sp.Basic]:
    return list(sp.preorder_traversal(e))


def _scalar(given: Any) -> Expr:
    if not isinstance(given, (Expr, MatrixExpr, MatrixBase)):
        raise InputError(f"{given} is not an expression")
    for a in given.atoms(sp.MatMul):
        zero = next(filter(_is_zero, a.args), None)  # SymPy writes no inverse of one
        if zero is not None and any(map(_need_not_exist, a.args)):
            raise InputError(
                f"a product has the factor {zero}: zero times what need not be defined"
            )
    expr = lift(scalar(given, signed=True))
    if isinstance(expr, Array):
        raise InputError(f"{expr} is an array, not a scalar")
    check_real(expr)
    return expr


def _need_not_exist(factor: Expr) -> bool:
    """A scalar that is no number, or a matrix with an inverse."""
    scalar = not factor.is_Matrix and bool(factor.free_symbols)
    return scalar or factor.has(sp.Inverse, sp.MatPow)


def _is_zero(factor: Expr) -> bool:
    if isinstance(factor, sp.MatMul):
        return any(map(_is_zero, factor.args))
    return bool(isinstance(factor, sp.ZeroMatrix) or factor == 0)


def _named_once(expressions: Sequence[Expr]) -> None:
    """Raises where a name stands for two symbols."""
    found: dict[str, Symbol] = {}
    for s in sorted({s for e in expressions for s in e.free_symbols}, key=str):
        if isinstance(s, Symbol) and found.setdefault(s.name, s) != s:
            raise InputError(f"{s.name} stands for two symbols")


def check_real(expr: Expr) -> None:
    """Raises where a part is no real number."""
    for a in _nodes(expr):
        if a in {sp.nan, sp.zoo, sp.I}:
            raise InputError(f"{expr} holds {a}, which is no real number")
    ends = {e for a in expr.atoms(ExprWithLimits) for limit in a.limits for e in limit[1:]}
    hidden = expr.xreplace({a: sp.Dummy() for a in expr.atoms(ExprWithLimits)})
    if hidden.has(sp.oo, -sp.oo) or ends & {sp.nan, sp.zoo}:
        raise InputError(f"{expr} is no real number")
