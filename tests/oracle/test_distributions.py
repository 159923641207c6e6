"""Both routes of a family agree, and the formula's complex step is the slope of SciPy's density."""

from __future__ import annotations

import numpy as np
import pytest

from oracle.distributions import FAMILIES

S, U = [[2.0, 0.5], [0.5, 1.0]], [[1.5, -0.4], [-0.4, 1.0]]
INSTANCES = [
    ("Logistic", {"mean": 0.3, "scale": 1.2}),
    ("Gumbel", {"location": 0.3, "scale": 1.2}),
    ("SkewNormal", {"location": 0.3, "scale": 1.2, "slant": -0.8}),
    ("LogNormal", {"log_mean": 0.3, "log_variance": 1.2}),
    ("Weibull", {"shape": 1.7, "scale": 1.2}),
    ("InverseGaussian", {"mean": 0.7, "shape": 1.2}),
    ("HalfNormal", {"scale": 1.2}),
    ("HalfCauchy", {"scale": 1.2}),
    ("LogLogistic", {"shape": 1.7, "scale": 1.2}),
    ("Pareto", {"shape": 1.7, "minimum": 0.4}),
    ("Geometric", {"probability": 0.3}),
    ("NegativeBinomial", {"shape": 1.7, "probability": 0.3}),
    ("NegativeBinomial", {"shape": 1.7, "mean": 2.2}),
    ("TruncatedPoisson", {"rate": 1.3}),
    ("ZeroInflatedPoisson", {"rate": 1.3, "probability": 0.3}),
    ("ZeroInflatedPoisson", {"rate": 1.3, "logits": -0.4}),
    ("HurdlePoisson", {"rate": 1.3, "probability": 0.3}),
    ("HurdlePoisson", {"rate": 1.3, "logits": -0.4}),
    ("ZeroInflatedNegativeBinomial", {"mean": 2.2, "shape": 1.7, "probability": 0.3}),
    ("HurdleNegativeBinomial", {"mean": 2.2, "shape": 1.7, "logits": -0.4}),
    ("OrderedCategorical", {"location": 0.3, "thresholds": [-1, 0.4, 0.9]}),
    ("MultivariateStudentT", {"mean": [0.3, 1], "scale_matrix": S, "degrees_of_freedom": 3.0}),
    ("MatrixNormal", {"mean": [[0.3, 1], [0, 1]], "row_covariance": S, "column_covariance": U}),
    ("Wishart", {"degrees_of_freedom": 3.4, "scale_matrix": S}),
    ("InverseWishart", {"degrees_of_freedom": 3.4, "scale_matrix": S}),
]
COPIES, STEP = 4, 1e-5


@pytest.mark.parametrize(("name", "arguments"), INSTANCES, ids=lambda a: str(a)[:40])
def test_formula_and_scipy_agree_in_value_and_slope(name, arguments):
    kind = FAMILIES[name]
    family = kind(**arguments)
    x = family.draw(np.random.default_rng(1), (COPIES, *family.event_shape()))
    family.checked(x)
    for argument in arguments.keys() - {"minimum"}:

        def at(step, argument=argument):
            return kind(**{**arguments, argument: np.asarray(arguments[argument]) + step})

        if argument in {"scale_matrix", "row_covariance", "column_covariance"}:
            step = np.eye(2)
        elif argument == "thresholds":
            step = np.array([0.2, 1.0, 0.5])
        else:
            step = 1.0
        slope = np.imag(at(1e-30j * step).log_density(x)) / 1e-30
        above, below = at(STEP * step).reference(x), at(-STEP * step).reference(x)
        np.testing.assert_allclose(slope, (above - below) / (2 * STEP), rtol=1e-5, atol=1e-6)
