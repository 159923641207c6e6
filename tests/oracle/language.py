"""The modelling language on concrete numbers: runs a model file as it is, and holds what every
conditional's log density is worth there.

The very same file is executed, with this module's names in place of `entropy_proofs` and of
SymPy's functions. Nothing here is symbolic.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from oracle.arithmetic import absolute, log_determinant
from oracle.distributions import FAMILIES, Family


class Values(np.ndarray):
    """An array that can be a key, as the parameters of a claim are."""

    def __hash__(self) -> int:
        return id(self)


def values(numbers: Any) -> Values:
    return np.array(numbers).view(Values)


@dataclass
class Point:
    """Where a file is run: sizes, and every number that it has asked for so far.

    whole: names of known constants that count something.
    shift: added to a parameter or latent, by name; a complex step differentiates.
    """

    rng: np.random.Generator
    sizes: Mapping[str, int]
    whole: frozenset[str] = frozenset()
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    shift: Mapping[str, Any] = field(default_factory=dict)

    def get(self, name: str, draw: Any) -> Values:
        if name not in self.arrays:
            self.arrays[name] = np.asarray(draw())
        moved = self.shift.get(name)
        return values(self.arrays[name] if moved is None else self.arrays[name] + moved)

    def at(self, shift: Mapping[str, Any]) -> Point:
        return Point(self.rng, self.sizes, self.whole, self.arrays, shift)

    def sample(self, names: Sequence[str]) -> Point:
        """The same point, to draw these variables anew."""
        kept = {k: v for k, v in self.arrays.items() if k not in names}
        return Point(self.rng, self.sizes, self.whole, kept)


@dataclass
class Network(np.lib.mixins.NDArrayOperatorsMixin):
    """A network's output with its weights as attributes."""

    output: Values
    weights: dict[str, Values]

    def __getattr__(self, name: str) -> Any:
        if name in self.weights:
            return self.weights[name]
        return getattr(self.output, name)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.output, dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        plain = [i.output if isinstance(i, Network) else i for i in inputs]
        return getattr(ufunc, method)(*plain, **kwargs)

    def __getitem__(self, item: Any) -> Any:
        return self.output[item]

    def __len__(self) -> int:
        return len(self.output)


