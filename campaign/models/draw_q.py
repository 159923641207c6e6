"""Variational distributions of latents, drawn: their parameters, own or shared ones, and data."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from campaign.models.arguments import HALF
from campaign.models.choices import Choice, Choices
from campaign.models.describe import (
    Distribution,
    Expression,
    Posterior,
    Shape,
    Size,
    Variable,
    of,
    op,
)


def posteriors(c: Choices) -> Iterator[Posterior]:
    """q of most of the latents that are no chains."""
    plain = {d.name: d.observed for d in c.declared if isinstance(d, Variable)}
    data = [v.name for v in c.variables if plain.get(v.name) and not v.shape and v.kind in _DATA]
    for v in c.variables:
        if plain.get(v.name) is False and v.kind in _FAMILIES and c.chance(70):
            yield Posterior(v.name, _FAMILIES[v.kind](_Arguments(c, v.shape, data)))


_DATA = {"real", "positive", "unit", "count"}  # that q of a data point may depend on as numbers


class _Arguments:
    """Expressions of the shape of a latent."""

    def __init__(self, c: Choices, shape: Shape, data: list[str]):
        self.c, self.shape, self.data = c, shape, data
        self.own = partial(c.variational_parameter, *shape)
        self.one = c.variational_parameter

    def real(self) -> Expression:
        return self.c.made(
            self.own,
            self.one,
            lambda: op("*", 2, self.own()),
            lambda: op("**", self.own(), 3),
            lambda: 0,
            *(partial(self._driven, name) for name in self.data[:1]),
        )

    def _driven(self, name: str) -> Expression:
        return op("+", self.own(), op("*", self.one(), name))

    def positive(self) -> Expression:
        own, one = partial(self.own, domain="positive"), partial(self.one, domain="positive")
        return self.c.made(
            own,
            one,
            lambda: op("exp", self.own()),
            lambda: op("softplus", self.own()),
            lambda: op("**", own(), 2),
            lambda: op("/", 1, own()),
            lambda: op("*", one(), own()),
            lambda: op("+", own(), 1),
            lambda: 1,
            self.own,
            lambda: op("**", self.own(), 2),
            *(partial(op, "exp", name) for name in self.data[:1]),
        )

    def unit(self) -> Expression:
        return self.c.made(
            partial(self.own, domain="unit interval"),
            lambda: op("sigmoid", self.own()),
            lambda: HALF,
        )

    def concentration(self) -> Expression:
        return self.own(domain="positive")

    def covariance(self) -> Expression:
        n: Size = self.shape[0]
        matrix = partial(self.one, n, n, domain="positive definite")
        return self.c.made(
            matrix,
            lambda: op("diag", self.one(n, domain="positive")),
            lambda: op("*", self.one(domain="positive"), op("eye", n)),
            lambda: op("eye", n),
            lambda: op("inv", matrix()),
        )


def _real(a: _Arguments) -> Distribution:
    options: list[Choice[Distribution]] = [
        lambda: of("Normal", mean=a.real(), variance=a.positive()),
        lambda: of("Normal", mean=a.real(), variance=a.positive()),
        lambda: of("Laplace", mean=a.real(), scale=a.positive()),
        lambda: of("Logistic", mean=a.real(), scale=a.positive()),
        lambda: of("Gumbel", mean=a.real(), scale=a.positive()),
    ]
    if len(a.shape) == 1:
        options += [lambda: of("MultivariateNormal", mean=a.own(), covariance=a.covariance())]
    return a.c.choose(options)()


def _positive(a: _Arguments) -> Distribution:
    return a.c.made(
        lambda: of("Gamma", shape=a.positive(), rate=a.positive()),
        lambda: of("InverseGamma", shape=a.positive(), scale=a.positive()),
        lambda: of("Exponential", rate=a.positive()),
        lambda: of("LogNormal", mean=a.real(), variance=a.positive()),
        lambda: of("Weibull", shape=a.positive(), scale=a.positive()),
    )


def _category(a: _Arguments) -> Distribution:
    k = a.c.size("K")
    return a.c.made(
        lambda: of("Categorical", probabilities=a.own(k, domain="simplex")),
        lambda: of("Categorical", logits=a.own(k)),
        lambda: of("Categorical", probabilities=op("at", a.one(k, k, domain="simplex"), 0)),
    )


def _binary(a: _Arguments) -> Distribution:
    return a.c.made(
        lambda: of("Bernoulli", probability=a.unit()), lambda: of("Bernoulli", logits=a.real())
    )


_FAMILIES = {
    "real": _real,
    "positive": _positive,
    "unit": lambda a: of("Beta", alpha=a.positive(), beta=a.positive()),
    "simplex": lambda a: of("Dirichlet", concentration=a.concentration()),
    "category": _category,
    "binary": _binary,
    "count": lambda a: of("Poisson", rate=a.positive()),
}

__all__ = ["posteriors"]
