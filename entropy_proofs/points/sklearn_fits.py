"""Stationary points that scikit-learn's own estimators supply, for three catalogue models.

The table is part of the numeric check only: which estimator fits which catalogue file, on which
data.  Nothing else ever looks at a model's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from entropy_proofs.data.real_data import standardised, table
from entropy_proofs.families.coordinates import Array

Values = dict[str, Any]


@dataclass(frozen=True)
class Fit:
    """Parameters that an estimator found.

    Attributes:
        estimator: its qualified name.
        dataset: the data set's name.
        data: the array (N, D) that it was fitted to.
        sizes: the sizes of the model's other dims.
        values: the parameters by name, in the model's parameterisation.
    """

    estimator: str
    dataset: str
    data: Array
    sizes: dict[str, int]
    values: Values


def principal_components() -> Fit:
    """p-PCA in closed form from PCA's eigenvalues.

    `PCA` divides by N - 1 where maximum likelihood divides by N, so all variances are rescaled.
    """
    from sklearn.decomposition import PCA

    h = 3
    x = table("digits")[:, [18, 19, 20, 21, 26, 27, 28, 29, 34, 35, 36, 37, 42, 43, 44, 45]] / 16
    pca = PCA(n_components=h).fit(x)
    rescaled = (len(x) - 1) / len(x)
    noise = pca.noise_variance_ * rescaled
    scales = np.sqrt(pca.explained_variance_ * rescaled - noise)
    values = {"W": pca.components_.T * scales, "mu": pca.mean_, "sigma2": noise}
    return Fit("sklearn.decomposition.PCA", "digits, 16 central pixels", x, {"H": h}, values)


def factor_analysis() -> Fit:
    """Factor analysis by EM, run until its log-likelihood stands still."""
    from sklearn.decomposition import FactorAnalysis

    h = 3
    x = standardised("wine")
    found = FactorAnalysis(h, tol=1e-13, max_iter=100_000, svd_method="lapack").fit(x)
    values = {"W": found.components_.T, "mu": found.mean_, "psi": found.noise_variance_}
    return Fit("sklearn.decomposition.FactorAnalysis", "wine", x, {"H": h}, values)


def gaussian_mixture() -> Fit:
    """A mixture by EM without the regulariser that scikit-learn adds by default."""
    from sklearn.mixture import GaussianMixture

    x = table("iris")
    mixture = GaussianMixture(3, reg_covar=0.0, tol=1e-14, max_iter=100_000, random_state=0).fit(x)
    return Fit("sklearn.mixture.GaussianMixture", "iris", x, {"K": 3}, mixture_values(mixture))


def mixture_values(mixture: Any) -> Values:
    """The parameters of a fitted GaussianMixture with full covariances."""
    return {"rho": mixture.weights_, "mu": mixture.means_, "Sigma": mixture.covariances_}


#: The stem of a catalogue file -> the fit that checks it.
FITS: dict[str, Callable[[], Fit]] = {
    "ppca": principal_components,
    "factor_analysis": factor_analysis,
    "gaussian_mixture": gaussian_mixture,
}
