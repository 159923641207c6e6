"""Certificates as JSON: the only way into the kernel, so that what is read is what is checked.

Two tables describe the format, for writing and for reading alike: what each operator's arguments
are, and what each record holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Any

from entropy_proofs.kernel import checker
from entropy_proofs.kernel.found import (
    Certificate,
    Component,
    Condition,
    Flow,
    TermIdentity,
)
from entropy_proofs.kernel.language.labels import (
    DOMAINS,
    Conditional,
    Domain,
    Label,
)
from entropy_proofs.kernel.language.sizes import Size
from entropy_proofs.kernel.language.statement import Statement
from entropy_proofs.kernel.language.terms import Term, at, plus, rational
from entropy_proofs.kernel.normal.function_table import CONSTANTS, FUNCTIONS
from entropy_proofs.kernel.refusal import DEPTH, DIGITS, NODES, Refused, bounded

FORMAT = 1
LARGEST = 20_000_000  # bytes of a file
TESTS = ("less", "at-most", "equal")

#: What the arguments of each operator are; "..." repeats the kind before it.
ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "constant": ("constant",),
    "size": ("size",),
    "element": ("text", "index", "..."),
    "index": ("index",),
    "add": ("value", "..."),
    "multiply": ("value", "..."),
    "power": ("value", "value"),
    "apply": ("function", "value", "..."),
    "partial": ("whole", "function", "value", "..."),
    "sum": ("sizes", "value"),
    "delta": ("index", "index"),
    "case": ("test", "value", "value"),
    "test": ("relation", "value", "value"),
    "logdet": ("size", "value"),
    "inverse": ("size", "value", "index", "index"),
    "map": ("text", "unit", "input", "..."),
    "vector": ("size", "value"),
    "at": ("size",),
    "bound": ("whole",),
    "plus": ("index", "size"),
}
INDICES = frozenset({"at", "bound", "plus", "element"})
VALUES = frozenset(ARGUMENTS) - {"test", "vector", "at", "bound", "plus"}
SORTS = {"value": VALUES, "input": VALUES | {"vector"}, "index": INDICES, "test": {"test"}}

#: The records: (key, kind) in the order of the fields; "label*" is a list of labels.
RECORDS: Mapping[str, tuple[Callable[..., Any], tuple[tuple[str, str], ...]]] = {
    "statement": (
        Statement,
        (
            ("title", "text"),
            ("sizes", "least"),
            ("labels", "label*"),
            ("conditionals", "conditional*"),
            ("weight of H[q]", "value"),
        ),
    ),
    "label": (
        Label,
        (("name", "text"), ("role", "text"), ("shape", "sizes"), ("domain", "domain")),
    ),
    "conditional": (
        Conditional,
        (
            ("name", "text"),
            ("plates", "sizes"),
            ("variable", "text"),
            ("place", "index*"),
            ("log density", "value"),
            ("weight", "value"),
        ),
    ),
    "certificate": (
        Certificate,
        (
            ("field", "component*"),
            ("flows", "flow*"),
            ("terms", "term*"),
            ("conditions", "condition*"),
        ),
    ),
    "component": (Component, (("label", "text"), ("element", "value"))),
    "flow": (Flow, (("label", "text"), ("scale", "value"), ("shift", "value"))),
    "term": (
        TermIdentity,
        (("conditional", "text"), ("log base measure", "value"), ("entropy", "value")),
    ),
    "condition": (Condition, (("what", "text"), ("over", "sizes"), ("value", "value"))),
}
_KINDS = {made: name for name, (made, _) in RECORDS.items()}


class NotACertificate(Exception):
    """The file is no certificate of this format."""


# out ----------------------------------------------------------------------------------------------
def document(statement: Statement, certificate: Certificate) -> dict[str, Any]:
    """Statement and certificate as JSON values, with the hash of their content."""
    content = {"format": FORMAT, "statement": _out(statement), "certificate": _out(certificate)}
    return content | {"sha256": content_hash(content)}


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of format, statement and certificate, written without spaces and with sorted keys."""
    kept = {key: content[key] for key in ("format", "statement", "certificate")}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return sha256(text.encode()).hexdigest()


