"""Where a parameter or a variable has its values, as a formula: W in R^(D x H)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Symbol

from entropy_proofs.arrays.array import Shape, variable_array
from entropy_proofs.families.spaces import (
    DefiniteMatrices,
    NaturalNumbers,
    PositiveNumbers,
    ProbabilityVectors,
    RealNumbers,
    Scalars,
    Space,
    UnitColumnMatrices,
    UnitInterval,
)
from entropy_proofs.printing.formula import Formula, formula
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    Blank,
    Bracket,
    Letter,
    Node,
    Number,
    Script,
    Sign,
    Words,
    phrase,
    separated,
)

_REALS = Letter("R", "blackboard")


def membership(label: Symbol, shape: Shape, space: Space) -> Formula:
    r"""label \in its set, with its shape.

    >>> import sympy as sp
    >>> from entropy_proofs.families.spaces import POSITIVE
    >>> membership(sp.Symbol("a"), (sp.Symbol("D"),), POSITIVE).latex
    '\\mathbf{a} \\in \\mathbb{R}_{>0}^{D}'
    """
    value = formula(variable_array(label, shape)).tree
    return Formula(phrase(value, Sign(r"\in"), *_set(space, shape)))


def _set(space: Space, shape: Shape) -> tuple[Node, ...]:
    batch, event = shape[: len(shape) - space.axes], shape[len(shape) - space.axes :]
    for kind, written in _SETS.items():
        if isinstance(space, kind):
            base = written(space, event)
            if isinstance(base, Script) and base.sup is not None and batch:
                base = Bracket("(", base, ")")
            return (_raised(base, batch),)
    said = Words(f" ({space.name})")
    return _raised(_REALS, shape), said


def _raised(base: Node, shape: Shape) -> Node:
    if not shape:
        return base
    sizes = separated([formula(n).tree for n in shape], Sign(r"\times"))
    return (
        Script(base.base, base.sub, sizes) if isinstance(base, Script) else Script(base, sup=sizes)
    )


def _interval(space: Any, _: Shape) -> Node:
    low, high = (formula(end).tree for end in space.ends)
    if not space.discrete:
        return Bracket("(", phrase(low, COMMA, Blank(), high), ")")
    return Bracket(r"\{", phrase(low, COMMA, Letter(r"\dots"), COMMA, high), r"\}")


_SETS: Mapping[Any, Callable[[Any, Shape], Node]] = {
    RealNumbers: lambda space, event: _REALS,
    PositiveNumbers: lambda space, event: Script(_REALS, sub=phrase(Sign(">"), Number("0"))),
    NaturalNumbers: lambda space, event: Script(Letter("N", "blackboard"), sub=Number("0")),
    UnitInterval: _interval,
    Scalars: _interval,
    ProbabilityVectors: lambda space, event: Script(
        Letter(r"\Delta"), sup=formula(event[-1] - 1).tree
    ),
    DefiniteMatrices: lambda space, event: Script(
        Letter("S", "blackboard"), sub=Words("++"), sup=formula(event[-1]).tree
    ),
    UnitColumnMatrices: lambda space, event: phrase(
        _raised(_REALS, event), Words(" with columns of norm one")
    ),
}
