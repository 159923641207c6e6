"""Generated code computes what its expression says, for all sizes and on every backend."""

import pickle

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from kernels import compile_expressions
from scipy import special
from scipy.stats import multivariate_normal
from sympy import IndexedBase, KroneckerDelta, Lambda, Sum, Symbol, exp, log

from entropy_proofs.algebra.nodes import InverseElement, LogDet, index
from entropy_proofs.code import generate

N, S, D, H, K, T = sp.symbols("N S D H K T", integer=True, positive=True)
n, s, d, h, i, j, k, t = map(index, "nsdhijkt")
W, x, z, w, mu, Sigma, rho, c = (
    IndexedBase(Symbol(name)) for name in ["W", "x", "z", "w", "mu", "Sigma", "rho", "c"]
)
sigma2 = Symbol("sigma2", positive=True)
SHAPES = {
    Symbol("W"): (D, H),
    Symbol("x"): (N, D),
    Symbol("z"): (N, S, H),
    Symbol("w"): (N, S),
    Symbol("mu"): (K, D),
    Symbol("Sigma"): (K, D, D),
    Symbol("rho"): (K,),
    Symbol("c"): (N, S),
}
BACKENDS = ("numpy", "jax", "torch", "mpmath")


def normal_log_density():
    mean = Sum(W[d, h] * z[n, s, h], (h, 0, H - 1))
    return Sum(-((x[n, d] - mean) ** 2) / (2 * sigma2) - log(2 * sp.pi * sigma2) / 2, (d, 0, D - 1))


def mixture_log_density():
    matrix = Lambda((i, j), Sigma[c[n, s], i, j])
    scaled = Lambda((i, j), 2 * sp.pi * Sigma[c[n, s], i, j])
    left, right = x[n, i] - mu[c[n, s], i], x[n, j] - mu[c[n, s], j]
    square = Sum(left * InverseElement(matrix, D, i, j) * right, (i, 0, D - 1), (j, 0, D - 1))
    return -square / 2 - LogDet(scaled, D) / 2 + log(rho[c[n, s]])


def instance(rng, sizes):
    a = {name: int(m) for name, m in sizes.items()}
    root = rng.normal(size=(a["K"], a["D"], a["D"]))
    return {
        "W": rng.normal(size=(a["D"], a["H"])),
        "x": rng.normal(size=(a["N"], a["D"])),
        "z": rng.normal(size=(a["N"], a["S"], a["H"])),
        "w": rng.uniform(0.1, 1, (a["N"], a["S"])),
        "mu": rng.normal(size=(a["K"], a["D"])),
        "Sigma": root @ root.transpose(0, 2, 1) + np.eye(a["D"]),
        "rho": rng.dirichlet(np.ones(a["K"])),
        "c": rng.integers(0, a["K"], (a["N"], a["S"])),
        "sigma2": 0.7,
    }


def run(expression, sizes, arrays, axes=(), backend="numpy", shapes=None, bounds=None):
    kernel = compile_expressions({"out": (expression, axes)}, bounds or {}, backend, shapes)
    return kernel(sizes, arrays)["out"]


sizes_strategy = st.fixed_dictionaries({name: st.integers(1, 4) for name in "NSDHK"})


@settings(max_examples=25, deadline=None)
@given(sizes_strategy, st.integers(0, 2**32 - 1), st.booleans())
def test_a_normal_and_a_mixture_agree_with_plain_numpy_for_all_sizes(sizes, seed, with_shapes):
    a = instance(np.random.default_rng(seed), sizes)
    shapes = SHAPES if with_shapes else None
    outputs = {"normal": (normal_log_density(), (n, s)), "mixture": (mixture_log_density(), (s, n))}
    found = compile_expressions(outputs, {n: N, s: S}, shapes=shapes)(sizes, a)
    mean = a["z"] @ a["W"].T
    each = -((a["x"][:, None] - mean) ** 2) / 1.4 - np.log(2 * np.pi * 0.7) / 2
    np.testing.assert_allclose(found["normal"], each.sum(axis=-1), rtol=1e-12)
    for q in range(sizes["N"]):
        for r in range(sizes["S"]):
            state = a["c"][q, r]
            expected = np.log(a["rho"][state]) + multivariate_normal.logpdf(
                a["x"][q], a["mu"][state], a["Sigma"][state]
            )
            np.testing.assert_allclose(found["mixture"][r, q], expected, rtol=1e-10)


