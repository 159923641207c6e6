"""SymPy's expressions as trees: elements with their indices, sums, functions, brackets."""

from __future__ import annotations

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
from sympy.printing.printer import Printer

from entropy_proofs.algebra.nodes import (
    ArrayNode,
    Expectation,
    HiddenUnit,
    HiddenUnitDerivative,
    VariationalEntropy,
    indices_of,
    is_variable,
    label_of,
    values_of,
)
from entropy_proofs.algebra.poly import key, symbols_in
from entropy_proofs.arrays.array import Array
from entropy_proofs.printing.bold import (
    INVERSE,
    TRANSPOSE,
    Bold,
    Slots,
    averaged,
    network_of,
    ordered,
)
from entropy_proofs.printing.gathering import is_negative, is_plain
from entropy_proofs.printing.notation import Sigmoid
from entropy_proofs.printing.sign_order import turned
from entropy_proofs.printing.symbols import Name, name_of
from entropy_proofs.printing.typeset.alphabet import CHARACTERS
from entropy_proofs.printing.typeset.conventions import Q, entropy
from entropy_proofs.printing.typeset.tree import (
    COMMA,
    MINUS,
    PLUS,
    Application,
    BigOperator,
    Bracket,
    Fraction,
    Letter,
    Node,
    Number,
    Phrase,
    Root,
    Script,
    Sign,
    bracketed,
    listed,
    phrase,
    product,
    raised,
    separated,
    starts_with,
    walk,
)

_RELATIONS = {"==": "=", "!=": r"\neq", "<=": r"\leq", ">=": r"\geq"}
_LOG, _DET = Letter("log", "function"), Letter("det", "function")


