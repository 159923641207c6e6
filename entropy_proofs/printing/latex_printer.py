"""The LaTeX printer: elements with their indices, sums, functions, brackets that can be broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sympy as sp
from sympy import (
    Add,
    Expr,
    Indexed,
    Integer,
    KroneckerDelta,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
)
from sympy.printing.latex import LatexPrinter as SympyPrinter

from entropy_proofs.algebra.nodes import (
    ArrayNode,
    Expectation,
    HiddenUnit,
    HiddenUnitDerivative,
    VariationalEntropy,
)
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array
from entropy_proofs.printing.bold import (
    Bold,
    Slots,
    bracketed,
    expectation_sign,
    network_of,
    ordered,
)
from entropy_proofs.printing.gathering import is_negative, is_plain
from entropy_proofs.printing.notation import Sigmoid
from entropy_proofs.printing.sign_order import turned
from entropy_proofs.printing.symbols import joined, name_of

_FUNCTIONS = {"sin", "cos", "tan", "sinh", "cosh", "tanh"}


class LatexPrinter(SympyPrinter):
    """Indices are shown from 1, as on paper; `bound` are those in use around the expression."""

    printmethod = "_on_paper"  # none of the nodes' own ways to print

    def __init__(self, bound: Slots = ()):
        super().__init__()
        self._bound = list(bound)
        self.bold = Bold(self)

    # brackets -------------------------------------------------------------------------------------
    def factor(self, expr: Expr, last: bool = True) -> str:
        """With brackets unless it can stand in a product; a sum sign reaches to the end."""
        text = self._print(expr)
        loose = expr.is_Add and not _is_fraction(expr)
        if isinstance(expr, Sum):
            loose = text.startswith(r"\sum") and not last
        return bracketed(text) if loose or text.startswith("-") else text

    def _call(self, name: str, argument: Expr, always: bool = False) -> str:
        text = self._print(argument)
        short = isinstance(argument, (Symbol, Indexed, Integer)) and not always
        return f"{name} {text}" if short else f"{name}{bracketed(text)}"

    # arithmetic -----------------------------------------------------------------------------------
    def _print_Add(self, expr: Expr, order: Any = None) -> str:
        if _is_fraction(expr):
            number, rest = expr.primitive()
            return self._print(Mul(number, rest, evaluate=False))
        terms = ordered(expr)
        if expr.has(Expectation, VariationalEntropy):
            terms.sort(key=_rank)
        text = ""
        for term in terms:
            minus = is_negative(term)
            shown = self._print(-term if minus else term)
            if minus and (shown.startswith("-") or (-term).is_Add):
                shown = bracketed(shown)
            text += (" - " if minus else " + ") + shown
        return text[3:] if text.startswith(" + ") else f"-{text[3:]}"

    def _print_Mul(self, expr: Expr) -> str:
        number, rest = expr.as_coeff_Mul()
        if number < 0:
            return "-" + self.factor(Mul(-number, rest, evaluate=number != -1))
        factors = sorted(Mul.make_args(rest), key=self._place)
        below = [f for f in factors if isinstance(f, Pow) and _is_below(f.exp)]
        above = [f for f in factors if f not in below]
        loose = [f for f in above if isinstance(f, Expectation) or self._is_long(f)]
        top = [f for f in above if is_plain(f) and not f.is_Add]
        if below or number.q != 1:
            top = [f for f in above if is_plain(f) or (below and isinstance(f, KroneckerDelta))]
        if below and not top and len(above) == 1:
            top = [f for f in above if f not in loose]
        if any(not is_plain(f) for f in below):
            long = any(self._is_long(f.base) for f in below)
            top = [f for f in above if f not in loose or (long and isinstance(f, Sum))]
        after = [f for f in above if f not in top]
        bottom = sorted((Pow(f.base, -f.exp) for f in below), key=self._place)
        text = self._quotient(number, top, bottom)
        shown = [self.factor(f, last=f is after[-1]) for f in after]
        return _spaced([text, *shown] if text != "1" or not shown else shown)

    def _is_long(self, expr: Expr) -> bool:
        """Whether a sum sign is shown, as it is not for products of arrays."""
        return expr.has(Sum) and r"\sum" in self._print(expr)

    def _place(self, factor: Expr) -> tuple[int, str]:
        """Constants, letters, functions, brackets, sums."""
        plain = is_plain(factor)
        kinds = (
            (factor == sp.pi, 0),
            (factor.is_NumberSymbol, 1),
            (isinstance(factor, (Symbol, Indexed)), 2),
            ((plain and not factor.is_Add) or isinstance(factor, KroneckerDelta), 3),
            (plain or (not factor.has(sp.Function) and not self._is_long(factor)), 4),
            (isinstance(factor, (Sum, Expectation)), 7),
            (factor.is_Add, 6),
            (True, 5),
        )
        return next(k for holds, k in kinds if holds), str(factor)

    def _quotient(self, number: Rational, top: list[Expr], bottom: list[Expr]) -> str:
        under = ([str(number.q)] if number.q != 1 else []) + self._letters(bottom)
        above = [str(number.p)] if number.p != 1 or not top else []
        if not under:
            return _spaced(above + [self.factor(f) for f in top])
        return rf"\frac{{{_spaced(above + self._letters(top))}}}{{{_spaced(under)}}}"

    def _letters(self, factors: list[Expr]) -> list[str]:
        if len(factors) == 1:
            return [self._print(factors[0])]
        return [self.factor(f, last=f is factors[-1]) for f in factors]

    def _print_Integer(self, expr: Integer) -> str:
        return str(expr)

    def _print_NumberSymbol(self, expr: Expr) -> str:
        return str(expr._latex(self))

    def _print_Rational(self, expr: Rational) -> str:
        sign, p = ("-", -expr.p) if expr < 0 else ("", expr.p)
        return rf"{sign}\frac{{{p}}}{{{expr.q}}}"

    def _print_Pow(self, expr: Pow) -> str:
        base, power = expr.base, expr.exp
        if _is_below(power):
            return rf"\frac{{1}}{{{self._print(Pow(base, -power))}}}"
        if power == Rational(1, 2):
            name = name_of(base) if isinstance(base, (Symbol, Indexed)) else None
            if name and name.is_square:
                name.sup = []
                return self._element(base, name)
            return rf"\sqrt{{{self._print(base)}}}"
        if isinstance(base, (Symbol, Indexed)):
            return self._element(base, name_of(base), self._print(power))
        return f"{bracketed(self._print(base))}^{{{self._print(power)}}}"

    # names ----------------------------------------------------------------------------------------
    def _print_Symbol(self, expr: Symbol, style: str = "plain") -> str:
        shown = name_of(expr).show()
        return f"({shown} - 1)" if expr in self._bound else shown

    def _print_Indexed(self, expr: Indexed) -> str:
        return self._element(expr, name_of(expr))

    def _element(self, expr: Expr, name: Any, power: str = "") -> str:
        if isinstance(expr, Symbol):
            return name.show(power=power)
        indices = [self.index(i + name.shift * (k == 0)) for k, i in enumerate(expr.indices)]
        return name.show(indices, power)

    def index(self, expr: Expr) -> str:
        """A place in an array, counted from 1."""
        expr = sp.sympify(expr)
        if expr.is_Integer and expr < 0:
            return r"\mathrm{last}" if expr == -1 else str(expr)
        leaves = [a for a in Add.make_args(expr) if _is_place(a)]
        with self._values():
            return self._print(expr + 1 - len(leaves)).replace(" ", "")

    @contextmanager
    def _values(self, *more: Symbol) -> Iterator[None]:
        """Bound indices: none of them inside an index, or some more inside a sum."""
        before = self._bound
        self._bound = [*before, *more] if more else []
        yield
        self._bound = before

    # arrays ---------------------------------------------------------------------------------------
    def _print_Sum(self, expr: Sum) -> str:
        short = self._product_of_arrays(expr) if len(expr.limits) == 1 else None
        if short:
            return short
        *inner, last = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        with self._values(last[0]):
            return self.sum_signs(last) + self.factor(body)

    def sum_signs(self, *limits: Tuple) -> str:
        """The signs of a sum, whose indices are shown from 1."""
        signs = ""
        with self._values():
            for i, low, high in reversed(limits):
                below = f"{self._print(i)}={self._print(low + 1)}"
                above = self._print(high + 1).replace(" ", "")
                signs += rf"\sum_{{{below}}}^{{{above}}} "
        return signs

    def _product_of_arrays(self, expr: Sum) -> str | None:
        """(W z)_d for an element of a product, else a product of vectors."""
        bound = [i for i in reversed(self._bound) if i in symbols_in(expr)]
        for places in [*((i,) for i in bound), *((j, i) for i in bound for j in bound if i != j)]:
            matrices = [e for e in expr.function.atoms(Indexed) if e.indices[-2:-1] == places[:1]]
            if len(matrices) == 1 and name_of(matrices[0]).is_matrix:
                piece = self.bold.whole(expr, places)
                if piece and not piece.text.startswith(r"\sum"):
                    return rf"({piece.text})_{{{joined([self.index(i) for i in places])}}}"
        piece = self.bold.whole(expr, ())
        return piece.text if piece else None

    def _print_LogDet(self, expr: ArrayNode) -> str:
        piece = self.bold.matrix(expr.matrix)
        return rf"\log\det{bracketed(piece.text) if piece.level else f' {piece.text}'}"

    def _print_InverseElement(self, expr: ArrayNode) -> str:
        inner = self.bold.matrix(expr.matrix)
        place = joined([self.index(expr.row), self.index(expr.column)])
        return rf"\bigl({inner.inside(0)}^{{-1}}\bigr)_{{{place}}}"

    def _print_KroneckerDelta(self, expr: KroneckerDelta, exp: Any = None) -> str:
        return rf"\delta_{{{joined([self.index(a) for a in expr.args])}}}"

    def _print_HiddenUnit(self, expr: HiddenUnit) -> str:
        return rf"\varphi_{{{self.index(expr.unit)}}}^{{({network_of(expr)})}}"

    def _print_HiddenUnitDerivative(self, expr: HiddenUnitDerivative) -> str:
        unit = self._print_HiddenUnit(expr)
        return rf"\partial_{{{self.index(expr.component)}}}{unit}"

    def _print_NetworkValue(self, expr: Any) -> str:
        place = joined([self.index(i) for i in expr.place])
        below = f"_{{{place}}}" if place else ""
        return f"{expr.name}{below}({self.bold.inputs(expr.inputs)})"

    def _whole(self, expr: Expr) -> str:
        """A variable by its name, bold if it is an array."""
        if not isinstance(expr, Array):
            return self._print(expr)
        piece = self.bold.whole(expr.args[0], tuple(axis[0] for axis in expr.args[1:]))
        return piece.text if piece else self._print(expr.args[0])

    _print_Array = _whole

    # functions ------------------------------------------------------------------------------------
    def _print_Expectation(self, expr: Expectation) -> str:
        return f"{expectation_sign(expr)}{bracketed(self._print(expr.args[0]), '[', ']')}"

    def _print_VariationalEntropy(self, expr: ArrayNode) -> str:
        latents = ", ".join(self._whole(a) for a in expr.args)
        return rf"\mathcal{{H}}[q({latents})]"

    def _print_Sigmoid(self, expr: Sigmoid) -> str:
        return self._call(r"\operatorname{sigmoid}", expr.args[0], always=True)

    def _print_log(self, expr: Expr, exp: Any = None) -> str:
        argument = expr.args[0]
        if isinstance(argument, sp.Determinant):
            return rf"\log{self._print(argument)}"
        if isinstance(argument, sp.gamma):
            return self._print(sp.loggamma(argument.args[0], evaluate=False))
        return self._call(r"\log", argument)

    def _print_loggamma(self, expr: Expr, exp: Any = None) -> str:
        before = expr.args[0] - 1
        if isinstance(before, (Symbol, Indexed)) and before.is_integer:
            return rf"\log {self._print(before)}!"
        return self._call(r"\log\Gamma", expr.args[0], always=True)

    def _print_gamma(self, expr: Expr, exp: Any = None) -> str:
        return self._call(r"\Gamma", expr.args[0], always=True)

    def _print_polygamma(self, expr: Expr, exp: Any = None) -> str:
        order, argument = expr.args
        name = r"\psi" + ("'" * int(order) if order in (0, 1) else f"^{{({self._print(order)})}}")
        return self._call(name, argument, always=True)

    def _print_exp(self, expr: Expr, exp: Any = None) -> str:
        text = self._print(expr.args[0])
        short = len(re.sub(r"\\\w+|[{}_^]", "", text)) < 5
        return f"e^{{{text}}}" if short else rf"\exp{bracketed(text)}"

    def _print_Function(self, expr: Expr, exp: Any = None) -> str:
        name = type(expr).__name__
        shown = rf"\{name}" if name in _FUNCTIONS else rf"\operatorname{{{name}}}"
        arguments = ", ".join(self._print(a) for a in expr.args)
        return f"{shown}{bracketed(arguments)}"

    def _print_MatrixSymbol(self, expr: Any) -> str:
        return name_of(Symbol(expr.name)).show(bold=True)

    def _print_Determinant(self, expr: Expr) -> str:
        return rf"\det {self._print(expr.args[0])}"

    def _print_Exp1(self, expr: Expr, exp: Any = None) -> str:
        return "e"

    def _print_sign(self, expr: Expr, exp: Any = None) -> str:
        return self._call(r"\operatorname{sign}", expr.args[0], always=True)

    def _print_Abs(self, expr: Expr, exp: Any = None) -> str:
        argument = expr.args[0]
        scale, inside = turned(argument) if argument.is_Add else (1, argument)
        inside = inside if scale in (1, -1) else argument
        return rf"\lvert {self._print(inside)}\rvert"

    def _print_besseli(self, expr: Expr, exp: Any = None) -> str:
        order, argument = expr.args
        return f"I_{{{self._print(order)}}}({self._print(argument)})"


def _is_fraction(expr: Expr) -> bool:
    """(nu + 1)/2: shown as one fraction."""
    return expr.is_Add and is_plain(expr) and expr.primitive()[0].q != 1


def _is_below(power: Expr) -> bool:
    return bool(power.is_Rational and power < 0)


def _is_place(expr: Expr) -> bool:
    """An index counted from 0, and not a size."""
    return isinstance(expr, (Symbol, Indexed)) and not expr.is_positive


def _spaced(texts: list[str]) -> str:
    """Side by side; a command's name ends before a letter, a function's argument before more."""
    out = ""
    for text in texts:
        open_function = re.search(r"\\(log|det)( |\\Gamma)[^()]*$", out)
        open_name = re.search(r"\\[A-Za-z]+$", out) and text[:1].isalpha()
        out += (r"\," if open_function else " " if open_name else "") + text
    return out


def _rank(term: Expr) -> tuple[int, int, int, int]:
    """q's entropy, then what is positive, then what is short; expectations last."""
    last = 2 if term.has(Expectation) else 1
    first = 0 if isinstance(term, VariationalEntropy) else last
    return first and 1, int(is_negative(term)), first, len(str(term))
