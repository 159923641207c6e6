"""The model as a paper defines it, its bound, and the conditions at stationary points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, KroneckerDelta, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.nodes import Expectation
from entropy_proofs.arrays.array import Array
from entropy_proofs.derivation.checked.equalities import Axes, Equality, Judge, Moved
from entropy_proofs.derivation.typesetting import EQUALS, chain, commas, pair, tree
from entropy_proofs.derivation.written import (
    ELBO,
    PHI,
    THETA,
    P,
    WrittenConditional,
    log,
    partial,
)
from entropy_proofs.document.blocks import (
    Block,
    Display,
    Equation,
    Inline,
    Inlines,
    Paragraph,
    Section,
)
from entropy_proofs.families.spaces import REAL, SIMPLEX, UNIT_COLUMNS, UNIT_INTERVAL, Space
from entropy_proofs.model.model import Model, ModelTerm, Parameter
from entropy_proofs.model.paper.generative import q_formulas
from entropy_proofs.model.pointwise import FieldComponent
from entropy_proofs.notebook.displays import displayed
from entropy_proofs.printing.formula import Formula
from entropy_proofs.printing.typeset.conventions import Q, average, entropy, expectation
from entropy_proofs.printing.typeset.tree import (
    PLUS,
    Application,
    BigOperator,
    Bracket,
    Fraction,
    Letter,
    Node,
    Number,
    Script,
    Sign,
    bracketed,
    phrase,
    separated,
)
from entropy_proofs.printing.typeset.widths import width
from entropy_proofs.proof.record import ProofRecord
from entropy_proofs.proof.term_results import summed

_LONGEST = 400.0  # em, of a condition that is written out: some twelve lines


def model_section(proof: ProofRecord) -> Section:
    """Sizes, parameters and conditionals."""
    model = proof.model
    conditionals = [WrittenConditional(model, t) for t in model.terms]
    joint = [_joint(model, conditionals)] if len(conditionals) > 1 else []
    blocks: list[Block] = [displayed(*map(Formula, [*joint, *map(_definition, conditionals)]))]
    blocks += [Paragraph(text) for text in (_given(model), *_hidden(model)) if text]
    of_q = [f for q in model.variational_.of.values() for f in q_formulas(model, q)]
    if of_q:
        blocks += [Paragraph(("The variational distribution is declared:",)), displayed(*of_q)]
    return Section(("Generative model",), tuple(blocks))


def _joint(model: Model, conditionals: list[WrittenConditional]) -> Node:
    """p_Theta(z, x) as the product of its conditionals."""
    values = [tree(v.value) for v in model.variables.values()]
    left = Application(Script(P, THETA), bracketed(commas(values)))
    factors = []
    for c in conditionals:
        signs = c.plates(r"\prod") if c.term.aliases else None
        factors.append(phrase(signs, c.density(whole=True)))
    return chain(left, phrase(*factors))


def _definition(c: WrittenConditional) -> Node:
    """p(v | a) as a product over its coordinates."""
    signs, family = c.plates(r"\prod"), c.family()
    if c.term.aliases:  # of one step of a chain
        signs = None
    if family is None:
        inside = bracketed(c.at(c.term.log_density))
        family = Application(Letter("exp", "function"), inside)
    return chain(c.density(whole=True), phrase(signs, family))


def _given(model: Model) -> Inlines:
    """What is learned, what is known, and where each has its values."""
    text: list[Inline] = []
    learned = [p for p in model.parameters.values() if not p.fixed]
    known = [p for p in model.parameters.values() if p.fixed]
    if learned:
        text += ["The learned parameters are "]
        text += [Formula(chain(THETA, bracketed(commas([tree(p.value) for p in learned]))))]
        text += _domains(learned)
        text += ["."]
    if known:
        text += [" Known: ", *_named(known), "."]
    if model.dims_:
        sizes = commas([tree(s) for s in model.dims_.values()])
        text += [" The sizes ", Formula(sizes), " are any positive integers."]
    return tuple(text)


def _named(parameters: list[Parameter]) -> list[Inline]:
    """Their names, with where they are not just real; once each."""
    real = [tree(p.value) for p in parameters if p.domain == REAL]
    text: list[Inline] = [Formula(commas(real))] if real else []
    domains = _domains(parameters)
    return [*text, *(domains if real else domains[1:])]


def _domains(parameters: list[Parameter]) -> list[Inline]:
    """Where parameters are not just real, after a comma each."""
    found: dict[Space, list[Node]] = {}
    for p in parameters:
        if p.domain != REAL:
            found.setdefault(p.domain, []).append(tree(p.value))
    text: list[Inline] = []
    for space, values in found.items():
        text += [", ", Formula(commas(values)), f" {_SAID.get(space, space.name)}"]
    return text


_SAID = {  # of those whose name alone is no English
    UNIT_INTERVAL: "in the unit interval",
    SIMPLEX: "on the simplex",
    UNIT_COLUMNS: "with columns of norm one",
}


def _hidden(model: Model) -> Iterator[Inlines]:
    for name in model.networks:
        yield (
            f"The network {name} is any map whose first and last layers are affine: ",
            Formula(_network(name)),
            ", with an unspecified hidden map ",
            Formula(Script(Letter(r"\varphi"), sup=Bracket("(", Letter(name), ")"))),
            ".",
        )


def _network(name: str) -> Node:
    """f(z) = V phi(U z + a) + b."""

    def own(letter: Node) -> Node:
        return Script(letter, sup=Bracket("(", Letter(name), ")"))

    dot = Sign(r"\cdot")
    U, V = own(Letter("U", "matrix")), own(Letter("V", "matrix"))
    a, b = own(Letter("a", "vector")), own(Letter("b", "vector"))
    inner = bracketed(phrase(U, dot, PLUS, a))
    phi = Application(own(Letter(r"\varphi")), inner)
    return chain(phrase(Letter(name), bracketed(dot)), phrase(V, phi, PLUS, b))


# the bound ----------------------------------------------------------------------------------------
def bound_section(proof: ProofRecord) -> Section:
    """F, by name and written out."""
    model = proof.model
    by_name = Formula(chain(bound(proof), _by_name(proof)))
    shown = displayed(by_name, Formula(phrase(EQUALS, tree(proof.elbo))))
    text: Inlines
    if model.latents():
        text = (
            "Expectations are averaged over the data, ",
            Formula(_average()),
            "; ",
            Formula(Q),
            " is of any family, with parameters ",
            Formula(PHI),
            ".",
        )
    else:
        text = (
            "There are no latents: the bound is the mean log-likelihood, averaged over the data.",
        )
    return Section(("Evidence lower bound",), (shown, Paragraph(text)))


def bound(proof: ProofRecord) -> Node:
    """F(Phi, Theta)."""
    arguments = [PHI, THETA] if proof.model.latents() else [THETA]
    return Application(ELBO, bracketed(commas(arguments)))


def variational_entropy(proof: ProofRecord) -> Node:
    """w H[q(z)]."""
    latents = commas([tree(v.value) for v in proof.model.latents()])
    return weighed(proof.model.q_weight, entropy(Application(Q, bracketed(latents))))


def weighed(weight: Expr, node: Node) -> Node:
    """With the weight in front, if it is not 1."""
    return node if weight == 1 else phrase(tree(weight), Sign(r"\cdot"), node)


def expected(proof: ProofRecord, inside: Node) -> Node:
    """E_q[...], or E[...] where there is no q."""
    return expectation(inside, Q if proof.model.latents() else None)


def _by_name(proof: ProofRecord) -> Node:
    terms = [_averaged(proof, t) for t in proof.model.terms]
    if proof.model.latents():
        terms.append(variational_entropy(proof))
    return separated(terms, PLUS)


def _averaged(proof: ProofRecord, term: ModelTerm, along: Node | None = None) -> Node:
    """E[log p(v | a)], or E[d log p(v | a) / d theta]."""
    c = WrittenConditional(proof.model, term)
    log_p = log(c.density(whole=True))
    inside = log_p if along is None else partial(log_p, along)
    return weighed(term.weight, expected(proof, phrase(c.steps(), inside)))


def _average() -> Node:
    """E_q = 1/N sum_n E_q(n)."""
    each = average(Script(Q, sup=Bracket("(", Letter("n"), ")")))
    total = BigOperator(r"\sum", phrase(Letter("n"), EQUALS, Number("1")), Letter("N"))
    return chain(average(Q), phrase(Fraction(Number("1"), Letter("N")), total, each))


# stationarity -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StationarityCondition:
    """dF/dtheta at a generic element, and the check that it is that.

    value: None where log p may jump as the parameter moves.
    """

    parameter: Parameter
    value: Expr | None
    equality: Equality | None


def stationarity_conditions(proof: ProofRecord, judge: Judge) -> list[StationarityCondition]:
    """Of every learned parameter, with the expectation's argument checked as a derivative."""
    model, found = proof.model, []
    joint = sp.Add(*(t.weight * summed(model, t, t.log_density) for t in model.terms))
    for p in model.learned().values():
        value = proof.stationarity.get(p.value)
        if value is None:
            found.append(StationarityCondition(p, None, None))
            continue
        axes: Axes = tuple((nodes.index(f"s{k}~", n), n) for k, n in enumerate(p.shape))
        element = value.at(*(i for i, _ in axes)) if isinstance(value, Array) else value
        inside = _without_expectation(element)
        equality = judge.equality(Moved(joint, (_unit(p, axes),)), inside, axes)
        found.append(StationarityCondition(p, value, equality))
    return found


