"""How well a filter is a Gabor function: a least-squares fit, and its R²."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from experiments.data import Array


@dataclass(frozen=True)
class Gabor:
    """A fitted Gabor function; lengths in pixels, the angle in radians.

    Attributes:
        r2: the share of the filter's power that it explains.
        wavelength: of the grating, inf without one.
        deviations: of the Gaussian window, along and across the grating.
    """

    r2: float
    angle: float
    wavelength: float
    deviations: tuple[float, float]


def gabor(side: int, parameters: Array) -> tuple[Array, Array]:
    """Window times cosine, and window times sine, (side²,).

    parameters: centre (2), angle, spatial frequency, log deviations (2).
    """
    row, column, angle, frequency, *logs = parameters
    y, x = np.mgrid[:side, :side].reshape(2, -1)
    u = (x - column) * np.cos(angle) + (y - row) * np.sin(angle)
    v = (y - row) * np.cos(angle) - (x - column) * np.sin(angle)
    window = np.exp(-((u / np.exp(logs[0])) ** 2 + (v / np.exp(logs[1])) ** 2) / 2)
    phase = 2 * np.pi * frequency * u
    return window * np.cos(phase), window * np.sin(phase)


def fit_gabor(column: Array) -> Gabor:
    """The best of a few starts; amplitude and phase are linear, so they are solved for."""
    side, power = round(np.sqrt(len(column))), float(column @ column)

    def residual(parameters: Array) -> Array:
        basis = np.stack(gabor(side, parameters), axis=1)
        ridge = 1e-9 * np.eye(2)
        weights = np.linalg.solve(basis.T @ basis + ridge, basis.T @ column)
        return basis @ weights - column

    best = min(
        (
            least_squares(residual, start, bounds=_bounds(side), max_nfev=60)
            for start in _starts(column, side)
        ),
        key=lambda result: result.cost,
    )
    _, _, angle, frequency, *logs = best.x
    wavelength = 1 / frequency if frequency > 0 else float("inf")
    deviations = float(np.exp(logs[0])), float(np.exp(logs[1]))
    return Gabor(1 - 2 * best.cost / power, float(angle % np.pi), float(wavelength), deviations)


def _bounds(side: int) -> tuple[list[float], list[float]]:
    low, high = np.log(0.5), np.log(side)
    return (
        [-1.0, -1.0, -10.0, 0.0, low, low],
        [side + 0.0, side + 0.0, 10.0, 0.5, high, high],
    )


def _starts(column: Array, side: int) -> list[Array]:
    """At the centre of power, with the strongest frequencies."""
    image = column.reshape(side, side)
    weights = image**2 / (image**2).sum()
    y, x = np.mgrid[:side, :side]
    centre = (weights * y).sum(), (weights * x).sum()
    padded = 4 * side
    spectrum = np.abs(np.fft.fft2(image, (padded, padded)))
    frequency = np.fft.fftfreq(padded)
    fy, fx = np.meshgrid(frequency, frequency, indexing="ij")
    spectrum[np.hypot(fy, fx) > 0.45] = 0
    i, j = np.unravel_index(spectrum.argmax(), spectrum.shape)
    angle, length = np.arctan2(fy[i, j], fx[i, j]), float(np.hypot(fy[i, j], fx[i, j]))
    return [
        np.array([*centre, angle + turn, max(length, 0.03), np.log(width), np.log(width)])
        for turn in (0.0, np.pi / 2)
        for width in (1.0, side / 4)
    ]
