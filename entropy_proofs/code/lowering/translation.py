"""Array code from symbolic expressions, for any sizes.

An index symbol becomes an array axis, a `Sum` of a product a contraction of its factors (each with
its own axes only), an index that is itself a discrete variable a gather.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from sympy import Expr, Indexed, KroneckerDelta, Sum, Symbol

from entropy_proofs.algebra import nodes
from entropy_proofs.algebra.poly import at_places, symbols_in
from entropy_proofs.code.axes import Axis, Value, is_long, same, union
from entropy_proofs.code.backends.target import Manner
from entropy_proofs.code.ir import Input, Matrix, Node
from entropy_proofs.code.lowering.builder import Builder, PassRun, Place
from entropy_proofs.code.lowering.contraction import MOST_TERMS
from entropy_proofs.code.lowering.forms import (
    FUNCTIONS,
    LOGARITHMS,
    bessels_together,
    coefficient_and_factors,
    entropies_together,
    exponent_of,
    exponentials_together,
    is_reciprocal,
    logarithms_of,
    numbers_together,
    primitive_part,
    rewrite,
    scaled,
    signed,
    squares_together,
    written_out,
)
from entropy_proofs.code.lowering.program import Program, operands, scalar, sizes
from entropy_proofs.errors import NoNumericForm

Outputs = Mapping[str, tuple[Expr, tuple[Symbol, ...]]]
Environment = Mapping[Symbol, Axis | Value]


Shapes = Mapping[Symbol, tuple[Expr, ...]]


class Translation:
    """Turns expressions into nodes, one rule for each class of expression.

    Attributes:
        stacks: the sizes of stacks of matrices that were inverted: as first axes, they lie well.
    """

    def __init__(self, target: Manner, shapes: Shapes, first: Iterable[Expr] = ()):
        """For backends of a manner, with the shapes of the inputs that are known.

        first: the sizes of the axes that come before all others.
        """
        self.target = target
        self.shapes = shapes
        self.program = Program({size: rank for rank, size in enumerate(first)})
        self.build = Builder(target, self.program, reuses_sums=True)
        self.memo: dict[Any, Value] = {}
        self.stacks: dict[Expr, None] = {}

    def write(self, outputs: Outputs, lengths: Mapping[Symbol, Expr]) -> dict[str, Node]:
        """Write expressions with free indices that run so far; the array of each."""
        env: dict[Symbol, Axis] = {}
        for i, size in lengths.items():
            env[i] = self.program.axis(sp.sympify(size), env)[1]
        found = {}
        for name, (expression, indices) in outputs.items():
            value = self.value(sp.sympify(expression), env)
            found[name] = self.build.full(value, tuple(env[i] for i in indices))
        return found

    def value(self, expr: Expr, env: Environment) -> Value:
        """The array of an expression whose indices the environment binds."""
        symbols = symbols_in(expr)
        key = (expr, frozenset((s, env[s]) for s in symbols if s in env))
        found = self.memo.get(key)
        if found is None:
            plain = not symbols and self.target.is_number(expr)
            found = scalar(expr) if plain else self._rule(expr)(self, expr, env)
            self.memo[key] = found
        return found

    def _rule(self, expr: Expr) -> Callable[[Translation, Any, Environment], Value]:
        for kind in type(expr).__mro__:
            if kind in _RULES:
                return _RULES[kind]
        raise NoNumericForm(f"no numeric form for {expr} ({type(expr).__name__})")

    def values(self, expressions: Any, env: Environment) -> list[Value]:
        return [self.value(e, env) for e in expressions]

    # elementwise ------------------------------------------------------------------------------
    def bound_symbol(self, expr: Symbol, env: Environment) -> Value:
        bound = env.get(expr)
        if isinstance(bound, Axis):
            return self.build.numbers(PassRun(bound))
        if bound is not None:
            return bound
        if not self._is_size(expr):
            return Value(Input(expr.name))
        size = scalar(expr)
        return self.build.call("scalar", [size]) if self.target.lifts_sizes else size

    def _is_size(self, label: Symbol) -> bool:
        return bool(label.is_integer and label.is_positive) and label not in self.shapes

    def add(self, expr: sp.Add, env: Environment) -> Value:
        coefficient, rest = primitive_part(expr)
        if coefficient != 1:
            return self.build.product(coefficient, [self.value(rest, env)], [])
        return self.build.total((n, self.value(a, env)) for a, n in signed(expr))

    def mul(self, expr: sp.Mul, env: Environment) -> Value:
        coefficient, factors = self._coefficient_and_factors(expr)
        if not self.target.exact:
            factors = squares_together(factors)
        above = [f for f in factors if not is_reciprocal(f)]
        below = [1 / f for f in factors if is_reciprocal(f)]
        return self.build.product(coefficient, self.values(above, env), self.values(below, env))

    def _coefficient_and_factors(self, expr: Expr) -> tuple[Expr, list[Expr]]:
        found = entropies_together(*coefficient_and_factors(expr))
        if self.target.exact:
            return found
        return exponentials_together(*bessels_together(*numbers_together(*found)))

    def power(self, expr: sp.Pow, env: Environment) -> Value:
        base, exponent = expr.args
        if is_reciprocal(expr):
            return self.build.product(sp.S.One, [], [self.value(1 / expr, env)])
        if exponent == sp.Rational(1, 2):
            return self.build.call("sqrt", [self.value(base, env)])
        return self.build.call("**", self.values((base, exponent), env))

    def function(self, expr: Expr, env: Environment) -> Value:
        written = rewrite(expr)
        if written is not None:
            return self.value(written, env)
        if type(expr) not in FUNCTIONS:
            raise NoNumericForm(f"no numeric form for {expr} ({type(expr).__name__})")
        return self.build.call(FUNCTIONS[type(expr)], self.values(expr.args, env))

    def log(self, expr: Expr, env: Environment) -> Value:
        """log, in the stable form that its argument calls for."""
        (argument,) = expr.args
        if type(argument) in LOGARITHMS:
            return self.value(LOGARITHMS[type(argument)](*argument.args), env)
        for kind, name in ((sp.gamma, "loggamma"), (sp.besseli, "log_besseli")):
            if isinstance(argument, kind):
                return self.build.call(name, self.values(argument.args, env))
        apart = () if self.target.exact else logarithms_of(argument)
        if apart:
            return self.build.total((False, self.value(f, env)) for f in apart)
        if isinstance(argument, sp.Add) and len(argument.args) == 2:
            exponents = [exponent_of(a) for a in argument.args]
            if None not in exponents:
                return self.build.call("logaddexp", self.values(exponents, env))
        if isinstance(argument, Sum) and isinstance(argument.function, sp.exp):
            summand, axes, inner = self.bind(argument, env)
            exponent = self.value(summand.args[0], inner)
            if len(axes) == 1 and axes[0] in exponent.axes:
                return self.build.reduction("logsumexp", exponent, frozenset(axes))
        return self.build.call("log", [self.value(argument, env)])

    def cases(self, expr: nodes.Cases | sp.Piecewise, env: Environment) -> Value:
        *cases, (last, _) = expr.args
        value = self.value(last, env)
        for branch, condition in reversed(cases):
            test, chosen = self.values((condition, branch), env)
            value = self.build.call("where", [test, chosen, value])
        return value

    def extreme(self, expr: sp.Max | sp.Min, env: Environment) -> Value:
        first, *others = self.values(expr.args, env)
        for other in others:
            test = self.build.call(">" if isinstance(expr, sp.Max) else "<", [first, other])
            first = self.build.call("where", [test, first, other])
        return first

    def relation(self, expr: Any, env: Environment) -> Value:
        return self.build.call(expr.rel_op, self.values(expr.args, env))

    def connective(self, expr: Any, env: Environment) -> Value:
        sign = "&" if isinstance(expr, sp.And) else "|"
        return self.build.call(sign, self.values(expr.args, env))

    # sums -------------------------------------------------------------------------------------
    def bind(self, expr: Sum, env: Environment) -> tuple[Expr, tuple[Axis, ...], Environment]:
        """The summand with indices from 0, their axes, and the environment inside.

        The indices are named after their axes, so that sums within one another keep them apart.
        """
        inner, axes, renamed = dict(env), [], {}
        for i, low, high in expr.limits:
            own, axis = self.program.axis(sp.expand(high - low + 1), inner)
            axes.append(axis)
            inner[own], renamed[i] = axis, own + low
        return at_places(expr.function, renamed), tuple(axes), inner

    def sum(self, expr: Sum, env: Environment) -> Value:
        return self.contract(*self.bind(expr, env))

    def contract(self, function: Expr, axes: tuple[Axis, ...], env: Environment) -> Value:
        """The sum of an expression over axes."""
        if not axes:
            return self.value(function, env)
        if isinstance(function, sp.Add):
            return self.build.total((n, self.contract(a, axes, env)) for a, n in signed(function))
        if isinstance(function, Sum):
            summand, more, inner = self.bind(function, env)
            return self.contract(summand, (*axes, *more), inner)
        coefficient, factors = self._coefficient_and_factors(written_out(function))
        for factor in factors:
            alias = self._alias(factor, axes, env)
            if alias:
                i, other = alias
                rest = sp.Mul(coefficient, *(f for f in factors if f != factor))
                left = axes if other == env[i] else tuple(a for a in axes if a != env[i])
                return self.contract(rest, left, {**env, i: other})
        for factor in factors:
            run = self._run(factor, axes, env)
            if run:
                i, own, at, around = run
                rest = sp.Mul(coefficient, *(f for f in factors if f != factor))
                left = tuple(a for a in axes if a != env[i])
                value = self.contract(rest.xreplace({at: own}), left, env)
                return self.build.padded(value, *around)
        summed_symbols = {i for i, a in env.items() if isinstance(a, Axis) and a in axes}
        inside = [f for f in factors if symbols_in(f) & summed_symbols]
        alone = len(inside) == 1 and isinstance(inside[0], sp.Add)
        opened = [f for f in inside if alone or _opens(f, summed_symbols, env)]
        terms = sp.prod(len(f.args) for f in opened if f.is_Add)
        opened = opened if terms <= MOST_TERMS else []

        def opening(factor: Expr) -> Callable[[], Value]:
            rest = sp.Mul(coefficient, *(f for f in factors if f != factor))
            return lambda: self._opened(factor, rest, axes, env)

        if len(inside) == 1 and isinstance(inside[0], Sum):
            return opening(inside[0])()
        ways = [lambda: self._multiplied(coefficient, factors, axes, env), *map(opening, opened)]
        return self.program.cheapest(ways, self.memo)

    def _opened(self, factor: Expr, rest: Expr, axes: tuple[Axis, ...], env: Environment) -> Value:
        """The sum of factor * rest, where the factor is a sum whose terms are multiplied first."""
        if isinstance(factor, Sum):
            summand, more, inner = self.bind(factor, env)
            return self.contract(sp.Mul(rest, summand), (*axes, *more), inner)
        flip = bool(rest.as_coeff_Mul()[0].is_negative)
        rest = -rest if flip else rest
        return self.build.total(
            (n != flip, self.contract(rest * a, axes, env)) for a, n in signed(factor)
        )

    def _multiplied(
        self, coefficient: Expr, factors: list[Expr], axes: tuple[Axis, ...], env: Environment
    ) -> Value:
        """The sum of a product of factors, each of them an array."""
        summed = set(axes)
        within, outer, below = list[Value](), list[Value](), list[Value]()
        for factor in factors:
            for value in self._factors(factor, env):
                if summed & set(value.axes):
                    within.append(value)
                elif is_reciprocal(factor):
                    below.append(self.value(1 / factor, env))
                else:
                    outer.append(value)
        outer += [self.build.number(a.size) for a in sorted(summed - set(union(within)))]
        if within:
            outer.append(self.build.sum_product(within, summed))
        return self.build.product(coefficient, outer, below)

    def _factors(self, factor: Expr, env: Environment) -> list[Value]:
        """A square as two factors, so that it is never stored."""
        if isinstance(factor, sp.Pow) and factor.exp == 2:
            return [self.value(factor.base, env)] * 2
        return [self.value(factor, env)]

    def _alias(
        self, factor: Expr, axes: tuple[Axis, ...], env: Environment
    ) -> tuple[Symbol, Axis | Value] | None:
        """(i, what it equals) if the factor is a delta that fixes a summed index i."""
        if not isinstance(factor, KroneckerDelta):
            return None
        for i, other in (factor.args, factor.args[::-1]):
            axis = env.get(i)
            if not isinstance(axis, Axis) or axis not in axes or i in symbols_in(other):
                continue
            place = self.place(other, env)
            if isinstance(place, Value):
                values = nodes.values_of(other)
                if values is None or same(values, axis.size):  # else it may lie outside
                    return i, place
                continue
            if place.offset == 0 and same(place.axis.size, axis.size):
                return i, place.axis
        return None

    def _run(
        self, factor: Expr, axes: tuple[Axis, ...], env: Environment
    ) -> tuple[Symbol, Expr, Symbol, tuple[Axis, Axis, Expr, Expr]] | None:
        """(i, i + c, j, what `padded` takes) if the factor is a delta of i + c and j.

        i is summed and j is not: what is summed then is an array along i, with zeros around it.
        """
        if not isinstance(factor, KroneckerDelta):
            return None
        for own, at in (factor.args, factor.args[::-1]):
            wanted = env.get(at)
            if not isinstance(wanted, Axis) or wanted in axes:
                continue
            for i in symbols_in(own):
                axis = env.get(i)
                if not isinstance(axis, Axis) or axis not in axes:
                    continue
                before = sp.expand(own - i)
                after = sp.expand(wanted.size - axis.size - before)
                if all(n.is_Integer and n >= 0 for n in (before, after)):
                    return i, own, at, (axis, wanted, before, after)
        return None

    # arrays -----------------------------------------------------------------------------------
    def indexed(self, expr: Indexed, env: Environment) -> Value:
        label = expr.base.label
        shape = self.shapes.get(label, (None,) * len(expr.indices))
        places = [self.place(i, env) for i in expr.indices]
        return self.build.take(Input(label.name), shape, places)

    def place(self, position: Expr, env: Environment) -> Place:
        """Where along a dimension an index points."""
        for i in symbols_in(position):
            bound = env.get(i)
            if isinstance(bound, Axis):
                offset = sp.expand(position - i)
                if all(s.is_integer and s.is_positive for s in symbols_in(offset)):
                    return PassRun(bound, offset)
        if all(i not in env and self._is_size(i) for i in symbols_in(position)):
            return scalar(position)
        return self.value(position, env)

    def logdet(self, expr: nodes.LogDet, env: Environment) -> Value:
        scale, matrix = scaled(expr.matrix)
        if scale != 1:
            return self.value(expr.size * sp.log(scale) + nodes.LogDet(matrix, expr.size), env)
        return self._of_matrix("logdet", expr, (), env)

    def inverse(self, expr: nodes.InverseElement, env: Environment) -> Value:
        scale, matrix = scaled(expr.matrix)
        if scale != 1:
            return self.value(expr.func(matrix, *expr.args[1:]) / scale, env)
        function = _INVERSES[type(expr)]
        return self._of_matrix(function, expr, (expr.row, expr.column), env)

    def _of_matrix(self, function: str, expr: Any, at: tuple[Expr, ...], env: Environment) -> Value:
        """A function of a matrix; among several to choose from, of each before the choice."""
        element = expr.matrix.expr
        inner = dict(env)
        for i in expr.matrix.variables:
            inner[i] = self.program.axis(expr.size, inner)[1]
        matrix = tuple(inner[i] for i in expr.matrix.variables)
        spots: dict[Axis, Place] = {}
        choice = self._choice(element, inner)
        if choice:
            chosen, size = choice
            k, axis = self.program.axis(size, inner)
            element, inner[k] = element.xreplace({chosen: k}), axis
            spots[axis] = self.value(chosen, env)
        value = self.value(element, inner)
        batch = tuple(a for a in union([value]) if a not in matrix)
        axes = (*batch, *matrix)
        self.stacks |= dict.fromkeys(a.size for a in batch)
        whole = operands([Value(self.build.full(value, axes), axes)], axes)
        node = Matrix(function, operands=whole, sizes=sizes(axes), summed=len(matrix) - len(at))
        found = self.program.add(node, 1)
        places = [spots.get(a, PassRun(a)) for a in batch] + [self.place(i, env) for i in at]
        return self.build.take(found, [*(a.size for a in batch), *(expr.size for _ in at)], places)

    def _choice(self, element: Expr, env: Environment) -> tuple[Expr, Expr] | None:
        """(index, its range) if the matrix is one of several that an index array picks."""
        found: dict[Expr, Expr] = {}
        bound = {limit[0] for total in element.atoms(Sum) for limit in total.limits}
        bound |= {i for inner in element.atoms(sp.Lambda) for i in inner.variables}
        for array in element.atoms(Indexed):
            shape = self.shapes.get(array.base.label)
            for k, position in enumerate(array.indices):
                if symbols_in(position) & bound:
                    continue
                place = self.place(position, env)
                if not isinstance(place, Value) or not place.axes:
                    continue
                if shape is None or found.setdefault(position, shape[k]) != shape[k]:
                    return None
        return next(iter(found.items())) if len(found) == 1 else None


def _opens(factor: Expr, summed: set[Symbol], env: Environment) -> bool:
    """Whether a factor's own terms may be better contracted one by one.

    A difference of data and means stays whole next to other factors: they lose digits otherwise.
    So does a written-out table, whose deltas compare indices with numbers: it has many terms.
    """
    if not isinstance(factor, sp.Add):
        return isinstance(factor, Sum)
    deltas = (delta.args for delta in factor.atoms(KroneckerDelta))
    return any(not a.is_number and not b.is_number for a, b in deltas) or all(
        _is_product(a, env) or not _is_data(a, summed, env) for a in factor.args
    )


def _is_data(expr: Expr, summed: set[Symbol], env: Environment) -> bool:
    """Whether an expression depends on summed indices and on data points."""
    indices = symbols_in(expr) & env.keys()
    axes = (env[i] for i in indices)
    return bool(indices & summed) and any(isinstance(a, Axis) and is_long(a.size) for a in axes)


def _is_product(expr: Expr, env: Environment) -> bool:
    """Whether an expression is a sum or has several factors that are arrays."""
    factors = coefficient_and_factors(expr)[1]
    arrays = [f for f in factors if symbols_in(f) & env.keys()]
    return len(arrays) > 1 or any(isinstance(f, Sum) for f in arrays)


_INVERSES = {
    nodes.InverseElement: "inverse",
    nodes.LeastNormInverseElement: "least_norm_inverse",
}
_RULES: dict[type, Callable[[Translation, Any, Environment], Value]] = {
    Symbol: Translation.bound_symbol,
    Indexed: Translation.indexed,
    sp.Add: Translation.add,
    sp.Mul: Translation.mul,
    sp.Pow: Translation.power,
    sp.log: Translation.log,
    Sum: Translation.sum,
    nodes.LogDet: Translation.logdet,
    nodes.InverseElement: Translation.inverse,
    nodes.Cases: Translation.cases,
    sp.Piecewise: Translation.cases,
    sp.Max: Translation.extreme,
    sp.Min: Translation.extreme,
    sp.core.relational.Relational: Translation.relation,
    sp.And: Translation.connective,
    sp.Or: Translation.connective,
    sp.Function: Translation.function,
}