def to_json(found: Mapping[str, Any]) -> str:
    """The document with a line for each key, and for each term one line."""
    return _lines(found, "") + "\n"


def _lines(x: Any, margin: str) -> str:
    deeper = margin + " "
    if isinstance(x, Mapping):
        inner = [f"{deeper}{json.dumps(key)}: {_lines(x[key], deeper)}" for key in sorted(x)]
        return "{\n" + ",\n".join(inner) + f"\n{margin}}}" if x else "{}"
    if isinstance(x, list) and any(isinstance(part, Mapping) for part in x):
        return "[\n" + ",\n".join(deeper + _lines(part, deeper) for part in x) + f"\n{margin}]"
    return json.dumps(x, ensure_ascii=True)


def _out(x: Any) -> Any:
    if isinstance(x, Term):
        return str(x.args[0]) if x.op == "rational" else [x.op, *map(_out, x.args)]
    if isinstance(x, Size):
        return [[c, *names] for names, c in x]
    if isinstance(x, Domain):
        return [x.kind, *map(_out, x.args)]
    if isinstance(x, tuple):
        return list(map(_out, x))
    if type(x) in _KINDS:
        _, keys = RECORDS[_KINDS[type(x)]]
        return {key: _out(part) for (key, _), part in zip(keys, vars(x).values(), strict=True)}
    return dict(x) if isinstance(x, Mapping) else x


# in -----------------------------------------------------------------------------------------------
class _Reader:
    """Reads one document; everything that is not expected is refused."""

    def __init__(self) -> None:
        self.nodes = 0

    def read(self, given: Any, kind: str, depth: int = 0) -> Any:
        """What stands there, which must be of this kind."""
        self.nodes += 1
        if self.nodes > NODES or depth > DEPTH:
            raise Refused("too many parts, or nested too deeply")
        if kind.endswith("*"):
            return tuple(self.read(g, kind[:-1], depth) for g in self.items(given))
        if kind in SORTS:
            return self.term(given, kind, depth)
        if kind in RECORDS:
            make, keys = RECORDS[kind]
            if not isinstance(given, dict) or given.keys() != {key for key, _ in keys}:
                raise Refused(f"a {kind} has other keys")
            return make(*(self.read(given[key], part, depth + 1) for key, part in keys))
        return getattr(self, kind)(given)

    def items(self, given: Any) -> list[Any]:
        if not isinstance(given, list):
            raise Refused("not a list")
        return given

    def term(self, given: Any, sort: str, depth: int) -> Term:
        if isinstance(given, str) and sort in {"value", "input"}:
            return rational(self.number(given))
        op, *args = self.items(given) or [None]
        if not isinstance(op, str) or op not in SORTS[sort]:
            raise Refused(f"{op!r} is no operator of a {sort}")
        kinds = list(self._kinds(ARGUMENTS[op], len(args)))
        if len(kinds) != len(args):
            raise Refused(f"{op}: wrong number of arguments")
        read = [self.read(a, kind, depth + 1) for a, kind in zip(args, kinds, strict=True)]
        if op in {"apply", "partial"}:
            *place, name = read[: 1 if op == "apply" else 2]
            function = FUNCTIONS[name]
            if len(args) - len(place) - 1 != len(function.needs):
                raise Refused(f"{name} takes {len(function.needs)} arguments")
            formulas = function.slopes[place[0] : place[0] + 1] if place else (None,)
            if formulas != (None,):
                raise Refused(f"the derivative of {name} in its argument {place[0]} has a formula")
        if op in {"at", "plus"}:
            return at(*read) if op == "at" else plus(*read)
        return Term(op, *read)

    @staticmethod
    def _kinds(pattern: tuple[str, ...], count: int) -> Iterator[str]:
        fixed = pattern[:-2] if pattern[-1] == "..." else pattern
        yield from fixed
        if pattern[-1] == "...":
            yield from (pattern[-2] for _ in range(count - len(fixed)))

    # leaves ---------------------------------------------------------------------------------------
    def text(self, given: Any) -> str:
        if not isinstance(given, str) or len(given) > DIGITS:
            raise Refused("not a text")
        return given

    def whole(self, given: Any) -> int:
        if type(given) is not int or not 0 <= given <= 10**9:
            raise Refused("not a whole number")
        return given

    def number(self, given: str) -> Fraction:
        above, slash, below = given.removeprefix("-").partition("/")
        digits = [above, below] if slash else [above]
        if len(given) > DIGITS or not all(d.isascii() and d.isdecimal() for d in digits):
            raise Refused("not a number")
        if slash and not int(below):
            raise Refused("a denominator of zero")
        return Fraction(given)

    def size(self, given: Any) -> Size:
        total: dict[tuple[str, ...], int] = {}
        if len(self.items(given)) > 64:
            raise Refused("not a size")
        for part in given:
            c, *names = self.items(part) or [None]
            key = tuple(sorted(map(self.text, names)))
            if type(c) is not int or abs(c) > 10**9 or len(names) > 8 or key in total:
                raise Refused("not a size")
            total[key] = c
        return Size(total)

    def sizes(self, given: Any) -> tuple[Size, ...]:
        return self.read(given, "size*")

    def least(self, given: Any) -> dict[str, int]:
        if not isinstance(given, dict):
            raise Refused("sizes are no record")
        return {self.text(name): self.whole(n) for name, n in given.items()}

    def domain(self, given: Any) -> Domain:
        kind, *args = self.items(given) or [None]
        if (
            not isinstance(kind, str)
            or kind not in DOMAINS
            or (len(args) != len(DOMAINS[kind].takes))
        ):
            raise Refused("not a domain")
        takes = zip(args, DOMAINS[kind].takes, strict=True)
        return Domain(kind, tuple(getattr(self, what)(a) for a, what in takes))

    def bound(self, given: Any) -> Term | None:
        return None if given is None else self.read(given, "value")

    def unit(self, given: Any) -> Term | None:
        return None if given is None else self.read(given, "index")

    def _one_of(self, given: Any, known: Any, what: str) -> str:
        if self.text(given) not in known:
            raise Refused(f"{given} is no {what}")
        return given

    def constant(self, given: Any) -> str:
        return self._one_of(given, CONSTANTS, "constant")

    def function(self, given: Any) -> str:
        return self._one_of(given, FUNCTIONS, "function")

    def relation(self, given: Any) -> str:
        return self._one_of(given, TESTS, "test")


