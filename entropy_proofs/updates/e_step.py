"""The E-step: the best q of every latent, given the parameters and the others' q.

log q(z) = E_q[log p(x, z)] + const over the other latents' q (Bishop 2006, Eq. 10.9).  Where its
derivative by z is that of a known family's log density, the family's arguments are read off:

    b - M z            normal with precision M and mean M^-1 b
    (a - 1) / z - b    gamma;  -(a + 1) / z + b / z^2 inverse gamma
    (a - 1) / z - (b - 1) / (1 - z)  beta;  (a_k - 1) / z_k Dirichlet

and a label's probabilities are a softmax.  The posterior is exact where no other latent occurs and
all weights are one; a chain's q is Markov where no conditional joins steps that its transition does
not.  A q that the model declares, in a family with parameters of its own, is none of these: that
the best q is in its family is not shown, so that its parameters take gradient steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.binding import published
from entropy_proofs.algebra.derive import derivative_along
from entropy_proofs.algebra.nodes import Expectation, InverseElement, LatentAverage, index
from entropy_proofs.algebra.normal import normal
from entropy_proofs.algebra.poly import Polynomial, at_places, exponential, symbols_in
from entropy_proofs.algebra.positivity import positive
from entropy_proofs.algebra.sums import over
from entropy_proofs.arrays.array import array_with, generate, generic
from entropy_proofs.claims.linear_conditions import UNSOLVED, by_powers, least_squares, opened
from entropy_proofs.claims.optimum import drawn
from entropy_proofs.families.spaces import POSITIVE, REAL, SIMPLEX, UNIT_INTERVAL, Bit
from entropy_proofs.model.declarations import DeclaredQ
from entropy_proofs.model.model import Model, ModelTerm, Variable
from entropy_proofs.proof.term_results import dealiased, over_plates


@dataclass(frozen=True)
class BestQ:
    """The q of a latent at which the ELBO is largest, given everything else.

    latent: its name.  family: of q, "" where no closed form was found, or q is declared.
    exact: whether it is the posterior p(z | x); else it is the best factor of a q that factorises
        over the latents, or that of a weighted bound.
    formula: {argument of the family: its value}, for one data point.
    how: what finds it, or why there is no closed form.
    kind: in which sense it is best.
    """

    latent: str
    family: str
    formula: dict[str, Expr]
    how: str
    kind: str = ""

    @property
    def exact(self) -> bool:
        return self.kind == _EXACT

    @property
    def text(self) -> str:
        """What q is, in words."""
        if not self.family:
            return f"q({self.latent}): {self.how}"
        return f"q({self.latent}) {self.family}, {self.kind}; {self.how}"

    def __repr__(self) -> str:
        return f"<{self.text}>"


def e_step(model: Model) -> tuple[BestQ, ...]:
    """The best q of every latent, in the order of their declaration."""
    declared = {n: q for n, q in model.variational_.of.items() if not q.is_posterior}
    return tuple(
        _declared(model, declared[v.name]) if v.name in declared else _best(model, v)
        for v in model.latents()
    )


def _declared(model: Model, q: DeclaredQ) -> BestQ:
    """What is said of a q that stays in its family."""
    families = dict.fromkeys(type(t.family).__name__ for t in q.terms)
    used = frozenset[Symbol]().union(*(symbols_in(t.log_density) for t in q.terms))
    own = [p.name for p in model.variational_.all.values() if p.label in used]
    steps = f"gradient steps on {', '.join(own)}" if own else "nothing of it is learned"
    return BestQ(q.variable, "", {}, f"as declared, {' and '.join(families)}; {steps}")


def _best(model: Model, v: Variable) -> BestQ:
    terms = [t for t in model.terms if v.label in symbols_in(_written(model, t))]
    others = frozenset(u.label for u in model.latents() if u.name != v.name)
    is_chain = any(part.variable == v.name for t in model.terms for part in t.aliases.values())
    try:
        if v.support.few:
            markov = is_chain and _joins_neighbours(model, v, terms)
            found = _markov(model, v) if markov else _labels(model, v, terms, others)
        elif is_chain:
            found = _linear_chain(model, v, terms, others)
        else:
            found = _continuous(model, v, terms, others)
    except UNSOLVED:
        found = None
    if found is None:
        return BestQ(v.name, "", {}, "no closed form: gradient steps on q, or samples")
    family, formula, how = found
    shared = any(symbols_in(_written(model, t)) & others for t in terms)
    weighted = any(sp.expand(t.weight - model.q_weight) != 0 for t in terms)
    kind = _FACTOR if shared or how == _BY_COORDINATE else _WEIGHTED if weighted else _EXACT
    if weighted:  # without weights it is a distribution, as the joint is one
        how += _where_positive(formula)
    return BestQ(v.name, family, {k: published(e) for k, e in formula.items()}, how, kind)


def _where_positive(formula: dict[str, Expr]) -> str:
    """What must be positive for a q to be a distribution, and is not known to be."""
    asked = {k: e for k, e in formula.items() if k not in _ANYWHERE}
    elements = {k: generic(e) for k, e in asked.items()}
    doubtful = [k for k, e in elements.items() if not positive(e)]
    return f", where {' and '.join(doubtful)} > 0" if doubtful else ""


Found = tuple[str, dict[str, Expr], str]
_READ = "read off its log density"
_BY_COORDINATE = "coordinate by coordinate until nothing changes"
_EXACT = "the exact posterior"
_WEIGHTED = "the best of the weighted bound"
_FACTOR = "the best factor given the other latents' q"
_ANYWHERE = {"mean", "probability", "probabilities", "covariance"}


def _written(model: Model, t: ModelTerm) -> Expr:
    return dealiased(model, t, t.log_density)


# chains -------------------------------------------------------------------------------------------
def _order(model: Model, v: Variable) -> int:
    """How many steps back a chain's transition sees: as many as have a conditional of their own."""
    return sum(t.variable == v.name for t in model.terms) - 1


