"""The docstrings of a generated module: formulas, shapes and units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from textwrap import wrap

from sympy import Expr

from entropy_proofs.arrays.array import Array, generate
from entropy_proofs.code.backends.target import Module
from entropy_proofs.evaluate.batch import AnalyticBatch, Batch
from entropy_proofs.families.spaces import Space
from entropy_proofs.printing.naming import at_named_indices, whole
from entropy_proofs.printing.plain import arrow, plain
from entropy_proofs.printing.symbols import Names
from entropy_proofs.proving.proof import Proof
from entropy_proofs.standalone.bodies import INDENT, WIDTH
from entropy_proofs.standalone.checks import described
from entropy_proofs.standalone.dimensions import Arguments

Lines = list[str]
Shapes = tuple[tuple[str, tuple[Expr, ...]], ...]  # of a model's arrays


@dataclass(frozen=True)
class Docs:
    """The docstrings for one proof's module in the terms of its arguments."""

    proof: Proof
    arguments: Arguments
    library: Module
    claims: bool  # whether there is an identity, and with it an entropy sum
    batch: Batch

    def module(self) -> str:
        library = self.library.title
        model = " ".join(self.proof.model.name.split())
        what = "The ELBO and the entropy sum" if self.claims else "The ELBO, without entropy sum,"
        title = f"{what} of the model {model} in {library}."
        return docstring([*_paragraph(title), "", *self._result(), *self._batch(), *self._table()])

    def elbo(self) -> str:
        formula = f"elbo = {self._shared(self.proof.elbo)}"
        return self._function(f"The ELBO{self._without}, in nats per data point.", [formula])

    def entropy_sum(self) -> str:
        formula = f"entropy_sum = {self._shared(self.proof.entropy_sum)}"
        title = f"The entropy sum{self._without}, in nats per data point."
        return self._function(title, [formula])

    def gap(self) -> str:
        formula = "gap = elbo - entropy_sum = directional_derivative"
        return self._function(
            "The ELBO minus the entropy sum, in nats per data point; 0 at stationary points.",
            [formula],
        )

    def gradient(self, names: Iterable[str]) -> str:
        """names: what the derivatives are for, in the model's own spelling."""
        formulas = []
        shown, learned = self.proof.stationarity, self.proof.model.learned().values()
        conditions = {p.name: shown[p.value] for p in learned if p.value in shown}
        for name in names:
            shape = described(self.arguments.shape(name))
            argument = self.arguments.identifiers[name]
            formula = (
                _derivative(name, conditions[name], self._shapes) if name in conditions else ""
            )
            of_each = " of each sample" if self.arguments.sampled else ""
            formulas.append(f"{argument} {shape}: {formula or f'dELBO/d{name}{of_each}'}")
        title = "The ELBO's derivatives by argument, in nats per data point and unit of it."
        return self._function(title, formulas, "a dict of arrays with the arguments' shapes")

    def direction(self) -> str:
        formulas = [arrow(name, d) for name, d in self.proof.field.items()]
        formulas += self._flows()
        title = "The direction along which the ELBO minus the entropy sum is its derivative."
        return self._function(title, formulas, "a dict of arrays with the arguments' shapes")

    def divergence(self) -> str:
        entropy = "H[q]"
        if self.proof.model.q_weight != 1:
            entropy = plain(self.proof.variational_entropy)
        title = f"The mean divergence of the flow of q's samples: how fast {entropy} grows along it"
        return self._function(f"{title}.", [])

    def directional_derivative(self) -> str:
        formula = "sum of direction * gradient"
        if self.proof.latent_flow and self.arguments.sampled:
            formula += " + divergence"
        title = "The ELBO's derivative along the direction, in nats per data point."
        return self._function(title, [formula])

    def _function(self, title: str, formulas: Sequence[str], result: str = "shape ()") -> str:
        lines = [*_paragraph(title, 1), ""]
        for formula in formulas:
            lines += _paragraph(formula, 2, 3)
        lines += [""] if formulas else []
        names = {self.arguments.identifiers[n]: n for n in self.arguments.arrays}
        shapes = [f"{a} {described(self.arguments.shape(n))}" for a, n in names.items()]
        shapes += [f"{name} int" for name in self.arguments.counts]
        if self.arguments.sampled:
            shapes.append(f"weights {described(self.arguments.batch)}")
        lines += _paragraph(f"Shapes: {', '.join(shapes)}.", 1)
        lines += _paragraph(f"Returns: {result}.", 1)
        return docstring(lines, 1)

    # parts of the module's docstring ----------------------------------------------------------
    def _result(self) -> Lines:
        verdict = self.proof.verdict.value
        if not self.claims:
            reason = {
                "refuted": "The ELBO is no sum of entropies that the criterion yields",
                "undecided": "No entropy sum was found for the model, and none was excluded",
            }[verdict]
            return [*_paragraph(f"{reason} ({verdict}): no entropy sum exists here."), ""]
        conditions = " and ".join(map(str, self.proof.conditions))
        where = f"Where {conditions}, at" if conditions else "At"
        served = all(t.holds and not t.fixes_scale for t in self.proof.terms)
        what = f"the entropy sum ({verdict})" if served else "this, entropies only in part"
        which = f"{where} every stationary point the ELBO equals {what}:"
        entropy = plain(self.proof.variational_entropy)
        apart = self.arguments.sampled and self.proof.model.latents()
        rest = f" + {entropy}" if apart else ""
        elbo, entropies = map(self._shared, (self.proof.elbo, self.proof.entropy_sum))
        formulas = _paragraph(f"ELBO = {elbo}{rest}", 1, 2)
        formulas += _paragraph(f"entropy sum = {entropies}{rest}", 1, 2)
        return [*_paragraph(which), "", *formulas, ""]

    def _batch(self) -> Lines:
        text = self._sampled() if self.arguments.sampled else self._averaged()
        lines = _paragraph(text)
        if self._open():
            lines += ["", *_paragraph(self._networks())]
        return [*lines, "", *_paragraph(self.library.precision), ""]

    def _averaged(self) -> str:
        """How E_q is taken where q is given by its own arrays."""
        text = f"Numbers are in nats per data point, averages over {self.arguments.points} of them."
        if not self.proof.model.latents():
            return text
        text += " q is a product over the latents. E_q is in closed form"
        if rule := self.batch.rule():
            (count,) = {len(values) for values in rule.values()}
            text += f" or, where none is known, by {count} Gauss-Hermite nodes"
        entropy = plain(self.proof.variational_entropy)
        return f"{text}; {entropy} is part of the ELBO and of its entropy sum."

    def _sampled(self) -> str:
        points, samples = self.arguments.batch
        latents = [v.name for v in self.proof.model.latents()]
        text = f"Numbers are in nats per data point. The average over {points} data points "
        if latents:
            entropy = plain(self.proof.variational_entropy)
            text += (
                f"and q is the sum over {samples} samples of {', '.join(latents)} for each, with "
                f"their weights, divided by {points}. {entropy} is left out everywhere: both "
                "sides share it."
            )
        else:
            text += f"is the weighted sum divided by {points}; without latents, {samples} is 1."
        return text

    def _networks(self) -> str:
        return (
            "The hidden layers of "
            f"{', '.join(self._open())}, which the model leaves open, are t + tanh(t) "
            "with t = R s + r and given weights R and r."
        )

    def _open(self) -> list[str]:
        """The networks that the arguments have hidden layers of."""
        model = self.proof.model
        known = (*model.networks, *model.variational_.networks)
        return [f for f in known if f"phi_{f}.r" in self.arguments.arrays]

    def _table(self) -> Lines:
        """Every argument with its shape and what it is."""
        names, rows = self.arguments.identifiers, []
        for name in self.arguments.arrays:
            shape = described(self.arguments.shape(name))
            rows.append((names[name], shape, self._role(name)))
        rows += [(name, "int", "a size that no array shows") for name in self.arguments.counts]
        if self.arguments.sampled:
            weights = "of q's samples; all alike if not given"
            rows.append(("weights", described(self.arguments.batch), weights))
        first, second = (max(len(row[k]) for row in rows) for k in (0, 1))
        lines = [f"{a:<{first}}  {s:<{second}}  {what}" for a, s, what in rows]
        errors = "A missing one, or one of a wrong shape, is a ValueError that names it."
        return [f"Arguments, by keyword. {errors}", "", *(INDENT + line for line in lines)]

    def _role(self, name: str) -> str:
        model = self.proof.model
        if name in model.parameters:
            parameter = model.parameters[name]
            role = "known constant" if parameter.fixed else "parameter"
            kind = str(parameter.domain)
        elif name in model.variables:
            variable = model.variables[name]
            role, kind = ("observed" if variable.observed else "latent"), str(variable.support)
        elif name in self._factors:
            role, kind = (str(part) for part in self._factors[name])
        elif name in model.variational_.all:
            parameter = model.variational_.all[name]
            shared = name in model.variational_.weights
            role, kind = ("weights" if shared else "parameter") + " of q", str(parameter.domain)
        else:
            role, kind = "weights of a hidden layer", "real"
        described = f"{role}, {kind}"
        renamed = self.arguments.identifiers[name] != name
        return f"{described}; {' '.join(name.split())} in the model" if renamed else described

    @property
    def _factors(self) -> dict[str, tuple[str, Space]]:
        """What each array of q is, and its domain."""
        factors = self.batch.factors.values() if isinstance(self.batch, AnalyticBatch) else ()
        return {q.label(s).name: (q.described(s), d) for q in factors for s, d in q.domains.items()}

    def _flows(self) -> Lines:
        """How q moves along the direction."""
        if self.arguments.sampled:
            return [arrow(name, d) for name, d in self.proof.latent_flow.items()]
        flows = self.proof.identity.flows if self.proof.identity else ()
        declared = isinstance(self.batch, AnalyticBatch) and self.batch.declared
        found = self.proof.variational_flow.items() if declared else ()
        return [arrow(name, d) for name, d in found] + [
            arrow(label.name, generate(lambda *at, moved=moved: moved(at), self.batch.shape(label)))
            for flow in flows
            for label, moved in self.batch.flowing(flow).items()
        ]

    @property
    def _without(self) -> str:
        return " without H[q]" if self.arguments.sampled else ""

    def _shared(self, expr: Expr) -> str:
        """A formula without H[q], where that is left out."""
        left_out = self.proof.variational_entropy if self.arguments.sampled else 0
        return _formula(expr - left_out, self._shapes)

    @cached_property
    def _shapes(self) -> Shapes:
        return tuple(self.proof.model.names().shapes.items())


