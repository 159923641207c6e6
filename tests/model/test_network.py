"""Networks V phi(U z + a) + b: their elements, their derivatives, and what may be a field."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from oracle.expressions import close, value
from oracle.numbers import Numbers

import entropy_proofs as ep
from entropy_proofs import Bernoulli, Categorical, InputError, Model, Normal, Poisson, exp
from entropy_proofs.algebra.derive import SymbolicDerivation
from entropy_proofs.algebra.nodes import HiddenUnit
from entropy_proofs.algebra.normal import canonical, normal
from entropy_proofs.arrays.array import Array


def start(**options):
    model = Model("m")
    D, H = model.dims("D", "H")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    return model, D, H, z, model.network("f", z, D, **options)


def phi(arguments: list[np.ndarray], unit: int) -> float:
    """The hidden map that the tests' evaluation uses."""
    total = unit / 3
    for k, numbers in enumerate(arguments):
        total += sum(np.cos(1 + unit + 2 * m + 5 * k) * s for m, s in enumerate(numbers))
    return np.tanh(total)


def hidden(arguments: list[np.ndarray], units: int) -> np.ndarray:
    return np.array([phi(arguments, unit) for unit in range(units)])


def sizes(at: Numbers, name: str = "f") -> int:
    """J of the network: the numbers of its widths are those of any other dim."""
    return at[f"{name}.V"].shape[-1]


def elements(output, at: Numbers) -> np.ndarray:
    if not isinstance(output, Array) or not output.shape:
        return np.array(
            float(value(output.args[0] if isinstance(output, Array) else output, at.here))
        )
    shape = [int(value(n, at.here)) for n in output.shape]
    found = np.empty(shape)
    for place in np.ndindex(*shape):
        element = output.at(*map(sp.Integer, place))
        found[place] = float(value(element, at.here))
        assert np.isclose(found[place], float(value(canonical(element), at.here)))
    return found


def test_the_output_is_two_affine_layers_around_phi():
    model, _, _, _, f = start()
    at = Numbers(model, D=3, H=2)
    inner = at["f.U"] @ at["z"] + at["f.a"]
    expected = at["f.V"] @ hidden([inner], sizes(at)) + at["f.b"]
    np.testing.assert_allclose(elements(f, at), expected)


def test_two_inputs_have_a_first_layer_each():
    model = Model("m")
    D, H, K = model.dims("D", "H", "K")
    z = model.latent("z", Normal(mean=0, variance=1), H)
    y = model.latent("y", Normal(mean=0, variance=1), K)
    f = model.network("f", [z, y], D)
    at = Numbers(model, D=2, H=2, K=3)
    inner = at["f.U1"] @ at["z"] + at["f.U2"] @ at["y"] + at["f.a"]
    expected = at["f.V"] @ hidden([inner], sizes(at)) + at["f.b"]
    np.testing.assert_allclose(elements(f, at), expected)


def test_a_discrete_input_has_no_first_layer():
    model = Model("m")
    D, K = model.dims("D", "K")
    c = model.latent("c", Categorical(probabilities=model.parameter("rho", K, domain="simplex")))
    f = model.network("f", c, D)
    assert not hasattr(f, "U")
    at = Numbers(model, D=2, K=3)
    expected = at["f.V"] @ hidden([[float(at["c"])]], sizes(at)) + at["f.b"]
    np.testing.assert_allclose(elements(f, at), expected)


def test_a_batch_of_inputs():
    model = Model("m")
    D, H, T = model.dims("D", "H", "T")
    z = model.latent("z", Normal(mean=0, variance=1), T, H)
    f = model.network("f", z, D)
    at = Numbers(model, D=2, H=2, T=3)
    expected = [
        at["f.V"] @ hidden([at["f.U"] @ row + at["f.a"]], sizes(at)) + at["f.b"] for row in at["z"]
    ]
    np.testing.assert_allclose(elements(f, at), expected)


def test_scalars_and_matrices():
    model = Model("m")
    D, H = model.dims("D", "H")
    y = model.latent("y", Normal(mean=0, variance=1))
    f, g = model.network("f", y), model.network("g", y, D, H)
    at = Numbers(model, D=2, H=3)
    inner = at["f.U"][:, 0] * at["y"] + at["f.a"]
    np.testing.assert_allclose(elements(f, at), at["f.V"] @ hidden([inner], sizes(at)) + at["f.b"])
    inner = at["g.U"][:, 0] * at["y"] + at["g.a"]
    expected = at["g.V"] @ hidden([inner], sizes(at, "g")) + at["g.b"]
    np.testing.assert_allclose(elements(g, at), expected)