def _joins_neighbours(model: Model, v: Variable, terms: list[ModelTerm]) -> bool:
    """Whether each conditional holds no steps of a chain but such as a transition joins."""
    most = _order(model, v)
    for t in terms:
        steps = {a.indices[0] for a in _written(model, t).atoms(Indexed) if a.base.label == v.label}
        fixed = {i for i, _ in t.plates} | set(model.dims_.values())
        if any(symbols_in(n) - fixed for n in steps):
            return False  # summed over, or chosen by a variable
        apart = {sp.expand(m - n) for m in steps for n in steps}
        if not all(d.is_Integer and abs(d) <= most for d in apart):
            return False
    return True


def _markov(model: Model, v: Variable) -> Found:
    n = _order(model, v)
    kind = "Markov" if n == 1 else f"Markov of order {n}"
    together = "each pair of steps'" if n == 1 else f"each {n + 1} steps'"
    return kind, {}, f"forward-backward: each step's and {together} probabilities"


# labels -------------------------------------------------------------------------------------------
def _labels(
    model: Model, v: Variable, terms: list[ModelTerm], others: frozenset[Symbol]
) -> Found | None:
    """A softmax for each copy, where no conditional holds two of them."""
    binary = isinstance(v.support, Bit)
    family = "Bernoulli" if binary else "categorical"
    slots = nodes.slots(v.shape)
    count = sp.Integer(2) if binary else v.support.bounds[0]
    value = index(f"i{len(slots)}", count)
    total: Expr = sp.S.Zero
    for t in terms:
        part = _of_copy(model, t, v, slots)
        if part is None:
            return family, {}, _BY_COORDINATE
        total += part
    own = nodes.element(v.label, slots)

    def at(k: Expr) -> Expr:
        if not symbols_in(total) & others:
            return total.xreplace({own: k}) / model.q_weight
        return _averaged(normal(total.xreplace({own: k})), others).expr() / model.q_weight

    if binary:
        logit = (normal(at(sp.S.One)) - normal(at(sp.S.Zero))).expr()
        return family, _arrays(v, probability=1 / (1 + sp.exp(-logit))), _READ
    k = index("k*", count)
    weights = exponential(at(value)) / Sum(exponential(at(k)), (k, 0, count - 1))
    places = (*slots, value)
    found = generate(
        lambda *i: at_places(weights, dict(zip(places, i, strict=True))), (*v.shape, count)
    )
    return family, {"probabilities": found}, _READ


def _of_copy(model: Model, t: ModelTerm, v: Variable, slots: tuple[Symbol, ...]) -> Expr | None:
    """What a conditional says of the copy at the slots; None where it holds several copies."""
    written = _written(model, t)
    found = {a for a in written.atoms(Indexed) if a.base.label == v.label}
    if not slots:
        plates: dict[Symbol, Expr] = {}
    elif len(found) == 1:
        plates = dict(zip(next(iter(found)).indices, slots, strict=True))
    else:
        return None
    sizes = dict(t.plates)
    if len(plates) != len(slots) or not plates.keys() <= sizes.keys():
        return None
    inside = written.xreplace(plates)
    limits = [(i, 0, n - 1) for i, n in reversed(t.plates) if i not in plates]
    return t.weight * (Sum(inside, *limits) if limits else inside)


