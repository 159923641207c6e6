"""The experiments: data, matching and fits by hand-made cases, and all of them at tiny sizes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from sklearn.decomposition import FastICA

from experiments.__main__ import IDENTITY, main
from experiments.bars import FOUND, matching
from experiments.data import bar_images, bars, image_patches, pca_data, whitened
from experiments.dimension import largest_likelihood, parameter_count
from experiments.findings import rounded
from experiments.gabor import fit_gabor, gabor
from experiments.running import EXPERIMENTS

pytestmark = pytest.mark.end_to_end


# data ---------------------------------------------------------------------------------------------
def test_bars_are_unit_columns_of_one_row_or_column_each():
    B = bar_images(4)
    images = B.T.reshape(8, 4, 4)
    assert np.allclose((B**2).sum(axis=0), 1)
    assert np.allclose(images.sum(axis=0), 1.0)  # each pixel: its row's and its column's, 1/2 each
    for k in range(4):
        assert (images[k] > 0).sum() == 4
        assert (images[k, k] > 0).all()
        assert (images[4 + k, :, k] > 0).all()
    assert np.linalg.matrix_rank(B) == 7  # rows and columns have the same sum


def test_bars_have_the_covariance_of_the_model():
    x = bars(np.random.default_rng(0), 40_000, 3, present=0.3, noise=0.2)
    B = bar_images(3)
    expected = 0.3 * 2 * B @ B.T + 0.04 * np.eye(9)  # Laplace(0, 1) has variance 2
    assert np.abs(np.cov(x.T) - expected).max() < 0.03


def test_whitening_flattens_a_one_over_f_spectrum():
    rng = np.random.default_rng(0)
    f = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)[None, :])
    noise = np.fft.fft2(rng.normal(size=(64, 64)))
    image = np.fft.ifft2(noise / np.maximum(f, 1 / 64)).real

    def ratio(a):
        """Power at low frequencies by power at middle ones."""
        power = np.abs(np.fft.fft2(a - a.mean())) ** 2
        return power[(f > 0) & (f < 0.1)].mean() / power[(f > 0.2) & (f < 0.3)].mean()

    assert ratio(image) > 5
    assert 0.5 < ratio(whitened(image)) < 2


def test_patches_come_from_the_whitened_images():
    x = image_patches(np.random.default_rng(0), 90, 6)
    assert x.shape == (90, 36)
    assert np.isfinite(x).all()
    assert np.array_equal(x, image_patches(np.random.default_rng(0), 90, 6))


def test_the_ring_is_a_ring():
    rng = np.random.default_rng(1)
    x = pca_data(rng, 500, 2, 2, noise=0.0, ring=True)
    again = np.random.default_rng(1)
    W, mu = again.uniform(size=(2, 2)), again.uniform(size=2)
    radius = np.linalg.norm(np.linalg.solve(W, (x - mu).T), axis=0)
    assert radius.min() > 1
    assert 0.1 < (radius - 1).mean() < 0.15  # E|z|/10 of a plane normal: 0.125


# matching -----------------------------------------------------------------------------------------
def test_shuffled_and_flipped_columns_are_all_found():
    B, rng = bar_images(4), np.random.default_rng(0)
    learned = B[:, rng.permutation(8)] * rng.choice([-3.0, 0.2], size=8)
    cosines, matched = matching(learned, B)
    assert np.allclose(cosines, 1)
    assert np.allclose(matched, B)


def test_a_bar_is_not_found_twice_by_one_column():
    B = bar_images(4)
    learned = B.copy()
    learned[:, 0] = B[:, 1]  # bar 0 is missing, bar 1 is there twice
    cosines, _ = matching(learned, B)
    assert (cosines > FOUND).sum() == 7
    assert not (matching((B[:, ::-1] + B) / 2, B)[0] > FOUND).any()
    dead, _ = matching(np.where(np.arange(8) == 3, 0, B), B)
    assert (dead > FOUND).sum() == 7


def test_ica_finds_one_bar_less_than_there_are():
    """As the reports say: the bars span one dimension less than their number."""
    x = bars(np.random.default_rng(0), 2000, 3, present=0.3, noise=0.01)
    columns = FastICA(6, random_state=0, max_iter=500).fit(x).mixing_
    assert not (matching(columns, bar_images(3))[0] > FOUND).all()


# measures -----------------------------------------------------------------------------------------
def test_a_gabor_is_fitted_and_noise_is_not():
    even, odd = gabor(8, np.array([3.2, 4.1, 0.6, 0.22, np.log(1.6), np.log(2.2)]))
    found = fit_gabor(0.7 * even - 0.4 * odd)
    assert found.r2 > 0.999
    assert found.wavelength == pytest.approx(1 / 0.22, rel=0.02)
    assert np.cos(2 * (found.angle - 0.6)) > 0.99
    noise = np.random.default_rng(0).normal(size=64)
    assert fit_gabor(noise).r2 < 0.7


def test_the_largest_likelihood_of_ppca():
    """The covariance of the closed form, put into the density."""
    x = pca_data(np.random.default_rng(0), 300, 5, 2, noise=0.4)
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    noise = values[:3].mean()
    C = noise * np.eye(5) + (vectors[:, 3:] * (values[3:] - noise)) @ vectors[:, 3:].T
    centred = x - x.mean(axis=0)
    square = np.einsum("nd,de,ne->n", centred, np.linalg.inv(C), centred).mean()
    expected = -(np.linalg.slogdet(2 * math.pi * C)[1] + square) / 2
    assert largest_likelihood(x, 2) == pytest.approx(expected, rel=1e-12)
    assert parameter_count(5, 4) == 5 + 15  # all but one direction: mean and any covariance


def test_numbers_that_are_none_are_refused():
    assert rounded({"a": [1.23456789, 2.0, True, "x"]}) == {"a": [1.23457, 2, True, "x"]}
    with pytest.raises(ValueError, match="nan"):
        rounded({"a": [float("nan")]})


# all of it ----------------------------------------------------------------------------------------
def test_all_experiments_run_and_write_what_they_found(tmp_path):
    """At sizes that show that it runs; what is to hold is measured by the full run."""
    assert main([str(tmp_path), "--tiny", "--jobs", "1"]) in {0, 1}
    found = json.loads((tmp_path / "experiments.json").read_text())
    assert list(found) == list(EXPERIMENTS)
    text = (tmp_path / "experiments.md").read_text()
    for name, f in found.items():
        assert set(f) == {"numbers", "holds", "iterations", "largest relative residual"}
        if name != "audited_vae":  # which PyTorch learns
            assert 0 < f["largest relative residual"] < IDENTITY
            assert f["iterations"] > 0
        assert all(statement in text for statement in f["holds"])
    bars_found = found["bars"]["numbers"]["entropy objective, prior annealed"]
    assert len(bars_found["least |cosine| by seed"]) == bars_found["seeds"]
    figures = {p.name for p in (tmp_path / "experiments").iterdir()}
    assert figures == {
        "bars.png", "patches_filters.png", "patches_learning.png", "vae.png", "dimension.png",
        "audited_vae.png",
    }  # fmt: skip
    assert all(f"](experiments/{name})" in text for name in figures)
    assert "nan" not in text


def test_an_unknown_experiment_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path), "--only", "bras"])
    assert "bras is none of bars" in capsys.readouterr().err


def test_several_run_at_a_time_in_processes_of_their_own(tmp_path):
    assert main([str(tmp_path), "--tiny", "--only", "dimension", "--jobs", "2"]) == 0
    assert list(json.loads((tmp_path / "experiments.json").read_text())) == ["dimension"]
