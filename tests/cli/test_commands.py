"""The command line: output, JSON keys and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from entropy_proofs.cli import commands as cli
from entropy_proofs.cli.terminal import shared
from entropy_proofs.document.formats import FORMATS
from entropy_proofs.model import catalogue

GAUSSIAN = """
from entropy_proofs import *

model = Model("Scalar Gaussian")
s = model.parameter("s", domain="positive")
x = model.observed("x", Normal(mean=0, variance=s))
"""
CLAIM = GAUSSIAN + "model.claim('entropy', x, log(2 * pi * E * s) / 2)\n"
WRONG_CLAIM = GAUSSIAN + "model.claim('entropy', x, log(2 * pi * s) / 2)\n"
NO_FIELD = """
from entropy_proofs import *

model = Model("Cauchy")
m = model.parameter("m")
s = model.parameter("s", domain="positive")
x = model.observed("x", Density(lambda x: -log(pi * s) - log(1 + (x - m) ** 2 / s**2), Reals))
"""

PROVE_KEYS = {
    "model", "verdict", "entropy_sum", "entropy_sum_latex", "terms", "field", "latent_flow",
    "conditions", "assumptions", "witness", "suggestions", "claims", "seconds",
}  # fmt: skip
TERM_KEYS = {"variable", "holds", "entropy", "pseudo", "field", "status", "reason", "witness"}
VERIFY_KEYS = {
    "model", "points", "max_identity_residual", "max_identity_residual_mpmath",
    "stationary_points", "passed",
}  # fmt: skip
POINT_KEYS = {"elbo", "entropy_sum", "gap", "gradient_norm", "kind"}


class Result(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys):
    def run_cli(*arguments: object) -> Result:
        with pytest.raises(SystemExit) as exited:
            cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Result(exited.value.code, captured.out, captured.err)

    return run_cli


@pytest.fixture
def write(tmp_path: Path):
    def write_file(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def assert_one_line_error(result: Result) -> None:
    assert result.status == 2
    assert result.out == ""
    assert result.err.startswith("entropy-proofs: error: ")
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


# list ---------------------------------------------------------------------------------------------
def test_list_shows_each_model_with_its_title_by_group(run):
    result = run("list")
    assert result.status == 0
    lines = result.out.splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("  ")]
    assert sorted(shown) == catalogue.names()
    headings = [line for line in lines if not line.startswith("  ")]
    assert headings == sorted(set(map(catalogue.group, catalogue.names())))


def test_list_json(run):
    records = json.loads(run("list", "--json").out)
    assert [record["name"] for record in records] == catalogue.names()
    for record in records:
        assert set(record) == {"name", "group", "title", "source"}
        assert record["source"].startswith(record["title"])


# prove --------------------------------------------------------------------------------------------
def test_a_counterexample_on_request(run):
    result = run("prove", "--json", "--counterexample", "noisy_or")
    record = json.loads(result.out)
    assert result.status == 1
    found = record["counterexample"]
    assert set(found) == {"elbo", "entropy_sum", "gradient_norm", "at"}
    assert abs(float(found["elbo"]) - float(found["entropy_sum"])) > 1e-6
    assert float(found["gradient_norm"]) < 1e-30
    weights = [float(point["weight"]) for point in found["at"]["data"]]
    assert sum(weights) == pytest.approx(1)
    shown = run("prove", "--counterexample", "noisy_or").out
    assert found["elbo"] in shown
    assert f"weight = {found['at']['data'][0]['weight']}" in shown


def test_prove_json_has_the_public_keys(run, write):
    result = run("prove", "--json", write(CLAIM))
    record = json.loads(result.out)
    assert result.status == 0
    assert set(record) == PROVE_KEYS
    assert record["model"] == "Scalar Gaussian"
    assert record["verdict"] == "proved"
    (term,) = record["terms"]
    assert set(term) == TERM_KEYS
    assert term["variable"] == "x"
    assert term["holds"] is True
    assert term["pseudo"] is False
    assert term["field"] == {"s": "-s"}
    (claim,) = record["claims"]
    assert set(claim) == {"statement", "verdict", "witness"}
    assert claim["verdict"] == "proved"


def test_prove_several_models_gives_a_list(run, write):
    paths = write(GAUSSIAN), write(NO_FIELD, name="other.py")
    result = run("prove", "--json", *paths)
    assert [record["verdict"] for record in json.loads(result.out)] == ["proved", "refuted"]
    assert result.status == 1


def test_prove_shows_a_page(run, write):
    result = run("prove", write(CLAIM))
    assert result.status == 0
    assert result.err == ""
    assert result.out.startswith("Scalar Gaussian: proved")
    assert "s ↦ -s" in result.out
    assert "\x1b" not in result.out


def test_a_refuted_model_exits_1_and_shows_the_witness(run, write):
    result = run("prove", write(NO_FIELD))
    assert result.status == 1
    assert "refuted" in result.out
    assert "Witness" in result.out


def test_a_refuted_claim_exits_1_and_shows_the_numbers(run, write):
    result = run("prove", "--json", write(WRONG_CLAIM))
    assert result.status == 1
    record = json.loads(result.out)
    assert record["verdict"] == "proved"
    assert record["claims"][0]["verdict"] == "refuted"
    assert record["claims"][0]["witness"]


def test_a_model_file_that_prints_does_not_spoil_the_json(run, write):
    result = run("prove", "--json", write("print('hello')\n" + GAUSSIAN))
    assert json.loads(result.out)["verdict"] == "proved"
    assert result.err == "hello\n"


@pytest.mark.parametrize(
    ("found", "status"),
    [
        (("proved",), 0),
        (("proved", "proved"), 0),
        (("partial",), 1),
        (("refuted",), 1),
        (("undecided",), 3),
        (("proved", "undecided"), 3),
        (("proved", "refuted", "undecided"), 1),
    ],
)
def test_exit_codes(found, status):
    class Verdict(NamedTuple):
        value: str

    class Claim(NamedTuple):
        verdict: Verdict

    class Proof(NamedTuple):
        verdict: Verdict
        claims: list[Claim]

    first, *rest = map(Verdict, found)
    assert shared.status(Proof(first, [Claim(verdict) for verdict in rest])) == status
    assert shared.worst(shared.status(Proof(Verdict(value), [])) for value in found) == status


# verify -------------------------------------------------------------------------------------------
def test_verify_json_has_the_public_keys(run):
    result = run("verify", "--json", "gaussian_mixture")
    record = json.loads(result.out)
    assert result.status == 0
    assert set(record) == VERIFY_KEYS
    assert record["passed"] is True
    assert record["points"] > 0
    assert record["max_identity_residual"] < 1e-12
    assert record["stationary_points"]
    for point in record["stationary_points"]:
        assert POINT_KEYS <= set(point)
        assert point["kind"] in {"maximum", "saddle", "minimum"}


def test_verify_of_an_undecided_or_refuted_model_is_no_success(run, write):
    result = run("verify", write(NO_FIELD))
    assert result.status == 1
    assert "nothing to check" in result.out


def test_verify_shows_a_page(run):
    result = run("verify", "gaussian_mixture")
    assert result.status == 0
    assert "passed" in result.out
    assert "iris" in result.out


# table --------------------------------------------------------------------------------------------
def test_table_of_one_model(run, write):
    markdown = run("table", write(GAUSSIAN))
    assert markdown.status == 0
    assert markdown.out.splitlines()[0].startswith("| Model |")
    assert "Scalar Gaussian" in markdown.out
    latex = run("table", "--format", "latex", write(GAUSSIAN))
    assert r"\toprule" in latex.out
    records = json.loads(run("table", "--json", write(GAUSSIAN)).out)
    assert [record["model"] for record in records] == ["Scalar Gaussian"]


def test_table_with_chosen_columns(run, write, tmp_path):
    model = write(GAUSSIAN)
    chosen = run("table", "--columns", "verdict, model", model)
    assert chosen.out.splitlines()[0] == "| Verdict | Model |"
    (record,) = json.loads(run("table", "--columns", "verdict,model", "--json", model).out)
    assert record == {"verdict": "proved", "model": "Scalar Gaussian"}


def test_table_for_a_paper(run, write):
    options = ("--format", "latex", "--width", "column", "--caption", "Sums", "--label", "tab:a")
    source = run("table", *options, write(GAUSSIAN)).out
    assert source.index(r"\caption{Sums}") < source.index(r"\label{tab:a}")
    long = run("table", *options, "--environment", "longtable", write(GAUSSIAN)).out
    assert r"\begin{longtable}" in long


@pytest.mark.parametrize(
    "form", [f for f in FORMATS.values() if not f.binary], ids=lambda f: f.name
)
def test_table_to_a_file(run, write, tmp_path, form):
    model, target = write(GAUSSIAN), tmp_path / f"table{form.suffix}"
    printed = run("table", "--format", form.name, model)
    written = run("table", "--format", form.name, "--output", target, model)
    assert (written.status, written.out) == (0, "")
    assert target.read_bytes().decode() == printed.out


def test_table_as_pdf_needs_a_file(run, write):
    result = run("table", "--format", "pdf", write(GAUSSIAN))
    assert_one_line_error(result)
    assert "--output FILE.pdf" in result.err


def test_table_as_pdf(run, write, tmp_path, pdflatex):
    assert (
        run("table", "--format", "pdf", "--output", tmp_path / "a.pdf", write(GAUSSIAN)).status == 0
    )
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        (["--columns", "model,nonsense"], "nonsense"),
        (["--columns", ""], "''"),
        (["--width", "wide"], "wide"),
        (["--output", "nowhere/a.md"], "nowhere"),
        (["--output", "a.md", "--json"], "--json"),
    ],
)
def test_unusable_options_of_a_table_are_one_line(
    run, write, monkeypatch, tmp_path, arguments, culprit
):
    model = write(GAUSSIAN)
    monkeypatch.chdir(tmp_path)
    result = run("table", *arguments, model)
    assert_one_line_error(result)
    assert culprit in result.err
    assert not (tmp_path / "a.md").exists()


def test_help_of_the_table_names_all_columns(run):
    from entropy_proofs.export.table import COLUMNS

    text = run("table", "--help").out
    assert all(name in text for name in COLUMNS)


# unusable input -----------------------------------------------------------------------------------
@pytest.mark.parametrize("command", ["prove", "verify", "table"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_missing_file_is_one_line(run, tmp_path, command, options):
    result = run(command, *options, tmp_path / "none.py")
    assert_one_line_error(result)
    assert "none.py" in result.err


@pytest.mark.parametrize(
    ("text", "culprit"),
    [
        ("x = (", "SyntaxError"),
        ("x = 1", "`model`"),
        ("model = 1", "`model`"),
        ("1 / 0", "ZeroDivisionError"),
        (GAUSSIAN.replace("positive", "postive"), "postive"),
        (GAUSSIAN + "y = model.observed('y', Normal(mean=nowhere, variance=s))", "nowhere"),
    ],
)
def test_an_unusable_model_file_is_one_line(run, write, text, culprit):
    result = run("prove", write(text))
    assert_one_line_error(result)
    assert culprit in result.err


def test_one_bad_model_among_several_writes_nothing(run, write, tmp_path):
    assert_one_line_error(run("prove", write(GAUSSIAN), tmp_path / "none.py"))


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["prove"], ["prove", "--nonsense"], ["table", "--format", "word"], ["verify"]],
)
def test_wrong_usage_is_one_line(run, arguments):
    assert_one_line_error(run(*arguments))


def test_no_command_shows_the_help_and_exits_2(run):
    result = run()
    assert result.status == 2
    assert result.out == ""
    assert "Usage: entropy-proofs" in result.err


def test_a_failure_of_the_program_is_no_verdict(run, monkeypatch):
    def fail() -> list[str]:
        raise RuntimeError("boom")

    monkeypatch.setattr(catalogue, "names", fail)
    monkeypatch.delenv("ENTROPY_PROOFS_DEBUG", raising=False)
    result = run("list")
    assert_one_line_error(result)
    assert "internal error: RuntimeError: boom" in result.err


def test_debug_shows_the_traceback_of_a_failure(monkeypatch):
    def fail() -> list[str]:
        raise RuntimeError("boom")

    monkeypatch.setattr(catalogue, "names", fail)
    monkeypatch.setenv("ENTROPY_PROOFS_DEBUG", "1")
    with pytest.raises(RuntimeError, match="boom"):
        cli.main(["list"])


# help and processes -------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [[], ["list"], ["prove"], ["verify"], ["table"]])
def test_help(run, command):
    result = run(*command, "--help")
    assert result.status == 0
    assert result.out.startswith("Usage: entropy-proofs")


def test_version(run):
    from entropy_proofs import __version__

    assert __version__ in run("--version").out


def test_the_installed_command_runs():
    command = Path(sys.executable).with_name("entropy-proofs")
    done = subprocess.run([command, "list"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    models = [line for line in done.stdout.splitlines() if line.startswith("  ")]
    assert len(models) == len(catalogue.names())


def test_a_closed_pipe_is_no_traceback():
    command = Path(sys.executable).with_name("entropy-proofs")
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([command, "list"], stdout=write_end, stderr=subprocess.PIPE, timeout=60)
    os.close(write_end)
    assert done.stderr == b""


@pytest.mark.end_to_end
def test_a_terminal_without_unicode_gets_escapes(write):
    command = Path(sys.executable).with_name("entropy-proofs")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [command, "prove", write(GAUSSIAN)], capture_output=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert b"Scalar Gaussian: proved" in done.stdout


# letters ------------------------------------------------------------------------------------------
EVERY_COMMAND = [
    ["list"], ["list", "--json"], ["families"], ["families", "--format", "markdown"],
    ["prove", "mine.py", "--certificate", "mine.json"], ["prove", "mine.py", "--json"],
    ["prove", "mine.py", "--statement"], ["check", "mine.json"], ["check", "mine.json", "--json"],
    ["verify", "mine.py"], ["table", "mine.py"], ["table", "mine.py", "--format", "latex"],
    ["table", "mine.py", "--json"], ["codegen", "mine.py"],
    ["learn", "plain.py", "--data", "mine.npy", "--max-iter", "3"],
    ["prove", "misspelt"], ["misspelt"], ["--help"], *([name, "--help"] for name in cli.COMMANDS),
]  # fmt: skip
RUN_ALL = """
import contextlib, json, sys
from entropy_proofs.cli import main
for command in json.loads(sys.argv[1]):
    print("$", *command, flush=True)
    with contextlib.suppress(SystemExit):
        main(command)
