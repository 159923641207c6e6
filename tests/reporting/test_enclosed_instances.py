"""The instances that are certified: data in the supports of the models that they are of."""

from __future__ import annotations

import numpy as np
import pytest

import entropy_proofs as ep
from entropy_proofs.evaluate.model_code import ModelCode
from entropy_proofs.points.fits import constants
from entropy_proofs.points.observations import (
    check_bounds,
    check_complete,
    observed_names,
    sizes_of,
)
from entropy_proofs.reporting.enclosed_instances import INSTANCES

DRAWN = {name: options for name, options in INSTANCES.items() if "data" in options}


@pytest.mark.parametrize("name", DRAWN)
def test_drawn_data_are_of_the_model(name):
    """Each array has the model's axes and values, and the same seed gives it again."""
    options, model = DRAWN[name], ep.load(name)
    code, rng = ModelCode(model, "numpy"), np.random.default_rng(0)
    given, sizes = constants(code, None, options.get("sizes", {}), rng)
    first, again = (
        options["data"](np.random.default_rng(options.get("seed", 0)), given) for _ in range(2)
    )
    names = observed_names(model)
    data, same = (x if isinstance(x, dict) else {names[0]: x} for x in (first, again))
    assert list(data) == names
    for variable, x in data.items():
        assert x.ndim == 1 + len(model.variables[variable].shape)
        np.testing.assert_array_equal(x, same[variable])
    check_complete(data)
    check_bounds(model, data, {**given, **sizes_of(model, data, sizes)})
