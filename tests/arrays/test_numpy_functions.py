"""NumPy's functions of arrays of expressions, against the same calls on numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from entropy_proofs import Categorical, Model, Normal, exp
from entropy_proofs.errors import InputError
from entropy_proofs.model import catalogue

SHAPES = {"a": (2, 3), "b": (3, 2), "v": (3,), "w": (2,), "t": (2, 3, 2), "s": (2, 2)}
model = Model("numbers")
ARRAYS = {name: model.parameter(name, *shape) for name, shape in SHAPES.items()}
LONG = model.parameter("long", model.dims("D"))
RNG = np.random.default_rng(0)
NUMBERS = {name: RNG.uniform(0.5, 2, shape) for name, shape in SHAPES.items()}

CALLS = {
    "functions": lambda a, **_: np.exp(a) + np.log(a) * np.sqrt(a) - np.sin(a) / np.cos(a),
    "more functions": lambda a, **_: np.log1p(a) * np.expm1(a) + np.square(a) - np.abs(-a),
    "two of them": lambda a, v, **_: np.logaddexp(a, v) - np.power(a, 2) + np.reciprocal(v),
    "numbers on the left": lambda v, **_: np.array([1.0, 2.0, 4.0]) * v - np.ones(3) / v,
    "a number of NumPy's": lambda v, **_: np.float64(2.5) * v + np.int64(3),
    "numbers @": lambda v, **_: np.array([[1.0, 0.5, 2.0], [0.0, 3.0, 1.0]]) @ v,
    "matmul": lambda a, b, **_: np.matmul(a, b),
    "dot": lambda a, v, **_: np.dot(a, v) + a.dot(v),
    "dot of a number": lambda v, **_: np.dot(2, v),
    "outer": lambda v, w, **_: np.outer(v, w),
    "sum": lambda a, **_: np.sum(a),
    "sum over an axis": lambda a, **_: np.sum(a, axis=1),
    "sum over two axes": lambda t, **_: t.sum(axis=(0, -1)),
    "kept axes": lambda a, **_: a / a.sum(-1, keepdims=True),
    "all kept": lambda a, **_: a.sum(keepdims=True),
    "mean": lambda t, **_: np.mean(t, axis=(1, 2)) + t.mean(),
    "mean kept": lambda a, **_: a - np.mean(a, axis=0, keepdims=True),
    "stack": lambda v, **_: np.stack([v, 2 * v]),
    "stack last": lambda v, **_: np.stack([v, 2 * v, v**2], axis=-1),
    "concatenate": lambda v, w, **_: np.concatenate([v, np.ones(2), w[:1]]),
    "concatenate columns": lambda a, w, **_: np.concatenate([a, w[:, None]], axis=-1),
    "transpose": lambda a, t, **_: np.transpose(a) @ np.transpose(t, (2, 0, 1))[0],
    "reshape": lambda a, **_: np.reshape(a, (3, 2)),
    "einsum of matrices": lambda a, b, **_: np.einsum("ij,jk->ik", a, b),
    "einsum of three": lambda a, b, w, **_: np.einsum("ij,jk,k->i", a, b, w),
    "einsum of factors": lambda a, b, w, **_: np.einsum("ir,jr->ijr", np.transpose(a), b),
    "einsum transposes": lambda t, **_: np.einsum("ijk->kij", t),
    "einsum sums": lambda a, **_: np.einsum("ij->", a),
    "einsum takes a diagonal": lambda s, **_: np.einsum("ii->i", s),
    "einsum without an arrow": lambda a, b, **_: np.einsum("zj,ja", a, b),
    "trace": lambda s, **_: np.trace(s),
}


@pytest.mark.parametrize("name", CALLS)
def test_what_numpy_does_with_numbers(name):
    ours, theirs = CALLS[name](**ARRAYS), CALLS[name](**NUMBERS)
    found = np.asarray(ours.doit(), dtype=object)
    assert found.shape == np.shape(theirs)
    elements = {
        ARRAYS[n][place]: float(x[place])
        for n, x in NUMBERS.items()
        for place in np.ndindex(x.shape)
    }
    numbers = np.vectorize(lambda e: float(e.doit().xreplace(elements)), otypes=[float])(found)
    np.testing.assert_allclose(numbers, theirs, rtol=1e-12)


BAD = {
    "np.floor takes numbers, no expressions": lambda v, **_: np.floor(v),
    "np.add.reduce takes numbers": lambda v, **_: np.add.reduce(v),
    "np.exp of expressions": lambda v, **_: np.exp(v, where=[True, False, True]),
    "np.einsum: ij names other axes": lambda v, **_: np.einsum("ij->i", v),
    "np.einsum: j in ij,jk is no axis of one size": lambda a, **_: np.einsum("ij,jk", a, a),
    "np.einsum: ij does not fit 2 arrays": lambda a, **_: np.einsum("ij", a, a),
    "np.dot of": lambda t, v, **_: np.dot(v, t),
    "np.concatenate: the arrays have no axis 1 in common": lambda v, **_: np.concatenate([v, v], 1),
    "np.concatenate: shapes (2, 3) and (3, 2) differ beside axis 0": lambda a, b, **_: (
        np.concatenate([a, b])
    ),
    "not of D: declare what is of symbolic size apart": lambda v, **_: np.concatenate([v, LONG]),
    "no axis 2 to sum over": lambda a, **_: a.sum(axis=(0, 2)),
}


@pytest.mark.parametrize("message", BAD)
def test_what_there_is_not_is_told_in_a_line(message):
    with pytest.raises(InputError, match=re.escape(message)):
        BAD[message](**ARRAYS)


def test_a_scalar_given_to_numpy_is_told_what_to_write(tmp_path):
    path = tmp_path / "scalar.py"
    path.write_text(
        "import numpy as np\n"
        "from entropy_proofs import Model, Normal\n"
        'model = Model("scalar")\n'
        'w = model.parameter("w")\n'
        'model.observed("x", Normal(mean=0, variance=np.exp(w)))\n'
    )
    with pytest.raises(InputError, match="NumPy's functions take numbers, those of entropy_proofs"):
        catalogue.load(str(path))


def test_a_declaration_in_numpy_is_that_in_our_own_functions():
    def build(function):
        m = Model("softmax")
        w = m.parameter("w", m.dims("K"), 3)
        c = m.latent("c", Categorical(probabilities=m.parameter("r", w.shape[0], domain="simplex")))
        weights = function(w) / function(w).sum(-1, keepdims=True)
        m.observed("y", Categorical(probabilities=weights[c]))
        m.observed("x", Normal(mean=0, variance=function(w).sum()))
        return [t.log_density for t in m.terms]

    assert build(np.exp) == build(exp)
