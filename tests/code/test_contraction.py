"""Sums of products are contracted pair by pair, and come out as a plain loop has them."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings, strategies as st
from kernels import compile_expressions
from sympy import IndexedBase, Sum, Symbol

import entropy_proofs as ep
from entropy_proofs.algebra.nodes import index
from entropy_proofs.code.lowering.program import Program
from entropy_proofs.evaluate.model_code import ProofCode

SIZES = {"A": 2, "B": 3, "C": 4}
INDICES = [index(f"i{k}") for k in range(6)]
DIMS = [sp.Symbol(name, integer=True, positive=True) for name in "AABBCC"]  # of each index
SIZE = dict(zip(INDICES, (2, 2, 3, 3, 4, 4), strict=True))
LIMIT = {i: (i, 0, n - 1) for i, n in zip(INDICES, DIMS, strict=True)}


@st.composite
def expressions(draw, depth=3, free=tuple(INDICES[:2])):
    """Sums, products, squares and quotients of arrays, whose indices are free or summed."""
    kind = draw(st.sampled_from(["array", "add", "mul", "sum", "square"])) if depth else "array"
    if kind == "array":
        own = draw(st.lists(st.sampled_from(free), min_size=1, max_size=3, unique=True))
        dims = "".join(str(DIMS[INDICES.index(i)]) for i in own)
        array = IndexedBase(Symbol(draw(st.sampled_from("xy")) + dims, positive=True))[tuple(own)]
        return 1 / array if draw(st.integers(0, 7)) == 0 else array
    if kind == "square":
        return draw(expressions(depth=depth - 1, free=free)) ** 2
    if kind == "sum":
        left = [i for i in INDICES if i not in free]
        more = (
            draw(st.lists(st.sampled_from(left), min_size=1, max_size=2, unique=True))
            if left
            else []
        )
        inner = draw(expressions(depth=depth - 1, free=(*free, *more)))
        return Sum(inner, *(LIMIT[i] for i in more)) if more else inner
    parts = draw(st.lists(expressions(depth=depth - 1, free=free), min_size=2, max_size=4))
    signs = draw(st.lists(st.sampled_from([1, 1, -1, 2]), min_size=len(parts), max_size=len(parts)))
    build = sp.Add if kind == "add" else sp.Mul
    return build(*(sign * part for sign, part in zip(signs, parts, strict=True)))


def by_loops(expr, arrays, at):
    """The value with these indices, by the definition of a sum."""
    if isinstance(expr, sp.Indexed):
        return arrays[expr.base.label.name][tuple(at[i] for i in expr.indices)]
    if isinstance(expr, Sum):
        own = [limit[0] for limit in expr.limits]
        places = product(*(range(SIZE[i]) for i in own))
        return sum(
            by_loops(expr.function, arrays, {**at, **dict(zip(own, p, strict=True))})
            for p in places
        )
    values = [by_loops(a, arrays, at) for a in expr.args]
    if isinstance(expr, sp.Add):
        return sum(values)
    if isinstance(expr, sp.Mul):
        return np.prod(values)
    if isinstance(expr, sp.Pow):
        return values[0] ** values[1]
    return float(expr)


def check(expr, backend, seed=0):
    """Generated code against loops, for every value of the free indices."""
    total = Sum(expr, LIMIT[INDICES[0]])
    labels = {a.base.label for a in total.atoms(sp.Indexed)}
    rng, known = np.random.default_rng(seed), {str(n): n for n in DIMS}
    shapes = {label: tuple(known[n] for n in label.name[1:]) for label in labels}
    arrays = {
        label.name: rng.uniform(0.5, 1.5, [SIZES[str(n)] for n in shapes[label]])
        for label in sorted(labels, key=str)
    }
    outputs = {"free": (expr, tuple(INDICES[:2])), "summed": (total, (INDICES[1],))}
    bounds = dict(zip(INDICES[:2], DIMS[:2], strict=True))
    found = compile_expressions(outputs, bounds, backend, shapes)(SIZES, arrays)
    each = np.array(
        [
            [by_loops(expr, arrays, dict(zip(INDICES, (k, m), strict=False))) for m in range(2)]
            for k in range(2)
        ]
    )
    scale = np.abs(each).max() + 1
    for result, expected in ((found["free"], each), (found["summed"], each.sum(axis=0))):
        result = np.vectorize(lambda v: float(getattr(v, "value", v)), otypes=[float])(result)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result, expected, rtol=1e-9, atol=1e-9 * scale)


@settings(max_examples=30, deadline=None)
@given(expressions())
def test_any_expression_is_what_loops_compute(expr):
    check(expr, "numpy")


@pytest.mark.parametrize("backend", ["jax", "torch", "mpmath", "arb", "dual"])
@settings(max_examples=8, deadline=None, derandomize=True)
@given(expr=expressions(depth=2))
def test_on_every_backend(backend, expr):
    check(expr, backend)


def source(expr, free):
    """The NumPy code of an expression over free indices, with the shapes that names tell."""
    labels = {a.base.label for a in expr.atoms(sp.Indexed)}
    known = {str(n): n for n in DIMS}
    shapes = {label: tuple(known[n] for n in label.name[1:]) for label in labels}
    bounds = {INDICES[k]: DIMS[k] for k in free}
    outputs = {"found": (expr, tuple(bounds))}
    return compile_expressions(outputs, bounds, "numpy", shapes).source


def array(name, *indices):
    return IndexedBase(Symbol(name, positive=True))[indices]


a, b, c = INDICES[0], INDICES[2], INDICES[4]
s = Symbol("s", positive=True)
TALL = Symbol("data points", integer=True, positive=True)


def test_numbers_go_onto_the_small_side_of_a_matrix_product():
    product = Sum(array("xAB", a, b) * array("yBC", b, c), LIMIT[b])
    shapes = {"xAB": (TALL, DIMS[2]), "yBC": (DIMS[2], DIMS[4])}
    shapes = {Symbol(n, positive=True): shape for n, shape in shapes.items()}
    bounds = {a: TALL, c: DIMS[4]}
    code = compile_expressions({"found": (product / s, (a, c))}, bounds, "numpy", shapes).source
    assert "xAB @ (yBC / s)" in code


def test_what_is_small_is_multiplied_before_large_arrays_are():
    assert "s / 2 / yB * xAB" in source(s * array("xAB", a, b) / (2 * array("yB", b)), (0, 2))


def test_terms_of_a_sum_that_is_subtracted_are_subtracted():
    parts = array("xAB", a, b) * array("yC", c) + array("yA", a) * array("xC", c)
    assert "+ -" not in source(Sum(sp.Mul(-1, array("xA", a), parts), LIMIT[a]), (2, 4))


def test_a_sum_that_is_subtracted_is_no_step_of_its_own():
    inner = Sum(array("yABC", a, b, c) + array("yAB", a, b), LIMIT[c])
    assert "xAB - C * yAB - yABC.sum(2)" in source(array("xAB", a, b) - inner, (0, 2))


def test_terms_with_one_large_factor_are_added_as_its_multiples():
    code = source((array("xAB", a, b) / array("yB", b) - 3 * s * array("xAB", a, b)), (0, 2))
    assert code.count("xAB") == 3  # its name twice where it is read, and its only use


def test_quotients_are_shared():
    ratio = array("xAB", a, b) / array("yAB", a, b)
    code = source(sp.erf(2 * ratio) + sp.exp(-(ratio**2) / 2), (0, 2))
    assert code.count("xAB / yAB") == 1


def test_what_is_summed_is_not_stored_first():
    """Its terms are summed, however they were made: products, sums over other axes, constants."""
    x, y = array("xAB", a, b), array("yAB", a, b)
    each = 5 * s - Sum(x * y, LIMIT[b]) / (2 * s) + (Sum(1 / x, LIMIT[b]) - 3) / 2
    squares = Sum(x * y * array("yA", a), LIMIT[a], LIMIT[b])
    code = source(Sum(each, LIMIT[a]) + squares, ())
    assert "xAB.ravel() @ yAB.ravel()" in code
    assert "(1 / xAB).sum()" in code
    assert "[:, None]" not in code
    check((each + squares).subs(s, 2), "numpy")


def test_terms_of_an_average_are_summed_on_their_own():
    """F of a VAE: the squared residuals are read once, for F and for the gradient."""
    code = ep.compile(ep.prove(ep.load("vae_1")))._uniform.gradient_kernel().source
    assert code.count(".ravel() @") == 2  # the residuals' squares and z's
    assert "einsum" not in code


def test_numbers_that_cancel_keep_the_axes():
    check(Sum(array("xA", a), LIMIT[b]) / (array("xA", a) * array("xA", INDICES[1])), "numpy")
    check(Sum(array("xA", a), LIMIT[b]) / array("xA", a), "numpy")


def test_products_of_many_sums_are_not_multiplied_out():
    """In every order, term by term, this would take hours."""
    arrays = [
        array(f"{x}{dims}", *own) for x in "xy" for dims, own in (("AB", (a, b)), ("B", (b,)))
    ]
    sums = [sum(k * (j + 1) * v for j, v in enumerate(arrays)) + 1 / arrays[k] for k in (1, 2, 3)]
    check(Sum(sp.Mul(*sums, *(s + 2 for s in sums)), LIMIT[b]), "numpy")


def test_a_table_that_is_written_out_stays_an_array(monkeypatch):
    """Of constant velocities; term by term, the squared deviations would have thousands."""
    model = ep.Model("tracking")
    T, step = model.dims("T"), model.parameter("step", domain="positive", fixed=True)
    q, r = (model.parameter(name, domain="positive") for name in "qr")
    moves = ep.array([[1, 0, step, 0], [0, 1, 0, step], [0, 0, 1, 0], [0, 0, 0, 1]])
    z = model.chain(
        "z",
        initial=ep.MultivariateNormal(mean=0, covariance=ep.eye(4)),
        transition=lambda previous: ep.MultivariateNormal(
            mean=moves @ previous, covariance=q * ep.eye(4)
        ),
        length=T,
    )
    model.observed(
        "x", ep.Normal(mean=z @ ep.array([[1, 0, 0, 0], [0, 1, 0, 0]]).T, variance=r), T, 2
    )
    ways = 0

    def counted(self, *given):
        nonlocal ways
        ways += 1
        return cheapest(self, *given)

    cheapest = Program.cheapest
    monkeypatch.setattr(Program, "cheapest", counted)
    ProofCode(ep.prove(model), "numpy").gradient_kernel()
    assert ways < 400
