"""The generated text: lines, names, imports, docstrings, and life in a process without the engine."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
from functools import cache

import pytest

import entropy_proofs as ep
from entropy_proofs import Model, Normal
from entropy_proofs.model import catalogue

from .modules import BACKENDS, generated, run, source

SAMPLE = ("ppca", "vae_3", "factorial_hmm", "multinomial_mixture", "student_t_known_dof")
LIBRARIES = {"numpy": {"numpy", "scipy"}, "jax": {"jax"}, "torch": {"torch"}}
PLAIN = {"math", "typing"}


def assert_tidy(code: str, length: int = 100) -> None:
    """No line is too long, and every name is defined and used."""
    rules = ("--select", "E501,F,I", "--line-length", str(length))
    checked = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", *rules, "-"],
        input=code, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout


def odd_model() -> Model:
    """Names that are keywords, long, that clash with one another or with the module's own."""
    model = Model('Odd """names"""\\')
    (size,) = (model.dims("N"),)
    long = "a_very_long_name_" * 2 + "abcde"
    names = ["f_V", "lambda", "lambda_", "np", "elbo", "t0", "sum", "_index", long, long + "2"]
    scalars = [model.parameter(name) for name in names]
    variance = model.parameter("v", domain="positive")
    weights = model.parameter("w", 2 * size + 3, domain="positive")
    z = model.latent("z", Normal(mean=0, variance=weights), 2 * size + 3)
    f = model.network("f", z)
    mean = sum(k * s for k, s in enumerate(scalars, 1)) + f
    model.observed("x", Normal(mean=mean, variance=variance))
    return model


@cache
def odd_proof():
    return ep.prove(odd_model())


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", [*SAMPLE, "odd names"])
def test_lines_are_short_and_names_known(name, backend):
    if name in SAMPLE:
        assert_tidy(source(name, backend))
    else:
        assert_tidy(ep.codegen(odd_proof(), backend), 230)  # of a table of long names


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_else_is_imported(backend):
    for name in SAMPLE:
        tree = ast.parse(source(name, backend))
        found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        found |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert {module.partition(".")[0] for module in found} <= PLAIN | LIBRARIES[backend]


@pytest.mark.end_to_end
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_fresh_process_needs_the_library_only(backend, tmp_path):
    path = tmp_path / "generated.py"
    path.write_text(source("gaussian_mixture", backend), encoding="utf-8")
    code = f"""
import sys
sys.modules["entropy_proofs"] = sys.modules["sympy"] = None  # importing either one fails
sys.path.insert(0, {str(tmp_path)!r})
import generated
shared = dict(rho=[0.5, 0.5], mu=[[0.0], [2.0]], Sigma=[[[1.0]], [[2.0]]], c=[[0, 1]] * 2, x=[[0.3], [1.0]])
print(float(generated.gap(**shared) - generated.directional_derivative(**shared)))
"""
    if backend == "torch":  # PyTorch itself imports SymPy
        code = code.replace(' = sys.modules["sympy"]', "")
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert abs(float(done.stdout)) < 1e-6  # JAX computes in its default precision here


@pytest.mark.end_to_end
def test_the_same_text_every_time():
    """Whatever the order of sets."""
    code = (
        "import entropy_proofs as ep\n"
        "for n in ('vae_2', 'hmm_gaussian'):\n"
        "    print(ep.codegen(ep.prove(ep.load(n)), 'torch'))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1


@pytest.mark.end_to_end
@pytest.mark.parametrize("library", ["jax", "torch"])
def test_code_is_written_without_its_library(library):
    code = (
        f"import sys; sys.modules[{library!r}] = None\n"
        "import entropy_proofs as ep\n"
        f"print(len(ep.codegen(ep.prove(ep.load('ppca')), {library!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def test_docstrings_state_formulas_shapes_and_units():
    module = generated("ppca", "numpy")
    assert "entropy sum = -D*log(2*π*e*sigma2)/2 - H*log(2*π*e)/2 + H[q(z)]" in module.__doc__
    assert "sigma2 ↦ -sigma2" in module.direction.__doc__
    assert "dELBO/dmu[d] = E_q[" in module.gradient.__doc__
    assert "log(2*π*e*sigma2)" in module.entropy_sum.__doc__
    for name in module.__all__:
        function = getattr(module, name)
        assert "W (D, H), mu (D,), sigma2 (), z (N, S, H), x (N, D), weights (N, S)" in " ".join(
            function.__doc__.split()
        )
        assert "Returns: " in function.__doc__
        parameters = inspect.signature(function).parameters
        assert list(parameters) == ["W", "mu", "sigma2", "z", "x", "weights"]
        assert {p.kind for p in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
        assert all(p.annotation is not inspect.Parameter.empty for p in parameters.values())
    assert "nats per data point" in module.elbo.__doc__


def test_formulas_continue_further_in():
    found = re.findall(r"\n( +)(\w.*?) = .*\n( +)", generated("eight_schools", "numpy").__doc__)
    assert found == [(" " * 4, name, " " * 8) for name in ("ELBO", "entropy sum")]


def test_the_mapping_of_names_is_documented():
    module = run(ep.codegen(odd_proof()))
    parameters = list(inspect.signature(module.elbo).parameters)
    assert len(set(parameters)) == len(parameters) == 21
    assert {"f_V", "f_V_", "lambda__", "np_", "elbo_", "t0", "sum", "w", "v"} <= set(parameters)
    for line in ("f_V_ ", "lambda__ "):
        assert any(shown.strip().startswith(line) for shown in module.__doc__.splitlines())
    assert "f.V in the model" in module.__doc__
    assert "lambda in the model" in module.__doc__


def test_code_reads_like_its_formulas():
    """Numbers are formulas, what the field has a word for is called so, and checks come last."""
    ppca, mixture = source("ppca", "numpy"), source("gaussian_mixture", "torch")
    assert "math.log(2 * math.pi) * H" in ppca
    assert "1 / 2 + math.log(2 * math.pi) / 2" in ppca
    assert not re.search(r"\d\.\d{5}", ppca)
    assert "    residual = _subtract_from(" in ppca
    assert "    return weights.ravel() @ " in ppca
    assert "    responsibilities = torch.einsum(" in mixture
    assert "    inv_Sigma = torch.linalg.inv(Sigma)" in mixture
    for code in (ppca, mixture):
        assert code.index("def elbo") < code.index("def gap") < code.index("def _checked")


def test_a_word_that_is_taken_is_left_to_the_argument():
    model = Model("Taken")
    slope, residual = model.parameter("a"), model.parameter("residual")
    size = model.dims("D")
    model.observed("x", Normal(mean=slope + residual, variance=1), size)
    code = ep.codegen(ep.prove(model))
    assert "    residual_ = " in code
    assert not re.search(r"^    residual = ", code, re.MULTILINE)


def test_a_helper_is_quoted_only_where_it_is_used():
    assert "_logdet" in source("gaussian_mixture", "torch")
    assert "_logdet" not in source("ppca", "torch")
    assert "_besseli" not in source("gaussian_mixture", "torch")


def test_undecided_and_partial_models_say_so():
    assert "entropies only in part" in generated("vae_0", "numpy").__doc__
    assert "no entropy sum exists" in generated("student_t_known_dof", "numpy").__doc__
    assert not hasattr(generated("student_t_known_dof", "numpy"), "entropy_sum")


def test_what_no_backend_can_write():
    proof = ep.prove(catalogue.load("ppca"))
    with pytest.raises(ep.InputError, match="no backend 'mpmath' to write: choose from numpy, jax"):
        ep.codegen(proof, "mpmath")
