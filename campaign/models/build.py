"""From a description to a model, by the package's public names alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import entropy_proofs as ep
from campaign.models.describe import (
    PREVIOUS,
    TIME,
    Chain,
    Description,
    Distribution,
    Expression,
    Network,
    Op,
    Parameter,
    Variable,
)


def build(description: Description) -> ep.Model:
    """Raises whatever the package raises."""
    model = ep.Model("drawn")
    values: dict[str, Any] = {}
    if description.sizes:
        made = model.dims(*description.sizes)
        sizes = made if isinstance(made, tuple) else (made,)
        values.update(zip(description.sizes, sizes, strict=True))
    for d in description.declarations:
        values[d.name] = _declared(model, d, values)
    if description.weights is not None:
        of = {values[name]: value(e, values) for name, e in description.weights.of}
        model.weights(of, q=value(description.weights.q, values))
    for p in description.variational:
        shape = [values.get(str(n), n) for n in p.shape]
        values[p.name] = model.variational(p.name, *shape, domain=p.domain)
    for posterior in description.q:
        model.q(values[posterior.of], family(posterior.distribution, values))
    return model


def _declared(
    model: ep.Model, d: Parameter | Network | Variable | Chain, values: Mapping[str, Any]
) -> Any:
    if isinstance(d, Chain):
        return model.chain(
            d.name,
            initial=family(d.initial, values),
            transition=lambda previous, t: family(
                d.transition, {**values, PREVIOUS: previous, TIME: t}
            ),
            length=values.get(str(d.length), d.length),
            observed=d.observed,
        )
    shape = [values.get(str(n), n) for n in d.shape]
    if isinstance(d, Parameter):
        return model.parameter(d.name, *shape, domain=d.domain, fixed=d.fixed)
    if isinstance(d, Network):
        inputs = [value(e, values) for e in d.inputs]
        first = "unit columns" if d.unit_columns else None
        return model.network(d.name, inputs, *shape, fixed=d.fixed, first=first)
    declare = model.observed if d.observed else model.latent
    return declare(d.name, family(d.distribution, values), *shape)


def family(d: Distribution, values: Mapping[str, Any]) -> Any:
    """The family with its arguments filled in."""
    arguments = {n: value(e, values) for n, e in d.arguments}
    written = WRITTEN_OUT.get(d.family)
    if written is None:
        return getattr(ep, d.family)(**arguments)
    support, density = written
    return ep.Density(lambda x: density(x, **arguments), support=support)


def _weibull(x: Any, shape: Any, scale: Any) -> Any:
    y = ep.log(x) - ep.log(scale)
    return ep.log(shape) - ep.log(scale) + (shape - 1) * y - ep.exp(shape * y)


def _logistic(x: Any, mean: Any, scale: Any) -> Any:
    y = (x - mean) / scale
    return -y - ep.log(scale) - 2 * ep.log(1 + ep.exp(-y))


def _lognormal(x: Any, mean: Any, variance: Any) -> Any:
    return (
        -((ep.log(x) - mean) ** 2) / (2 * variance) - ep.log(2 * ep.pi * variance) / 2 - ep.log(x)
    )


def _rayleigh(x: Any, scale: Any) -> Any:
    return ep.log(x) - 2 * ep.log(scale) - x**2 / (2 * scale**2)


def _geometric(x: Any, probability: Any) -> Any:
    return ep.log(probability) + x * ep.log(1 - probability)


def _gumbel(x: Any, mean: Any, scale: Any) -> Any:
    y = (x - mean) / scale
    return -y - ep.exp(-y) - ep.log(scale)


def _cauchy(x: Any, mean: Any, scale: Any) -> Any:
    return -ep.log(ep.pi * scale) - ep.log(1 + ((x - mean) / scale) ** 2)


def _half_normal(x: Any, scale: Any) -> Any:
    return ep.log(2 / (ep.pi * scale**2)) / 2 - x**2 / (2 * scale**2)


def _pareto(x: Any, shape: Any) -> Any:
    return ep.log(shape) - (shape + 1) * ep.log(x)


def _power(x: Any, shape: Any) -> Any:
    return ep.log(shape) + (shape - 1) * ep.log(x)


def _inverse_gaussian(x: Any, mean: Any, shape: Any) -> Any:
    reach = shape * (x - mean) ** 2 / (2 * mean**2 * x)
    return ep.log(shape / (2 * ep.pi * x**3)) / 2 - reach


def _two_normals(x: Any, first: Any, second: Any, variance: Any, weight: Any) -> Any:
    def part(mean: Any) -> Any:
        return ep.exp(-((x - mean) ** 2) / (2 * variance)) / ep.sqrt(2 * ep.pi * variance)

    return ep.log(weight * part(first) + (1 - weight) * part(second))


def _natural_normal(x: Any, linear: Any, precision: Any) -> Any:
    rest = ep.log(precision / (2 * ep.pi)) / 2 - linear**2 / (2 * precision)
    return linear * x - precision * x**2 / 2 + rest


_POSITIVE = ep.Interval.open(0, ep.oo)
WRITTEN_OUT: Mapping[str, tuple[Any, Callable[..., Any]]] = {
    "Weibull": (_POSITIVE, _weibull),
    "Logistic": (ep.Reals, _logistic),
    "LogNormal": (_POSITIVE, _lognormal),
    "Rayleigh": (_POSITIVE, _rayleigh),
    "Geometric": (ep.S.Naturals0, _geometric),
    "Gumbel": (ep.Reals, _gumbel),
    "Cauchy": (ep.Reals, _cauchy),
    "HalfNormal": (_POSITIVE, _half_normal),
    "Pareto": (ep.Interval.open(1, ep.oo), _pareto),
    "Power": (ep.Interval.open(0, 1), _power),
    "InverseGaussian": (_POSITIVE, _inverse_gaussian),
    "TwoNormals": (ep.Reals, _two_normals),
    "NaturalNormal": (ep.Reals, _natural_normal),
}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda *args: _total(args),
    "*": lambda a, b: a * b,
    "-": lambda a, b: a - b,
    "/": lambda a, b: ep.Rational(a, b) if isinstance(a, int) and isinstance(b, int) else a / b,
    "**": lambda a, b: a**b,
    "@": lambda a, b: a @ b,
    "exp": ep.exp,
    "log": ep.log,
    "sqrt": ep.sqrt,
    "sin": ep.sin,
    "cos": ep.cos,
    "tanh": ep.tanh,
    "abs": ep.Abs,
    "sigmoid": ep.sigmoid,
    "softplus": ep.softplus,
    "sum": lambda a: a.sum(),
    "T": lambda a: a.T,
    "column": lambda a: a[:, None],
    "diag": ep.diag,
    "eye": ep.eye,
    "inv": ep.inv,
    "at": lambda a, *places: a[places if len(places) > 1 else places[0]],
    "list": lambda *args: list(args),
    "from": lambda start: slice(start, None),
    "all": lambda: slice(None),
}


def _total(args: tuple[Any, ...]) -> Any:
    total = args[0]
    for a in args[1:]:
        total = total + a
    return total


def value(e: Expression, values: Mapping[str, Any]) -> Any:
    """The expression in the package's arrays."""
    if isinstance(e, Op):
        return _FUNCTIONS[e.name](*(value(a, values) for a in e.args))
    return values[e] if isinstance(e, str) else e
