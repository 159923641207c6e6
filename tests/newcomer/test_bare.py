"""Proving where SymPy, mpmath and python-flint are, and nothing else."""

from __future__ import annotations

import pytest

from newcomer.conftest import pip

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("wheel")]

PROVE = """
import entropy_proofs as ep

proof = ep.prove(ep.load("ppca"))
print(proof.verdict)
print(proof.entropy_sum)
print(*(claim.verdict for claim in proof.claims))
proof.certificate.save("ppca.json")
"""


@pytest.fixture(scope="module")
def bare(environment):
    """The folder of the commands of that environment."""
    return environment("sympy", "mpmath", "python-flint")


def test_nothing_else_is_there(bare, tmp_path):
    listed = pip(tmp_path, bare / "python", "list", "--format=freeze")
    names = {line.partition("==")[0].lower().replace("_", "-") for line in listed.splitlines()}
    assert names == {"entropy-proofs", "mpmath", "python-flint", "sympy"}


def test_it_proves_a_model_and_checks_its_certificate(bare, run, tmp_path):
    verdict, entropy_sum, claims = run(tmp_path, bare / "python", "-c", PROVE).splitlines()
    assert verdict == "proved"
    assert "H[q(" in entropy_sum
    assert set(claims.split()) == {"proved"}
    checked = run(tmp_path, bare / "python", "-m", "entropy_proofs.kernel", "ppca.json")
    assert checked == "ppca.json: verified, proved\n"
