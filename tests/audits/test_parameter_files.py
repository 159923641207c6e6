"""Parameters from files: each kind is read alike, and nothing in them is run."""

from __future__ import annotations

import csv
import json
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.mixture import GaussianMixture

import entropy_proofs as ep
from entropy_proofs.audits.parameter_files import parameters_in
from entropy_proofs.cli.cmd_audit import audit as command
from entropy_proofs.data.real_data import table
from entropy_proofs.data.row_sources import rows_in

X = table("iris")


@pytest.fixture(scope="module")
def mixture() -> GaussianMixture:
    return GaussianMixture(3, tol=0.5, random_state=0).fit(X)


@pytest.fixture(scope="module")
def arrays(mixture) -> dict[str, np.ndarray]:
    return {"rho": mixture.weights_, "mu": mixture.means_, "Sigma": mixture.covariances_}


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows_of(arrays):
    return [
        (name, " ".join(map(str, at)), value)
        for name, array in arrays.items()
        for at, value in np.ndenumerate(array)
    ]


def write(kind: str, arrays: dict[str, np.ndarray]) -> Path:
    path = Path(f"learned{kind}")
    if kind == ".npz":
        np.savez(path, **arrays)
    elif kind == ".csv":
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerows([("parameter", "index", "value"), *rows_of(arrays)])
    elif kind == ".safetensors":
        from safetensors.numpy import save_file

        save_file(arrays, path)
    else:
        import pyarrow
        from pyarrow import parquet

        columns = zip(*rows_of(arrays), strict=True)
        names = ("parameter", "index", "value")
        parquet.write_table(pyarrow.table(dict(zip(names, map(list, columns), strict=True))), path)
    return path


@pytest.mark.parametrize("kind", [".npz", ".csv", ".safetensors", ".parquet"])
def test_every_kind_is_read_alike(folder, arrays, kind, readers):
    found = parameters_in(write(kind, arrays))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


class Trap:
    def __reduce__(self):
        return Path.write_text, (Path("trapped"), "")


@pytest.mark.parametrize("name", ["a.pkl", "a.npz", "a.safetensors", "a.csv", "a.joblib", "a.pt"])
def test_a_pickle_is_never_run(folder, name):
    Path(name).write_bytes(pickle.dumps({"rho": Trap()}))
    with pytest.raises(ep.InputError, match=r"is a pickle.*numpy\.savez"):
        parameters_in(Path(name))
    assert not Path("trapped").exists()


def test_objects_in_an_archive_are_not_read(folder):
    np.savez("a.npz", rho=np.array([Trap()], dtype=object))
    with pytest.raises(ep.InputError, match="Python objects"):
        parameters_in(Path("a.npz"))
    assert not Path("trapped").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rho,0.5\n", "first line"),
        ("parameter,index,value\nrho,0,one\n", "row 1"),
        ("parameter,index,value\nrho,0,1\nrho,0,1\n", "twice"),
        ("parameter,index,value\nrho,0,1\nrho,2,1\n", "not every element"),
        ("parameter,index,value\nrho,-1,1\n", "negative"),
        ("parameter,index,value\nrho,__import__('os'),1\n", "row 1"),
        ("parameter,index,value\nrho,9999999999999,1\n", "not every element"),
        ("parameter,index,value\n", "no arrays"),
        ("parameter,index,value\nrho," + "0 " * 50_000 + ",1\n", "row 1: rho has 50000 axes"),
        ("parameter,index,value\nrho," + "9" * 5000 + ",1\n", "row 1"),
        ("parameter,index,value\nrho,0," + "9" * 200_000 + "\n", "cannot be read as .csv"),
        ("parameter,index,value\n\x1b[31m,-1,1\n", r"'\\x1b\[31m' has the index"),
    ],
)
def test_malformed_tables(folder, text, said):
    Path("a.csv").write_text(text)
    with pytest.raises(ep.InputError, match=said):
        parameters_in(Path("a.csv"))


def test_a_name_of_any_length_is_one_short_line(folder, arrays):
    np.savez("a.npz", **{"a" * 10_000: np.ones(1)})
    with pytest.raises(ep.InputError, match=r"no parameter a+\.{3}a+; it has") as caught:
        raise run(
            *("--model", "gaussian_mixture", "--parameters", "a.npz", "--data", "iris")
        ).exception
    assert len(str(caught.value)) < 300


