"""What reasons say."""

from __future__ import annotations

import pytest

from entropy_proofs.optimise.result import Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_message_of_one_line(reason):
    details = {
        "tolerance": 1e-3, "patience": 10, "gap": 1.0, "most": 20, "name": "rho", "place": 1,
        "left": 1e-7, "fall": 1e-3, "reached": Reason.CLOSED_FORM(), "conditions": "m > 0",
    }  # fmt: skip
    said = str(reason(**details))
    assert said
    assert not set("{\n") & set(said)


def test_equal_messages_may_mean_different_things():
    assert str(Reason.STUCK(gap=0.5)) == str(Reason.ROUNDING(gap=0.5))
    assert Reason.ROUNDING(gap=0.5).converged
    assert not Reason.STUCK(gap=0.5).converged
