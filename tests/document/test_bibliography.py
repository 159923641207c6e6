"""BibTeX entries as plain text and as references."""

from __future__ import annotations

import pytest

from entropy_proofs.document.bibliography import fields, reference
from entropy_proofs.document.blocks import Emphasis, Link

TIPPING = r"""@article{tipping1999,
  author  = {Tipping, Michael E. and Bishop, Christopher M.},
  title   = "Probabilistic {Principal Component} Analysis",
  journal = {Journal of the Royal Statistical Society: Series B},
  volume  = 61, number = {3}, pages = {611--622},
  year    = {1999},
}"""


def shown(entry):
    return "".join(i if isinstance(i, str) else i.text for i in reference(entry))


def test_an_article():
    assert shown(TIPPING) == (
        "Michael E. Tipping and Christopher M. Bishop. Probabilistic Principal Component Analysis. "
        "Journal of the Royal Statistical Society: Series B 61(3):611–622, 1999."
    )
    assert Emphasis("Journal of the Royal Statistical Society: Series B") in reference(TIPPING)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (r"{L\"ucke}", "Lücke"),
        (r"{{\'E}mile Gau{\ss} \v{C}ech}", "Émile Gauß Čech"),
        (r"{S{\o}ren \& {\AA}sa}", "Søren & Åsa"),
        ("{a, b = c}", "a, b = c"),
        ("{Two\n   lines}", "Two lines"),
    ],
)
def test_text_of_a_field(value, text):
    assert fields(f"@misc{{k, note = {value}, year = 2020}}") == {"note": text, "year": "2020"}


def test_a_preprint_is_a_link():
    entry = (
        "@misc{k, title = {On x}, author = {A, B and others}, eprint = {1312.6114}, year = 2013}"
    )
    assert shown(entry) == "B A et al. On x. 2013. arXiv:1312.6114."
    assert Link("arXiv:1312.6114", "https://arxiv.org/abs/1312.6114") in reference(entry)


@pytest.mark.parametrize(
    "entry", ["", "@misc{k}", "@misc{k, title = {open", "no entry", "@a{k, b = "]
)
def test_what_is_no_entry_is_shown_as_far_as_it_goes(entry):
    assert shown(entry).endswith(".")
