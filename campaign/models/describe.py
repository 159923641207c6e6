"""A drawn model as plain data, which reads and writes JSON and knows no symbolic algebra.

Expressions are nested: a number, a name (of a parameter, variable, network or size), or an `Op`.
In JSON an Op is a list that starts with its name: ["exp", ["*", "a", "w"]].
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Size: TypeAlias = "int | str"
Shape: TypeAlias = "tuple[Size, ...]"
PREVIOUS = "previous"  # the step before, in a chain's transition
TIME = "time"  # the step that is drawn, there
VALUE = "value"  # the value of the variable itself, in a density written out


@dataclass(frozen=True)
class Op:
    """A function of expressions; campaign/models/arrays.py lists the names."""

    name: str
    args: tuple[Expression, ...]


Expression: TypeAlias = "Op | str | int"


def op(name: str, *args: Expression) -> Op:
    return Op(name, args)


@dataclass(frozen=True)
class Parameter:
    """A learned parameter, or a known constant if fixed."""

    name: str
    shape: Shape = ()
    domain: str = "real"
    fixed: bool = False


@dataclass(frozen=True)
class Network:
    """V phi(U inputs + a) + b with an unspecified phi."""

    name: str
    inputs: tuple[Expression, ...]
    shape: Shape
    fixed: tuple[str, ...] = ()
    unit_columns: bool = False


@dataclass(frozen=True)
class Distribution:
    """A family by name, with its arguments."""

    family: str
    arguments: tuple[tuple[str, Expression], ...]


def of(family: str, **arguments: Expression) -> Distribution:
    return Distribution(family, tuple(arguments.items()))


@dataclass(frozen=True)
class Variable:
    """A latent or observed variable with independent coordinates."""

    name: str
    observed: bool
    distribution: Distribution
    shape: Shape = ()


@dataclass(frozen=True)
class Chain:
    """A Markov chain; PREVIOUS and TIME stand for the step before, and for the step that is drawn,
    in the transition."""

    name: str
    observed: bool
    initial: Distribution
    transition: Distribution
    length: Size


Declaration: TypeAlias = "Parameter | Network | Variable | Chain"
_KINDS: dict[str, type] = {c.__name__.lower(): c for c in (Parameter, Network, Variable, Chain)}


@dataclass(frozen=True)
class Weights:
    """Of conditionals by variable, and of H[q]."""

    of: tuple[tuple[str, Expression], ...]
    q: Expression


@dataclass(frozen=True)
class Posterior:
    """The variational distribution of a latent."""

    of: str
    distribution: Distribution


@dataclass(frozen=True)
class Description:
    """A model: symbolic sizes, declarations (parents first), weights of the bound, and q of latents
    for which it is declared, with its parameters of each data point."""

    sizes: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    weights: Weights | None = None
    variational: tuple[Parameter, ...] = ()
    q: tuple[Posterior, ...] = ()

    def parameters(self) -> dict[str, Parameter]:
        return {d.name: d for d in self.declarations if isinstance(d, Parameter)}

    def variables(self) -> dict[str, Variable | Chain]:
        return {d.name: d for d in self.declarations if isinstance(d, (Variable, Chain))}


def names_in(e: Expression) -> Iterator[str]:
    """All names in an expression, sizes among them."""
    if isinstance(e, str):
        yield e
    elif isinstance(e, Op):
        for a in e.args:
            yield from names_in(a)


def expressions_of(d: Declaration) -> Iterator[Expression]:
    """The expressions that a declaration holds."""
    if isinstance(d, Network):
        yield from d.inputs
    elif isinstance(d, Variable):
        yield from (e for _, e in d.distribution.arguments)
    elif isinstance(d, Chain):
        for given in (d.initial, d.transition):
            yield from (e for _, e in given.arguments)


# JSON ---------------------------------------------------------------------------------------------
def to_json(d: Description) -> Any:
    weights = d.weights and {
        "of": {n: _written(e) for n, e in d.weights.of},
        "q": _written(d.weights.q),
    }
    return {
        "sizes": list(d.sizes),
        "declarations": [_declaration(x) for x in d.declarations],
        **({"weights": weights} if weights else {}),
        **({"variational": [_declaration(p) for p in d.variational]} if d.variational else {}),
        **({"q": {p.of: _distribution(p.distribution) for p in d.q}} if d.q else {}),
    }


def _written(e: Expression) -> Any:
    return [e.name, *map(_written, e.args)] if isinstance(e, Op) else e


def _distribution(d: Distribution) -> Any:
    return {"family": d.family, **{n: _written(e) for n, e in d.arguments}}


def _declaration(d: Declaration) -> Any:
    found: dict[str, Any] = {"declares": type(d).__name__.lower(), "name": d.name}
    for name, value in vars(d).items():
        if isinstance(value, Distribution):
            found[name] = _distribution(value)
        elif name == "inputs":
            found[name] = [_written(e) for e in value]
        elif value or name == "shape":
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def from_json(given: Any) -> Description:
    weights = given.get("weights")
    return Description(
        tuple(given["sizes"]),
        tuple(_read_declaration(d) for d in given["declarations"]),
        weights
        and Weights(
            tuple((n, _read(e)) for n, e in weights["of"].items()),
            _read(weights["q"]),
        ),
        tuple(_read_declaration(p) for p in given.get("variational", ())),
        tuple(Posterior(n, _read_distribution(q)) for n, q in given.get("q", {}).items()),
    )


def _read(e: Any) -> Expression:
    return Op(e[0], tuple(map(_read, e[1:]))) if isinstance(e, list) else e


def _read_distribution(given: Any) -> Distribution:
    arguments = tuple((n, _read(e)) for n, e in given.items() if n != "family")
    return Distribution(given["family"], arguments)


def _read_declaration(given: Any) -> Any:
    found: dict[str, Any] = (
        {"observed": False} if given["declares"] in ("variable", "chain") else {}
    )
    for name, value in given.items():
        if name == "inputs":
            found[name] = tuple(map(_read, value))
        elif isinstance(value, dict):
            found[name] = _read_distribution(value)
        elif name != "declares":
            found[name] = tuple(value) if isinstance(value, list) else value
    return _KINDS[given["declares"]](**found)
