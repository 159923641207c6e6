"""From SymPy's expressions to the kernel's terms and the maps beyond them.

What has no word of its own becomes an opaque map of what it holds: an integral, an endless sum, an
unknown function.  Nothing is read from it but that equal parts make it equal.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, Symbol
from sympy.core.function import AppliedUndef

from entropy_proofs.algebra import nodes
from entropy_proofs.equality.normal_forms import special_maps as maps
from entropy_proofs.equality.requirements import sign_of
from entropy_proofs.families.spaces import REAL
from entropy_proofs.kernel.language.labels import VARIABLE
from entropy_proofs.kernel.language.sizes import INFINITE, Size
from entropy_proofs.kernel.language.statement import Signature
from entropy_proofs.kernel.language.terms import Term, closed, parts, plus, rational
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.model.declarations import Parameter
from entropy_proofs.model.lowering import CONSTANTS, Indices, Lowering, Unsupported
from entropy_proofs.model.model import Model

_REMAINDERS = 64  # that are tried
BOUND = "∫"  # before the names of what integrals and derivatives bind


class Language:
    """The terms of one chain's expressions.

    model: what is declared.  expressions: all that will be lowered.
    """

    def __init__(self, model: Model, expressions: Iterable[Expr]):
        self.model = copy.copy(model)
        self.model.parameters = dict(model.parameters)
        for s in sorted({s for e in expressions for s in e.atoms(Symbol)}, key=str):
            if s.name.startswith(BOUND):
                self.model.parameters[s.name] = Parameter(s.name, s, (), REAL, True)
        self._lowering = Lowering(self.model, beyond=self._node)

    def term(self, expr: Expr) -> Term:
        """Raises Unsupported (an InputError) where there is no such term."""
        return self._lowering.value(expr, {})

    def signature(self) -> Signature:
        """What is declared, once all terms are made: indices ask for sizes at least so large.

        Nothing is a random coordinate here: what holds almost everywhere is not enough.
        """
        statement = self._lowering.statement(())
        labels = tuple(
            replace(label, role="constant") if label.role in VARIABLE and label.kind.continuous
            else label
            for label in statement.labels
        )  # fmt: skip
        return Signature(replace(statement, labels=labels))

    def named(self, shown: Mapping[str, Expr]) -> Model:
        """The model with every label a parameter, for display.  shown: labels in users' symbols."""
        named = copy.copy(self.model)
        named.dims_ = {n: shown.get(n, s) for n, s in self.model.dims_.items()}
        named.parameters = {
            r.name: Parameter(r.name, shown.get(r.name, r.label), r.shape, REAL, True)
            for r in self.model.records()
        }
        return named

    @property
    def least(self) -> Mapping[str, int]:
        """The sizes that indices of what was lowered ask to be more than one."""
        return dict(self._lowering.least)

    def declared(self, n: Size) -> bool:
        """Whether a size is known not to be negative as it is declared."""
        return n.at_least(0, self._lowering.least)

    # nodes ----------------------------------------------------------------------------------------
    def _node(self, expr: Expr, indices: Indices) -> Term | None:
        for kind, rule in _RULES.items():
            if isinstance(expr, kind):
                return rule(self, expr, indices)
        if expr.func in _MAPS:
            return maps.applied(_MAPS[expr.func], *(self._value(a, indices) for a in expr.args))
        if isinstance(expr, sp.NumberSymbol):
            return maps.applied(f"·opaque {expr}") if expr not in CONSTANTS else None
        return None

    def _value(self, expr: Any, indices: Indices) -> Term:
        return self._lowering.value(expr, indices)

    def factorial(self, expr: Expr, indices: Indices) -> Term:
        return maps.applied(maps.GAMMA, self._value(expr.args[0] + 1, indices))

    def binomial(self, expr: Expr, indices: Indices) -> Term:
        n, k = expr.args
        return self._quotient((n + 1,), (k + 1, n - k + 1), indices)

    def beta(self, expr: Expr, indices: Indices) -> Term:
        a, b = (expr.args * 2)[:2]
        return self._quotient((a, b), (a + b,), indices)

    def _quotient(self, above: Iterable[Expr], below: Iterable[Expr], indices: Indices) -> Term:
        over = [maps.applied(maps.GAMMA, self._value(a, indices)) for a in above]
        under = [maps.applied(maps.GAMMA, self._value(a, indices)) for a in below]
        return Term("multiply", *over, *(Term("power", a, rational(-1)) for a in under))

    def polygamma(self, expr: Expr, indices: Indices) -> Term:
        order = {sp.digamma: 0, sp.trigamma: 1}.get(expr.func)
        args = expr.args if order is None else (sp.Integer(order), *expr.args)
        return maps.applied(maps.POLYGAMMA, *(self._value(a, indices) for a in args))

    def zeta(self, expr: Expr, indices: Indices) -> Term:
        args = [self._value(a, indices) for a in expr.args]
        return maps.applied(maps.ZETA if len(args) == 1 else "·opaque zeta", *args)

    def log(self, expr: Expr, indices: Indices) -> Term:
        if len(expr.args) > 1:
            return self._value(sp.log(expr.args[0]) / sp.log(expr.args[1]), indices)
        size = self._log_of_size(expr.args[0], indices)
        if size is not None:
            return self._value(size, indices)
        return Term("apply", "log", self._value(expr.args[0], indices))

    def _log_of_size(self, e: Expr, indices: Indices) -> Expr | None:
        """log |e| of determinants and of what is known not to be negative beside them, else None.

        That is how derivations write it; with a factor of any sign it is the log of a signed
        number.
        """
        if isinstance(e, nodes.Det):
            return nodes.LogDet(*e.args)
        if e.is_Pow and e.exp.is_real:
            inner = self._log_of_size(e.base, indices)
            return None if inner is None else e.exp * inner
        if not e.is_Mul:
            return None
        logs = {a: self._log_of_size(a, indices) for a in e.args}
        rest = [a for a, found in logs.items() if found is None]
        if len(rest) == len(logs):
            return None
        if not sp.Mul(*rest).is_nonnegative and not self._never_negative(sp.Mul(*rest), indices):
            return None
        return sp.Add(*(a for a in logs.values() if a is not None), sp.log(sp.Mul(*rest)))

    def _never_negative(self, e: Expr, indices: Indices) -> bool:
        term = self._value(e, indices)
        algebra = Algebra(self.signature(), maps.rules(None))
        return sign_of(algebra, algebra.normal(term)) in {"+", "0+"}

    def ceiling(self, expr: Expr, indices: Indices) -> Term:
        floor = maps.applied(maps.FLOOR, self._value(-expr.args[0], indices))
        return Term("multiply", rational(-1), floor)

    def atanh(self, expr: Expr, indices: Indices) -> Term:
        x = expr.args[0]
        return self._value(sp.log((1 + x) / (1 - x)) / 2, indices)

    def vanishing(self, expr: Expr, indices: Indices) -> Term:
        return Term("multiply", rational(0), self._value(expr.args[0], indices))

    def determinant(self, expr: Any, indices: Indices) -> Term:
        return maps.applied(maps.DETERMINANT, Term("logdet", *self._lowering.matrix(expr, indices)))

    def expectation(self, expr: Expr, indices: Indices) -> Term:
        return maps.applied(maps.EXPECTATION, self._value(expr.args[0], indices))

    def entropy(self, expr: Expr, indices: Indices) -> Term:
        return maps.applied(f"·opaque {expr}")

    def delta(self, expr: Expr, indices: Indices) -> Term:
        first, second = expr.args[:2]
        try:
            return Term("delta", *(self._lowering.index(a, indices) for a in (first, second)))
        except Unsupported:
            sides = (self._value(a, indices) for a in (first, second))
            return Term("case", Term("test", "equal", *sides), rational(1), rational(0))

    # sums and products ----------------------------------------------------------------------------
    def over(self, expr: sp.Sum | sp.Product, indices: Indices) -> Term:
        what = "sum" if isinstance(expr, sp.Sum) else "product"
        return self._over(expr.limits, expr.function, indices, what)

    def _over(self, limits: Any, body: Expr, indices: Indices, what: str) -> Term:
        """One index after the other, the last of the limits outermost."""
        if not limits:
            return self._value(body, indices)
        *inner, (i, low, high) = limits
        if _backwards(body, i) and high is not sp.oo:
            turned = {i: low + high - i}
            body = body.xreplace(turned)
            inner = [(j, *(e.xreplace(turned) for e in ends)) for j, *ends in inner]
        if low in {-sp.oo, sp.oo} or high is -sp.oo:
            raise Unsupported(f"a {what} from {low} to {high}")
        for end in (low, high):
            if end is not sp.oo and not _is_whole(end, indices):
                raise Unsupported(f"a {what} from {low} to {high}: {end} need not be whole")
        try:
            start = self._lowering.size(low)
        except Unsupported:
            if what == "product" or high is sp.oo:
                raise
            return self._late(expr_limits=(inner, i, low, high), body=body, indices=indices)
        length = self._known_length(low, high)
        known = length is not None and not length.infinite
        index = self._lowering.fresh(length if known and length is not None else INFINITE)
        value = self._over(inner, body, {**indices, i: plus(index, start)}, what)
        if known and what == "sum":
            return Term("sum", (length,), closed(value, [index]))
        vector = Term("vector", index.args[1], closed(value, [index]))
        if high is sp.oo:
            return maps.applied(maps.ENDLESS if what == "sum" else "·opaque product", vector)
        count = self._value(high - low + 1, indices)
        return maps.applied(maps.SUM if what == "sum" else maps.PRODUCT, count, vector)

    def _known_length(self, low: Expr, high: Expr) -> Size | None:
        """How many, where that is a size that is known not to be negative."""
        try:
            length = self._lowering.size(high if high is sp.oo else high - low + 1)
        except Unsupported:
            return None
        return length if length.infinite or self.declared(length) else None

    def _late(self, expr_limits: Any, body: Expr, indices: Indices) -> Term:
        """From an index on: a sum from zero of what is zero before."""
        inner, i, low, high = expr_limits
        if not low.is_nonnegative:
            varying, offset = parts(self._lowering.index(low, indices))
            if varying is None or varying.op != "free" or not self.declared(offset):
                raise Unsupported(f"a sum from {low}")
        length = self._known_length(sp.Integer(0), high)
        index = self._lowering.fresh(INFINITE if length is None else length)
        inside = {**indices, i: index}
        value = self._over(inner, body, inside, "sum")
        test = Term("test", "at-most", self._value(low, indices), Term("index", index))
        value = Term("case", test, value, rational(0))
        if length is not None:
            return Term("sum", (length,), closed(value, [index]))
        vector = Term("vector", INFINITE, closed(value, [index]))
        return maps.applied(maps.SUM, self._value(high + 1, indices), vector)

    # opaque ---------------------------------------------------------------------------------------
    def opaque(self, expr: Expr, indices: Indices) -> Term:
        """An integral, derivative or unknown function."""
        if isinstance(expr, sp.Derivative):
            done = differentiated(expr.expr, expr.variables)
            if done is not None:
                return self._value(done, indices)
        if isinstance(expr, sp.Integral):
            inputs = [expr.function]
            name = "·opaque integral"
            for limit in expr.limits:
                ends = limit[1:]
                name += f" {limit[0].name}{len(ends)}"
                inputs += [e for e in ends if not e.is_infinite]
                name += "".join(str(e) for e in ends if e.is_infinite)
        elif isinstance(expr, AppliedUndef):
            inputs, name = list(expr.args), f"·opaque {expr.func}()"
        elif isinstance(expr, sp.Derivative):
            inputs = [expr.expr]
            name = f"·opaque derivative {expr.variable_count}"
        else:
            inputs = [a for a in expr.args if isinstance(a, Expr)]
            rest = [a for a in expr.args if not isinstance(a, Expr)]
            name = f"·opaque {expr.func.__name__} {rest or ''}"
        return maps.applied(name, *(self._value(a, indices) for a in inputs))