@pytest.mark.parametrize("backend", BACKENDS)
def test_all_backends_agree(backend):
    sizes = {"N": 3, "S": 2, "D": 3, "H": 2, "K": 2}
    a = instance(np.random.default_rng(0), sizes)
    average = Sum(w[n, s] * mixture_log_density(), (n, 0, N - 1), (s, 0, S - 1)) / N
    expected = float(run(average, sizes, a, shapes=SHAPES))
    assert float(run(average, sizes, a, backend=backend, shapes=SHAPES)) == pytest.approx(
        expected, rel=1e-13
    )


def test_mpmath_keeps_its_digits():
    sizes = {"N": 2, "S": 1, "D": 2, "H": 1, "K": 2}
    with mpmath.workdps(50):
        value = run(log(2 * sp.pi / 3) + sp.Rational(1, 7) / D, sizes, {}, backend="mpmath")
        expected = mpmath.log(2 * mpmath.pi / 3) + mpmath.mpf(1) / 14
        assert abs(value - expected) < mpmath.mpf(10) ** -48


FUNCTIONS = {
    "exp": exp,
    "log": log,
    "abs": lambda y: sp.Abs(-y),
    "sign": sp.sign,
    "step": lambda y: sp.Heaviside(y - 1),
    "step from above": lambda y: sp.Heaviside(y - sp.Rational(17, 10), 1),
    "loggamma": sp.loggamma,
    "gamma": sp.gamma,
    "digamma": sp.digamma,
    "trigamma": lambda y: sp.polygamma(1, y),
    "erf": sp.erf,
    "besseli0": lambda y: sp.besseli(0, y),
    "log besseli1": lambda y: log(sp.besseli(1, y)),
    "cos": sp.cos,
    "tanh": sp.tanh,
    "sqrt": sp.sqrt,
    "factorial": lambda y: sp.factorial(y),
    "log factorial": lambda y: log(sp.factorial(y)),
    "binomial": lambda y: sp.binomial(y + 3, y),
    "log beta": lambda y: log(sp.beta(y, 2 * y)),
    "power": lambda y: y ** sp.Rational(5, 3) + 3**y,
    "log of a difference": lambda y: log(exp(y + 1) - 2),
    "piecewise": lambda y: sp.Piecewise((y**2, y < 1), (sp.exp(-y), y < 2), (sp.pi, True)),
}


POINTS = np.array([0.3, 1.7, 4.0])


@pytest.fixture(scope="module", params=[*BACKENDS, "arb", "dual"])
def function_values(request):
    """All functions at the points, from one kernel; the middles of balls."""
    v = IndexedBase(Symbol("v", positive=True))
    outputs = {name: (function(v[i]), (i,)) for name, function in FUNCTIONS.items()}
    found = compile_expressions(outputs, {i: D}, request.param)({"D": 3}, {"v": POINTS})
    return {name: [float(getattr(v, "value", v)) for v in found[name]] for name in found}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name, function_values):
    y = Symbol("y", positive=True)
    exact = [float(FUNCTIONS[name](y).subs(y, sp.Rational(str(p))).evalf(20)) for p in POINTS]
    np.testing.assert_allclose(function_values[name], exact, rtol=1e-12)


