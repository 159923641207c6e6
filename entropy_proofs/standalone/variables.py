"""What the variables of a generated function are called, where the field has a word for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from entropy_proofs.code.identifiers import identifiers
from entropy_proofs.code.ir import Contraction, Input, Map, Matrix, Node, Range, Total
from entropy_proofs.code.routine import Routine
from entropy_proofs.evaluate.batch import WEIGHTS
from entropy_proofs.model.model import Model


def variables(code: Routine, model: Model, taken: Collection[str]) -> dict[Node, str]:
    """The names of some of the steps.

    Args:
        taken: what no variable may be called.
    """
    observed = {v.name for v in model.variables.values() if v.observed}
    words = {node: word for node in code.steps for word in _words(node, observed)}
    return dict(zip(words, _distinct(words.values(), taken), strict=True))


def _words(node: Node, observed: Collection[str]) -> Iterator[str]:
    arrays = [o.array for o in node.operands]
    match node:
        case Total(negative=negative) if len(set(negative)) == 2:
            signs = {sign for sign, a in zip(negative, arrays, strict=True) if _is(a, observed)}
            if len(signs) == 1:  # data, and something that is taken from them
                yield "residual"
        case Matrix(function="inverse"):
            yield f"inv_{arrays[0].name}" if isinstance(arrays[0], Input) else "inverse"
        case Matrix(function="logdet"):
            yield f"logdet_{arrays[0].name}" if isinstance(arrays[0], Input) else "logdet"
        case Map(function="equal") if any(isinstance(a, Range) for a in arrays):
            yield "one_hot"
        case Contraction() if any(_is(a, [WEIGHTS.name]) for a in arrays) and node.rank == 2:
            if any(isinstance(a, Map) and a.function == "equal" for a in arrays):
                yield "responsibilities"


def _is(node: Node, names: Collection[str]) -> bool:
    return isinstance(node, Input) and node.name in names


def _distinct(words: Collection[str], taken: Collection[str]) -> Iterator[str]:
    """Each word, numbered from its second use on."""
    seen: dict[str, int] = {}
    numbered = []
    for word in words:
        seen[word] = seen.get(word, 0) + 1
        numbered.append(word if seen[word] == 1 else f"{word}_{seen[word]}")
    yield from identifiers(numbered, taken).values()
