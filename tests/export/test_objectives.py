"""The table of entropy objectives: what was eliminated, what is left, and what has none."""

from __future__ import annotations

import entropy_proofs as ep
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.export.objectives import objective_table


def rows(*names):
    proofs = [ep.prove(ep.load(name)) for name in names]
    text = FORMATS["markdown"].write(objective_table(proofs))
    return [line.split(" | ") for line in text.splitlines() if line.startswith("| ")][1:], text


def test_the_objective_of_sparse_coding_is_that_of_the_paper():
    ((_, (name, eliminated, objective)), text) = rows("sparse_coding")
    assert "| Sparse coding" in name
    assert r"\lambda_{h} = \mathbb{E}_{q}[\lvert z_{h}\rvert]" in eliminated
    assert r"\log\bigl(2e\mathbb{E}_{q}[\lvert z_{h}\rvert]\bigr)" in objective
    assert r"\lambda" not in objective
    assert "closed-form optimum in" not in text


def test_a_mixture_looks_its_optima_up_by_category():
    ((_, (_, eliminated, objective)), _) = rows("gaussian_mixture")
    scatter = r"(\mathbf{x} - \boldsymbol{\mu}_{k})(\mathbf{x} - \boldsymbol{\mu}_{k})^{\top}"
    assert scatter in eliminated
    assert r"\mathbb{E}_{q}[1]" not in objective
    assert objective.count(r"\sum_{k=1}^{K}") == 1


def test_models_without_an_objective_are_named():
    ((_, *found), text) = rows("vae_3", "ppca")
    assert len(found) == 1
    assert "Nothing has a closed-form optimum in: VAE-3." in text
