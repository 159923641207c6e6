"""What identifies a model's results, and that no proof outlives the text that it is of."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from sweep_models import GAUSSIAN

from entropy_proofs import InputError
from entropy_proofs.data.data_sets import data_set
from entropy_proofs.model import catalogue, source_hash as content
from entropy_proofs.model.source_hash import model_hash, software
from entropy_proofs.sweeps import runs
from entropy_proofs.sweeps.runs import Run, perform, proved


def run_of(path) -> Run:
    return Run(str(path), model_hash(path), data_set(None), 0, 0, software())


def test_the_hash_is_of_the_text(write):
    path = write()
    before = model_hash(path)
    assert model_hash(path) == before == model_hash(str(path))
    path.touch()
    assert model_hash(path) == before
    write(GAUSSIAN.replace("mean=m,", "mean=s,"))
    assert model_hash(path) != before
    write(GAUSSIAN)
    assert model_hash(path) == before


def test_the_hash_covers_what_the_file_imports_beside_it(write):
    path = write("import first, math\n" + GAUSSIAN)
    missing = model_hash(path)
    write("from second import a", "first.py")
    first = model_hash(path)
    second = write("a = 1", "second.py")
    both = model_hash(path)
    second.write_text("a = 2", encoding="utf-8")
    write("a = 1", "unrelated.py")
    assert len({missing, first, both, model_hash(path)}) == 4
    write("import mine", "second.py")  # a circle ends
    assert model_hash(path)


def test_the_hash_covers_local_packages(write, tmp_path):
    (tmp_path / "parts").mkdir()
    path = write("from parts import a\n" + GAUSSIAN)
    (tmp_path / "parts" / "a.py").write_text("b = 1", encoding="utf-8")
    before = model_hash(path)
    (tmp_path / "parts" / "a.py").write_text("b = 2", encoding="utf-8")
    assert model_hash(path) != before


def test_a_copy_of_a_catalogue_model_is_another(tmp_path):
    """scikit-learn fits the one and scipy the other."""
    copy = tmp_path / "ppca.py"
    shutil.copy(catalogue.path_of("ppca"), copy)
    assert model_hash(copy) != model_hash("ppca")


def test_no_hash_of_nothing(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        model_hash(tmp_path / "none.py")


def test_the_software_has_its_versions(monkeypatch):
    import sympy

    assert f"sympy {sympy.__version__}" in software()
    monkeypatch.setattr(content, "__version__", "9.9.9")
    software.cache_clear()
    try:
        assert software().startswith("entropy-proofs 9.9.9 ")
    finally:
        software.cache_clear()


def test_a_process_proves_a_content_once(write, monkeypatch):
    proofs = []

    def prove(model):
        proofs.append(model)
        return real(model)

    real = runs.prove
    monkeypatch.setattr(runs, "prove", prove)
    proved.cache_clear()
    path = write()
    assert perform(run_of(path)).passed
    assert perform(replace(run_of(path), seed=1)).passed
    assert len(proofs) == 1
    write(GAUSSIAN + " ")  # one character
    assert perform(run_of(path)).passed
    assert len(proofs) == 2


def test_a_changed_model_gets_no_stale_proof(write):
    path = write()
    planned = run_of(path)
    assert perform(planned).passed
    write(GAUSSIAN.replace("Normal(mean=m, variance=s)", "Normal(mean=m, variance=1)"))
    outcome = perform(planned)
    assert not outcome.passed
    assert "the file changed after the sweep began" in outcome.reason
    assert perform(run_of(path)).verdict == "partial"


def test_a_worker_with_other_software_does_nothing(write):
    outcome = perform(replace(run_of(write()), software="entropy-proofs 0.0.1"))
    assert not outcome.passed
    assert "not entropy-proofs 0.0.1" in outcome.reason
