"""A call of a family with arguments that it does not take: what to write instead.

Other libraries have other names for the same numbers, or one name for another number (`scale` of a
normal is a standard deviation in SciPy); `KNOWN_AS` has both, with what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature, signature
from typing import Any

from entropy_proofs.errors import InputError
from entropy_proofs.spelling import did_you_mean

_SQUARE, _INVERSE = "which is its square", "which is its inverse"
_DEVIATIONS = "std sd sigma stddev stdev std_dev standard_deviation deviation scale"
_PRECISIONS = "precision prec tau lambda_ Lambda precision_matrix"

#: By the right keyword: what it is called elsewhere, under what has to be done to the number.
KNOWN_AS: Mapping[str, Mapping[str, str]] = {
    "mean": {"": "loc location mu m center centre expectation average"},
    "location": {"": "loc mean mu m mode"},
    "variance": {
        "": "var sigma2 sigma_sq sigma_squared s2 v noise",
        _SQUARE: _DEVIATIONS,
        _INVERSE: _PRECISIONS,
    },
    "scale2": {
        "": "variance var sigma2 scale_squared",
        _SQUARE: _DEVIATIONS,
        _INVERSE: _PRECISIONS,
    },
    "scale": {
        "": "b beta sigma s diversity gamma scale_parameter",
        _INVERSE: "rate lambda_ lam",
    },
    "covariance": {
        "": "cov Sigma sigma covariance_matrix variance S",
        "which is L @ L.T": "scale_tril cholesky chol L",
        _INVERSE: _PRECISIONS,
    },
    "scale_matrix": {
        "": "scale Sigma covariance cov shape S V",
        "which is L @ L.T": "scale_tril cholesky",
        _INVERSE: _PRECISIONS,
    },
    "rate": {
        "": "lam lambda_ lamb lambd lmbda mu intensity b beta",
        _INVERSE: "scale theta",
    },
    "shape": {"": "a alpha k concentration shape_parameter n total_count r successes"},
    "power": {"": "p beta b shape exponent"},
    "alpha": {"": "a concentration1 shape1"},
    "beta": {"": "b concentration0 shape2"},
    "probability": {"": "p prob probs pi theta success success_probability probabilities gate"},
    "probabilities": {"": "p prob probs pi theta ps pvals weights probability mix"},
    "logits": {"": "logit log_odds eta"},
    "trials": {"": "n N total_count count number num_trials size"},
    "concentration": {"": "alpha a kappa k"},
    "degrees_of_freedom": {"": "df nu dof"},
    "row_covariance": {"": "U row_cov rowcov among_row among"},
    "column_covariance": {"": "V column_cov colcov among_column between"},
    "log_mean": {"": "mean mu loc location m meanlog"},
    "log_variance": {
        "": "variance var sigma2 s2",
        _SQUARE: "sigma std sd s scale stddev deviation sdlog",
        _INVERSE: _PRECISIONS,
    },
    "thresholds": {"": "cutpoints cuts breaks c levels"},
    "minimum": {"": "scale x_m xm low lower loc k"},
    "low": {"": "a loc lower left start min"},
    "high": {"": "b upper right stop max"},
    "slant": {"": "alpha a skewness shape"},
}

_ELSEWHERE = {
    **dict.fromkeys(
        ("size", "sizes", "dim", "dims", "event_shape", "sample_shape"),
        'sizes belong to the variable: model.latent("z", Normal(mean=0, variance=1), H)',
    ),
    **dict.fromkeys(("name", "data", "observed", "obs"), "names and roles belong to the variable"),
}


def takes(family: Callable[..., Any]) -> str:
    """The arguments of a family, as a call has them: `mean=..., variance=...`."""
    return _filled(signature(family).parameters, ())


def check_call(
    family: str, arguments: Signature, given: Sequence[Any], named: Mapping[str, Any]
) -> None:
    """Raises InputError, which lists the right arguments, unless the family takes these."""
    parameters = arguments.parameters
    by_place = [p for p in parameters.values() if p.kind is not Parameter.KEYWORD_ONLY]
    right = _listed(parameters)
    for wrong in (name for name in named if name not in parameters):
        raise InputError(f"{family} takes {right}, not {wrong}={_instead(wrong, parameters)}")
    if len(given) > len(by_place):
        if by_place:
            raise InputError(f"{family} takes {right}, not {len(given)} arguments")
        raise InputError(
            f"{family} takes {right}, by keyword: nobody has to guess what a number is; "
            f"write {family}({_filled(parameters, given)})"
        )
    for twice in (p.name for p in by_place[: len(given)] if p.name in named):
        raise InputError(f"{family}: {twice} is given twice")
    left = [
        p for p in parameters.values() if p.name not in named and p not in by_place[: len(given)]
    ]
    missing = [p.name for p in left if p.default is Parameter.empty]
    if missing:
        raise InputError(f"{family} takes {right}: {' and '.join(missing)} missing")


def _listed(parameters: Mapping[str, Parameter]) -> str:
    """mean= and variance=; of those that may be left out one or another."""
    needed = [f"{p.name}=" for p in parameters.values() if p.default is Parameter.empty]
    choices = [f"{p.name}=" for p in parameters.values() if p.default is not Parameter.empty]
    parts = needed + ([" or ".join(choices)] if choices else [])
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _instead(wrong: str, parameters: Mapping[str, Any]) -> str:
    """The end of the message: the likely one, and what it is of the number that was meant."""
    for right in parameters:
        for change, names in KNOWN_AS.get(right, {}).items():
            if wrong in names.split():
                return f"; did you mean {right}={f', {change}' if change else ''}?"
    if wrong in _ELSEWHERE:
        return f"; {_ELSEWHERE[wrong]}"
    return did_you_mean(wrong, parameters).replace("'", "").replace("?", "=?")


def _filled(parameters: Mapping[str, Parameter], given: Sequence[Any]) -> str:
    """mean=0, variance=1 for (0, 1), as far as places and keywords go together."""
    shown = (str(value) if len(str(value)) <= 20 else "..." for value in given)
    needed = [p for p in parameters.values() if p.default is Parameter.empty] or [
        next(iter(parameters.values()))
    ]
    filled = [f"{p.name}={value}" for p, value in zip(needed, shown, strict=False)]
    return ", ".join(filled + [f"{p.name}=..." for p in needed[len(filled) :]])
