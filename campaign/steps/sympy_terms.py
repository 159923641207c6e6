"""Terms as SymPy expressions, and SymPy expressions as terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from campaign.steps.points import Declared
from campaign.steps.terms import Term, num

_ASSUMPTIONS: Mapping[str, dict[str, bool]] = {
    "real": {"real": True},
    "positive": {"positive": True},
    "negative": {"negative": True},
    "nonnegative": {"nonnegative": True},
    "nonzero": {"real": True, "nonzero": True},
    "integer": {"integer": True},
    "natural": {"integer": True, "nonnegative": True},
    "whole": {"integer": True, "positive": True},
    "size": {"integer": True, "positive": True},
    "even": {"even": True},
    "odd": {"odd": True},
    "unit interval": {"positive": True},
    "simplex": {"positive": True},
}
NAMED: Mapping[str, type] = {
    "exp": sp.exp,
    "log": sp.log,
    "abs": sp.Abs,
    "sign": sp.sign,
    "max": sp.Max,
    "min": sp.Min,
    "floor": sp.floor,
    "gamma": sp.gamma,
    "loggamma": sp.loggamma,
    "digamma": sp.digamma,
    "polygamma": sp.polygamma,
    "factorial": sp.factorial,
    "binomial": sp.binomial,
    "beta": sp.beta,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "tanh": sp.tanh,
    "atanh": sp.atanh,
    "atan": sp.atan,
    "erf": sp.erf,
    "zeta": sp.zeta,
    "besseli": sp.besseli,
    "besselk": sp.besselk,
    "delta": sp.KroneckerDelta,
    "lt": sp.StrictLessThan,
    "le": sp.LessThan,
    "gt": sp.StrictGreaterThan,
    "ge": sp.GreaterThan,
    "eq": sp.Eq,
    "ne": sp.Ne,
    "and": sp.And,
    "or": sp.Or,
    "add": sp.Add,
    "mul": sp.Mul,
    "pow": sp.Pow,
    "matadd": sp.MatAdd,
    "matmul": sp.MatMul,
    "transpose": sp.Transpose,
    "inverse": sp.Inverse,
    "identity": sp.Identity,
    "zeros": sp.ZeroMatrix,
    "ones": sp.OneMatrix,
    "det": sp.Determinant,
    "trace": sp.Trace,
}
_CONSTANTS = {"pi": sp.pi, "e": sp.E, "gamma": sp.EulerGamma, "oo": sp.oo, "-oo": -sp.oo}
_OPS: Mapping[type, str] = {
    **{f: op for op, f in NAMED.items()},
    sp.MatMul: "mul",
    sp.MatAdd: "add",
    sp.MatPow: "pow",
}


def symbol(name: str, declared: Mapping[str, Declared]) -> sp.Symbol:
    """The symbol, with the assumptions that its domain makes."""
    domain = declared[name].domain.removeprefix("array of ") if name in declared else "integer"
    return sp.Symbol(name, **_ASSUMPTIONS.get(domain, {}))


def domains(declared: Mapping[str, Declared]) -> dict[str, str]:
    """What can't be said by assumptions."""
    told = ("unit interval", "simplex", "positive definite", "symmetric")
    bare = {n: d.domain.removeprefix("array of ") for n, d in declared.items()}
    return {n: d for n, d in bare.items() if d in told}


