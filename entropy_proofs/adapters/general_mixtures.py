"""pomegranate's mixtures of one kind of component."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import FLOOR, Arrays, FittedModel, each, table_of
from entropy_proofs.adapters.gaussian_mixtures import KINDS, check_not_collapsed
from entropy_proofs.adapters.registry import only_x
from entropy_proofs.errors import InputError
from entropy_proofs.families.entering import Array

_KIND = "GeneralMixtureModel"


def _as_it_is(found: Array) -> Array:
    return found


def _positive(found: Array) -> Array:
    return np.maximum(found, FLOOR)


def _below_one(found: Array) -> Array:
    return np.clip(found, FLOOR, 1 - np.finfo(float).epsneg)


def _rows(found: Array) -> Array:
    floored = _positive(found)
    return floored / floored.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class _Components:
    """Components of one kind, as a model of the catalogue.

    attributes: {parameter: pomegranate's attribute}.
    turned: from an attribute to its parameter.
    inside: a parameter, off the ends of its domain, where EM may lead it.
    """

    model: str
    attributes: dict[str, str]
    turned: Callable[[Array], Array] = _as_it_is
    inside: Callable[[Array], Array] = _as_it_is

    def altered(self, parameters: Arrays, counts: Arrays) -> Arrays:
        """Parameters after an exact update, off the ends of their domains."""
        own = {name: self.inside(parameters[name]) for name in self.attributes}
        return {**parameters, **own, "rho": _rows(parameters["rho"])}


_ONE_OF = {
    "Exponential": _Components("exponential_mixture", {"lam": "scales"}, lambda s: 1 / s),
    "Poisson": _Components("poisson_mixture", {"lam": "lambdas"}, inside=_positive),
    "Bernoulli": _Components("bernoulli_mixture", {"theta": "probs"}, inside=_below_one),
    "Categorical": _Components("categorical_mixture", {"theta": "probs"}, inside=_rows),
    "Gamma": _Components("gamma_mixture", {"a": "shapes", "b": "rates"}),
}
_COVARIANCES = {"full": "full", "diag": "diag", "sphere": "spherical"}


def general_mixture(mixture: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `GeneralMixtureModel` of Normal, Exponential, Poisson, Bernoulli, Categorical or Gamma.

    pomegranate computes in single precision unless it is told to by `.double()`, and its priors add
    up to one in single precision only; F is that of the parameters as they are, the priors scaled.
    """
    only_x(mixture, y, lengths)
    components = list(mixture.distributions)
    if not getattr(mixture, "_initialized", False):
        raise InputError(f"{_KIND}: is not fitted: its distributions have no parameters")
    kind = _kind_of(components)
    _check_free(mixture, components)
    known = _normal(components) if kind == "Normal" else _ONE_OF[kind]
    arrays = {
        name: known.inside(known.turned(_stacked(components, attribute)))
        for name, attribute in known.attributes.items()
    }
    for name in {"Sigma", "sigma2"} & arrays.keys():
        check_not_collapsed(_KIND, "distributions[{}].covs", arrays[name], name == "Sigma")
    priors = _rows(_numbers(mixture, "priors", ""))
    x = table_of(X, int(mixture.d), _KIND)
    blocks = {
        name: tuple((f"distributions[{k}].{attribute}", (k,)) for k in range(len(components)))
        for name, attribute in known.attributes.items()
    }
    return FittedModel(
        estimator=_KIND,
        model=known.model,
        parameters={"rho": priors, **arrays},
        data=({"x": x},),
        blocks={"rho": each("priors", len(components)), **blocks},
        rows=len(x),
        altered=known.altered,
    )


def _kind_of(components: Sequence[Any]) -> str:
    """Raises InputError unless all components are of one kind that is audited."""
    kinds = list(dict.fromkeys(type(c).__name__ for c in components))
    known = ("Normal", *_ONE_OF)
    if len(kinds) > 1:
        raise InputError(f"{_KIND}: components of several kinds ({', '.join(kinds)}), not of one")
    if kinds[0] not in known:
        raise InputError(f"{_KIND}: {kinds[0]} components are not audited, {', '.join(known)} are")
    return kinds[0]


def _normal(components: Sequence[Any]) -> _Components:
    given = list(dict.fromkeys(c.covariance_type for c in components))
    if len(given) > 1:
        raise InputError(f"{_KIND}: components with covariances of several types: {given}")
    model, name = KINDS[_COVARIANCES[given[0]]]
    return _Components(model, {"mu": "means", name: "covs"})


def _check_free(mixture: Any, components: Sequence[Any]) -> None:
    """Raises InputError for what is held fixed or adds to counts."""
    if bool(mixture.frozen):
        raise InputError(f"{_KIND}: is frozen, so that it does not learn")
    for k, component in enumerate(components):
        if bool(component.frozen):
            raise InputError(f"{_KIND}: distributions[{k}] is frozen, which is not audited")
        if getattr(component, "pseudocount", 0):
            raise InputError(f"{_KIND}: distributions[{k}] has a pseudocount, which is not audited")


def _stacked(components: Sequence[Any], attribute: str) -> Array:
    found = [_numbers(c, attribute, f"distributions[{k}].") for k, c in enumerate(components)]
    if len({a.shape for a in found}) > 1:
        shapes = ", ".join(str(a.shape) for a in found)
        raise InputError(f"{_KIND}: components have {attribute} of several shapes: {shapes}")
    return np.stack(found)


def _numbers(owner: Any, attribute: str, prefix: str) -> Array:
    """An attribute, a tensor, in double precision."""
    found = np.asarray(getattr(owner, attribute).detach().cpu().numpy(), float)
    if not np.isfinite(found).all():
        raise InputError(f"{_KIND}: {prefix}{attribute} has NaN or infinity")
    return found
