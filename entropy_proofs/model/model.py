"""What a researcher writes down: sizes, parameters, and one conditional per variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr, Symbol

from entropy_proofs.arrays.array import Array, lift
from entropy_proofs.arrays.numpy_functions import applied
from entropy_proofs.document.blocks import Block
from entropy_proofs.errors import InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import domain_called
from entropy_proofs.model.conditionals import (
    alone,
    conditional,
    declare_chains,
    declare_variable,
    sees_time,
)
from entropy_proofs.model.declarations import Claim, ModelTerm, Parameter, Variable
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.network import network_output
from entropy_proofs.model.paper.generative import model_blocks
from entropy_proofs.model.scope import COUNTED, check_name, check_names, check_symbols
from entropy_proofs.model.variational.declared_q import (
    declare_encoder,
    declare_q,
    declare_variational,
)
from entropy_proofs.model.weights import weigh
from entropy_proofs.notebook.displays import Displayed
from entropy_proofs.printing.symbols import Names
from entropy_proofs.spelling import none_of

CLAIMS = ("entropy", "pseudo-entropy", "entropy sum", "field", "optimum")


class Model(Displayed, Declared):
    """A directed latent-variable model, declared variable by variable (parents first).

    >>> from entropy_proofs import Model, Normal, prove
    >>> model = Model("Probabilistic PCA")
    >>> D, H = model.dims("D", "H")
    >>> W, mu = model.parameter("W", D, H), model.parameter("mu", D)
    >>> sigma2 = model.parameter("sigma2", domain="positive")
    >>> z = model.latent("z", Normal(mean=0, variance=1), H)
    >>> x = model.observed("x", Normal(mean=W @ z + mu, variance=sigma2), D)
    >>> prove(model).entropy_sum
    -D*log(2*E*pi*sigma2)/2 - H*log(2*E*pi)/2 + H[q(z)]
    """

    # declarations -----------------------------------------------------------------------------
    def dims(self, *names: str, latex: str | Sequence[str] | None = None) -> Any:
        """Symbolic sizes (positive whole numbers): one symbol, or a tuple for several names.

        latex: of the name, or one for each, as for `parameter`.
        """
        check_names(self, "dims", names, latex)
        for n in names:
            if n in COUNTED:
                raise InputError(f"{n}: stands for the number of {n} of a batch; rename it")
        symbols = tuple(Symbol(n, integer=True, positive=True) for n in names)
        self.dims_.update(zip(names, symbols, strict=True))
        return symbols[0] if len(symbols) == 1 else symbols

    def parameter(
        self,
        name: str,
        *shape: Any,
        domain: str = "real",
        fixed: bool = False,
        latex: str | None = None,
    ) -> Any:
        """A learned parameter (or, with fixed=True, a known constant) of the given shape.

        domain: "real", "positive", "unit interval", "simplex" or "increasing" (along the last
        axis), "positive definite" (the last two axes), "unit columns" (of a matrix).
        latex: how formulas show it, such as r"\\sigma_x^2"; without it the rule of names.
        """
        check_name(self, name, latex)
        return self.declare_parameter(name, shape, domain_called(name, domain), fixed)

    def latent(self, name: str, family: Family, *sizes: Any, latex: str | None = None) -> Any:
        """A latent variable; `sizes` are its independent coordinates or copies."""
        return declare_variable(self, name, family, sizes, False, latex)

    def observed(self, name: str, family: Family, *sizes: Any, latex: str | None = None) -> Any:
        """An observed variable of one data point."""
        return declare_variable(self, name, family, sizes, True, latex)

    def chain(
        self,
        name: str,
        *sizes: Any,
        initial: Any,
        transition: Callable[..., Family],
        length: Any,
        observed: bool = False,
        latex: str | None = None,
    ) -> Any:
        """A Markov chain of `length` steps; its first axis is time.

        sizes: of one step, whose coordinates are independent given the steps before.
        initial: the family of the first step; a tuple of k families makes it a chain of order k.
        transition: the family of step t as a function of the previous step, or of (previous, t);
            of order k, previous is the tuple of the k steps before, the latest first.

        Raises InputError, which names the variable.

        >>> from entropy_proofs import Model, Normal
        >>> model = Model("Autoregression with an input")
        >>> T = model.dims("T")
        >>> u = model.parameter("u", T, fixed=True)
        >>> a, b, s = (model.parameter(n, domain="positive") for n in "abs")
        >>> x = model.chain("x", initial=Normal(mean=0, variance=s), length=T, observed=True,
        ...     transition=lambda previous, t: Normal(mean=a * previous + b * u[t], variance=s))
        >>> x.shape
        (T,)
        """
        (value,) = declare_chains(
            self, [name], sizes, [initial], alone(transition), length, [observed], latex
        )
        return value

    def chains(
        self,
        names: Sequence[str],
        *sizes: Any,
        initial: Sequence[Any],
        transition: Callable[..., Sequence[Family]],
        length: Any,
        observed: bool | Sequence[bool] = False,
        latex: Sequence[str | None] | None = None,
    ) -> tuple[Any, ...]:
        """Chains that see each other's past: what `chain` takes, a tuple with one for each.

        transition: the families of step t, one for each chain, given the tuple of their previous
            steps (and t).  For a family may stand a function that makes one of the values that the
            chains before it have at the same step; so it may in `initial`.
        observed: of all, or one for each.
        latex: one for each, as for `parameter`.

        Raises InputError, which names the variables.

        >>> from entropy_proofs import Categorical, Model
        >>> model = Model("Coupled hidden Markov model")
        >>> K, T = model.dims("K", "T")
        >>> rho = model.parameter("rho", K, domain="simplex")
        >>> A, B = (model.parameter(n, K, K, K, domain="simplex") for n in "AB")
        >>> start, step = Categorical(probabilities=rho), lambda p: Categorical(probabilities=p)
        >>> a, b = model.chains(("a", "b"), initial=(start, start), length=T,
        ...     transition=lambda previous: (step(A[previous]), step(B[previous])))
        >>> b.shape
        (T,)
        """
        if not isinstance(names, (tuple, list)) or not names:
            raise InputError(f"chains: {names!r} are not names, one for each chain")
        together = ", ".join(map(str, names))
        shown = [observed] * len(names) if isinstance(observed, bool) else list(observed)
        if not isinstance(initial, (tuple, list)) or {len(initial), len(shown)} != {len(names)}:
            raise InputError(f"{together}: give initial as a tuple, one for each chain")
        timed = sees_time(transition)

        def families(past: Sequence[Any], t: Expr) -> Sequence[Family]:
            given = tuple(own[0] if len(own) == 1 else own for own in past)
            found = transition(given, t) if timed else transition(given)
            if not isinstance(found, (tuple, list)) or len(found) != len(names):
                raise InputError(f"{together}: the transition must give one family for each chain")
            return found

        return declare_chains(self, names, sizes, initial, families, length, shown, latex)

    def network(
        self,
        name: str,
        inputs: Any,
        *sizes: Any,
        fixed: Sequence[str] = (),
        first: str | None = None,
        variational: bool = False,
        latex: str | None = None,
    ) -> Any:
        """V phi(U inputs + a) + b with an unspecified phi; parameters .U .a .V .b.

        fixed: names among "U", "a", "V", "b" of weights that are known constants.
        first: "unit columns" constrains U's columns to norm one.
        variational: a network of q, whose inputs are data: see `q`.
        """
        if variational:
            return declare_encoder(self, name, inputs, sizes, fixed, first, latex)
        check_name(self, name, latex)
        before = dict(self.dims_), dict(self.parameters)
        try:
            output = network_output(self, name, inputs, self.sized(name, sizes), fixed, first)
        except InputError as error:
            self.dims_, self.parameters = before
            raise error if name in str(error) else InputError(f"{name}: {error}") from None
        self.networks[name] = output
        return output

    def variational(
        self, name: str, *shape: Any, domain: str = "real", latex: str | None = None
    ) -> Any:
        """A parameter of q, one for each data point; shape, domain and latex as of `parameter`.

        >>> from entropy_proofs import Model
        >>> model = Model("m")
        >>> model.variational("v", model.dims("H"), domain="positive").shape
        (H,)
        """
        return declare_variational(self, name, shape, domain, latex)

    def q(
        self,
        latent: Any,
        family: Any = None,
        *,
        initial: Any = None,
        transition: Callable[..., Family] | None = None,
    ) -> None:
        """What q of a latent is; q of all latents is the product.  Undeclared, it is any family.

        family: with arguments of `variational` parameters, of networks with variational=True, of
            data, known constants and sizes; or "posterior", the exact one.
        initial, transition: of a chain, whose q is Markov in time; as for `chain`.

        A proof then checks that q's family has the flow that it needs, and has H[q] in closed form.

        Raises InputError, which names the latent.

        >>> from entropy_proofs import Model, Normal, prove
        >>> model = Model("Probabilistic PCA")
        >>> D, H = model.dims("D", "H")
        >>> W, s2 = model.parameter("W", D, H), model.parameter("s2", domain="positive")
        >>> z = model.latent("z", Normal(mean=0, variance=1), H)
        >>> x = model.observed("x", Normal(mean=W @ z, variance=s2), D)
        >>> m, v = model.variational("m", H), model.variational("v", H, domain="positive")
        >>> model.q(z, Normal(mean=m, variance=v))
        >>> prove(model).variational_flow
        {m: m/2, v: v}
        """
        declare_q(self, latent, family, initial, transition)

    def weights(self, of: Mapping[Any, Any] | None = None, *, q: Any = None) -> None:
        """Weigh the bound: F = sum_k w_k E_q[log p_k] + w_q H[q], where weights not given are 1.

        of: {variable: w}.  q: of H[q].  A weight is a positive number, or an expression of
        positive parameters with fixed=True and dims; {z: beta}, q=beta weighs a KL divergence.

        Raises InputError, which names the variable, for any other weight or a second one.
        """
        weigh(self, of or {}, q)

    def claim(self, kind: str, *what: Any) -> None:
        """State a hand-derived result, to be proved or refuted.

        kind: "entropy" (variable, expression): E[-log p] of its conditional; "pseudo-entropy"
        likewise: E[-log p + log h]; "entropy sum" (expression); "field" ({parameter: direction});
        "optimum" (parameter, expression): what it is at every stationary point.  `Expectation`
        averages over data and q; without it the whole of a sum or an optimum is averaged.
        """
        if kind not in CLAIMS:
            raise InputError(f"claim {none_of(kind, CLAIMS)}")
        wanted = 1 if kind in {"entropy sum", "field"} else 2
        if len(what) != wanted:
            raise InputError(f"claim {kind!r} takes {wanted} argument(s), got {len(what)}")
        subject, expression = (None, what[0]) if wanted == 1 else what
        if kind == "field":
            if not isinstance(expression, Mapping):
                raise InputError(f"claim 'field' takes {{parameter: direction}}, not {expression}")
            given = expression.items()
            expression = {self.named(k, "parameter or variable"): lift(v) for k, v in given}
            parts = list(expression.values())
        else:
            expression = lift(expression)
            parts = [expression]
        for part in parts:
            check_symbols(self, f"claim {kind!r}", part)
        if kind in {"entropy", "pseudo-entropy"}:
            subject = self.named(subject, "variable")
        elif kind == "optimum":
            subject = self.named(subject, "parameter")
        self.claims.append(Claim(kind, subject, expression))

    def derivation(self, *expressions: Any) -> None:
        """State a hand derivation e0 = e1 = e2 = ..., every "=" to be proved or refuted."""
        if len(expressions) < 2:
            raise InputError("a derivation needs at least two expressions")
        chain = tuple(lift(e) for e in expressions)
        for part in chain:
            check_symbols(self, "derivation", part)
            if isinstance(part, Array):
                raise InputError(f"derivation: {part} is an array, not a number")
        self.claims.append(Claim("derivation", None, chain))

    # what others ask ----------------------------------------------------------------------------
    def rebuilt(self, term: ModelTerm, family: Family) -> ModelTerm:
        """The term with another family (or other arguments) in place of its own."""
        variable = self.variables[term.variable]
        given = term.plates, term.name, term.value, term.aliases, term.event
        made = conditional(self, variable, family, *given)
        return replace(made, weight=term.weight)

    def _names(self) -> Names:
        return self.names()

    def _blocks(self) -> tuple[Block, ...]:
        """As a paper defines it."""
        return model_blocks(self)


def _in_latex(array: Array) -> str:
    from entropy_proofs.printing.latex import latex  # when one is shown, and no sooner

    return latex(array)


Array.in_latex = _in_latex
Array.by_numpy = staticmethod(applied)

__all__ = ["Claim", "Model", "ModelTerm", "Parameter", "Variable"]
