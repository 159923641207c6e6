"""Proving where SymPy, mpmath and python-flint are, and nothing else."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.newcomer, pytest.mark.xdist_group("wheel")]

PROVE = """
import entropy_proofs as ep

proof = ep.prove(ep.load("ppca"))
print(proof.verdict)
print(proof.entropy_sum)
print(*(claim.verdict for claim in proof.claims))
proof.certificate.save("ppca.json")
"""


@pytest.fixture(scope="module")
def bare(environment, run, wheel, tmp_path_factory):
    """The folder of the commands of that environment."""
    commands = environment("sympy", "mpmath", "python-flint")
    folder = tmp_path_factory.mktemp("bare")
    run(folder, commands / "python", "-m", "pip", "install", "--no-deps", wheel)
    return commands


def test_nothing_else_is_there(bare, run, tmp_path):
    listed = run(tmp_path, bare / "python", "-m", "pip", "list", "--format=freeze")
    names = {line.partition("==")[0].lower().replace("_", "-") for line in listed.splitlines()}
    assert names - {"pip", "setuptools"} == {"entropy-proofs", "mpmath", "python-flint", "sympy"}


def test_it_proves_a_model_and_checks_its_certificate(bare, run, tmp_path):
    verdict, entropy_sum, claims = run(tmp_path, bare / "python", "-c", PROVE).splitlines()
    assert verdict == "proved"
    assert "H[q(" in entropy_sum
    assert set(claims.split()) == {"proved"}
    checked = run(tmp_path, bare / "python", "-m", "entropy_proofs.kernel", "ppca.json")
    assert checked == "ppca.json: verified, proved\n"
