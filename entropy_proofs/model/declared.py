"""What a model declares so far: sizes, parameters, variables, conditionals, claims."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, ClassVar, TypeVar

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.arrays.array import Array, Shape
from entropy_proofs.arrays.parsing import expression
from entropy_proofs.arrays.ranges import is_size, least_sizes, possible
from entropy_proofs.errors import DETERMINISTIC, DIRECTED, NORMALISED, InputError
from entropy_proofs.families.spaces import POSITIVE, WHOLE, Space
from entropy_proofs.model.declarations import Claim, ModelTerm, Parameter, Variable, Variational
from entropy_proofs.printing.symbols import Names
from entropy_proofs.printing.typeset.given import given
from entropy_proofs.spelling import check_title, did_you_mean

#: What other tools declare, and what stands for it here.
_NO_SUCH = (
    ("factor potential energy undirected edge clique", DIRECTED),
    ("deterministic Deterministic function", DETERMINISTIC),
    ("censored truncated", NORMALISED),
    ("param parameters_ weight variable theta", "declare a parameter: model.parameter(name, ...)"),
    ("constant fixed known", "a known constant is model.parameter(name, ..., fixed=True)"),
    ("data observe observation sample", "declare data: model.observed(name, family, ...)"),
    ("hidden prior", "declare a latent variable: model.latent(name, family, ...)"),
    ("plate size dim axis", 'declare sizes: D, H = model.dims("D", "H")'),
)


class Declared:
    """The records of one model, and what is asked of them wherever a model is at hand.

    judge: raises InputError for a conditional that is none; set by who judges, a room above.
    """

    judge: ClassVar[Callable[[Any, ModelTerm], None]] = lambda model, term: None

    dims_: dict[str, Symbol]
    parameters: dict[str, Parameter]
    variables: dict[str, Variable]
    networks: dict[str, Array]
    terms: list[ModelTerm]
    claims: list[Claim]
    untried: list[str]

    def __init__(self, name: str, group: str = "models"):
        self.name = check_title("model", name)
        self.group = check_title(f"{name}: group", group)
        self.stem: str | None = None  # the catalogue's name, if it comes from there
        self.dims_, self.parameters, self.variables, self.networks = {}, {}, {}, {}
        self.latex_: dict[str, str] = {}  # what latex= said, by name
        self.terms, self.claims = [], []
        self.untried: list[str] = []  # conditionals whose density could not be tried in numbers
        self.variational_ = Variational()
        self.q_weight: Expr = sp.Integer(1)  # of H[q] in the bound; terms hold their own
        self.stepping: dict[Symbol, Shape] = {}  # t and the past, while a chain is declared

    def __repr__(self) -> str:
        return f"<Model {self.name!r}: {', '.join(t.name for t in self.terms)}>"

    def __getattr__(self, name: str) -> Any:
        """Only for what a model does not have: what to write instead of it."""
        if name.startswith("__"):
            raise AttributeError(name)
        methods = [m for m in dir(type(self)) if not m.startswith("_")]
        instead = next((hint for names, hint in _NO_SUCH if name in names.split()), "")
        hint = f"; {instead}" if instead else did_you_mean(name, methods)
        raise AttributeError(f"a Model has no {name!r}{hint}", name=name, obj=self)

    def names(self) -> Names:
        """How its formulas show its names: those composed within `with model.names().used():`."""
        own = [*self.dims_, *self.parameters, *self.variables, *self.networks]
        declared = [*own, *self.variational_.names]
        parameters = (*self.parameters.values(), *self.variational_.parameters.values())
        scales = [p.name for p in parameters if p.domain == POSITIVE]
        shown = {name: given(text) for name, text in self.latex_.items() if name in declared}
        parts = {
            label.name: (part.variable, part.start, part.steps is not None)
            for term in self.terms
            for label, part in term.aliases.items()
        }
        shapes = {label.name: shape for label, shape in self.shapes().items()}
        plain = (name for name in declared if "." not in name)
        return Names.of(plain, scales, shown, parts, shapes)

    def learned(self) -> dict[Symbol, Parameter]:
        """The parameters that may move, by label."""
        return {p.label: p for p in self.parameters.values() if not p.fixed}

    def records(self) -> list[Parameter | Variable]:
        """Parameters, then variables."""
        return [*self.parameters.values(), *self.variables.values()]

    def shapes(self) -> dict[Symbol, Shape]:
        """Those of parameters and variables, by label."""
        return {r.label: r.shape for r in self.records()}

    def latents(self) -> list[Variable]:
        return [v for v in self.variables.values() if not v.observed]

    def whole_bounds(self) -> set[Symbol]:
        """What bounds a support of whole numbers, such as a number of trials."""
        supports = (v.support for v in self.variables.values())
        bounds = (b for support in supports if isinstance(support, WHOLE) for b in support.bounds)
        return set().union(*map(symbols_in, bounds))

    def least_sizes(self) -> dict[str, int]:
        """Sizes, by name, from which on literal indices and slices are within their arrays, and
        every conditional has a coordinate."""
        shapes = self.shapes()
        plates = [n for shape in shapes.values() for n in shape]
        plates += [n for t in self.terms for _, n in t.plates]
        written = (t.log_density for t in self.terms)
        found = least_sizes(
            [*written, *(sp.Sum(1, (sp.Dummy(), 0, n - 1)) for n in plates)], shapes
        )
        return dict.fromkeys(self.dims_, 1) | found

    def named(self, what: Any, kind: str) -> Symbol:
        """The label that a Symbol or array handed out by this model stands for."""
        for r in self.records():
            asked = ("parameter" if isinstance(r, Parameter) else "variable") in kind
            if asked and (what == r.value or what == r.label):
                return r.label
        raise InputError(f"{what} is not a {kind} of this model")

    def declare_parameter(self, name: str, shape: Sequence[Any], domain: Space, fixed: bool) -> Any:
        """A parameter of an unused name, filed; its value."""
        sizes = self.sized(name, shape)
        domain.check_shape(name, sizes)
        parameter = Parameter(name, domain.symbol(name, sizes), sizes, domain, fixed)
        self.parameters[name] = parameter
        return parameter.value

    def sized(self, name: str, sizes: Sequence[Any]) -> Shape:
        result = []
        for s in sizes:
            try:
                size = None if isinstance(s, str) else expression(s)
            except InputError:
                raise InputError(f"{name}: size {s!r} is not a number or a dim") from None
            if not isinstance(size, Expr):
                raise InputError(f"{name}: size {s!r} is not a number or a dim")
            known = not symbols_in(size) - set(self.dims_.values())
            if not known or isinstance(size, Array) or not is_size(size) or not possible(size - 1):
                raise InputError(
                    f"{name}: size {s} is not a positive whole number, a dim, or a polynomial of "
                    f"dims that is positive for all large ones, such as T - 1"
                    f"{did_you_mean(s, self.dims_)}"
                )
            result.append(size)
        return tuple(result)

    def file(self, variables: Sequence[Variable], terms: Sequence[ModelTerm]) -> None:
        """Files variables with their conditionals; nothing is if a conditional is refused."""
        before = self.variables, self.terms
        self.variables = {**self.variables, **{v.name: v for v in variables}}
        self.terms = [*self.terms, *terms]
        try:
            for term in terms:
                self.judge(term)
        except InputError:
            self.variables, self.terms = before
            raise


M = TypeVar("M", bound=Declared)


def snapshot(model: M) -> M:
    """The model as it is now, whatever is declared later."""
    kept = copy(model)
    for name, value in vars(model).items():
        if isinstance(value, (dict, list)):
            setattr(kept, name, value.copy())
    return kept
