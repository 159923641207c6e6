"""SymPy's expressions in IPython: those of models are shown on paper, all others as SymPy does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import sympy as sp

import entropy_proofs as ep
from entropy_proofs.notebook.shell import expression_latex

SESSION = """
import json
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_cell("import sympy as sp; import entropy_proofs as ep; proof = ep.prove(ep.load('ppca'))")
def shown(code):
    return shell.display_formatter.format(shell.ev(code))[0]
print(json.dumps({code: shown(code) for code in (
    "proof.elbo", "proof.entropy_sum", "sp.Symbol('a') / 2", "proof.field", "proof.model",
)}))
"""


def test_expressions_of_proofs_are_shown_as_on_paper():
    proof = ep.prove(ep.load("ppca"))
    assert expression_latex(proof.entropy_sum) == (
        r"$\displaystyle \mathcal{H}[q(\mathbf{z})] - \frac{H}{2}\log(2\pi e)"
        r" - \frac{D}{2}\log(2\pi e\sigma^{2})$"
    )
    assert r"\mathbb{E}_{q}" in expression_latex(proof.elbo)


def test_other_expressions_are_left_to_sympy():
    i, n = sp.symbols("i n", integer=True)
    own = sp.Sum(sp.IndexedBase("x")[i], (i, 0, n - 1))
    assert expression_latex(own) == own._repr_latex_()


@pytest.mark.end_to_end
def test_ipython_is_told(ipython):
    done = subprocess.run(
        [sys.executable, "-c", SESSION], capture_output=True, text=True, check=True, timeout=120
    )
    shown = json.loads(done.stdout.splitlines()[-1])
    assert r"\mathcal{H}[q(\mathbf{z})]" in shown["proof.elbo"]["text/latex"]
    assert r"\operatorname" not in shown["proof.entropy_sum"]["text/latex"]
    assert shown["sp.Symbol('a') / 2"]["text/latex"] == r"$\displaystyle \frac{a}{2}$"
    assert shown["proof.field"]["text/plain"] == "{sigma2: -sigma2, W: -W/2}"
    assert "<math>" in shown["proof.model"]["text/html"]


@pytest.mark.end_to_end
def test_nothing_is_told_where_no_ipython_runs():
    code = "import entropy_proofs, sys; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