def test_rows_without_end_are_not_gathered(folder, readers):
    """A file of a few kilobytes, which says one row thirty million times."""
    import pyarrow
    from pyarrow import parquet

    count = 30_000_000
    columns = {
        "parameter": pyarrow.repeat("rho", count).dictionary_encode(),
        "index": pyarrow.repeat("0", count).dictionary_encode(),
        "value": pyarrow.repeat(0.5, count),
    }
    parquet.write_table(pyarrow.table(columns), "a.parquet")
    assert Path("a.parquet").stat().st_size < 1_000_000
    from tracemalloc import get_traced_memory, start, stop

    start()
    with pytest.raises(ep.InputError, match="row 2: rho has the index"):
        parameters_in(Path("a.parquet"))
    assert get_traced_memory()[1] < 50_000_000
    stop()


def safetensors(header: object, body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def tensor(shape: list[int], offsets: list[int], kind: str = "F64") -> dict[str, object]:
    return {"rho": {"dtype": kind, "shape": shape, "data_offsets": offsets}}


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"\x01\x00",
        safetensors({}, length=2**63),
        safetensors({}, length=2**40),
        safetensors(b"{not json"),
        safetensors([1, 2]),
        safetensors(b"[" * 100_000 + b"]" * 100_000),
        safetensors({"rho": None}),
        safetensors(tensor([3], [0, 10**15]), bytes(24)),
        safetensors(tensor([10**12], [0, 24]), bytes(24)),
        safetensors(tensor([-3], [0, 24]), bytes(24)),
        safetensors(tensor([3], [0, 24], "Q99"), bytes(24)),
        safetensors(tensor([3], [0, 24]), bytes(20)),
    ],
)
def test_forged_headers_of_tensors(folder, readers, contents):
    Path("a.safetensors").write_bytes(contents)
    with pytest.raises(ep.InputError, match=r"^a\.safetensors: cannot be read"):
        parameters_in(Path("a.safetensors"))


def header(text: str) -> bytes:
    """Of a .npy file that has nothing else."""
    padded = text.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded.encode()


def described(shape: object, kind: str = "<f8") -> str:
    return repr({"descr": kind, "fortran_order": False, "shape": shape})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (described((10**12,)), "header says"),
        (described((2**62, 2**62)), "header says"),
        (described((-3,)), "header says"),
        (described((1,), "|O"), "Python objects"),
        (described((1,), "<U3"), "not real numbers"),
        ("__import__('os').system('touch trapped')", "cannot be read"),
    ],
)
def test_forged_headers_of_arrays(folder, text, said):
    import zipfile

    with zipfile.ZipFile("a.npz", "w") as archive:
        archive.writestr("rho.npy", header(text))
    with pytest.raises(ep.InputError, match=said):
        parameters_in(Path("a.npz"))
    assert not Path("trapped").exists()


def test_damaged_archives_and_tables(folder, arrays, readers):
    whole = write(".npz", arrays).read_bytes()
    table_of = write(".parquet", arrays).read_bytes()
    footer = bytearray(table_of)
    footer[-8:-4] = struct.pack("<I", 2**31 - 1)
    noise = bytearray(table_of)
    noise[-300:-8] = bytes(b ^ 0x5A for b in noise[-300:-8])
    for name, contents in {
        "empty.npz": b"", "noise.npz": bytes(range(256)), "cut.npz": whole[:-200],
        "empty.parquet": b"", "cut.parquet": table_of[:-50], "footer.parquet": bytes(footer),
        "noise.parquet": bytes(noise), "marks.parquet": b"PAR1" + bytes(300) + b"PAR1",
    }.items():  # fmt: skip
        Path(name).write_bytes(contents)
        with pytest.raises(ep.InputError, match=rf"^{name}: cannot be read"):
            parameters_in(Path(name))


def run(*arguments: str):
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def test_the_command_says_what_the_function_does(folder, mixture, arrays):
    write(".npz", arrays)
    np.save("x.npy", X)
    done = run(
        "--model", "gaussian_mixture", "--parameters", "learned.npz", "--data", "x.npy", "--json"
    )
    found, whole = json.loads(done.output), ep.audit(mixture, X)
    assert done.return_value == 1
    assert found["stationary"] is False
    assert found["elbo"] == pytest.approx(whole.elbo, rel=1e-13)
    assert found["shares"]["Sigma[2]"] == pytest.approx(whole.shares["covariances_[2]"], abs=1e-13)
    assert not found["regularisers"]