def docstring(lines: Sequence[str], level: int = 0) -> str:
    """The source of a docstring."""
    body = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').rstrip() for line in lines]
    quotes = f'{INDENT * level}"""'
    if len(body) == 1:
        return f'{quotes}{body[0].strip()}"""'
    return "\n".join([quotes + body[0].strip(), *body[1:], quotes])


def _paragraph(text: str, level: int = 0, hanging: int | None = None) -> Lines:
    first = INDENT * level
    following = first if hanging is None else INDENT * hanging
    return wrap(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=following,
        break_long_words=False,
        break_on_hyphens=False,
    )


@lru_cache(maxsize=256)
def _formula(expr: Expr, shapes: Shapes) -> str:
    """Kept, since the module and its functions state it, for each backend the same."""
    with Names(shapes=dict(shapes)).used():
        return plain(expr)


@lru_cache(maxsize=256)
def _derivative(name: str, condition: Expr, shapes: Shapes) -> str:
    """dF/dW[d,h] = ..., with indices where the elements must be told apart."""
    with Names(shapes=dict(shapes)).used():
        if isinstance(condition, Array):
            indices, element = at_named_indices(condition)
            if whole(element, indices) is None:
                name += f"[{','.join(map(str, indices))}]"
        return f"dELBO/d{name} = {plain(condition)}"
