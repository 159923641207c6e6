"""From a model and a candidate identity to what the kernel checks.

The lowering of the model is trusted: `prove --statement` prints its result.  What it makes of a
candidate is not: the kernel checks that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import count
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, Symbol
from sympy.core.function import AppliedUndef

from entropy_proofs.algebra import nodes
from entropy_proofs.errors import InputError
from entropy_proofs.families.spaces import REAL, Space
from entropy_proofs.kernel.found import Certificate, Component, Condition, Flow, TermIdentity
from entropy_proofs.kernel.language.labels import Conditional, Domain, Label
from entropy_proofs.kernel.language.sizes import INFINITE, Size
from entropy_proofs.kernel.language.statement import Statement
from entropy_proofs.kernel.language.terms import Term, at, closed, free, parts, plus, rational
from entropy_proofs.kernel.normal.function_table import FUNCTIONS
from entropy_proofs.model.model import Model, ModelTerm as ModelTerm
from entropy_proofs.model.pointwise import Identity, LatentFlow

Indices = Mapping[Symbol, Term]  # index symbols that are bound here
Beyond = Callable[[Expr, Indices], Term | None]


class Unsupported(InputError):
    """The kernel's language has no word for it."""


#: What the kernel calls functions and constants.
NAMES: Mapping[type, str] = {
    sp.exp: "exp", sp.log: "log", sp.Abs: "abs", sp.sign: "sign", sp.sin: "sin", sp.cos: "cos",
    sp.tan: "tan", sp.sinh: "sinh", sp.cosh: "cosh", sp.tanh: "tanh", sp.sech: "sech",
    sp.atan: "atan", sp.erf: "erf", sp.erfc: "erfc", sp.loggamma: "loggamma", sp.gamma: "gamma",
    sp.factorial: "factorial", sp.polygamma: "polygamma", sp.besseli: "besseli",
    sp.besselk: "besselk", sp.zeta: "zeta", sp.floor: "floor", sp.ceiling: "ceiling",
}  # fmt: skip
_REWRITTEN: Mapping[type, Callable[..., Expr]] = {
    sp.digamma: lambda x: sp.polygamma(0, x),
    sp.trigamma: lambda x: sp.polygamma(1, x),
    sp.binomial: lambda n, k: sp.factorial(n) / sp.factorial(k) / sp.factorial(n - k),
    sp.beta: lambda a, b: sp.gamma(a) * sp.gamma(b) / sp.gamma(a + b),
    sp.cot: lambda x: sp.cos(x) / sp.sin(x),
    sp.sec: lambda x: 1 / sp.cos(x),
    sp.csc: lambda x: 1 / sp.sin(x),
    sp.coth: lambda x: sp.cosh(x) / sp.sinh(x),
    sp.asinh: lambda x: sp.log(x + sp.sqrt(x**2 + 1)),
    sp.atanh: lambda x: (sp.log(1 + x) - sp.log(1 - x)) / 2,
}
CONSTANTS: Mapping[Expr, str] = {sp.pi: "pi", sp.E: "e", sp.EulerGamma: "euler"}