def carried_out(expr: Expr) -> Expr:
    """With its derivatives in closed form, where they have one."""

    def done(d: sp.Derivative) -> Expr:
        found = differentiated(d.expr, d.variables)
        return d if found is None else found

    return expr.replace(lambda a: isinstance(a, sp.Derivative), done)


def differentiated(expr: Expr, variables: tuple[Expr, ...]) -> Expr | None:
    """The derivative with what it takes to exist; None where that is not known in closed form."""
    corners = _corners(expr, variables)
    if corners and expr.is_Add:
        parts = [differentiated(a, variables) for a in expr.args]
        return None if None in parts else sp.Add(*parts)
    if corners and isinstance(expr, sp.Sum):
        inner = differentiated(expr.function, variables)
        ends = sp.Tuple(*(end for _, *both in expr.limits for end in both))
        return None if inner is None or ends.has(*variables) else sp.Sum(inner, *expr.limits)
    if corners is None or not all(a.free_symbols <= expr.free_symbols for a in corners):
        return None
    # not deep: SymPy's sums, limits and integrals have values where ours have none, or others
    done = sp.Derivative(expr, *variables).doit(deep=False)
    if done.has(sp.Derivative, sp.Subs):
        return None
    return sp.Add(done, nodes.Vanishing(expr), *(nodes.Vanishing(1 / a) for a in corners))