class Composer(Printer):
    """Indices are shown from 1, as on paper; `bound` are those in use around the expression.

    What a factor looks like decides where it stands, so that parts are asked for several times:
    each is composed once.
    """

    printmethod = "_on_paper"  # none of the nodes' own ways to print

    def __init__(self, bound: Slots = ()):
        super().__init__()
        self.bound = tuple(bound)
        self.bold = Bold(self)
        self._trees: dict[tuple[type, Any, Slots], Node] = {}

    def composed(self, expr: Any) -> Node:
        """The tree of an expression."""
        return self._print(expr)

    def _print(self, expr: Any, **kwargs: Any) -> Any:
        known = type(expr), expr, self.bound
        found = self._trees.get(known)
        if found is None:
            found = self._trees[known] = super()._print(expr, **kwargs)
        return found

    def emptyPrinter(self, expr: Any) -> Node:
        """What has no notation here: a function by its name, else as SymPy writes it."""
        arguments = getattr(expr, "args", ())
        if not arguments:
            return Letter(str(expr), "roman")
        return self._called(type(expr).__name__, *map(self._print, arguments))

    # brackets -------------------------------------------------------------------------------------
    def factor(self, expr: Expr, last: bool = True) -> Node:
        """With brackets unless it can stand in a product; a sum sign reaches to the end."""
        shown = self._print(expr)
        loose = (expr.is_Add and not _is_fraction(expr)) or _has_cases(expr)
        if isinstance(expr, Sum):
            loose = starts_with(shown, BigOperator) and not last
        return bracketed(shown) if loose or starts_with(shown, MINUS) else shown

    def _call(self, head: Node, argument: Expr, always: bool = True) -> Node:
        shown = self._print(argument)
        short = isinstance(argument, (Symbol, Indexed, Integer)) and not always
        return Application(head, shown if short else bracketed(shown))

    def _called(self, name: str, *arguments: Node) -> Node:
        return Application(Letter(name, "function"), bracketed(separated([*arguments], COMMA)))

    # arithmetic -----------------------------------------------------------------------------------
    def _print_Add(self, expr: Expr) -> Node:
        if _is_fraction(expr):
            number, rest = expr.primitive()
            return self._print(Mul(number, rest, evaluate=False))
        terms = ordered(expr)
        if expr.has(Expectation, VariationalEntropy):
            terms.sort(key=_rank)
        parts: list[Node] = []
        for term in terms:
            minus = is_negative(term)
            shown = self._print(-term if minus else term)
            if minus and (starts_with(shown, MINUS) or (-term).is_Add or _has_cases(-term)):
                shown = bracketed(shown)
            parts += [MINUS] if minus else [PLUS] if parts else []
            parts.append(shown)
        return phrase(*parts)

    def _print_Mul(self, expr: Expr) -> Node:
        number, rest = expr.as_coeff_Mul()
        if number < 0:
            return phrase(MINUS, self.factor(Mul(-number, rest, evaluate=number != -1)))
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
        first = self._quotient(number, top, bottom)
        shown = [self.factor(f, last=f is after[-1]) for f in after]
        return product([first, *shown] if first != Number("1") or not shown else shown)

    def _is_long(self, expr: Expr) -> bool:
        """Whether a sum sign is shown, as it is not for products of arrays."""
        return expr.has(Sum) and any(isinstance(n, BigOperator) for n in walk(self._print(expr)))

    def _place(self, factor: Expr) -> tuple[int, str]:
        """Constants, letters, functions, brackets, sums."""
        return self._kind(factor), key(factor)

    def _kind(self, factor: Expr) -> int:
        if factor == sp.pi:
            return 0
        if factor.is_NumberSymbol:
            return 1
        if isinstance(factor, (Symbol, Indexed)):
            return 2
        plain = is_plain(factor)
        if (plain and not factor.is_Add) or isinstance(factor, KroneckerDelta):
            return 3
        if plain or (not factor.has(sp.Function) and not self._is_long(factor)):
            return 4
        if isinstance(factor, (Sum, Expectation)):
            return 7
        return 6 if factor.is_Add else 5

    def _quotient(self, number: Rational, top: list[Expr], bottom: list[Expr]) -> Node:
        under = [self._print(number.q)] if number.q != 1 else []
        above = [self._print(number.p)] if number.p != 1 or not top else []
        if not under and not bottom:
            return product(above + [self.factor(f) for f in top])
        return Fraction(self._row(above, top), self._row(under, bottom))

    def _row(self, number: list[Node], factors: list[Expr]) -> Node:
        """A number and factors beside each other; what stands alone needs no brackets."""
        if len(factors) == 1 and not number:
            return self._print(factors[0])
        return product(number + [self.factor(f, last=f is factors[-1]) for f in factors])

    def _print_Integer(self, expr: Integer) -> Node:
        digits = Number(str(abs(expr)))
        return phrase(MINUS, digits) if expr < 0 else digits

    _print_int = _print_Integer

    def _print_NumberSymbol(self, expr: Expr) -> Node:
        return Letter(str(expr._latex(self)))

    def _print_Rational(self, expr: Rational) -> Node:
        fraction = Fraction(Number(str(abs(expr.p))), Number(str(expr.q)))
        return phrase(MINUS, fraction) if expr < 0 else fraction

    def _print_Pow(self, expr: Pow) -> Node:
        base, power = expr.base, expr.exp
        if _is_below(power):
            return Fraction(Number("1"), self._print(Pow(base, -power)))
        if power == Rational(1, 2):
            name = name_of(base) if isinstance(base, (Symbol, Indexed)) else None
            if name and name.is_square:
                name.sup = []
                return self._element(base, name)
            return Root(self._print(base))
        if isinstance(base, (Symbol, Indexed)):
            return self._element(base, name_of(base), self._print(power))
        return Script(bracketed(self._print(base)), sup=self._print(power))

    def _print_Infinity(self, expr: Expr) -> Node:
        return Letter(r"\infty")

    def _print_NegativeInfinity(self, expr: Expr) -> Node:
        return phrase(MINUS, Letter(r"\infty"))

    def _print_ImaginaryUnit(self, expr: Expr) -> Node:
        return Letter("i", "roman")

    def _print_factorial(self, expr: Expr) -> Node:
        shown = self._print(expr.args[0])
        loose = not isinstance(expr.args[0], (Symbol, Indexed, Integer))
        return phrase(bracketed(shown) if loose else shown, Sign("!"))

    def _print_Relational(self, expr: Any) -> Node:
        sign = _RELATIONS.get(expr.rel_op, expr.rel_op)
        return phrase(self._print(expr.lhs), Sign(sign), self._print(expr.rhs))

    def _print_And(self, expr: Any) -> Node:
        return separated([self._print(a) for a in expr.args], COMMA)

    def _print_Piecewise(self, expr: sp.Piecewise) -> Node:
        """Each value where it holds: a 1[x < m] + b 1[x >= m]."""
        parts: list[Node] = []
        others: list[Any] = []
        for value, condition in expr.args:
            here = sp.And(condition, *others)
            others.append(sp.Not(condition))
            if value == 0:
                continue
            minus = is_negative(value)
            parts += [MINUS] if minus else [PLUS] if parts else []
            indicator = Application(Letter("1", "roman"), bracketed(self._print(here), "[", "]"))
            size = -value if minus else value
            parts.append(indicator if size == 1 else product([self.factor(size, False), indicator]))
        return phrase(*parts)

    # names ----------------------------------------------------------------------------------------
    def _print_Symbol(self, expr: Symbol) -> Node:
        shown = self._element(expr, name_of(expr))
        if expr not in self.bound:
            return shown
        return Bracket("(", phrase(shown, MINUS, Number("1")), ")")

    def _print_Indexed(self, expr: Indexed) -> Node:
        return self._element(expr, name_of(expr))

    def _element(self, expr: Expr, name: Name, power: Node | None = None) -> Node:
        return name.show([self.index(i) for i in name.places(indices_of(expr))], power)

    def index(self, expr: Expr) -> Node:
        """A place in an array, counted from 1."""
        expr = sp.sympify(expr)
        if expr.is_Integer and expr < 0:
            return Letter("last", "roman") if expr == -1 else self._print(expr)
        leaves = [a for a in Add.make_args(expr) if _is_place(a)]
        with self._values():
            return self._print(expr + 1 - len(leaves))

    @contextmanager
    def _values(self, *more: Symbol) -> Iterator[None]:
        """Bound indices: none of them inside an index, or some more inside a sum."""
        before = self.bound
        self.bound = (*before, *more) if more else ()
        yield
        self.bound = before

    # arrays ---------------------------------------------------------------------------------------
    def _print_Sum(self, expr: Sum) -> Node:
        short = self._product_of_arrays(expr) if len(expr.limits) == 1 else None
        if short:
            return short
        *inner, last = expr.limits
        body = Sum(expr.function, *inner) if inner else expr.function
        with self._values(last[0]):
            return phrase(self.sum_signs(last), self.factor(_counted(body, last[0])))

    def sum_signs(self, *limits: Tuple) -> Node:
        """The signs of a sum, whose indices are shown from 1."""
        signs: list[Node] = []
        with self._values():
            for i, low, high in reversed(limits):
                below = phrase(self._print(i), Sign("="), self._print(low + 1))
                signs.append(BigOperator(r"\sum", below, self._print(high + 1)))
        return phrase(*signs)

    def _product_of_arrays(self, expr: Sum) -> Node | None:
        """(W z)_d for an element of a product, else a product of vectors."""
        bound = [i for i in reversed(self.bound) if i in symbols_in(expr)]
        for places in [*((i,) for i in bound), *((j, i) for i in bound for j in bound if i != j)]:
            matrices = [e for e in expr.function.atoms(Indexed) if e.indices[-2:-1] == places[:1]]
            if len(matrices) == 1 and name_of(matrices[0]).is_matrix:
                piece = self.bold.whole(expr, places)
                if piece and not starts_with(piece.tree, BigOperator):
                    whole = Bracket("(", piece.tree, ")")
                    return Script(whole, sub=listed([self.index(i) for i in places]))
        piece = self.bold.whole(expr, ())
        return piece.tree if piece else None

    def _print_LogDet(self, expr: ArrayNode) -> Node:
        piece = self.bold.matrix(expr.matrix)
        return Application(phrase(_LOG, _DET), piece.inside(0))

    def _print_InverseElement(self, expr: ArrayNode) -> Node:
        inner = self.bold.matrix(expr.matrix)
        place = listed([self.index(expr.row), self.index(expr.column)])
        return Script(Bracket("(", raised(inner.inside(0), INVERSE), ")", "big"), sub=place)

    def _print_KroneckerDelta(self, expr: KroneckerDelta) -> Node:
        shown = self._print if any(map(_is_count, expr.args)) else self.index
        return Script(Letter(r"\delta"), sub=listed([shown(a) for a in expr.args]))

    def _print_HiddenUnit(self, expr: HiddenUnit) -> Node:
        return Script(Letter(r"\varphi"), self.index(expr.unit), network_of(expr))

    def _print_HiddenUnitDerivative(self, expr: HiddenUnitDerivative) -> Node:
        unit = self._print_HiddenUnit(expr)
        return phrase(Script(Letter(r"\partial"), sub=self.index(expr.component)), unit)

    def _print_NetworkValue(self, expr: Any) -> Node:
        letter = name_of(Symbol(expr.name)).show([self.index(i) for i in expr.place])
        return Application(letter, Bracket("(", self.bold.inputs(expr.inputs), ")"))

    def _whole(self, expr: Expr) -> Node:
        """A variable by its name, bold if it is an array."""
        if not isinstance(expr, Array):
            return self._print(expr)
        piece = self.bold.whole(expr.args[0], tuple(axis[0] for axis in expr.args[1:]))
        return piece.tree if piece else self._print(expr.args[0])

    _print_Array = _whole

    # functions ------------------------------------------------------------------------------------
    def _print_Expectation(self, expr: Expectation) -> Node:
        return averaged(expr, self._print(expr.args[0]))

    def _print_VariationalEntropy(self, expr: ArrayNode) -> Node:
        latents = Bracket("(", separated([self._whole(a) for a in expr.args], COMMA), ")")
        return entropy(Application(Q, latents))

    def _print_Sigmoid(self, expr: Sigmoid) -> Node:
        return self._call(Letter("sigmoid", "function"), expr.args[0])

    def _print_log(self, expr: Expr) -> Node:
        argument = expr.args[0]
        if isinstance(argument, sp.Determinant):
            return phrase(_LOG, self._print(argument))
        if isinstance(argument, sp.gamma):
            return self._print(sp.loggamma(argument.args[0], evaluate=False))
        return self._call(_LOG, argument, always=False)

    def _print_loggamma(self, expr: Expr) -> Node:
        before = expr.args[0] - 1
        if isinstance(before, (Symbol, Indexed)) and before.is_integer:
            return Application(_LOG, phrase(self._print(before), Sign("!")))
        return self._call(phrase(_LOG, Letter(r"\Gamma")), expr.args[0])

    def _print_gamma(self, expr: Expr) -> Node:
        return self._call(Letter(r"\Gamma"), expr.args[0])

    def _print_polygamma(self, expr: Expr) -> Node:
        order, argument = expr.args
        if order in (0, 1):
            return self._call(Letter(r"\psi", primes=int(order)), argument)
        power = Bracket("(", self._print(order), ")")
        return self._call(Script(Letter(r"\psi"), sup=power), argument)

    def _print_exp(self, expr: Expr) -> Node:
        power = self._print(expr.args[0])
        if _length(power) < 5:
            return Script(Letter("e"), sup=power)
        return Application(Letter("exp", "function"), bracketed(power))

    def _print_Function(self, expr: Expr) -> Node:
        return self._called(type(expr).__name__, *map(self._print, expr.args))

    # SymPy's own matrices -------------------------------------------------------------------------
    def _print_MatrixSymbol(self, expr: Any) -> Node:
        return name_of(Symbol(expr.name)).show(style="matrix")

    def _print_MatAdd(self, expr: Any) -> Node:
        parts: list[Node] = []
        for term in expr.args:
            shown = self._print(term)
            parts += [PLUS] if parts and not starts_with(shown, MINUS) else []
            parts.append(shown)
        return phrase(*parts)

    def _print_MatMul(self, expr: Any) -> Node:
        number, factors = expr.as_coeff_matrices()
        minus = number.could_extract_minus_sign()
        number = -number if minus else number
        scale = [] if number == 1 else [self.factor(number)]
        shown = [bracketed(self._print(f)) if f.is_MatAdd else self._print(f) for f in factors]
        return phrase(MINUS if minus else None, *scale, *shown)

    def _print_Transpose(self, expr: Any) -> Node:
        return self._matrix_power(expr.arg, TRANSPOSE)

    def _print_Inverse(self, expr: Any) -> Node:
        return self._matrix_power(expr.arg, INVERSE)

    def _print_MatPow(self, expr: Any) -> Node:
        return self._matrix_power(expr.base, self._print(expr.exp))

    def _matrix_power(self, base: Any, power: Node) -> Node:
        shown = self._print(base)
        return raised(shown if base.is_symbol else bracketed(shown), power)

    def _print_Identity(self, expr: Any) -> Node:
        return Letter("I", "matrix")

    def _print_ZeroMatrix(self, expr: Any) -> Node:
        return Letter("0", "matrix")

    def _print_Trace(self, expr: Any) -> Node:
        return self._call(Letter("tr", "function"), expr.arg)

    def _print_Determinant(self, expr: Expr) -> Node:
        return Application(_DET, self._print(expr.args[0]))

    def _print_Exp1(self, expr: Expr) -> Node:
        return Letter("e")

    def _print_sign(self, expr: Expr) -> Node:
        return self._call(Letter("sign", "function"), expr.args[0])

    def _print_Abs(self, expr: Expr) -> Node:
        argument = expr.args[0]
        scale, inside = turned(argument) if argument.is_Add else (1, argument)
        inside = inside if scale in (1, -1) else argument
        return Bracket(r"\lvert", self._print(inside), r"\rvert")

    def _print_besseli(self, expr: Expr) -> Node:
        order, argument = expr.args
        bessel = Script(Letter("I"), sub=self._print(order))
        return Application(bessel, Bracket("(", self._print(argument), ")"))


