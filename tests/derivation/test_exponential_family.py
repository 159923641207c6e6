"""Natural parameters, statistics and fields as arXiv:2209.03077, 2501.09022, 2010.14860 and
2311.01888 have them, typed by hand and evaluated beside what was derived."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
from catalogue.spread import MODELS
from oracle.expressions import close, tanh_unit, value

import entropy_proofs as ep
from derivation.numeric import evaluated, numbers
from entropy_proofs.derivation.checked.criterion import criterion
from entropy_proofs.derivation.checked.equalities import Judge
from entropy_proofs.derivation.checked.exponential_family import (
    NoExponentialFamily,
    exponential_family,
)
from entropy_proofs.model import catalogue

Hand = Callable[..., Any]  # of the numbers, the coordinate and the place within a block


def linear(v: Any, d: int) -> Any:
    """(W z)_d."""
    return np.dot(v["W"][d], v["z"])


def network(v: Any, name: str, d: int) -> Any:
    """V phi(U z + a) + b."""
    inside = [np.dot(u, v["z"]) + a for u, a in zip(v[f"{name}.U"], v[f"{name}.a"], strict=True)]
    hidden = [tanh_unit(name, j, [inside]) for j in range(len(v[f"{name}.V"][d]))]
    return sum(w * h for w, h in zip(v[f"{name}.V"][d], hidden, strict=True)) + v[f"{name}.b"][d]


def logit(p: Any) -> Any:
    return mp.log(p / (1 - p))


def mixing(v: Any, k: int) -> Any:
    """log(rho_k / rho_K), the prior of a mixture."""
    return mp.log(v["rho"][k] / v["rho"][-1])


def precision(v: Any) -> Any:
    return np.linalg.inv(v["Sigma"][int(v["c"])])


COMPONENT = {"c": [(lambda v, k: int(v["c"]) == k, mixing)]}

#: By model and conditional: its statistics and its natural parameters, block by block.
PAPERS: dict[str, dict[str, list[tuple[Hand, Hand]]]] = {
    "ppca": {
        "z": [(lambda v, h: v["z"][h] ** 2, lambda v, h: -0.5)],
        "x": [
            (lambda v, d: v["x"][d], lambda v, d: (linear(v, d) + v["mu"][d]) / v["sigma2"]),
            (lambda v, d: v["x"][d] ** 2, lambda v, d: -1 / (2 * v["sigma2"])),
        ],
    },
    "sigmoid_belief_network": {
        "z": [(lambda v, h: v["z"][h], lambda v, h: logit(v["rho"][h]))],
        "x": [(lambda v, d: v["x"][d], lambda v, d: linear(v, d) + v["mu"][d])],
    },
    "gaussian_mixture": {
        **COMPONENT,
        "x": [
            (lambda v, i: v["x"][i], lambda v, i: precision(v)[i] @ v["mu"][int(v["c"])]),
            (lambda v, i, j: v["x"][i] * v["x"][j], lambda v, i, j: -precision(v)[i, j] / 2),
        ],
    },
    "poisson_mixture": {
        **COMPONENT,
        "x": [(lambda v, d: v["x"][d], lambda v, d: mp.log(v["lam"][int(v["c"]), d]))],
    },
    "vae_1": {
        "x": [
            (lambda v, d: v["x"][d], lambda v, d: network(v, "f", d) / v["sigma2"]),
            (lambda v, d: v["x"][d] ** 2, lambda v, d: -1 / (2 * v["sigma2"])),
        ],
    },
    "vae_3": {
        "x": [
            (
                lambda v, d: v["x"][d],
                lambda v, d: network(v, "f", d) * mp.exp(-network(v, "g", d)),
            ),
            (lambda v, d: v["x"][d] ** 2, lambda v, d: -mp.exp(-network(v, "g", d)) / 2),
        ],
    },
    "sparse_coding": {
        "z": [(lambda v, h: abs(v["z"][h]), lambda v, h: -1 / v["lam"][h])],
        "x": [
            (lambda v, d: v["x"][d], lambda v, d: linear(v, d) / v["sigma2"]),
            (lambda v, d: v["x"][d] ** 2, lambda v, d: -1 / (2 * v["sigma2"])),
        ],
    },
}  # fmt: skip
#: alpha and beta of the papers; of what has no entry nothing meets the criterion alone.
FIELDS: dict[str, dict[str, dict[str, Hand]]] = {
    "ppca": {"x": {"sigma2": lambda v: -v["sigma2"]}},
    "sigmoid_belief_network": {
        "z": {"rho": lambda v: [p * (1 - p) * logit(p) for p in v["rho"]]},
        "x": {"W": lambda v: v["W"], "mu": lambda v: v["mu"]},
    },
    "gaussian_mixture": {
        "c": {"rho": lambda v: v["rho"] * (np.log(v["rho"]) - v["rho"] @ np.log(v["rho"]))},
        "x": {"Sigma": lambda v: -v["Sigma"]},
    },
    "poisson_mixture": {"x": {"lam": lambda v: v["lam"] * np.log(v["lam"])}},
    "vae_1": {"x": {"sigma2": lambda v: -v["sigma2"]}},
    "vae_3": {"x": {"g.b": lambda v: -np.ones_like(v["g.b"])}},
    "sparse_coding": {
        "z": {"lam": lambda v: -v["lam"]},
        "x": {"sigma2": lambda v: -v["sigma2"]},
    },
}
CASES = [(name, variable) for name, terms in PAPERS.items() for variable in terms]


def derived(name: str, variable: str) -> Any:
    proof = ep.prove(catalogue.load(name))
    (term,) = (t for t in proof.terms if t.variable == variable)
    return proof, term, criterion(proof, term, Judge(proof))


@pytest.mark.parametrize(("name", "variable"), CASES)
def test_it_is_the_papers(name, variable):
    proof, term, found = derived(name, variable)
    at = numbers(proof.model, 5, D=3, H=2, K=3)
    blocks = {len(b.axes): [] for b in found.family.blocks}
    for b in found.family.blocks:
        blocks[len(b.axes)].append(b)
    ordered = [b for axes in sorted(blocks) for b in sorted(blocks[axes], key=_by_length)]
    assert len(ordered) == len(PAPERS[name][variable])
    for b, (statistic, natural) in zip(ordered, PAPERS[name][variable], strict=True):
        axes = (*term.term.plates, *b.axes)
        for place in np.ndindex(*(int(value(n, at.here)) for _, n in axes)):
            there = dict(zip((i for i, _ in axes), place, strict=True))
            assert close(evaluated(at, b.statistic, there), _number(statistic(at, *place)))
            assert close(evaluated(at, b.natural, there), _number(natural(at, *place)))


def _number(given: Any) -> Any:
    return given if isinstance(given, mp.mpf) else mp.mpf(float(given))


def _by_length(b: Any) -> int:
    return len(str(b.statistic))


@pytest.mark.parametrize(("name", "variable"), CASES)
def test_so_is_what_meets_the_criterion(name, variable):
    proof, _, found = derived(name, variable)
    known = FIELDS[name].get(variable)
    if known is None and not found.holds:
        return
    if known is None:
        assert (name, variable) == ("poisson_mixture", "c")
        known = FIELDS["gaussian_mixture"]["c"]
    assert found.holds
    at = numbers(proof.model, 5, D=3, H=2, K=3)
    assert {c.label.name for c in found.field} == set(known)
    for c in found.field:
        expected = np.asarray(known[c.label.name](at), dtype=object)
        for i in np.ndindex(*expected.shape):
            got = evaluated(at, c.element, dict(zip(c.slots, i, strict=True)))
            assert close(got, _number(expected[i]))


def test_along_it_hand_typed_natural_parameters_move_as_themselves():
    """(d eta / d theta) beta = eta, with eta of the paper and beta of the engine."""
    proof, _, found = derived("sigmoid_belief_network", "x")
    at = numbers(proof.model, 7)
    moves = {
        c.label: np.array(
            [
                evaluated(at, c.element, dict(zip(c.slots, i, strict=True)))
                for i in np.ndindex(*np.shape(at[c.label.name]))
            ]
        ).reshape(np.shape(at[c.label.name]))
        for c in found.field
    }
    ((_, natural),) = PAPERS["sigmoid_belief_network"]["x"]
    for d in range(2):
        slope = mp.diff(lambda t, d=d: natural(at.moved(moves, t), d), 0)
        assert close(slope, natural(at, d))


NONE = {
    "student_t_known_dof": "x", "cauchy_distribution": "x", "logistic_distribution": "x",
    "laplace_mixture": "x", "robust_ppca": "x", "weibull_learned_shape": "x", "vae_student_t": "x",
}  # fmt: skip


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_exponential_family_is_called_none(name):
    model = catalogue.load(name)
    (term,) = (t for t in model.terms if t.name == NONE[name])
    found = exponential_family(model, term)
    assert isinstance(found, NoExponentialFamily)
    assert term.value in found.part.free_symbols


@pytest.mark.parametrize("name", MODELS)
def test_expanded_back_it_is_the_density(name):
    """By numbers: eta . T - A + log h = log p at random coordinates."""
    proof = ep.prove(catalogue.load(name))
    at = numbers(proof.model, 11, T=3)
    for t in proof.terms:
        log_h = t.identity.log_base_measure if t.identity else None
        family = exponential_family(proof.model, t.term, log_h)
        if isinstance(family, NoExponentialFamily):
            continue
        place = {i: 0 for i, _ in t.term.plates}
        total = evaluated(at, family.log_base_measure, place)
        total -= evaluated(at, family.log_partition, place)
        for b in family.blocks:
            for i in np.ndindex(*(int(value(n, at.here)) for _, n in b.axes)):
                there = place | dict(zip((s for s, _ in b.axes), i, strict=True))
                total += evaluated(at, b.natural, there) * evaluated(at, b.statistic, there)
        assert close(total, evaluated(at, t.term.log_density, place), 9)