@pytest.mark.parametrize("backend", BACKENDS)
def test_functions_of_negative_numbers(backend):
    below, y = -POINTS[:2] - 1, Symbol("y", real=True)
    v = IndexedBase(Symbol("v", real=True))
    taken = ("exp", "abs", "sign", "step", "gamma", "erf", "besseli0", "cos", "tanh", "piecewise")
    outputs = {name: (FUNCTIONS[name](v[i]), (i,)) for name in taken}
    found = compile_expressions(outputs, {i: D}, backend)({"D": 2}, {"v": below})
    for name in taken:
        exact = [float(FUNCTIONS[name](y).subs(y, sp.Rational(str(p))).evalf(20)) for p in below]
        values = np.asarray(found[name], dtype=float)
        np.testing.assert_allclose(values, exact, rtol=1e-12, err_msg=name)


BESSELS = {
    "log": lambda y: log(2 * sp.pi * sp.besseli(0, y)),
    "several": lambda y: log(y * sp.besseli(0, y) * sp.besseli(1, y)),
    "quotient": lambda y: sp.besseli(1, y) / sp.besseli(0, y),
    "square": lambda y: 3 * y * sp.besseli(1, y) ** 2 / sp.besseli(0, y) ** 2,
    "sum": lambda y: Sum(y * sp.besseli(1, y) / (sp.besseli(0, y) * (k + 1)), (k, 0, K - 1)),
}


@pytest.mark.parametrize("backend", BACKENDS)
def test_bessel_functions_do_not_overflow(backend):
    v, at = IndexedBase(Symbol("v", positive=True)), ("0.3", "40", "900", "1e6")
    outputs = {name: (function(v[i]), (i,)) for name, function in BESSELS.items()}
    sizes, arrays = {"D": len(at), "K": 2}, {"v": np.array(list(map(float, at)))}
    found = compile_expressions(outputs, {i: D}, backend)(sizes, arrays)
    y = Symbol("y", positive=True)
    for name, function in BESSELS.items():
        written = function(y).subs(K, 2).doit()
        exact = [float(written.subs(y, sp.Rational(p)).evalf(20)) for p in at]
        values = np.asarray(found[name], dtype=float)
        np.testing.assert_allclose(values, exact, rtol=1e-12, err_msg=name)


TAILS = {  # as written, and in numbers that neither cancel nor overflow
    "log erf": (
        lambda y: log(1 + sp.erf(3 - y)),
        lambda y: mpmath.log(mpmath.erfc(y - 3)),
    ),
    "other side": (
        lambda y: log(1 - sp.erf(y / 2)),
        lambda y: mpmath.log(mpmath.erfc(y / 2)),
    ),
    "slope": (
        lambda y: exp(-((3 - y) ** 2)) / (1 + sp.erf(3 - y)),
        lambda y: mpmath.exp(-((3 - y) ** 2)) / mpmath.erfc(y - 3),
    ),
    "square": (
        lambda y: 2 * y * exp(-2 * (y - 3) ** 2) / (1 - sp.erf(y - 3)) ** 2,
        lambda y: 2 * y * mpmath.exp(-2 * (y - 3) ** 2) / mpmath.erfc(y - 3) ** 2,
    ),
    "log exp": (
        lambda y: log(exp(y) - 1),
        lambda y: mpmath.log(mpmath.expm1(y)),
    ),
    "share": (
        lambda y: y * exp(y) / (exp(y) - 1),
        lambda y: y / -mpmath.expm1(-y),
    ),
    "odds": (
        lambda y: log(y) * exp(y) * log(exp(y) - 1) / (1 - exp(y)),
        lambda y: mpmath.log(y) * mpmath.log(mpmath.expm1(y)) / mpmath.expm1(-y),
    ),
    "sum": (
        lambda y: Sum(y * exp(y) / ((exp(y) - 1) * (k + 1)), (k, 0, K - 1)),
        lambda y: 1.5 * y / -mpmath.expm1(-y),
    ),
}


