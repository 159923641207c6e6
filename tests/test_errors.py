"""What is said where a library is missing."""

from __future__ import annotations

import sys

import pytest

import entropy_proofs as ep
from entropy_proofs.errors import MissingLibrary, numbers_for
from entropy_proofs.proving.cache import Proofs
from entropy_proofs.proving.proof import _prove

NUMBERS = "entropy_proofs.refute.entropy_values"


class Without:
    """As if NumPy were not there for what computes entropies."""

    def find_spec(self, name, path=None, target=None):
        if name == NUMBERS:
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")


def test_a_missing_library_is_named_with_what_needs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "mpmath.calculus", None)
    with (
        pytest.raises(MissingLibrary, match=r"^roots needs mpmath, which is not installed$"),
        numbers_for("roots"),
    ):
        import mpmath.calculus  # noqa: F401


def test_a_claim_that_needs_a_missing_library_is_undecided_and_says_so(monkeypatch):
    """The entropy is 2 nats, for which there is no closed form here."""
    model = ep.Model("m")
    x = model.observed("x", ep.Logistic(mean=0, scale=1))
    model.claim("entropy", x, 3)
    with monkeypatch.context() as without:
        without.delitem(sys.modules, NUMBERS, raising=False)
        without.setattr(sys, "meta_path", [Without(), *sys.meta_path])
        (claim,) = Proofs().get(model, _prove).claims
    assert claim.verdict is ep.Verdict.UNDECIDED
    assert claim.witness == "the entropy as a number needs numpy, which is not installed"
    (claim,) = Proofs().get(model, _prove).claims
    assert claim.verdict is ep.Verdict.REFUTED
