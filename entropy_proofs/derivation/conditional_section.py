"""One conditional: its exponential family, the papers' criterion, and its identity step by step."""

from __future__ import annotations

from collections.abc import Sequence

from entropy_proofs.algebra.poly import length, symbols_in
from entropy_proofs.arrays.display import pretty
from entropy_proofs.derivation.checked.criterion import BlockCriterion, Criterion, criterion
from entropy_proofs.derivation.checked.equalities import KERNEL, Equality, Judge
from entropy_proofs.derivation.checked.exponential_family import (
    Block as NaturalBlock,
    ExponentialFamily,
    NoExponentialFamily,
)
from entropy_proofs.derivation.checked.identity_steps import IdentitySteps, Motion, identity_steps
from entropy_proofs.derivation.typesetting import alike, beside, chain, commas, tree
from entropy_proofs.derivation.written import D, WrittenConditional, div, log, partial
from entropy_proofs.document.blocks import (
    Block,
    Cite,
    Display,
    Equation,
    Inline,
    Inlines,
    Paragraph,
    Section,
)
from entropy_proofs.model.pointwise import FieldComponent
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.tree import (
    MINUS,
    PLUS,
    Application,
    Blank,
    Letter,
    Node,
    Number,
    Script,
    Sign,
    bracketed,
    listed,
    phrase,
    separated,
    starts_with,
)
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import TermResult, direction

CRITERION = "lucke2022"  # the paper that states it


