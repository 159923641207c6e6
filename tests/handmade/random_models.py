"""Random directed models in the language, to see whether what is said about them is true."""

from __future__ import annotations

from random import Random
from typing import Any

from entropy_proofs import (
    Bernoulli,
    Beta,
    Categorical,
    Exponential,
    Gamma,
    InverseGamma,
    Laplace,
    Model,
    MultivariateNormal,
    Normal,
    Poisson,
    StudentT,
    exp,
    eye,
    sqrt,
)


class Builder:
    """Declares variables one after another, each with arguments made of what is there already."""

    def __init__(self, seed: int):
        self.draw = Random(seed)
        self.model = Model(f"random {seed}")
        self.D, self.H, self.K = self.model.dims("D", "H", "K")
        self.vectors: list[Any] = []  # real latents of size H
        self.scalars: list[Any] = []  # real scalar latents
        self.positives: list[Any] = []  # positive scalar latents
        self.categories: list[Any] = []  # categories of K
        self.count = 0

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def parameter(self, *shape: Any, domain: str = "real") -> Any:
        fixed = self.draw.random() < 0.15
        return self.model.parameter(self.name("p"), *shape, domain=domain, fixed=fixed)

    def choose(self, *options: Any) -> Any:
        return self.draw.choice([o for o in options if o is not None])()

    # arguments ------------------------------------------------------------------------------------
    def positive(self, size: Any = None) -> Any:
        """A variance, scale or rate: a scalar, or a vector of this size."""
        shape = () if size is None else (size,)
        category = self.draw.choice(self.categories) if self.categories else None
        latent = self.draw.choice(self.positives) if self.positives else None
        return self.choose(
            lambda: self.parameter(*shape, domain="positive"),
            lambda: self.parameter(domain="positive"),
            lambda: exp(self.parameter(*shape)),
            lambda: self.parameter(domain="positive") ** 2,
            lambda: 1 / self.parameter(domain="positive"),
            lambda: sqrt(self.parameter(domain="positive")),
            lambda: self.parameter(domain="positive") + self.parameter(domain="positive"),
            lambda: 1,
            (category is not None and (lambda: self.parameter(self.K, domain="positive")[category])) or None,
            (latent is not None and (lambda: latent)) or None,
            (latent is not None and (lambda: latent * self.parameter(domain="positive"))) or None,
        )  # fmt: skip

    def mean(self, size: Any = None) -> Any:
        """A location: a scalar, or a vector of this size."""
        shape = () if size is None else (size,)
        vector = self.draw.choice(self.vectors) if self.vectors else None
        scalar = self.draw.choice(self.scalars) if self.scalars else None
        category = self.draw.choice(self.categories) if self.categories else None
        options = [
            lambda: 0,
            lambda: self.parameter(*shape),
            (vector is not None and (lambda: self.parameter(*shape, self.H) @ vector)) or None,
            (vector is not None and (lambda: self.parameter(*shape, self.H) @ vector + self.parameter(*shape))) or None,
            (scalar is not None and (lambda: self.parameter(*shape) * scalar)) or None,
            (scalar is not None and (lambda: self.parameter(*shape) * scalar**2)) or None,
            (category is not None and (lambda: self.parameter(self.K, *shape)[category])) or None,
        ]  # fmt: skip
        if vector is not None and size is not None and self.draw.random() < 0.4:
            return self.model.network(self.name("f"), vector, size)
        return self.choose(*options)

    # variables ------------------------------------------------------------------------------------
    def latent(self) -> None:
        model, name = self.model, self.name("z")
        kind = self.draw.choice(["vector", "vector", "scalar", "positive", "category", "chain"])
        if kind == "vector":
            family = self.draw.choice([Normal, Laplace])
            scale = {"variance" if family is Normal else "scale": self.positive(self.H)}
            self.vectors.append(model.latent(name, family(mean=self.mean(self.H), **scale), self.H))
        elif kind == "scalar":
            family = Normal(mean=self.mean(), variance=self.positive())
            self.scalars.append(model.latent(name, family))
        elif kind == "positive":
            family = self.choose(
                lambda: Gamma(shape=self.positive(), rate=self.positive()),
                lambda: InverseGamma(shape=self.positive(), scale=self.positive()),
                lambda: Exponential(rate=self.positive()),
            )
            self.positives.append(model.latent(name, family))
        elif kind == "category":
            rho = self.parameter(self.K, domain="simplex")
            self.categories.append(model.latent(name, Categorical(probabilities=rho)))
        else:
            q, phi = self.positive(), self.parameter()
            chain = model.chain(name, initial=Normal(mean=0, variance=q), length=self.H,
                                transition=lambda z: Normal(mean=phi * z, variance=self.positive()))  # fmt: skip
            self.vectors.append(chain)

    def observed(self) -> None:
        D, name = self.D, self.name("x")
        family = self.choose(
            lambda: Normal(mean=self.mean(D), variance=self.positive(D)),
            lambda: Normal(mean=self.mean(D), variance=self.positive(D)),
            lambda: Laplace(mean=self.mean(D), scale=self.positive(D)),
            lambda: Poisson(rate=exp(self.mean(D))),
            lambda: Poisson(rate=self.positive(D)),
            lambda: Bernoulli(logits=self.mean(D)),
            lambda: Gamma(shape=self.positive(D), rate=self.positive(D)),
            lambda: Beta(alpha=self.positive(D), beta=self.positive(D)),
            lambda: StudentT(mean=self.mean(D), scale2=self.positive(), degrees_of_freedom=self.positive()),
            lambda: Exponential(rate=exp(self.mean(D))),
        )  # fmt: skip
        if self.draw.random() < 0.2:
            covariance = self.choose(
                lambda: self.parameter(D, D, domain="positive definite"),
                lambda: self.positive() * eye(D),
                lambda: self.positive() * self.parameter(D, D, domain="positive definite"),
            )
            self.model.observed(name, MultivariateNormal(mean=self.mean(D), covariance=covariance))
            return
        self.model.observed(name, family, D)


def random_model(seed: int) -> Model:
    """One to three latents and one or two observed variables."""
    builder = Builder(seed)
    for _ in range(builder.draw.randint(0, 3)):
        builder.latent()
    for _ in range(builder.draw.randint(1, 2)):
        builder.observed()
    return builder.model


__all__ = ["random_model"]
