"""Structural derivatives against JAX's, finite differences and complex steps."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from kernels import compile_expressions
from scipy import special
from sympy import IndexedBase, Lambda, Sum, Symbol, exp, log

from entropy_proofs.algebra.nodes import InverseElement, LogDet, index
from entropy_proofs.code.differentiate import derivative, element_indices

D, H, K, N, T = sp.symbols("D H K N T", integer=True, positive=True)
d, h, i, j, k, n, t = map(index, "dhijknt")
W, x, A, v, p, c, z = (IndexedBase(Symbol(name)) for name in ["W", "x", "A", "v", "p", "c", "z"])
s = Symbol("s", positive=True)
SIZES = {"D": 3, "H": 2, "K": 4, "N": 5, "T": 4}


def arrays(seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(4, 3, 3))
    return {
        "W": rng.normal(size=(3, 2)),
        "x": rng.normal(size=(5, 3)),
        "A": root @ root.transpose(0, 2, 1) + np.eye(3),
        "v": rng.uniform(0.5, 2, 3),
        "p": rng.dirichlet(np.ones(4)),
        "c": rng.integers(0, 4, 5),
        "z": rng.normal(size=4),
        "s": 0.8,
    }


def total(body, *limits):
    return Sum(body, *[(q, 0, size - 1) for q, size in limits])


PROJECTED = total(W[d, h] * x[n, d], (d, D))
PICKED = Lambda((i, j), A[c[n], i, j] + s * W[i, 0] * W[j, 0])
CASES = {
    "least squares": (total((x[n, d] - total(W[d, h] * s, (h, H))) ** 2, (n, N), (d, D)), "W"),
    "square of a sum": (total(exp(-(PROJECTED**2) / s), (n, N), (h, H)), "W"),
    "log-sum-exp": (total(log(total(exp(PROJECTED), (h, H))), (n, N)), "W"),
    "logistic": (total(log(1 + exp(PROJECTED)) - PROJECTED, (n, N), (h, H)), "W"),
    "a scalar": (total((x[n, d] - v[d]) ** 2 / s - log(s), (n, N), (d, D)) * s, "s"),
    "picked weights": (total(log(p[c[n]]) * x[n, 0], (n, N)), "p"),
    "determinant": (total(LogDet(PICKED, D), (n, N)), "A"),
    "determinant of a sum": (total(LogDet(PICKED, D), (n, N)), "W"),
    "inverse": (
        total(x[n, d] * InverseElement(PICKED, D, d, h) * x[n, h], (d, D), (h, D), (n, N)),
        "A",
    ),
    "inverse of a sum": (
        total(x[n, d] * InverseElement(PICKED, D, d, h) * v[h], (d, D), (h, D), (n, N)),
        "W",
    ),
    "special functions": (
        total(sp.loggamma(v[d]) * sp.digamma(v[d] + s) + sp.erf(v[d]) ** s, (d, D)),
        "v",
    ),
    "absolute values": (total(sp.Abs(x[n, d] - v[d] * s) ** 3 / s, (n, N), (d, D)), "v"),
    "a chain": (total((z[t + 1] - s * z[t]) ** 2, (t, T - 1)) + z[0] ** 3, "z"),
    "pieces": (
        total(sp.Piecewise((v[d] ** 2, v[d] < 1), (log(v[d]), True)) * v[d], (d, D)),
        "v",
    ),
    "extremes": (total(sp.Max(v[d], s, x[0, d]) * s + sp.Min(v[d], s) ** 2, (d, D)), "v"),
    "exponents": (total(v[d] ** s + s ** v[d], (d, D)), "s"),
}
SHAPES = {"W": (D, H), "A": (K, D, D), "v": (D,), "p": (K,), "z": (T,), "s": ()}


def gradient(expression, name, backend="numpy"):
    label = s if name == "s" else Symbol(name)
    slope, at = derivative(expression, label, SHAPES[name])
    sizes = dict(zip(at, SHAPES[name], strict=True))
    return compile_expressions({"slope": (slope, at)}, sizes, backend)


@pytest.mark.parametrize("case", CASES)
def test_derivatives_agree_with_jax(case):
    import jax

    jax.config.update("jax_enable_x64", True)  # before there is an array
    expression, name = CASES[case]
    values = arrays()
    kernel = compile_expressions({"value": (expression, ())}, {}, "jax")

    def value(array):
        return kernel(SIZES, {**values, name: array})["value"]

    expected = jax.grad(value)(jax.numpy.asarray(values[name], dtype=float))
    found = gradient(expression, name)(SIZES, values)["slope"]
    np.testing.assert_allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("case", ["least squares", "square of a sum", "special functions"])
def test_derivatives_agree_with_complex_steps(case):
    expression, name = CASES[case]
    values = arrays(1)
    if case == "special functions":  # SciPy has no complex erf to a complex power
        expression = total(sp.loggamma(v[d]) * sp.digamma(v[d] + s), (d, D))
    kernel = compile_expressions({"value": (expression, ())}, {})
    found = gradient(expression, name)(SIZES, values)["slope"]
    for place in np.ndindex(found.shape):
        moved = values[name].astype(complex)
        moved[place] += 1e-30j
        slope = kernel(SIZES, {**values, name: moved})["value"].imag / 1e-30
        np.testing.assert_allclose(found[place], slope, rtol=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(CASES)))
def test_mpmath_and_numpy_gradients_agree(seed, case):
    expression, name = CASES[case]
    values = arrays(seed)
    found = gradient(expression, name)(SIZES, values)["slope"]
    exact = gradient(expression, name, "mpmath")(SIZES, values)["slope"]
    np.testing.assert_allclose(found, np.asarray(exact, dtype=float), rtol=1e-9, atol=1e-10)


def test_bessel_functions_differentiate_in_their_argument():
    slope, _ = derivative(log(sp.besseli(0, s)), s)
    value = compile_expressions({"slope": (slope, ())}, {})({}, {"s": 1.3})["slope"]
    assert value == pytest.approx(special.iv(1, 1.3) / special.iv(0, 1.3), rel=1e-14)


def test_the_range_of_a_chain_is_respected():
    """d/dz[T-1] of sum_t z[t]^2 over t < T - 1 is zero, not 2 z[T-1]."""
    found = gradient(total(z[t] ** 2, (t, T - 1)), "z")(SIZES, arrays())["slope"]
    np.testing.assert_allclose(found, [*(2 * arrays()["z"][:3]), 0])


def test_inner_indices_of_the_same_name_are_left_alone():
    inner = total(W[d, h] * v[d], (d, D))
    expression = total(v[d] * exp(total(inner, (h, H))), (d, D))
    values = arrays()
    found = gradient(expression, "v")(SIZES, values)["slope"]
    scale = np.exp(values["v"] @ values["W"].sum(axis=1))
    expected = scale * (1 + values["v"].sum() * values["W"].sum(axis=1))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_root_of_squares_has_no_slope_where_all_of_them_are_zero():
    """Distances among points, of which each is at none from itself: NumPy warns of nothing."""
    distance = sp.sqrt(total((W[d, h] - W[k, h]) ** 2, (h, H)))
    label = Symbol("W")
    slope, at = derivative(total(distance, (d, D), (k, D)), label, (D, H))
    kernel = compile_expressions({"slope": (slope, at)}, {at[0]: D, at[1]: H})
    w = arrays()["W"]
    with np.errstate(all="raise"):
        found = kernel({"D": 3, "H": 2}, {"W": w})["slope"]
    apart = w[:, None] - w
    far = np.sqrt((apart**2).sum(axis=-1)) + np.eye(3)
    np.testing.assert_allclose(found, 2 * (apart / far[..., None]).sum(axis=1), rtol=1e-12)


def test_a_root_of_what_is_no_sum_of_squares_has_its_infinite_slope():
    slope, _ = derivative(sp.sqrt(s**2 + Symbol("w")), Symbol("w"))
    assert slope.subs({s: 0}).subs({Symbol("w"): 0}) == sp.zoo


def test_what_does_not_depend_has_derivative_zero():
    assert derivative(v[0] + s, Symbol("W"), (D, H)) == (0, element_indices(Symbol("W"), (D, H)))
    with pytest.raises(TypeError, match="no derivative"):
        derivative(sp.Integral(s, s), s)
