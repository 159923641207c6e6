"""What an experiment leaves: sentences, a table, numbers and pictures."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.exceptions import ConvergenceWarning

import entropy_proofs as ep

DIGITS = 6  # of numbers in the reports; more differ from one processor to the next


@dataclass(frozen=True)
class Findings:
    """One experiment.

    Attributes:
        title, setting: what was done, with the sizes.
        reported: what the paper reports.
        measured: what was measured here.
        columns, rows: of the table.
        numbers: all of them, for the JSON file; must be finite.
        holds: statement -> whether it held.
        figures: file name -> caption.
        worst_residual: the largest |F - S - v·∇F| of all iterations of all runs, relative.
        iterations: how many those were.
    """

    title: str
    setting: str
    reported: str
    measured: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Mapping[str, Any]
    holds: Mapping[str, bool]
    figures: Mapping[str, str]
    worst_residual: float
    iterations: int


@dataclass
class Runs:
    """Fits models, and keeps the largest residual of the gap identity along all runs."""

    worst: float = 0.0
    iterations: int = 0
    by_run: dict[str, float] = field(default_factory=dict)

    def fit(self, name: str, x: Any, model: str, **options: Any) -> ep.VariationalEstimator:
        """A fitted estimator; an exhausted budget is no warning here, it is the experiment."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            fitted = ep.VariationalEstimator(model, **options).fit(x)
        residual = fitted.history_["residual"]
        worst = float(residual.max())  # NaN if one is
        assert math.isfinite(worst), name
        self.by_run[name] = max(worst, self.by_run.get(name, 0.0))
        self.worst = max(self.worst, worst)
        self.iterations += len(residual)
        return fitted


def rounded(value: Any) -> Any:
    """Numbers to so many digits, inside lists and dicts too."""
    if isinstance(value, Mapping):
        return {k: rounded(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(v) for v in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if not math.isfinite(value):
        raise ValueError(f"{value} among the numbers")
    return int(value) if float(value).is_integer() else float(f"{float(value):.{DIGITS}g}")
