"""EM as a section of a derivation, and where `prove` shows it."""

from __future__ import annotations

import json

import pytest

import entropy_proofs as ep
from entropy_proofs.cli.commands import main
from entropy_proofs.derivation.em_section import em_section


@pytest.mark.parametrize("format", ["markdown", "latex", "html"])
def test_a_report_has_the_algorithm(format):
    proof = ep.prove("factor_analysis")
    report = proof.report(format=format)
    assert "Expectation maximisation" in report
    assert "the exact posterior" in report
    assert "the ELBO is concave in" in report


def test_without_latents_and_updates_there_is_no_section():
    assert em_section(ep.prove("logistic_regression")) is None


def test_prove_shows_updates_when_asked(capsys):
    with pytest.raises(SystemExit):
        main(["prove", "bernoulli_mixture", "--updates"])
    text = capsys.readouterr().out
    assert "M  theta: maximum" in text
    with pytest.raises(SystemExit):
        main(["prove", "bernoulli_mixture", "--updates", "--json"])
    record = json.loads(capsys.readouterr().out)["updates"]
    assert record["complete"]
    assert [u["parameters"] for u in record["m_step"]] == [["rho"], ["theta"]]
    assert {u["shown"] for u in record["m_step"]} == {"maximum"}
    assert record["e_step"][0]["exact"]
