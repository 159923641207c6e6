"""What a researcher writes down: sizes, parameters, and one conditional per variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import (
    Array,
    Shape,
    broadcast_at,
    broadcast_shapes,
    lift,
    variable_array,
)
from entropy_proofs.errors import DETERMINISTIC, InputError
from entropy_proofs.families.family import Family
from entropy_proofs.families.keywords import takes
from entropy_proofs.families.spaces import REAL, domain_called
from entropy_proofs.model.declarations import (
    Claim,
    ModelTerm,
    Parameter,
    Variable,
    at_coordinate,
    at_step,
    check_domain,
    own_value,
)
from entropy_proofs.model.declared import Declared
from entropy_proofs.model.network import network_output
from entropy_proofs.model.scope import COUNTED, check_name, check_support, check_symbols
from entropy_proofs.model.weights import weigh
from entropy_proofs.spelling import none_of

_MISTAKES = (TypeError, AttributeError, ArithmeticError, LookupError, sp.SympifyError)
CLAIMS = ("entropy", "pseudo-entropy", "entropy sum", "field", "optimum")


class Model(Declared):
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
        given = [latex] if isinstance(latex, str) else latex
        shown: Sequence[str | None] = [None] * len(names) if given is None else given
        if len(shown) != len(names):
            raise InputError(f"dims: latex={latex!r} is not one for each of {', '.join(names)}")
        for n, formula in zip(names, shown, strict=True):
            check_name(self, n, formula)
            if n in COUNTED:
                raise InputError(f"{n}: stands for the number of {n} of a batch; rename it")
            if names.count(n) > 1:
                raise InputError(f"{n}: declared twice")
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
        latex: how formulas show it, such as r"\\sigma_x^2"; without it README's rule.
        """
        check_name(self, name, latex)
        return self.declare_parameter(name, shape, domain_called(name, domain), fixed)

    def latent(self, name: str, family: Family, *sizes: Any, latex: str | None = None) -> Any:
        """A latent variable; `sizes` are its independent coordinates or copies."""
        return self._variable(name, family, sizes, observed=False, latex=latex)

    def observed(self, name: str, family: Family, *sizes: Any, latex: str | None = None) -> Any:
        """An observed variable of one data point."""
        return self._variable(name, family, sizes, observed=True, latex=latex)

    def chain(
        self,
        name: str,
        *,
        initial: Family,
        transition: Callable[[Any], Family],
        length: Any,
        observed: bool = False,
        latex: str | None = None,
    ) -> Any:
        """A Markov chain of `length` steps; its first axis is time.

        transition: the conditional of one step as a function of the previous one.
        """
        (steps,) = self.sized(name, (length,))
        self._check_family(name, initial)
        event, support = initial.event_shape(), initial.support()
        check_support(self, name, support)
        if initial.batch_shape():
            raise InputError(f"{name}: the initial step must be a single event")
        first = support.symbol(f"{name}_first", event, step_of_chain=True)
        previous = support.symbol(f"{name}_previous", event, step_of_chain=True)
        self._stepping = previous
        try:
            following = self._called(name, transition, variable_array(previous, event))
            self._check_family(name, following)
        finally:
            self._stepping = None
        if following.support() != support or following.event_shape() != event:
            raise InputError(f"{name}: initial and transition have different supports or shapes")
        if following.batch_shape():
            raise InputError(f"{name}: the transition must be a single event")
        check_name(self, name, latex)
        variable = Variable(name, support.symbol(name, event), (steps, *event), observed, support)
        after = support.symbol(f"{name}_next", event, step_of_chain=True)
        start = {first: (name, "first")}
        t = self._plate_index(steps, set())
        aliases = {after: (name, "next"), previous: (name, "previous")}
        step, plates = at_step(following, previous, event, t), ((t, steps - 1),)
        return self.file(
            variable,
            self._term(variable, initial, (), f"{name}[0]", first, start, event),
            self._term(variable, step, plates, f"{name}[t]", after, aliases, event),
        )

    def network(
        self,
        name: str,
        inputs: Any,
        *sizes: Any,
        fixed: Sequence[str] = (),
        first: str | None = None,
        latex: str | None = None,
    ) -> Any:
        """V phi(U inputs + a) + b with an unspecified phi; parameters .U .a .V .b.

        fixed: names among "U", "a", "V", "b" of weights that are known constants.
        first: "unit columns" constrains U's columns to norm one.
        """
        check_name(self, name, latex)
        dims, parameters = set(self.dims_), set(self.parameters)
        try:
            output = network_output(self, name, inputs, self.sized(name, sizes), fixed, first)
        except InputError as error:
            for records, known in ((self.dims_, dims), (self.parameters, parameters)):
                for own in records.keys() - known:
                    del records[own]
            raise error if name in str(error) else InputError(f"{name}: {error}") from None
        self.networks[name] = output
        return output

    def weights(self, of: Mapping[Any, Any] | None = None, *, q: Any = None) -> None:
        """Weigh the bound: F = sum_k w_k E_q[log p_k] + w_q H[q], where weights not given are 1.

        of: {variable: w}.  q: of H[q].  A weight is a positive number, or an expression of
        positive parameters with fixed=True and dims; {z: beta}, q=beta weighs a KL divergence.

        Raises InputError, which names the variable, for any other weight or a second one.
        """
        weigh(self, of or {}, q)

    def claim(self, kind: str, *what: Any) -> None:
        """State a hand-derived result, to be proved or refuted; see interface in README.

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
        made = self._term(
            variable, family, term.plates, term.name, term.value, term.aliases, term.event
        )
        return replace(made, weight=term.weight)

    # internals ------------------------------------------------------------------------------------
    def _variable(
        self,
        name: str,
        family: Family,
        sizes: Sequence[Any],
        observed: bool,
        latex: str | None,
    ) -> Any:
        self._check_family(name, family)
        copies = self.sized(name, sizes)
        try:
            batch = family.batch_shape()
            plates_shape = broadcast_shapes(copies, batch) if copies else batch
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        if copies and plates_shape != copies:
            raise InputError(f"{name}: arguments of shape {batch} do not fit its sizes {copies}")
        support, event = family.support(), family.event_shape()
        check_support(self, name, support)
        check_name(self, name, latex)
        label = support.symbol(name, event)
        variable = Variable(name, label, (*plates_shape, *event), observed, support)
        used = {name}
        plates = tuple((self._plate_index(n, used), n) for n in plates_shape)
        return self.file(variable, self._term(variable, family, plates, name, label, {}, event))

    @staticmethod
    def _called(name: str, transition: Any, previous: Expr) -> Any:
        """What the user's function makes of the previous step."""
        try:
            return transition(previous)
        except _MISTAKES as error:
            raise InputError(f"{name}: its transition can't be written: {error}") from None

    def _term(
        self,
        variable: Variable,
        family: Family,
        plates: tuple[tuple[Symbol, Expr], ...],
        name: str,
        value: Symbol,
        aliases: dict[Symbol, tuple[str, str]],
        event: Shape,
    ) -> ModelTerm:
        indices = tuple(i for i, _ in plates)
        bound = at_coordinate(family, indices)
        try:
            density = lift(bound.log_density(own_value(value, indices, event)))
            if isinstance(density, Array) and len(density.shape) <= len(indices) and not event:
                # a Density written with whole arrays: this coordinate's element
                broadcast_shapes(density.shape, tuple(n for _, n in plates))
                density = broadcast_at(density, indices)
        except InputError as error:
            raise InputError(f"{variable.name}: {error}") from None
        except _MISTAKES as error:
            raise InputError(
                f"{variable.name}: its log density can't be written: {error}"
            ) from None
        if not isinstance(density, Expr) or density.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise InputError(f"{variable.name}: its log density is not a number: {density}")
        if density.has(sp.DiracDelta):
            raise InputError(f"{variable.name}: its density has a point mass; {DETERMINISTIC}")
        if density.has(sp.Derivative, sp.Integral, sp.Limit, sp.Subs, sp.Order):
            raise InputError(f"{variable.name}: its log density is not carried out (.doit() may)")
        if isinstance(density, Array) or density.has(Array):
            raise InputError(f"{variable.name}: its log density is not a scalar per coordinate")
        known = {value, *aliases, *indices}
        check_symbols(self, variable.name, density, known)
        variables = {value, *aliases, *(v.label for v in self.variables.values())}
        for total in density.atoms(sp.Sum):
            if any(
                symbols_in(end) & variables for _, low, high in total.limits for end in (low, high)
            ):
                raise InputError(f"{variable.name}: the range of {total} moves with a variable")
        return ModelTerm(
            variable.name, name, value, event, plates, density, variable.support, family, aliases
        )

    def _plate_index(self, size: Expr, used: set[str]) -> Symbol:
        """An index named after its size; # sets it apart from every label."""
        own = [size.name.lower()] if isinstance(size, Symbol) and not size.name.islower() else []
        names = chain(own or "ijklm", (f"{(own or 'i')[0]}{k}" for k in count(2)))
        name = next(f"{n}#" for n in names if f"{n}#" not in used)
        used.add(name)
        return index(name, size)

    def _check_family(self, name: str, family: Any) -> None:
        if not isinstance(family, Family):
            raise InputError(f"{name}: {_no_family(family)}")
        try:
            arguments = family.arguments()
            family.support()
            family.event_shape()
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        for argument, value in arguments.items():
            check_symbols(self, f"{name}: {argument}", value)
            domain = family.domain_of(argument)
            if domain != REAL:
                check_domain(self.parameters, f"{name}: {argument}", value, domain)


def _no_family(given: Any) -> str:
    """What is wrong with a conditional that is no family with its arguments."""
    if isinstance(given, type) and issubclass(given, Family):
        return f"{given.__name__} without arguments; write {given.__name__}({takes(given)})"
    if isinstance(given, Expr):
        return f"{given} is an expression, not a distribution; {DETERMINISTIC}"
    return f"{given!r} is not a distribution"


def _in_latex(array: Array) -> str:
    from entropy_proofs.printing.latex import latex  # when one is shown, and no sooner

    return latex(array)


Array.in_latex = _in_latex

__all__ = ["Claim", "Model", "ModelTerm", "Parameter", "Variable"]
