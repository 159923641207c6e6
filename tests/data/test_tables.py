"""Files of numbers: what is read, and what is said of those that are not what they seem."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from entropy_proofs import InputError
from entropy_proofs.data import tables
from entropy_proofs.data.tables import arrays_in, numbers_in

READ = {
    "plain": (b"1,2\n3,4\n", [[1, 2], [3, 4]]),
    "heading": (b"a,b\n3,4\n", [[3, 4]]),
    "quoted heading": (b'"a","b, c"\r\n3,4\r\n', [[3, 4]]),
    "byte order mark": (b"\xef\xbb\xbf1,2\n3,4\n", [[1, 2], [3, 4]]),
    "mark and heading": (b"\xef\xbb\xbfa,b\n3,4\n", [[3, 4]]),
    "quoted numbers": (b'"1","2"\n', [[1, 2]]),
    "blank lines": (b"\n1,2\n\n3,4\n\n", [[1, 2], [3, 4]]),
    "a column": (b"a\n1\n2\n", [[1], [2]]),
    "exponents": (b"1e3,-2E-3\n", [[1000, -0.002]]),
}
REFUSED = {
    "a row that is partly a heading": (b"1,b\n2,3\n", "row 1, column 2: 'b' is no number"),
    "a row with a gap first": (b"1,\n2,3\n", "row 1, column 2: the cell is empty"),
    "a gap": (b"a,b\n1,2\n3,\n", "row 3, column 2: the cell is empty"),
    "a word": (b"a,b\n1,2\nNA,3\n", "row 3, column 1: 'NA' is no number"),
    "not a number": (b"a,b\n1,2\n3,nan\n", "NaN or infinity, first in row 3, column 2"),
    "a short row": (b"1,2\n3\n", "row 2: has 1 columns, not 2"),
    "a comment": (b"1,2\n3,4 # five\n", "row 2, column 2: '4 # five'"),
    "another encoding": ("1,2\n".encode("utf-16"), "is not UTF-8"),
    "nothing": (b"", "holds no numbers"),
    "a heading alone": (b"a,b\n", "holds no numbers"),
}


@pytest.mark.parametrize("case", READ)
def test_rows_are_read(case, tmp_path):
    contents, expected = READ[case]
    (tmp_path / "x.csv").write_bytes(contents)
    assert numbers_in(tmp_path / "x.csv").tolist() == expected


@pytest.mark.parametrize("case", REFUSED)
def test_no_row_is_lost_or_made_up(case, tmp_path):
    contents, said = REFUSED[case]
    (tmp_path / "x.csv").write_bytes(contents)
    with pytest.raises(InputError) as refused:
        numbers_in(tmp_path / "x.csv")
    assert said in str(refused.value)
    assert str(refused.value).startswith(f"{tmp_path / 'x.csv'}: ")


def test_many_columns(tmp_path):
    (tmp_path / "x.csv").write_bytes(b",".join([b"1"] * 100_000) + b"\n")
    assert numbers_in(tmp_path / "x.csv").shape == (1, 100_000)


def test_three_axes_for_chains(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((2, 3, 4), dtype=np.uint8))
    assert numbers_in(tmp_path / "x.npy").shape == (2, 3, 4)


def test_a_forged_header_asks_for_no_memory(tmp_path):
    text = "{'descr': '<f8', 'fortran_order': False, 'shape': (400000000,)}".ljust(117) + "\n"
    head = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    (tmp_path / "x.npy").write_bytes(head + bytes(80))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match="its header says"):
            numbers_in(tmp_path / "x.npy")
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("suffix", [".npy", ".csv", ".parquet"])
def test_a_device_without_end_is_not_read(suffix, tmp_path):
    (tmp_path / f"x{suffix}").symlink_to("/dev/zero")
    with pytest.raises(InputError, match="is no regular file"):
        numbers_in(tmp_path / f"x{suffix}")


def test_an_archive_keeps_its_arrays(tmp_path):
    np.savez(tmp_path / "x.npz", **{"z.mean": np.ones((2, 3)), "s": 2})
    found = arrays_in(tmp_path / "x.npz")
    assert found["z.mean"].shape == (2, 3)
    assert found["s"] == 2


class Read:
    """What a Parquet library makes of a file, by column."""

    def __init__(self, **columns):
        self.columns = {name: np.array(values) for name, values in columns.items()}

    def __call__(self, path):
        return self.columns


def test_parquet_by_whatever_is_installed(tmp_path, monkeypatch):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(tables, "_pyarrow", lambda: None)
    monkeypatch.setattr(tables, "_polars", lambda: None)
    with pytest.raises(InputError, match="needs pyarrow or polars installed"):
        numbers_in(tmp_path / "x.parquet")
    monkeypatch.setattr(tables, "_polars", lambda: Read(a=[1, 2], b=[0.5, 1.5]))
    assert numbers_in(tmp_path / "x.parquet").tolist() == [[1, 0.5], [2, 1.5]]
    monkeypatch.setattr(tables, "_polars", lambda: Read(a=["u"]))
    with pytest.raises(InputError, match="column 'a' holds"):
        numbers_in(tmp_path / "x.parquet")