def to_sympy(term: Term, declared: Mapping[str, Declared]) -> Any:
    """The SymPy expression (which SymPy may evaluate)."""

    def of(t: Any) -> Any:
        return to_sympy(t, declared) if isinstance(t, Term) else sp.sympify(t)

    match term.op:
        case "num":
            return sp.Rational(*term.args)
        case "const":
            return _CONSTANTS[term.args[0]]
        case "var":
            return symbol(term.args[0], declared)
        case "entry":
            base = sp.IndexedBase(symbol(term.args[0], declared))
            return base[tuple(of(a) for a in term.args[1:])]
        case "matrix":
            shape = (
                symbol(n, declared) if isinstance(n, str) else n
                for n in declared[term.args[0]].shape
            )
            return sp.MatrixSymbol(term.args[0], *shape)
        case "sum" | "prod":
            body, name, low, high = term.args
            kind = sp.Sum if term.op == "sum" else sp.Product
            return kind(of(body), (symbol(name, {}), of(low), of(high)))
        case "piecewise":
            cases = zip(term.args[::2], term.args[1::2], strict=True)
            return sp.Piecewise(*((of(then), of(when)) for when, then in cases))
        case "true":
            return sp.true
        case "element":  # SymPy's m[i, j] writes sums that capture each other's indices
            return MatrixElement(*map(of, term.args))
        case "logdet":
            return sp.log(sp.Determinant(of(term.args[0])))
        case "inverse":
            return sp.Inverse(of(term.args[0]))
    args = [of(a) for a in term.args]
    if term.op in ("add", "mul") and any(a.is_Matrix for a in args):
        return (sp.MatAdd if term.op == "add" else sp.MatMul)(*args)
    return NAMED[term.op](*args)


def from_sympy(expr: Any) -> Term:
    """The term that a SymPy expression says.

    Raises:
        NotImplementedError: it says what terms can't, such as an infinity.
    """
    special = _special(expr)
    if special is not None:
        return special
    for kind, read in _READ.items():
        if isinstance(expr, kind):
            return read(expr)
    op = _OPS.get(type(expr)) or next((o for k, o in _OPS.items() if isinstance(expr, k)), None)
    if op is None:
        raise NotImplementedError(f"{type(expr).__name__}: {expr}")
    return Term(op, tuple(from_sympy(a) for a in expr.args))


def _special(expr: Any) -> Term | None:
    for name, c in _CONSTANTS.items():
        if expr is c or expr == c:
            return Term("const", (name,))
    if expr is sp.true:
        return Term("true")
    return None


def _binder(op: str) -> Callable[[Any], Term]:
    def read(expr: Any) -> Term:
        body = from_sympy(expr.function)
        for i, low, high in expr.limits:
            body = Term(op, (body, i.name, from_sympy(low), from_sympy(high)))
        return body

    return read


def _derivative(expr: Any) -> Term:
    body = from_sympy(expr.expr)
    for s, n in expr.variable_count:
        body = Term("derivative", (body, s.name, int(n)))
    return body


def _piecewise(expr: Any) -> Term:
    return Term("piecewise", tuple(from_sympy(a) for e, c in expr.args for a in (c, e)))


def _expectation(expr: Any) -> Term:
    body = from_sympy(expr.args[0])
    found = {t.args[0] for t in body.parts() if t.op == "var"}
    return Term("expect", (body, *sorted(found)))


def _explicit(expr: Any) -> Term:
    return Term("rows", (int(expr.rows), int(expr.cols), *map(from_sympy, expr)))


def _indexed(expr: Any) -> Term:
    return Term("entry", (expr.base.label.name, *map(from_sympy, expr.indices)))


_READ: dict[type, Callable[[Any], Term]] = {
    sp.Rational: lambda e: num(int(e.p), int(e.q)),
    sp.Symbol: lambda e: Term("var", (e.name,)),
    sp.Indexed: _indexed,
    sp.MatrixSymbol: lambda e: Term("matrix", (e.name,)),
    MatrixElement: lambda e: Term("element", tuple(map(from_sympy, e.args))),
    sp.Inverse: lambda e: Term("inverse", (from_sympy(e.args[0]),)),
    sp.MatrixBase: _explicit,
    sp.KroneckerDelta: lambda e: Term("delta", tuple(map(from_sympy, e.args[:2]))),
    sp.Sum: _binder("sum"),
    sp.Product: _binder("prod"),
    sp.Integral: _binder("integral"),
    sp.Derivative: _derivative,
    sp.Piecewise: _piecewise,
    sp.ZeroMatrix: lambda e: Term("zeros", tuple(map(from_sympy, e.shape))),
    sp.OneMatrix: lambda e: Term("ones", tuple(map(from_sympy, e.shape))),
}


def register_expectation(kind: type) -> None:
    """How the engine's node for E[...] is read: an average over whatever is in it."""
    _READ[kind] = _expectation