def test_outputs_compute_like_arrays():
    model, D, H, z, f = start()
    W = model.parameter("W", D, H)
    at = Numbers(model, D=3, H=2)
    plain = elements(f, at)
    np.testing.assert_allclose(elements(exp(f) + W @ z, at), np.exp(plain) + at["W"] @ at["z"])
    np.testing.assert_allclose(elements(f[:2], at), plain[:2])
    np.testing.assert_allclose(elements(2 * f - 1, at), 2 * plain - 1)
    assert f.shape == (D,)


def test_two_networks_are_different_functions():
    model, D, _, z, f = start()
    g = model.network("g", z, D)
    units = f.atoms(HiddenUnit) | g.atoms(HiddenUnit)
    assert len({u.name for u in units}) == 2
    here = sp.Integer(0)
    assert normal(f.at(here)) != normal(g.at(here))


@pytest.mark.parametrize("weight", ["f.U", "f.a", "f.V", "f.b", "z"])
def test_derivatives_of_the_output(weight):
    """Along each weight by itself, scaled, against numbers."""
    model, _, _, _, f = start()
    record = model.parameters.get(weight) or model.variables[weight]
    here = sp.IndexedBase(record.label)
    d = SymbolicDerivation({record.label: lambda at: normal(2 * here[tuple(at)])})
    with mp.workdps(30):
        at = Numbers(model, D=2, H=2)
        element = f.at(sp.Integer(1))
        got = value(d(normal(element)).expr(), at.here)

        def moved(t):
            scaled = np.vectorize(lambda x: mp.mpf(x) * (1 + 2 * t), otypes=[object])(at[weight])
            return value(element, at.here | {record.label: scaled.tolist()})

        assert close(mp.diff(moved, 0), got, 10)


# what networks can and can't do for a proof --------------------------------------------------------------
def verdict_of(model) -> ep.Verdict:
    return ep.prove(model).verdict


def test_frozen_last_layers_carry_no_field():
    """V and b known: neither a Bernoulli nor an exp-variance head has a field left."""
    model, _, _, _, f = start(fixed=("V", "b"))
    model.observed("x", Bernoulli(logits=f))
    assert verdict_of(model) is not ep.Verdict.PROVED
    model, D, _, z, f = start()
    g = model.network("g", z, D, fixed=("b",))
    model.observed("x", Normal(mean=f, variance=exp(g)))
    proof = ep.prove(model)
    assert not any(t.variable == "x" and t.holds and not t.is_pseudo for t in proof.terms)


def test_a_free_bias_is_enough_for_a_variance_head():
    model, D, _, z, _ = start(fixed=("V", "b"))
    f = model.networks["f"]
    g = model.network("g", z, D, fixed=("V",))
    model.observed("x", Normal(mean=f, variance=exp(g)))
    assert verdict_of(model) is ep.Verdict.PROVED


def test_unit_columns_do_not_move():
    """z may not flow if nothing can undo it: the prior stays, unless its scale is learned."""
    model, D, _, _, f = start(first="unit columns")
    s = model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=f, variance=s), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PARTIAL
    assert [t.variable for t in proof.terms if not t.holds] == ["z"]
    assert not proof.latent_flow


def test_a_frozen_first_layer_holds_the_latent():
    model, D, _, _, f = start(fixed=("U",))
    s = model.parameter("s", domain="positive")
    model.observed("x", Normal(mean=f, variance=s), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PARTIAL
    assert not proof.latent_flow


def test_a_network_of_data_that_nobody_scales():
    """An unknown map of z inside the mean only: V and b alone do not make an entropy."""
    model, D, _, _, f = start()
    model.observed("x", Normal(mean=f, variance=1), D)
    proof = ep.prove(model)
    assert proof.verdict is not ep.Verdict.PROVED
    model, D, _, _, f = start()
    model.observed("x", Poisson(rate=exp(f)), D)
    proof = ep.prove(model)
    assert proof.verdict is ep.Verdict.PROVED
    assert {t.variable: t.is_pseudo for t in proof.terms} == {"z": False, "x": True}


def test_errors():
    model, D, _, z, _ = start()
    for bad in (
        lambda: model.network("f", z, D),
        lambda: model.network("g", z, D, fixed=("W",)),
        lambda: model.network("g", z, D, first="orthonormal"),
        lambda: model.network("g", z, -1),
    ):
        with pytest.raises(InputError) as caught:
            bad()
        assert "\n" not in str(caught.value)
