"""scikit-learn's Gaussian process regression: its amplitude and its noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from entropy_proofs.adapters.fitted import FittedModel, check_learned, fitted_array, whole
from entropy_proofs.adapters.linear_regressions import regression_data
from entropy_proofs.errors import InputError

_WANTED = "ConstantKernel() * k + WhiteKernel(), an amplitude and a noise"
_MOST = 5000  # rows, whose kernel matrix is decomposed


def gaussian_process(fitted: Any, X: Any, y: Any = None, lengths: Any = None) -> FittedModel:
    """A `GaussianProcessRegressor` with kernel amplitude * k + noise, in nats of the evidence.

    In the eigenvectors of the kernel matrix, which leaves F what it is, and well conditioned.
    """
    kind = "GaussianProcessRegressor"
    x_train = fitted_array(fitted, "X_train_")
    x, targets = regression_data(kind, X, y, lengths, x_train.shape[1])
    if len(x) > _MOST:
        raise InputError(f"{kind}: X has {len(x)} rows; at most {_MOST} are audited")
    if np.ndim(fitted.alpha):
        raise InputError(f"{kind}: alpha for each row is not audited, only a number is")
    amplitude, base, noise = _parts(fitted.kernel_)
    (a_path, a, _), (s_path, s, _) = amplitude, noise
    check_learned(kind, (f"kernel_.{path}" for path, _, fixed in (amplitude, noise) if fixed))
    targets = (targets - fitted._y_train_mean) / fitted._y_train_std
    values, vectors = np.linalg.eigh(base(x))
    values = np.maximum(values, np.finfo(float).eps * values.max())
    return FittedModel(
        estimator=kind,
        model="gaussian_process_regression",
        parameters={"a": np.asarray(a), "sigma2": np.asarray(s + fitted.alpha)},
        known={"K": np.diag(values)},
        data=({"y": (vectors.T @ targets)[None]},),
        blocks={"a": whole(f"kernel_.{a_path}"), "sigma2": whole(f"kernel_.{s_path}")},
        rows=len(x),
        covariance="full",
        left_out=(
            "the kernel's other parameters, such as length scales, which are taken as known",
        ),
    )


def _parts(kernel: Any) -> tuple[tuple[str, float, bool], Any, tuple[str, float, bool]]:
    """(path, amplitude, whether it is fixed), the kernel at amplitude one, and so of the noise.

    Raises:
        InputError: the kernel is no such sum.
    """
    from sklearn.gaussian_process.kernels import ConstantKernel, Product, Sum, WhiteKernel

    wanted = InputError(f"GaussianProcessRegressor: the kernel is {kernel}, not {_WANTED}")
    if not isinstance(kernel, Sum):
        raise wanted

    def told_apart(pair: Any, kind: type) -> tuple[str, Any, str, Any]:
        """The name and value of the side of this kind, then those of the other."""
        if isinstance(pair.k1, kind) == isinstance(pair.k2, kind):
            raise wanted
        first, second = ("k1", pair.k1), ("k2", pair.k2)
        return (*first, *second) if isinstance(pair.k1, kind) else (*second, *first)

    white, noise, other, product = told_apart(kernel, WhiteKernel)
    if not isinstance(product, Product):
        raise wanted
    constant, amplitude, _, base = told_apart(product, ConstantKernel)
    return (
        _value(f"{other}.{constant}", amplitude, "constant_value"),
        base,
        _value(white, noise, "noise_level"),
    )


def _value(path: str, kernel: Any, name: str) -> tuple[str, float, bool]:
    fixed = getattr(kernel, f"{name}_bounds") == "fixed"
    return f"{path}.{name}", float(getattr(kernel, name)), fixed
