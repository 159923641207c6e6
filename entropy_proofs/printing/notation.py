"""Names for what a formula repeats: a network's output, the sigmoid function."""

from __future__ import annotations

import sympy as sp
from sympy import Add, Expr, Function, Indexed, Mul, Pow, Product, Sum, Symbol, Tuple

from entropy_proofs.algebra.nodes import ArrayNode, HiddenUnit, argument
from entropy_proofs.algebra.poly import holds, replaced


class NetworkValue(ArrayNode):
    """Component (a tuple of indices) of a network's output V phi + b, as a function of inputs."""

    @property
    def name(self) -> str:
        return str(self.args[0])

    place, inputs = argument(1), argument(2)


class Sigmoid(Function):
    """1 / (1 + exp(-a))."""


def with_sigmoids(expr: Expr) -> Expr:
    """exp(a) / (1 + exp(a)) by its name."""

    def named(product: Expr) -> Expr:
        factors = list(Mul.make_args(product))
        for f in factors:
            if isinstance(f, Pow) and f.exp == -1 and f.base.is_Add:
                other = f.base - 1
                if isinstance(other, sp.exp) and other in factors:
                    rest = [g for g in factors if g not in (f, other)]
                    return Mul(*rest, Sigmoid(other.args[0]))
        return product

    return replaced(expr, Mul, named) if holds(expr, sp.exp) else expr


def with_absolute_signs(expr: Expr) -> Expr:
    """|a|/a by its name."""

    def named(product: Expr) -> Expr:
        for f in product.args:
            for sign in (1, -1) if isinstance(f, sp.Abs) else ():
                other = 1 / (sign * f.args[0])
                if other in product.args:
                    rest = [g for g in product.args if g not in (f, other)]
                    return Mul(sp.sign(sign * f.args[0], evaluate=False), *rest)
        return product

    return replaced(expr, Mul, named) if holds(expr, sp.Abs) else expr


def with_powers(expr: Expr) -> Expr:
    """exp(p log a - p log b), which is a power of a/b."""

    def power(exponential: Expr) -> Expr:
        terms = [_log_term(t) for t in Add.make_args(exponential.args[0])]
        unit = next((w for w, _ in terms if not w.could_extract_minus_sign()), terms[0][0])
        if any(w is sp.nan or w not in (unit, -unit) for w, _ in terms):
            return exponential
        return Mul(*[b if w == unit else 1 / b for w, b in terms]) ** unit

    return replaced(expr, sp.exp, power)


def _log_term(term: Expr) -> tuple[Expr, Expr]:
    """w log b as w and b; both nan if the term is something else."""
    logs = [f for f in Mul.make_args(term) if isinstance(f, sp.log)]
    return (term / logs[0], logs[0].args[0]) if len(logs) == 1 else (sp.nan, sp.nan)


def with_sums_in_exponents(expr: Expr) -> Expr:
    """A product of exponentials as one of a sum (SymPy's `expand` makes products of them)."""

    def joined(product: Product) -> Expr:
        inside = product.function
        return sp.exp(Sum(inside.args[0], *product.limits)) if inside.func is sp.exp else product

    return replaced(expr, Product, joined)


def with_networks(expr: Expr) -> Expr:
    """V phi + b by the network's name."""
    return replaced(expr, Add, _outputs) if holds(expr, HiddenUnit) else expr


def _outputs(total: Expr) -> Expr:
    terms = list(total.args)
    for term in total.args:
        for inner in [f for f in Mul.make_args(term) if isinstance(f, Sum)]:
            value = _output(inner)
            if value is None:
                continue
            label = f"{value.name}.b"
            for bias in total.atoms(Indexed, Symbol):
                same = isinstance(bias, Indexed) and bias.base.label.name == label
                same = bias.indices == tuple(value.place) if same else str(bias) == label
                if same and term / inner * bias in terms:
                    terms.remove(term)
                    terms.remove(term / inner * bias)
                    terms.append(term / inner * value)
                    break
    return Add(*terms)


def _output(inner: Sum) -> NetworkValue | None:
    """The network of sum_j V_dj phi_j, if that is what the sum is."""
    for weight in inner.function.atoms(Indexed):
        name, _, letter = weight.base.label.name.rpartition(".")
        for unit in inner.function.atoms(HiddenUnit):
            whole = weight * unit == inner.function and weight.indices[-1] == unit.unit
            if whole and letter == "V" and str(unit.name) == f"phi_{name}":
                return NetworkValue(Symbol(name), Tuple(*weight.indices[:-1]), unit.inputs)
    return None
