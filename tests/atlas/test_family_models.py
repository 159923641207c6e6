"""Families as models: what is learned, what is known, and what comes of them."""

from __future__ import annotations

import pytest

import entropy_proofs as ep
from entropy_proofs import families
from entropy_proofs.atlas.family_models import model_of
from entropy_proofs.export.family_table import family_classes

REFUTED = {
    "Gumbel", "HalfCauchy", "HurdleNegativeBinomial", "LogLogistic", "Logistic", "NegativeBinomial",
    "SkewNormal", "Weibull", "ZeroInflatedNegativeBinomial",
}  # fmt: skip


def test_every_family_has_a_verdict_as_it_should():
    found = {
        cls.__name__: ep.prove(model_of(cls)).verdict.value
        for cls in family_classes()
        if cls is not families.Density
    }
    assert {name for name, verdict in found.items() if verdict == "refuted"} == REFUTED
    assert {name for name, v in found.items() if v not in {"proved", "refuted"}} == {
        "OrderedCategorical"
    }


@pytest.mark.parametrize(
    ("name", "known"), [("Binomial", {"n"}), ("Pareto", {"m"}), ("Uniform", {"a", "b"})]
)
def test_what_bounds_the_support_is_known(name, known):
    model = model_of(getattr(families, name))
    assert {p.name for p in model.parameters.values() if p.fixed} == known


def test_a_known_shape_lets_weibull_become_a_pseudo_entropy():
    proof = ep.prove(model_of(families.Weibull, ("shape",)))
    assert proof.verdict is ep.Verdict.PROVED
    assert proof.pseudo == ("x",)
