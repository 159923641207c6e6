"""What generated code holds in memory: no array that it could do without, and chunks one by one."""

import pickle
import tracemalloc

import numpy as np
import pytest
from catalogue.spread import MODELS

import entropy_proofs as ep
from entropy_proofs.code import backends
from entropy_proofs.evaluate import compiled as module
from entropy_proofs.evaluate.batch import POINTS, SAMPLES
from entropy_proofs.evaluate.compiled import batch_for
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.evaluate.random_values import random_instance, random_sizes
from entropy_proofs.model import catalogue


def mixture(N, D, K, seed=0):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(K, D, D))
    return {
        "rho": rng.dirichlet(np.ones(K)),
        "mu": rng.normal(size=(K, D)),
        "Sigma": roots @ roots.transpose(0, 2, 1) + np.eye(D),
        "x": rng.normal(size=(N, D)),
        "c.probabilities": rng.dirichlet(np.ones(K), N),
    }


def factors(N, D, H, seed=0):
    rng = np.random.default_rng(seed)
    return {
        "W": rng.normal(size=(D, H)),
        "mu": rng.normal(size=D),
        "sigma2": 0.7,
        "x": rng.normal(size=(N, D)),
        "z.mean": rng.normal(size=(N, H)),
        "z.deviation": rng.uniform(0.5, 1.5, (N, H)),
    }


def peak(run):
    """Bytes that NumPy holds at most while this runs, beyond what it held before."""
    run()  # whatever is made once
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def functions(name, chunk=None):
    return ep.compile(ep.prove(ep.load(name)), expectation="analytic", chunk=chunk)


def test_a_mixture_never_holds_a_matrix_for_each_point_and_component():
    N, D, K = 1500, 16, 5
    code, at = functions("gaussian_mixture"), mixture(N, D, K)
    of_differences = 8 * N * K * D
    assert peak(lambda: code.value_and_gradient(at)) < 6 * of_differences < of_differences * D
    outer = np.einsum("nkd,nke->nkde", *[at["x"][:, None] - at["mu"]] * 2)
    assert outer.nbytes > 6 * of_differences  # what the bound would catch


@pytest.mark.parametrize(
    ("name", "arrays", "sizes"),
    [("gaussian_mixture", mixture, (8, 4)), ("ppca", factors, (12, 3))],
)
def test_memory_does_not_grow_with_the_number_of_chunks(name, arrays, sizes):
    code = functions(name, chunk=1000)
    few, many = arrays(20_000, *sizes), arrays(200_000, *sizes)
    parameters = [k for k, shape in code.arguments.items() if k in few and str(shape[:1]) != "(N,)"]
    peaks = [peak(lambda at=at: code.gradient(at, wrt=parameters)) for at in (few, many)]
    assert peaks[1] < 1.2 * peaks[0] + 50_000
    assert peaks[1] < many["x"].nbytes / 5


def test_what_is_returned_for_each_point_is_held_once():
    code, at = functions("gaussian_mixture", chunk=1000), mixture(200_000, 8, 4)
    returned = at["c.probabilities"].nbytes
    assert peak(lambda: code.gradient(at, wrt=["c.probabilities"])) < 1.3 * returned


class Rows:
    """Data that are not in memory: only some rows at once can be had."""

    def __init__(self, array):
        self._array, self.shape, self.ndim = array, array.shape, array.ndim

    def __len__(self):
        return len(self._array)

    def __getitem__(self, rows):
        assert len(self._array[rows]) <= 10
        return self._array[rows]

    def __array__(self, *_, **__):
        raise AssertionError("all rows at once")


def test_data_are_read_chunk_by_chunk():
    code, at = functions("gaussian_mixture", chunk=10), mixture(35, 3, 2)
    lazy = {**at, "x": Rows(at["x"])}
    assert code.elbo(lazy) == pytest.approx(code.elbo(at), rel=1e-14)
    for name, slope in code.gradient(at).items():
        np.testing.assert_array_equal(code.gradient(lazy)[name], slope)


def test_weights_are_made_chunk_by_chunk():
    rng, N, S = np.random.default_rng(0), 50_000, 4
    code = ep.compile(ep.prove(ep.load("ppca")), chunk=1000)
    at = {**factors(N, 3, 2), "z": rng.normal(size=(N, S, 2))}
    at = {k: v for k, v in at.items() if k in code.arguments}
    assert peak(lambda: code.elbo(at)) < 8 * N * S / 2
    whole = ep.compile(ep.prove(ep.load("ppca")), chunk=N)
    assert code.elbo(at) == pytest.approx(whole.elbo(at), rel=1e-12)


def test_gradients_by_name_are_those_of_all():
    code, at = functions("gaussian_mixture", chunk=7), mixture(20, 3, 2)
    value, everything = code.value_and_gradient(at)
    for names in (["mu"], ["c.probabilities", "rho"], []):
        same, found = code.value_and_gradient(at, wrt=names)
        assert same == pytest.approx(value, rel=1e-13)
        assert found.keys() == set(names)
        for name in names:
            np.testing.assert_allclose(found[name], everything[name], rtol=1e-12, atol=1e-14)
    with pytest.raises(ep.InputError, match="x: no gradient with respect to it; choose from rho"):
        code.gradient(at, wrt=["x"])


