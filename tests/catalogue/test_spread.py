"""Some models stand for all."""

from __future__ import annotations

from entropy_proofs.model import catalogue

from .spread import MODELS, SPREAD, features


def test_the_chosen_models_have_whatever_any_model_has():
    made_of = {name: features(catalogue.load(name)) for name in catalogue.names()}
    assert set(SPREAD) <= set(MODELS) <= made_of.keys()
    chosen = frozenset().union(*(made_of[name] for name in SPREAD))
    missing = {n: sorted(has - chosen) for n, has in made_of.items() if has - chosen}
    assert not missing
    assert len(chosen) > 50
