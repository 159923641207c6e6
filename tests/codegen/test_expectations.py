"""Modules with expectations in closed form or by quadrature: `ep.compile`'s numbers, autograd's."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import numpy as np
import pytest
import torch
from catalogue.spread import MODELS
from scipy import stats

import entropy_proofs as ep
from entropy_proofs.cli import commands as cli
from entropy_proofs.evaluate.batch import POINTS
from entropy_proofs.evaluate.random_values import random_instance
from entropy_proofs.model import catalogue
from entropy_proofs.standalone.dimensions import arguments

from .modules import BACKENDS, NAMES, assert_close, has_identity, run
from .test_source import LIBRARIES, PLAIN, assert_tidy

TOLERANCE = {"numpy": 1e-12, "jax": 1e-11, "torch": 1e-11}
SAMPLED = [  # of the backends over models: (model, covariance)
    ("sparse_coding", "full"), ("laplace_scale_mixture", "diagonal"), ("logistic_pca", "full"),
    ("latent_dirichlet_allocation", "diagonal"), ("mixture_of_ppca", "diagonal"),
]  # fmt: skip
NO_CLOSED_FORM = [
    name for name in NAMES
    if name.startswith(("vae_", "sigmoid_"))
    or name in {"correlated_topic_model", "noisy_or", "poisson_factor_analysis"}
    or name == "stochastic_block_model"
]  # fmt: skip
CLOSED = [n for n in MODELS if n not in NO_CLOSED_FORM and catalogue.load(n).latents()]


def _case(name: str, backend: str, covariance: str = "diagonal", nodes: int = 4):
    """A proof's module, its compiled functions, and random arguments for both."""
    proof = ep.prove(catalogue.load(name))
    options = {"expectation": "quadrature", "covariance": covariance, "nodes": nodes}
    compiled = ep.compile(proof, "numpy", **options)
    sizes = {**dict.fromkeys(proof.model.dims_, 2), POINTS.name: 2}
    values = random_instance(compiled._code, np.random.default_rng(0), sizes)
    shared = arguments(compiled._code)
    names = shared.identifiers
    given = {names[n]: values[n] for n in shared.arrays}
    given |= {names[n]: size for n, size in sizes.items() if names.get(n) in shared.counts}
    ours = {n: values[n] for n in shared.arrays} | {n: sizes[n] for n in proof.model.dims_}
    return proof, run(ep.codegen(proof, backend, **options)), compiled, ours, given, names


def _agrees(name: str, backend: str, covariance: str = "diagonal") -> None:
    proof, module, compiled, ours, given, names = _case(name, backend, covariance)
    tolerance = TOLERANCE[backend]
    value, slopes = compiled.value_and_gradient(ours)
    assert_close(module.elbo(**given), value, tolerance)
    found = module.gradient(**given)
    assert set(found) == {names[n] for n in slopes}
    for n, slope in slopes.items():
        assert_close(found[names[n]], slope, tolerance)
    if has_identity(proof):
        scale = abs(value) + sum(np.abs(s).sum() for s in slopes.values())
        assert_close(module.entropy_sum(**given), compiled.entropy_sum(ours), tolerance, scale)
        gap = compiled.gap(ours)
        assert_close(module.gap(**given), gap, tolerance, scale)
        assert_close(module.directional_derivative(**given), gap, tolerance, scale)
        assert "divergence" not in module.__all__


@pytest.mark.parametrize("name", CLOSED)
def test_numpy_modules_of_the_catalogue(name):
    """F is `ep.compile`'s, the gradient that of central differences, and F - S = v·∇F."""
    proof, module, compiled, ours, given, _ = _case(name, "numpy")
    value, slopes = module.elbo(**given), module.gradient(**given)
    assert_close(value, compiled.elbo(ours), 1e-12)
    rng, step = np.random.default_rng(1), 1e-5
    along = {n: rng.normal(size=np.shape(slope)) for n, slope in slopes.items()}
    elbo = module.elbo.__wrapped__  # which takes probabilities off the simplex
    ahead, behind = (
        elbo(**{**given, **{n: given[n] + h * d for n, d in along.items()}}) for h in (step, -step)
    )
    terms = [along[n] * slope for n, slope in slopes.items()]
    scale = abs(value) + sum(np.abs(t).sum() for t in terms)
    assert_close((ahead - behind) / (2 * step), sum(t.sum() for t in terms), 1e-7, scale)
    if has_identity(proof):
        assert_close(module.gap(**given), module.directional_derivative(**given), 1e-12, scale)
        assert "divergence" not in module.__all__


@pytest.mark.parametrize(("name", "covariance"), SAMPLED)
def test_torch_modules(name, covariance):
    _agrees(name, "torch", covariance)


@pytest.mark.parametrize(("name", "covariance"), SAMPLED[1:2])
def test_jax_modules(name, covariance):
    _agrees(name, "jax", covariance)


