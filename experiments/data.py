"""Data that a script generates or that packages ship; nothing is downloaded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Photographs and textures inside the scikit-image package.
IMAGES = ("camera", "coffee", "chelsea", "astronaut", "rocket", "coins", "grass", "gravel")


# bars ---------------------------------------------------------------------------------------------
def bar_images(side: int) -> Array:
    """All horizontal and vertical bars as unit columns, (side², 2 side)."""
    bars = np.zeros((2 * side, side, side))
    for k in range(side):
        bars[k, k, :] = 1
        bars[side + k, :, k] = 1
    return bars.reshape(2 * side, -1).T / np.sqrt(side)


def bars(rng: np.random.Generator, points: int, side: int, present: float, noise: float) -> Array:
    """Sums of bars, (points, side²).

    Args:
        present: the probability of each bar; one that is present has a Laplace(0, 1) amplitude.
        noise: the pixels' standard deviation.
    """
    count = 2 * side
    amplitudes = rng.laplace(size=(points, count)) * (rng.random((points, count)) < present)
    pixels = amplitudes @ bar_images(side).T
    return pixels + noise * rng.normal(size=pixels.shape)


# images -------------------------------------------------------------------------------------------
def whitened(image: Array) -> Array:
    """Zero-phase whitening with a low-pass, as Olshausen & Field (1997) do it; variance one."""
    height, width = image.shape
    f = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None, :])
    gain = f * np.exp(-((f / 0.4) ** 4))
    filtered = np.fft.ifft2(np.fft.fft2(image - image.mean()) * gain).real
    return filtered / filtered.std()


def image_patches(rng: np.random.Generator, points: int, side: int) -> Array:
    """Whitened patches from random places of all `IMAGES`, (points, side²)."""
    from skimage import color, data

    found = []
    each = -(-points // len(IMAGES))
    for name in IMAGES:
        image = getattr(data, name)()
        grey = color.rgb2gray(image) if image.ndim == 3 else image / 255.0
        inner = whitened(np.asarray(grey, dtype=float))[4:-4, 4:-4]
        rows, columns = (rng.integers(n - side, size=each) for n in inner.shape)
        found += [
            inner[r : r + side, c : c + side].ravel() for r, c in zip(rows, columns, strict=True)
        ]
    return np.array(found)[rng.permutation(len(found))[:points]]


# what VAEs learn ----------------------------------------------------------------------------------
def pca_data(
    rng: np.random.Generator, points: int, size: int, latents: int, noise: float, ring: bool = False
) -> Array:
    """W z + mu + noise with W and mu uniform in [0, 1]; on a ring, z/10 + z/|z| instead of z.

    The data of the verification experiments of arXiv:2010.14860.
    """
    W, mu = rng.uniform(size=(size, latents)), rng.uniform(size=size)
    z = rng.normal(size=(points, latents))
    if ring:
        z = z / 10 + z / np.linalg.norm(z, axis=1, keepdims=True)
    return z @ W.T + mu + noise * rng.normal(size=(points, size))


def digits() -> Array:
    """The 1797 images of scikit-learn's digits, (1797, 64), in [0, 1]."""
    from sklearn.datasets import load_digits

    return np.asarray(load_digits().data) / 16