class Model:
    """What a model file declares, in numbers.

    terms: name of a conditional -> log densities of its copies; a chain `z` has "z[0]", "z[t]".
    domains: of the parameters; `fixed` names the known constants among them.
    weighted: weights of the bound by variable, "q" for that of H[q]; those left out are 1.
    """

    def __init__(self, point: Point, name: str, group: str = ""):
        self.point = point
        self.name = name
        self.terms: dict[str, np.ndarray] = {}
        self.latents: list[str] = []
        self.observeds: list[str] = []
        self.domains: dict[str, str] = {}
        self.fixed: set[str] = set()
        self.hidden: dict[str, Any] = {}
        self.claims: list[tuple[str, Any]] = []
        self.weighted: dict[str, float] = {}
        self._names: dict[Values, str] = {}

    def weights(self, of: Mapping[Values, Any], q: Any = 1) -> None:
        self.weighted = {self._names[v]: float(w) for v, w in of.items()} | {"q": float(q)}

    def weight(self, term: str) -> float:
        """Of a conditional, or of "q"; a chain's conditionals share one."""
        return self.weighted.get(term.partition("[")[0], 1.0)

    def dims(self, *names: str) -> Any:
        sizes = tuple(self.point.sizes[n] for n in names)
        return sizes if len(sizes) > 1 else sizes[0]

    def parameter(self, name: str, *shape: Any, domain: str = "real", fixed: bool = False) -> Any:
        self.domains[name] = domain
        if fixed:
            self.fixed.add(name)
        if name in self.point.whole:
            return self.point.get(name, lambda: np.full(shape, 4))
        return self.point.get(name, lambda: random_parameter(self.point.rng, domain, shape))

    def latent(self, name: str, family: Family, *sizes: int) -> Values:
        self.latents.append(name)
        return self._variable(name, family, sizes)

    def observed(self, name: str, family: Family, *sizes: int) -> Values:
        self.observeds.append(name)
        return self._variable(name, family, sizes)

    def _variable(self, name: str, family: Family, sizes: tuple[int, ...]) -> Values:
        plates = sizes or family.plates()
        assert np.broadcast_shapes(plates, family.plates()) == plates, (name, family.plates())
        shape = (*plates, *family.event_shape())
        value = self.point.get(name, lambda: family.draw(self.point.rng, shape))
        self.terms[name] = self._log_density(family, np.asarray(value), plates)
        self._names[value] = name
        return value

    def _log_density(self, family: Family, value: np.ndarray, plates: tuple) -> np.ndarray:
        found = family.log_density(value) if self.point.shift else family.checked(value)
        return np.broadcast_to(np.asarray(found), plates)

    def chain(
        self,
        name: str,
        *sizes: int,
        initial: Any,
        transition: Any,
        length: int,
        observed: bool = False,
    ) -> Values:
        def families(past: Sequence[Any], t: int) -> list[Family]:
            return [_given(transition, past[0], t)]

        return self._chains([name], sizes, [initial], families, length, [observed])[0]

    def chains(
        self,
        names: Sequence[str],
        *sizes: int,
        initial: Sequence[Any],
        transition: Any,
        length: int,
        observed: Any = False,
    ) -> list[Values]:
        def families(past: Sequence[Any], t: int) -> Any:
            return _given(transition, tuple(past), t)

        seen = [observed] * len(names) if isinstance(observed, bool) else observed
        return self._chains(names, sizes, initial, families, length, seen)

    def _chains(
        self,
        names: Sequence[str],
        sizes: tuple[int, ...],
        initial: Sequence[Any],
        families: Any,
        length: int,
        observed: Sequence[bool],
    ) -> list[Values]:
        starts = [i if isinstance(i, tuple) else (i,) for i in initial]
        order, found = len(starts[0]), []

        def family(given: Any, k: int, before: Sequence[Values]) -> Family:
            return given if isinstance(given, Family) else given(*(v[k] for v in before))

        for name, given, seen in zip(names, starts, observed, strict=True):
            (self.observeds if seen else self.latents).append(name)
            start = [family(f, k, found) for k, f in enumerate(given)]
            shape = (length, *sizes, *start[0].event_shape())
            value = self.point.get(name, lambda f=start[0], s=shape: f.draw(self.point.rng, s))
            self._names[value] = name
            found.append(value)
            for k, first in enumerate(start):
                log_p = self._log_density(first, np.asarray(value[k]), sizes)
                self.terms[f"{name}[{k}]"] = log_p
        steps: list[list[Any]] = [[] for _ in names]
        for t in range(order, length):
            pasts = [[value[t - 1 - k] for k in range(order)] for value in found]
            made = families([tuple(p) if order > 1 else p[0] for p in pasts], t)
            for j, own in enumerate(steps):
                following = family(made[j], t, found[:j])
                own.append(self._log_density(following, np.asarray(found[j][t]), sizes))
        for name, own in zip(names, steps, strict=True):
            self.terms[f"{name}[t]"] = np.array(own)
        return found

    def network(
        self,
        name: str,
        inputs: Any,
        *sizes: int,
        fixed: Sequence[str] = (),
        first: str | None = None,
    ) -> Network:
        given = [np.asarray(v) for v in (inputs if isinstance(inputs, (list, tuple)) else [inputs])]
        sizes_of = self.point.sizes  # M pre-activations, of continuous inputs only, and J units
        width, hidden = sizes_of[f"J_{name}"], sizes_of.get(f"M_{name}", 0)
        weights: dict[str, Values] = {}

        def weight(letter: str, *shape: int, domain: str = "real") -> np.ndarray:
            known = letter in fixed
            made = self.parameter(f"{name}.{letter}", *shape, domain=domain, fixed=known)
            weights[letter] = made
            return np.asarray(made)

        continuous = [v.dtype.kind not in "iu" for v in given]
        total, arguments = None, []
        for k, v in enumerate(given):
            if not continuous[k]:
                arguments.append(v[..., None] if v.ndim == 0 else v)
                continue
            letter = f"U{k + 1}" if sum(continuous) > 1 else "U"
            u = weight(letter, hidden, v.shape[-1] if v.ndim else 1, domain=first or "real")
            own = (v if v.ndim else v[None]) @ u.T
            total = own if total is None else total + own
        if total is not None:
            arguments.insert(0, total + weight("a", hidden))
        phi = self.hidden[f"phi_{name}"] = self._perceptron(name, width, arguments)
        v, b = weight("V", *sizes, width), weight("b", *sizes)
        units = phi(arguments)
        batch = units.shape[:-1]
        output = (units.reshape(*batch, *[1] * len(sizes), width) * v).sum(axis=-1) + b
        return Network(values(output), weights)

    def _perceptron(self, name: str, width: int, arguments: list[np.ndarray]) -> Any:
        """A hidden map phi: two layers of tanh units, with weights that nothing moves."""
        rng, many = self.point.rng, sum(a.shape[-1] for a in arguments)
        shapes = {"first": (4, many), "shift": (4,), "second": (width, 4)}
        first, shift, second = (
            self.point.get(f"{name}.{k}", lambda s=s: rng.normal(size=s)).view(np.ndarray)
            for k, s in shapes.items()
        )

        def phi(parts: Sequence[np.ndarray]) -> np.ndarray:
            batch = np.broadcast_shapes(*(np.shape(p)[:-1] for p in parts))
            full = [np.broadcast_to(p, (*batch, np.shape(p)[-1])) for p in parts]
            inside = np.concatenate(full, axis=-1)
            return np.tanh(np.tanh(np.tanh(inside) @ first.T + shift) @ second.T)

        return phi

    def claim(self, kind: str, *what: Any) -> None:
        self.claims.append((kind, what))

    def derivation(self, *expressions: Any) -> None:
        self.claims.append(("derivation", expressions))