def _without_expectation(expr: Expr) -> Expr:
    return expr.replace(lambda e: isinstance(e, Expectation), lambda e: e.args[0])


def _unit(p: Parameter, axes: Axes) -> FieldComponent:
    """The direction of one element; of a symmetric matrix, of both places alike."""
    slots = nodes.slots(p.shape)
    places: list[Symbol] = [i for i, _ in axes]

    def at(order: list[Symbol]) -> Expr:
        return sp.Mul(*(KroneckerDelta(a, b) for a, b in zip(slots, order, strict=True)))

    element = at(places)
    if p.domain.symmetric:
        element = (element + at([*places[:-2], places[-1], places[-2]])) / 2
    return FieldComponent(p.label, p.shape, slots, element)


def stationarity_section(
    proof: ProofRecord, judge: Judge
) -> tuple[Section | None, tuple[Equality, ...]]:
    """The conditions that every stationary point meets, and the equalities behind them."""
    conditions = stationarity_conditions(proof, judge)
    if not conditions:
        return None, ()
    equations, equalities, long, named, jumping = [], [], [], [], []
    for c in conditions:
        if c.value is None:
            jumping.append(c.parameter.name)
            continue
        if c.equality is None:
            named.append(c.parameter.name)
            continue
        equalities.append(c.equality)
        left, right = pair(c.parameter.value, c.value)
        if width(right) > _LONGEST:
            moved = (t for t in proof.model.terms if t.log_density.has(c.parameter.label))
            right = separated([_averaged(proof, t, left) for t in moved], PLUS)
            long.append(c.parameter.name)
        zero = c.parameter.domain not in {SIMPLEX, UNIT_COLUMNS}
        sides = [partial(ELBO, left), right, *([Number("0")] if zero else [])]
        equations.append(Equation(Formula(chain(*sides)), _said_of(c.parameter)))
    blocks: list[Block] = [Display(tuple(equations))] if equations else []
    for said, names in (
        ("Not written out, for their length: those of", long),
        ("Not shown to be its derivatives, and so left out:", named),
        ("Without a condition, since log p may jump as they move:", jumping),
    ):
        if names:
            blocks.append(Paragraph((f"{said} {', '.join(names)}.",)))
    return Section(("Stationarity conditions",), tuple(blocks)), tuple(equalities)


def _said_of(p: Parameter) -> Inlines:
    if p.domain == SIMPLEX:
        return ("equal for all components, which add up to one",)
    if p.domain == UNIT_COLUMNS:
        return ("a multiple of each column, whose norm is one",)
    return ()
