"""Refutes the criterion: no field, with flows that scale and shift, serves these conditionals.

At fixed parameters the identity is linear in numbers: the field's components, the flows' rates and
shifts, one H for every conditional, row and a, and one log h for every v and row (shared by all
parameters that are tried).  Enough (v, a) make an overdetermined system.  Gaussian elimination in
ball arithmetic that leaves 0 = c with a ball c that excludes zero proves that it has no solution.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from flint import ctx
from sympy import Symbol

from entropy_proofs.algebra.poly import Allowance, symbols_in, within
from entropy_proofs.document.blocks import Block, Paragraph
from entropy_proofs.errors import InputError, MissingLibrary, numbers_for
from entropy_proofs.model.model import Model, ModelTerm
from entropy_proofs.model.pointwise import GenericConditional
from entropy_proofs.notebook.displays import Displayed, table
from entropy_proofs.proof.term_results import conditional

_BITS = 400  # working precision of the balls
_LARGEST = 20  # a size given as a number; larger arrays are left undecided
_WORK = 1_000_000  # of algebra, for one refutation
_TOGETHER = 3  # conditionals that are refuted together: every set of them
_ELSEWHERE, _IN_ROWS = 2, 6  # a size without a number, and that of rows where known arrays differ
_SHARED = 3  # of rows that share parameters: pairs of three have more in common than those of two
_NOT_EXCLUDED = (  # the system can't be written down at these sizes
    ArithmeticError, InputError, LookupError, NotImplementedError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Refutation(Displayed):
    """Why no field serves the conditionals named in `subject`.

    unknowns: the number of unknowns.  remainder: what is left of an equation `0 = remainder` when
    they are eliminated, enclosed in a ball that excludes zero.  beyond: None, or the size that an
    unknown would have to exceed (where a coefficient was only shown to vanish to many digits).
    parameters: the (first) parameter values at which the system was written down.
    base_measure: whether every base measure h(v) was excluded too, or h = 1 alone.
    sizes: those at which it was excluded, by name; a statement for all sizes fails with them.
    flows: whether latents could move, by scaling and shifting.
    """

    subject: str
    unknowns: int
    remainder: str
    beyond: str | None
    parameters: Mapping[str, Any]
    base_measure: bool
    sizes: Mapping[str, int] = field(default_factory=dict)
    flows: bool = False

    @property
    def excluded(self) -> str:
        """What was excluded: of fields and flows, with which base measures, and at which sizes."""
        moves = "no field and no scaling or shifting flow" if self.flows else "no field"
        what = "any base measure h" if self.base_measure else "h = 1"
        sizes = ", ".join(f"{name} = {n}" for name, n in self.sizes.items())
        return f"{moves} with {what} for {self.subject}" + (f" at {sizes}" if sizes else "")

    @property
    def summary(self) -> str:
        """One line: what was excluded, and the equation that shows it."""
        size = f" (for unknowns up to {self.beyond})" if self.beyond else ""
        return (
            f"{self.excluded}: eliminating the identity's {self.unknowns} unknowns at "
            f"sampled points leaves 0 = {self.remainder}{size}"
        )

    def __str__(self) -> str:
        return self.summary

    def __repr__(self) -> str:
        return f"<{self}>"

    def _blocks(self) -> tuple[Block, ...]:
        at = [(name, str(value)) for name, value in self.parameters.items()]
        return (Paragraph((self.summary,)), *([table(("At", ""), at)] if at else []))


def missing() -> str:
    """Why nothing can be refuted: the library that is not installed; '' if all are."""
    try:
        with numbers_for("excluding one"):
            import entropy_proofs.refute.linear_system  # noqa: F401 - whether it can be
    except MissingLibrary as error:
        return str(error)
    return ""


def refute(
    model: Model,
    terms: Sequence[ModelTerm],
    base_measure: bool,
    still: Sequence[ModelTerm] = (),
    conditionals: Sequence[GenericConditional] | None = None,
) -> Refutation | None:
    """A proof that no field serves the terms together, or None (without NumPy, always).

    base_measure: also exclude every base measure h(v).
    still: other terms, which the field may not move.
    conditionals: the statements about the terms, where they are not the model's own.
    """
    if missing():
        return None
    from entropy_proofs.evaluate.batch import POINTS, SAMPLES
    from entropy_proofs.refute.linear_system import LinearSystem, designed

    every = [*terms, *still]
    conditionals = conditionals or [conditional(model, t) for t in every]
    if any(n.is_Integer and n > _LARGEST for r in model.records() for n in r.shape):
        return None
    apart = [designed(model, t) for t in every]
    whole = [dict(t.plates) for t in every]
    remainder = None
    for rows, size in ((apart, _IN_ROWS), (whole, _SHARED)):
        along = {s for plates in rows for n in plates.values() for s in n.free_symbols}
        sizes = {
            name: max(size if model.dims_[name] in along else _ELSEWHERE, least)
            for name, least in model.least_sizes().items()
        }
        batch = {POINTS.name: 1, SAMPLES.name: 1}
        try:
            with ctx.workprec(_BITS), within(Allowance(_WORK)):
                system = LinearSystem(
                    model, every, conditionals, {**sizes, **batch}, base_measure, len(terms), rows
                )
                remainder = system.certificate()
        except _NOT_EXCLUDED:
            continue
        if remainder is not None:
            break
    if remainder is None:
        return None
    names = ", ".join(t.name for t in terms)
    shown = {name: system.shown(name) for name in system.parameters}
    named = _symbols_of_sizes(model, every)
    used = {n: k for n, k in sizes.items() if model.dims_[n] in named}
    if still:
        names += f" while {', '.join(t.name for t in still)} would stand still"
    return Refutation(
        names, system.unknowns, *remainder, shown, base_measure, used, bool(system.motions)
    )


def none_holds(model: Model, apart: Mapping[str, Refutation]) -> list[Refutation] | None:
    """What shows that no conditional has an identity, whatever becomes of the others.

    apart: those that were refuted on their own, by name, for any base measure.  The others are
    refuted together, each set of them with all else standing still; None where that fails, or
    where they are many.
    """
    rest = [t for t in model.terms if t.name not in apart]
    if len(rest) > _TOGETHER:
        return None
    found = list(apart.values())
    for count in range(1, len(rest) + 1):
        for served in combinations(rest, count):
            still = [t for t in model.terms if t not in served]
            refuted = refute(model, served, base_measure=True, still=still)
            if refuted is None:
                return None
            found.append(refuted)
    return found


def _symbols_of_sizes(model: Model, terms: Sequence[ModelTerm]) -> frozenset[Symbol]:
    """The symbols in the sizes that these terms depend on."""
    labels = frozenset().union(*(symbols_in(t.log_density) for t in terms))
    sizes = [n for t in terms for _, n in t.plates]
    sizes += [n for r in model.records() if r.label in labels for n in r.shape]
    return labels.union(*(n.free_symbols for n in sizes))
