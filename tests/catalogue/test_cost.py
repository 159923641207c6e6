"""What a proof costs: so many calls for each catalogue model, the same work at any size, and no
line of the engine for any model in particular."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from counting import calls

import entropy_proofs as ep
from entropy_proofs import Categorical, Model, MultivariateNormal, Normal, Poisson
from entropy_proofs.model import catalogue
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.proving.proof import _prove

from .instances import FOLDER, NAMES, proof_of
from .spread import SPREAD

PACKAGE = Path(ep.__file__).parent
EACH, MEAN = 500_000, 51_800  # calls of the package's functions: 50,000 take about a second


def counted(model: Model) -> tuple[Any, int]:
    """The model's proof, found anew, and the calls of the package's functions that it takes."""
    return calls(Proofs().get, model, _prove)


def test_a_model_is_proved_in_half_a_million_calls_and_most_in_far_fewer(every_proof):
    assert every_proof.keys() >= set(SPREAD)
    assert {name: n for name, n in every_proof.items() if n >= EACH} == {}
    assert sum(every_proof.values()) < MEAN * len(every_proof)


# the same work at any size ------------------------------------------------------------------------
def work(declare: Callable[[Model], Any]) -> int:
    """Calls of the package's functions in a proof, with SymPy's caches warm."""
    for _ in range(2):
        model = Model("sizes")
        declare(model)
        proof, found = counted(model)
        assert proof.verdict is ep.Verdict.PROVED
    return found


def hidden_markov(length: Any) -> Callable[[Model], None]:
    def declare(model: Model) -> None:
        K = model.dims("K")
        steps = length or model.dims("T")
        start = model.parameter("start", K, domain="simplex")
        A = model.parameter("A", K, K, domain="simplex")
        rate = model.parameter("rate", K, domain="positive")
        z = model.chain(
            "z",
            initial=Categorical(probabilities=start),
            transition=lambda previous: Categorical(probabilities=A[previous]),
            length=steps,
        )
        model.observed("x", Poisson(rate=rate[z]), steps)

    return declare


def linear_dynamics(length: Any, width: Any) -> Callable[[Model], None]:
    def declare(model: Model) -> None:
        steps, H = length or model.dims("T"), width or model.dims("H")
        A = model.parameter("A", H, H)
        Q = model.parameter("Q", H, H, domain="positive definite")
        r = model.parameter("r", domain="positive")
        z = model.chain(
            "z",
            initial=MultivariateNormal(mean=0, covariance=Q),
            transition=lambda previous: MultivariateNormal(mean=A @ previous, covariance=Q),
            length=steps,
        )
        model.observed("x", Normal(mean=z, variance=r), steps, H)

    return declare


def plates(*sizes: Any) -> Callable[[Model], None]:
    def declare(model: Model) -> None:
        own = [model.dims(n) if isinstance(n, str) else n for n in sizes]
        s, t = (model.parameter(n, domain="positive") for n in "st")
        z = model.latent("z", Normal(mean=0, variance=t), *own)
        model.observed("x", Normal(mean=z, variance=s), *own)

    return declare


def test_work_does_not_grow_with_the_length_of_a_chain():
    counts = [work(hidden_markov(n)) for n in (None, 3, 1000, 10**9)]
    assert max(counts) <= 1.2 * min(counts), counts


def test_work_does_not_grow_with_length_and_width_of_a_chain():
    counts = [work(linear_dynamics(*n)) for n in ((None, None), (3, 2), (10**6, 10**4))]
    assert max(counts) <= 1.3 * min(counts), counts


def test_work_does_not_grow_with_the_size_of_plates():
    counts = [work(plates(*n)) for n in (("n",), (2,), (1000,), (10**9,))]
    assert max(counts) <= 1.2 * min(counts), counts


def test_work_does_not_grow_with_the_number_of_plates():
    counts = [work(plates(*"nmklj"[:k])) for k in (1, 2, 3, 5)]
    assert max(counts) <= 2 * min(counts), counts


def layers(many: int, *, shared: bool) -> Callable[[Model], None]:
    """A chain of normals, each with a variance of its own: an element of one vector, if shared."""

    def declare(model: Model) -> None:
        vector = model.parameter("s", many, domain="positive") if shared else None
        mean: Any = 0
        for k in range(many):
            own = vector[k] if shared else model.parameter(f"s{k}", domain="positive")
            of = model.observed if k == many - 1 else model.latent
            mean = of(f"z{k}", Normal(mean=mean, variance=own))

    return declare


def test_work_grows_gently_with_the_number_of_variables():
    few, many = 2, 11
    counts = [work(layers(k, shared=False)) for k in (few, many)]
    assert counts[1] <= (many / few) ** 2 * counts[0], counts


# no special cases ---------------------------------------------------------------------------------
def engine() -> set[Path]:
    """The modules that a proof and its claims reach through their imports, at any time."""
    found, waiting = set(), ["proving.proof", "proving.density", "claims.claims"]
    while waiting:
        name = waiting.pop().replace(".", "/")
        paths = [p for p in (PACKAGE / f"{name}.py", PACKAGE / name / "__init__.py") if p.exists()]
        for path in set(paths) - found:
            found.add(path)
            waiting += re.findall(r"(?:from|import) entropy_proofs\.([\w.]+)", path.read_text())
    return found


def names_of_models() -> set[str]:
    """Stems and declared names."""
    names = set(NAMES)
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Model":
                names.add(node.args[0].value)
    return names


def code_of(path: Path) -> str:
    """Without comments and docstrings, whose examples may name what they like."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_the_engine_names_no_catalogue_model():
    paths = engine()
    assert len(paths) > 20
    assert not any(p.is_relative_to(FOLDER) for p in paths)
    words = "|".join(sorted(map(re.escape, names_of_models()), key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE)
    for path in sorted(paths):
        found = pattern.findall(code_of(path))
        assert not found, f"{path.name} names {found}"


@pytest.mark.parametrize("name", NAMES[::12])
def test_claims_change_no_proof(name):
    model = catalogue.load(name)
    model.claims.clear()
    bare, proof = ep.prove(model), proof_of(name)
    assert bare.verdict is proof.verdict
    assert bare.entropy_sum == proof.entropy_sum
    assert bare.field == proof.field