def _given(transition: Any, past: Any, t: int) -> Any:
    """The step t, of a transition that may not ask for t."""
    code = transition.__code__
    wanted = code.co_argcount - len(transition.__defaults__ or ())
    return transition(past, t) if wanted > 1 else transition(past)


def random_parameter(rng: np.random.Generator, domain: str, shape: tuple[int, ...]) -> np.ndarray:
    """Well inside its domain."""
    if domain == "positive":
        return rng.uniform(0.5, 2.5, shape)
    if domain == "unit interval":
        return rng.uniform(0.15, 0.85, shape)
    raw = rng.normal(size=shape)
    if domain == "simplex":
        raw = rng.uniform(0.2, 1.0, shape)
        return raw / raw.sum(axis=-1, keepdims=True)
    if domain == "increasing":
        return np.cumsum(rng.uniform(0.3, 1.2, shape), axis=-1) - 1
    if domain == "positive definite":
        return raw @ np.swapaxes(raw, -1, -2) + np.eye(shape[-1])
    if domain == "unit columns":
        return raw / np.linalg.norm(raw, axis=-2, keepdims=True)
    assert domain == "real", domain
    return raw


# the names that a model file imports --------------------------------------------------------------
def _numeric(function: Any) -> Any:
    return lambda *a: values(function(*(np.asarray(x) for x in a)))


def _inverse(a: np.ndarray) -> np.ndarray:
    """NaN where there is none, as of one sample's second moments in a claimed optimum."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return np.full_like(a, np.nan, dtype=float)


FUNCTIONS = {
    "Abs": _numeric(absolute),
    "Expectation": _numeric(lambda x: x),  # over one sample
    "KroneckerDelta": _numeric(lambda a, b: np.where(a == b, 1.0, 0.0)),
    "arange": _numeric(lambda n: np.arange(int(n))),
    "atan2": _numeric(lambda y, x: np.arctan2(y.real, x.real)),  # in claims alone
    "besseli": _numeric(special.iv),
    "besselk": _numeric(special.kv),
    "beta": _numeric(special.beta),
    "cos": _numeric(np.cos),
    "det": _numeric(np.linalg.det),
    "diag": _numeric(np.diag),
    "digamma": _numeric(special.digamma),
    "erf": _numeric(special.erf),
    "exp": _numeric(np.exp),
    "eye": _numeric(lambda n: np.eye(int(n))),
    "gamma": _numeric(special.gamma),
    "inv": _numeric(_inverse),
    "log": _numeric(np.log),
    "logdet": _numeric(log_determinant),
    "loggamma": _numeric(special.loggamma),
    "sigmoid": _numeric(lambda x: 1 / (1 + np.exp(-x))),
    "sin": _numeric(np.sin),
    "softplus": _numeric(lambda x: np.log(1 + np.exp(x))),
    "sqrt": _numeric(np.sqrt),
    "tanh": _numeric(np.tanh),
    "trace": _numeric(lambda a: np.trace(a, axis1=-2, axis2=-1)),
    "E": np.e,
    "pi": np.pi,
    "Rational": lambda p, q=1: p / q,
}
SETS = {name: getattr(sp, name) for name in ("FiniteSet", "Interval", "Range", "Reals", "S", "oo")}


def run(path: Path, point: Point) -> Model:
    """The file's model at a point."""
    language = SimpleNamespace(Model=partial(Model, point), **FAMILIES, **FUNCTIONS, **SETS)
    substitutes = {"entropy_proofs": language, "sympy": SimpleNamespace(**FUNCTIONS, **SETS)}

    def find(name: str, *rest: Any) -> Any:
        return substitutes[name] if name in substitutes else builtins.__import__(name, *rest)

    scope = {"__builtins__": {**vars(builtins), "__import__": find}, "__name__": path.stem}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)
    model = scope["model"]
    assert isinstance(model, Model)
    return model