class Lowering:
    """One model's symbols and what the kernel calls them.

    joint: variables that have one density together.  Scalars become one label.  Of arrays the first
    is the own variable and the others stand as given, where neither log h nor H may hold them.
    beyond: asked first for the term of a node; where it returns None, the kernel's own is made.
    """

    def __init__(self, model: Model, joint: Sequence[Symbol] = (), beyond: Beyond | None = None):
        self.model = model
        self._beyond = beyond
        shapes = model.shapes()
        scalars = len(joint) > 1 and not any(shapes[s] for s in joint)
        self._joint = {s: k for k, s in enumerate(joint)} if scalars else {}
        self._beside = frozenset() if scalars else frozenset(s.name for s in joint[1:])
        self._block = f"({', '.join(s.name for s in joint)})"
        self._sizes: dict[Expr, str] = {s: name for name, s in model.dims_.items()}
        self._labels = {r.label: (r.name, r.shape) for r in model.records()}
        self._aliases = {a: of for t in model.terms for a, of in t.aliases.items()}
        self._levels = count()
        self.least: dict[str, int] = {}
        for n in (n for t in model.terms for _, n in t.plates):
            self._at_least(self.size(n), 0)

    # the statement --------------------------------------------------------------------------------
    def statement(self, terms: Sequence[ModelTerm]) -> Statement:
        model = self.model
        conditionals = tuple(self._conditional(t) for t in terms)
        named = {t.variable for t in terms} | {s.name for s in self._joint}
        labels = [
            Label(
                p.name,
                "constant" if p.fixed else "learned",
                self._shape(p.shape),
                self._domain(p.domain, ()),
            )
            for p in model.parameters.values()
        ]
        if self._joint:
            supports = {model.variables[s.name].support for s in self._joint}
            shared = supports.pop() if len(supports) == 1 else REAL
            domain = self._domain(shared, ())
            shape = (Size.number(len(self._joint)),)
            labels.append(Label(self._block, "observed", shape, domain))
        for v in model.variables.values():
            if v.label in self._joint:
                continue
            role = "observed" if v.observed else "latent"
            labels.append(
                Label(
                    v.name,
                    role if v.name in named else "given",
                    self._shape(v.shape),
                    self._domain(v.support, v.shape[: len(v.shape) - v.support.axes]),
                )
            )
        least = {name: self.least.get(name, 1) for name in self._sizes.values()}
        return Statement(
            model.name, least, tuple(labels), conditionals, self.value(model.q_weight, {})
        )

    def _shape(self, shape: Sequence[Expr]) -> tuple[Size, ...]:
        sizes = tuple(map(self.size, shape))
        for n in sizes:
            self._at_least(n, 0)
        return sizes

    def _domain(self, space: Space, copies: Sequence[Expr]) -> Domain:
        """Bounds under a binder for each of the copies' axes."""
        slots = nodes.slots(copies)
        indices = {s: self.fresh(self.size(n)) for s, n in zip(slots, copies, strict=True)}

        def bound(expr: Any) -> Term | None:
            expr = sp.sympify(expr)
            if expr.is_infinite:
                return None
            return closed(self.value(expr, indices), list(indices.values()))

        return space.at(slots).lowered(self._length, bound)

    def _length(self, expr: Any) -> Size:
        size = self.size(expr)
        self._at_least(size, 1)
        return size

    def _conditional(self, t: ModelTerm) -> Conditional:
        plates = self.plates(t)
        density = self.value(t.log_density, dict(plates))
        indices = [f for _, f in plates]
        return Conditional(
            t.name,
            tuple(self.size(n) for _, n in t.plates),
            self._block if self._joint else t.variable,
            tuple(closed(i, indices) for i in self._place(t, dict(plates))),
            closed(density, indices),
            self.value(t.weight, {}),
        )

    def _place(self, t: ModelTerm, indices: Indices) -> list[Term]:
        place = tuple(i for i, _ in t.plates)
        own = t.aliases.get(t.value)
        return [self.index(i, indices) for i in (place if own is None else own.at(place))]

    def plates(self, t: ModelTerm) -> list[tuple[Symbol, Term]]:
        """The plates' index symbols, each with an index of its own."""
        return [(i, self.fresh(self.size(n))) for i, n in t.plates]

    # a candidate ----------------------------------------------------------------------------------
    def certificate(
        self, identity: Identity, terms: Sequence[ModelTerm], conditions: Sequence[Condition] = ()
    ) -> Certificate:
        """The candidate in the kernel's terms."""
        own = {t.name: t for t in terms}
        components = []
        for c in identity.field:
            slots = [(s, self.fresh(self.size(n))) for s, n in zip(c.slots, c.shape, strict=True)]
            element = self.value(c.element, dict(slots))
            name, _ = self._labels[c.label]
            components.append(Component(name, closed(element, [f for _, f in slots])))
        flows = [self._flow(f) for f in identity.flows]
        found = []
        for t in identity.terms:
            plates = self.plates(own[t.conditional.name])
            indices = [f for _, f in plates]
            log_h = closed(self.value(t.log_base_measure, dict(plates)), indices)
            entropy = closed(self.value(t.entropy, dict(plates)), indices)
            if (log_h.labels | entropy.labels) & self._beside:
                raise Unsupported("log h or H holds a variable of the joint density")
            found.append(TermIdentity(t.conditional.name, log_h, entropy))
        return Certificate(tuple(components), tuple(flows), tuple(found), tuple(conditions))

    def _flow(self, f: LatentFlow) -> Flow:
        """Its shift under a binder for each axis of the latent."""
        slots = [self.fresh(self.size(n)) for n in self.model.variables[f.variable].shape]
        shift = self.value(f.shift, dict(zip(f.slots, slots, strict=False)))
        return Flow(f.variable, self.value(f.rate, {}), closed(shift, slots))

    # sizes and indices ----------------------------------------------------------------------------
    def fresh(self, size: Size) -> Term:
        return free(next(self._levels), size)

    def size(self, expr: Any) -> Size:
        expr = sp.sympify(expr)
        if expr is sp.oo:
            return INFINITE
        if expr.is_Integer:
            return Size.number(int(expr))
        if expr in self._sizes:
            return Size.named(self._sizes[expr])
        if expr.is_Add or expr.is_Mul:
            total = Size.number(0 if expr.is_Add else 1)
            for a in expr.args:
                total = total + self.size(a) if expr.is_Add else total * self.size(a)
            return total
        if expr.is_Pow and expr.exp.is_Integer and 0 < expr.exp <= 8:
            total = Size.number(1)
            for _ in range(int(expr.exp)):
                total = total * self.size(expr.base)
            return total
        raise Unsupported(f"{expr} is no size")

    def index(self, expr: Expr, indices: Indices) -> Term:
        """An index: bound here, a constant, a discrete variable, or one of these and an offset."""
        if expr in indices:
            return indices[expr]
        if expr.is_Add:
            varying = [a for a in expr.args if not self._is_size(a)]
            if len(varying) == 1:
                return plus(self.index(varying[0], indices), self.size(expr - varying[0]))
        label = nodes.label_of(expr)
        if label in self._labels or label in self._aliases:
            return self.value(expr, indices)
        if not self._is_size(expr):
            raise Unsupported(
                f"an index is one variable or one index, and a number more, not {expr}: give each "
                "variable an axis of its own"
            )
        return at(self.size(expr))

    def _is_size(self, expr: Expr) -> bool:
        return all(s in self._sizes for s in expr.free_symbols)

    def _needs_room(self, i: Term, size: Size) -> None:
        """A constant index asks for a size that is larger: K >= 3 for mu[2]."""
        varying, offset = parts(i)
        if varying is None and offset.value is not None:
            self._at_least(size, offset.value + 1)

    def _at_least(self, size: Size, bound: int) -> None:
        rest = dict(size.terms)
        constant = rest.pop((), 0)
        if len(rest) == 1:
            ((names, c),) = rest.items()
            if len(names) == 1 and c > 0:
                (name,) = names
                self.least[name] = max(self.least.get(name, 1), -((constant - bound) // c))

    # values ---------------------------------------------------------------------------------------
    def value(self, expr: Any, indices: Indices) -> Term:
        expr = sp.sympify(expr)
        if expr.is_Float:
            expr = sp.Rational(str(expr))
        if expr.is_Rational:
            return rational(Fraction(int(expr.p), int(expr.q)))
        if expr in CONSTANTS:
            return Term("constant", CONSTANTS[expr])
        if expr in indices:
            return Term("index", indices[expr])
        if expr in self._sizes:
            return Term("size", Size.named(self._sizes[expr]))
        if isinstance(expr, Symbol):
            return self._element(expr, (), indices)
        if isinstance(expr, Indexed):
            return self._element(expr.base.label, expr.indices, indices)
        if expr.is_Add or expr.is_Mul:
            op = "add" if expr.is_Add else "multiply"
            return Term(op, *(self.value(a, indices) for a in expr.args))
        if expr.is_Pow:
            return Term("power", self.value(expr.base, indices), self.value(expr.exp, indices))
        return self._node(expr, indices)

    def _element(self, label: Symbol, places: Sequence[Expr], indices: Indices) -> Term:
        if label in self._joint:
            return Term("element", self._block, at(self._joint[label]))
        if label in self._aliases:
            part = self._aliases[label]
            label, places = self.model.variables[part.variable].label, part.at(places)
        if label not in self._labels:
            raise Unsupported(f"{label} is no label of the model")
        name, shape = self._labels[label]
        at_places = [self.index(sp.sympify(i), indices) for i in places]
        for i, n in zip(at_places, shape, strict=False):
            self._needs_room(i, self.size(n))
        return Term("element", name, *at_places)

    def _node(self, expr: Expr, indices: Indices) -> Term:
        found = self._beyond(expr, indices) if self._beyond is not None else None
        if found is not None:
            return found
        for kind in type(expr).__mro__:
            if kind in _REWRITTEN:
                return self.value(_REWRITTEN[kind](*expr.args), indices)
            if kind in NAMES:
                if kind is sp.log and isinstance(expr.args[0], sp.gamma):  # SymPy's, of integers
                    return Term("apply", "loggamma", self.value(expr.args[0].args[0], indices))
                if kind is sp.log and isinstance(expr.args[0], sp.Product):
                    inner = expr.args[0]
                    return self.value(sp.Sum(sp.log(inner.function), *inner.limits), indices)
                return Term("apply", NAMES[kind], *(self.value(a, indices) for a in expr.args))
        if isinstance(expr, (sp.Max, sp.Min)):
            name = "max" if isinstance(expr, sp.Max) else "min"
            first, *others = (self.value(a, indices) for a in expr.args)
            for other in others:
                first = Term("apply", name, first, other)
            return first
        if isinstance(expr, sp.hyper) and [len(a) for a in expr.args[:2]] == [1, 1]:
            args = (*expr.args[0], *expr.args[1], expr.args[2])
            return Term("apply", "hyp1f1", *(self.value(a, indices) for a in args))
        if isinstance(expr, sp.Heaviside):
            x, at_zero = expr.args
            return self._cases(((1, x > 0), (at_zero, sp.Eq(x, 0)), (0, sp.true)), indices)
        if isinstance(expr, sp.KroneckerDelta):
            return Term("delta", *(self.index(a, indices) for a in expr.args[:2]))
        if isinstance(expr, sp.Sum):
            return self._sum(expr, indices)
        if isinstance(expr, sp.Piecewise):
            return self._cases(expr.args, indices)
        if isinstance(expr, nodes.LogDet):
            return Term("logdet", *self.matrix(expr, indices))
        if isinstance(expr, nodes.InverseElement):
            places = (self.index(i, indices) for i in (expr.row, expr.column))
            return Term("inverse", *self.matrix(expr, indices), *places)
        if isinstance(expr, nodes.HiddenUnit) and not isinstance(expr, nodes.HiddenUnitDerivative):
            inputs = (self._input(a, indices) for a in expr.inputs)
            return Term("map", str(expr.name), self.index(expr.unit, indices), *inputs)
        if isinstance(expr, AppliedUndef):
            inputs = (self.value(a, indices) for a in expr.args)
            return Term("map", f"{expr.func}()", None, *inputs)
        if isinstance(expr, sp.Derivative):
            return self._partial(expr, {}, indices)
        if isinstance(expr, sp.Subs) and isinstance(expr.expr, sp.Derivative):
            at_point = dict(zip(expr.variables, expr.point, strict=True))
            return self._partial(expr.expr, at_point, indices)
        raise Unsupported(f"the kernel's language has no {type(expr).__name__}: {expr}")

    def _sum(self, expr: sp.Sum, indices: Indices) -> Term:
        inside, sizes, own = dict(indices), [], []
        for i, low, high in expr.limits:
            size = self.size(high if high is sp.oo else high - low + 1)
            if not size.infinite:
                self._at_least(size, 0)
            index = self.fresh(size)
            inside[i] = plus(index, self.size(low))
            sizes.append(size)
            own.append(index)
        return Term("sum", tuple(sizes), closed(self.value(expr.function, inside), own))

    def matrix(self, expr: Any, indices: Indices) -> tuple[Size, Term]:
        size = self.size(expr.size)
        own = [self.fresh(size), self.fresh(size)]
        inside = {**indices, **dict(zip(expr.matrix.variables, own, strict=True))}
        return size, closed(self.value(expr.matrix.expr, inside), own)

    def _input(self, argument: Any, indices: Indices) -> Term:
        if not isinstance(argument, sp.Tuple):
            return self.value(argument, indices)
        vector, n = argument
        i = self.fresh(self.size(n))
        body = self.value(vector.expr, {**indices, vector.variables[0]: i})
        return Term("vector", self.size(n), closed(body, [i]))

    def _partial(
        self, expr: sp.Derivative, at_point: Mapping[Expr, Expr], indices: Indices
    ) -> Term:
        """d f(..., s, ...) / d s of a function of the table, at a point s."""
        f, (symbol, times) = expr.expr, expr.args[1]
        name = next((NAMES[k] for k in type(f).__mro__ if k in NAMES), None)
        places = [k for k, a in enumerate(f.args) if a == symbol]
        alone = [k for k, a in enumerate(f.args) if symbol in a.free_symbols] == places
        if name is None or times != 1 or len(places) != 1 or not alone:
            raise Unsupported(f"the kernel's language has no {expr}")
        (k,) = places
        if FUNCTIONS[name].slopes[k : k + 1] != (None,):
            raise Unsupported(f"the kernel's language has no {expr}")
        args = (self.value(a.xreplace(at_point), indices) for a in f.args)
        return Term("partial", k, name, *args)

    # cases ----------------------------------------------------------------------------------------
    def _cases(self, cases: Sequence[Any], indices: Indices) -> Term:
        (value, condition), *others = cases
        then = self.value(value, indices)
        if condition is sp.true:
            return then
        if not others:
            raise Unsupported("a Piecewise that does not cover all cases")
        return self._chosen(condition, then, self._cases(others, indices), indices)

    def _chosen(self, condition: Any, then: Term, other: Term, indices: Indices) -> Term:
        """`then` where the condition holds, `other` elsewhere."""
        if condition in {sp.true, sp.false}:
            return then if condition is sp.true else other
        if isinstance(condition, sp.Not):
            return self._chosen(condition.args[0], other, then, indices)
        if isinstance(condition, (sp.And, sp.Or)):
            for c in condition.args:
                if isinstance(condition, sp.And):
                    then = self._chosen(c, then, other, indices)
                else:
                    other = self._chosen(c, then, other, indices)
            return then if isinstance(condition, sp.And) else other
        if isinstance(condition, sp.Ne):
            return self._chosen(sp.Eq(*condition.args), other, then, indices)
        if not isinstance(condition, (sp.Eq, sp.StrictLessThan, sp.LessThan, sp.Gt, sp.Ge)):
            raise Unsupported(f"the kernel's language has no test {condition}")
        left, right = (self.value(a, indices) for a in condition.args)
        if isinstance(condition, (sp.Gt, sp.Ge)):
            left, right = right, left
        op = {sp.Eq: "equal", sp.StrictLessThan: "less", sp.Gt: "less"}.get(type(condition))
        return Term("case", Term("test", op or "at-most", left, right), then, other)
