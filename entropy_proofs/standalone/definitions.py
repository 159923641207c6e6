"""The public functions of a generated module, from the proof's expressions."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, Expr

from entropy_proofs.code.backends.target import Module
from entropy_proofs.code.identifiers import temporary
from entropy_proofs.evaluate.model_code import Output, ProofCode
from entropy_proofs.standalone.bodies import INDENT, WIDTH, body
from entropy_proofs.standalone.checks import size_lines
from entropy_proofs.standalone.dimensions import Arguments
from entropy_proofs.standalone.docs import Docs
from entropy_proofs.standalone.names import TAKEN
from entropy_proofs.standalone.variables import variables

INNER = '''\
def _inner(along: dict[str, Any], slopes: dict[str, Any]) -> Any:
    """The sum of all products."""
    return sum((value * slopes[name]).sum() for name, value in along.items())
'''


def constant(name: str) -> str:
    """What holds an array that is no argument."""
    return f"_{name.upper().replace(' ', '_')}"


def constants(code: ProofCode, functions: Mapping[str, str]) -> list[str]:
    """The arrays of a quadrature rule that the functions use, as source blocks."""
    found = []
    for name, values in code.batch.rule().items():
        if any(constant(name) in source for source in functions.values()):
            numbers = [f"{INDENT}{float(value)!r}," for value in values]
            found.append("\n".join([f"{constant(name)} = [", *numbers, "]"]))
    return found


class ModuleFunctions:
    """Writes the functions of one proof's module.

    Attributes:
        used: the names that their code refers to.
    """

    def __init__(self, code: ProofCode, arguments: Arguments, docs: Docs, module: Module):
        self.code = code
        self.arguments = arguments
        self.docs = docs
        self.accepted = module.accepted
        self.returned = module.returned
        self.used: set[str] = set()
        self._prefix = temporary(arguments.identifiers.values())

    def of_model(self) -> dict[str, str]:
        """The source of what every model has, by name."""
        slopes = self.code.gradient_outputs
        return {
            "elbo": self._written(
                "elbo", self.docs.elbo(), self._scalar(self.code.elbo_expression)
            ),
            "gradient": self._written(
                "gradient", self.docs.gradient(slopes), self._computed(slopes), several=True
            ),
        }

    def of_identity(self) -> dict[str, str]:
        """The source of what a model with an entropy sum has, by name."""
        code, docs = self.code, self.docs
        found = {
            "entropy_sum": self._written(
                "entropy_sum",
                docs.entropy_sum(),
                self._scalar(code.entropy_sum_expression),
            ),
            "gap": self._written(
                "gap", docs.gap(), self._at_point("elbo(**point) - entropy_sum(**point)")
            ),
            "direction": self._written(
                "direction",
                docs.direction(),
                self._computed(code.direction_outputs),
                several=True,
            ),
        }
        slope = "_inner(direction(**point), gradient(**point))"
        divergences = [expression for expression, _ in code.divergence_outputs.values()]
        if divergences:
            slope += " + divergence(**point)"
            computed = self._scalar(Add(*divergences))
            found["divergence"] = self._written("divergence", docs.divergence(), computed)
        found["directional_derivative"] = self._written(
            "directional_derivative", docs.directional_derivative(), self._at_point(slope)
        )
        return found

    def _written(self, name: str, docstring: str, lines: list[str], several: bool = False) -> str:
        result = f"dict[str, {self.returned}]" if several else self.returned
        parameters = [f"{INDENT}{name}: {self.accepted}," for name in self._arrays()]
        parameters += [f"{INDENT}{name}: int," for name in self.arguments.counts]
        if self.arguments.sampled:
            parameters.append(f"{INDENT}weights: {self.accepted} | None = None,")
        return "\n".join(
            [
                f"def {name}(",
                f"{INDENT}*,",
                *parameters,
                f") -> {result}:",
                docstring,
                *(f"{INDENT}{line}" for line in lines),
            ]
        )

    def _scalar(self, expression: Expr) -> list[str]:
        """The lines that compute and return a number."""
        return self._computed({"": (expression, ())}, bare=True)

    def _computed(self, outputs: Mapping[str, Output], *, bare: bool = False) -> list[str]:
        """The lines that compute outputs, given by the model's names, and return them as a dict."""
        names = self.arguments.identifiers
        code = self.code.lowered(outputs)
        held = variables(code, self.code.model, {*TAKEN, *names.values()})
        computed = body(code, self.code.backend, names, self._prefix, held, bare=bare)
        used = computed.names()
        self.used |= used
        rule = {n: names[n] for n in self.code.batch.rule() if names[n] in used}
        loaded = [f"{own} = _asarray({constant(name)})" for name, own in rule.items()]
        return [*size_lines(self.arguments, used), *loaded, *computed.source()]

    def _at_point(self, result: str) -> list[str]:
        """The lines of a function that calls others with its own arguments."""
        names = [*self._arrays(), *self.arguments.counts]
        names += ["weights"] if self.arguments.sampled else []
        entries = [f'"{name}": {name}' for name in names]
        start = "point: dict[str, Any] = {"
        lines = [f"{start}{', '.join(entries)}}}"]
        if len(INDENT + lines[0]) > WIDTH:
            lines = [start, *(f"{INDENT}{entry}," for entry in entries), "}"]
        return [*lines, f"return {result}"]

    def _arrays(self) -> list[str]:
        return [self.arguments.identifiers[name] for name in self.arguments.arrays]