@pytest.mark.parametrize("backend", ["jax", "torch", "mpmath"])
def test_chunks_give_back_the_backends_own_arrays(backend):
    proof, at = ep.prove(ep.load("ppca")), factors(5, 3, 2)
    whole, parts = (ep.compile(proof, backend, "analytic", chunk=c) for c in (None, 2))
    gradient = parts.gradient(at)
    for name, expected in whole.gradient(at).items():
        found = gradient[name]
        assert type(found) is type(expected)
        np.testing.assert_allclose(
            np.asarray(found, dtype=float), np.asarray(expected, dtype=float), rtol=1e-12
        )


@pytest.mark.parametrize("what", ["elbo", "gap", "gradient"])
def test_jax_loops_over_chunks_where_intermediate_arrays_are_large(monkeypatch, what):
    proof, at = ep.prove(ep.load("gaussian_mixture")), mixture(1003, 8, 6)
    whole = ep.compile(proof, "numpy", "analytic", chunk=1003)
    parts = ep.compile(proof, "jax", "analytic")
    monkeypatch.setitem(module.KEPT, "jax", 8 * 8 * 6 * 100)  # 100 rows, and 3 are left over
    found, expected = getattr(parts, what)(at), getattr(whole, what)(at)
    assert parts._compiled
    assert pickle.loads(pickle.dumps(parts)).elbo(at) == pytest.approx(whole.elbo(at), rel=1e-11)
    for name in expected if what == "gradient" else ():
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-11, atol=1e-13)
    if what != "gradient":
        assert float(found) == pytest.approx(expected, rel=1e-11)


def test_code_in_place_takes_complex_steps():
    code = ep.compile(ep.prove(ep.load("vae_1")))
    assert "add_to" in code._uniform.gradient_kernel().source
    rng = np.random.default_rng(0)
    sizes = {str(n): k for k, n in enumerate({m for s in code.arguments.values() for m in s}, 2)}
    at = {
        name: rng.uniform(0.5, 1.5, [sizes[str(n)] for n in shape])
        for name, shape in code.arguments.items()
        if name != "weights"
    }
    value, gradient = code.value_and_gradient(at)
    for name in ("phi_f.r", "f.b", "sigma2"):
        step = 1e-30j * np.ones(np.shape(at[name]))
        moved, _ = code.value_and_gradient({**at, name: at[name] + step})
        if name in gradient:
            slope = moved.imag / 1e-30
            assert slope == pytest.approx(np.sum(gradient[name]), rel=1e-12)
        assert moved.real == pytest.approx(value, rel=1e-14)


def temporaries(code, sizes):
    """The sizes of the inputs of a gradient's code, and of all that it computes."""
    kernel = code.gradient_kernel()
    arrays = random_instance(code, np.random.default_rng(0), sizes)
    found = {}
    scope = {**backends.backend("numpy").load().scope, "record": found.update}
    exec(kernel.source.replace("    return {", "    record(locals())\n    return {"), scope)
    scope["kernel"](sizes, {name: np.asarray(value) for name, value in arrays.items()})
    computed = [np.size(v) for name, v in found.items() if name[1:].isdigit() and name[0] == "t"]
    return [np.size(v) for v in arrays.values()], computed


@pytest.mark.parametrize("name", MODELS)
def test_no_array_has_more_axes_than_it_needs(name):
    """Those of the largest input, and one for each discrete latent that picks (or one more)."""
    model, size = catalogue.load(name), 6
    sizes = {**dict.fromkeys(model.dims_, size), POINTS.name: 11, SAMPLES.name: 3}
    picking = sum(v.support.discrete for v in model.latents())
    for expectation in ("analytic", "samples"):
        try:
            code = ModelCode(model, "numpy", batch_for(model, "numpy", expectation, "diagonal"))
        except ep.InputError:
            continue  # no closed form
        inputs, computed = temporaries(code, sizes)
        assert max(computed) <= max(inputs) * size ** max(picking, 1), expectation


@pytest.mark.parametrize("name", ["gamma_poisson", "gaussian_mixture", "ppca", "vae_1", "vae_3"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_inputs_are_only_read(name, order):
    """Read-only arrays of any layout give what others give."""
    proof, rng = ep.prove(ep.load(name)), np.random.default_rng(0)
    kind = "samples" if name.startswith("vae") else "analytic"
    code = ep.compile(proof, expectation=kind)
    sizes = random_sizes(proof.model, rng)
    at = random_instance(code._code, rng, sizes)
    value, gradient = code.value_and_gradient(at)
    frozen = {n: np.array(a, order=order) for n, a in at.items()}
    for a in frozen.values():
        a.flags.writeable = False
    found, slopes = code.value_and_gradient(frozen)
    assert found == pytest.approx(value, rel=1e-12)
    for n, slope in slopes.items():
        np.testing.assert_allclose(slope, gradient[n], rtol=1e-10, atol=1e-13)


def test_a_matrix_product_is_as_wide_as_what_it_makes():
    """Else chunks get so small that the code is twice as slow."""
    code = ep.compile(ep.prove(ep.load("ppca")), expectation="analytic")._code
    sizes = {"D": 144, "H": 100, "data points": 5000}
    assert code.gradient_kernel(None).width(sizes, "data points") == 144
