"""Arguments of families, drawn: locations, scales, probabilities and covariances."""

from __future__ import annotations

from functools import partial

from campaign.models.choices import Choice, Choices, Known
from campaign.models.describe import Expression, Network, Shape, Size, op

HALF = op("/", 1, 2)


class Arguments:
    """Expressions of given shapes, made of new or earlier parameters and of parents."""

    def __init__(self, choices: Choices):
        self.c = choices
        self.depth = 0  # of positive expressions within each other

    # real arguments -------------------------------------------------------------------------------
    def real(self, shape: Shape = ()) -> Expression:
        """A location or logit of this shape, or one that broadcasts to it."""
        options: list[Choice[Expression] | None] = [
            lambda: self.c.parameter(*shape),
            lambda: self.c.parameter(),
            lambda: 0,
            lambda: op("*", 2, self.c.parameter(*shape)),
            lambda: op("sin", self.c.parameter(*shape)),
            lambda: op("+", self.c.parameter(*shape), self.c.parameter(*shape)),
            lambda: op("*", self.c.parameter(*shape), self.c.parameter(*shape)),
            lambda: self.composed_real(shape),
        ]
        if len(shape) == 1:
            options += self._designs(shape[0])
        if len(shape) == 2:
            options += self._tables(shape)
        if len(shape) < 2 and self.depth < 2:
            options += [self._network_of_known(shape)]
        return self.c.preferring(self._real_of_parents(shape), options)

    def _many_categories(self, shape: Shape) -> tuple[Size, str] | None:
        """An array of categories of this shape: how many there are, and its name."""
        found = self.c.parent("category", "binary", shape=shape) if shape else None
        if found is None:
            return None
        return (2 if found.kind == "binary" else self.c.size("K")), found.name

    def _network_of_known(self, shape: Shape) -> Choice[Expression]:
        def made() -> Expression:
            known = self.c.parameter(self.c.size("M"), fixed=True)
            return self.c.made(*self._networks(shape, known))

        return made

    def _real_of_parents(self, shape: Shape) -> list[Choice[Expression] | None]:
        vector = self.c.parent("real", "positive", "unit", shape=(self.c.size("H"),))
        scalar = self.c.parent("real", "positive", "unit", "binary", "count", shape=())
        category = self.c.parent("category", shape=())
        same = self.c.parent("real", shape=shape)
        inputs = vector or scalar or category
        options: list[Choice[Expression] | None] = []
        if scalar is not None:
            name = scalar.name
            options += [
                lambda: op("*", self.c.parameter(*shape), name),
                lambda: op("+", op("*", self.c.parameter(*shape), name), self.c.parameter(*shape)),
                lambda: op("*", self.c.parameter(*shape), op("**", name, 2)),
                lambda: op("*", self.c.parameter(*shape), op("exp", name)),
                lambda: op("sin", op("*", self.c.parameter(*shape), name)),
                lambda: op("abs", op("*", self.c.parameter(*shape), name)),
            ]
            other = self.c.parent("real", "positive", "binary", shape=())
            if other is not None:
                product = op("*", name, other.name)
                options += [lambda: op("*", self.c.parameter(*shape), product)]
        if same is not None:
            options += [lambda: same.name, lambda: op("+", same.name, self.c.parameter(*shape))]
        if category is not None:
            options += [lambda: op("at", self.c.parameter(self.c.size("K"), *shape), category.name)]
        if shape == () and vector is not None:
            h, z = self.c.size("H"), vector.name
            options += [
                lambda: op("@", self.c.parameter(h), z),
                lambda: op("@", op("at", self.c.parameter(self.c.size("K"), h), 0), z),
                lambda: op("*", self.c.parameter(), op("sum", z)),
                lambda: op("at", z, 0),
                lambda: op("@", z, z),
            ]
        if len(shape) == 1:
            options += self._maps(shape[0], vector)
        if len(shape) == 2:
            options += self._tables_of_parents(shape)
        if (many := self._many_categories(shape)) is not None:
            k, chosen = many
            options += [lambda: op("at", self.c.parameter(k), chosen)] * 2
        if inputs is not None and inputs.kind not in {"binary", "count"}:
            options += self._networks(shape, inputs.name, inputs.kind == "category")
        return options

    def _designs(self, n: Size) -> list[Choice[Expression] | None]:
        def design() -> Expression:
            product = op("@", self.c.parameter(n, self.c.size("M"), fixed=True), self.weights("M"))
            return op("+", product, self.c.parameter()) if self.c.chance(50) else product

        def row() -> Expression:
            return op("*", self.c.parameter(n, fixed=True), self.c.parameter())

        def tail() -> Expression:
            return op("sum", op("at", self.c.parameter(n), op("from", 1)))

        return [design, row, design, tail]

    def weights(self, role: str) -> Expression:
        return self.c.parameter(self.c.size(role), fixed=False)

    def _maps(self, n: Size, vector: Known | None) -> list[Choice[Expression] | None]:
        if vector is None:
            return []
        name, h = vector.name, self.c.size("H")

        def linear() -> Expression:
            return op("@", self.c.parameter(n, h), name)

        def curved() -> Expression:
            link = self.c.choose(["exp", "abs", "sin", "tanh"])
            return op("@", self.c.parameter(n, h), op(link, name))

        return [linear, lambda: op("+", linear(), self.c.parameter(n)), linear, curved]

    def _tables(self, shape: Shape) -> list[Choice[Expression] | None]:
        (n, d), m = shape, self.c.size("M")
        return [
            lambda: self.c.parameter(d),
            lambda: op("*", op("column", self.c.parameter(n, fixed=True)), self.c.parameter(d)),
            lambda: op("@", self.c.parameter(n, m, fixed=True), self.c.parameter(m, d)),
        ]

    def _tables_of_parents(self, shape: Shape) -> list[Choice[Expression] | None]:
        n, d = shape
        rows = self.c.parent("real", "positive", shape=(n,))
        both = self.c.parent("real", "positive", shape=(n, self.c.size("H")))
        category = self.c.parent("category", shape=(n,))
        options: list[Choice[Expression] | None] = []
        if rows is not None:
            options += [lambda: op("+", self.c.parameter(d), op("column", rows.name))]
        if both is not None:

            def product() -> Expression:
                return op("@", both.name, op("T", self.c.parameter(d, self.c.size("H"))))

            options += [product, lambda: op("+", product(), self.c.parameter(d))]
        if category is not None:
            options += [lambda: op("at", self.c.parameter(self.c.size("K"), d), category.name)]
        return options

    def _networks(
        self, shape: Shape, of: Expression, discrete: bool = False
    ) -> list[Choice[Expression] | None]:
        if len(shape) > 1 or self.depth > 1:
            return []

        def network() -> Expression:
            name = self.c.name("f")
            options: list[tuple[str, ...]] = [(), (), (), ("V",), ("b",), ("V", "b")]
            fixed = self.c.choose(options if discrete else [*options, ("U",)])
            columns = not discrete and self.c.chance(10)
            more = self.c.parent("category", shape=()) if self.c.chance(30) else None
            inputs = (of,) if more is None or more.name == of else (of, more.name)
            self.c.declared.append(Network(name, inputs, shape, fixed, columns))
            return name

        return [network]

    # positive arguments ---------------------------------------------------------------------------
    def positive(self, shape: Shape = ()) -> Expression:
        """A variance, scale, rate or shape."""
        if self.depth > 1:
            return self.c.positive_parameter(*shape)
        if self.c.chance(4):
            return self._doubtful(shape)
        self.depth += 1
        options: list[Choice[Expression] | None] = [
            lambda: self.c.positive_parameter(*shape),
            lambda: self.c.positive_parameter(),
            lambda: 1,
            lambda: HALF,
            lambda: op("exp", self.c.parameter(*shape)),
            lambda: op("exp", self.real(shape)),
            lambda: op("exp", self.real(shape)),
            lambda: op("softplus", self.c.parameter(*shape)),
            lambda: op("softplus", self.real(shape)),
            lambda: op("+", 1, op("**", self.c.parameter(*shape), 2)),
            lambda: op("+", self.c.positive_parameter(*shape), 1),
            lambda: op("+", 2, op("sin", self.c.parameter(*shape))),
            lambda: op("+", 1, op("abs", self.c.parameter(*shape))),
            lambda: self._reciprocal(shape),
            lambda: op("sqrt", self.c.positive_parameter(*shape)),
            lambda: op("**", self.c.positive_parameter(*shape), 2),
            lambda: op("/", 1, self.c.positive_parameter(*shape)),
            lambda: op("+", self.c.positive_parameter(), self.c.positive_parameter(*shape)),
            lambda: op("*", self.c.positive_parameter(), self.c.positive_parameter(*shape)),
            lambda: op("/", self.c.positive_parameter(), self.c.positive_parameter(*shape)),
            lambda: op("*", self.c.positive_parameter(), self.positive(shape)),
            lambda: op("exp", op("*", self.c.parameter(fixed=True), self.c.parameter())),
            lambda: op("exp", op("*", op("-", self.c.size("D"), 1), self.c.parameter())),
            lambda: op("sigmoid", self.c.parameter(*shape)),
            lambda: self.composed(shape),
            lambda: self.composed(shape),
            lambda: self._with_known(shape),
            lambda: self._with_known(shape),
        ]
        if len(shape) == 1:
            options += [lambda: self._product(shape[0]), lambda: self._product(shape[0])]
        if shape == ():
            options += [lambda: op("at", self._table(), 0), lambda: op("at", self._table(), 1)]
        made = self.c.preferring(self._positive_of_parents(shape), options)
        self.depth -= 1
        return made

    def _positive_of_parents(self, shape: Shape) -> list[Choice[Expression] | None]:
        category = self.c.parent("category", shape=())
        latent = self.c.parent("positive", shape=())
        same = self.c.parent("positive", shape=shape)
        real = self.c.parent("real", shape=shape)
        options: list[Choice[Expression] | None] = []
        if category is not None:
            named = category.name
            options += [
                lambda: op("at", self._table(), named),
                lambda: op("*", self.c.positive_parameter(), op("at", self._table(), named)),
            ]
        if latent is not None:
            options += [
                lambda: latent.name,
                lambda: op("*", latent.name, self.c.positive_parameter(*shape)),
            ]
        if same is not None:
            options += [lambda: same.name]
        if real is not None:
            options += [lambda: op("exp", real.name)]
        if (many := self._many_categories(shape)) is not None:
            k, index = many
            options += [lambda: op("at", self.c.positive_parameter(k), index)]
        if options:
            link = self.c.choose(["exp", "softplus"])
            options += [lambda: op(link, self.real(shape))]
        return options

    def _doubtful(self, shape: Shape) -> Expression:
        """What is positive at some values or sizes, or at all, which its form does not tell."""
        n = self.c.size("D")
        p, t = partial(self.c.parameter, *shape), partial(self.c.positive_parameter, *shape)
        above = op("-", n, 1)
        return self.c.made(
            p,
            lambda: above,
            lambda: op("*", above, t()),
            lambda: op("abs", op("-", n, 2)),
            lambda: op("**", above, 2),
            lambda: op("**", p(), 2),
            lambda: op("abs", p()),
            lambda: op("+", t(), p()),
            lambda: op("-", t(), HALF),
            lambda: op("-", op("**", t(), 2), op("*", 2, t())),
            lambda: op("+", op("-", op("**", p(), 2), op("*", 2, p())), 1),
            lambda: op("+", 1, op("sin", p())),
            lambda: op("sum", op("at", self.c.positive_parameter(n), op("from", 1))),
            lambda: op("sum", op("at", self.c.parameter(n, domain="simplex"), op("from", 1))),
            lambda: op("+", op("sum", op("**", self.c.parameter(n), 2)), above),
            lambda: op("-", op("**", 2, n), 2),
        )

    def _table(self) -> Expression:
        """Something positive for each of K rows."""
        return self.c.positive_parameter(self.c.size("K"))

    def _with_known(self, shape: Shape) -> Expression:
        """Something positive whose field has a pole in known constants, sizes or tables."""
        t = partial(self.c.positive_parameter, *shape)
        a = partial(self.c.parameter, fixed=True)
        b = partial(self.c.parameter, domain="positive", fixed=True)
        w = partial(self.c.parameter, *shape, fixed=False)

        def many() -> Expression:
            return self.c.parameter(self.c.size("M"), fixed=True)

        k = self.c.size("K")
        return self.c.made(
            lambda: op("**", t(), a()),
            lambda: op("**", t(), op("-", b(), 1)),
            lambda: op("+", op("*", b(), t()), b()),
            lambda: op("+", op("*", b(), t()), op("*", b(), t())),
            lambda: op("exp", op("*", op("-", a(), a()), w())),
            lambda: op("exp", op("+", op("*", a(), w()), op("*", a(), w()))),
            lambda: op("exp", op("*", op("-", op("**", a(), 2), 1), w())),
            lambda: op("exp", op("*", op("sum", many()), w())),
            lambda: op("exp", op("@", many(), self.weights("M"))),
            lambda: op("exp", op("*", op("-", self.c.size("D"), k), w())),
            lambda: op("exp", op("*", op("sin", a()), w())),
            lambda: op("at", self.c.parameter(k, domain="simplex"), 0),
            lambda: op(
                "+", op("at", p := self.c.parameter(k, domain="simplex"), 0), op("at", p, 1)
            ),
            lambda: op("**", t(), self.c.size("D")),
            lambda: op("**", t(), op("-", self.c.size("D"), 1)),
        )

    def composed(self, shape: Shape, depth: int = 2) -> Expression:
        """Something positive of learned parameters, with functions within functions."""
        leaf = partial(self.c.positive_parameter, *shape)
        if depth == 0:
            return leaf()
        inner = partial(self.composed, shape, depth - 1)
        real = partial(self.composed_real, shape, depth - 1)
        return self.c.made(
            leaf,
            lambda: op("exp", real()),
            lambda: op("+", inner(), inner()),
            lambda: op("*", inner(), inner()),
            lambda: op("/", inner(), inner()),
            lambda: op("+", inner(), op("**", real(), 2)),
            lambda: op("softplus", real()),
            lambda: op("log", op("+", 1, inner())),
            lambda: op("**", inner(), self.c.choose([2, 3, -1])),
            lambda: op("sqrt", inner()),
            lambda: op("+", 1, op("abs", real())),
            lambda: op("+", HALF, op("sigmoid", real())),
        )

    def composed_real(self, shape: Shape, depth: int = 2) -> Expression:
        """Something real of learned parameters."""
        leaf = partial(self.c.parameter, *shape)
        if depth == 0:
            return leaf()
        inner = partial(self.composed_real, shape, depth - 1)
        return self.c.made(
            leaf,
            lambda: op("log", self.composed(shape, depth - 1)),
            lambda: op("+", inner(), inner()),
            lambda: op("-", inner(), 1),
            lambda: op("*", inner(), inner()),
            lambda: op("*", self.c.parameter(*shape, fixed=True), inner()),
            lambda: op("sin", inner()),
            lambda: op("tanh", inner()),
            lambda: op("**", inner(), self.c.choose([2, 3])),
            lambda: op("/", inner(), self.composed(shape, depth - 1)),
        )

    def _reciprocal(self, shape: Shape) -> Expression:
        t = self.c.positive_parameter(*shape)
        return op("+", t, op("/", 1, t))

    def _product(self, n: Size) -> Expression:
        """A @ w of positive numbers."""
        m = self.c.size("M")
        return op("@", self.c.positive_parameter(n, m), self.c.positive_parameter(m))

    def unit(self, shape: Shape = ()) -> Expression:
        """A probability."""
        p = partial(self.c.parameter, *shape, domain="unit interval")
        if self.c.chance(4):
            return self._doubtful_unit(shape)
        category = self.c.parent("category", shape=())
        options: list[Choice[Expression] | None] = [
            p,
            lambda: op("sigmoid", self.real(shape)),
            lambda: op("*", p(), p()),
            lambda: op("**", p(), 2),
            lambda: op("-", 1, p()),
            lambda: op("exp", op("-", 0, self.c.positive_parameter(*shape))),
            lambda: op("at", self.c.parameter(self.c.size("K"), domain="simplex"), 0),
            self.mixed,
        ]
        if category is not None:
            k = self.c.size("K")
            table = partial(self.c.parameter, k, domain="unit interval")
            options += [lambda: op("at", table(), category.name)]
        return self.c.made(*options)

    def _doubtful_unit(self, shape: Shape) -> Expression:
        p = partial(self.c.parameter, *shape, domain="unit interval")
        t, k = partial(self.c.positive_parameter, *shape), self.c.size("K")
        rows = partial(self.c.parameter, k, k, domain="simplex")
        return self.c.made(
            t,
            lambda: op("+", p(), p()),
            lambda: op("*", 2, p()),
            lambda: op("-", 1, t()),
            lambda: op("/", t(), op("+", t(), t())),
            lambda: op("/", op("-", k, 1), k),
            lambda: op("sum", op("at", self.c.parameter(k, domain="simplex"), op("from", 1))),
            lambda: op("at", op("T", rows()), 0, 0),
            lambda: op("sum", op("at", op("T", rows()), 0)),
        )

    def mixed(self, *shape: Size, domain: str = "unit interval") -> Expression:
        """t p + (1 - t) q."""
        t = self.c.parameter(domain="unit interval")
        p, q = self.c.parameter(*shape, domain=domain), self.c.parameter(*shape, domain=domain)
        return op("+", op("*", t, p), op("*", op("-", 1, t), q))

    def _doubtful_simplex(self, k: Size, category: Known | None) -> Expression:
        """Parts of what sums to one, or along other axes."""
        p = partial(self.c.parameter, k, domain="simplex")
        rows = partial(self.c.parameter, k, k, domain="simplex")
        table = partial(self.c.parameter, k, k, k, domain="simplex")
        chosen = 0 if category is None else category.name
        return self.c.made(
            lambda: op("at", p(), op("from", 1)),
            lambda: op("at", rows(), op("all"), 0),
            lambda: op("at", op("T", rows()), chosen),
            lambda: op("at", rows(), chosen, op("from", 1)),
            lambda: op("at", table(), op("all"), chosen, 0),
            lambda: op("at", table(), chosen, 0),
            lambda: op("at", table(), 0, op("all"), chosen),
            lambda: op("+", p(), p()),
            lambda: op("*", self.c.positive_parameter(), p()),
            lambda: op("@", p(), rows()),
            lambda: op("@", rows(), p()),
            lambda: op("*", k, op("*", p(), p())),
            lambda: op("/", self.c.positive_parameter(k), k),
        )

    def categories(self) -> tuple[tuple[str, Expression], ...]:
        """Arguments of a Categorical over K."""
        k = self.c.size("K")
        category = self.c.parent("category", shape=())
        if self.c.chance(6):
            return (("probabilities", self._doubtful_simplex(k, category)),)

        def pair() -> Expression:
            p = self.unit()
            return op("list", p, op("-", 1, p))

        options: list[Choice[tuple[str, Expression]] | None] = [
            lambda: ("probabilities", self.c.parameter(k, domain="simplex")),
            lambda: ("logits", self.c.parameter(k)),
            lambda: ("logits", op("+", self.real((k,)), self.c.parameter(k))),
            lambda: ("probabilities", self.mixed(k, domain="simplex")),
        ]
        if k == 2:
            options += [lambda: ("probabilities", pair())]
        if category is not None:
            rows = partial(self.c.parameter, k, k, domain="simplex")
            options += [lambda: ("probabilities", op("at", rows(), category.name))]
        return (self.c.made(*options),)

    def covariance(self, d: Size) -> Expression:
        matrix = partial(self.c.parameter, d, d, domain="positive definite")
        category = self.c.parent("category", shape=())

        def low_rank() -> Expression:
            loadings = self.c.parameter(d, self.c.size("M"))
            return op("@", loadings, op("T", loadings))

        if self.c.chance(5):
            return self._doubtful_covariance(d, low_rank)

        options: list[Choice[Expression] | None] = [
            matrix,
            lambda: op("eye", d),
            lambda: op("*", self.positive(), op("eye", d)),
            lambda: op("diag", self.c.positive_parameter(d)),
            lambda: op("*", self.positive(), matrix()),
            lambda: op("inv", matrix()),
            lambda: op("+", matrix(), matrix()),
            lambda: op("+", low_rank(), op("*", self.c.positive_parameter(), op("eye", d))),
            lambda: op("+", low_rank(), matrix()),
            lambda: op("+", low_rank(), op("eye", d)),
            lambda: op("+", low_rank(), op("diag", self.c.positive_parameter(d))),
            lambda: op("diag", op("exp", self.c.parameter(d))),
            lambda: op("inv", op("+", matrix(), op("eye", d))),
            lambda: self._congruent(d),
        ]
        if category is not None:
            k = self.c.size("K")
            table = partial(self.c.parameter, k, d, d, domain="positive definite")
            options += [lambda: op("at", table(), category.name)]
        return self.c.made(*options)

    def _doubtful_covariance(self, d: Size, low_rank: Choice[Expression]) -> Expression:
        """Parts of stacks of matrices, differences, products, and what is not symmetric."""
        matrix = partial(self.c.parameter, d, d, domain="positive definite")
        stack = partial(self.c.parameter, d, d, d, domain="positive definite")
        every = op("all")
        return self.c.made(
            lambda: op("at", stack(), every, 0),
            lambda: op("at", stack(), 0),
            lambda: op("at", stack(), every, every, 0),
            low_rank,
            lambda: op("-", matrix(), op("eye", d)),
            lambda: op("@", matrix(), matrix()),
            lambda: op("*", matrix(), matrix()),
            lambda: op("T", matrix()),
            lambda: op("diag", self.c.parameter(d)),
            lambda: op("diag", op("at", op("T", matrix()), 0)),
            lambda: op("+", matrix(), self.c.parameter(d, d)),
            lambda: op("*", self.c.parameter(), matrix()),
            lambda: op("*", op("-", d, 1), matrix()),
        )

    def _congruent(self, d: Size) -> Expression:
        """A S A' + t I with a known A."""
        m = self.c.size("M")
        a, inner = (
            self.c.parameter(d, m, fixed=True),
            self.c.parameter(m, m, domain="positive definite"),
        )
        noise = op("*", self.c.positive_parameter(), op("eye", d))
        return op("+", op("@", op("@", a, inner), op("T", a)), noise)


__all__ = ["Arguments"]
