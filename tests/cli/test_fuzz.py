"""Bad input of every kind to every command: one line on standard error, exit 2, nothing written.

Inputs are drawn from a seed: a command, then one or more faults in its file names, files, options
and environment.  All of them are known to be unusable, so nothing but the one answer is right.
"""

from __future__ import annotations

import io
import json
import random
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from entropy_proofs.cli import commands as cli

MODEL = """
from entropy_proofs import *

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
"""
CASES = 600
SEED = 20261


# files --------------------------------------------------------------------------------------------
def header(shape: str, dtype: str = "<f8", more: str = "", version: bytes = b"\x01\x00") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}{more}}}".ljust(117)
    return b"\x93NUMPY" + version + struct.pack("<H", len(text) + 1) + text.encode() + b"\n"


def packed(entries: dict[str, bytes]) -> bytes:
    contents = io.BytesIO()
    with zipfile.ZipFile(contents, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return contents.getvalue()


def saved(array: object, **options: object) -> bytes:
    contents = io.BytesIO()
    np.save(contents, array, **options)
    return contents.getvalue()


MODELS = {
    "empty.py": b"",
    "syntax.py": b"model = (",
    "null.py": b"model = 1\0",
    "binary.py": bytes(range(256)),
    "utf16.py": MODEL.encode("utf-16"),
    "nested.py": b"model = " + b"(" * 3000 + b"1" + b")" * 3000,
    "minus.py": b"model = " + b"-" * 20_000 + b"1",
    "plus.py": b"model = " + b"+".join([b"1"] * 20_000) + b" + x",
    "no_model.py": b"x = 1",
    "not_a_model.py": b"model = 3",
    "raises.py": b"raise ValueError('a\\nb')",
    "exits.py": b"import sys; sys.exit(0)",
    "recursion.py": b"def f(): return f()\nf()",
    "imports.py": b"import no_such_module",
    "no_name.py": b"from entropy_proofs import *\nmodel = Model()",
    "called_3.py": MODEL.replace('"Scalar Gaussian"', "3").encode(),
    "called_nothing.py": MODEL.replace("Scalar Gaussian", "").encode(),
    "no_density.py": MODEL.replace("variance=s", "variance=-s").encode(),
    "other_domain.py": MODEL.replace("positive", "odd").encode(),
    "unknown.py": MODEL.replace("variance=s", "variance=t").encode(),
    "twice.py": (MODEL + "model.parameter('s')\n").encode(),
    "one_step.py": MODEL.encode()
    + b"z = model.chain('z', initial=Normal(mean=0, variance=1), length=0, "
    b"transition=lambda previous: Normal(mean=previous, variance=1))\n",
    "wide.py": b"#" * 3_000_000,
}
DATA = {
    "empty.csv": b"",
    "blank.csv": b"\n\n\n",
    "heading.csv": b"a,b\n",
    "partly.csv": b"1,b\n2,3\n",
    "missing.csv": b"a,b\n1,2\n3,\n",
    "ragged.csv": b"1,2\n3\n",
    "words.csv": b"1,2\n3,four\n",
    "infinite.csv": b"1,2\ninf,3\n",
    "nan.csv": b"1,nan\n",
    "utf16.csv": "1,2\n3,4\n".encode("utf-16"),
    "binary.csv": bytes(range(256)),
    "null.csv": b"1,2\0\n",
    "quote.csv": b'1,"2\n',
    "comment.csv": b"1,2 # a\n",
    "underscore.csv": b"1_000\n2_000\n",
    "semicolons.csv": b"1;2\n3;4\n",
    "empty.npy": b"",
    "magic.npy": b"\x93NUMPY",
    "words.npy": saved(np.array(["a", "b"])),
    "complex.npy": saved(np.array([1j, 2])),
    "objects.npy": saved(np.array([1, None]), allow_pickle=True),
    "nan.npy": saved(np.array([1.0, np.nan])),
    "nothing.npy": saved(np.zeros((0, 3))),
    "short.npy": saved(np.zeros(100))[:-8],
    "huge.npy": header("(1000000000000000,)"),
    "negative.npy": header("(-1,)") + bytes(8),
    "overflow.npy": header("(99999999999999999999999999,)"),
    "a_code.npy": header("(__import__('os').system('true'),)"),
    "records.npy": saved(np.zeros(3, dtype=[("a", float)])),
    "version.npy": header("(1,)", version=b"\x09\x00") + bytes(8),
    "dtype.npy": header("(1,)", dtype="<q9") + bytes(8),
    "four_axes.npy": saved(np.zeros((2, 2, 2, 2))),
    "junk.parquet": b"PAR1junkPAR1",
    "table.xlsx": b"PK",
    "no_suffix": b"1,2\n",
}
STARTS = {
    "empty.npz": b"",
    "text.npz": b"not a zip file",
    "array.npz": saved(np.zeros(3)),
    "junk.npz": packed({"s.npy": b"junk"}),
    "no_array.npz": packed({"s.txt": b"1.0"}),
    "huge.npz": packed({"s.npy": header("(1000000000000000,)")}),
    "bomb.npz": packed({"s.npy": header("(100000000,)") + bytes(1000)}),
    "objects.npz": packed({"s.npy": saved(np.array([None]), allow_pickle=True)}),
    "words.npz": packed({"s.npy": saved(np.array("a"))}),
    "unknown.npz": packed({"t.npy": saved(np.array(1.0))}),
    "shape.npz": packed({"s.npy": saved(np.ones(7))}),
    "nan.npz": packed({"s.npy": saved(np.array(np.nan))}),
    "domain.npz": packed({"s.npy": saved(np.array(-1.0))}),
    "start.npy": saved(np.array(1.0)),
    "cut.npz": packed({"s.npy": saved(np.ones(100))})[:-30],
}
RESULTS = {
    "text.sqlite": b"not a database",
    "binary.sqlite": b"SQLite format 3\0" + bytes(range(256)) * 4,
}
CERTIFICATES = {
    "empty.json": b"",
    "list.json": b"[]",
    "deep.json": b"[" * 100_000,
    "number.json": b"1" * 6000,
    "binary.json": bytes(range(256)),
    "format.json": json.dumps({"format": 10**9}).encode(),
}
NAMES = [
    "", " ", ".", "..", "/", "no_such_model", "no/such.py", "a" * 300, "a" * 300 + ".py",
    "a/" * 3000 + "b.py", "nul\0l.py", "new\nline", "\x1b[31mred", "\udce4.py", "--", "~", "*",
    "ppca.", "ppca.py", "PPCA", "/dev/null", "/dev/full", "/proc/self/mem", "💥",
]  # fmt: skip
ENDLESS = ["/dev/zero", "/dev/urandom"]
WHOLE = [
    "0", "-1", "1.5", "x", "", " ", "nan", "inf", "9" * 5000, "-" + "9" * 5000, "1e3", "0x10",
    str(2**31), str(2**63), "1_000", "²", "٣", "+", "--1",
]  # fmt: skip
SEEDS = [text for text in WHOLE if text != "0"] + [str(2**32), "9" * 30]
SEEDS.remove(str(2**31))
FINITE = ["inf", "-inf", "nan", "-1", "x", "", "1e400", "-1e-300", "9" * 5000, "1,5", "--1"]
SIZES = [
    "H", "H=", "=3", "H=0", "H=-1", "H=x", "H=1.5", "H=" + "9" * 5000, f"H={2**40}", "H=²", "", "=",
    "Q=2", "H==2", "H=2=3", "s=1",
]  # fmt: skip
SCHEDULES = [
    "z", "z=", "z=1", "z=a:b:c", "z=0.1:1", "z=-1:1:10", "z=nan:1:10", "z=inf:1:10", "z=0.1:1:0",
    "z=0.1:1:1.5", f"z=0.1:1:{'9' * 5000}", "x=", "", "=", "no=0.1:1:10",
]  # fmt: skip
CHOICES = ["", "no", "DIAGONAL", "a" * 5000, "\0"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    found = tmp_path_factory.mktemp("fuzz")
    for name, contents in (*MODELS.items(), *DATA.items(), *STARTS.items(), *RESULTS.items(),
                           *CERTIFICATES.items()):  # fmt: skip
        (found / name).write_bytes(contents)
    (found / "good.py").write_text(MODEL)
    (found / "good.npy").write_bytes(saved(np.arange(1.0, 9.0)))
    (found / "folder.py").mkdir()
    (found / "folder.npy").mkdir()
    (found / "folder.csv").mkdir()
    (found / "folder.npz").mkdir()
    for kind in ("npy", "csv", "parquet"):
        (found / f"endless.{kind}").symlink_to("/dev/zero")
    (found / "endless.npz").symlink_to("/dev/zero")
    (found / "loop.py").symlink_to("loop.py")
    return found


# commands -----------------------------------------------------------------------------------------
class Draw:
    """Arguments that are wrong in at least one place."""

    def __init__(self, folder: Path, seed: int):
        self.random = random.Random(seed)
        self.folder = folder

    def __call__(self) -> list[str]:
        commands = "prove", "verify", "learn", "codegen", "check", "table", "list"
        return getattr(self, self.random.choice(commands))()

    def of(self, known: dict[str, bytes], *more: str) -> str:
        return str(self.folder / self.random.choice([*known, *more]))

    def bad_model(self) -> str:
        if self.random.random() < 0.4:
            return self.random.choice([*NAMES, *ENDLESS])
        return self.of(MODELS, "folder.py", "loop.py")

    def bad_data(self) -> str:
        if self.random.random() < 0.25:
            return self.random.choice(
                [*NAMES, *(f"{n}.npy" for n in NAMES), "x=", "=x", "x=no.npy"]
            )
        kinds = "folder.npy", "folder.csv", "endless.npy", "endless.csv", "endless.parquet"
        return self.of(DATA, *kinds)

    def bad_output(self, suffix: str = "") -> str:
        names = ["", "no/such/folder/a", "a" * 300, "a" * 254, "nul\0l", "/dev/full/a", "/proc/a"]
        return f"{self.random.choice(names)}{suffix}" if suffix else self.random.choice(names)

    def good(self) -> str:
        return str(self.folder / "good.py")

    def option(self) -> list[str]:
        """An option that no command has, or a value that is missing."""
        return [self.random.choice(["--no-such", "--jsn", "-x", "--json=1", "--"])]

    def prove(self) -> list[str]:
        faults = [
            lambda: [self.bad_model()],
            lambda: ["ppca", self.bad_model()],
            lambda: [self.good(), "--certificate", self.bad_output()],
            lambda: ["ppca", "lds", "--certificate", "c.json"],
            lambda: [self.good(), "--certificate"],
            lambda: [],
        ]
        return ["prove", *self.random.choice(faults)()]

    def verify(self) -> list[str]:
        good, of = self.good(), self.random.choice
        faults = [
            lambda: [self.bad_model()],
            lambda: [good, "--data", self.bad_data()],
            lambda: [good, "--data", self.bad_data(), "--seeds", "2"],
            lambda: [good, "--seeds", of(WHOLE)],
            lambda: [good, "--starts", of(WHOLE)],
            lambda: [good, "--jobs", of(WHOLE)],
            lambda: [good, "--results", of(["", "no/such/folder/a.sqlite", "nul\0l", "a" * 300])],
            lambda: [good, "--results", self.of(RESULTS, "folder.npy")],
            lambda: [good, "--dask", of(["", "x", "no://host:1", "tcp://", "nul\0l", "a" * 3000])],
            lambda: [good, "--dask", "tcp://127.0.0.1:1", "--jobs", "2"],
        ]
        return ["verify", *of(faults)()]

    def learn(self) -> list[str]:
        good, of, data = self.good(), self.random.choice, str(self.folder / "good.npy")
        usual = [good, "--data", data]
        faults = [
            lambda: [self.bad_model(), "--data", data],
            lambda: [good],
            lambda: [good, "--data", self.bad_data()],
            lambda: [good, "--data", data, "--data", data],
            lambda: [good, "--data", f"x={data}", "--data", f"x={data}"],
            lambda: [good, "--data", f"y={data}"],
            lambda: [*usual, "--size", of(SIZES)],
            lambda: [*usual, "--seed", of(SEEDS)],
            lambda: [*usual, of(["--max-iter", "--samples", "--batch-size"]), of(WHOLE)],
            lambda: [*usual, of(["--tol", "--learning-rate"]), of(FINITE)],
            lambda: [*usual, "--anneal", of(SCHEDULES)],
            lambda: [*usual, "--init", of(["", *NAMES[1:8]])],
            lambda: [*usual, "--init", self.of(STARTS, "folder.npz", "endless.npz")],
            lambda: [
                *usual,
                of(["--q", "--objective", "--optimizer", "--expectation"]),
                of(CHOICES),
            ],
            lambda: [*usual, "--output", self.bad_output(".npz")],
            lambda: [*usual, "--output", of(["a.npy", "a", ".npz/"])],
            lambda: [*usual, "--plot", self.bad_output(".svg")],
            lambda: [*usual, "--plot", of(["a.txt", "a", ".svg/"])],
        ]
        return ["learn", *of(faults)()]

    def codegen(self) -> list[str]:
        good, of = self.good(), self.random.choice
        faults = [
            lambda: [self.bad_model()],
            lambda: [good, "--output", self.bad_output()],
            lambda: [good, "--output", good],
            lambda: [good, of(["--backend", "--expectation", "--covariance"]), of(CHOICES)],
            lambda: [good, good],
        ]
        return ["codegen", *of(faults)()]

    def check(self) -> list[str]:
        if self.random.random() < 0.3:
            return ["check", self.random.choice([n for n in NAMES if n != "--"])]
        return ["check", self.of(CERTIFICATES, "folder.npy", "endless.npy")]

    def table(self) -> list[str]:
        models = self.bad_model(), str(self.folder / "missing.py")  # not none, which are all models
        return ["table", *models]

    def list(self) -> list[str]:
        return ["list", *self.random.choice([["x"], ["--no-such"], ["--json", "y"], [""]])]


ENVIRONMENTS = [{}, {}, {"COLUMNS": "0"}, {"COLUMNS": "x"}, {"TERM": ""}, {"NO_COLOR": ""}]


@pytest.mark.parametrize("part", range(10))
def test_bad_input_is_one_line_and_exit_2(folder, part, tmp_path, monkeypatch, capsys):
    """sys.argv has no null characters, but an entry point that is called may."""
    draw = Draw(folder, SEED + part)
    monkeypatch.chdir(tmp_path)
    before = contents(folder)
    wrong = []
    for _ in range(CASES // 10):
        arguments = draw()
        for name, value in draw.random.choice(ENVIRONMENTS).items():
            monkeypatch.setenv(name, value)
        fault = fault_of(arguments, capsys)
        if fault:
            wrong.append(f"{shown(arguments)}: {fault}")
        if written := list(tmp_path.iterdir()):
            wrong.append(f"{shown(arguments)}: wrote {[path.name for path in written]}")
            for path in written:
                path.unlink()
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    assert contents(folder) == before


def fault_of(arguments: list[str], capsys) -> str:
    """What is not as it has to be; empty if all is."""
    try:
        cli.main(arguments)
    except SystemExit as exited:
        status = exited.code
    except BaseException as error:
        return f"raised {type(error).__name__}: {error}"
    out, err = capsys.readouterr()
    lines = err.splitlines()
    if status != 2:
        return f"exit {status}: {err[:200]}"
    if out:
        return f"standard output: {out[:100]!r}"
    if "internal error" in err or "Traceback" in err:
        return err[:300]
    usage = not arguments[1:] or "elp" in err
    if len(lines) != 1 and not usage:
        return f"{len(lines)} lines: {err[:300]!r}"
    if len(err) > 1500:
        return f"{len(err)} characters"
    return ""


def shown(arguments: list[str]) -> str:
    return " ".join(repr(a if len(a) < 60 else f"{a[:50]}... {len(a)}") for a in arguments)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir())
            if p.is_file() and not p.is_symlink()}  # fmt: skip
