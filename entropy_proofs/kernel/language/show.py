"""A statement in print: what a reader compares with the paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from entropy_proofs.kernel.language.labels import Conditional, Label
from entropy_proofs.kernel.language.sizes import ONE, Size
from entropy_proofs.kernel.language.terms import Term, opened

_LETTERS = "ijklmnpqrstuvw"
_SUM, _PRODUCT, _POWER, _ATOM = range(4)  # how tightly the outermost operator binds
_TESTS = {"less": "<", "at-most": "≤", "equal": "="}
_SETS = {
    "real": "ℝ", "positive": "(0, ∞)", "unit interval": "(0, 1)", "binary": "{0, 1}",
    "natural": "{0, 1, 2, ...}", "simplex": "simplex along the last axis",
    "positive definite": "positive definite", "unit columns": "columns of norm one",
    "increasing": "increasing along the last axis",
}  # fmt: skip


def statement_text(
    title: str,
    sizes: Mapping[str, int],
    labels: Sequence[Label],
    conditionals: Sequence[Conditional],
    q_weight: Term,
) -> str:
    """The statement as a paper would write it, one line for each label and conditional."""
    lines = [title, ""]
    if sizes:
        lines.append(f"sizes     {', '.join(f'{n} ≥ {m}' for n, m in sizes.items())}")
    for role in ("learned", "constant", "latent", "observed", "given"):
        for label in labels:
            if label.role == role:
                lines.append(f"{role:9} {_declared(label)}")
    lines.append("")
    for c in conditionals:
        lines += _conditional(c, labels, sizes)
    weights = [f"{_weighed(c.weight)}E_q[log p({c.name})]" for c in conditionals]
    latent = any(label.role == "latent" for label in labels)
    entropy = [f"{_weighed(q_weight)}H[q]"] if latent else []
    lines.append(f"F = {' + '.join([*weights, *entropy])}")
    return "\n".join(lines)


def _weighed(weight: Term) -> str:
    text = term_text(weight, binding=_POWER)
    return "" if text == "1" else f"{text} "


def _declared(label: Label) -> str:
    shape = f"[{', '.join(map(str, label.shape))}]" if label.shape else ""
    return f"{label.name}{shape} in {_domain(label)}"


def _domain(label: Label) -> str:
    kind, args = label.domain.kind, label.domain.args
    if kind == "category":
        return f"{{0, ..., {args[0] - ONE}}}"
    names = _Names(set().union(*(a.labels for a in args if a is not None)))
    indices = tuple(names.new() for _ in label.copies)
    args = tuple(a if a is None else opened(a, indices) for a in args)
    if kind == "counts":
        return f"counts that sum to {term_text(args[0])} along the last axis"
    if kind in {"interval", "whole"}:
        low, high = (
            end if a is None else term_text(a) for a, end in zip(args, ("-∞", "∞"), strict=True)
        )
        return f"({low}, {high})" if kind == "interval" else f"{{{low}, ..., {high}}}"
    return _SETS[kind]


def _conditional(c: Conditional, labels: Sequence[Label], sizes: Mapping[str, int]) -> list[str]:
    taken = {label.name for label in labels} | set(sizes)
    names = _Names(taken)
    indices = tuple(names.new() for _ in c.plates)
    place = ", ".join(term_text(opened(i, indices), names) for i in c.place)
    ranges = [f"{_name(i)} < {n}" for i, n in zip(indices, c.plates, strict=True)]
    event = next(label for label in labels if label.name == c.variable).shape
    axes = ["·"] * (len(event) - len(c.place)) if len(event) > len(c.place) else []
    at = ", ".join([*([place] if place else []), *axes])
    head = f"log p({c.variable}{f'[{at}]' if at else ''})"
    where = f"    for {', '.join(ranges)}" if ranges else ""
    return [f"{head}{where}", f"  = {term_text(opened(c.log_density, indices), names)}", ""]


class _Names:
    """Names for indices that nothing else has."""

    def __init__(self, taken: set[str]):
        self.names = (
            n
            for k in count()
            for n in (f"{letter}{k or ''}" for letter in _LETTERS)
            if n not in taken
        )

    def new(self) -> Term:
        return Term("shown", next(self.names))


def _name(i: Term) -> str:
    return i.args[0]


def term_text(t: Term, names: _Names | None = None, binding: int = _SUM) -> str:
    """A value or an index (its binders given names), in brackets where it binds less tightly."""
    shown = {a.args[0] for a in t.subterms() if a.op == "shown"}
    text, own = _Shown(names or _Names(shown | t.labels)).text(t)
    return text if own >= binding else f"({text})"


class _Shown:
    def __init__(self, names: _Names):
        self.names = names

    def inside(self, t: Term, binding: int) -> str:
        text, own = self.text(t)
        return text if own >= binding else f"({text})"

    def text(self, t: Term) -> tuple[str, int]:
        """The text, and how tightly its outermost operator binds."""
        op, args = t.op, t.args
        if op == "rational":
            q = args[0]
            return str(q), _SUM if q < 0 else _ATOM if q.denominator == 1 else _PRODUCT
        if op in {"constant", "shown"}:
            return {"pi": "π"}.get(args[0], args[0]), _ATOM
        if op in {"size", "at"}:
            return str(args[0]), _ATOM if len(args[0].terms) < 2 else _SUM
        if op == "free":
            return f"i{args[0]}", _ATOM
        if op == "bound":
            return f"#{args[0]}", _ATOM
        if op == "element":
            places = ", ".join(self.inside(i, _SUM) for i in args[1:])
            return f"{args[0]}[{places}]" if places else args[0], _ATOM
        if op == "index":
            return self.text(args[0])
        if op == "plus":
            return f"{self.inside(args[0], _ATOM)} + {args[1]}", _SUM
        if op == "add":
            parts = [self.inside(a, _SUM) for a in args]
            return " + ".join(parts).replace("+ -", "- ") or "0", _SUM
        if op == "multiply":
            return self._product(args)
        if op == "power":
            return f"{self.inside(args[0], _ATOM)}^{self.inside(args[1], _ATOM)}", _POWER
        if op in {"apply", "partial"}:
            *head, name = args[: 1 if op == "apply" else 2]
            inner = ", ".join(self.inside(a, _SUM) for a in args[len(head) + 1 :])
            return f"{'∂' * len(head)}{''.join(map(str, head))}{name}({inner})", _ATOM
        if op == "delta":
            return f"δ({', '.join(self.inside(i, _SUM) for i in args)})", _ATOM
        if op == "case":
            test, then, other = args
            left, right = (self.inside(s, _SUM) for s in test.args[1:])
            chosen = f"{self.inside(then, _SUM)} if {left} {_TESTS[test.args[0]]} {right}"
            return f"[{chosen} else {self.inside(other, _SUM)}]", _ATOM
        return self._bound(t)

    def _product(self, args: Sequence[Term]) -> tuple[str, int]:
        if len(args) < 2:
            return self.text(args[0]) if args else ("1", _ATOM)
        first, *others = args
        negative = first.op == "rational" and first.args[0] < 0
        minus = negative and first.args[0] == -1
        head = "-" if minus else self.inside(first, _SUM if negative else _PRODUCT) + " "
        return head + " ".join(
            self.inside(a, _POWER) for a in others
        ), _SUM if negative else _PRODUCT

    def _bound(self, t: Term) -> tuple[str, int]:
        """What binds indices, and unspecified maps."""
        op, args = t.op, t.args
        if op == "sum":
            own = [self.names.new() for _ in args[0]]
            ranges = ", ".join(f"{_name(i)}<{n}" for i, n in zip(own, args[0], strict=True))
            return f"∑_{{{ranges}}} {self.inside(opened(args[1], own), _PRODUCT)}", _PRODUCT
        if op in {"logdet", "inverse"}:
            body = self._array(args[1], args[0], 2)
            if op == "logdet":
                return f"log det {body}", _PRODUCT
            return f"inv{body}[{', '.join(self.inside(i, _SUM) for i in args[2:])}]", _ATOM
        if op == "vector":
            return self._array(args[1], args[0], 1), _ATOM
        if op == "map":
            unit = "" if args[1] is None else f"[{self.inside(args[1], _SUM)}]"
            inputs = ", ".join(self.inside(a, _SUM) for a in args[2:])
            return f"{args[0].lstrip('·')}({inputs}){unit}", _ATOM
        return t.key, _ATOM

    def _array(self, body: Term, size: Size, axes: int) -> str:
        own = [self.names.new() for _ in range(axes)]
        ranges = ", ".join(f"{_name(i)}<{size}" for i in own)
        return f"({self.inside(opened(body, own), _SUM)})_{{{ranges}}}"