# without digamma, whose derivative has nine digits in torch (JAX's is in test_conjugate)
@pytest.mark.parametrize(("name", "covariance"), [s for s in SAMPLED if "dirichlet" not in s[0]])
def test_autograd_finds_the_gradient(name, covariance):
    _, module, _, _, given, _ = _case(name, "torch", covariance)
    gradient = module.gradient(**given)
    moving = {n: torch.tensor(given[n], dtype=torch.float64, requires_grad=True) for n in gradient}
    module.elbo(**{**given, **moving}).backward()
    for n, slope in gradient.items():
        assert_close(slope.detach(), moving[n].grad.numpy(), 1e-10)


@pytest.mark.parametrize("name", NO_CLOSED_FORM)
def test_what_has_no_closed_form_is_refused(name):
    with pytest.raises(ep.InputError, match=r"closed form|enumerated"):
        ep.codegen(ep.prove(catalogue.load(name)), expectation="quadrature")


def test_a_module_knows_the_evidence():
    """At the exact posterior the ELBO is the negative binomial's log probability."""
    proof = ep.prove(catalogue.load("gamma_poisson"))
    module = run(ep.codegen(proof, expectation="analytic"))
    a, b, x = np.array([1.5, 0.7]), np.array([2.0, 0.4]), np.array([[3, 0], [1, 5], [0, 2]])
    q = {"z_shape": a + x, "z_rate": np.broadcast_to(b + 1, x.shape)}
    evidence = stats.nbinom.logpmf(x, a, b / (b + 1)).sum(axis=1).mean()
    np.testing.assert_allclose(module.elbo(a=a, b=b, x=x, **q), evidence, rtol=1e-12)
    swapped = {**q, "z_rate": 1 / q["z_rate"]}
    assert module.elbo(a=a, b=b, x=x, **swapped) < evidence - 0.1


# the text -----------------------------------------------------------------------------------------
def _source(name: str, backend: str) -> str:
    return ep.codegen(ep.prove(catalogue.load(name)), backend, "quadrature")


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["rasch", "latent_dirichlet_allocation", "linear_regression"])
def test_lines_are_short_and_nothing_else_is_imported(name, backend):
    code = _source(name, backend)
    assert_tidy(code, 120)  # a row of the table of arguments is never broken
    tree = ast.parse(code)
    found = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    found |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    assert {module.partition(".")[0] for module in found} <= PLAIN | LIBRARIES[backend]


def test_docstrings_say_what_q_is():
    code = _source("rasch", "numpy")
    module = run(code)
    assert "standard deviation of the normal q(theta), positive" in module.__doc__
    assert "by 32 Gauss-Hermite nodes" in module.__doc__
    assert "+ H[q(theta)]" in module.elbo.__doc__
    assert "theta.mean ↦ theta.mean" in module.direction.__doc__
    assert "samples" not in code
    assert "weights" not in re.sub("quadrature_weights", "", code)
    exact = ep.codegen(ep.prove(catalogue.load("gamma_gamma")), expectation="analytic")
    assert "rate of the gamma q(r), positive; r.rate in the model" in exact
    assert "r.rate ↦ -r.rate" in exact
    assert "NODES" not in exact


def test_arguments_are_checked_by_name():
    module = run(_source("rasch", "numpy"))
    good = {"b": [0.1, 0.2], "tau2": 1.0, "x": [[0, 1]], "theta_mean": [0.3]}
    with pytest.raises(ValueError, match=r"needs the argument theta_deviation: \(N,\)"):
        module.elbo(**good)
    good["theta_deviation"] = [0.5]
    assert np.isfinite(module.elbo(**good))
    with pytest.raises(TypeError, match="no argument weights"):
        module.elbo(**good, weights=[[1.0]])
    with pytest.raises(ValueError, match=r"theta_deviation has the shape \(1,\)"):
        module.elbo(**{**good, "theta_mean": [0.3, 0.1]})


def test_a_fresh_process_needs_the_library_only(tmp_path):
    (tmp_path / "generated.py").write_text(_source("rasch", "numpy"), encoding="utf-8")
    code = f"""
import sys
sys.modules["entropy_proofs"] = sys.modules["sympy"] = None  # importing either one fails
sys.path.insert(0, {str(tmp_path)!r})
import generated
q = dict(theta_mean=[0.3], theta_deviation=[0.8])
at = dict(b=[0.1, -0.4], tau2=0.7, x=[[0, 1]], **q)
print(float(generated.gap(**at) - generated.directional_derivative(**at)))
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert abs(float(done.stdout)) < 1e-14


# the command line ---------------------------------------------------------------------------------
def _run(capsys, *options: str):
    with pytest.raises(SystemExit) as exited:
        cli.main(["codegen", *options])
    captured = capsys.readouterr()
    return exited.value.code, captured.out, captured.err


def test_the_command_line_has_the_options(capsys):
    expected = ep.codegen(ep.prove(catalogue.load("ppca")), "torch", "analytic", "full")
    options = ("--backend", "torch", "--expectation", "analytic", "--covariance", "full")
    assert _run(capsys, "ppca", *options) == (0, expected, "")
    status, out, err = _run(capsys, "vae_1", "--expectation", "quadrature")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("entropy-proofs: error: x: no closed form is known")
    assert _run(capsys, "ppca", "--expectation", "exact")[0] == 2