def _corners(expr: Expr, variables: tuple[Expr, ...]) -> list[Expr] | None:
    """What is zero where an expression has a jump or a kink along variables; None: not known."""
    found: list[Expr] = []
    for e in sp.preorder_traversal(expr):
        if not e.has(*variables):
            continue
        match e:
            case sp.Abs() | sp.sign() | sp.Heaviside():
                found.append(e.args[0])
            case sp.Max() | sp.Min():
                found += [a - b for a, b in combinations(e.args, 2)]
            case sp.Piecewise():
                tests = sp.Tuple(*(test for _, test in e.args)).atoms(sp.core.relational.Relational)
                found += [test.lhs - test.rhs for test in tests]
            case sp.floor() | sp.ceiling():
                return None
    return [a for a in dict.fromkeys(found) if a.has(*variables)]


def _is_whole(end: Expr, indices: Indices) -> bool:
    """Whether it is known; indices of outer sums are whole.  n (n + 1)/2 by all remainders."""
    end = end.xreplace({i: sp.Dummy(integer=True) for i in indices})
    if end.is_integer or end.is_integer is False:
        return bool(end.is_integer)
    symbols = sorted(end.free_symbols, key=str)
    below = end.as_numer_denom()[1]
    if not below.is_Integer or not end.is_polynomial(*symbols):
        return False
    if int(below) ** len(symbols) > _REMAINDERS or not all(s.is_integer for s in symbols):
        return False
    places = product(range(int(below)), repeat=len(symbols))
    return all(end.xreplace(dict(zip(symbols, at, strict=True))).is_integer for at in places)