class ConditionalSection:
    """What is said of one conditional, and the equalities that it shows."""

    def __init__(self, proof: ProofRecord, term: TermResult, judge: Judge):
        self.proof, self.term = proof, term
        self.conditional = WrittenConditional(proof.model, term.term)
        self.criterion: Criterion = criterion(proof, term, judge)
        self.steps: IdentitySteps | None = identity_steps(proof, term, judge)

    @property
    def equalities(self) -> tuple[Equality, ...]:
        """All that are displayed; each was checked."""
        found = [e for b in self.criterion.blocks for e in (*_parts(b), b.whole)]
        if self.steps is not None:
            found += [c.equality for c in self.steps.contributions]
            last = (self.steps.moved, self.steps.identity, self.steps.entropy)
            found += [e for e in last if e is not None]
        return tuple(found)

    def section(self) -> Section:
        """All of it."""
        c = self.conditional
        observed = self.proof.model.variables[self.term.term.variable].observed
        role = "Observable" if observed else "Conditional" if c.parents else "Prior"
        density = chain(c.log_density(), c.at(self.term.term.log_density))
        blocks: list[Block] = [Display((Equation(Formula(density)),))]
        family = self.criterion.family
        if isinstance(family, NoExponentialFamily):
            blocks.append(Paragraph(self._no_family(family)))
        else:
            blocks += self._family(family)
            blocks += self._criterion(family)
        moved, rest = self._identity()
        before = blocks[-1]
        if isinstance(before, Paragraph):
            blocks.pop()
            moved = Paragraph((*before.content, " ", *moved.content))
        return Section((f"{role} ", Formula(c.density(whole=True))), (*blocks, moved, *rest))

    # letters: zeta, Psi and alpha of a prior, eta, Theta and beta of what has parents -------------
    def _eta(self, k: int, count: int, places: Sequence[Node] = ()) -> Node:
        return _numbered(Letter(self._natural), k, count, places)

    @property
    def _natural(self) -> str:
        return r"\eta" if self.conditional.parents else r"\zeta"

    @property
    def _beta(self) -> Node:
        return Letter(r"\beta" if self.conditional.parents else r"\alpha")

    @property
    def _theta(self) -> Node:
        return Letter(r"\theta" if self.conditional.parents else r"\Psi")

    def _arguments(self) -> Node:
        theta = Letter(r"\Theta" if self.conditional.parents else r"\Psi")
        return bracketed(commas([*self.conditional.parents, theta]))

    # exponential family ---------------------------------------------------------------------------
    def _no_family(self, family: NoExponentialFamily) -> Inlines:
        return (
            "This is no exponential family in its declared arguments: in ",
            Formula(self.conditional.at(family.part)),
            " the value does not come apart from what varies besides, so the criterion of ",
            Cite(CRITERION),
            " does not speak of it.",
        )

    def _family(self, family: ExponentialFamily) -> list[Block]:
        c, count = self.conditional, len(family.blocks)
        equations = [self._block(k, b, count) for k, b in enumerate(family.blocks)]
        partition = chain(phrase(Letter("A"), self._arguments()), c.at(family.log_partition))
        h = phrase(Letter("h"), bracketed(c.value))
        if family.log_base_measure == 0:
            base = chain(h, Number("1"))
        else:
            base = chain(log(h), c.at(family.log_base_measure))
        equations.append(Equation(Formula(beside(partition, base))))
        if not count:
            text: Inlines = ("An exponential family without a natural parameter:",)
        else:
            eta, statistic = Letter(self._natural), Letter("T")
            exponent = phrase(eta, Sign(r"\cdot"), statistic, MINUS, Letter("A"))
            density = Application(Letter("exp", "function"), bracketed(exponent))
            text = (
                "An exponential family ",
                Formula(phrase(Letter("h"), Blank(), density)),
                f" with natural parameter{'s' * (count > 1)} ",
                Formula(eta),
                f" and sufficient statistic{'s' * (count > 1)} ",
                Formula(statistic),
                ":",
            )
        return [Paragraph(text), Display(tuple(equations))]

    def _block(self, k: int, b: NaturalBlock, count: int) -> Equation:
        c = self.conditional
        names, (statistic, natural) = c.arrays([b.statistic, b.natural], b.axes)
        T, eta = _numbered(Letter("T"), k, count, names), self._eta(k, count, names)
        range_: Inlines = ()
        if b.minimal and names:
            ((_, size),) = b.axes
            range_ = (Formula(phrase(names[0], Sign("<"), tree(size))),)
        both = beside(
            chain(phrase(T, bracketed(c.value)), statistic),
            chain(phrase(eta, self._arguments()), natural),
        )
        return Equation(Formula(both), range_)

    # the criterion --------------------------------------------------------------------------------
    def _criterion(self, family: ExponentialFamily) -> list[Block]:
        found = self.criterion
        if not found.holds:
            return [Paragraph(self._not_met(family))]
        own = symbols_in(self.term.term.log_density) & self.proof.model.learned().keys()
        moved = [self._target(m) for m in found.field]
        asked = phrase(partial(self._eta(0, 1), self._theta), self._beta, bracketed(self._theta))
        text: list[Inline] = [
            "The parameterization criterion of ",
            Cite(CRITERION),
            ", ",
            Formula(chain(asked, self._eta(0, 1))),
            f", is met for {'the subset ' if len(own) > len(moved) else ''}",
            Formula(chain(self._theta, bracketed(commas(moved)))),
            " by",
        ]
        equations = [Equation(Formula(beside(*map(self._direction, found.field))))]
        for k, b in enumerate(found.blocks):
            equations.append(self._checked_block(k, b, len(found.blocks)))
        blocks: list[Block] = [Paragraph(tuple(text)), Display(tuple(equations))]
        if found.alone:
            blocks.append(Paragraph((_ALONE,)))
        return blocks

    def _not_met(self, family: ExponentialFamily) -> Inlines:
        own = symbols_in(self.term.term.log_density) & self.proof.model.learned().keys()
        eta = Formula(self._eta(0, 1))
        text: list[Inline]
        if not family.blocks:
            text = ["The criterion of ", Cite(CRITERION), " asks nothing of it."]
        elif not own:
            text = ["It has no learned parameter to differentiate ", eta, " by, and ", eta]
            text += [" is not zero: the criterion of ", Cite(CRITERION), " is not met."]
        else:
            text = ["No field on its own parameters was found that meets the criterion of "]
            text += [Cite(CRITERION), "."]
        if self.term.holds and self.criterion.alone:
            text.append(" Here a flow of latents is needed, which the criterion does not have.")
        return tuple(text)

    def _target(self, c: FieldComponent) -> Node:
        return tree(self.proof.model.learned()[c.label].value)

    def _direction(self, c: FieldComponent) -> Node:
        """beta_sigma^2 = -sigma^2."""
        target = self.proof.model.learned()[c.label].value
        _, (left, right) = alike([target, direction(c)])
        return chain(Script(self._beta, left), right)

    def _checked_block(self, k: int, b: BlockCriterion, count: int) -> Equation:
        rights = [p.equality.right for p in b.parts]
        names, shown = self.conditional.arrays([*rights, b.block.natural], b.block.axes)
        eta, terms = self._eta(k, count, names), []
        for part in b.parts:
            targets = [self._target(m) for m in part.motions if isinstance(m, FieldComponent)]
            terms += [phrase(partial(eta, t), Script(self._beta, t)) for t in targets]
        middle = separated([bracketed(s) if starts_with(s, MINUS) else s for s in shown[:-1]], PLUS)
        if len(shown) == 2:
            middle = shown[0]
        sides = chain(separated(terms, PLUS), middle, eta)
        return Equation(Formula(sides), _by([b.whole, *_parts(b)]))

    # the identity ---------------------------------------------------------------------------------
    def _identity(self) -> tuple[Paragraph, list[Block]]:
        """What moves, and what comes of it."""
        steps, c = self.steps, self.conditional
        if steps is None:
            return Paragraph((f"It becomes no entropy: {self.term.reason}.",)), []
        equations = []
        for part in steps.contributions:
            left = phrase(self._operator(part.motions), c.log_density())
            sides = chain(left, c.at(part.equality.right))
            equations.append(Equation(Formula(sides), _by([part.equality])))
        equations += self._conclusion(steps)
        if steps.entropy is not None and self.term.term.plates:
            sums = phrase(c.plates(r"\sum"), self._entropy())
            total = chain(sums, tree(steps.entropy.right))
            equations.append(Equation(Formula(total), _by([steps.entropy])))
        moves = "Along the field:" if steps.contributions else "Nothing in it moves:"
        blocks: list[Block] = [Display(tuple(equations))]
        if steps.unshown:
            text = f"Not shown, and so not displayed: {', '.join(steps.unshown)}."
            blocks.append(Paragraph((text,)))
        return Paragraph((moves,)), blocks

    def _operator(self, motions: Sequence[Motion]) -> Node:
        """D_W, or D_{W,z} of several together."""
        latents = self.proof.model.variables
        moved = [
            self._target(m) if isinstance(m, FieldComponent) else tree(latents[m.variable].value)
            for m in motions
        ]
        return Script(D, commas(moved))

    def _conclusion(self, steps: IdentitySteps) -> list[Equation]:
        c, identity = self.conditional, self.term.identity
        assert identity is not None
        left = phrase(D, c.log_density())
        found: list[Equation] = []
        if steps.divergence != 0:
            left = phrase(left, PLUS, div())
            found.append(Equation(Formula(chain(div(), c.at(steps.divergence)))))
        sides, checked = [left], []
        if steps.moved is not None and len(steps.contributions) != 1:
            total = pretty(steps.moved.right + steps.divergence)
            shorter = steps.moved.right + steps.divergence
            sides.append(c.at(min(total, shorter, key=length)))
            checked.append(steps.moved)
        base, log_h = identity.log_base_measure, log(phrase(Letter("h"), bracketed(c.value)))
        if steps.identity is not None:
            h = [MINUS, log_h] if base != 0 else []
            sides.append(phrase(c.log_density(), *h, PLUS, self._entropy()))
            checked.append(steps.identity)
        if checked:
            found.append(Equation(Formula(chain(*sides)), _by(checked)))
        if steps.identity is not None:
            named = [chain(self._entropy(), c.at(pretty(identity.entropy)))]
            named += [chain(log_h, c.at(pretty(base)))] if base != 0 else []
            found.append(Equation(Formula(beside(*named))))
        return found

    def _entropy(self) -> Node:
        return self.conditional.entropy(self.term.is_pseudo, whole=False)


_ALONE = (
    "So much the criterion gives for this conditional alone: another needs a flow of latents that "
    "reach into this one, and the field above serves all of them together."
)


def _numbered(letter: Node, k: int, count: int, places: Sequence[Node] = ()) -> Node:
    below = [*([Number(str(k + 1))] if count > 1 else []), *places]
    return Script(letter, listed(below)) if below else letter


def _parts(b: BlockCriterion) -> list[Equality]:
    return [p.equality for p in b.parts]


def _by(equalities: Sequence[Equality]) -> Inlines:
    """Who checked it, where that is not the kernel."""
    kernel = all(e.judge == KERNEL for e in equalities)
    return () if kernel else ("by normal forms",)