@pytest.mark.parametrize("backend", ["numpy", "jax", "torch"])
def test_tails_and_large_exponents_have_all_digits(backend):
    v, at = IndexedBase(Symbol("v", positive=True)), np.array([0.25, 2, 5, 12, 40, 1000])
    outputs = {name: (written(v[i]), (i,)) for name, (written, _) in TAILS.items()}
    found = compile_expressions(outputs, {i: D}, backend)({"D": len(at), "K": 2}, {"v": at})
    for name, (_, exact) in TAILS.items():
        wanted = [float(exact(mpmath.mpf(float(p)))) for p in at]
        values = np.asarray(found[name], dtype=float)
        np.testing.assert_allclose(values, wanted, rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("backend", BACKENDS)
def test_logarithms_of_exponentials_do_not_overflow(backend):
    v = IndexedBase(Symbol("v"))
    arrays = {"v": np.array([-800.0, 0.0, 900.0])}
    soft = run(log(1 + exp(v[i])), {"D": 3}, arrays, (i,), backend, bounds={i: D})
    np.testing.assert_allclose(np.asarray(soft, dtype=float), [0, np.log(2), 900], atol=1e-300)
    total = run(log(Sum(exp(v[i]), (i, 0, D - 1))), {"D": 3}, arrays, (), backend)
    assert float(total) == 900


def test_indices_shift_repeat_pick_and_start_anywhere():
    rng = np.random.default_rng(1)
    a = IndexedBase(Symbol("a"))
    state = IndexedBase(Symbol("state"))
    values = {"a": rng.normal(size=(5, 5)), "state": np.array([0, 3, 3, 1, 4])}
    table, chain = values["a"], values["state"]

    def check(expression, expected):
        np.testing.assert_allclose(run(expression, {"T": 5}, values), expected, rtol=1e-14)

    check(Sum(a[i, i], (i, 0, T - 1)), np.trace(table))
    check(Sum(a[t, t + 1], (t, 0, T - 2)), np.trace(table, 1))
    check(Sum(a[state[t], state[t + 1]], (t, 0, T - 2)), table[chain[:-1], chain[1:]].sum())
    check(Sum(a[state[t], t], (t, 0, T - 1)), table[chain, np.arange(5)].sum())
    check(Sum(a[t, 2] * t, (t, 1, T - 1)), (table[1:, 2] * np.arange(1, 5)).sum())
    check(Sum(a[0, t] * a[t, T - 1], (t, 0, T - 1)), table[0] @ table[:, 4])
    check(Sum(sp.Integer(3), (t, 0, T - 1), (i, 0, T - 2)), 60)


def test_deltas_are_masks_and_shortcuts():
    v = IndexedBase(Symbol("v"))
    values = {"v": np.array([1.0, 2.0, 5.0])}
    inner = Sum(KroneckerDelta(i, j) * v[j], (j, 0, D - 1))
    np.testing.assert_array_equal(run(inner, {"D": 3}, values, (i,), bounds={i: D}), values["v"])
    shifted = Sum(KroneckerDelta(t + 1, i) * v[t], (t, 0, D - 2))
    back = Sum(KroneckerDelta(i - 1, j) * v[j], (j, 0, D - 1))
    for moved in (shifted, back):
        np.testing.assert_array_equal(run(moved, {"D": 3}, values, (i,), bounds={i: D}), [0, 1, 2])
    identity = run(KroneckerDelta(i, j), {"D": 3}, {}, (i, j), bounds={i: D, j: D})
    np.testing.assert_array_equal(identity, np.eye(3))


def test_missing_axes_are_filled():
    found = run(sigma2, {"D": 3, "H": 2}, {"sigma2": 4.0}, (i, j), bounds={i: D, j: H})
    np.testing.assert_array_equal(found, np.full((3, 2), 4.0))


def test_the_names_of_bound_indices_make_no_difference():
    one = Sum(W[d, h] * z[n, s, h], (h, 0, H - 1))
    other = Sum(W[d, i] * z[n, s, i], (i, 0, H - 1))
    bounds = {n: N, s: S, d: D}
    both = compile_expressions({"a": (one, (n, s, d)), "b": (exp(other), (n, s, d))}, bounds)
    assert both.source.count("tensordot") == 1


def test_any_name_is_a_safe_identifier():
    labels = [Symbol(name) for name in ("lambda", "t0", "exp", "f.U", "f_U", "arrays", "2x")]
    total = sp.Add(*(label * (q + 1) for q, label in enumerate(labels)))
    found = run(total, {}, {label.name: 10.0**q for q, label in enumerate(labels)})
    assert found == 7654321


def test_kernels_pickle_by_their_source():
    kernel = compile_expressions({"out": (sigma2**2, ())}, {})
    copy = pickle.loads(pickle.dumps(kernel))
    assert copy.source == kernel.source
    assert copy({}, {"sigma2": 3.0})["out"] == 9


def test_what_has_no_numeric_form_says_so():
    with pytest.raises(TypeError, match="no numeric form for zeta"):
        compile_expressions({"out": (sp.zeta(sigma2), ())}, {})
    with pytest.raises(ValueError, match="no backend 'fortran'"):
        compile_expressions({"out": (sigma2, ())}, {}, backend="fortran")


def test_complex_steps_pass_through():
    v = IndexedBase(Symbol("v", positive=True))
    step = 1e-200
    function = sp.loggamma(v[i]) + sp.digamma(v[i]) * sp.tanh(v[i])
    found = run(function, {"D": 1}, {"v": np.array([1.3 + 1j * step])}, (i,), bounds={i: D})
    slope = special.digamma(1.3) * (1 + 1 - np.tanh(1.3) ** 2)
    slope += special.polygamma(1, 1.3) * np.tanh(1.3)
    assert found[0].imag / step == pytest.approx(slope, rel=1e-12)


# written once -------------------------------------------------------------------------------------
@pytest.fixture
def writings(monkeypatch):
    """How often expressions are translated, with none known yet."""
    generate._program.cache_clear()
    found = []

    class Counted(generate.Translation):
        def write(self, outputs, lengths):
            found.append(self.target)
            return super().write(outputs, lengths)

    monkeypatch.setattr(generate, "Translation", Counted)
    yield found
    generate._program.cache_clear()


def test_one_expression_is_written_once_for_all_backends_of_a_manner(writings):
    outputs = {"out": (Sum(x[n, d] ** 2, (d, 0, D - 1)), (n,))}
    sources = {b: compile_expressions(outputs, {n: N}, b).source for b in ("numpy", "numpy", "jax")}
    compile_expressions(outputs, {n: N}, "cupy")
    assert len(writings) == len(set(writings)) == 2
    generate._program.cache_clear()
    for backend in ("jax", "numpy"):
        assert compile_expressions(outputs, {n: N}, backend).source == sources[backend]


@pytest.mark.parametrize(
    ("outputs", "sizes", "shapes"),
    [
        ({"out": (x[n, d] + 1.0, (n, d))}, {n: N, d: D}, None),  # a float, no whole number
        ({"own": (x[n, d] + 1, (n, d))}, {n: N, d: D}, None),
        ({"out": (x[n, d] + 1, (d, n))}, {n: N, d: D}, None),
        ({"out": (x[n, d] + 1, (n, d))}, {n: N, d: D - 1}, None),
        ({"out": (x[n, d] + 1, (n, d))}, {n: N, d: D}, {Symbol("x"): (N, D)}),
    ],
)
def test_what_differs_in_anything_is_written_anew(outputs, sizes, shapes, writings):
    compile_expressions({"out": (x[n, d] + 1, (n, d))}, {n: N, d: D})
    compile_expressions(outputs, sizes, shapes=shapes)
    assert len(writings) == 2
