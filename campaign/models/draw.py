"""Strategies that draw descriptions: small models over all that the language has."""

from __future__ import annotations

from hypothesis import strategies as st

from campaign.models.arguments import Arguments
from campaign.models.choices import Choice, Choices, Known
from campaign.models.describe import (
    PREVIOUS,
    TIME,
    Chain,
    Description,
    Distribution,
    Expression,
    Shape,
    Size,
    Variable,
    Weights,
    of,
    op,
)
from campaign.models.draw_q import posteriors


class Drawing:
    """Declares variables one after another, with arguments made of what is there already."""

    def __init__(self, draw: st.DrawFn):
        self.c = Choices(draw)
        self.a = Arguments(self.c)

    # distributions --------------------------------------------------------------------------------
    def scalar_family(self, shape: Shape) -> tuple[str, Distribution]:
        """A family of scalars, with the kind of its values."""

        real, positive, unit = self.a.real, self.a.positive, self.a.unit
        options: list[Choice[tuple[str, Distribution]]] = [
            lambda: ("real", of("Normal", mean=real(shape), variance=positive(shape))),
            lambda: ("real", of("Laplace", mean=real(shape), scale=positive(shape))),
            lambda: ("binary", of("Bernoulli", probability=unit(shape))),
            lambda: ("binary", of("Bernoulli", logits=real(shape))),
            lambda: ("count", of("Poisson", rate=positive(shape))),
            lambda: ("positive", of("Exponential", rate=positive(shape))),
            lambda: ("positive", of("Gamma", shape=positive(shape), rate=positive(shape))),
            lambda: ("unit", of("Beta", alpha=positive(shape), beta=positive(shape))),
            lambda: ("positive", of("InverseGamma", shape=positive(shape), scale=positive(shape))),
            lambda: ("real", of("StudentT", mean=real(shape), scale2=positive(shape),
                                degrees_of_freedom=self.c.known_or_learned(3))),
            lambda: ("real", of("GeneralizedNormal", mean=real(shape), scale=positive(shape),
                                power=self.c.known_or_learned(3))),
            lambda: ("angle", of("VonMises", mean=self.c.made(lambda: 0, self.c.parameter),
                                 concentration=positive(shape))),
            lambda: ("count", of("Binomial", trials=3, probability=unit(shape))),
            lambda: ("positive", of("Weibull", shape=self.c.known_or_learned(2),
                                    scale=positive(shape))),
            lambda: ("positive", of("LogNormal", mean=real(shape), variance=positive(shape))),
            lambda: ("positive", of("Rayleigh", scale=positive(shape))),
            lambda: ("count", of("Geometric", probability=unit(shape))),
            lambda: ("real", of("Logistic", mean=real(shape), scale=positive(shape))),
            lambda: ("real", of("Gumbel", mean=real(shape), scale=positive(shape))),
            lambda: ("real", of("Cauchy", mean=real(shape), scale=positive(shape))),
            lambda: ("positive", of("HalfNormal", scale=positive(shape))),
            lambda: ("above one", of("Pareto", shape=positive(shape))),
            lambda: ("unit", of("Power", shape=positive(shape))),
            lambda: ("positive", of("InverseGaussian", mean=positive(shape),
                                    shape=positive(shape))),
            lambda: ("real", of("TwoNormals", first=real(shape), second=real(shape),
                                variance=positive(shape), weight=unit(shape))),
            lambda: ("real", of("NaturalNormal", linear=real(shape), precision=positive(shape))),
        ]  # fmt: skip
        return self.c.choose(options)()

    # variables ------------------------------------------------------------------------------------
    def latent(self) -> None:
        h, n = self.c.size("H"), self.c.size("N")
        self.c.made(
            lambda: self.fixed_prior((h,)),
            lambda: self.scalars(False, ()),
            lambda: self.category(()),
            lambda: self.scalars(False, (h,)),
            lambda: self.fixed_prior(()),
            lambda: self.chain(False),
            lambda: self.vectors(False),
            lambda: self.scalars(False, (n,)),
            lambda: self.scalars(False, (n, h)),
            lambda: self.fixed_prior((n, h)),
            lambda: self.category((n,)),
        )

    def observed(self) -> None:
        d, n = self.c.size("D"), self.c.size("N")
        if self.c.variables and self.c.chance(40):  # beside what is there
            return self.scalars(True, self.c.choose(self.c.variables).shape)
        return self.c.made(
            lambda: self.scalars(True, ()),
            lambda: self.scalars(True, (d,)),
            lambda: self.scalars(True, (d,)),
            lambda: self.scalars(True, (n, d)),
            lambda: self.vectors(True),
            lambda: self.chain(True),
            lambda: self.categorical(True),
        )

    def add(self, variable: Variable | Chain, kind: str, shape: Shape) -> None:
        self.c.declared.append(variable)
        self.c.variables.append(Known(variable.name, kind, shape))

    def scalars(self, observed: bool, shape: Shape) -> None:
        kind, distribution = self.scalar_family(shape)
        name = self.c.name("x" if observed else "z")
        self.add(Variable(name, observed, distribution, shape), kind, shape)

    def fixed_prior(self, shape: Shape) -> None:
        family, scale = self.c.choose([("Normal", "variance"), ("Laplace", "scale")])
        distribution = Distribution(family, (("mean", 0), (scale, 1)))
        self.add(Variable(self.c.name("z"), False, distribution, shape), "real", shape)

    def category(self, shape: Shape) -> None:
        distribution = Distribution("Categorical", self.a.categories())
        self.add(Variable(self.c.name("c"), False, distribution, shape), "category", shape)

    def categorical(self, observed: bool) -> None:
        distribution = Distribution("Categorical", self.a.categories())
        self.add(Variable(self.c.name("x"), observed, distribution), "category", ())

    def vectors(self, observed: bool) -> None:
        d = self.c.size("D" if observed else "H")
        k = self.c.size("K")
        name = self.c.name("x" if observed else "z")

        def normal() -> tuple[str, Size, Distribution]:
            given = (("mean", self.a.real((d,))), ("covariance", self.a.covariance(d)))
            return "real", d, Distribution("MultivariateNormal", given)

        def dirichlet() -> tuple[str, Size, Distribution]:
            given = (("concentration", self.full(self.a.positive((k,)), k)),)
            return "simplex", k, Distribution("Dirichlet", given)

        def counts() -> tuple[str, Size, Distribution]:
            given = (("trials", 3), *self.a.categories())
            return "counts", k, Distribution("Multinomial", given)

        families = [normal, dirichlet, counts] if observed else [normal, dirichlet]
        kind, size, distribution = self.c.choose(families)()
        self.add(Variable(name, observed, distribution), kind, (size,))

    def full(self, e: Expression, n: Size) -> Expression:
        """A vector even where the expression is a scalar."""
        return op("*", e, self.c.parameter(n, domain="positive"))

    def chain(self, observed: bool) -> None:
        length = self.c.size("T")
        name = self.c.name("x" if observed else "z")

        def normal() -> tuple[str, Distribution, Distribution]:
            family, scale = self.c.choose([("Normal", "variance"), ("Laplace", "scale")])
            first = of(
                family, mean=self.c.made(lambda: 0, self.c.parameter), **{scale: self.a.positive()}
            )
            mean = op("*", self.c.parameter(), PREVIOUS)
            return "real", first, of(family, mean=mean, **{scale: self.a.positive()})  # fmt: skip

        def walk() -> tuple[str, Distribution, Distribution]:
            first = of("Normal", mean=0, variance=self.a.positive())
            return "real", first, of("Normal", mean=PREVIOUS, variance=self.a.positive())

        def states() -> tuple[str, Distribution, Distribution]:
            k = self.c.size("K")
            rows = op("at", self.c.parameter(k, k, domain="simplex"), PREVIOUS)
            first = Distribution(
                "Categorical", (("probabilities", self.c.parameter(k, domain="simplex")),)
            )
            return "category", first, of("Categorical", probabilities=rows)  # fmt: skip

        def vectors() -> tuple[str, Distribution, Distribution]:
            h = self.c.size("H")
            first = of(
                "MultivariateNormal",
                mean=self.c.made(lambda: 0, lambda: self.c.parameter(h)),
                covariance=self.a.covariance(h),
            )
            mean = op("@", self.c.parameter(h, h), PREVIOUS)
            after = of("MultivariateNormal", mean=mean, covariance=self.a.covariance(h))
            return "vectors", first, after

        def logits() -> tuple[str, Distribution, Distribution]:
            k = self.c.size("K")
            rows = op("at", self.c.parameter(k, k), PREVIOUS)
            first = of("Categorical", logits=self.c.parameter(k))
            return "category", first, of("Categorical", logits=rows)

        def switch() -> tuple[str, Distribution, Distribution]:
            first = of("Bernoulli", probability=self.a.unit())
            logits = op("+", self.c.parameter(), op("*", self.c.parameter(), PREVIOUS))
            table = op("at", self.c.parameter(2, domain="unit interval"), PREVIOUS)
            given = {"logits": logits} if self.c.chance(50) else {"probability": table}
            return "binary", first, of("Bernoulli", **given)

        def positive() -> tuple[str, Distribution, Distribution]:
            first = of("Gamma", shape=self.a.positive(), rate=self.a.positive())
            t = self.c.positive_parameter()
            after = self.c.made(
                lambda: of("Gamma", shape=t, rate=op("/", t, PREVIOUS)),
                lambda: of("Gamma", shape=op("*", t, PREVIOUS), rate=t),
                lambda: of("Gamma", shape=self.a.positive(), rate=op("*", t, PREVIOUS)),
            )
            return "positive", first, after

        def counts() -> tuple[str, Distribution, Distribution]:
            rate = op(
                "+", self.c.positive_parameter(), op("*", self.c.positive_parameter(), PREVIOUS)
            )
            return "count", of("Poisson", rate=self.a.positive()), of("Poisson", rate=rate)

        def timed() -> tuple[str, Distribution, Distribution]:
            return self.timed(length)

        kind, first, after = self.c.choose(
            [normal, states, switch, walk, positive, counts, vectors, logits, timed, timed]
        )()
        self.add(Chain(name, observed, first, after, length), kind, (length,))

    def timed(self, length: Size) -> tuple[str, Distribution, Distribution]:
        """Steps that know their time: by inputs, parameters of the step, or other chains."""

        def here(domain: str = "real", fixed: bool | None = None) -> Expression:
            return op("at", self.c.parameter(length, domain=domain, fixed=fixed), TIME)

        def switched(domain: str) -> Expression:
            chain = self.c.parent("category", shape=(length,))
            if chain is None:
                return here(domain)
            table = self.c.parameter(self.c.size("K"), domain=domain)
            return op("at", table, op("at", chain.name, TIME))

        def variance() -> Expression:
            return self.c.made(
                self.a.positive,
                lambda: switched("positive"),
                lambda: here("positive"),
                lambda: op("*", self.a.positive(), here("positive", fixed=True)),
                lambda: op("*", self.a.positive(), TIME),
                lambda: op("exp", op("*", self.c.parameter(), here(fixed=True))),
                lambda: op("exp", op("+", self.c.parameter(), here(fixed=True))),
                lambda: op("exp", op("*", self.c.parameter(), TIME)),
            )

        def real() -> tuple[str, Distribution, Distribution]:
            family, scale = self.c.choose([("Normal", "variance"), ("Laplace", "scale")])
            moved = op("*", self.c.made(self.c.parameter, here), PREVIOUS)
            driven = op("*", self.c.parameter(), here(fixed=True))
            mean = self.c.made(
                lambda: moved,
                lambda: op("+", moved, driven),
                lambda: op("+", moved, switched("real")),
                lambda: op("+", moved, op("*", self.c.parameter(), TIME)),
            )
            first = of(family, mean=0, **{scale: self.a.positive()})
            return "real", first, of(family, mean=mean, **{scale: variance()})

        def waiting() -> tuple[str, Distribution, Distribution]:
            rate = self.c.made(lambda: op("/", variance(), PREVIOUS), variance)
            return (
                "positive",
                of("Exponential", rate=self.a.positive()),
                of("Exponential", rate=rate),
            )

        def bits() -> tuple[str, Distribution, Distribution]:
            logits = op("+", self.c.parameter(), op("*", self.c.parameter(), PREVIOUS))
            logits = self.c.made(
                lambda: op("+", logits, op("*", self.c.parameter(), here(fixed=True))),
                lambda: op("*", logits, TIME),
                lambda: op("+", logits, switched("real")),
            )
            first = of("Bernoulli", probability=self.a.unit())
            return "binary", first, of("Bernoulli", logits=logits)

        return self.c.choose([real, real, waiting, bits])()


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    """One to four conditionals; the last is observed."""
    drawing = Drawing(draw)
    latent, observed = drawing.c.choose(
        [(0, 1), (0, 1), (1, 1), (1, 1), (2, 1), (0, 2), (1, 2), (2, 2)]
    )
    for _ in range(latent):
        drawing.latent()
    for _ in range(observed):
        drawing.observed()
    latent = any(isinstance(d, (Variable, Chain)) and not d.observed for d in drawing.c.declared)
    weights = _weights(drawing) if latent and drawing.c.chance(7) else None
    q = tuple(posteriors(drawing.c)) if latent and drawing.c.chance(20) else ()
    declared, variational = tuple(drawing.c.declared), tuple(drawing.c.variational)
    return Description(_symbols(drawing), declared, weights, variational, q)


def _symbols(drawing: Drawing) -> tuple[str, ...]:
    return tuple(n for n in drawing.c.sizes.values() if isinstance(n, str))


def _weights(drawing: Drawing) -> Weights:
    beta = drawing.c.parameter(domain="positive", fixed=True)
    variables = [d for d in drawing.c.declared if isinstance(d, (Variable, Chain))]
    latent = [d.name for d in variables if not d.observed]
    of = latent if drawing.c.chance(70) else [d.name for d in variables if d.observed][:1]
    q: Expression = beta if drawing.c.chance(60) else 1
    return Weights(tuple((n, beta) for n in of), q)


__all__ = ["descriptions"]
