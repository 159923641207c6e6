"""Rooms for what others add: one thing of each kind, written here and used."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import reload
from typing import Any, ClassVar

import click
import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner
from sympy import Symbol, log

import entropy_proofs as ep
from entropy_proofs.algebra import normal
from entropy_proofs.algebra.poly import Polynomial
from entropy_proofs.cli import cmd_report, cmd_table, commands
from entropy_proofs.code import backends
from entropy_proofs.document import formats
from entropy_proofs.document.blocks import Document
from entropy_proofs.families.family import Family
from entropy_proofs.families.spaces import POSITIVE, OpenInterval, Space
from entropy_proofs.kernel.language.labels import Domain, Label
from entropy_proofs.kernel.language.statement import Signature, Statement
from entropy_proofs.kernel.language.terms import Term
from entropy_proofs.kernel.normal.function_table import FUNCTIONS, Function, apply, power
from entropy_proofs.kernel.normal.normal_forms import Algebra
from entropy_proofs.kernel.normal.rules import RULES
from entropy_proofs.optimise.protocol import solve
from entropy_proofs.optimise.result import Reason, Stop


@dataclass(frozen=True, kw_only=True)
class Rayleigh(Family):
    """Rayleigh(scale2): the length of a vector of two N(0, scale2)."""

    scale2: Any
    domains: ClassVar = {"scale2": POSITIVE}

    def log_density(self, x: Any) -> sp.Expr:
        return log(x) - log(self.scale2) - x**2 / (2 * self.scale2)

    def support(self) -> Space:
        return POSITIVE


def test_a_family():
    model = ep.Model("lengths")
    s = model.parameter("s", domain="positive")
    model.observed("x", Rayleigh(scale2=s))
    proof = ep.prove(model)
    assert (proof.verdict, proof.pseudo) == (ep.Verdict.PROVED, ("x",))
    assert ep.verify(proof, np.array([0.5, 1.0, 3.0])).passed


NONE, ALL = sp.Integer(0), sp.Integer(100)


@dataclass(frozen=True)
class Percentages(OpenInterval):
    """Numbers between 0 and 100."""

    low: Any = NONE
    high: Any = ALL
    name = "percentage"


@dataclass(frozen=True, kw_only=True)
class Share(Family):
    """A density a (v / 100)^(a - 1) / 100 of percentages."""

    power: Any
    domains: ClassVar = {"power": POSITIVE}

    def log_density(self, v: Any) -> sp.Expr:
        return log(self.power) + (self.power - 1) * log(v / 100) - log(100)

    def support(self) -> Space:
        return Percentages()


def test_a_support():
    model = ep.Model("shares")
    a = model.parameter("a", domain="positive")
    model.observed("x", Share(power=a))
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert "(0, 100)" in str(proof.statement)
    assert ep.verify(proof, np.array([5.0, 40.0, 99.0])).passed


class Twice(sp.Function):
    """A node of one's own."""


def test_a_rule_of_the_searchs_normal_forms(monkeypatch):
    def doubled(e: Twice) -> Polynomial:
        return normal.normal(2 * e.args[0])

    monkeypatch.setitem(normal.RULES, Twice, doubled)
    x = Symbol("x")
    assert normal.normal(Twice(x + 1)) == normal.normal(2 * x + 2)


def _algebra(**options: Any) -> Algebra:
    statement = Statement("x alone", {}, (Label("x", "constant", (), Domain("real")),), ())
    return Algebra(Signature(statement), **options)


X = Term("element", "x")


def test_a_function_that_the_kernel_knows(monkeypatch):
    monkeypatch.setitem(FUNCTIONS, "cube", Function(rewritten=lambda x: power(x, 3)))
    algebra = _algebra()
    assert algebra.normal(apply("cube", X)) == algebra.normal(power(X, 3))


def test_a_rule_of_the_kernel():
    def square(algebra: Algebra, t: Term) -> Any:
        return algebra.power(algebra.normal(t.args[0]), 2)

    algebra = _algebra(rules={**RULES, "square": square})
    assert algebra.normal(Term("square", X)) == algebra.normal(power(X, 2))


BACKEND = """
from dataclasses import replace
from entropy_proofs.code.backends import numpy

BACKEND = replace(numpy.BACKEND, name="mine", calls={**numpy.BACKEND.calls, "log": "np.emath.log"})
"""


def test_a_backend(monkeypatch, tmp_path):
    (tmp_path / "mine.py").write_text(BACKEND)
    monkeypatch.setattr(backends, "__path__", [*backends.__path__, str(tmp_path)])
    monkeypatch.setitem(backends._BACKENDS, "mine", {"codegen"})
    proof = ep.prove(ep.load("linear_regression"))
    source = ep.codegen(proof, backend="mine")
    assert "np.emath.log(" in source
    compile(source, "generated", "exec")
    backends.backend.cache_clear()
    sys.modules.pop(f"{backends.__name__}.mine", None)


FORMAT = """
from entropy_proofs.document.blocks import Paragraph

def shout(document, page):
    return "".join(f"{document.title.upper()}! {len(document.blocks)}\\n")
"""


def test_a_format(monkeypatch, tmp_path):
    (tmp_path / "shouting.py").write_text(FORMAT)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(formats.FORMATS, "shout", formats.Format("shout", ".txt", "shouting:shout"))
    assert formats.format_of("shout").write(Document("sums", ())) == "SUMS! 0\n"
    command = reload(cmd_table).table  # as in a new process
    done = CliRunner().invoke(command, ["ppca", "--format", "shout"], standalone_mode=False)
    assert done.output == "ENTROPY SUMS! 1\n"
    command = reload(cmd_report).report
    done = CliRunner().invoke(command, ["ppca", "--format", "shout"], standalone_mode=False)
    assert done.output.startswith("PROBABILISTIC PCA! ")
    monkeypatch.undo()
    reload(cmd_table)
    reload(cmd_report)


class Halving:
    """A zero of an increasing function, between two ends."""

    @dataclass
    class State:
        x: tuple[float, float]

    def __init__(self, function):
        self.function = function

    def init(self, x: tuple[float, float]) -> State:
        return self.State(x)

    def step(self, state: State) -> State:
        low, high = state.x
        middle = (low + high) / 2
        return self.State((low, middle) if self.function(middle) > 0 else (middle, high))

    def stop(self, state: State) -> Stop | None:
        low, high = state.x
        return Reason.SETTLED() if high - low < 1e-12 else None


def test_an_optimiser():
    found = solve(Halving(lambda x: x**2 - 2), (0.0, 2.0))
    assert found.x[0] == pytest.approx(2**0.5, abs=1e-11)
    assert found.stop.converged
    assert str(solve(Halving(lambda x: x), (-1.0, 1.0), most=3).stop) == "max_iter = 3 iterations"


COMMAND = '''
import click

@click.command()
def greet():
    """Say hello."""
    click.echo("hello")
'''


def test_a_command(monkeypatch, tmp_path):
    (tmp_path / "my_command.py").write_text(COMMAND)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(commands.COMMANDS, "greet", "my_command:greet")
    assert CliRunner().invoke(commands.cli, ["greet"]).output == "hello\n"
    assert "Say hello." in CliRunner().invoke(commands.cli, ["--help"]).output
    assert isinstance(commands.cli, click.Group)
