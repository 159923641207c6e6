"""Files come in to a bound and go out whole, with the mode that they had."""

from __future__ import annotations

import os
import stat

import pytest

from entropy_proofs import InputError
from entropy_proofs.files import check_regular, check_writable, read_bytes, shortened, write

NAMES = ["", "a" * 300, "a" * 254, "nul\0l", "no/such/folder", "folder"]


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_replaced_file_keeps_its_mode(mode, tmp_path):
    target = tmp_path / "out.py"
    target.write_text("before")
    os.chmod(target, mode)
    write(check_writable(str(target), "ppca"), "after")
    assert target.read_text() == "after"
    assert stat.S_IMODE(target.stat().st_mode) == mode
    assert [path.name for path in tmp_path.iterdir()] == ["out.py"]


def test_a_new_file_has_the_usual_mode(tmp_path):
    (tmp_path / "usual").touch()
    write(check_writable(str(tmp_path / "new"), "ppca"), b"1")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("name", NAMES)
def test_names_that_cannot_be_written(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError) as refused:
        check_writable(name, "ppca")
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("name", ["a" * 300, "nul\0l", "no_such", "folder"])
def test_names_that_cannot_be_read(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    for read in (lambda: read_bytes(name, 10), lambda: check_regular(name)):
        with pytest.raises(InputError) as refused:
            read()
        assert str(refused.value).startswith(shortened(name)[:90])


def test_no_more_is_read_than_is_of_use():
    with pytest.raises(InputError, match="has more than 1,000 bytes"):
        read_bytes("/dev/zero", 1000)
    with pytest.raises(InputError, match="is no regular file"):
        check_regular("/dev/zero")