# continuous latents -------------------------------------------------------------------------------
def _slope(
    model: Model, v: Variable, terms: list[ModelTerm], others: frozenset[Symbol]
) -> Polynomial:
    """d E_q[log p] / dz at the slots, over the others' q.

    Raises NoDerivative where log p may jump: its slope does not say what it is.
    """
    slots = nodes.slots(v.shape)

    def seed(i: tuple[Expr, ...]) -> Polynomial:
        return normal(sp.Mul(*[KroneckerDelta(a, s) for a, s in zip(i, slots, strict=True)]))

    parts = []
    for t in terms:
        moved = derivative_along({v.label: seed}, _written(model, t))
        part = over_plates(t, normal(moved.expr()))
        parts.append(normal(t.weight / model.q_weight) * part)
    return _averaged(Polynomial.sum(parts), others)


def _averaged(p: Polynomial, others: frozenset[Symbol]) -> Polynomial:
    if not others:
        return p
    found = drawn(p, others).expr()
    return normal(
        found.replace(lambda e: isinstance(e, Expectation), lambda e: LatentAverage(*e.args))
    )


def _continuous(
    model: Model, v: Variable, terms: list[ModelTerm], others: frozenset[Symbol]
) -> Found | None:
    slope = _slope(model, v, terms, others)
    if v.support == REAL:
        return _normal(v, slope)
    slots = nodes.slots(v.shape)
    own = nodes.element(v.label, slots)
    powers = by_powers(slope, own, 1 - own if v.support == UNIT_INTERVAL else None)
    if powers is None:
        return None
    one = sp.S.One
    if v.support == POSITIVE and set(powers) <= {(-1, 0), (0, 0)}:
        shape, rate = one + powers.get((-1, 0), 0), -powers.get((0, 0), sp.S.Zero)
        return "gamma", _arrays(v, shape=shape, rate=rate), _READ
    if v.support == POSITIVE and set(powers) <= {(-1, 0), (-2, 0)}:
        shape, scale = -powers.get((-1, 0), sp.S.Zero) - 1, powers.get((-2, 0), sp.S.Zero)
        return "inverse-gamma", _arrays(v, shape=shape, scale=scale), _READ
    if v.support == UNIT_INTERVAL and set(powers) <= {(-1, 0), (0, -1)}:
        yes, no = powers.get((-1, 0), sp.S.Zero), -powers.get((0, -1), sp.S.Zero)
        return "beta", _arrays(v, alpha=one + yes, beta=one + no), _READ
    if v.support == SIMPLEX and set(powers) <= {(-1, 0)}:
        return "Dirichlet", _arrays(v, concentration=one + powers.get((-1, 0), 0)), _READ
    return None


def _normal(v: Variable, slope: Polynomial) -> Found | None:
    """With precision M: along one axis, or of each coordinate by itself."""
    slots = nodes.slots(v.shape)
    system = least_squares(slope, v.label, slots, v.shape, shared=False)
    if system is None:
        return None
    mean = system.solution()
    if system.axis is None or system.row is None:
        return "normal", _arrays(v, mean=mean, variance=1 / system.matrix.expr()), _READ
    own, row, n = slots[system.axis], system.row, system.size
    precision = over((row, own), system.matrix.expr(), n)
    if system.axis != len(slots) - 1:
        return "multivariate normal", _arrays(v, mean=mean), _READ
    places = (*slots[:-1], row, own)
    inverse = normal(InverseElement(precision, n, row, own)).expr()
    covariance = array_with(inverse, places, (*v.shape[:-1], n, n))
    return "multivariate normal", {**_arrays(v, mean=mean), "covariance": covariance}, _READ


def _linear_chain(
    model: Model, v: Variable, terms: list[ModelTerm], others: frozenset[Symbol]
) -> Found | None:
    """Gaussian, where the log density is quadratic in the states: its slope is linear in them."""
    if v.support != REAL:
        return None
    for part in opened(_slope(model, v, terms, others)):
        own = [a for a in part.factors if v.label in symbols_in(a)]
        if len(own) > 1 or any(part.factors[a] != 1 or not isinstance(a, Indexed) for a in own):
            return None
    if not _joins_neighbours(model, v, terms):
        return "multivariate normal", {}, "its log density is quadratic in all steps together"
    n = _order(model, v)
    states = "" if n == 1 else f" of {n} steps at a time"
    return "Gaussian Markov", {}, f"Kalman filter and Rauch-Tung-Striebel smoother{states}"


def _arrays(v: Variable, **elements: Expr) -> dict[str, Expr]:
    slots = nodes.slots(v.shape)
    return {name: array_with(sp.sympify(e), slots, v.shape) for name, e in elements.items()}