def _backwards(body: Expr, i: Symbol) -> bool:
    """Whether the index stands in places with a minus alone."""
    places = [p for e in body.atoms(Indexed) for p in e.indices if i in p.free_symbols]
    return bool(places) and all(p != i and p.diff(i) == -1 for p in places)


def bound_renamed(expr: Expr) -> Expr:
    """The variables of integrals named by their depth, so that equal ones are recognised."""
    if not isinstance(expr, sp.Basic) or not expr.has(sp.Integral):
        return expr
    changed = expr.func(*(bound_renamed(a) for a in expr.args))
    if not isinstance(changed, sp.Integral):
        return changed
    used = [s.name for s in changed.atoms(Symbol) if s.name.startswith(BOUND)]
    depth = max((int(name[1:]) for name in used), default=0)
    for k, limit in enumerate(changed.limits, 1):
        new = Symbol(f"{BOUND}{depth + k}", real=True)
        limits = [(new, *e[1:]) if e is limit else e for e in changed.limits]
        function = changed.function.xreplace({limit[0]: new})
        changed = sp.Integral(function, *limits)
    return changed


_MAPS: Mapping[Any, str] = {
    sp.gamma: maps.GAMMA, sp.besseli: maps.BESSEL, sp.sign: maps.SIGN, sp.floor: maps.FLOOR,
}  # fmt: skip
_RULES: Mapping[Any, Callable[[Language, Any, Indices], Term]] = {
    sp.factorial: Language.factorial,
    sp.binomial: Language.binomial,
    sp.beta: Language.beta,
    (sp.digamma, sp.trigamma, sp.polygamma): Language.polygamma,
    sp.zeta: Language.zeta,
    sp.log: Language.log,
    sp.atanh: Language.atanh,
    sp.ceiling: Language.ceiling,
    nodes.Vanishing: Language.vanishing,
    nodes.Det: Language.determinant,
    nodes.Expectation: Language.expectation,
    nodes.VariationalEntropy: Language.entropy,
    sp.KroneckerDelta: Language.delta,
    (sp.Sum, sp.Product): Language.over,
    (sp.Integral, sp.Derivative, sp.Subs, sp.Limit, AppliedUndef): Language.opaque,
    (sp.uppergamma, sp.lowergamma, sp.expint, sp.Ei, sp.erfinv, sp.erfi, sp.LambertW, sp.li,
     sp.besselj, sp.bessely, sp.asin, sp.acos, sp.acosh, sp.acoth, sp.acot, sp.Mod, sp.polylog):
        Language.opaque,
}  # fmt: skip
