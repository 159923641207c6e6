"""Calls of families: right ones pass, wrong ones are answered with the right arguments."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import fields

import pytest

import entropy_proofs as ep
from entropy_proofs import families
from entropy_proofs.families.keywords import KNOWN_AS, takes

FAMILIES = [
    getattr(families, name) for name in families.__all__ if name not in ("Density", "Family")
]


def test_every_keyword_of_a_family_has_its_names_elsewhere_but_none_is_another_of_its_own():
    for cls in FAMILIES:
        own = {f.name for f in fields(cls)}
        for keyword in own:
            assert keyword in KNOWN_AS, f"{cls.__name__}: {keyword}"


@pytest.mark.parametrize("cls", FAMILIES, ids=lambda c: c.__name__)
def test_what_a_keyword_is_called_elsewhere_leads_to_a_keyword_of_the_family(cls):
    own = {f.name for f in fields(cls)}
    for keyword in own:
        for names in KNOWN_AS[keyword].values():
            for wrong in set(names.split()) - own:
                with pytest.raises(ep.InputError) as caught:
                    cls(**{wrong: 1})
                message = str(caught.value)
                assert f"not {wrong}=" in message
                assert any(f"did you mean {right}=" in message for right in own)


def test_a_close_match_is_pointed_at():
    with pytest.raises(ep.InputError, match=r"not meen=; did you mean mean=\?"):
        ep.Normal(meen=0, variance=1)
    with pytest.raises(ep.InputError, match=r"not zzz=$"):
        ep.Normal(zzz=0, variance=1)


def test_values_by_place_are_put_to_keywords():
    with pytest.raises(ep.InputError, match=r"write Gamma\(shape=2, rate=\.\.\.\)"):
        ep.Gamma(2)


def test_a_family_shows_its_arguments_and_is_copied_and_pickled():
    assert list(inspect.signature(ep.Normal).parameters) == ["mean", "variance"]
    assert takes(ep.Normal) == "mean=..., variance=..."
    normal = ep.Normal(mean=0, variance=1)
    assert pickle.loads(pickle.dumps(normal)) == copy.deepcopy(normal) == normal
