"""What a researcher writes down: sizes, parameters, and one conditional per variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import chain, count
from typing import Any

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.nodes import index
from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.algebra.sums import simplex_of
from entropy_proofs.arrays import (
    Array,
    Shape,
    broadcast_at,
    broadcast_shapes,
    lift,
    variable_array,
)
from entropy_proofs.declarations import (
    DOMAINS,
    Claim,
    Parameter,
    Term,
    Variable,
    at_coordinate,
    at_step,
    check_domain,
    own_value,
)
from entropy_proofs.errors import InputError
from entropy_proofs.families.base import Family, Support
from entropy_proofs.families.scalar import Density
from entropy_proofs.network import NetworkOutput, network_output
from entropy_proofs.validate import check_density
from entropy_proofs.weights import weigh

CLAIMS = ("entropy", "entropy sum", "field", "optimum")


class Model:
    """A directed latent-variable model, declared variable by variable (parents first)."""

    def __init__(self, name: str, group: str = "models"):
        self.name = name
        self.group = group
        self.stem: str | None = None  # the catalogue's name, if it comes from there
        self.dims_: dict[str, Symbol] = {}
        self.parameters: dict[str, Parameter] = {}
        self.variables: dict[str, Variable] = {}
        self.networks: dict[str, NetworkOutput] = {}
        self.terms: list[Term] = []
        self.claims: list[Claim] = []
        self.q_weight: Expr = sp.Integer(1)  # of H[q] in the bound; terms hold their own
        self._stepping: Symbol | None = None  # the previous step, while a chain is declared

    def __repr__(self) -> str:
        return f"<Model {self.name!r}: {', '.join(t.name for t in self.terms)}>"

    # declarations -----------------------------------------------------------------------------
    def dims(self, *names: str) -> Any:
        """Symbolic sizes (positive whole numbers): one symbol, or a tuple for several names."""
        symbols = tuple(Symbol(n, integer=True, positive=True) for n in names)
        for n, s in zip(names, symbols, strict=True):
            self._new_name(n)
            self.dims_[n] = s
        return symbols[0] if len(symbols) == 1 else symbols

    def parameter(self, name: str, *shape: Any, domain: str = "real", fixed: bool = False) -> Any:
        """A learned parameter (or, with fixed=True, a known constant) of the given shape.

        domain: "real", "positive", "unit interval", "simplex" (along the last axis), "positive
        definite" (the last two axes), "unit columns" (of a matrix).
        """
        if domain not in DOMAINS:
            raise InputError(f"{name}: domain {domain!r} is none of {', '.join(DOMAINS)}")
        sizes = self._sizes(name, shape)
        needed = {"simplex": 1, "positive definite": 2, "unit columns": 2}.get(domain, 0)
        if len(sizes) < needed:
            raise InputError(f"{name}: domain {domain!r} needs at least {needed} axes")
        if domain == "positive definite" and sizes[-1] != sizes[-2]:
            raise InputError(f"{name}: positive definite, but its last axes are {sizes[-2:]}")
        self._new_name(name)
        sums = simplex_of(sizes[-1]) if domain == "simplex" else {}
        label = Symbol(name, **DOMAINS[domain], **sums)
        parameter = Parameter(name, label, sizes, domain, fixed)
        self.parameters[name] = parameter
        return parameter.value

    def latent(self, name: str, family: Family, *sizes: Any) -> Any:
        """A latent variable; `sizes` are its independent coordinates or copies."""
        return self._variable(name, family, sizes, observed=False)

    def observed(self, name: str, family: Family, *sizes: Any) -> Any:
        """An observed variable of one data point."""
        return self._variable(name, family, sizes, observed=True)

    def chain(
        self,
        name: str,
        *,
        initial: Family,
        transition: Callable[[Any], Family],
        length: Any,
        observed: bool = False,
    ) -> Any:
        """A Markov chain of `length` steps; its first axis is time.

        transition: the conditional of one step as a function of the previous one.
        """
        (steps,) = self._sizes(name, (length,))
        self._check_family(name, initial)
        event, support = initial.event_shape(), initial.support()
        self._check_support(name, support)
        if initial.batch_shape():
            raise InputError(f"{name}: the initial step must be a single event")
        first = support.symbol(f"{name}_first")
        previous = support.symbol(f"{name}_previous")
        self._stepping = previous
        try:
            following = transition(variable_array(previous, event))
            self._check_family(name, following)
        finally:
            self._stepping = None
        if following.support() != support or following.event_shape() != event:
            raise InputError(f"{name}: initial and transition have different supports or shapes")
        if following.batch_shape():
            raise InputError(f"{name}: the transition must be a single event")
        self._new_name(name)
        variable = Variable(name, support.symbol(name), (steps, *event), observed, support)
        after = support.symbol(f"{name}_next")
        self.variables[name] = variable
        self._check_steps_of_chain(name, previous, (initial, following), support)
        start = {first: (name, "first")}
        self.terms.append(self._term(variable, initial, (), f"{name}[0]", first, start, event))
        t = self._plate_index(steps, set())
        aliases = {after: (name, "next"), previous: (name, "previous")}
        step, plates = at_step(following, previous, event, t), ((t, steps - 1),)
        self.terms.append(self._term(variable, step, plates, f"{name}[t]", after, aliases, event))
        return variable.value

    def network(
        self,
        name: str,
        inputs: Any,
        *sizes: Any,
        fixed: Sequence[str] = (),
        first: str | None = None,
    ) -> Any:
        """V phi(U inputs + a) + b with an unspecified phi; parameters .U .a .V .b.

        fixed: names among "U", "a", "V", "b" of weights that are known constants.
        first: "unit columns" constrains U's columns to norm one.
        """
        self._new_name(name)
        output = network_output(self, name, inputs, self._sizes(name, sizes), fixed, first)
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

        kind: "entropy" (variable, expression), "entropy sum" (expression), "field" ({parameter:
        direction}) or "optimum" (parameter, expression).
        """
        if kind not in CLAIMS:
            raise InputError(f"claim {kind!r} is none of {', '.join(CLAIMS)}")
        wanted = 1 if kind in {"entropy sum", "field"} else 2
        if len(what) != wanted:
            raise InputError(f"claim {kind!r} takes {wanted} argument(s), got {len(what)}")
        subject, expression = (None, what[0]) if wanted == 1 else what
        if kind == "field":
            given = dict(expression).items()
            expression = {self._named(k, "parameter or variable"): lift(v) for k, v in given}
            parts = list(expression.values())
        else:
            expression = lift(expression)
            parts = [expression]
        for part in parts:
            self._check_symbols(f"claim {kind!r}", part)
        if kind == "entropy":
            subject = self._named(subject, "variable")
        elif kind == "optimum":
            subject = self._named(subject, "parameter")
        self.claims.append(Claim(kind, subject, expression))

    def derivation(self, *expressions: Any) -> None:
        """State a hand derivation e0 = e1 = e2 = ..., every "=" to be proved or refuted."""
        if len(expressions) < 2:
            raise InputError("a derivation needs at least two expressions")
        chain = tuple(lift(e) for e in expressions)
        for part in chain:
            self._check_symbols("derivation", part)
            if isinstance(part, Array):
                raise InputError(f"derivation: {part} is an array, not a number")
        self.claims.append(Claim("derivation", None, chain))

    # what others ask ----------------------------------------------------------------------------
    def learned(self) -> dict[Symbol, Parameter]:
        """The parameters that may move, by label."""
        return {p.label: p for p in self.parameters.values() if not p.fixed}

    def latents(self) -> list[Variable]:
        return [v for v in self.variables.values() if not v.observed]

    def rebuilt(self, term: Term, family: Family) -> Term:
        """The term with another family (or other arguments) in place of its own."""
        variable = self.variables[term.variable]
        made = self._term(
            variable, family, term.plates, term.name, term.value, term.aliases, term.event
        )
        return replace(made, weight=term.weight)

    # internals ------------------------------------------------------------------------------------
    def _variable(self, name: str, family: Family, sizes: Sequence[Any], observed: bool) -> Any:
        self._check_family(name, family)
        copies = self._sizes(name, sizes)
        try:
            batch = family.batch_shape()
            plates_shape = broadcast_shapes(copies, batch) if copies else batch
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        if copies and plates_shape != copies:
            raise InputError(f"{name}: arguments of shape {batch} do not fit its sizes {copies}")
        support, event = family.support(), family.event_shape()
        self._check_support(name, support)
        self._new_name(name)
        label = support.symbol(name)
        variable = Variable(name, label, (*plates_shape, *event), observed, support)
        used = {name}
        plates = tuple((self._plate_index(n, used), n) for n in plates_shape)
        self.terms.append(self._term(variable, family, plates, name, label, {}, event))
        self.variables[name] = variable
        if isinstance(family, Density):
            try:
                check_density(self, self.terms[-1])
            except InputError:
                self.terms.pop()
                del self.variables[name]
                raise
        return variable.value

    def _check_steps_of_chain(
        self, name: str, previous: Symbol, families: Sequence[Family], support: Support
    ) -> None:
        """Each step's density, with the previous step as a variable of its own."""
        for family in families:
            if isinstance(family, Density):
                scratch = copy(self)
                before = Variable(previous.name, previous, (), False, support)
                scratch.variables = {**self.variables, previous.name: before}
                scratch.terms = []
                del scratch.variables[name]
                scratch._variable(name, family, (), observed=True)

    def _term(
        self,
        variable: Variable,
        family: Family,
        plates: tuple[tuple[Symbol, Expr], ...],
        name: str,
        value: Symbol,
        aliases: dict[Symbol, tuple[str, str]],
        event: Shape,
    ) -> Term:
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
        except (TypeError, AttributeError, sp.SympifyError) as error:
            raise InputError(
                f"{variable.name}: its log density can't be written: {error}"
            ) from None
        if not isinstance(density, Expr) or density.has(sp.I, sp.nan, sp.zoo, sp.oo, -sp.oo):
            raise InputError(f"{variable.name}: its log density is not a number: {density}")
        if isinstance(density, Array) or density.has(Array):
            raise InputError(f"{variable.name}: its log density is not a scalar per coordinate")
        known = {value, *aliases, *indices}
        self._check_symbols(variable.name, density, known)
        variables = {value, *aliases, *(v.label for v in self.variables.values())}
        for total in density.atoms(sp.Sum):
            if any(
                symbols_in(end) & variables for _, low, high in total.limits for end in (low, high)
            ):
                raise InputError(f"{variable.name}: the range of {total} moves with a variable")
        return Term(
            variable.name, name, value, event, plates, density, variable.support, family, aliases
        )

    def _sizes(self, name: str, sizes: Sequence[Any]) -> Shape:
        result = []
        for s in sizes:
            try:
                size = sp.sympify(s)
            except sp.SympifyError:
                raise InputError(f"{name}: size {s!r} is not a number or a dim") from None
            if not isinstance(size, Expr):
                raise InputError(f"{name}: size {s!r} is not a number or a dim")
            unknown = symbols_in(size) - set(self.dims_.values())
            if unknown or isinstance(size, Array) or not size.is_integer or not size.is_positive:
                raise InputError(f"{name}: size {s} is not a positive whole number or a dim")
            result.append(size)
        return tuple(result)

    def _new_name(self, name: str) -> None:
        taken = (self.dims_, self.parameters, self.variables, self.networks)
        if any(name in t for t in taken):
            raise InputError(f"{name}: declared twice")

    def _plate_index(self, size: Expr, used: set[str]) -> Symbol:
        """An index named after its size; # sets it apart from every label."""
        own = [size.name.lower()] if isinstance(size, Symbol) and not size.name.islower() else []
        names = chain(own or "ijklm", (f"{(own or 'i')[0]}{k}" for k in count(2)))
        name = next(f"{n}#" for n in names if f"{n}#" not in used)
        used.add(name)
        return index(name, size)

    def _check_family(self, name: str, family: Any) -> None:
        if not isinstance(family, Family):
            raise InputError(f"{name}: {family!r} is not a distribution")
        try:
            arguments = family.arguments()
            family.support()
            family.event_shape()
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        for argument, value in arguments.items():
            self._check_symbols(f"{name}: {argument}", value)
            domain = family.domains.get(argument, "real")
            if domain != "real":
                check_domain(self.parameters, f"{name}: {argument}", value, domain)

    def _check_symbols(
        self, where: str, value: Expr, known: set[Symbol] | frozenset[Symbol] = frozenset()
    ) -> None:
        allowed = set(known) | set(self.dims_.values())
        allowed |= {p.label for p in self.parameters.values()}
        allowed |= {v.label for v in self.variables.values()}
        allowed |= {limit[0] for total in value.atoms(sp.Sum) for limit in total.limits}
        allowed |= {self._stepping} if self._stepping is not None else set()
        hidden = {n.phi for n in self.networks.values()}
        for s in sorted(symbols_in(value) - allowed - hidden, key=str):
            bound = s.name[0] in "~^_" and s.is_integer
            if not bound:
                raise InputError(f"{where}: unknown symbol {s}")

    def _check_support(self, name: str, support: Support) -> None:
        moving = {p.label for p in self.parameters.values() if not p.fixed}
        for bound in support.bounds:
            moved = symbols_in(sp.sympify(bound)) & moving
            latent = symbols_in(sp.sympify(bound)) & {v.label for v in self.variables.values()}
            if latent:
                culprit = sorted(map(str, latent))[0]
                raise InputError(f"{name}: its support moves with the variable {culprit}")
            if moved and support.kind != "category":
                culprit = sorted(map(str, moved))[0]
                raise InputError(f"{name}: its support moves with the parameter {culprit}")

    def _named(self, what: Any, kind: str) -> Symbol:
        """The label that a Symbol or array handed out by this model stands for."""
        records: list[Parameter | Variable] = []
        if "parameter" in kind:
            records += self.parameters.values()
        if "variable" in kind:
            records += self.variables.values()
        for r in records:
            if what == r.value or what == r.label:
                return r.label
        raise InputError(f"{what} is not a {kind} of this model")


__all__ = ["Claim", "Model", "Parameter", "Term", "Variable"]