"""
IN_LETTERS = """
from entropy_proofs import *

model = Model("Größe, 名, π")
D = model.dims("D")
mu = model.parameter("mu", D)
sigma2 = model.parameter("sigma2", domain="positive")
s = model.parameter("s", fixed=True)
x = model.observed("x", Normal(mean=mu, variance=sigma2**s), D)
model.claim("entropy", x, D * log(2 * pi * E * sigma2) / 2 + loggamma(sigma2))
"""


PLAIN = """
from entropy_proofs import *

model = Model("Größe")
sigma2 = model.parameter("sigma2", domain="positive")
x = model.observed("x", Normal(mean=0, variance=sigma2), 3)
"""


@pytest.mark.end_to_end
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_every_command_writes_what_standard_output_can_show(encoding, write, tmp_path):
    import numpy as np

    write(IN_LETTERS)
    write(PLAIN, name="plain.py")
    np.save(tmp_path / "mine.npy", np.random.default_rng(0).normal(size=(20, 3)))
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL, json.dumps(EVERY_COMMAND)],
        cwd=tmp_path, env=environment, capture_output=True, timeout=300,
    )  # fmt: skip
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == 0, err
    assert "UnicodeEncodeError" not in out + err
    assert "Traceback" not in out + err
    assert "internal error" not in err
    assert "?" not in out
    answers = dict(
        part.split("\n", 1) if "\n" in part else (part, "") for part in f"\n{out}".split("\n$ ")[1:]
    )
    page = answers["prove mine.py --certificate mine.json"]
    assert "sigma2 -> -sigma2" in page
    assert "D*log(2*pi*e*sigma2" in page
    assert "!= 0" in page
    assert page.startswith("Gro" if encoding == "ascii" else "Größe, ")
    for command in ("list --json", "prove mine.py --json", "check mine.json --json"):
        json.loads(answers[command])
    assert json.loads(answers["prove mine.py --json"])["model"] == "Größe, 名, π"
    assert "v.grad F" in answers["learn plain.py --data mine.npy --max-iter 3"].replace("·", ".")
    compile(answers["codegen mine.py"], "generated", "exec")


def test_help_is_in_ascii(run):
    for name in cli.COMMANDS:
        assert run(name, "--help").out.isascii()


def test_families_are_listed(run):
    records = json.loads(run("families", "--json").out)
    assert {"name", "keywords", "domains", "support", "event", "source"} <= set(records[0])
    page = run("families").out
    for record in records:
        assert record["name"] in page
        assert record["source"] in page


def test_a_misspelt_command_is_answered_with_the_closest(run):
    result = run("prov")
    assert_one_line_error(result)
    assert "no such command 'prov'; did you mean 'prove'?" in result.err