def read(given: Any) -> tuple[Statement, Certificate]:
    """The statement and the certificate of a document; raises Refused or NotACertificate."""
    if (
        not isinstance(given, dict)
        or type(given.get("format")) is not int
        or (given["format"] != FORMAT)
    ):
        raise NotACertificate(f"not a certificate of format {FORMAT}")
    if given.keys() != {"format", "statement", "certificate", "sha256"}:
        raise Refused("a document has other keys")
    reader = _Reader()
    found = (
        reader.read(given["statement"], "statement"),
        reader.read(given["certificate"], "certificate"),
    )
    if given["sha256"] != content_hash(given):
        raise Refused("the content is not what its hash says")
    return found


@bounded()
def check_document(given: Any) -> checker.Outcome:
    """Whether a document's certificate proves what it says.  Total: whatever is given, the answer
    is an outcome, within bounded work; NotACertificate where it is no certificate at all."""
    try:
        return checker.check(*read(given))
    except Refused as refused:
        return checker.Outcome(_line(str(refused)))
    except NotACertificate:
        raise
    except RecursionError:
        return checker.Outcome("nested too deeply")
    except Exception as error:  # whatever a hand-made document makes go wrong, it is not accepted
        return checker.Outcome(f"not checkable: {type(error).__name__}")


def _line(text: str) -> str:
    """One line that any terminal shows as it is meant."""
    return "".join(c if c.isprintable() else "?" for c in text)[:300]


def _record(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def check_file(path: str) -> checker.Outcome:
    """The outcome for a file; raises NotACertificate where it holds none."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise NotACertificate("too large")
        given = json.loads(data, object_pairs_hook=_record)
    except OSError as error:
        raise NotACertificate(error.strerror or str(error)) from None
    except (ValueError, RecursionError):
        raise NotACertificate("not a JSON document") from None
    return check_document(given)


__all__ = ["NotACertificate", "check_document", "check_file", "document", "to_json"]
