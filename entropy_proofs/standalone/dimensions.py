"""The arguments of a generated module: their names, their shapes, and what shows each size."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp
from sympy import Expr, Symbol

from entropy_proofs.algebra.poly import symbols_in
from entropy_proofs.code.identifiers import identifiers
from entropy_proofs.code.printer import binary, formula, subscript
from entropy_proofs.errors import InputError
from entropy_proofs.evaluate.batch import POINTS, SAMPLES, WEIGHTS
from entropy_proofs.evaluate.model_code import ProofCode
from entropy_proofs.standalone.names import TAKEN


@dataclass(frozen=True)
class Shown:
    """Where a size can be read off: from an axis of an argument, by a little arithmetic."""

    argument: str
    axis: int
    size: Expr  # of that axis, in terms of the dim
    dim: Symbol

    def code(self, array: ast.expr) -> ast.expr:
        """The dim's value, given the code of the array."""
        length = subscript(ast.Attribute(array, "shape"), [ast.Constant(self.axis)])
        slope = sp.expand(self.size).coeff(self.dim)
        others = sp.expand(self.size - slope * self.dim)
        numerator = formula(self.dim - others, lambda _: length)
        return numerator if slope == 1 else binary("//", numerator, ast.Constant(int(slope)))


@dataclass(frozen=True)
class Arguments:
    """The arguments that all functions of a module share.

    Attributes:
        identifiers: the model's name -> the argument's or size's name.
        shapes: argument -> its shape, in the model's symbols; without `weights`.
        shown: dim -> what shows it.
        counts: the dims that no array shows, which are arguments themselves.
    """

    identifiers: Mapping[str, str]
    shapes: Mapping[str, tuple[Expr, ...]]
    shown: Mapping[Symbol, Shown]
    counts: tuple[str, ...]

    @property
    def arrays(self) -> tuple[str, ...]:
        """The model's names of the arrays."""
        return tuple(self.shapes)

    def size(self, size: Expr) -> str:
        """The code of a size."""
        return ast.unparse(formula(size, lambda s: ast.Name(self.identifiers[s.name])))

    def shape(self, name: str) -> tuple[str, ...]:
        """The code of an array's sizes."""
        return tuple(map(self.size, self.shapes[name]))

    @property
    def in_shapes(self) -> list[str]:
        """Those of the counts that some array's shape depends on."""
        met = {s.name for shape in self.shapes.values() for n in shape for s in symbols_in(n)}
        return [
            self.identifiers[name] for name in sorted(met) if self.identifiers[name] in self.counts
        ]

    @property
    def sampled(self) -> bool:
        """Whether q is given by samples and their weights."""
        return SAMPLES.name in self.identifiers

    @property
    def points(self) -> str:
        """What the number of data points is called."""
        return self.identifiers[POINTS.name]

    @property
    def batch(self) -> tuple[str, str]:
        """What the numbers of data points and of samples are called."""
        return self.points, self.identifiers[SAMPLES.name]


def arguments(code: ProofCode) -> Arguments:
    """The arguments of a model's functions: parameters, q, data, sizes that nothing shows.

    Raises:
        InputError: the model uses a name that stands for something of the batch.
    """
    model = code.model
    for name in (POINTS.name, SAMPLES.name, WEIGHTS.name):
        if name in {*model.dims_, *model.parameters, *model.variables}:
            raise InputError(f"{name}: stands for the batch's own {name} in code; rename it")
    sampled = WEIGHTS in code.batch.weights()
    q = [label for label, _ in code.batch.variational().values()]
    latents = [v.label for v in model.latents()] if sampled else q
    observed = [v.label for v in model.variables.values() if v.observed]
    shapes = {
        **{p.name: p.shape for p in model.parameters.values()},
        **{label.name: shape for label, shape in code.batch.hidden_shapes().items()},
        **{label.name: code.batch.shape(label) for label in (*latents, *observed)},
        **{p.name: p.shape for p in code.batch.known_weights()},
    }
    names = identifiers([*shapes, *model.dims_, *model.variational_.dims], TAKEN)
    batch = identifiers(["N", "S"], {*TAKEN, *names.values()})
    names[POINTS.name] = batch["N"]
    if sampled:
        names |= {SAMPLES.name: batch["S"], WEIGHTS.name: "weights"}
    names |= identifiers(code.batch.rule(), {*TAKEN, *names.values()})
    shown = _shown(shapes)
    met = symbols_in(code.elbo_expression) | symbols_in(code.entropy_sum_expression)
    met |= {s for shape in shapes.values() for size in shape for s in symbols_in(size)}
    hidden = [name for name, dim in model.dims_.items() if dim in met and dim not in shown]
    counts = tuple(names[name] for name in hidden)
    return Arguments(names, shapes, shown, counts)


def _shown(shapes: Mapping[str, tuple[Expr, ...]]) -> dict[Symbol, Shown]:
    """Every dim that an axis determines: one that has just its size, or else a linear one."""
    found: dict[Symbol, Shown] = {}
    axes = [(name, k, n) for name, shape in shapes.items() for k, n in enumerate(shape)]
    for name, axis, size in sorted(axes, key=lambda a: not a[2].is_Symbol):
        symbols = symbols_in(size)
        if len(symbols) == 1:
            (dim,) = symbols
            if size.is_polynomial(dim) and sp.diff(size, dim).is_Integer:
                found.setdefault(dim, Shown(name, axis, size, dim))
    return found
