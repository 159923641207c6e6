"""Data for learning, and runs that several tests look at."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris, load_wine
from sklearn.preprocessing import StandardScaler


@pytest.fixture(scope="session")
def iris():
    return load_iris().data


@pytest.fixture(scope="session")
def wine():
    """Six columns with mean 0 and variance 1."""
    return StandardScaler().fit_transform(load_wine().data)[:, :6]


@pytest.fixture(scope="session")
def counts(iris):
    return np.round(iris)
