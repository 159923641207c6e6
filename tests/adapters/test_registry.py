"""Another package registers an adapter by an entry point."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.adapters import registry
from entropy_proofs.adapters.fitted import FittedModel, table_of, whole


class Counter:
    """A third party's estimator of one rate."""

    def fit(self, X):
        self.rate = float(np.mean(X))
        return self


class Louder(Counter):
    pass


def adapt(counter, X, y, lengths):
    x = table_of(X, 1, "Counter")
    model = ep.Model("counts")
    lam = model.parameter("lam", domain="positive")
    model.observed("x", ep.Poisson(rate=lam))
    return FittedModel(
        "Counter", model, {"lam": counter.rate}, ({"x": x[:, 0]},), {"lam": whole("rate")}, len(x)
    )


@pytest.fixture
def registered(monkeypatch):
    point = EntryPoint(f"{__name__.partition('.')[0]}.Counter", f"{__name__}:adapt", registry.GROUP)
    registry._registered.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    yield
    registry._registered.cache_clear()


@pytest.mark.parametrize("kind", [Counter, Louder])
def test_an_entry_point_serves_a_class_and_those_derived_from_it(registered, kind):
    x = np.array([[1.0], [2.0], [6.0]])
    fitted = kind().fit(x)
    found = ep.audit(fitted, x)
    assert found.stationary
    assert list(found.shares) == ["rate"]
    fitted.rate = 2.0
    found = ep.audit(fitted, x)
    gained = 3 * np.log(3.0 / 2.0) - 1
    assert not found.stationary
    assert found.to_gain == pytest.approx(gained)


def test_without_it_there_is_none():
    with pytest.raises(ep.InputError, match=r"no adapter for \w+\.Counter"):
        ep.audit(Counter().fit([[1.0]]), [[1.0]])


def test_every_adapter_is_where_the_table_says():
    from importlib import import_module

    for place in registry.ADAPTERS.values():
        module, _, function = place.partition(":")
        assert callable(getattr(import_module(f"entropy_proofs.adapters.{module}"), function))
