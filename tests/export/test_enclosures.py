"""The table of enclosures: what is shown of a ball, and what is said of points that are missing."""

from dataclasses import replace

from flint import arb

from entropy_proofs.document.formats import FORMATS
from entropy_proofs.enclosures.enclosure_records import Enclosure, ball
from entropy_proofs.export.enclosures import enclosure_table

PROVED = Enclosure(
    model="Gamma",
    sizes={"D": 2, "data points": 5, "samples": 1},
    dataset="iris",
    stationary_in="all parameters and q",
    unknowns=4,
    pinned=("W[0, 0]",),
    flatness_proved=True,
    existence_proved=True,
    kind="saddle",
    elbo=ball(arb("-1.25", "1e-30"), 30),
    gap=ball(arb(0, "1e-50"), 30),
    plain_gap=ball(arb("0.5", "1e-50"), 30),
)
MISSING = Enclosure(
    "Beta", {"data points": 5}, "iris", "nothing", 3, reason="the Hessian is singular"
)


def shown(found):
    return FORMATS["markdown"].write(enclosure_table(found))


def test_proved_points_are_rows_and_missing_ones_have_reasons():
    text = shown([("proved", PROVED), ("partial", MISSING)])
    assert "| Gamma | saddle | D=2, N=5 | 4 (1 pinned) | -1.2500 | 0 ± 1e-40 | 0.5000 |" in text
    assert "1 of 2 models have a point that is proved to exist" in text
    assert "certified at 1." in text
    assert "proved to vanish at 1 of 1 points" in text
    assert "- Beta (partial): the Hessian is singular" in text


def test_wide_and_wrong_gaps_are_not_shown_as_zero():
    wide = replace(PROVED, gap=ball(arb(0, "0.5"), 30))
    wrong = replace(PROVED, gap=ball(arb("0.25", "1e-50"), 30))
    text = shown([("proved", wide), ("proved", wrong)])
    assert "| 0 ± 1e-40" not in text
    assert "| 0 ± 5e-01 |" in text
    assert "| 0.2500 |" in text
    assert "certified at 0." in text


def test_flatness_that_is_only_enclosed_is_said_to_be():
    text = shown([("proved", replace(PROVED, flatness_proved=False))])
    assert "| 4 (1 pinned, enclosed) |" in text
    assert "proved to vanish at 0 of 1 points" in text