def test_quick_is_undecided_and_draws(folder, arrays):
    write(".npz", arrays)
    done = run(
        *("--model", "gaussian_mixture", "--parameters", "learned.npz", "--data", "iris"),
        *("--quick", "--plot", "shares.svg"),
    )
    assert done.return_value == 3
    assert Path("shares.svg").is_file()


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        (lambda a: {**a, "Sig": a["Sigma"]}, "no parameter Sig"),
        (lambda a: {"rho": a["rho"], "mu": a["mu"]}, "Sigma is missing"),
        (lambda a: {**a, "mu": a["mu"][:, :3]}, "D is"),
        (lambda a: {**a, "mu": a["mu"][0]}, "mu has shape"),
        (lambda a: {**a, "mu": a["mu"] * np.nan}, "mu"),
        (lambda a: {**a, "rho": a["rho"] * 2}, "rho"),
        (lambda a: {**a, "Sigma": a["Sigma"] * 0}, "Sigma"),
    ],
)
def test_unusable_parameters(folder, arrays, altered, said):
    write(".npz", altered(arrays))
    with pytest.raises(ep.InputError, match=said):
        raise run(
            *("--model", "gaussian_mixture", "--parameters", "learned.npz", "--data", "iris")
        ).exception


def test_unusable_data(folder, arrays):
    write(".npz", arrays)
    bad = X.copy()
    bad[77, 2] = np.nan
    for name, x in {
        "nan": bad,
        "narrow": X[:, :3],
        "none": X[:0],
        "wide": np.zeros((2, 100_000)),
    }.items():
        np.save(f"{name}.npy", x)
    forged = bytearray(Path("narrow.npy").read_bytes())
    at = forged.index(b"150")
    forged[at : at + 3] = b"999"
    Path("forged.npy").write_bytes(forged)
    for name, said in {
        "nan.npy": "row 78, column 3",
        "narrow.npy": "D is 3",
        "none.npy": "no numbers",
        "wide.npy": "D is 100000",
        "forged.npy": "header says",
        "x.txt": "data are one of",
        "missing.csv": "no such file",
    }.items():
        with pytest.raises(ep.InputError, match=said):
            raise run(
                *("--model", "gaussian_mixture", "--parameters", "learned.npz", "--data", name)
            ).exception


@pytest.mark.parametrize("kind", [".npy", ".csv", ".parquet", ".safetensors"])
def test_rows_are_read_as_they_are_asked_for(folder, kind, readers, monkeypatch):
    from entropy_proofs.data import row_sources

    monkeypatch.setattr(row_sources, "_BATCH", 7)
    path = Path(f"x{kind}")
    if kind == ".npy":
        np.save(path, X)
    elif kind == ".csv":
        np.savetxt(path, X, delimiter=",", header="a,b,c,d", comments="")
    elif kind == ".safetensors":
        from safetensors.numpy import save_file

        save_file({"x": X}, path)
    else:
        import pyarrow
        from pyarrow import parquet

        parquet.write_table(pyarrow.table({str(k): X[:, k] for k in range(4)}), path)
    source = rows_in(path)
    assert source.shape == X.shape
    for first, last in ((0, 1), (0, 20), (20, 40), (95, 150), (3, 9), (0, 150)):
        np.testing.assert_allclose(source[first:last], X[first:last], rtol=1e-15)


def test_an_audit_takes_the_best_q_and_no_declared_one(folder, arrays):
    Path("model.py").write_text(
        "from entropy_proofs import Categorical, Model, Normal\n"
        'model = Model("declared")\n'
        'K = model.dims("K")\n'
        'mu = model.parameter("mu", K)\n'
        'c = model.latent("c", Categorical(probabilities=[0.5] * 2), K)\n'
        "model.q(c, Categorical(probabilities=[0.4, 0.6]))\n"
        'model.observed("x", Normal(mean=mu, variance=1), K)\n'
    )
    np.savez("learned.npz", mu=np.zeros(4))
    with pytest.raises(ep.InputError, match="q of c is declared, but an audit takes the best q"):
        raise run(
            *("--model", "model.py", "--parameters", "learned.npz", "--data", "iris")
        ).exception