def _has_cases(expr: Expr) -> bool:
    """Whether cases are shown as a sum."""
    return isinstance(expr, sp.Piecewise) and sum(value != 0 for value, _ in expr.args) > 1


def _is_fraction(expr: Expr) -> bool:
    """(nu + 1)/2: shown as one fraction."""
    return expr.is_Add and is_plain(expr) and expr.primitive()[0].q != 1


def _is_below(power: Expr) -> bool:
    return bool(power.is_Rational and power < 0)


def _counted(expr: Expr, i: Symbol) -> Expr:
    """With the index's values, outside of places in arrays, written by one that counts from 1."""
    if expr == i:
        return Symbol(i.name, integer=True, positive=True) - 1
    if i not in symbols_in(expr) or isinstance(expr, (Indexed, ArrayNode, KroneckerDelta)):
        return expr
    return expr.func(*(_counted(a, i) for a in expr.args))


def _is_place(expr: Expr) -> bool:
    """An index counted from 0, and not a size."""
    return isinstance(expr, (Symbol, Indexed)) and not expr.is_positive


def _is_count(expr: Expr) -> bool:
    """A variable of whole numbers that has no last value: none of them is a place."""
    label = label_of(expr)
    return isinstance(label, Symbol) and is_variable(label) and values_of(label) is None


def _length(node: Node) -> int:
    """How much there is to read: Latin letters, digits, signs, brackets; three for a + b's sign."""
    nodes = list(walk(node))
    letters = sum(isinstance(n, Letter) and n.name not in CHARACTERS for n in nodes)
    pairs = sum(isinstance(n, Bracket) for n in nodes)
    signs = sum(isinstance(n, (Number, Sign)) for n in nodes)
    sums = [p for n in nodes if isinstance(n, Phrase) for p in n.parts[1:]]
    inner = sum(isinstance(p, Sign) and p.is_binary for p in sums)
    return letters + signs + 2 * (pairs + inner)


def _rank(term: Expr) -> tuple[int, int, int, int]:
    """q's entropy, then what is positive, then what is short; expectations last."""
    last = 2 if term.has(Expectation) else 1
    first = 0 if isinstance(term, VariationalEntropy) else last
    return first and 1, int(is_negative(term)), first, len(key(term))
