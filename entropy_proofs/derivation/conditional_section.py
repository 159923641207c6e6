"""One conditional: its exponential family, the papers' criterion, and its identity step by step."""

from __future__ import annotations

from collections.abc import Sequence

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.display import pretty
from entropy_proofs.derivation.checked.criterion import BlockCriterion, Criterion, criterion
from entropy_proofs.derivation.checked.equalities import KERNEL, Equality, Judge
from entropy_proofs.derivation.checked.exponential_family import (
    Block as NaturalBlock,
    ExponentialFamily,
    NoExponentialFamily,
)
from entropy_proofs.derivation.checked.identity_steps import IdentitySteps, Motion, identity_steps
from entropy_proofs.derivation.typesetting import Formula, alike, arrow_tree, chain, commas, tree
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
from entropy_proofs.printing.typeset.tree import (
    MINUS,
    PLUS,
    Letter,
    Node,
    Number,
    Script,
    Sign,
    bracketed,
    listed,
    parts_of,
    phrase,
    separated,
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
        blocks += self._identity()
        return Section((f"{role} ", Formula(c.density(whole=True))), tuple(blocks))

    # letters: zeta, Psi and alpha of a prior, eta, Theta and beta of what has parents -------------
    def _eta(self, k: int, count: int, places: Sequence[Node] = ()) -> Node:
        return _numbered(
            Letter(r"\eta" if self.conditional.parents else r"\zeta"), k, count, places
        )

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
        equations = []
        for k, b in enumerate(family.blocks):
            equations += self._block(k, b, count)
        partition = phrase(Letter("A"), self._arguments())
        equations.append(Equation(Formula(chain(partition, c.at(family.log_partition)))))
        h = phrase(Letter("h"), bracketed(c.value))
        if family.log_base_measure == 0:
            shown = chain(h, Number("1"))
        else:
            shown = chain(log(h), c.at(family.log_base_measure))
        equations.append(Equation(Formula(shown)))
        if not count:
            text: Inlines = ("As an exponential family it has no natural parameter:",)
        else:
            eta = [self._eta(k, count) for k in range(count)]
            statistics = [_numbered(Letter("T"), k, count) for k in range(count)]
            text = (
                "As an exponential family, expanded back and compared: natural parameter"
                f"{'s' * (count > 1)} ",
                Formula(commas(eta)),
                f", sufficient statistic{'s' * (count > 1)} ",
                Formula(commas(statistics)),
                ", log-partition function ",
                Formula(Letter("A")),
                " and base measure ",
                Formula(Letter("h")),
                ".",
            )
        return [Paragraph(text), Display(tuple(equations))]

    def _block(self, k: int, b: NaturalBlock, count: int) -> list[Equation]:
        c = self.conditional
        names, (statistic, natural) = c.arrays([b.statistic, b.natural], b.axes)
        T, eta = _numbered(Letter("T"), k, count, names), self._eta(k, count, names)
        range_: Inlines = ()
        if b.minimal and names:
            ((_, size),) = b.axes
            range_ = (Formula(phrase(names[0], Sign("<"), tree(size))),)
        return [
            Equation(Formula(chain(phrase(T, bracketed(c.value)), statistic)), range_),
            Equation(Formula(chain(phrase(eta, self._arguments()), natural)), range_),
        ]

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
        equations = [Equation(Formula(self._direction(m))) for m in found.field]
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
        middle = separated([bracketed(s) if _loose(s) else s for s in shown[:-1]], PLUS)
        if len(shown) == 2:
            middle = shown[0]
        sides = chain(separated(terms, PLUS), middle, eta)
        return Equation(Formula(sides), _by([b.whole, *_parts(b)]))

    # the identity ---------------------------------------------------------------------------------
    def _identity(self) -> list[Block]:
        steps, c = self.steps, self.conditional
        if steps is None:
            return [Paragraph((f"It becomes no entropy: {self.term.reason}.",))]
        equations = []
        for part in steps.contributions:
            left = phrase(self._operator(part.motions), c.log_density())
            sides = chain(left, c.at(part.equality.right))
            equations.append(Equation(Formula(sides), _by([part.equality])))
        if steps.divergence != 0:
            equations.append(Equation(Formula(chain(div(), c.at(steps.divergence)))))
        equations += self._conclusion(steps)
        blocks: list[Block] = [Paragraph(self._motions(steps)), Display(tuple(equations))]
        if steps.unshown:
            text = f"Not shown, and so not displayed: {', '.join(steps.unshown)}."
            blocks.append(Paragraph((text,)))
        blocks.append(Paragraph(self._mean()))
        if steps.entropy is not None and self.term.term.plates:
            sums = phrase(c.plates(r"\sum"), self._entropy())
            total = chain(sums, tree(steps.entropy.right))
            blocks.append(Display((Equation(Formula(total), _by([steps.entropy])),)))
        return blocks

    def _motions(self, steps: IdentitySteps) -> Inlines:
        motions = [m for part in steps.contributions for m in part.motions]
        if not motions:
            return ("Nothing in it moves along the field:",)
        return ("Along ", Formula(commas([self._arrow(m) for m in motions])), ":")

    def _arrow(self, m: Motion) -> Node:
        if isinstance(m, FieldComponent):
            return arrow_tree(self.proof.model.learned()[m.label].value, direction(m))
        value = self.proof.model.variables[m.variable].value
        return arrow_tree(value, self.proof.latent_flow[value])

    def _operator(self, motions: Sequence[Motion]) -> Node:
        """D_W, or D_{W,z} of several together."""
        return Script(
            D,
            commas(
                [
                    self._target(m)
                    if isinstance(m, FieldComponent)
                    else tree(self.proof.model.variables[m.variable].value)
                    for m in motions
                ]
            ),
        )

    def _conclusion(self, steps: IdentitySteps) -> list[Equation]:
        c, identity = self.conditional, self.term.identity
        assert identity is not None
        left = phrase(D, c.log_density())
        if steps.divergence != 0:
            left = phrase(left, PLUS, div())
        found: list[Equation] = []
        if steps.moved is not None and len(steps.contributions) != 1:
            total = pretty(steps.moved.right + steps.divergence)
            shorter = steps.moved.right + steps.divergence
            shown = min(total, shorter, key=lambda e: len(str(e)))
            found.append(Equation(Formula(chain(left, c.at(shown))), _by([steps.moved])))
        if steps.identity is None:
            return found
        right, base = [c.log_density()], identity.log_base_measure
        log_h = log(phrase(Letter("h"), bracketed(c.value)))
        right += [MINUS, log_h] if base != 0 else []
        right += [PLUS, self._entropy()]
        found.append(Equation(Formula(chain(left, phrase(*right))), _by([steps.identity])))
        if base != 0:
            found.append(Equation(Formula(chain(log_h, c.at(pretty(base))))))
        found.append(Equation(Formula(chain(self._entropy(), c.at(pretty(identity.entropy))))))
        return found

    def _entropy(self) -> Node:
        return self.conditional.entropy(self.term.is_pseudo, whole=False)

    def _mean(self) -> Inlines:
        c = self.conditional
        h = log(phrase(Letter("h"), bracketed(c.value)))
        inside = [MINUS, c.log_density(), *([PLUS, h] if self.term.is_pseudo else [])]
        mean = phrase(Letter("E", "blackboard"), bracketed(phrase(*inside), "[", "]"))
        return (
            "The left side has mean zero under the conditional (differentiation under the integral "
            f"sign), so this is its {'pseudo-entropy' if self.term.is_pseudo else 'entropy'}, ",
            Formula(mean),
            ", over all coordinates:" if self.term.term.plates else ".",
        )


_ALONE = (
    "So much the criterion gives for this conditional alone. Another conditional needs a flow of "
    "latents that reach into this one, and the field below serves all of them together."
)


def _numbered(letter: Node, k: int, count: int, places: Sequence[Node] = ()) -> Node:
    below = [*([Number(str(k + 1))] if count > 1 else []), *places]
    return Script(letter, listed(below)) if below else letter


def _loose(node: Node) -> bool:
    first = parts_of(node)[:1]
    return bool(first) and first[0] == MINUS


def _parts(b: BlockCriterion) -> list[Equality]:
    return [p.equality for p in b.parts]


def _by(equalities: Sequence[Equality]) -> Inlines:
    """Who checked it."""
    kernel = all(e.judge == KERNEL for e in equalities)
    return ("kernel",) if kernel else ("normal forms",)


__all__ = ["CRITERION", "ConditionalSection"]
